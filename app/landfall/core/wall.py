"""Power at the plug from what is measured inside: the rest of the machine and the supply's loss."""

from __future__ import annotations

from landfall.core.provenance import Estimated, Figure, middle

SUPPLY_EFFICIENCY = 0.90
SUPPLY_BAND_SHARE = 0.20
"""Mains power from the sum of measured parts is no better than this without a calibration."""


def wall_joules(
    joules: Figure,
    seconds: float,
    *,
    other_watts: float,
    efficiency: float = SUPPLY_EFFICIENCY,
) -> Figure:
    """Energy at the plug from measured parts: the rest of the machine added, the supply's loss too.

    80 PLUS supplies lose 6 to 18 % above a fifth of their load. Without a calibration by a plug
    the band is a fifth to each side.
    """
    mid = middle(joules)
    if mid is None:
        return joules
    value = (mid + other_watts * seconds) / efficiency
    formula = f"(measured + {other_watts:g} W of other parts) / supply efficiency {efficiency:g}"
    return Estimated(
        value * (1 - SUPPLY_BAND_SHARE), value, value * (1 + SUPPLY_BAND_SHARE), formula
    )
