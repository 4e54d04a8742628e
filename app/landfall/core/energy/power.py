"""What a reading of power covers, how far it is believed, and which readings may be added."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LIMIT_FACTOR = 1.3
"""A board does not draw more than this times its enforced limit; a driver may say so."""

HIGHEST_WATTS = 5000.0
"""Nothing under a desk draws more, whatever a sensor without a known limit says: a socket of 230 V
and 16 A gives 3.7 kW, the largest module of 2025 takes 2.7 kW."""

COMPARED_SECONDS = 10.0
DISAGREEMENT_SHARE = 0.20
"""Over a window this long, a counter that differs more from the watts is not trusted.

Source: reports of counters that were right within 1 % and of one that told 187 J where the watts
told 327 J (zeus, issues 12 and 181)."""

DISAGREEMENTS = 2
"""So many windows running: then a counter is not believed any more."""

STEADY_SHARE = 0.10
STEADY_SECONDS = 1.3
"""A window is closed where the mean watts have stayed within this for the lag of the slowest
driver: else the lag itself would look like a disagreement."""

MAX_GAP_SECONDS = 2.0
"""Readings further apart are not joined: a window with such a hole in it is incomplete."""

ASLEEP = "the machine slept or stood still in between"
"""Reason of the gap that a sampler puts where the machine was suspended. What was drawn meanwhile
is not known, and counters and clocks jump: a window with this gap in it is not measured."""

CLOCK_STEPPED = "the clock was set back in between"
"""Reason of the gap that a sampler puts where its clock went back."""

BROKEN = frozenset({ASLEEP, CLOCK_STEPPED})
"""Reasons after which readings before and after do not belong together."""


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


def plausible(
    watts: float, *, limit_watts: float | None = None, limit_factor: float = LIMIT_FACTOR
) -> tuple[float | None, str]:
    """The reading, or None and why it cannot be one: a switched-on board never draws 0 W.

    Args:
        limit_watts: What the board may draw, where that is known.
        limit_factor: How far above it a true reading may lie.

    Sources: laptop boards answer 593 kW at idle (g-helper pull request 5819); sleeping boards and
    virtual machines answer 0 W.
    """
    if not math.isfinite(watts) or watts < 0:
        return None, f"{watts:g} W is not a power"
    if watts == 0:
        return None, "0 W: the sensor does not answer"
    if limit_watts is not None and limit_watts > 0 and watts > limit_factor * limit_watts:
        return None, f"{watts:.0f} W is beyond what a board limited to {limit_watts:.0f} W can draw"
    if watts > HIGHEST_WATTS:
        return None, f"{watts:.0f} W is beyond what any such machine can draw"
    return watts, ""


class CounterCheck:
    """Whether an energy counter says the same as the watts beside it, over a whole session.

    Both are compared over windows of at least 10 s. After two windows running in which they differ
    by more than a fifth the counter is not believed any more: not by this object, which a new
    search for sources replaces.

    Attributes:
        trusted: Whether the counter may be used.
    """

    def __init__(self) -> None:
        self.trusted = True
        self._recent: list[tuple[float, float]] = []
        self._begin: tuple[float, float] | None = None
        self._last: tuple[float, float, float] | None = None
        self._by_watts = 0.0
        self._apart = 0

    @property
    def reason(self) -> str:
        """What to say of a counter that is not believed; "" of one that is."""
        if self.trusted:
            return ""
        return "its energy counter disagrees with its watts, so the watts alone are counted"

    def take(self, at: float, watts: float | None, joules: float | None) -> None:
        """One reading of both; a gap or a counter that goes back begins a new window."""
        if watts is None or joules is None:
            self._forget()
            return
        last = self._last
        if last is not None:
            hole = not 0 < at - last[0] <= MAX_GAP_SECONDS
            if hole or joules < last[2]:
                self._forget()
            else:
                self._by_watts += (at - last[0]) * (watts + last[1]) / 2
        self._last = (at, watts, joules)
        self._recent.append((at, watts))
        while self._recent[0][0] < at - 2 * STEADY_SECONDS:
            self._recent.pop(0)
        due = self._begin is None or at - self._begin[0] >= COMPARED_SECONDS
        if due and self._steady(at):
            self._close_window(joules)
            self._begin, self._by_watts = (at, joules), 0.0

    def _steady(self, at: float) -> bool:
        """Whether the mean has not moved for as long as a driver may lag, ripple aside."""
        edge = at - STEADY_SECONDS
        before = [watts for time, watts in self._recent if time < edge]
        after = [watts for time, watts in self._recent if time >= edge]
        if not before or not after:
            return False
        then, now = sum(before) / len(before), sum(after) / len(after)
        return abs(now - then) <= STEADY_SHARE * now

    def _close_window(self, joules: float) -> None:
        if self._begin is None:
            return
        apart = abs(joules - self._begin[1] - self._by_watts) > DISAGREEMENT_SHARE * self._by_watts
        self._apart = self._apart + 1 if apart else 0
        self.trusted = self.trusted and self._apart < DISAGREEMENTS

    def _forget(self) -> None:
        self._recent, self._begin, self._last, self._by_watts = [], None, None, 0.0


def outermost(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Scopes that may be added: each one that lies inside another one is left out."""
    given = frozenset(scopes)
    inside = frozenset[Scope]().union(*(_INSIDE[scope] for scope in given))
    return given - inside
