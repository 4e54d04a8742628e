"""The energy of one answer out of the readings of every sensor: gross, net, and its phases.

The window is [sent, end + settle], less the idle draw over the settle time. Load, prefill and
decode are told apart by the server's own durations, measured back from the end; between two of
them a lagging sensor has half its settle time to catch up, so that the parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from landfall.core.energy.energy import (
    NO_IDLE,
    NOT_APART,
    SHORT_SECONDS,
    Energy,
    Grade,
    RunEnergy,
    edge_share,
    grade,
    not_covered,
    sum_error_share,
    too_short,
    uncertainty,
    unmetered,
)
from landfall.core.energy.energy_share import Portion, RunSpan, portions
from landfall.core.energy.idle import IdleDraw
from landfall.core.energy.integrator import Curve, curve
from landfall.core.energy.power import ASLEEP, Meter, Scope, outermost
from landfall.core.events import PowerSample
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Measured, Unknown

LEAST_JOULES_PER_TOKEN, MOST_JOULES_PER_TOKEN = 0.05, 50.0
"""Outside of this a measurement is to be checked. Published figures of one answer at a time lie
between 0.4 (an 8B model on an M1 Pro) and 8.5 J a token (a 27B model on an RTX 3090)."""

NO_SENSOR = "no power source can be read on this machine"

_WHOLE = frozenset({Scope.MODULE, Scope.SYSTEM_DC, Scope.WALL})
"""Scopes that hold the processor and the board."""

_ONE = frozenset({Scope.SOC, Scope.SYSTEM_DC, Scope.WALL})
"""Scopes of which a machine has one: two sensors of them measure the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one source measured of a run, and its curve where it covers it.

    Attributes:
        idle_watts: Above this is net. tail_watts: what is taken off the settle time.
    """

    meter: Meter
    energy: Energy
    drawn: Curve | None = None
    owned: tuple[Portion, ...] = ()
    idle_watts: float | None = None
    tail_watts: float = 0.0

    def own_seconds(self, run: RunSpan) -> float:
        """The length of the run, where it was shared its share of it."""
        return sum(p.cut(run.start, run.end).weight_seconds for p in self.owned)

    def joules(self, run: RunSpan, start: float, end: float) -> float:
        """Gross joules of a part of the run, from one moment of it to another."""
        assert self.drawn is not None, "a part that covers the run has a curve"
        last = self.owned[-1].end
        tail = last - run.end
        a = run.start if start <= run.start else start + tail / 2
        b = last if end >= run.end else end + tail / 2
        taken = [p.cut(a, b) for p in self.owned]
        drawn = sum(p.share * self.drawn.between(p.start, p.end) for p in taken)
        wanted = sum(p.cut(start, end).weight_seconds for p in self.owned)
        longer = sum(p.weight_seconds for p in taken) - wanted
        return max(0.0, drawn - self.tail_watts * longer)


def run_energy(
    samples: Iterable[PowerSample],
    meters: Sequence[Meter],
    run: RunSpan,
    *,
    others: Sequence[RunSpan] = (),
    idle: IdleDraw | Unknown = NO_IDLE,
    other_idle: IdleDraw | None = None,
    breaks: Iterable[float] = (),
    cuts: Sequence[float] = (),
    output_tokens: int | None = None,
    gpu_share: float | None = None,
) -> RunEnergy:
    """The energy of an answer that came to its end.

    Args:
        samples: Up to the settle time of the slowest meter past the end, and of any sources.
        others: Answers of this machine that overlapped it or came near.
        idle: The draw with the model loaded and nothing running, or why it is not known.
        other_idle: A recent draw with nothing running and another model loaded, or none: it is near
            enough for the settle time, and not for net.
        cuts: Moments of the run at which its energy is cut in parts, for `gross_parts`.
        breaks: Times at which the machine slept: a window that holds one is unknown.
        output_tokens: As counted by the server. gpu_share: of the model on GPUs, 0 to 1.
    """
    if not meters:
        return unmetered(NO_SENSOR)
    if any(run.start < at < run.end + _longest(meters) for at in breaks):
        return unmetered(ASLEEP)
    held = tuple(samples)
    baseline = idle if isinstance(idle, IdleDraw) else None
    measured = [_part(held, meter, run, others, (baseline, other_idle)) for meter in meters]
    counted, left_out = _counted(measured)
    summed = _summed(counted, run, idle, cuts)
    beside = sum(run.overlaps(other) for other in others)
    notes = (
        *_left_out_words(left_out, counted),
        *(f"{part.meter.name}: {part.energy.reason}" for part in counted if _weak(part)),
        *_shared_words(beside),
        *_gpu_words(counted, gpu_share),
        *check_words(summed.gross, output_tokens),
    )
    return replace(summed, shared_with=beside, notes=notes)


def _longest(meters: Sequence[Meter]) -> float:
    return max(meter.settle_seconds for meter in meters)


def _part(
    samples: Sequence[PowerSample],
    meter: Meter,
    run: RunSpan,
    others: Sequence[RunSpan],
    idle: tuple[IdleDraw | None, IdleDraw | None],
) -> _Part:
    mine = [sample for sample in samples if sample.source == meter.name]
    seconds = run.end - run.start
    watts, near = (draw.of(meter.name) if draw else None for draw in idle)
    tail_watts = near if watts is None else watts
    tail = meter.settle_seconds if tail_watts is not None else 0.0
    owned = portions(run, others, tail_seconds=tail)
    drawn = curve(mine, run.start, owned[-1].end if owned else run.end)
    if isinstance(drawn, Unknown):
        return _Part(meter=meter, energy=not_covered(meter, seconds, drawn.reason))
    part = _Part(
        meter=meter,
        energy=not_covered(meter, seconds, drawn.note),
        drawn=drawn,
        owned=owned,
        idle_watts=watts,
        tail_watts=tail_watts or 0.0,
    )
    gross = part.joules(run, run.start, run.end)
    own_seconds = part.own_seconds(run)
    return replace(
        part,
        energy=replace(
            part.energy,
            gross_joules=gross,
            net_joules=None if watts is None else gross - watts * own_seconds,
            grade=grade(seconds, lag_corrected=tail > 0 or meter.settle_seconds == 0),
            error_share=uncertainty(gain=meter.error_share, window=edge_share(mine, seconds)),
        ),
    )


def _best(parts: Sequence[_Part]) -> list[_Part]:
    """Of several sensors of the one whole machine, the one to count: it answered, it lags least."""
    kept = [part for part in parts if part.meter.scope not in _ONE]
    for scope in sorted(_ONE):
        rivals = [part for part in parts if part.meter.scope is scope]
        kept += sorted(rivals, key=_rank)[:1]
    return kept


def _rank(part: _Part) -> tuple[bool, float, float]:
    return part.drawn is None, part.meter.settle_seconds, part.meter.error_share


def _counted(parts: Sequence[_Part]) -> tuple[list[_Part], list[_Part]]:
    """The parts to be added, and whole-machine sensors that did not answer.

    A sensor of the whole machine that failed gives way to those inside it that did answer; one
    that nothing else covers stays, and makes the sum unknown.
    """
    kept, failed = _best(parts), list[_Part]()
    while True:
        scopes = outermost(part.meter.scope for part in kept)
        counted = [part for part in kept if part.meter.scope in scopes]
        dead = [p for p in counted if p.drawn is None and _has_inside(p, kept)]
        if not dead:
            return counted, failed
        failed += dead
        kept = [part for part in kept if part not in dead]


def _has_inside(outer: _Part, parts: Sequence[_Part]) -> bool:
    scope = outer.meter.scope
    return any(
        part.drawn is not None and part.meter.scope not in outermost({scope, part.meter.scope})
        for part in parts
    )


def _summed(
    parts: Sequence[_Part], run: RunSpan, idle: IdleDraw | Unknown, cuts: Sequence[float]
) -> RunEnergy:
    seconds = run.end - run.start
    missing = next((part.energy.reason for part in parts if part.drawn is None), None)
    scope = " + ".join(sorted({str(part.meter.scope) for part in parts}))
    if missing is not None:
        return replace(unmetered(missing or "not measured"), scope=scope)
    measured = tuple(part.energy for part in parts)
    grades = [energy.grade for energy in measured]
    worst = Grade.ROUGH if Grade.ROUGH in grades else grades[0]
    error = sum_error_share(measured)
    where = f"{' + '.join(part.meter.name for part in parts)}, {scope}, ±{percent(error)}"
    whole = RunEnergy(
        gross=Measured(sum(e.gross_joules or 0.0 for e in measured), "", where),
        net=_net(parts, idle, where),
        load=_phase(parts, run, where, 2),
        prefill=_phase(parts, run, where, 1),
        decode=_phase(parts, run, where, 0),
        scope=scope,
        grade=worst,
        error_share=error,
        idle_watts=_idle_figure(parts, idle),
        parts=measured,
        own_seconds=parts[0].own_seconds(run),
        gross_parts=_cut(parts, run, cuts),
    )
    if worst is Grade.TOO_SHORT:
        brief = too_short(seconds)
        return replace(whole, gross=brief, net=brief)
    return whole


def _cut(parts: Sequence[_Part], run: RunSpan, cuts: Sequence[float]) -> tuple[float, ...]:
    edges = [run.start, *(at for at in cuts if run.start < at < run.end), run.end]
    return tuple(sum(part.joules(run, a, b) for part in parts) for a, b in pairwise(edges))


def _net(parts: Sequence[_Part], idle: IdleDraw | Unknown, where: str) -> Figure:
    figure = _idle_figure(parts, idle)
    if isinstance(figure, Unknown):
        return figure
    return Measured(sum(part.energy.net_joules or 0.0 for part in parts), "", where)


def _idle_figure(parts: Sequence[_Part], idle: IdleDraw | Unknown) -> Figure:
    if isinstance(idle, Unknown):
        return idle
    without = [part.meter.name for part in parts if part.idle_watts is None]
    if without:
        return Unknown(f"the idle draw of {', '.join(without)} was not measured")
    models = ", ".join(sorted(idle.models))
    where = f"mean of {idle.seconds:.0f} s with {models} loaded"
    return Measured(sum(part.idle_watts or 0.0 for part in parts), idle.taken_at, where)


def _phase(parts: Sequence[_Part], run: RunSpan, where: str, back: int) -> Figure:
    """Gross joules of a phase: 0 is decode, 1 prefill, 2 load, counted back from the end."""
    lengths = (run.output_seconds, run.prompt_seconds, run.load_seconds)[: back + 1]
    known = [seconds for seconds in lengths if seconds is not None]
    if len(known) < len(lengths):
        return NOT_APART
    end = run.end - sum(known[:-1])
    start = max(run.start, end - known[-1])
    if end - start < SHORT_SECONDS:
        return too_short(max(0.0, known[-1]))
    joules = [part.joules(run, start, end) for part in parts]
    return Measured(sum(joules), "", where)


# Words


def _weak(part: _Part) -> bool:
    return bool(part.energy.reason) and part.drawn is not None


def _left_out_words(left_out: Sequence[_Part], counted: Sequence[_Part]) -> tuple[str, ...]:
    names = " + ".join(part.meter.name for part in counted)
    return tuple(
        f"{part.meter.name} did not cover the answer ({part.energy.reason}): {names} is counted"
        for part in left_out
    )


def _shared_words(beside: int) -> tuple[str, ...]:
    if not beside:
        return ()
    answers = "another answer" if beside == 1 else f"{beside} other answers"
    return (f"shared with {answers}, by the tokens each made",)


def _gpu_words(parts: Sequence[_Part], gpu_share: float | None) -> tuple[str, ...]:
    """A board alone is not all that worked where part of the model is in main memory."""
    scopes = {part.meter.scope for part in parts}
    if gpu_share is None or gpu_share >= 1 or Scope.GPU not in scopes:
        return ()
    if scopes & (_WHOLE | {Scope.CPU_PACKAGE, Scope.SOC}):
        return ()
    if gpu_share <= 0:
        return ("the model ran on the CPU, whose energy is not in it: the board only waited",)
    return (
        f"only {percent(gpu_share)} of the model was on the GPU: the energy of the CPU is not in"
        " it",
    )


def check_words(gross: Figure, output_tokens: int | None) -> tuple[str, ...]:
    """What to say of a figure that no known machine gives."""
    if not isinstance(gross, Measured) or not output_tokens:
        return ()
    per_token = gross.value / output_tokens
    if LEAST_JOULES_PER_TOKEN <= per_token <= MOST_JOULES_PER_TOKEN:
        return ()
    return (
        f"check the measurement: {per_token:.3g} J a token lies outside of"
        f" {LEAST_JOULES_PER_TOKEN:g} to {MOST_JOULES_PER_TOKEN:g}",
    )
