"""The outlook of a volume: season, growth, horizons, how far the history carries, in words."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.demand.forecast import Day, Predictability
from landfall.core.demand.outlook import (
    Outlook,
    Sufficiency,
    expected_total,
    growth_of,
    observed,
    stated,
    sufficiency,
)
from landfall.core.demand.outlook_words import outlook_json, words
from landfall.core.demand.replaying import TraceDay
from landfall.core.demand.trace import Trace

OFFICE = (100.0, 110.0, 105.0, 120.0, 95.0, 0.0, 0.0)


def weeks(count: int, growth: float = 0.0) -> list[Day]:
    return [OFFICE[at % 7] * (1 + growth) ** (at / 30.4375) for at in range(count * 7)]


def told(series: list[Day], *, first_weekday: int = 0, trace: Trace | None = None) -> Outlook:
    return observed(series, first_weekday=first_weekday, unit="calls", source="series", trace=trace)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (None, Sufficiency.NONE),
        (0, Sufficiency.NONE),
        (13, Sufficiency.TOO_SHORT),
        (14, Sufficiency.PROVISIONAL),
        (27, Sufficiency.PROVISIONAL),
        (28, Sufficiency.ENOUGH),
        (83, Sufficiency.ENOUGH),
        (84, Sufficiency.LONG),
    ],
)
def test_that_history_carries_as_far_as_its_days(days: int | None, expected: Sufficiency) -> None:
    assert sufficiency(days) is expected


def test_that_four_weeks_are_forecast_from_84_days_on() -> None:
    short, long = told(weeks(11)), told(weeks(12))
    assert (short.horizon_days, short.error_28_days) == (7, None)
    assert long.horizon_days == 28
    assert long.error_28_days == pytest.approx(0.0, abs=1e-9)
    assert long.expected_total == pytest.approx(sum(OFFICE) * 4)
    assert short.expected_total == pytest.approx(sum(OFFICE))
    assert told(weeks(2)).horizon_days is None
    assert told(weeks(2)).expected_total is None


def test_that_weekends_without_work_are_closed_and_days_are_told_by_their_names() -> None:
    # The series begins on a Thursday.
    found = told([OFFICE[(at + 3) % 7] for at in range(84)], first_weekday=3)
    assert found.closed_weekdays == ("Saturday", "Sunday")
    assert found.weekday_factors[3] == pytest.approx(120 / (530 / 7))
    assert found.predictability is Predictability.PREDICTABLE
    assert found.weekly_strength == pytest.approx(1.0)
    assert "nobody works on Saturday and Sunday" in words(found)


def test_that_bursts_say_how_many_days_had_work_and_nothing_of_weekdays() -> None:
    bursts: list[Day] = [0.0] * 66
    for day in (0, 1, 42, 43):
        bursts[day] = 1e8
    said = words(told(bursts))
    assert "work came on 4 of 66 days" in said
    assert not any("nobody works" in one or "weekday" in one for one in said)


def test_that_a_day_without_a_log_is_not_a_day_of_zero() -> None:
    with_gap: list[Day] = weeks(12)
    with_gap[10], with_gap[11] = None, None
    found = told(with_gap)
    assert (found.observed_days, found.missing_days, found.zero_days) == (82, 2, 24)
    assert any("2 between them have no log, 24 had no work" in one for one in words(found))
    assert (
        "days without a log are left out of the mean: if nothing was called on them, a month and "
        "its bills are 98 % of what is said here" in words(found)
    )
    assert not any("left out of the mean" in one for one in words(told(weeks(12))))


@given(st.floats(-0.5, 1.5))
def test_that_a_steady_growth_is_found_again(growth: float) -> None:
    found, sure = growth_of(weeks(12, growth))
    assert found == pytest.approx(growth, abs=1e-6)
    assert sure is (abs(math.log1p(growth)) / 30.4375 > 1e-12)


def test_that_noise_is_no_growth() -> None:
    dice = random.Random(3)
    rate, sure = growth_of([dice.gauss(100, 20) for _ in range(84)])
    assert rate is not None
    assert not sure
    assert any("neither grows" in one for one in words(told(weeks(12))))


def test_that_growth_needs_four_whole_weeks_with_work() -> None:
    assert growth_of(weeks(3)) == (None, False)
    assert growth_of([*weeks(5), *[0.0] * 7]) == (None, False)
    gap: list[Day] = [*weeks(3), *[None] * 7, *weeks(1)]
    assert growth_of(gap)[0] is not None, "a week without a log is passed over"
    assert growth_of([]) == (None, False)


def test_that_growing_and_shrinking_are_said_in_a_month() -> None:
    assert "it grows by 20 % a month" in words(told(weeks(12, 0.2)))
    assert "it shrinks by 20 % a month" in words(told(weeks(12, -0.2)))


def test_that_weekdays_that_are_alike_and_those_that_differ_are_said() -> None:
    dice = random.Random(9)
    alike = told([dice.gauss(100, 10) for _ in range(84)])
    assert alike.weekly_strength is not None
    assert alike.weekly_strength < 0.3
    assert "weekdays are much alike" in words(alike)
    seven = (100.0, 80.0, 80.0, 80.0, 80.0, 40.0, 30.0)
    differ = told([seven[at % 7] for at in range(84)])
    assert any(one.startswith("Monday is the busiest weekday (1.4") for one in words(differ))
    flat = told([5.0] * 84)
    assert flat.weekly_strength is None
    assert told([0.0] * 20).weekly_strength is None


def test_that_a_short_history_says_why_it_has_no_class() -> None:
    found = told([5.0] * 10)
    assert found.predictability is Predictability.UNKNOWN
    assert words(found)[0].startswith("the volume is not known to be predictable: 10 days")
    assert "under 14 days tell nothing yet" in words(found)[1]
    bare = Outlook(
        source="usage",
        predictability=Predictability.UNKNOWN,
        sufficiency=Sufficiency.NONE,
    )
    assert words(bare)[0] == "the volume is not known to be predictable"


def test_that_what_is_stated_is_said_to_be() -> None:
    found = stated(Predictability.VARIABLE, 40, 0.1)
    assert words(found) == (
        "the volume is variable, as stated",
        "40 days were observed: enough for a week ahead",
        "+10 % a month, as stated",
    )
    guess = stated(None, None, 0.0)
    assert guess.predictability is Predictability.UNKNOWN
    assert words(guess)[1] == "no day was observed: this is a guess about the future"
    assert len(words(guess)) == 2


def test_that_hours_give_a_peak() -> None:
    hours = (0.0,) * 10 + (60.0, 30.0) + (0.0,) * 12
    days = tuple(TraceDay(ordinal=738_000 + at, calls=hours) for at in range(84))
    found = told([90.0] * 84, trace=Trace(days=days))
    assert (found.busiest_hour, found.dispersion) == (10, 0.0)
    assert found.peak_to_mean_hour == pytest.approx(30 / (90 / 24))
    assert any(one.startswith("busiest from 10:00 to 11:00, 8.0 times") for one in words(found))


def test_that_a_weekday_that_was_never_observed_is_taken_as_a_mean_one() -> None:
    days: list[Day] = [None if at % 7 == 6 else 10.0 for at in range(105)]
    found = told(days)
    assert found.expected_total == pytest.approx(280.0)
    assert found.weekday_factors[6] is None
    assert expected_total([], None, 7) is None


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e12)), min_size=1, max_size=120))
def test_that_every_series_has_an_outlook_without_infinity(series: list[Day]) -> None:
    found = told(series)
    document = outlook_json(found)
    json.dumps(document, allow_nan=False)
    assert words(found)


def test_that_the_worked_series_keep_their_class() -> None:
    path = Path(__file__).parents[2] / "data" / "verdict_cases.json"
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    found = {
        case["id"]: told(case["inputs"]["tokens_per_day"])
        for case in cases
        if case["id"] in {"P1", "P2", "P3", "P4", "P5", "P6"}
    }
    assert len(found) == 6
    for case in cases:
        if case["id"] in found:
            one = found[case["id"]]
            assert one.predictability.value == case["expected"]["class"]
    assert found["P5"].growth_per_month == pytest.approx(1.012**30.4375 - 1, rel=0.01)
    assert found["P2"].closed_weekdays == ("Saturday", "Sunday")
