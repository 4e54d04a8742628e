"""The energy of an answer: what each source measured of it, how far it is believed, joules a token.

Gross is everything drawn in its window; net is what lies above the idle draw with the model loaded.
`core.energy.run_energy` makes it out of samples.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.energy.integrator import step_seconds
from landfall.core.energy.power import Meter, Scope
from landfall.core.events import PowerSample
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Measured, Unknown, scaled

SHORT_SECONDS = 1.0
"""A shorter request is too short to measure by itself; several can be pooled."""

GOOD_SECONDS = 5.0
"""From here on the edges of the window matter little."""

NO_IDLE = Unknown("the idle draw was not measured")
NOT_APART = Unknown("load, prefill and decode were not told apart")


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
        gross: Everything drawn between sending and end, its own share where it was not alone.
        net: Above the idle draw.
        prefill, decode: Parts of the gross energy, unknown where one is too short to be told apart.
        scope: What the joules cover, "cpu_package + gpu"; "" where nothing was metered.
        error_share: sqrt(gain² + window²) of the gross energy, as a share.
        idle_watts: The draw that net leaves out, with the model loaded and nothing asked of it.
        shared_with: How many other answers overlapped and share what was measured.
        load: The part in which the model was loaded, as of prefill.
        notes: What to know before believing it, as sentences without their stop.
        parts: What each source measured, those that are counted: also of an answer that is too
            short to be told by itself, for `pooled_joules_per_token`.
        own_seconds: The length of the answer, or its share of it where it was not alone.
        gross_parts: The gross joules between the moments at which they were asked to be cut.
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
    load: Figure = NOT_APART
    notes: tuple[str, ...] = ()
    parts: tuple[Energy, ...] = ()
    own_seconds: float = 0.0
    gross_parts: tuple[float, ...] = ()


def unmetered(reason: str) -> RunEnergy:
    """The energy of an answer that nothing measured."""
    why = Unknown(reason)
    return RunEnergy(gross=why, net=why, prefill=why, decode=why, load=why)


def mean_watts(gross: Figure, seconds: float | None) -> Figure:
    """The mean draw of an answer: its gross joules over its seconds.

    Where it was not alone the joules are its share, and so are the watts.
    """
    if isinstance(gross, Unknown):
        return gross
    if seconds is None or seconds <= 0.0:
        return Unknown("how long it took is not known")
    return scaled(gross, 1.0 / seconds)


def uncertainty(*, gain: float, window: float, repeat: float = 0.0) -> float:
    """Relative error to be shown: the parts are independent of each other, so their squares add.

    Args:
        gain: Of the sensor, typical. window: of the edges. repeat: see `repeat_share`.
    """
    return math.sqrt(gain**2 + window**2 + repeat**2)


def repeat_share(values: Sequence[float]) -> float:
    """Standard deviation of repetitions as a share of their mean; 0 of fewer than two."""
    mean = statistics.fmean(values) if values else 0.0
    return statistics.stdev(values) / abs(mean) if len(values) > 1 and mean else 0.0


def edge_share(samples: Sequence[PowerSample], seconds: float) -> float:
    """Half a sampling period, as a share of the window."""
    return step_seconds(samples) / 2 / seconds if seconds > 0 else 0.0


def not_covered(meter: Meter, seconds: float, reason: str) -> Energy:
    """What a source says of a window that its readings do not cover."""
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


def grade(seconds: float, *, lag_corrected: bool) -> Grade:
    """How far the energy of a window of this length is believed."""
    if seconds < SHORT_SECONDS:
        return Grade.TOO_SHORT
    return Grade.GOOD if seconds >= GOOD_SECONDS and lag_corrected else Grade.ROUGH


def too_short(seconds: float) -> Unknown:
    """What is said instead of the energy of so short a time."""
    return Unknown(f"too short to measure: {seconds:.2g} s")


def sum_error_share(parts: Sequence[Energy]) -> float:
    """Relative error of a sum of sources whose errors have nothing to do with each other."""
    whole = sum(part.gross_joules or 0.0 for part in parts)
    if whole <= 0:
        return max((part.error_share for part in parts), default=0.0)
    return math.hypot(*(part.error_share * (part.gross_joules or 0.0) for part in parts)) / whole


# Per token


def joules_per_token(joules: Figure, tokens: int | None) -> Figure:
    """Total joules over total tokens of one window."""
    if tokens is None or tokens <= 0:
        return Unknown("no tokens were counted")
    return scaled(joules, 1 / tokens)


def pooled_joules_per_token(runs: Sequence[tuple[RunEnergy, int]], *, net: bool = False) -> Figure:
    """Joules of all runs over tokens of all runs: never a mean of ratios.

    Short runs count here; together they must last as long as one that can be measured. The error
    shown holds the gain, the edges and how far the runs lie apart.
    """
    measured = [(run.parts, tokens) for run, tokens in runs]
    joules = [_joules(parts, net=net) for parts, _ in measured]
    known = [value for value in joules if value is not None]
    if not runs or len(known) < len(runs):
        return Unknown("the energy of a run is missing")
    if len({tuple((part.source, part.scope) for part in parts) for parts, _ in measured}) > 1:
        return Unknown("the runs were measured by different sources")
    first = measured[0][0]
    seconds = sum(parts[0].seconds for parts, _ in measured)
    if seconds < SHORT_SECONDS:
        return Unknown(f"{too_short(seconds).reason} together")
    rates = [value / tokens for value, (_, tokens) in zip(known, measured, strict=True) if tokens]
    gain = max(sum_error_share(parts) for parts, _ in measured)
    share = uncertainty(gain=gain, window=0.0, repeat=repeat_share(rates))
    named = " + ".join(f"{part.source}, {part.scope}" for part in first)
    where = f"{named}, {len(runs)} runs, ±{percent(share)}"
    return joules_per_token(Measured(sum(known), "", where), sum(count for _, count in runs))


def _joules(parts: Sequence[Energy], *, net: bool) -> float | None:
    values = [part.net_joules if net else part.gross_joules for part in parts]
    known = [value for value in values if value is not None]
    return sum(known) if parts and len(known) == len(values) else None


def watt_hours(joules: Figure) -> Figure:
    """Joules as Wh."""
    return scaled(joules, 1 / 3600)
