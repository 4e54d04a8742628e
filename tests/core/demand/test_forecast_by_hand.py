"""Statistics and forecasts of days that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.demand import forecast
from landfall.core.demand.forecast import (
    Backtest,
    Day,
    Predictability,
    backtest,
    classify,
    drift,
    mean4,
    seasonal_naive,
)
from tests.core.demand.round_days import PREDICTABLE, VARIABLE, backtest_of

UNPREDICTABLE, UNKNOWN = Predictability.UNPREDICTABLE, Predictability.UNKNOWN


def test_that_a_series_says_its_numbers() -> None:
    """Two weeks: 1, 3, a day without a log, 0 and ten of 2 ... mean (1 + 3 + 0 + 2 x 8) / 11."""
    series: list[Day] = [1.0, 3.0, None, 0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    found = classify(series)
    mean = 20 / 11
    assert (found.observed_days, found.missing_days) == (11, 1)
    assert found.mean_per_day == pytest.approx(mean)
    variance = ((1 - mean) ** 2 + (3 - mean) ** 2 + mean**2 + 8 * (2 - mean) ** 2) / 10
    assert found.cv == pytest.approx(math.sqrt(variance) / mean)
    assert found.peak_to_mean == pytest.approx(3 / mean)
    assert found.adi == pytest.approx(11 / 10)
    # Of the ten days with work: mean 2, squares 1 + 1, over nine.
    assert found.cv2_nonzero == pytest.approx(2 / 9 / 4)
    assert found.pattern == "smooth"
    factors = [1.5, 2.5, 2.0, 1.0, 2.0, 2.0, 2.0]
    assert found.weekday_factors == pytest.approx([one / mean for one in factors])
    rest = [1 / 1.5, 3 / 2.5, 0.0, 1.0, 1.0, 1.0, 2 / 1.5, 2 / 2.5, 1.0, 2.0, 1.0]
    middle = sum(rest) / 11
    spread = sum((one - middle) ** 2 for one in rest) / 10
    assert found.cv_resid == pytest.approx(math.sqrt(spread) / middle)
    assert (found.provisional, found.backtests, found.best) == (True, (), None)
    assert found.predictability is UNKNOWN
    assert found.reasons == ("11 days observed, 14 are needed",)
    assert classify([1.0]).reasons == ("1 day observed, 14 are needed",)
    assert classify([0.0] * 20).reasons == ("no work was observed",)


def test_that_a_weekday_below_a_twentieth_of_the_mean_is_closed() -> None:
    """Sundays of x / 2 among days of 100 are 7 x / 2 / (600 + x / 2) of the mean: up to 8.64."""

    # Every second Sunday has x, the others nothing: below the twentieth Sundays do not count.
    assert classify([*[100.0] * 6, 8.7, *[100.0] * 6, 0.0] * 2).adi == pytest.approx(28 / 26)
    assert classify([*[100.0] * 6, 8.5, *[100.0] * 6, 0.0] * 2).adi == 1.0


@pytest.mark.parametrize(
    ("adi", "cv2", "pattern"),
    [
        (1.31, 0.48, "smooth"),
        (1.31, 0.49, "erratic"),
        (1.32, 0.48, "intermittent"),
        (1.32, 0.49, "lumpy"),
        (None, 0.1, None),
        (1.0, None, None),
    ],
)
def test_that_demand_has_the_classes_of_syntetos_and_boylan(
    adi: float | None, cv2: float | None, pattern: str | None
) -> None:
    assert forecast._pattern(adi, cv2) == pattern


def test_that_one_active_day_has_no_variation() -> None:
    found = classify([5.0])
    assert (found.cv, found.cv2_nonzero, found.pattern) == (None, None, None)
    assert found.adi == 1.0
    assert classify([]).mean_per_day is None
    assert classify([]).weekday_factors == (None,) * 7
    assert classify([]).peak_to_mean is None
    assert classify([2.0, 4.0]).cv == pytest.approx(math.sqrt(2) / 3)


@pytest.mark.parametrize(
    ("days", "error", "cv", "adi", "expected"),
    [
        (14, 0.20, 0.5, 1.31, PREDICTABLE),
        (13, 0.20, 0.5, 1.31, UNKNOWN),
        (14, 0.201, 0.5, 1.31, VARIABLE),
        (14, 0.20, 0.501, 1.31, VARIABLE),
        (14, 0.20, None, 1.31, VARIABLE),
        (14, 0.20, 0.5, 1.32, VARIABLE),
        (14, 0.40, 9.0, 9.0, VARIABLE),
        (14, 0.401, 0.1, 1.0, UNPREDICTABLE),
        (14, None, 0.5, 1.31, VARIABLE),
        (14, None, 0.5, 1.32, UNPREDICTABLE),
        (14, None, 0.51, 1.0, UNPREDICTABLE),
        (14, 0.1, 0.1, None, UNKNOWN),
    ],
)
def test_that_a_class_is_that_of_its_error_its_variation_and_its_gaps(
    days: int,
    error: float | None,
    cv: float | None,
    adi: float | None,
    expected: Predictability,
) -> None:
    best = None if error is None else backtest_of(error)
    found, reasons = forecast._class(days, best, cv, adi)
    assert found is expected
    said = " ".join(reasons)
    assert ("days vary by" in said) is (expected is not UNKNOWN and (cv is None or cv > 0.5))
    assert ("work comes every" in said) is (adi is not None and adi >= 1.32)
    if error is not None and expected is not UNKNOWN:
        assert reasons[0].startswith("weekly totals were forecast within")
    elif expected is not UNKNOWN:
        assert "too few days to test a forecast" in said


def test_that_baselines_look_at_the_same_weekday_only_before_their_origin() -> None:
    series: list[Day] = [float(n) for n in range(70)]
    # Day 40 is forecast from 35 as day 40 - 7 = 33.
    assert seasonal_naive(series, 35, 6)[5] == 33.0
    assert seasonal_naive(series, 35, 8)[7] == 28.0, "eight days on the last known is 28"
    assert mean4(series, 35, 1) == [(28 + 21 + 14 + 7) / 4]
    assert mean4(series, 21, 1) == [(14 + 7 + 0) / 3]
    assert mean4(series, 35, 8)[7] == (28 + 21 + 14 + 7) / 4
    # Weeks 28..34 over 21..27: 217 / 168.
    assert drift(series, 35, 1) == [pytest.approx(28 * 217 / 168)]
    assert drift(series, 7, 1) == [0.0], "no week before it: no growth"
    assert seasonal_naive(series, 0, 1) == [None]
    assert mean4(series, 3, 1) == [None]
    hole: list[Day] = [*[1.0] * 7, *[2.0] * 7, *[None] * 7]
    assert seasonal_naive(hole, 21, 1) == [2.0]
    assert mean4(hole, 21, 1) == [1.5]
    old: list[Day] = [8.0, *[0.0] * 6] + [None] * 28
    assert mean4(old, 35, 1) == [None], "four weeks back and no further"
    assert seasonal_naive(old, 35, 1) == [8.0]


def test_that_growth_is_held_between_a_half_and_two() -> None:
    def grown(before: float, now: float) -> float:
        (found,) = drift([before] * 7 + [now] * 7, 14, 1)
        assert found is not None
        return found / now

    assert grown(10, 19.9) == pytest.approx(1.99)
    assert grown(10, 20.1) == 2.0
    assert grown(10, 5.1) == pytest.approx(0.51)
    assert grown(10, 4.9) == 0.5
    partly: list[Day] = [*[10.0] * 6, 1000.0, *[15.0] * 6, None]
    assert drift(partly, 14, 1) == [22.5], "a day that is missing in one week counts in neither"


def test_that_a_backtest_goes_week_by_week() -> None:
    """From day 28 on: weeks of 7 and of 14 against the one before: errors 0 of 7, 1 of 2."""
    series: list[Day] = [1.0] * 35 + [2.0] * 7
    found = backtest("seasonal_naive", series, scale=0.5)
    assert found == Backtest(
        baseline="seasonal_naive",
        mase=pytest.approx(7 / 14 / 0.5),
        wape=pytest.approx(7 / 21),
        mean_total_error=0.25,
        weeks=2,
    )
    assert backtest("seasonal_naive", series[:34], scale=1.0) is None
    assert backtest("seasonal_naive", series[:35], scale=1.0) is not None
    daily = backtest("seasonal_naive", series, step=1, scale=None)
    assert daily is not None
    assert (daily.weeks, daily.mase) == (8, None)
    early = backtest("seasonal_naive", series, first_origin=14, scale=None)
    assert early is not None
    assert early.weeks == 4
    two = backtest("seasonal_naive", series, horizon=14, scale=None)
    assert two is not None
    # 21 against 14: a third.
    assert (two.weeks, two.mean_total_error) == (1, pytest.approx(1 / 3))
    gap = [*series[:35], *[None] * 6, 2.0]
    holed = backtest("seasonal_naive", gap, scale=None)
    assert holed is not None
    assert (holed.weeks, holed.wape) == (2, pytest.approx(1 / 9))
    assert holed.mean_total_error == 0.25
    nothing = backtest("seasonal_naive", [0.0] * 35, scale=None)
    assert nothing is not None
    assert (nothing.wape, nothing.mean_total_error) == (None, 0.0)


def test_that_the_scale_is_the_mean_error_of_the_whole_series() -> None:
    """35 of 1 and 7 of 2: seven of 35 differences are 1: 0.2. The best has the least scaled error;
    the mean of four weeks errs as the last one does."""
    series: list[Day] = [1.0] * 35 + [2.0] * 7
    found = classify(series)
    assert [test.baseline for test in found.backtests] == ["seasonal_naive", "mean4", "drift"]
    assert [test.mase for test in found.backtests] == pytest.approx([2.5, 2.5, 2.5])
    assert classify(series, horizon=14).backtests[0].weeks == 1
    assert classify(series, first_origin=14).backtests[0].weeks == 4
    assert classify([1.0] * 28).backtests == ()
    rising = classify([float(n) for n in range(70)])
    assert rising.best is not None
    assert rising.best.baseline == "drift"
    short = classify([*[None] * 60, *[1.0] * 13])
    assert short.backtests == ()
    assert not classify([1.0] * 28).provisional
    assert classify([1.0] * 27).provisional


def test_that_the_best_is_told_by_totals_where_there_is_no_scale() -> None:
    volume = replace(
        classify([1.0] * 40),
        backtests=(
            replace(backtest_of(0.3), mase=None, baseline="a"),
            replace(backtest_of(0.9), mase=0.2, baseline="b"),
        ),
    )
    assert volume.best is not None
    assert volume.best.baseline == "b"
