"""Corners of single formats: what a real file seldom says, and what must not be believed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, Unavailable
from landfall.services import cloud
from landfall.services.usage_files import litellm, look, open_usage
from landfall.services.usage_files.cells import Unreadable, boolean, name
from landfall.services.usage_files.fields import Fields, without_cached
from landfall.services.usage_files.tables import decimal_of
from tests.services.usage_files.conftest import Wrote
from tests.services.usage_files.test_formats import (
    ANTHROPIC_COST,
    ANTHROPIC_USAGE,
    FIREWORKS,
    LITELLM,
    NEW_SPAN,
    OPENAI_COST,
    OPENAI_USAGE,
    OPENROUTER,
    otlp,
)


def test_that_openai_times_are_read_as_text_where_they_are_no_numbers(wrote: Wrote) -> None:
    head, _, row = OPENAI_USAGE.splitlines()
    text = "\n".join([head, row.replace("1759708800,1759795200", "05.10.2025,06.10.2025")])
    assert wrote(text).row.at == "2025-10-06T00:00:00+00:00"
    only_text = "start_time,num_model_requests,model,input_tokens\n2025-10-06,1,gpt-5,10\n"
    row_found = wrote(only_text).row
    assert (row_found.at[:10], row_found.span_seconds) == ("2025-10-06", 86400)
    hours = "start_time,end_time,num_model_requests,model,input_tokens\n"
    found = wrote(hours + "2025-10-06 05:00,2025-10-06 06:00,1,gpt-5,10\n")
    assert found.row.span_seconds == 3600


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (OPENAI_USAGE.replace(",9200.0,", ",69200.0,"), "input_cached_tokens"),
        (OPENAI_USAGE.replace(",FALSE,", ",perhaps,"), "batch"),
        (OPENAI_USAGE.replace("1759795200", "1759000000"), ""),
        (OPENROUTER.replace(",5,40,", ",5,400,"), "tokens_cached"),
        (FIREWORKS.replace("109,200,603", "109,900,603"), "cached_prompt_tokens"),
        (OPENROUTER.replace("2026-03-28", "2026-03-99"), "created_at"),
    ],
)
def test_that_what_cannot_be_is_told_with_its_column(text: str, column: str, wrote: Wrote) -> None:
    problems = wrote(text).problems
    assert [each.column for each in problems] == [column]


@pytest.mark.parametrize(
    "text",
    [
        ANTHROPIC_USAGE.replace('"102,000",40,60,7,5000', "0,0,0,0,0"),
        ANTHROPIC_COST.replace("18.71,18.71", ","),
        OPENROUTER.replace("0.00125,0,0,0,0,100,20", "0,0,0,0,0,0,0"),
    ],
)
def test_that_a_row_in_which_nothing_was_used_is_counted_and_left_out(
    text: str, wrote: Wrote
) -> None:
    found = wrote(text)
    assert (found.reads, found.rows_read, found.rows_unused) == ([], 1, 1)


def test_that_the_cost_row_without_a_line_item_names_no_model(wrote: Wrote) -> None:
    assert wrote(OPENAI_COST.replace('"gpt-5-nano, input_tokens"', "")).costs[0].model == ""


def test_that_litellm_finds_the_cache_wherever_its_version_keeps_it(wrote: Wrote) -> None:
    older = {
        "usage_object": {
            "cache_creation_input_tokens": 6,
            "prompt_tokens_details": {"cached_tokens": 30},
            "completion_tokens_details": {"reasoning_tokens": 2},
        }
    }
    row = wrote(json.dumps([{**LITELLM, "metadata": older}])).row
    assert (row.cached_input_tokens, row.cache_write_tokens, row.reasoning_tokens) == (30, 6, 2)
    assert row.key_name == "…6b4b"
    other = {"usage_object": {"cache_read_input_tokens": 8}}
    row = wrote(json.dumps([{**LITELLM, "metadata": json.dumps(other)}])).row
    assert row.cached_input_tokens == 8
    log = {**LITELLM, "metadata": "{broken", "request_tags": "[broken", "request_duration_ms": 700}
    row = wrote(json.dumps([log])).row
    assert (row.cached_input_tokens, row.tag, row.latency_seconds) == (None, "", 0.7)


def test_that_an_object_of_another_kind_among_logs_is_no_row(wrote: Wrote) -> None:
    found = wrote(json.dumps([LITELLM, {"spend": 1}, {"date": "2026-01-01"}]))
    assert (len(found.usage), found.rows_read) == (1, 1)


def test_that_spans_tell_times_as_lists_and_typed_values_of_all_kinds(wrote: Wrote) -> None:
    span = {
        "traceId": "t",
        "spanId": "s",
        "startTime": [1790553600, 5],
        "attributes": [
            {"key": "gen_ai.usage.input_tokens", "value": {"doubleValue": 5.0}},
            {"key": "gen_ai.request.model", "value": {"arrayValue": {}}},
            {"key": "gen_ai.response.model", "value": "gpt-5"},
            {"key": 5},
            "nothing",
        ],
    }
    row = wrote(json.dumps(span) + "\n").row
    assert (row.at, row.model, row.input_tokens) == ("2026-09-28T00:00:00+00:00", "gpt-5", 5)


def test_that_a_span_without_counts_is_no_usage(wrote: Wrote) -> None:
    found = wrote(json.dumps(otlp({"gen_ai.system": "openai"}, NEW_SPAN)) + "\n")
    assert (len(found.usage), found.rows_unused) == (1, 1)


def test_that_an_export_of_spans_may_hold_anything_but_spans(wrote: Wrote) -> None:
    found = wrote('{"resourceSpans": 5}\n{"resourceSpans": [5, {"scopeSpans": [{"spans": 1}]}]}\n')
    assert found.reads == []


@pytest.mark.parametrize(
    ("text", "whole"), [("yes", True), ("0", False), ("", None), ("none", None), ("T", True)]
)
def test_that_yes_and_no_are_read_as_programs_write_them(text: str, whole: bool | None) -> None:
    assert boolean(text) is whole


def test_that_a_name_is_one_line_of_whole_characters() -> None:
    assert name("a\nb\x00\ud800 c") == "a b c"
    assert len(name("x" * 5000)) == len(name("x\n" * 5000)) == 200


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        ([["0,5", "1"]], ","),
        ([["0.5", "1"]], "."),
        ([["1.234,5", "0.25", "0.75"]], "."),
        ([["1.234"]], ","),
        ([], ","),
    ],
)
def test_that_the_sign_of_decimals_is_what_most_cells_say(rows: list[list[str]], sign: str) -> None:
    assert decimal_of(";", rows) == sign
    assert decimal_of("\t", []) == "."


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        ([["0,5", "1"]], ","),
        ([["0,5"], ["1"]], "."),
        ([["0,5", "0.5"]], "."),
        ([["1,234"]], "."),
        ([], "."),
    ],
)
def test_that_between_commas_most_rows_must_write_a_comma(rows: list[list[str]], sign: str) -> None:
    assert decimal_of(",", rows) == sign


@pytest.mark.parametrize("value", [True, [], {}, float("nan"), -5, "x", 10**30])
def test_that_a_field_that_is_no_time_or_number_is_told(value: object) -> None:
    fields = Fields({"at": value, "n": value})
    for read in (fields.begin, fields.count, fields.usd, fields.seconds, fields.instant):
        with pytest.raises(Unreadable) as told:
            read("at")
        assert told.value.column == "at"


def test_that_fields_are_read_in_all_the_ways_they_are_written() -> None:
    fields = Fields({"a": "", "b": 5, "yes": True, "no": "False", "list": ["x", 5], "o": "{bad"})
    assert fields.text("a", "b") == "5"
    assert fields.text("list") == ""
    assert fields.count("a", "b") == 5
    assert fields.usd("missing") is None
    assert (fields.says("yes"), fields.says("no"), fields.says("b")) == (True, False, None)
    assert fields.texts("list") == ["x"]
    assert fields.texts("b") == []
    assert fields.inner("o").values == {}
    assert Fields({"at": 1785627000}).instant("at") == "2026-08-01T23:30:00+00:00"
    with pytest.raises(Unreadable, match="no time"):
        fields.begin("missing")


def test_that_input_is_counted_apart_only_where_it_cannot_include_the_cache() -> None:
    assert without_cached(10, 4, 3) == 3
    assert without_cached(10, 40, 3) == 10
    assert without_cached(None, 1, 1) is None


def test_that_a_file_that_may_not_be_read_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text(OPENROUTER)

    def refuses(self: Path, mode: str) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuses)
    with pytest.raises(Unavailable, match="Permission denied"):
        open_usage(path)


def test_that_a_folder_cannot_be_looked_at_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a folder"):
        look(tmp_path)


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-01-01T10:05:30,5Z", "2026-01-01T10:05:30+00:00"),
        ("2026-01-01 10:05:30 PM UTC", "2026-01-01T22:05:30+00:00"),
        ("2026-01-01 10:05:30.25", "2026-01-01T10:05:30+00:00"),
        ("2026-01-01T10:05:30+02:00", "2026-01-01T08:05:30+00:00"),
        ("2026-W01-4T10:05:30Z", "2026-01-01T10:05:30+00:00"),
        ("20260101T100530Z", "2026-01-01T10:05:30+00:00"),
        (1790553600, "2026-09-28T00:00:00+00:00"),
    ],
)
def test_that_litellm_times_are_read_however_they_are_written(
    told: object, at: str, wrote: Wrote
) -> None:
    log = {**LITELLM, "startTime": told, "endTime": told, "completionStartTime": None}
    row = wrote(json.dumps(log) + "\n").row
    assert (row.at, row.latency_seconds, row.ttft_seconds) == (at, None, None)


@pytest.mark.parametrize("name", ["startTime", "endTime", "completionStartTime"])
@pytest.mark.parametrize("told", ["2026-02-30T10:00:00Z", "noon", 0, False])
def test_that_a_litellm_row_with_a_time_that_is_none_is_told_of(
    name: str, told: object, wrote: Wrote
) -> None:
    found = wrote(json.dumps({**LITELLM, name: told}) + "\n" + json.dumps(LITELLM) + "\n")
    assert (len(found.usage), [each.column for each in found.problems]) == (1, [name])


@pytest.mark.parametrize(
    ("told", "user"),
    [
        ({"end_user": "a", "user": "b"}, "a"),
        ({"end_user": None, "user": " b "}, "b"),
        ({"end_user": "", "user": "b"}, "b"),
        ({"end_user": ["a"], "user": 7}, "7"),
        ({"end_user": "x" * 300}, "x" * 200),
        ({"end_user": None, "user": None}, ""),
    ],
)
def test_that_litellm_tells_the_user_in_one_of_two_fields(
    told: dict[str, object], user: str, wrote: Wrote
) -> None:
    assert wrote(json.dumps({**LITELLM, **told}) + "\n").row.user == user


def test_that_litellm_rows_without_a_name_stay_without(wrote: Wrote) -> None:
    logs = [{**LITELLM, "request_id": one} for one in (None, "", 5, ["a"])]
    found = wrote("".join(json.dumps(log) + "\n" for log in logs))
    assert [row.identity for row in found.usage] == ["", "", "litellm:5", ""]


def test_that_litellm_names_are_each_rows_own(
    wrote: Wrote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(litellm, "_MOST_NAMES", 2)
    teams = ["1", True, 1, ["a"], "x" * 300, "b", "c", "1"]
    logs = [{**LITELLM, "request_id": f"r{at}", "team_id": one} for at, one in enumerate(teams)]
    found = wrote("".join(json.dumps(log) + "\n" for log in [*logs, *logs]))
    projects = ["1", "", "1", "", "x" * 200, "b", "c", "1"]
    assert [row.project for row in found.usage] == projects * 2


@pytest.mark.parametrize("provider", [one.id for one in cloud.rows() if one.id != cloud.CUSTOM])
def test_that_every_provider_that_is_offered_is_known_before_a_models_name(
    provider: str, wrote: Wrote
) -> None:
    log = {**LITELLM, "custom_llm_provider": None, "model": f"{provider}/some-model"}
    row = wrote(json.dumps(log) + "\n").row
    assert (row.provider, row.model) == (provider, "some-model")
