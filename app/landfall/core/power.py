"""What a reading of power covers, how far it is believed, and which readings may be added."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LIMIT_FACTOR = 1.3
"""A board does not draw more than this times its enforced limit; a driver may say so."""


class Scope(StrEnum):
    """What a reading covers. Scopes of which one contains the other are never added."""

    GPU = "gpu"
    CPU_PACKAGE = "cpu_package"
    SOC = "soc"
    MODULE = "module"
    SYSTEM_DC = "system_dc"
    WALL = "wall"


_INSIDE: dict[Scope, frozenset[Scope]] = {
    Scope.GPU: frozenset(),
    Scope.CPU_PACKAGE: frozenset(),
    Scope.SOC: frozenset({Scope.CPU_PACKAGE}),
    Scope.MODULE: frozenset({Scope.GPU, Scope.CPU_PACKAGE}),
    Scope.SYSTEM_DC: frozenset({Scope.GPU, Scope.CPU_PACKAGE, Scope.SOC, Scope.MODULE}),
    Scope.WALL: frozenset(Scope) - {Scope.WALL},
}


class Quality(StrEnum):
    """How far a source can be believed: a sensor, a slow or averaged one, a model, nothing."""

    GOOD = "good"
    FAIR = "fair"
    ROUGH = "rough"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What must be known of a source to integrate it.

    Attributes:
        settle_seconds: How long its value lags behind the load.
        error_share: Typical error of its gain, 0.05 for ±5 %.
    """

    name: str
    scope: Scope
    settle_seconds: float
    error_share: float


def plausible(watts: float, *, limit_watts: float | None = None) -> tuple[float | None, str]:
    """The reading, or None and why it cannot be one: a switched-on board never draws 0 W.

    Sources: laptop boards answer 593 kW at idle (g-helper pull request 5819); sleeping boards and
    virtual machines answer 0 W.
    """
    if not math.isfinite(watts) or watts < 0:
        return None, f"{watts:g} W is not a power"
    if watts == 0:
        return None, "0 W: the sensor does not answer"
    if limit_watts is not None and limit_watts > 0 and watts > LIMIT_FACTOR * limit_watts:
        return None, f"{watts:.0f} W is beyond what a board limited to {limit_watts:.0f} W can draw"
    return watts, ""


def outermost(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Scopes that may be added: each one that lies inside another one is left out."""
    given = frozenset(scopes)
    inside = frozenset[Scope]().union(*(_INSIDE[scope] for scope in given))
    return given - inside
