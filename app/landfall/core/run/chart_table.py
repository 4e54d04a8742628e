"""The points of a chart as a table: a line a time, a column a curve, the phase beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from landfall.core.run.live_curves import PowerPoint
from landfall.core.run.phases import Phase, phase_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPoints:
    """What a chart shows, as it was at one moment.

    Attributes:
        rates: Name and points of each answer; tokens a second over seconds.
        watts: Points of the power; None is a gap. scope: what it includes, "GPU board".
        phases: Of each answer by its name; "" speaks for all.
    """

    rates: Sequence[tuple[str, Sequence[PowerPoint]]]
    watts: Sequence[PowerPoint]
    scope: str
    phases: Mapping[str, Sequence[Phase]]


def table(points: ChartPoints) -> list[list[str]]:
    """A heading and a line for each time at which any curve has a point.

    A cell is empty where the curve of its column has no point at that time, and in a gap: nothing
    is filled in. Seconds have four digits behind the point, the other numbers two.
    """
    columns = [(f"tok/s of {name}", line) for name, line in points.rates]
    if points.watts:
        columns.append((f"watts, {points.scope}" if points.scope else "watts", points.watts))
    held = [(name, dict(line)) for name, line in columns]
    times = sorted({at for _, line in held for at in line})
    phases = [(f"phase of {name}" if name else "phase", told) for name, told in _told(points)]
    lines = [["seconds", *(name for name, _ in held), *(name for name, _ in phases)]]
    for at in times:
        cells = [_cell(line.get(at)) for _, line in held]
        lines.append([f"{at:.4f}", *cells, *(_phase(told, at) for _, told in phases)])
    return lines


def _told(points: ChartPoints) -> list[tuple[str, Sequence[Phase]]]:
    """The phases by answer; one column without a name where there is one answer alone."""
    told = [(name, found) for name, found in points.phases.items() if found]
    return [("", found) for _, found in told] if len(told) == 1 else told


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _phase(told: Sequence[Phase], at: float) -> str:
    phase = phase_at(told, at)
    return "" if phase is None else str(phase.kind)
