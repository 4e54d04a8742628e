"""Statistics of days, forecasts and outlooks on series that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.demand import forecast, outlook
from landfall.core.demand.forecast import (
    Backtest,
    Day,
    Predictability,
    Volume,
    backtest,
    classify,
    drift,
    mean4,
    seasonal_naive,
)
from landfall.core.demand.outlook import (
    Outlook,
    Sufficiency,
    expected_total,
    growth_of,
    observed,
    stated,
    weekly_strength,
)
from landfall.core.demand.outlook_words import gap_words, outlook_json, words
from landfall.core.demand.replaying import TraceDay
from landfall.core.demand.trace import Trace

PREDICTABLE, VARIABLE = Predictability.PREDICTABLE, Predictability.VARIABLE
UNPREDICTABLE, UNKNOWN = Predictability.UNPREDICTABLE, Predictability.UNKNOWN


# Statistics -----------------------------------------------------------------------------------


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


def backtest_of(error: float) -> Backtest:
    return Backtest(baseline="drift", mase=1.0, wape=0.1, mean_total_error=error, weeks=3)


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


# Baselines ------------------------------------------------------------------------------------


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


# Outlook --------------------------------------------------------------------------------------


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


def told(series: list[Day], first: int = 0, trace: Trace | None = None) -> Outlook:
    return observed(series, first_weekday=first, unit="calls", source="usage", trace=trace)


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


# Words ----------------------------------------------------------------------------------------

BARE = Outlook(source="usage", predictability=VARIABLE, sufficiency=Sufficiency.ENOUGH)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"error_7_days": 0.1},
            "the volume is variable: totals of 7 days were forecast within 10 %",
        ),
        (
            {"error_7_days": 0.1, "error_28_days": 0.2},
            "the volume is variable: totals of 7 days were forecast within 10 %, of 28 days "
            "within 20 %",
        ),
        ({"reasons": ("a", "b")}, "the volume is variable: a; b"),
        ({"observed_days": 1}, "1 day was observed: enough for a week ahead"),
        (
            {"observed_days": 9, "missing_days": 1},
            "9 days were observed, 1 between them has no log: enough for a week ahead",
        ),
        (
            {"observed_days": 9, "missing_days": 2, "zero_days": 3},
            "9 days were observed, 2 between them have no log, 3 had no work: enough for a week "
            "ahead",
        ),
        ({"growth_per_month": 0.1, "growth_is_sure": True}, "it grows by 10 % a month"),
        ({"growth_per_month": -0.1, "growth_is_sure": True}, "it shrinks by 10 % a month"),
        (
            {"growth_per_month": 0.1},
            "it neither grows nor shrinks beyond what the weeks vary",
        ),
        ({"peak_to_mean": 2.55}, "the largest day has 2.5 times the mean day"),
        (
            {"busiest_hour": 9, "peak_to_mean_hour": 3.0, "peak_to_mean": 2.0},
            "busiest from 9:00 to 10:00, 3.0 times the mean hour; the largest day has 2.0 times "
            "the mean day",
        ),
    ],
)
def test_that_what_is_known_is_said(changes: dict[str, object], said: str) -> None:
    assert said in words(replace(BARE, **changes))  # type: ignore[arg-type]


def test_that_what_is_not_known_is_not_said() -> None:
    assert words(BARE) == ("the volume is variable", "enough for a week ahead")
    lone = replace(BARE, busiest_hour=9)
    assert len(words(lone)) == 2
    assert len(words(replace(BARE, source="stated", growth_per_month=0.0))) == 2
    assert gap_words(0, 3) == gap_words(3, 0) == ""
    assert "are 75 % of what is said" in gap_words(3, 1)


def test_that_weekdays_are_told_where_they_explain_three_tenths() -> None:
    factors = (1.0, 2.0, 1.0, 1.0, 1.0, 0.5, 0.5)

    def season(**changes: object) -> str:
        base = replace(BARE, weekday_factors=factors, weekly_strength=0.3, adi=1.31)
        found = words(replace(base, **changes))  # type: ignore[arg-type]
        return found[2] if len(found) > 2 else ""

    assert season() == (
        "Tuesday is the busiest weekday (2.0 times the mean), Saturday the quietest (0.5 times)"
    )
    assert season(weekly_strength=0.29) == "weekdays are much alike"
    assert season(weekday_factors=(*factors[:6], 0.049)) == "nobody works on Sunday"
    assert "busiest weekday" in season(weekday_factors=(*factors[:6], 0.05))
    assert season(weekday_factors=(*factors[:6], None)) == ""
    assert season(weekly_strength=None) == ""
    assert season(adi=None).startswith("Tuesday")
    rare = replace(BARE, weekday_factors=factors, weekly_strength=0.3, adi=1.32)
    assert "work came on 5 of 9 days" in words(replace(rare, observed_days=9, zero_days=4))
    assert "work came on 9 of 9 days" in words(replace(rare, observed_days=9))


def test_that_the_document_names_every_field() -> None:
    series: list[Day] = [float(10 * (at % 7)) for at in range(84)]
    found = told(series)
    document = outlook_json(found)
    assert document["class"] == found.predictability.value
    assert document["sufficiency"] == "long"
    assert document["days"] == 84
    assert document["zero_days"] == 12
    assert document["missing_days"] == 0
    assert document["error"] == found.error_7_days
    assert document["error_28_days"] == found.error_28_days
    assert document["best_baseline"] == found.baseline
    assert document["peak"] == {
        "day_to_mean": found.peak_to_mean,
        "hour_to_mean": None,
        "hour": None,
    }
    assert document["weekday_factors"] == list(found.weekday_factors)
    assert document["closed_weekdays"] == ["Monday"]
    assert document["words"] == list(words(found))
