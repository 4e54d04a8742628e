"""From watts over time, or an energy counter, to joules, J/token, Wh and money.

A driver's value lags behind the load, so a request is integrated a little past its end (the settle
time) and the idle draw of that tail is taken off again. Gross is everything drawn in the window;
net is what lies above the idle draw with the model loaded. A hole in the samples makes the energy
unknown: nothing is filled in.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from landfall.core.events import PowerSample
from landfall.core.power import Meter, Scope, outermost
from landfall.core.provenance import Figure, Measured, Unknown, scaled

MAX_GAP_SECONDS = 2.0
"""A longer hole between two readings makes a window incomplete."""

SHORT_SECONDS = 1.0
"""A shorter request is too short to measure by itself; several can be pooled."""

GOOD_SECONDS = 5.0
"""From here on the edges of the window matter little."""

COUNTER_EDGE_SECONDS = 0.3
"""A counter must have moved this near to both edges of a window; NVIDIA's tick each 0.1 s."""

MIN_COUNTER_STEPS = 3
DISAGREEMENT_SHARE = 0.20
COMPARED_SECONDS = 10.0
"""Over a window this long, a counter that differs more from the watts is not trusted."""

JOULES_PER_KWH = 3.6e6


NO_IDLE = Unknown("the idle draw was not measured")


class Grade(StrEnum):
    """How far the energy of one window can be believed."""

    GOOD = "good"
    ROUGH = "rough"
    TOO_SHORT = "too_short"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """What one source measured over one window.

    Attributes:
        gross_joules: Everything drawn in the window; None where the samples do not cover it.
        net_joules: Above the idle draw; None where that is not known.
        error_share: Gain and edges together, as a share.
        reason: Why something is missing or weak, or "".
    """

    source: str
    scope: Scope
    seconds: float
    gross_joules: float | None
    net_joules: float | None
    grade: Grade
    error_share: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnergy:
    """The energy of one answer, all sources that may be added together; joules.

    Attributes:
        gross: Everything drawn between sending and end. net: above the idle draw.
        prefill, decode: Parts of the gross energy, unknown where one is too short to be told apart.
        scope: What the joules cover, "cpu_package + gpu"; "" where nothing was metered.
        idle_watts: The draw that net leaves out, with the model loaded and nothing asked of it.
        shared_with: How many other answers overlapped and share what was measured.
    """

    gross: Figure
    net: Figure
    prefill: Figure
    decode: Figure
    scope: str = ""
    grade: Grade = Grade.MISSING
    error_share: float | None = None
    idle_watts: Figure = NO_IDLE
    shared_with: int = 0


def unmetered(reason: str) -> RunEnergy:
    """The energy of an answer that nothing measured."""
    why = Unknown(reason)
    return RunEnergy(gross=why, net=why, prefill=why, decode=why)


def energy(
    samples: Iterable[PowerSample],
    meter: Meter,
    *,
    start: float,
    end: float,
    idle_watts: float | None = None,
) -> Energy:
    """Joules of one source between two times of the samples' clock.

    Args:
        samples: Of any sources; only those named as the meter count. To correct the sensor's lag
            they must reach `meter.settle_seconds` past `end`.
        idle_watts: Mean draw before the request, with the model loaded, or None.
    """
    mine = [sample for sample in samples if sample.source == meter.name]
    tail = meter.settle_seconds if idle_watts is not None else 0.0
    drawn, reason = _drawn(mine, start, end + tail)
    if drawn is None:
        return _nothing(meter, end - start, reason)
    gross = max(0.0, drawn - (idle_watts or 0.0) * tail)
    net = None if idle_watts is None else gross - idle_watts * (end - start)
    grade = _grade(end - start, lag_corrected=tail > 0 or meter.settle_seconds == 0)
    if idle_watts is None:
        reason = "; ".join(filter(None, (reason, "the idle draw was not measured")))
    return Energy(
        source=meter.name,
        scope=meter.scope,
        seconds=end - start,
        gross_joules=gross,
        net_joules=net,
        grade=grade,
        error_share=math.hypot(meter.error_share, _edge_share(mine, end - start)),
        reason=reason,
    )


def _nothing(meter: Meter, seconds: float, reason: str) -> Energy:
    return Energy(
        source=meter.name,
        scope=meter.scope,
        seconds=seconds,
        gross_joules=None,
        net_joules=None,
        grade=Grade.MISSING,
        error_share=meter.error_share,
        reason=reason,
    )


def _grade(seconds: float, *, lag_corrected: bool) -> Grade:
    if seconds < SHORT_SECONDS:
        return Grade.TOO_SHORT
    return Grade.GOOD if seconds >= GOOD_SECONDS and lag_corrected else Grade.ROUGH


def _edge_share(samples: Sequence[PowerSample], seconds: float) -> float:
    """Half a sampling period at each edge, as a share of the window."""
    steps = sorted(b.at - a.at for a, b in pairwise(samples) if b.at > a.at)
    return steps[len(steps) // 2] / 2 / seconds if steps and seconds > 0 else 0.0


def _drawn(samples: Sequence[PowerSample], start: float, end: float) -> tuple[float | None, str]:
    """Joules by the counter where it can be trusted, by the watts where not."""
    if not end > start:
        return None, "the window has no length"
    by_watts, why_not_watts = _integral(samples, start, end)
    by_counter, why_not_counter = _counted(samples, start, end)
    if by_counter is None:
        return by_watts, why_not_watts if by_watts is None else why_not_counter
    if by_watts is None or end - start < COMPARED_SECONDS:
        return by_counter, ""
    if abs(by_counter - by_watts) > DISAGREEMENT_SHARE * by_watts:
        return by_watts, "the energy counter disagrees with the watts, so the watts are counted"
    return by_counter, ""


def _integral(samples: Sequence[PowerSample], start: float, end: float) -> tuple[float | None, str]:
    points = [(s.at, s.watts) for s in samples if s.watts is not None]
    if not points:
        reasons = [s.reason for s in samples if s.reason]
        return None, reasons[-1] if reasons else "no reading"
    around = _window(_forward(points), start, end)
    if around is None:
        return None, f"readings are missing for more than {MAX_GAP_SECONDS:g} s"
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(around)), ""


def _counted(samples: Sequence[PowerSample], start: float, end: float) -> tuple[float | None, str]:
    """Joules between the edges, read at the moments at which the counter moved."""
    points = _forward([(s.at, s.joules) for s in samples if s.joules is not None])
    if not points:
        return None, ""
    if any(b[1] < a[1] for a, b in pairwise(points)):
        return None, "the energy counter went back: the driver was loaded again"
    moved = [points[0], *(b for a, b in pairwise(points) if b[1] != a[1])]
    inside = [at for at, _ in moved[1:] if start <= at <= end]
    if len(inside) < MIN_COUNTER_STEPS:
        return None, "the energy counter stands still" if end - start >= SHORT_SECONDS else ""
    if start < moved[0][0] - COUNTER_EDGE_SECONDS or end > moved[-1][0] + COUNTER_EDGE_SECONDS:
        return None, "the energy counter was not read up to the edges"
    around = _window([_before(moved), *moved, _after(moved)], start, end)
    if around is None:
        return None, f"the energy counter was not read for more than {MAX_GAP_SECONDS:g} s"
    return around[-1][1] - around[0][1], ""


def _before(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A point just before the first, on the line through the first two."""
    return _on_line(points[0], points[1], points[0][0] - 2 * COUNTER_EDGE_SECONDS)


def _after(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """A point just after the last, on the line through the last two."""
    return _on_line(points[-2], points[-1], points[-1][0] + 2 * COUNTER_EDGE_SECONDS)


def _on_line(a: tuple[float, float], b: tuple[float, float], at: float) -> tuple[float, float]:
    return at, a[1] + (b[1] - a[1]) * (at - a[0]) / (b[0] - a[0])


def _forward(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Readings whose time goes forward: a second one of the same moment, or a clock stepping
    back, is left out."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or point[0] > kept[-1][0]:
            kept.append(point)
    return kept


def _window(
    points: Sequence[tuple[float, float]], start: float, end: float
) -> list[tuple[float, float]] | None:
    """The readings inside, with the values at both edges; None where a hole is too long.

    Between two readings the value is on the line through them; before the first and after the last
    it is theirs, for no longer than the longest hole that is allowed.
    """
    first, last = points[0][0], points[-1][0]
    if start < first - MAX_GAP_SECONDS or end > last + MAX_GAP_SECONDS:
        return None
    near = [(a, b) for a, b in pairwise(points) if b[0] > start and a[0] < end]
    if any(b[0] - a[0] > MAX_GAP_SECONDS for a, b in near):
        return None
    inside = [point for point in points if start < point[0] < end]
    return [(start, _at(points, start)), *inside, (end, _at(points, end))]


def _at(points: Sequence[tuple[float, float]], at: float) -> float:
    if at <= points[0][0]:
        return points[0][1]
    for a, b in pairwise(points):
        if a[0] <= at <= b[0]:
            return _on_line(a, b, at)[1]
    return points[-1][1]


def mean_watts(
    samples: Iterable[PowerSample], source: str, *, start: float, end: float
) -> float | None:
    """Mean draw of a source between two times, for a baseline; None where it is not covered."""
    joules, _ = _integral([s for s in samples if s.source == source], start, end)
    return None if joules is None or end <= start else joules / (end - start)


def gross_figure(measured: Energy) -> Figure:
    """Everything that was drawn, in joules, or why it is not known."""
    return _figure(measured, measured.gross_joules)


def net_figure(measured: Energy) -> Figure:
    """What was drawn above the idle draw, in joules, or why it is not known."""
    return _figure(measured, measured.net_joules)


def _figure(measured: Energy, joules: float | None) -> Figure:
    if measured.grade is Grade.TOO_SHORT:
        return Unknown(f"too short to measure: {measured.seconds:.2g} s")
    if joules is None:
        return Unknown(measured.reason or "not measured")
    where = f"{measured.source}, {measured.scope}, ±{measured.error_share:.0%}"
    return Measured(joules, "", where)


def together(parts: Sequence[Energy]) -> tuple[Figure, Figure]:
    """Gross and net joules of a machine: parts that do not overlap are added, others left out.

    A part that is missing makes the sum unknown; it is not a sum without it.
    """
    counted = [part for part in parts if part.scope in outermost(part.scope for part in parts)]
    if not counted:
        return Unknown("no power source"), Unknown("no power source")
    return _sum([gross_figure(part) for part in counted]), _sum(
        [net_figure(part) for part in counted]
    )


def _sum(figures: Sequence[Figure]) -> Figure:
    unknown = [figure for figure in figures if isinstance(figure, Unknown)]
    known = [figure for figure in figures if isinstance(figure, Measured)]
    if unknown:
        return unknown[0]
    return Measured(sum(f.value for f in known), "", " + ".join(f.where for f in known))


def joules_per_token(joules: Figure, tokens: int | None) -> Figure:
    """Total joules over total tokens of one window."""
    if tokens is None or tokens <= 0:
        return Unknown("no tokens were counted")
    return scaled(joules, 1 / tokens)


def pooled_joules_per_token(runs: Sequence[tuple[Energy, int]], *, net: bool = False) -> Figure:
    """Joules of all runs over tokens of all runs: never a mean of ratios.

    Short runs count here; together they must last as long as one that can be measured.
    """
    values = [run.net_joules if net else run.gross_joules for run, _ in runs]
    known = [value for value in values if value is not None]
    if not runs or len(known) < len(runs):
        return Unknown("the energy of a run is missing")
    if len({(run.source, run.scope) for run, _ in runs}) > 1:
        return Unknown("the runs were measured by different sources")
    seconds = sum(run.seconds for run, _ in runs)
    if seconds < SHORT_SECONDS:
        return Unknown(f"too short to measure: {seconds:.2g} s together")
    share = max(run.error_share for run, _ in runs)
    where = f"{runs[0][0].source}, {runs[0][0].scope}, {len(runs)} runs, ±{share:.0%}"
    return joules_per_token(Measured(sum(known), "", where), sum(count for _, count in runs))


def watt_hours(joules: Figure) -> Figure:
    """Joules as Wh."""
    return scaled(joules, 1 / 3600)


def usd(joules: Figure, usd_per_kwh: float) -> Figure:
    """What the energy costs at a price of electricity."""
    return scaled(joules, usd_per_kwh / JOULES_PER_KWH)


def usd_per_mtok(joules_per_output_token: Figure, usd_per_kwh: float) -> Figure:
    """What the electricity of a million tokens costs: J/token x 0.2778 x price of a kWh."""
    return usd(scaled(joules_per_output_token, 1e6), usd_per_kwh)
