"""Predictability: classes, gaps in the log, structural zeros, baselines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.demand.forecast import (
    Backtest,
    Predictability,
    backtest,
    classify,
    drift,
    mean4,
    seasonal_naive,
)

OFFICE = [100.0, 110.0, 105.0, 102.0, 98.0, 0.0, 0.0]
wobble = [1.0, 1.03, 0.97, 1.01, 0.99, 1.02, 0.98, 1.0, 1.04, 0.96, 1.01, 0.99]


def weeks(count: int, week: list[float] = OFFICE) -> list[float | None]:
    return [day * wobble[n % len(wobble)] for n in range(count) for day in week]


def test_that_office_work_is_predictable_though_weekends_are_empty() -> None:
    volume = classify(weeks(12))
    assert volume.predictability is Predictability.PREDICTABLE
    assert volume.adi == 1.0
    assert volume.pattern == "smooth"
    assert volume.cv is not None
    assert volume.cv > 0.6
    assert volume.weekday_factors[5] == 0
    assert volume.best is not None
    assert volume.best.mean_total_error < 0.05
    assert not volume.provisional


def test_that_a_day_without_a_log_is_not_a_day_without_work() -> None:
    logged = weeks(12)
    holes: list[float | None] = [None if n % 9 == 4 else day for n, day in enumerate(logged)]
    zeros: list[float | None] = [0.0 if n % 9 == 4 else day for n, day in enumerate(logged)]
    assert classify(holes).predictability is Predictability.PREDICTABLE
    assert classify(holes).missing_days == sum(day is None for day in holes)
    assert classify(holes).observed_days + classify(holes).missing_days == len(holes)
    assert classify(zeros).mean_per_day != classify(holes).mean_per_day
    assert (classify(zeros).adi or 0) > 1 == classify(holes).adi


def test_that_gaps_make_work_intermittent_and_unpredictable() -> None:
    series = [40.0 if n % 5 == 0 else 0.0 for n in range(84)]
    volume = classify(series)
    assert volume.pattern == "intermittent"
    assert volume.predictability is Predictability.UNPREDICTABLE
    assert any("every" in reason for reason in volume.reasons)


def test_that_erratic_gaps_are_lumpy() -> None:
    series = [(1000.0 if n % 15 == 0 else 10.0) if n % 5 == 0 else 0.0 for n in range(90)]
    assert classify(series).pattern == "lumpy"


def test_that_rare_huge_days_are_erratic() -> None:
    series = [10_000.0 if n in {5, 31, 44, 61, 80} else 100.0 for n in range(84)]
    volume = classify(series)
    assert volume.pattern == "erratic"
    assert volume.predictability is Predictability.UNPREDICTABLE


def test_that_a_growing_series_is_forecast_by_its_growth() -> None:
    series = [100 * 1.012**n for n in range(84)]
    volume = classify(series)
    assert volume.best is not None
    assert volume.best.baseline == "drift"
    assert volume.predictability is Predictability.PREDICTABLE


def test_that_totals_off_by_a_third_are_variable() -> None:
    series = [100.0 * (1.35 if n // 7 % 2 else 0.75) for n in range(84)]
    assert classify(series).predictability is Predictability.VARIABLE


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, Predictability.UNKNOWN),
        (13, Predictability.UNKNOWN),
        (14, Predictability.VARIABLE),
        (34, Predictability.VARIABLE),
        (35, Predictability.PREDICTABLE),
    ],
)
def test_that_a_short_history_promises_little(days: int, expected: Predictability) -> None:
    volume = classify(weeks(12)[:days])
    assert volume.predictability is expected
    assert volume.provisional == (days < 28)


def test_that_a_short_and_wild_history_is_unpredictable() -> None:
    series = [1000.0 if n % 6 == 2 else 10.0 for n in range(20)]
    assert classify(series).predictability is Predictability.UNPREDICTABLE


def test_that_two_weeks_without_any_work_are_unknown() -> None:
    volume = classify([0.0] * 40)
    assert volume.predictability is Predictability.UNKNOWN
    assert volume.cv is None
    assert volume.peak_to_mean is None
    assert volume.pattern is None


def test_that_the_baselines_use_the_same_weekday() -> None:
    series: list[float | None] = [float(n) for n in range(28)]
    assert seasonal_naive(series, 28, 8) == [21, 22, 23, 24, 25, 26, 27, 21]
    assert mean4(series, 28, 2) == [10.5, 11.5]
    assert drift(series, 28, 1) == [21 * (24 * 7) / (17 * 7)]


def test_that_the_baselines_look_past_a_missing_day() -> None:
    series: list[float | None] = [1.0] * 7 + [2.0] * 7
    series[7] = None
    assert seasonal_naive(series, 14, 2) == [1.0, 2.0]
    assert mean4(series, 14, 1) == [1.0]
    assert drift(series, 14, 2) == [2.0, 4.0]
    assert seasonal_naive([None] * 7, 7, 1) == [None]
    assert drift([None] * 7, 7, 1) == [None]


def test_that_growth_is_held_within_bounds() -> None:
    assert drift([1.0] * 7 + [100.0] * 7, 14, 1) == [200.0]
    assert drift([100.0] * 7 + [1.0] * 7, 14, 1) == [0.5]
    assert drift([0.0] * 7 + [1.0] * 7, 14, 1) == [1.0]


def test_that_a_week_that_repeats_itself_has_no_scale_and_no_error() -> None:
    volume = classify([float(day) for day in OFFICE] * 10)
    assert volume.best is not None
    assert volume.best.mase is None
    assert volume.best.mean_total_error == 0
    assert volume.predictability is Predictability.PREDICTABLE


def test_that_work_forecast_for_an_empty_week_is_a_full_error() -> None:
    series = [10.0] * 28 + [0.0] * 7
    found = backtest("seasonal_naive", series, scale=1.0)
    assert found == Backtest(
        baseline="seasonal_naive", mase=10.0, wape=None, mean_total_error=1.0, weeks=1
    )
    empty = backtest("seasonal_naive", [0.0] * 35, scale=None)
    assert empty is not None
    assert empty.mean_total_error == 0


def test_that_weeks_without_a_log_are_not_tested() -> None:
    assert backtest("mean4", [1.0] * 28 + [None] * 7, scale=1.0) is None


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=120))
def test_that_any_series_has_a_class_and_sane_statistics(series: list[float | None]) -> None:
    volume = classify(series)
    assert volume.predictability in Predictability
    assert volume.observed_days + volume.missing_days == len(series)
    assert volume.adi is None or volume.adi >= 1
    assert all(test.mean_total_error >= 0 for test in volume.backtests)


@given(st.lists(st.floats(1, 1e6), min_size=35, max_size=70), st.floats(0.1, 1000))
def test_that_the_unit_of_the_series_does_not_matter(series: list[float], factor: float) -> None:
    first, second = classify(series), classify([day * factor for day in series])
    assert first.cv == pytest.approx(second.cv)
    assert first.cv_resid == pytest.approx(second.cv_resid)
    assert first.pattern == second.pattern
