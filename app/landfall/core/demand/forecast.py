"""How far the volume of a workload can be told in advance, out of its daily totals.

What matters for money is the error of the total over a week, not that of a single day. A day
without a log is `None` and is not zero. Days are counted by position, so that the entries 0, 7,
14 ... share a weekday.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.percent import percent

WEEK = 7
"""Days."""
PREDICTABLE_MAX_ERROR = 0.20
"""Mean error of the total of seven days up to which volume is predictable. Source: the FinOps
Foundation's forecasting capability has 20 % for those who begin, 12 % for those who are good."""
VARIABLE_MAX_ERROR = 0.40
"""The same up to which it is variable, not unpredictable. Our choice: twice as much."""
PREDICTABLE_MAX_CV = 0.5
"""Coefficient of variation of days, weekdays taken out, up to which volume is predictable: "very
stable" in the practice of inventories. Rare huge jobs never count as steady (cases P3 and P4)."""
INTERMITTENT_ADI = 1.32
"""Mean days between active days from which demand is intermittent (Syntetos and Boylan, 2005)."""
ERRATIC_CV2 = 0.49
"""Squared coefficient of variation of active days from which demand is erratic (same source)."""
STRUCTURAL_ZERO = 0.05
"""A weekday below this share of the mean day is one on which nobody works: no sign of a gap."""
UNKNOWN_BELOW_DAYS = 14
"""Two of each weekday; of fewer nothing is said. Our choice."""
PROVISIONAL_BELOW_DAYS = 28
"""Four of each weekday, as `history_min_days` among the thresholds (S6)."""
GROWTH_CLAMP = (0.5, 2.0)
"""Least and most by which the last week over the one before is carried on: our choice. It matters
only for series that more than doubled or halved within a week."""

Day = float | None
Forecaster = Callable[[Sequence[Day], int, int], list[Day]]


class Predictability(StrEnum):
    """Whether tokens a day can be forecast, as the workload file spells it."""

    PREDICTABLE = "predictable"
    VARIABLE = "variable"
    UNPREDICTABLE = "unpredictable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """A baseline tried on the past: each week forecast out of what came before it.

    Attributes:
        baseline: "seasonal_naive", "mean4" or "drift".
        mase: Mean absolute error over that of the seasonal-naive forecast on the whole series; None
            where the series repeats itself exactly, so that there is no scale.
        wape: Sum of absolute errors over the sum of what came; None where nothing came.
        mean_total_error: Mean of |forecast - actual| / actual of the totals of the tested weeks. A
            week in which nothing came but something was forecast counts as an error of 1.
        weeks: How many horizons were tested.
    """

    baseline: str
    mase: float | None
    wape: float | None
    mean_total_error: float
    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """What a series of daily totals says about itself. Shares and ratios have no unit.

    Attributes:
        predictability: The class of the series.
        observed_days: Days with a log, zero or not.
        missing_days: Days without a log inside the series.
        mean_per_day: Mean of the observed days, in the unit of the series.
        cv: Standard deviation over mean of the observed days.
        cv_resid: The same after the weekday pattern is divided out, structural zeros left aside.
        adi: Mean days between active days, structural zeros left aside; None without an active day.
        cv2_nonzero: Squared coefficient of variation of the active days.
        pattern: "smooth", "erratic", "intermittent" or "lumpy" (Syntetos and Boylan).
        peak_to_mean: The largest day over the mean day.
        weekday_factors: Mean of each weekday over the mean day; None where it was never observed.
        backtests: Every baseline that could be tested; empty where the history is too short.
        provisional: Whether fewer than 28 days were observed, so that nothing is settled.
        reasons: Why it has this class, in words.
    """

    predictability: Predictability
    observed_days: int
    missing_days: int
    mean_per_day: float | None
    cv: float | None
    cv_resid: float | None
    adi: float | None
    cv2_nonzero: float | None
    pattern: str | None
    peak_to_mean: float | None
    weekday_factors: tuple[float | None, ...]
    backtests: tuple[Backtest, ...]
    provisional: bool
    reasons: tuple[str, ...]

    @property
    def best(self) -> Backtest | None:
        """The baseline with the smallest scaled error, or None where none was tested."""
        return min(self.backtests, key=_rank, default=None)


def _rank(test: Backtest) -> float:
    return test.mean_total_error if test.mase is None else test.mase


def classify(series: Sequence[Day], *, horizon: int = WEEK, first_origin: int = 28) -> Volume:
    """Tell how predictable a series of daily totals is.

    Predictable: the weekly total is forecast within 20 %, the residual variation is at most 0.5 and
    the work does not come in gaps; variable: within 40 %; unknown below 14 observed days. Where the
    history is too short for a test, nothing better than variable is said.

    Args:
        series: One total a day, in order; None for a day without a log, 0 for a day without work.
        horizon: Days forecast at once, and the step between two tests.
        first_origin: Days of history before the first test.
    """
    observed = [day for day in series if day is not None]
    mean = _mean(observed)
    factors = _weekday_factors(series, mean)
    active = _without_structural_zeros(series, factors)
    working = [day for day, _ in active if day > 0]
    adi = len(active) / len(working) if working else None
    cv_resid = _cv([day / factor for day, factor in active])
    cv2 = None if (cv := _cv(working)) is None else cv * cv
    tests = _backtests(series, horizon, first_origin) if len(observed) >= UNKNOWN_BELOW_DAYS else ()
    best = min(tests, key=_rank, default=None)
    verdict, reasons = _class(len(observed), best, cv_resid, adi)
    return Volume(
        predictability=verdict,
        observed_days=len(observed),
        missing_days=len(series) - len(observed),
        mean_per_day=mean,
        cv=_cv(observed),
        cv_resid=cv_resid,
        adi=adi,
        cv2_nonzero=cv2,
        pattern=_pattern(adi, cv2),
        peak_to_mean=max(observed) / mean if mean else None,
        weekday_factors=factors,
        backtests=tests,
        provisional=len(observed) < PROVISIONAL_BELOW_DAYS,
        reasons=reasons,
    )


def _class(
    days: int, best: Backtest | None, cv_resid: float | None, adi: float | None
) -> tuple[Predictability, tuple[str, ...]]:
    if days < UNKNOWN_BELOW_DAYS or adi is None:
        said = "1 day" if days == 1 else f"{days} days"
        why = f"{said} observed, {UNKNOWN_BELOW_DAYS} are needed"
        return Predictability.UNKNOWN, (why if adi is not None else "no work was observed",)
    reasons = []
    steady = cv_resid is not None and cv_resid <= PREDICTABLE_MAX_CV
    if not steady:
        reasons.append(f"days vary by {percent(cv_resid or 0)} beyond their weekday pattern")
    if adi >= INTERMITTENT_ADI:
        steady = False
        reasons.append(f"work comes every {adi:.1f} days")
    if best is None:
        reasons.append("too few days to test a forecast")
        return Predictability.VARIABLE if steady else Predictability.UNPREDICTABLE, tuple(reasons)
    error = best.mean_total_error
    reasons.insert(0, f"weekly totals were forecast within {percent(error)} on average")
    if error <= PREDICTABLE_MAX_ERROR and steady:
        return Predictability.PREDICTABLE, tuple(reasons)
    if error <= VARIABLE_MAX_ERROR:
        return Predictability.VARIABLE, tuple(reasons)
    return Predictability.UNPREDICTABLE, tuple(reasons)


def _pattern(adi: float | None, cv2: float | None) -> str | None:
    if adi is None or cv2 is None:
        return None
    if adi < INTERMITTENT_ADI:
        return "smooth" if cv2 < ERRATIC_CV2 else "erratic"
    return "intermittent" if cv2 < ERRATIC_CV2 else "lumpy"


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _cv(values: Sequence[float]) -> float | None:
    """Sample standard deviation over the mean; None for fewer than two values or a mean of 0."""
    mean = _mean(values)
    if len(values) < 2 or not mean:
        return None
    variance = math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
    return math.sqrt(variance) / mean


def _weekday_factors(series: Sequence[Day], mean: float | None) -> tuple[float | None, ...]:
    if not mean:
        return (None,) * WEEK
    of_weekday = (
        _mean([day for day in series[weekday::WEEK] if day is not None]) for weekday in range(WEEK)
    )
    return tuple(None if value is None else value / mean for value in of_weekday)


def _without_structural_zeros(
    series: Sequence[Day], factors: Sequence[float | None]
) -> list[tuple[float, float]]:
    """Observed days with the factor of their weekday, without the weekdays nobody works on."""
    paired = ((day, factors[index % WEEK]) for index, day in enumerate(series))
    return [
        (day, factor)
        for day, factor in paired
        if day is not None and factor is not None and factor >= STRUCTURAL_ZERO
    ]


def seasonal_naive(series: Sequence[Day], origin: int, horizon: int) -> list[Day]:
    """Each day as the same weekday was last seen before `origin`."""
    return [_last_same_weekday(series, origin, step) for step in range(horizon)]


def mean4(series: Sequence[Day], origin: int, horizon: int) -> list[Day]:
    """Each day as the mean of the last four same weekdays before `origin`."""
    return [
        _mean([day for day in _same_weekdays(series, origin, step)[:4] if day is not None])
        for step in range(horizon)
    ]


def drift(series: Sequence[Day], origin: int, horizon: int) -> list[Day]:
    """The seasonal-naive forecast times the growth of the last week over the one before it.

    The growth is held between 0.5 and 2; it compares only weekdays observed in both weeks.
    """
    both = [
        (now, before)
        for now, before in zip(
            series[max(0, origin - WEEK) : origin],
            series[max(0, origin - 2 * WEEK) : max(0, origin - WEEK)],
            strict=False,
        )
        if now is not None and before is not None
    ]
    before = math.fsum(pair[1] for pair in both)
    low, high = GROWTH_CLAMP
    growth = min(high, max(low, math.fsum(pair[0] for pair in both) / before)) if before else 1.0
    return [
        None if day is None else day * growth for day in seasonal_naive(series, origin, horizon)
    ]


BASELINES: dict[str, Forecaster] = {
    "seasonal_naive": seasonal_naive,
    "mean4": mean4,
    "drift": drift,
}


def _same_weekdays(series: Sequence[Day], origin: int, step: int) -> list[Day]:
    """The days before `origin` with the weekday of `origin + step`, the latest first."""
    latest = origin + step - WEEK * (step // WEEK + 1)
    return list(series[latest::-WEEK]) if latest >= 0 else []


def _last_same_weekday(series: Sequence[Day], origin: int, step: int) -> Day:
    return next((day for day in _same_weekdays(series, origin, step) if day is not None), None)


def _backtests(series: Sequence[Day], horizon: int, first_origin: int) -> tuple[Backtest, ...]:
    scale = _mean(
        [
            abs(now - before)
            for now, before in zip(series[WEEK:], series[:-WEEK], strict=False)
            if now is not None and before is not None
        ]
    )
    tests = (
        backtest(name, series, horizon=horizon, first_origin=first_origin, scale=scale)
        for name in BASELINES
    )
    return tuple(test for test in tests if test is not None)


def backtest(
    baseline: str,
    series: Sequence[Day],
    *,
    horizon: int = WEEK,
    first_origin: int = 28,
    step: int | None = None,
    scale: float | None,
) -> Backtest | None:
    """Try a baseline from a rolling origin; None where no whole horizon fits behind the first.

    Args:
        baseline: A key of `BASELINES`.
        series: As for `classify`.
        horizon: Days forecast at once.
        first_origin: Days before the first forecast.
        step: Days from one forecast to the next; None for the horizon.
        scale: Mean absolute error of the seasonal-naive forecast over the whole series: one
            constant for every origin (Hyndman and Koehler, 2006), or None.
    """
    errors: list[float] = []
    came: list[float] = []
    totals: list[float] = []
    for origin in range(first_origin, len(series) - horizon + 1, step or horizon):
        forecast = BASELINES[baseline](series, origin, horizon)
        pairs = [
            (actual, guess)
            for actual, guess in zip(series[origin : origin + horizon], forecast, strict=True)
            if actual is not None and guess is not None
        ]
        if not pairs:
            continue
        errors += [abs(actual - guess) for actual, guess in pairs]
        came += [actual for actual, _ in pairs]
        totals.append(_total_error(pairs))
    if not totals:
        return None
    volume = math.fsum(came)
    return Backtest(
        baseline=baseline,
        mase=math.fsum(errors) / len(errors) / scale if scale else None,
        wape=math.fsum(errors) / volume if volume else None,
        mean_total_error=math.fsum(totals) / len(totals),
        weeks=len(totals),
    )


def _total_error(pairs: Sequence[tuple[float, float]]) -> float:
    actual = math.fsum(pair[0] for pair in pairs)
    forecast = math.fsum(pair[1] for pair in pairs)
    if actual == 0:
        return 0.0 if forecast == 0 else 1.0
    return abs(forecast - actual) / actual
