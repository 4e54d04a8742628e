"""A quality run as the evidence of its workload: written into its file where the user asks."""

from __future__ import annotations

from landfall.core.errors import BadInput
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.workload.workload import Quality
from landfall.core.workload.writer import with_quality
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.quality.gate_report import QualityReport, report_of
from landfall.services.quality.plan import Candidate
from landfall.services.threads import in_thread


async def use_for_workload(history: History, uid: str) -> SavedWorkload:
    """Write a run's counts into its workload's `[quality]`; what it was before, for undo.

    Undo is `history.save_workload(what this returned)`.

    Counts say it where the gate can be reckoned from them again. Where scores are graded, prompts
    share a source or a judge was corrected, what the gate said is written instead.

    Raises:
        BadInput: the run has no workload, or labels are missing without which nothing is known.
    """
    run = await history.quality.get(uid)
    saved = next((one for one in await history.workloads() if one.name == run.plan.workload), None)
    if saved is None:
        raise BadInput(
            "The run belongs to no saved workload.", "Name one with it.", field="workload"
        )
    report = await in_thread(report_of, run)
    local, hosted = _told(report, "local"), _told(report, "hosted")
    quality = Quality(
        metric=report.metric,
        margin=report.margin,
        pairs=local if isinstance(local, Pairs) else None,
        gate=local if isinstance(local, GateResult) else None,
        pairs_hosted=hosted if isinstance(hosted, Pairs) else None,
        gate_hosted=hosted if isinstance(hosted, GateResult) else None,
    )
    text = await in_thread(with_quality, saved.toml, quality)
    await history.save_workload(SavedWorkload(name=saved.name, toml=text, sample=saved.sample))
    return saved


def _told(report: QualityReport, side: Candidate) -> Pairs | GateResult | None:
    """What a candidate's gate is written as; a hosted one that nobody asked stays unmeasured."""
    candidate = report.of(side)
    if candidate is None:
        return GateResult.UNMEASURED if side == "hosted" else None
    reading = candidate.reading
    if _is_counted(reading):
        return reading.pairs
    if reading.unlabelled and reading.state is GateResult.INCONCLUSIVE:
        raise BadInput(
            f"{reading.unlabelled} answers that differ have no label yet.",
            "Label them first: what is missing may change the result.",
            field="labels",
        )
    return reading.state


def _is_counted(reading: GateReading) -> bool:
    return reading.pairs is not None and reading.method == "tango" and not reading.unlabelled
