"""Each value of a row that is imported is of the kind that its field has, or says where not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.services.history.import_fields import (
    DEEPEST,
    MOST_AMOUNT,
    MOST_COUNT,
    Place,
    record,
    shown,
    time,
    typed,
)
from landfall.services.history.records import RunRecord

JSON = Place(Path("h.json"), path="runs[3]")
CSV = Place(Path("h.csv"), line=7, is_csv=True)
ROW: dict[str, Any] = {
    "uid": "u",
    "started_at": "2026-11-20T08:00:00+00:00",
    "place": "local",
    "host": "h",
    "model": "m",
    "prompt": "Hi",
}


def refusal(kind: str, value: Any, place: Place = JSON) -> str:
    with pytest.raises(BadInput) as caught:
        typed(kind, value, place)
    return caught.value.message


def refused(where: Place = JSON, **values: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        record(RunRecord, ROW | values, where)
    return caught.value


def test_that_a_place_says_file_line_and_path() -> None:
    assert Place(Path("h")).problem("x").message == "h: x."
    assert Place(Path("h")).at("runs").item(2).at("host").path == "runs[2].host"
    error = Place(Path("h.csv"), line=7).at("host").problem("it is missing")
    assert error.message == "h.csv, line 7, host: it is missing."
    assert (error.file, error.line, error.field) == ("h.csv", 7, "host")
    assert "Nothing of it was taken" in error.hint


def test_that_a_row_of_an_older_version_lacks_what_it_did_not_have() -> None:
    made = record(RunRecord, ROW, JSON)
    assert (made.uid, made.started_at, made.answer, made.output_tokens) == (
        "u",
        ROW["started_at"],
        "",
        None,
    )
    whole = record(RunRecord, ROW | {"output_tokens": 7, "conditions": {"a": [1, "b"]}}, JSON)
    assert (whole.output_tokens, dict(whole.conditions)) == (7, {"a": [1, "b"]})


def test_that_what_is_missing_or_unknown_is_named() -> None:
    assert refused(colour="red").message == (
        "h.json, runs[3].colour: this version knows no such field."
    )
    without = {name: value for name, value in ROW.items() if name != "host"}
    with pytest.raises(BadInput, match=r"runs\[3\]\.host: it is missing"):
        record(RunRecord, without, JSON)


def test_that_an_empty_cell_is_an_empty_text_but_no_time_and_no_place() -> None:
    made = record(RunRecord, ROW | {"host": None, "answer": None, "output_tokens": None}, CSV)
    assert (made.host, made.answer, made.output_tokens) == ("", "", None)
    for name in ("place", "started_at"):
        assert refused(CSV, **{name: None}).message == f"h.csv, line 7, {name}: it is missing."
    assert "is not a text" in refused(host=None).message, "JSON says null and not nothing"


@pytest.mark.parametrize(
    ("field", "value", "what"),
    [
        ("place", "moon", "'moon' is none of local, network, cloud"),
        ("state", "asleep", "'asleep' is none of running, done, aborted, interrupted"),
        ("output_tokens", -1, "-1 is less than nothing"),
        ("gross_joules", -0.5, "-0.5 is less than nothing"),
        ("started_at", "yesterday", "'yesterday' is not a time from 1970 to 2999"),
    ],
)
def test_that_values_that_no_run_has_are_refused(field: str, value: Any, what: str) -> None:
    assert refused(**{field: value}).message == f"h.json, runs[3].{field}: {what}."


def test_that_net_energy_alone_may_be_below_nothing() -> None:
    assert record(RunRecord, ROW | {"net_joules": -0.5}, JSON).net_joules == -0.5


@pytest.mark.parametrize("text", ["1970-01-01", "2999-12-31T23:59:59+00:00", "2026-02-28 10:00"])
def test_that_a_time_stays_as_it_is(text: str) -> None:
    assert time(text, JSON) == text


@pytest.mark.parametrize(
    "text", ["", "1969-12-31", "3000-01-01", "2026-02-30", "20260220", "2026-W01-1", "12:00"]
)
def test_that_what_has_no_day_of_ours_is_no_time(text: str) -> None:
    with pytest.raises(BadInput, match="is not a time"):
        time(text, JSON)


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("str", "a", "a"),
        ("str | None", None, None),
        ("int", MOST_COUNT, MOST_COUNT),
        ("int | None", None, None),
        ("float", 3, 3.0),
        ("float", MOST_AMOUNT, MOST_AMOUNT),
        ("Mapping[str, Any]", {"a": {"b": 1.5}}, {"a": {"b": 1.5}}),
    ],
)
def test_that_a_value_of_its_kind_is_taken(kind: str, value: Any, found: Any) -> None:
    given = typed(kind, value, JSON)
    assert (given, type(given)) == (found, type(found))


@pytest.mark.parametrize(
    ("kind", "value", "what"),
    [
        ("str", 3, "3 is not a text"),
        ("str", None, "None is not a text"),
        ("str", "\ud800", "it holds half of a character"),
        ("int", True, "True is not a whole number that a run may have"),
        ("int", 1.5, "1.5 is not a whole number that a run may have"),
        ("int", "3", "'3' is not a whole number that a run may have"),
        ("int", MOST_COUNT + 1, "1000000000001 is not a whole number that a run may have"),
        ("int", -(10**16), "a number is not a whole number that a run may have"),
        ("int", None, "None is not a whole number that a run may have"),
        ("float", True, "True is not a number that a run may have"),
        ("float", float("nan"), "nan is not a number that a run may have"),
        ("float", float("-inf"), "-inf is not a number that a run may have"),
        ("float", 2 * MOST_AMOUNT, "2000000000000000.0 is not a number that a run may have"),
        ("Mapping[str, Any]", [], "it is not an object"),
        ("Mapping[str, Any]", "{}", "it is not an object"),
    ],
)
def test_that_a_value_of_another_kind_is_refused(kind: str, value: Any, what: str) -> None:
    assert refusal(kind, value) == f"h.json, runs[3]: {what}."


@pytest.mark.parametrize(
    ("kind", "cell", "found"),
    [
        ("str", None, ""),
        ("int", "12", 12),
        ("float", "1e3", 1000.0),
        ("Mapping[str, Any]", '{"a": 1}', {"a": 1}),
    ],
)
def test_that_cells_of_text_are_read(kind: str, cell: Any, found: Any) -> None:
    assert typed(kind, cell, CSV) == found


@pytest.mark.parametrize(
    ("kind", "cell", "what"),
    [
        ("int", "1.5", "'1.5' is not a number"),
        ("float", "much", "'much' is not a number"),
        ("float", "nan", "nan is not a number that a run may have"),
        ("Mapping[str, Any]", "{", "it is not JSON"),
        ("Mapping[str, Any]", "[]", "it is not an object"),
    ],
)
def test_that_cells_that_cannot_be_read_are_refused(kind: str, cell: str, what: str) -> None:
    assert refusal(kind, cell, CSV) == f"h.csv, line 7: {what}."


def nested(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return {"b": value}


def test_that_what_is_kept_as_json_can_be_written_again() -> None:
    assert typed("Mapping[str, Any]", nested(DEEPEST - 1), JSON)
    assert "it is deeper than 64 levels" in refusal("Mapping[str, Any]", nested(DEEPEST))
    kind = "Mapping[str, Any]"
    inf = {"a": [1, {"c": float("inf")}]}
    assert refusal(kind, inf) == "h.json, runs[3].a[1].c: inf is not a number."
    half = "h.json, runs[3]{}: it holds half of a character."
    assert refusal(kind, {"a": ["\udfff"]}) == half.format(".a[0]")
    assert refusal(kind, {"\udfff": 1}) == half.format("")
    assert typed(kind, {"a": None, "b": True}, JSON) == {"a": None, "b": True}


def test_that_what_was_found_fits_a_line() -> None:
    assert shown("x" * 58) == f"'{'x' * 58}'"
    assert shown("x" * 59) == f"'{'x' * 59}…"
    assert (shown(10**15), shown(10**15 - 1)) == ("a number", str(10**15 - 1))
