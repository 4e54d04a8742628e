"""What the worlds that may turn out to be true say of a verdict: how often it holds, what it costs
to be wrong, and what would be worth measuring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landfall.core.workload.privacy import Option


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureNext:
    """The one measurement that would take most of the doubt away.

    Attributes:
        path: Key in the workload file that would hold it.
        why: For people.
        regret_left_usd_month: Expected regret once it is known.
    """

    path: str
    why: str
    regret_left_usd_month: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Worlds:
    """A verdict in many worlds drawn from what is doubted.

    Attributes:
        draws: How many worlds.
        p_best: Option to the share of the worlds in which the table leads to it; options that no
            world leads to are left out.
        saving_mean: USD a month against today's bill, with the verdict carried out whatever the
            world; None where one of both bills is not known.
        saving_p05, saving_p95: One world in twenty saves less, one in twenty more.
        regret_usd_month: What the verdict costs more than the choice that one would make knowing
            the world, in the mean: no measurement is worth more (expected value of perfect
            information). None where bills are not known.
        measure: What to measure first; None where nothing would take regret away.
    """

    draws: int
    p_best: Mapping[Option, float]
    saving_mean: float | None
    saving_p05: float | None
    saving_p95: float | None
    regret_usd_month: float | None
    measure: MeasureNext | None


def worlds_text(worlds: Worlds) -> str:
    """What a mistake costs and what to measure first, in a line; "" where nothing is regretted."""
    regret = worlds.regret_usd_month
    if regret is None or regret < 1:
        return ""
    text = f"being wrong costs about ${regret:,.0f} a month in the mean"
    if worlds.measure is None:
        return text
    left = worlds.measure.regret_left_usd_month
    return f"{text}; {worlds.measure.why} ({worlds.measure.path}): that leaves ${left:,.0f} of it"


def worlds_json(worlds: Worlds) -> dict[str, Any]:
    """The part of a verdict's document that the draws fill."""
    measure = worlds.measure
    return {
        "draws": worlds.draws,
        "p_best": {option.value: share for option, share in worlds.p_best.items()},
        "saving_usd_month": None
        if worlds.saving_mean is None
        else {
            "mean": worlds.saving_mean,
            "p05": worlds.saving_p05,
            "p95": worlds.saving_p95,
        },
        "regret_usd_month": worlds.regret_usd_month,
        "measure": None
        if measure is None
        else {
            "input": measure.path,
            "why": measure.why,
            "regret_left_usd_month": measure.regret_left_usd_month,
        },
    }
