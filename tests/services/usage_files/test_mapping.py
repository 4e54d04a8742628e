"""What the columns of a CSV file of one's own mean: proposed, chosen, remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall.core.errors import BadInput
from landfall.core.usage.rows import CostRow, UsageRow
from landfall.services.usage_files import (
    ColumnMapping,
    generic,
    look,
    mapping,
    open_usage,
    text_cache,
)
from tests.services.usage_files.conftest import Wrote, kept
from tests.services.usage_files.test_formats import GENERIC, OPENROUTER

OWN = (
    "wann;welches;rein;davon alt;raus;preis;wer\n"
    "2026-03-29 01:30:00;gpt-5;1.000;400;50;0,25;Ann\n"
    "2026-03-29 03:30:00;gpt-5;1.000;400;50;0,25;Ben\n"
)
CHOSEN = ColumnMapping(
    columns={
        "time": "wann",
        "model": "welches",
        "input_tokens": "rein",
        "cached_input_tokens": "davon alt",
        "output_tokens": "raus",
        "cost_usd": "preis",
        "user": "wer",
    },
    time_zone="Europe/Berlin",
    input_includes_cached=True,
    provider="OpenAI",
)


def test_that_the_usual_columns_need_no_mapping(wrote: Wrote) -> None:
    assert wrote(GENERIC).row == UsageRow(
        at="2026-08-01T00:00:00+00:00",
        span_seconds=86400,
        provider="openai",
        model="gpt-5",
        requests=100,
        input_tokens=1000,
        cached_input_tokens=200,
        output_tokens=300,
        billed_usd=0.5,
    )


def test_that_a_file_of_ones_own_is_refused_without_a_mapping_and_read_with_one(
    wrote: Wrote,
) -> None:
    with pytest.raises(BadInput, match="known format"):
        wrote(OWN)
    found = wrote(OWN, mapping=CHOSEN)
    assert found.format == "generic_csv"
    winter, summer = found.usage
    assert (winter.at, summer.at) == ("2026-03-29T00:30:00+00:00", "2026-03-29T01:30:00+00:00")
    assert winter == UsageRow(
        at="2026-03-29T00:30:00+00:00",
        provider="openai",
        model="gpt-5",
        requests=1,
        input_tokens=600,
        cached_input_tokens=400,
        output_tokens=50,
        billed_usd=0.25,
        user="Ann",
    )


def test_that_a_mapping_reads_even_a_file_of_a_known_format(wrote: Wrote) -> None:
    given = ColumnMapping(columns={"time": "created_at", "requests": "tokens_prompt"})
    assert wrote(OPENROUTER, mapping=given).format == "generic_csv"


def test_that_a_file_can_be_looked_at_before_anything_is_known(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(OWN)
    seen = look(path)
    assert seen.header == ("wann", "welches", "rein", "davon alt", "raus", "preis", "wer")
    assert seen.rows[0][1] == "gpt-5"


def test_that_a_forced_format_reads_what_its_names_say(wrote: Wrote) -> None:
    text = "day,requests\n2026-01-01,5\n"
    with pytest.raises(BadInput):
        wrote(text)
    assert wrote(text, format="generic_csv").row.requests == 5


def test_that_json_has_no_columns(wrote: Wrote) -> None:
    with pytest.raises(BadInput, match="no columns"):
        wrote('{"a": 1}', mapping=CHOSEN)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (ColumnMapping(columns={"model": "welches"}), "columns.time"),
        (ColumnMapping(columns={"time": "wann"}), "columns.output_tokens"),
        (ColumnMapping(columns={"time": "wann", "requests": "calls"}), "columns.requests"),
        (ColumnMapping(columns={"time": "wann", "colour": "wer"}), "columns"),
        (
            ColumnMapping(columns={"time": "wann", "requests": "rein"}, time_zone="Mars/Base"),
            "time_zone",
        ),
        (
            ColumnMapping(columns={"time": "wann", "requests": "rein"}, time_zone="../etc"),
            "time_zone",
        ),
        (
            ColumnMapping(columns={"time": "wann", "requests": "rein"}, time_zone="+99:00"),
            "time_zone",
        ),
    ],
)
def test_that_a_mapping_that_does_not_fit_names_what_is_wrong(
    given: ColumnMapping, field: str, wrote: Wrote
) -> None:
    with pytest.raises(BadInput) as refused:
        wrote(OWN, mapping=given)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("zone", "at"), [("-05:30", "07:30"), ("+0200", "00:00"), ("UTC", "02:00"), ("", "02:00")]
)
def test_that_a_zone_may_be_a_distance(zone: str, at: str, wrote: Wrote) -> None:
    given = ColumnMapping(columns={"time": "t", "output_tokens": "n"}, time_zone=zone)
    assert wrote("t,n\n2026-01-02 02:00:00,5\n", mapping=given).row.at[11:16] == at


def test_that_the_order_of_dates_and_the_sign_of_decimals_can_be_said(wrote: Wrote) -> None:
    text = "t;n;c\n01/02/2026;5;1.234\n"
    columns = {"time": "t", "output_tokens": "n", "cost_usd": "c"}
    given = ColumnMapping(columns=columns, date_order="mdy", decimal=".")
    row = wrote(text, mapping=given).row
    assert (row.at[:10], row.billed_usd) == ("2026-01-02", 1.234)
    row = wrote(text, mapping=ColumnMapping(columns=columns, date_order="dmy")).row
    assert (row.at[:10], row.billed_usd) == ("2026-02-01", 1234)


def test_that_a_row_of_money_alone_is_a_cost(wrote: Wrote) -> None:
    given = ColumnMapping(columns={"time": "t", "cost_usd": "c", "model": "m", "identity": "i"})
    found = wrote("t,c,m,i\n2026-01-02,-5,x,7\n2026-01-03,,x,8\n", mapping=given)
    assert found.costs == [
        CostRow(
            at="2026-01-02T00:00:00+00:00", line_item="x", model="x", billed_usd=-5, identity="7"
        )
    ]
    assert found.rows_unused == 1


def test_that_a_row_in_which_nothing_was_used_is_no_usage(wrote: Wrote) -> None:
    text = GENERIC + "2026-08-02,OpenAI,gpt-5,0,0,0,0,0\n"
    assert wrote(text).rows_unused == 1


def test_that_every_column_reaches_its_field(wrote: Wrote) -> None:
    head = (
        "time,provider,model,requests,input_tokens,cached_input_tokens,cache_write_tokens,"
        "output_tokens,reasoning_tokens,cost,project,key_name,user,tag,latency_seconds,"
        "ttft_seconds,id\n"
    )
    row = "2026-06-01T09:30:00Z,OpenAI,gpt-5,1,2,3,4,5,6,0.7,p,k,u,t,8,9,i\n"
    assert wrote(head + row).row == UsageRow(
        at="2026-06-01T09:30:00+00:00",
        provider="openai",
        model="gpt-5",
        requests=1,
        input_tokens=2,
        cached_input_tokens=3,
        cache_write_tokens=4,
        output_tokens=5,
        reasoning_tokens=6,
        billed_usd=0.7,
        project="p",
        key_name="k",
        user="u",
        tag="t",
        latency_seconds=8,
        ttft_seconds=9,
        identity="i",
    )


def test_that_a_file_of_ever_other_names_and_numbers_is_read_as_one_of_the_same(
    wrote: Wrote, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "time,model,user,output_tokens,cost\n"
    lines = [f"2026-06-01T09:30:00Z,m{at % 5}, u{at % 7},{at},0.{at % 9}" for at in range(1, 60)]
    text = head + "\n".join(lines)
    usual = wrote(text).usage
    assert {row.user for row in usual} == {f"u{at}" for at in range(7)}
    assert [row.output_tokens for row in usual] == list(range(1, 60))
    monkeypatch.setattr(generic, "_MOST_NAMES", 2)
    monkeypatch.setattr(text_cache, "MOST_KEPT", 2)
    assert wrote(text).usage == usual
    monkeypatch.setattr(generic, "_MOST_SIGNS", 0)
    monkeypatch.setattr(text_cache, "LONGEST_KEPT", 0)
    assert wrote(text).usage == usual


def test_that_what_is_no_number_is_told_each_time(wrote: Wrote) -> None:
    row = "2026-06-01T09:30:00Z,m,5\n"
    found = wrote("time,model,output_tokens\n" + row.replace(",5", ",many") * 3 + row)
    assert found.usage[0].output_tokens == 5
    assert [(one.line, one.column) for one in found.problems] == [
        (line, "output_tokens") for line in (2, 3, 4)
    ]


def test_that_more_cached_than_there_was_is_told(wrote: Wrote) -> None:
    found = wrote("date,model,prompt_tokens,cached_tokens,output_tokens\n2026-01-01,x,5,9,1\n")
    assert [each.column for each in found.problems] == ["prompt_tokens"]


@pytest.mark.parametrize(
    ("time", "calls", "span"),
    [
        ("2026-01-01", "7", 86400),
        ("2026-01-01T05:00:00Z", "7", 3600),
        ("2026-01-01T05:00:00Z", "1", 0),
        ("2026-01-01T05:00:00Z", "", 0),
        ("1785627000", "", 0),
    ],
)
def test_that_a_rows_span_follows_from_how_its_time_is_written(
    time: str, calls: str, span: int, wrote: Wrote
) -> None:
    row = wrote(f"time,model,calls,output_tokens\n{time},x,{calls},5\n").row
    assert row.span_seconds == span
    assert row.requests == (int(calls) if calls else 1)


def test_that_a_local_runner_named_in_a_column_is_local(wrote: Wrote) -> None:
    assert wrote(GENERIC.replace("OpenAI", "Ollama")).row.provider == "local"


def test_that_names_of_columns_are_proposed_by_what_they_say_and_hold() -> None:
    header = ("Timestamp", "Model Name", "Prompt Tokens", "completion-tokens", "Cost (USD)", "user")
    found = mapping.propose(header, [("2026-01-01", "gpt-5", "5", "1,000", "$0.5", "me")])
    assert found.columns == {
        "time": "Timestamp",
        "model": "Model Name",
        "input_tokens": "Prompt Tokens",
        "output_tokens": "completion-tokens",
        "cost_usd": "Cost (USD)",
        "user": "user",
    }
    assert found.input_includes_cached
    assert found.missing() == ()


def test_that_a_column_is_not_proposed_for_what_it_does_not_hold() -> None:
    found = mapping.propose(
        ("date", "created_at", "output", "output_tokens", "cost"),
        [("soon", "1785627000", "a long answer", "5", "")],
    )
    assert found.columns["time"] == "created_at"
    assert found.columns["output_tokens"] == "output_tokens"
    assert found.columns["cost_usd"] == "cost"


def test_that_a_header_is_known_again_whatever_its_case() -> None:
    assert mapping.header_key(["Date", "Model Name"]) == mapping.header_key(["date ", "model_name"])
    assert mapping.header_key(["a", "b"]) != mapping.header_key(["b", "a"])
    assert mapping.header_key(["ab", "c"]) != mapping.header_key(["a", "bc"])


def test_that_a_mapping_is_remembered_whole() -> None:
    chosen = ColumnMapping(
        columns=dict(CHOSEN.columns), decimal=",", date_order="dmy", time_zone="UTC", provider="x"
    )
    assert mapping.loads(mapping.dumps(chosen)) == chosen


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"columns": []}', '{"columns": {}, "decimal": "!"}', '{"columns": 5}'],
)
def test_that_a_spoilt_memory_is_told(text: str) -> None:
    with pytest.raises(BadInput, match="remembered"):
        mapping.loads(text)


def test_that_a_remembered_zone_is_checked_when_the_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "own"
    path.write_text(OWN)
    with pytest.raises(BadInput):
        open_usage(path, mapping=ColumnMapping(columns=CHOSEN.columns, time_zone="Nowhere"))
    assert kept(path, mapping=CHOSEN).usage
