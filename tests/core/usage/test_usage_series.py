"""Usage series: what a CSV of days says, and what is wrong in one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from landfall.core.demand.forecast import Predictability
from landfall.core.errors import BadInput
from landfall.core.usage.series import parse, summary

HEAD = "date,calls,input_tokens,cached_input_tokens,output_tokens\n"


def days(count: int, skip: frozenset[int] = frozenset()) -> str:
    rows = [
        f"{date(2026, 8, 3) + timedelta(days=at)},{1000 + at % 7},{500_000 + at % 7},,{90_000}"
        for at in range(count)
        if at not in skip
    ]
    return HEAD + "\n".join(rows) + "\n"


def test_that_a_steady_series_is_predictable_with_means_per_call() -> None:
    found = summary(parse(days(84)))
    assert found.predictability is Predictability.PREDICTABLE
    assert found.history_days == 84
    assert found.calls_per_day == pytest.approx(1003)
    assert found.input == pytest.approx(500_003 / 1003)
    assert found.output == pytest.approx(90_000 / 1003)
    assert found.cached_input is None


def test_that_a_day_without_a_row_is_no_log_and_not_zero() -> None:
    with_gaps = summary(parse(days(84, skip=frozenset({10, 11, 40}))))
    assert with_gaps.history_days == 81
    assert with_gaps.calls_per_day == pytest.approx(1003, abs=1)
    assert with_gaps.predictability is Predictability.PREDICTABLE


def test_that_calls_alone_are_enough() -> None:
    found = summary(parse("date;calls\n2026-11-02;10\n2026-11-01;20\n"))
    assert found.calls_per_day == 15
    assert found.input is None
    assert found.predictability is Predictability.UNKNOWN


def test_that_days_without_calls_have_no_tokens_per_call() -> None:
    found = summary(parse(HEAD + "2026-11-01,0,0,0,0\n"))
    assert found.input is None


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("", 1, "date"),
        ("date,input_tokens\n", 1, "calls"),
        ("date,calls,dollars\n", 1, "dollars"),
        ("date,calls,calls\n", 1, "calls"),
        (HEAD, 1, ""),
        (HEAD + "2026-11-01,1,2,3,4\n2026-13-01,1,2,3,4\n", 3, "date"),
        (HEAD + "2026-11-01,nan,2,3,4\n", 2, "calls"),
        (HEAD + "\n2026-11-01,-1,2,3,4\n", 3, "calls"),
        (HEAD + "2026-11-01,1,two,3,4\n", 2, "input_tokens"),
        (HEAD + "2026-11-01,,2,3,4\n", 2, "calls"),
        (HEAD + "2026-11-01,1,2,3,4\n2026-11-01,1,2,3,4\n", 3, "date"),
        (HEAD + "2026-11-02,1,2,3,4\n2026-11-01,1,2,3,4\n\n2026-11-02,1,,,\n", 5, "date"),
        (HEAD + "0001-01-01,1,2,3,4\n2026-11-01,1,2,3,4\n", None, "date"),
        (HEAD + '2026-11-01,"1,2,3,4\n', 3, ""),
    ],
)
def test_that_a_broken_series_is_refused_with_its_line(
    text: str, line: int | None, field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text, file="u.csv")
    error = caught.value
    assert (error.file, error.field) == ("u.csv", field)
    if line is not None:
        assert error.line == line
    assert error.hint
