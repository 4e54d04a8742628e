"""The outlook of a volume in sentences, and as the `forecast` block of a verdict's document."""

from __future__ import annotations

from landfall.core.demand.forecast import (
    INTERMITTENT_ADI,
    PROVISIONAL_BELOW_DAYS,
    UNKNOWN_BELOW_DAYS,
    WEEK,
    Predictability,
)
from landfall.core.demand.outlook import WEEKDAYS, Outlook, Sufficiency
from landfall.core.percent import percent, signed_percent

ALIKE_BELOW = 0.3
"""Weekdays that explain less of the variance than that are not worth a sentence."""
_CLASS = {
    Predictability.PREDICTABLE: "predictable",
    Predictability.VARIABLE: "variable",
    Predictability.UNPREDICTABLE: "not predictable",
    Predictability.UNKNOWN: "not known to be predictable",
}
_CARRIES = {
    Sufficiency.NONE: "no day was observed: this is a guess about the future",
    Sufficiency.TOO_SHORT: f"under {UNKNOWN_BELOW_DAYS} days tell nothing yet",
    Sufficiency.PROVISIONAL: f"under {PROVISIONAL_BELOW_DAYS} days settle nothing",
    Sufficiency.ENOUGH: "enough for a week ahead",
    Sufficiency.LONG: "enough for four weeks ahead",
}


def words(outlook: Outlook) -> tuple[str, ...]:
    """The outlook in sentences without their full stop: class, history, season, growth, peak."""
    said = (
        _class_words(outlook),
        _history_words(outlook),
        gap_words(outlook.observed_days or 0, outlook.missing_days or 0),
        _season_words(outlook),
        _growth_words(outlook),
        _peak_words(outlook),
    )
    return tuple(one for one in said if one)


def _class_words(outlook: Outlook) -> str:
    text = f"the volume is {_CLASS[outlook.predictability]}"
    if outlook.source == "stated":
        return f"{text}, as stated"
    if outlook.error_7_days is None:
        return f"{text}: {'; '.join(outlook.reasons)}" if outlook.reasons else text
    text += f": totals of 7 days were forecast within {percent(outlook.error_7_days)}"
    if outlook.error_28_days is None:
        return text
    return f"{text}, of 28 days within {percent(outlook.error_28_days)}"


def _history_words(outlook: Outlook) -> str:
    days = outlook.observed_days
    carries = _CARRIES[outlook.sufficiency]
    if not days:
        return carries
    text = "1 day was observed" if days == 1 else f"{days} days were observed"
    if outlook.missing_days:
        verb = "has" if outlook.missing_days == 1 else "have"
        text += f", {outlook.missing_days} between them {verb} no log"
    if outlook.zero_days:
        text += f", {outlook.zero_days} had no work"
    return f"{text}: {carries}"


def gap_words(observed_days: int, missing_days: int) -> str:
    """What it means for a month that some days have no log; "" where all have one."""
    if not observed_days or not missing_days:
        return ""
    share = percent(observed_days / (observed_days + missing_days))
    return (
        "days without a log are left out of the mean: if nothing was called on them, a month and "
        f"its bills are {share} of what is said here"
    )


def _season_words(outlook: Outlook) -> str:
    closed = outlook.closed_weekdays
    told = [one for one in outlook.weekday_factors if one is not None]
    if len(told) < WEEK or outlook.weekly_strength is None:
        return ""
    if outlook.adi is not None and outlook.adi >= INTERMITTENT_ADI:
        # On which weekdays a few bursts fell says nothing of weekdays.
        observed, idle = outlook.observed_days or 0, outlook.zero_days or 0
        return f"work came on {observed - idle} of {observed} days"
    if closed:
        return f"nobody works on {' and '.join(closed)}"
    if outlook.weekly_strength < ALIKE_BELOW:
        return "weekdays are much alike"
    most = outlook.weekday_factors.index(max(told))
    least = outlook.weekday_factors.index(min(told))
    return (
        f"{WEEKDAYS[most]} is the busiest weekday ({max(told):.1f} times the mean), "
        f"{WEEKDAYS[least]} the quietest ({min(told):.1f} times)"
    )


def _growth_words(outlook: Outlook) -> str:
    growth = outlook.growth_per_month
    if growth is None:
        return ""
    if outlook.source == "stated":
        return f"{signed_percent(growth)} a month, as stated" if growth else ""
    if not outlook.growth_is_sure:
        return "it neither grows nor shrinks beyond what the weeks vary"
    return f"it {'grows' if growth > 0 else 'shrinks'} by {percent(abs(growth))} a month"


def _peak_words(outlook: Outlook) -> str:
    parts = []
    if outlook.busiest_hour is not None and outlook.peak_to_mean_hour is not None:
        hour = outlook.busiest_hour
        parts.append(
            f"busiest from {hour}:00 to {hour + 1}:00, "
            f"{outlook.peak_to_mean_hour:.1f} times the mean hour"
        )
    if outlook.peak_to_mean is not None:
        parts.append(f"the largest day has {outlook.peak_to_mean:.1f} times the mean day")
    return "; ".join(parts)


def outlook_json(outlook: Outlook) -> dict[str, object]:
    """The `forecast` block of a verdict's document."""
    return {
        "class": outlook.predictability.value,
        "source": outlook.source,
        "sufficiency": outlook.sufficiency.value,
        "unit": outlook.unit,
        "days": outlook.observed_days,
        "missing_days": outlook.missing_days,
        "zero_days": outlook.zero_days,
        "horizon_days": outlook.horizon_days,
        "mean_per_day": outlook.mean_per_day,
        "expected_total": outlook.expected_total,
        "best_baseline": outlook.baseline,
        "error": outlook.error_7_days,
        "error_28_days": outlook.error_28_days,
        "mase": outlook.mase,
        "wape": outlook.wape,
        "growth_per_month": outlook.growth_per_month,
        "growth_is_sure": outlook.growth_is_sure,
        "cv": outlook.cv,
        "cv_resid": outlook.cv_resid,
        "weekly_strength": outlook.weekly_strength,
        "adi": outlook.adi,
        "cv2_nonzero": outlook.cv2_nonzero,
        "pattern": outlook.pattern,
        "peak": {
            "day_to_mean": outlook.peak_to_mean,
            "hour_to_mean": outlook.peak_to_mean_hour,
            "hour": outlook.busiest_hour,
        },
        "weekday_factors": list(outlook.weekday_factors),
        "closed_weekdays": list(outlook.closed_weekdays),
        "dispersion": outlook.dispersion,
        "gap_variation": outlook.gap_variation,
        "words": list(words(outlook)),
    }
