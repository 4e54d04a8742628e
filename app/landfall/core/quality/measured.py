"""What quality runs measured of a workload's candidates: evidence for its verdict while it holds.

A result is one of a model with a digest and a quantization, asked in one way. It no longer holds
where any of them is another one now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from landfall.core.quality.gate_reading import GateReading, signed_points
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.workload.workload import Workload

Side = Literal["local", "hosted"]
SIDES: tuple[Side, ...] = ("local", "hosted")


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityResult:
    """What a quality run says of one candidate.

    Attributes:
        run: The uid of the run.
        workload: The name of the workload that it is evidence for.
        side: Which candidate of the workload.
        candidate: Who was measured; against: today's model, None where answers were recorded.
        digest, quantization: Of the candidate when it was measured; "" where nobody could tell, as
            at a provider.
        template_digest: Of the way of asking: what is said before a prompt, and the options.
        measured_at: ISO 8601, UTC.
        metric: The id of one of `scoring.METRICS`.
        reading: What the gate said.
    """

    run: str
    workload: str
    side: Side
    candidate: Target
    against: Target | None
    digest: str
    quantization: str
    template_digest: str
    measured_at: str
    metric: str
    reading: GateReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a candidate is now; "" is not known, and what is not known is no other."""

    digest: str = ""
    quantization: str = ""
    template_digest: str = ""


def why_expired(result: QualityResult, now: Standing) -> str:
    """Why a result no longer holds, all that changed in one clause; "" while it does."""
    day = result.measured_at[:10]
    name = result.candidate.name
    ways = f"{now.quantization} now, {result.quantization} then"
    found = [
        what
        for name_of, what in (
            ("digest", f"{name} is another file than on {day}"),
            ("quantization", f"{name} has another quantization than on {day} ({ways})"),
            ("template_digest", f"the prompt is put in another way than on {day}"),
        )
        if _differ(getattr(result, name_of), getattr(now, name_of))
    ]
    return " and ".join(found)


def _differ(then: str, today: str) -> bool:
    return bool(then) and bool(today) and then != today


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredQuality:
    """The results that count for a workload.

    Attributes:
        local, hosted: Of the candidate that stands for the local ones, and for the hosted ones:
            the first named that passes, else the first that has not failed, else the first. None
            where that one was not measured, or by nothing that still holds.
        failed: Local candidates that failed while others may still do, as the workload names them.
        expired: Why other results do not hold, each a clause.
    """

    local: QualityResult | None = None
    hosted: QualityResult | None = None
    failed: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()

    def candidates(self, named: tuple[str, ...]) -> tuple[str, ...]:
        """The local candidates of which the local gate speaks: a gate is one of a candidate."""
        if self.local is not None:
            measured = self.local.candidate
            same = tuple(name for name in named if Target(model=name).is_same(measured))
            return same or (measured.model,)
        return tuple(name for name in named if name not in self.failed)

    @property
    def says(self) -> str:
        """What was measured of whom, in words; "" where nothing was."""
        told = (_told(one) for one in (self.local, self.hosted) if one is not None)
        return "; ".join(told)


NOT_MEASURED = MeasuredQuality()
"""No quality run, or none that counts."""


def _told(result: QualityResult) -> str:
    reading = result.reading
    interval = f"{signed_points(reading.low)} to {signed_points(reading.high)}"
    prompts = f"{reading.prompts:,} {'prompt' if reading.prompts == 1 else 'prompts'}"
    day = result.measured_at[:10]
    return f"{result.candidate.name} {interval} on {prompts} by {result.metric} ({day})"


def measured_of(
    results: Iterable[QualityResult],
    workload: Workload,
    standings: Mapping[str, Standing] | None = None,
) -> MeasuredQuality:
    """The results that count for a workload.

    The gate is per candidate and against today's model: a result of a model that the workload does
    not name, or against another model than its own of today, is no evidence.

    Args:
        standings: What candidates are now, by the name of their target. Where one does not tell
            how prompts are put now, the newest result of the workload does.
    """
    now = standings or {}
    own = [one for one in results if one.workload == workload.name and _is_of(one, workload)]
    expired: dict[str, None] = {}
    latest: dict[tuple[Side, int], QualityResult] = {}
    ordered = sorted(own, key=_when)
    asked = ordered[-1].template_digest if ordered else ""
    for result in ordered:
        one = now.get(result.candidate.name, Standing())
        way = one.template_digest or asked
        reason = why_expired(result, replace(one, template_digest=way))
        if reason:
            expired[reason] = None
        else:
            latest[result.side, _rank(result, workload)] = result
    local, failed = _standing_for("local", latest, workload)
    return MeasuredQuality(
        local=local,
        hosted=_standing_for("hosted", latest, workload)[0],
        failed=() if local else tuple(workload.candidates.local[rank] for rank in failed),
        expired=tuple(expired),
    )


def _standing_for(
    side: Side, latest: Mapping[tuple[Side, int], QualityResult], workload: Workload
) -> tuple[QualityResult | None, list[int]]:
    """The result of the candidate that stands for a side, and the ranks of those that failed."""
    ranks = range(len(_candidates(side, workload)) or 1)
    states = {
        rank: state_at(latest[side, rank].reading, workload.margin)
        for rank in ranks
        if (side, rank) in latest
    }
    failed = [rank for rank, state in states.items() if state is GateResult.FAIL]
    passed = [rank for rank, state in states.items() if state is GateResult.PASS]
    open_ = [rank for rank in ranks if rank not in failed]
    return latest.get((side, (passed or open_ or failed)[0])), failed


def _when(result: QualityResult) -> tuple[str, str]:
    return result.measured_at, result.run


def _candidates(side: Side, workload: Workload) -> Sequence[Target]:
    if side == "local":
        return [Target(model=name) for name in workload.candidates.local]
    return [Target(provider=c.provider, model=c.model) for c in workload.candidates.hosted]


def _rank(result: QualityResult, workload: Workload) -> int:
    """The first named candidate counts before the second; all the same where none is named."""
    named = _candidates(result.side, workload)
    return next((n for n, one in enumerate(named) if one.is_same(result.candidate)), len(named))


def _is_of(result: QualityResult, workload: Workload) -> bool:
    named = _candidates(result.side, workload)
    today = Target(provider=workload.today.provider, model=workload.today.model)
    against_today = result.against is None or not today.model or result.against.is_same(today)
    return against_today and (not named or _rank(result, workload) < len(named))


# As evidence of the verdict


def state_at(reading: GateReading, margin: float) -> GateResult:
    """What a reading says at another margin than the one it was read at."""
    if reading.reason or not reading.prompts:
        return GateResult.INCONCLUSIVE
    if reading.low > -margin:
        return GateResult.PASS
    return GateResult.FAIL if reading.high < -margin else GateResult.INCONCLUSIVE


def whole_pairs(reading: GateReading) -> Pairs | None:
    """The counts that say as much as the reading: none is missing, and they are all it rests on."""
    is_whole = reading.method == "tango" and not reading.unlabelled
    return reading.pairs if is_whole else None


def counting(
    workload: Workload, measured: MeasuredQuality
) -> tuple[QualityResult | None, QualityResult | None]:
    """The results on which the gates of the local and of the hosted candidate rest.

    None where nothing was measured, or where the workload states a result itself: that decides.
    """
    quality = workload.quality
    untold = (None, GateResult.UNMEASURED)
    has_local = quality.pairs is not None or quality.gate not in untold
    has_hosted = quality.pairs_hosted is not None or quality.gate_hosted not in untold
    return (
        None if has_local else measured.local,
        None if has_hosted else measured.hosted,
    )


def with_measured(workload: Workload, measured: MeasuredQuality) -> Workload:
    """The workload with what was measured as its quality evidence, where nothing is stated.

    What was measured of the local candidate says nothing of the hosted one: that stays unmeasured.
    """
    quality, margin = workload.quality, workload.margin
    local, hosted = counting(workload, measured)
    if local is not None:
        reading = local.reading
        quality = replace(
            quality,
            gate=state_at(reading, margin),
            pairs=whole_pairs(reading),
            gate_hosted=quality.gate_hosted or GateResult.UNMEASURED,
        )
    if hosted is not None:
        reading = hosted.reading
        quality = replace(
            quality, gate_hosted=state_at(reading, margin), pairs_hosted=whole_pairs(reading)
        )
    return workload if quality is workload.quality else replace(workload, quality=quality)
