"""What is known of a volume to come, on series that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.demand import outlook
from landfall.core.demand.forecast import Day, Volume, backtest, classify
from landfall.core.demand.outlook import (
    Outlook,
    Sufficiency,
    expected_total,
    growth_of,
    stated,
    weekly_strength,
)
from landfall.core.demand.replaying import TraceDay
from landfall.core.demand.trace import Trace
from tests.core.demand.round_days import VARIABLE, backtest_of, told


def volume_of(series: list[Day]) -> Volume:
    return classify(series)


def test_that_the_strength_of_weekdays_is_the_variance_that_they_explain() -> None:
    """Sundays have 9, other days 2, and 1 more or less in turn: the rest has 1 a day."""
    series: list[Day] = [
        (9.0 if at % 7 == 6 else 2.0) + (1 if at // 7 % 2 else -1) for at in range(28)
    ]
    # Days about the mean of 3: Sundays 6 away, others 1 away: 4 x (36 + 6) + 28 for the rest.
    assert weekly_strength(series, volume_of(series)) == pytest.approx(1 - 28 / (4 * 42 + 28))
    assert weekly_strength(series[:13], volume_of(series[:13])) is None
    assert weekly_strength(series[:14], volume_of(series[:14])) is not None
    flat: list[Day] = [3.0] * 14
    assert weekly_strength(flat, volume_of(flat)) is None
    assert weekly_strength([0.0] * 14, volume_of([0.0] * 14)) is None
    holed: list[Day] = [*series[:27], None]
    assert weekly_strength(holed, volume_of(holed)) is not None


def test_that_growth_is_a_line_through_logarithms_of_weekly_means() -> None:
    """Weeks of 1, 2, 4, 8 double every seven days, 30.4375 / 7 times a month, without an error."""
    doubling: list[Day] = [2.0 ** (at // 7) for at in range(28)]
    rate, sure = growth_of(doubling)
    assert rate == pytest.approx(2 ** (30.4375 / 7) - 1)
    assert sure
    assert growth_of(doubling[:27]) == (None, False)
    # The last whole weeks count: what is before them is left out.
    assert growth_of([99.0, *doubling])[0] == pytest.approx(rate)
    # Four observed days are a week, three are none.
    four: list[Day] = [*doubling[:21], 8.0, 8.0, 8.0, 8.0, None, None, None]
    assert growth_of(four)[0] == pytest.approx(rate)
    three: list[Day] = [*doubling[:21], 8.0, 8.0, 8.0, None, None, None, None]
    assert growth_of(three) == (None, False)
    assert growth_of([1.0] * 28) == (0.0, False)
    huge, _ = growth_of([10.0 ** (30 * (at // 7)) for at in range(28)])
    assert huge == pytest.approx(math.exp(50) - 1)


def test_that_growth_is_sure_from_two_standard_errors_on() -> None:
    """Logarithms 0, a, 2a + e ...: weeks at x = 0, 1, 2, 3 with y = 0, 1, 1, 2: slope 0.6, the rest
    is 0.2, so that its error is sqrt(0.2 / 2 / 5) = 0.1414: 4.2 of them. With y = 0, 2, -1, 2 the
    slope is 0.3, the rest 6.3 and the error 0.794."""

    def weeks(*logs: float) -> list[Day]:
        return [math.exp(log) for log in logs for _ in range(7)]

    assert growth_of(weeks(0, 1, 1, 2))[1] is True
    assert growth_of(weeks(0, 2, -1, 2))[1] is False
    assert growth_of(weeks(0, 1, 1, 2))[0] == pytest.approx(math.exp(0.6 / 7 * 30.4375) - 1)
    assert growth_of(weeks(0, 2, -1, 2))[0] == pytest.approx(math.exp(0.3 / 7 * 30.4375) - 1)
    # y = 0, 1, -d, 1 crosses two errors where it crosses them: slope (3 - d ...) by both sides.
    slope, error = outlook._line([(0.0, 0.0), (1.0, 2.0), (2.0, -1.0), (3.0, 2.0)])
    assert (slope, error) == (pytest.approx(0.3), pytest.approx(math.sqrt(6.3 / 2 / 5)))
    # 0, 1.5, 0.5, 2: slope 0.5, rest 1.25, error 0.3536: 1.41 errors; 0, 1, 0.6, 2: 0.56 and 0.24.
    assert growth_of(weeks(0, 1.5, 0.5, 2))[1] is False
    assert growth_of(weeks(0, 1, 0.6, 2))[1] is True
    assert growth_of(weeks(2, 1, 1, 0))[1] is True, "as sure where it shrinks"


def test_that_what_is_expected_is_the_best_baselines() -> None:
    week: list[Day] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, None]
    best = backtest_of(0.1)
    assert expected_total(week * 2, replace(best, baseline="mean4"), 7) == 24.5
    assert expected_total(week * 2, replace(best, baseline="mean4"), 14) == 49.0
    assert expected_total([None] * 7, best, 7) is None
    assert expected_total(week * 2, None, 7) is None


def test_that_an_outlook_has_every_number_of_its_days() -> None:
    series: list[Day] = [float(10 * (at % 7)) for at in range(84)]
    series[20] = None
    hours = tuple(30.0 if hour in (9, 11) else 0.0 for hour in range(24))
    trace = Trace(days=(TraceDay(ordinal=1, calls=hours), TraceDay(ordinal=2, calls=hours)))
    found = told(series, first=2, trace=trace)
    volume = classify(series)
    assert (found.source, found.unit) == ("usage", "calls")
    assert (found.observed_days, found.missing_days, found.zero_days) == (83, 1, 12)
    assert found.sufficiency is Sufficiency.ENOUGH
    assert (found.horizon_days, found.error_28_days) == (7, None)
    assert found.mean_per_day == pytest.approx((12 * 210 - 60) / 83)
    assert found.expected_total == pytest.approx(210)
    assert found.baseline == (volume.best.baseline if volume.best else None)
    assert found.error_7_days == found.wape == 0.0
    assert found.mase is None or found.mase == 0.0
    assert (found.cv, found.cv_resid, found.adi) == (volume.cv, volume.cv_resid, volume.adi)
    assert (found.cv2_nonzero, found.pattern) == (volume.cv2_nonzero, volume.pattern)
    assert found.peak_to_mean == volume.peak_to_mean
    assert found.reasons == volume.reasons
    # The first entry is a Wednesday.
    assert found.weekday_factors[2] == 0.0
    assert found.weekday_factors[1] == volume.weekday_factors[6]
    assert found.closed_weekdays == ("Wednesday",)
    assert (found.busiest_hour, found.dispersion, found.gap_variation) == (9, 0.0, None)
    assert found.peak_to_mean_hour == pytest.approx(30 / 2.5)
    plain = told(series)
    assert (plain.busiest_hour, plain.peak_to_mean_hour, plain.dispersion) == (None, None, None)
    quiet = Trace(days=(TraceDay(ordinal=1, calls=(0.0,) * 24),))
    assert told(series, trace=quiet).busiest_hour is None


def test_that_four_weeks_are_tested_from_84_days_on() -> None:
    """84 days of weeks that grow by one: 28 days ahead the last week is 2.5 too few on average."""
    series: list[Day] = [float(10 + at // 7) for at in range(84)]
    found = told(series)
    assert (found.horizon_days, found.sufficiency) == (28, Sufficiency.LONG)
    assert found.error_28_days is not None
    assert found.error_28_days > (found.error_7_days or 0)
    test = backtest(found.baseline or "", series, horizon=28, step=7, scale=None)
    assert test is not None
    assert test.weeks == 5
    assert found.error_28_days == test.mean_total_error
    assert told(series[:83]).error_28_days is None


def test_that_a_stated_volume_has_nothing_but_its_statement() -> None:
    found = stated(VARIABLE, 30, 0.25)
    assert found == Outlook(
        source="stated",
        predictability=VARIABLE,
        sufficiency=Sufficiency.ENOUGH,
        observed_days=30,
        growth_per_month=0.25,
        growth_is_sure=True,
    )
    assert stated(None, None, 0.0).growth_is_sure is False
