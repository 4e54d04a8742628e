"""What a chart of speed and power holds: rates of one or more answers, watts, phases. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from landfall.core.run.live_curves import Point, PowerPoint
from landfall.core.run.phases import Phase, phase_at
from landfall.core.run.thinning import LongCurve

if TYPE_CHECKING:
    from landfall.gui.colours import Role

Since = Literal["sent", "opened", "begun"]
"""A prompt was sent; the chart was opened, and the machine is only watched; a benchmark began."""

EDGE_SECONDS = 0.15
"""Beyond its first and last reading the power is taken for so long; readings are 0.1 s apart."""


@dataclass(slots=True)
class Curve:
    """A named curve, in the colour of the place where it comes from."""

    name: str
    role: Role
    line: LongCurve = field(default_factory=LongCurve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything at one time of the chart.

    Attributes:
        rates: Name and tokens a second of each answer, None where it has none then.
        watts: None in a gap, and where nothing was metered: then `has_power` is false.
        phases: What each answer was doing, by its key.
    """

    seconds: float
    rates: tuple[tuple[str, float | None], ...]
    watts: float | None
    has_power: bool
    phases: Mapping[str, Phase | None]


class Trace:
    """What is drawn; times are in seconds.

    Attributes:
        rates: Curves of tokens a second by their key.
        watts: The power of this machine; `scope` says what it includes ("GPU board").
        idle_watts: The draw with nothing to do, or None.
        phases: What each answer did when, by the key of its rate; "" speaks for the whole chart.
        since: From when the seconds count.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Empty it for the next run."""
        self.rates: dict[str, Curve] = {}
        self.watts = LongCurve()
        self.scope = ""
        self.idle_watts: float | None = None
        self.phases: dict[str, tuple[Phase, ...]] = {}
        self.since: Since = "sent"

    def begin_rate(self, key: str, name: str, role: Role) -> None:
        """A curve begins: the order in which they begin decides their looks."""
        self.rates.setdefault(key, Curve(name, role))

    def add_rates(self, key: str, points: Iterable[Point]) -> None:
        """More of a rate that began."""
        self.rates[key].line.add(points)

    def restart_rate(self, key: str) -> None:
        """One answer is made anew; the others stay."""
        curve = self.rates.get(key)
        if curve is not None:
            curve.line = LongCurve()
        self.phases.pop(key, None)

    def forget_power(self) -> None:
        """The power begins anew."""
        self.watts, self.scope, self.idle_watts = LongCurve(), "", None

    def add_watts(self, points: Iterable[PowerPoint], scope: str) -> None:
        """More of the power."""
        self.watts.add(points)
        self.scope = scope

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.watts.last is None and all(c.line.last is None for c in self.rates.values())

    @property
    def end(self) -> float:
        """The time of the newest point."""
        lines = [self.watts, *(curve.line for curve in self.rates.values())]
        ends = [line.last[0] for line in lines if line.last is not None]
        ends += [found[-1].end_seconds for found in self.phases.values() if found]
        return max(ends, default=0.0)

    @property
    def times(self) -> list[float]:
        """The time of every point, each once, in order."""
        lines = [self.watts, *(curve.line for curve in self.rates.values())]
        return sorted({at for line in lines for at, _ in line.points})

    def at(self, seconds: float) -> Reading:
        """What the chart shows at one time."""
        return Reading(
            seconds=seconds,
            rates=tuple(
                (curve.name, curve.line.value_at(seconds, within=0.0))
                for curve in self.rates.values()
            ),
            watts=self.watts.value_at(seconds, within=EDGE_SECONDS),
            has_power=self.watts.last is not None,
            phases=MappingProxyType(
                {key: phase_at(found, seconds) for key, found in self.phases.items()}
            ),
        )

    def lanes(self) -> Sequence[tuple[str, tuple[Phase, ...]]]:
        """The phases to shade: those of the whole chart, or else one row an answer."""
        if "" in self.phases:
            return (("", self.phases[""]),)
        return [(key, self.phases[key]) for key in self.rates if self.phases.get(key)]
