"""What is known of a workload's volume to come: class, error of the forecast, season, growth.

A value for the verdict, its page and its JSON: it says in numbers and in words what the days
showed, or that nothing but a statement is there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.costs.cost import DAYS_PER_MONTH
from landfall.core.demand.forecast import (
    BASELINES,
    PROVISIONAL_BELOW_DAYS,
    STRUCTURAL_ZERO,
    UNKNOWN_BELOW_DAYS,
    WEEK,
    Backtest,
    Day,
    Predictability,
    Volume,
    backtest,
    classify,
)
from landfall.core.demand.trace import Trace

LONG_HORIZON = 28
"""Days, four weeks."""
LONG_FROM_DAYS = 84
"""From so many days on, four weeks are forecast at once; below, one."""
LEAST_WEEKS = 4
"""Whole weeks that a growth is told from."""
SURE_ERRORS = 2.0
"""A growth counts where it is so many standard errors from none."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Sufficiency(StrEnum):
    """How far the observed days carry."""

    NONE = "none"
    TOO_SHORT = "too_short"
    PROVISIONAL = "provisional"
    ENOUGH = "enough"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The forecast of a workload's volume. What is None could not be told.

    Attributes:
        source: "stated", "series" (a file) or "usage" (imported).
        predictability: The class that the decision uses.
        sufficiency: "none" where no day was observed.
        unit: What was forecast: "tokens" or "calls", a day.
        observed_days, missing_days, zero_days: With a log; without one inside the span, which is
            not zero; with a log and no work.
        horizon_days: Forecast at once: 28 from 84 days on, else 7.
        mean_per_day: Of the observed days.
        expected_total: Of the next `horizon_days`, by the best baseline.
        baseline: The best of the tried ones.
        error_7_days, error_28_days: Mean error of its totals over so many days, a share.
        mase, wape: Of its days; see `forecast.Backtest`.
        growth_per_month: Out of whole weeks, a share; `growth_is_sure` where it is at least two
            standard errors from none.
        cv, cv_resid, adi, cv2_nonzero, pattern, peak_to_mean: As of `forecast.Volume`.
        weekly_strength: Share of the days' variance that the weekday explains.
        weekday_factors: Monday first, over the mean day; None where never observed.
        peak_to_mean_hour, busiest_hour: Of the hours where they are told; the hour is local.
        dispersion, gap_variation: Of counts and of gaps, see `trace.Trace`.
        reasons: Why it has its class.
    """

    source: str
    predictability: Predictability
    sufficiency: Sufficiency
    unit: str = ""
    observed_days: int | None = None
    missing_days: int | None = None
    zero_days: int | None = None
    horizon_days: int | None = None
    mean_per_day: float | None = None
    expected_total: float | None = None
    baseline: str | None = None
    error_7_days: float | None = None
    error_28_days: float | None = None
    mase: float | None = None
    wape: float | None = None
    growth_per_month: float | None = None
    growth_is_sure: bool = False
    cv: float | None = None
    cv_resid: float | None = None
    weekly_strength: float | None = None
    adi: float | None = None
    cv2_nonzero: float | None = None
    pattern: str | None = None
    peak_to_mean: float | None = None
    weekday_factors: tuple[float | None, ...] = ()
    peak_to_mean_hour: float | None = None
    busiest_hour: int | None = None
    dispersion: float | None = None
    gap_variation: float | None = None
    reasons: tuple[str, ...] = ()

    @property
    def closed_weekdays(self) -> tuple[str, ...]:
        """Weekdays on which nobody works: below a twentieth of the mean day."""
        return tuple(
            name
            for name, factor in zip(WEEKDAYS, self.weekday_factors, strict=False)
            if factor is not None and factor < STRUCTURAL_ZERO
        )


def sufficiency(observed_days: int | None) -> Sufficiency:
    """How far so many observed days carry; None and 0 are a guess about the future."""
    if not observed_days:
        return Sufficiency.NONE
    if observed_days < UNKNOWN_BELOW_DAYS:
        return Sufficiency.TOO_SHORT
    if observed_days < PROVISIONAL_BELOW_DAYS:
        return Sufficiency.PROVISIONAL
    return Sufficiency.LONG if observed_days >= LONG_FROM_DAYS else Sufficiency.ENOUGH


def stated(
    predictability: Predictability | None, history_days: int | None, growth_per_month: float
) -> Outlook:
    """The outlook of a volume that is stated and not observed."""
    return Outlook(
        source="stated",
        predictability=predictability or Predictability.UNKNOWN,
        sufficiency=sufficiency(history_days),
        observed_days=history_days,
        growth_per_month=growth_per_month,
        growth_is_sure=growth_per_month != 0,
    )


def observed(
    series: Sequence[Day],
    *,
    first_weekday: int,
    unit: str,
    source: str,
    trace: Trace | None = None,
) -> Outlook:
    """The outlook of observed days.

    Args:
        series: One total a day, in order; None for a day without a log.
        first_weekday: Of the first entry, Monday being 0.
        unit: "tokens" or "calls".
        source: "series" or "usage".
        trace: Their hours, where those are told.
    """
    volume = classify(series)
    days = volume.observed_days
    best = volume.best
    horizon = LONG_HORIZON if days >= LONG_FROM_DAYS else WEEK
    growth, sure = growth_of(series)
    hours = trace.profile() if trace is not None else ()
    return Outlook(
        source=source,
        predictability=volume.predictability,
        sufficiency=sufficiency(days),
        unit=unit,
        observed_days=days,
        missing_days=volume.missing_days,
        zero_days=sum(day == 0 for day in series),
        horizon_days=horizon if best else None,
        mean_per_day=volume.mean_per_day,
        expected_total=expected_total(series, best, horizon),
        baseline=best.baseline if best else None,
        error_7_days=best.mean_total_error if best else None,
        error_28_days=_long_error(series, best, days),
        mase=best.mase if best else None,
        wape=best.wape if best else None,
        growth_per_month=growth,
        growth_is_sure=sure,
        cv=volume.cv,
        cv_resid=volume.cv_resid,
        weekly_strength=weekly_strength(series, volume),
        adi=volume.adi,
        cv2_nonzero=volume.cv2_nonzero,
        pattern=volume.pattern,
        peak_to_mean=volume.peak_to_mean,
        weekday_factors=tuple(
            volume.weekday_factors[(weekday - first_weekday) % WEEK] for weekday in range(WEEK)
        ),
        peak_to_mean_hour=trace.peak_to_mean() if trace is not None else None,
        busiest_hour=hours.index(max(hours)) if any(hours) else None,
        dispersion=trace.dispersion() if trace is not None else None,
        gap_variation=trace.gap_variation() if trace is not None else None,
        reasons=volume.reasons,
    )


def expected_total(series: Sequence[Day], best: Backtest | None, horizon: int) -> float | None:
    """What the best baseline expects of the next days; None where none was tested."""
    if best is None:
        return None
    ahead = BASELINES[best.baseline](series, len(series), horizon)
    told = [day for day in ahead if day is not None]
    # A weekday that was never observed is taken to be a mean one of the others.
    return math.fsum(told) / len(told) * horizon if told else None


def _long_error(series: Sequence[Day], best: Backtest | None, days: int) -> float | None:
    """Of four-week totals, a week apart, each out of at least four weeks before it."""
    if best is None or days < LONG_FROM_DAYS:
        return None
    test = backtest(best.baseline, series, horizon=LONG_HORIZON, step=WEEK, scale=None)
    return None if test is None else test.mean_total_error


def weekly_strength(series: Sequence[Day], volume: Volume) -> float | None:
    """Share of the variance of the observed days that goes when each is taken by its weekday's
    mean: 0 where weekdays are alike, 1 where they explain all. None where the days do not vary.

    1 - Var(rest) / Var(days): the seasonal strength of Hyndman and Athanasopoulos (Forecasting,
    section 4.3) without a trend.
    """
    mean = volume.mean_per_day
    if not mean or len(series) < 2 * WEEK:
        return None
    pairs = [
        (day, mean * (volume.weekday_factors[at % WEEK] or 0.0))
        for at, day in enumerate(series)
        if day is not None
    ]
    whole = math.fsum((day - mean) ** 2 for day, _ in pairs)
    rest = math.fsum((day - usual) ** 2 for day, usual in pairs)
    return max(0.0, 1 - rest / whole) if whole > 0 else None


def growth_of(series: Sequence[Day]) -> tuple[float | None, bool]:
    """Growth a month out of whole weeks, and whether it differs from none.

    A straight line through the logarithms of weekly means (by least squares), counted back from the
    last day. None below four such weeks, or where a week had nothing.
    """
    weeks = []
    for end in range(len(series), WEEK - 1, -WEEK):
        days = [day for day in series[end - WEEK : end] if day is not None]
        if len(days) > WEEK // 2:
            weeks.append((float(end), math.fsum(days) / len(days)))
    if len(weeks) < LEAST_WEEKS or any(mean <= 0 for _, mean in weeks):
        return None, False
    slope, error = _line([(day, math.log(mean)) for day, mean in weeks])
    rate = math.exp(min(50.0, slope * DAYS_PER_MONTH)) - 1
    return rate, abs(slope) > SURE_ERRORS * error and abs(slope) > 1e-12


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Slope and its standard error by least squares."""
    count = len(points)
    x0 = math.fsum(x for x, _ in points) / count
    y0 = math.fsum(y for _, y in points) / count
    across = math.fsum((x - x0) ** 2 for x, _ in points)
    slope = math.fsum((x - x0) * (y - y0) for x, y in points) / across
    rest = math.fsum((y - y0 - slope * (x - x0)) ** 2 for x, y in points)
    return slope, math.sqrt(rest / (count - 2) / across)
