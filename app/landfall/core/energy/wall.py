"""Power at the plug from what is measured inside: the rest of the machine and the supply's loss.

wall = (sum of the measured scopes + other parts) / efficiency of the supply.

Two readings of a plug, idle and under load, give both unknowns: the slope is the efficiency, what
is left over at idle are the other parts. Without them they are defaults, and the band is wide.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from landfall.core.energy.power import Scope
from landfall.core.errors import BadInput
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Measured, Stated

SUPPLY_EFFICIENCY = 0.90
"""80 PLUS at 115 V and 20/50/100 % load: Bronze 82/85/82, Gold 87/90/87, Platinum 90/92/89,
Titanium 92/94/90 %. Below a fifth of its load a supply is worse, and nothing is specified."""

MACBOOK_EFFICIENCY = 0.947
"""Of a MacBook's charger, by its own telemetry: the accumulated wall estimate is 1.056 times the
accumulated consumption (M4 Air, AppleSmartBattery: 619144936 / 586363042)."""

SUPPLY_BAND_SHARE = 0.20
"""Mains power from the sum of measured parts is no better than this without a calibration."""

ONE_POINT_BAND_SHARE = 0.10
"""With one reading the efficiency stays a default: 80 PLUS supplies lie between 82 and 94 %."""

CALIBRATED_BAND_SHARE = 0.05
"""With two readings of a plug of 1 to 2 % and sensors that keep their own gain."""

PLUG_BAND_SHARE = 0.02
"""Of a reading at a smart plug: makers state 1 to 2 %."""

LEAST_EFFICIENCY, MOST_EFFICIENCY = 0.5, 1.0
"""Of a power supply: two readings that say otherwise do not belong together."""
LEAST_STEP_WATTS = 10.0
"""A load that adds less than this is lost in the steps of a plug."""

OTHER_WATTS = 30.0
"""Board, memory, drives and fans of a desktop at rest, where processor and card are measured."""

OTHER_WITH_PROCESSOR_WATTS = 60.0
"""The same and a processor, where the card alone is measured. Both are guesses of ours, inside the
band; a calibration replaces them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WallCalibration:
    """Two readings at the plug beside what the sensors said; one where load is None.

    Attributes:
        idle_wall_watts: At the plug with nothing running. idle_measured_watts: the sensors then.
        load_wall_watts: At the plug under a steady load, or None where only idle was read.
        sources: Names of the sources that were summed; with others the calibration does not hold.
        at: ISO 8601 time at which it was made, UTC.
        how: "plug" where it was read by the program, "typed" where the user read a meter.
    """

    idle_wall_watts: float
    idle_measured_watts: float
    load_wall_watts: float | None
    load_measured_watts: float | None
    sources: tuple[str, ...]
    at: str
    how: str = "typed"

    @property
    def efficiency(self) -> float:
        """Of the supply; the default where only one reading was made."""
        if self.load_wall_watts is None or self.load_measured_watts is None:
            return SUPPLY_EFFICIENCY
        measured = self.load_measured_watts - self.idle_measured_watts
        return measured / (self.load_wall_watts - self.idle_wall_watts)

    @property
    def other_watts(self) -> float:
        """What the sensors do not see, behind the supply."""
        return max(0.0, self.efficiency * self.idle_wall_watts - self.idle_measured_watts)

    @property
    def band_share(self) -> float:
        """How far the wall power by it may be off, as a share."""
        return ONE_POINT_BAND_SHARE if self.load_wall_watts is None else CALIBRATED_BAND_SHARE


def checked(calibration: WallCalibration) -> WallCalibration:
    """The calibration, if it can be one.

    Raises:
        BadInput: the readings cannot belong to one machine; the message says which and why.
    """
    idle, load = calibration.idle_wall_watts, calibration.load_wall_watts
    _possible(idle, "idle_wall_watts", "At the plug, idle")
    _possible(calibration.idle_measured_watts, "idle_measured_watts", "By the sensors, idle")
    if not calibration.sources:
        raise BadInput(
            "There is nothing to calibrate: no sensor was read beside the plug.",
            "It takes a source of power that can be read.",
            field="sources",
        )
    if load is None or calibration.load_measured_watts is None:
        if load is not None or calibration.load_measured_watts is not None:
            raise BadInput(
                "A reading under load is of the plug and of the sensors.", field="load_wall_watts"
            )
        return _whole_inside(calibration)
    _possible(load, "load_wall_watts", "At the plug, under load")
    _possible(calibration.load_measured_watts, "load_measured_watts", "By the sensors, under load")
    if load < idle + LEAST_STEP_WATTS:
        raise BadInput(
            f"Under load the plug shows {load:g} W, idle {idle:g} W: "
            f"load must draw at least {LEAST_STEP_WATTS:g} W more.",
            "Read the load while a model answers.",
            field="load_wall_watts",
        )
    if calibration.load_measured_watts <= calibration.idle_measured_watts:
        raise BadInput(
            "The sensors saw no more under load than idle.",
            "The load must run on this machine, and on what the sensors cover.",
            field="load_measured_watts",
        )
    if not LEAST_EFFICIENCY <= calibration.efficiency <= MOST_EFFICIENCY:
        raise BadInput(_not_a_supply(calibration.efficiency), _WHY_NOT, field="load_wall_watts")
    return _whole_inside(calibration)


_WHY_NOT = "Is anything else behind the plug, and do the sensors cover what was loaded?"


def _not_a_supply(efficiency: float) -> str:
    return (
        f"These readings make a supply with an efficiency of {percent(efficiency)}: "
        f"one has {percent(LEAST_EFFICIENCY)} to {percent(MOST_EFFICIENCY)}."
    )


def _possible(watts: float, field: str, what: str) -> None:
    if not math.isfinite(watts) or watts <= 0:
        raise BadInput(f"{what}: {watts:g} W is no reading.", "Type watts above 0.", field=field)


def _whole_inside(calibration: WallCalibration) -> WallCalibration:
    """Behind the supply the sensors cannot see more than passed through it."""
    if calibration.idle_measured_watts > calibration.idle_wall_watts:
        raise BadInput(
            f"Idle the sensors saw {calibration.idle_measured_watts:g} W, "
            f"the plug {calibration.idle_wall_watts:g} W: the plug must show more.",
            "Does the whole machine hang on the plug?",
            field="idle_wall_watts",
        )
    return calibration


def why_not(calibration: WallCalibration, sources: Iterable[str]) -> str:
    """Why a calibration does not hold for the sources that are read now; "" where it does."""
    now, then = frozenset(sources), frozenset(calibration.sources)
    if now == then:
        return ""
    gone, new = sorted(then - now), sorted(now - then)
    parts = [f"without {', '.join(gone)}" if gone else "", f"with {', '.join(new)}" if new else ""]
    changed = " and ".join(filter(None, parts))
    return f"the wall calibration was made with other sources: now it is {changed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """How watts behind the supply become watts at the plug.

    Attributes:
        band_share: How far the result may be off, as a share.
        origin: Where the two numbers come from, for people.
        calibrated: Whether they were measured; else what they give is called estimated.
    """

    other_watts: float
    efficiency: float
    band_share: float
    origin: str
    calibrated: bool = False


def wall(
    scopes: Iterable[Scope],
    *,
    calibration: WallCalibration | None = None,
    sources: Iterable[str] = (),
    macbook_efficiency: float | None = None,
) -> Wall:
    """The way to the plug for sources of these scopes.

    Args:
        scopes: Of the sources that are added.
        calibration: Used where it was made with the same sources.
        sources: Names of those that are added.
        macbook_efficiency: Of a MacBook's charger, by its telemetry or `MACBOOK_EFFICIENCY`.
    """
    added = frozenset(scopes)
    if Scope.WALL in added:
        return Wall(
            other_watts=0.0,
            efficiency=1.0,
            band_share=PLUG_BAND_SHARE,
            origin="read at the plug",
            calibrated=True,
        )
    reason = ""
    if calibration is not None:
        reason = why_not(calibration, sources)
        if not reason:
            return Wall(
                other_watts=calibration.other_watts,
                efficiency=calibration.efficiency,
                band_share=calibration.band_share,
                origin=f"calibrated at the wall, {calibration.at[:10]}",
                calibrated=True,
            )
    efficiency = macbook_efficiency or SUPPLY_EFFICIENCY
    what = "a MacBook's charger" if macbook_efficiency else "a common supply"
    return Wall(
        other_watts=_other_watts(added),
        efficiency=efficiency,
        band_share=SUPPLY_BAND_SHARE,
        origin="; ".join(filter(None, (f"estimated with {what}", reason))),
    )


def _other_watts(scopes: frozenset[Scope]) -> float:
    if Scope.SYSTEM_DC in scopes:
        return 0.0
    if scopes & {Scope.CPU_PACKAGE, Scope.SOC, Scope.MODULE}:
        return OTHER_WATTS
    return OTHER_WITH_PROCESSOR_WATTS


def stated(calibration: WallCalibration) -> Figure:
    """The reading at the plug under load, or idle: typed in by the user, or read from the plug."""
    watts = calibration.load_wall_watts or calibration.idle_wall_watts
    if calibration.how == "plug":
        return Measured(watts, calibration.at, "smart plug")
    return Stated(watts, "wall_calibration")
