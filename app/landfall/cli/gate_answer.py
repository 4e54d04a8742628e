"""What `landfall gate` prints: one document, or a few lines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from landfall.cli.session import Session
from landfall.core.percent import percent
from landfall.core.quality.baselines import Baseline, baselines, floor_warning
from landfall.core.quality.judge import CorrectedShare
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.quality.scoring import metric_of
from landfall.services.quality.gate_report import CandidateReport, QualityReport
from landfall.services.quality.own_rules import OWN_RULES
from landfall.services.quality.plan import QualityPlan
from landfall.services.quality.records import QualityRun
from landfall.services.quality.sides import as_good, side_scores, unscored

_COUNTS = ("local_only", "cloud_only", "both", "neither")


def exit_code(report: QualityReport) -> int:
    """0 where every candidate passes."""
    return 0 if all(one.reading.state is GateResult.PASS for one in report.candidates) else 1


def floor_of(plan: QualityPlan) -> tuple[Baseline, ...]:
    """What answering without any model would score on these prompts."""
    rights = [one.expected for one in plan.prompts if one.expected is not None]
    OWN_RULES.prepare(plan.metric, plan.options, [(right, right) for right in rights])
    return baselines(metric_of(plan.metric), plan.prompts, plan.options, OWN_RULES)


def document(run: QualityRun, report: QualityReport) -> dict[str, Any]:
    """The one document; what is not known is null, and `reason` says why."""
    local, hosted = report.of("local"), report.of("hosted")
    first = local or hosted
    assert first is not None, "a plan has a candidate"
    reading = first.reading
    incumbent = run.plan.incumbent
    return {
        "uid": run.record.uid,
        "state": run.record.state,
        "pairs": _pairs(local),
        "pairs_hosted": _pairs(hosted),
        "metric": report.metric,
        "margin": report.margin,
        "difference": reading.difference,
        "low": reading.low,
        "high": reading.high,
        "gate": reading.state.value,
        "gate_hosted": None if hosted is None else hosted.reading.state.value,
        "more_prompts": reading.more_prompts,
        "cost_usd": report.cost_usd,
        "unpriced": report.unpriced,
        "unlabelled": report.unlabelled,
        "prompts": reading.prompts,
        "look": report.look,
        "looks": list(run.plan.looks),
        "answered": dict(report.answered),
        "errors": dict(report.errors),
        "says": reading.says,
        "reason": reading.reason or None,
        "against": incumbent.name if incumbent is not None else "recorded answers",
        "candidates": {one.side: one.as_json() for one in report.candidates},
        "scores": {side: asdict(one) for side, one in side_scores(run, report).items()},
        "baselines": [_floor(one) for one in floor_of(run.plan)],
        "workload": run.plan.workload,
    }


def _floor(one: Baseline) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "scores"}


def _pairs(candidate: CandidateReport | None) -> dict[str, int] | None:
    """Counts as a workload's file takes them; None where scores are graded or nobody was asked."""
    if candidate is None or candidate.reading.pairs is None:
        return None
    return counts(candidate.reading.pairs)


def counts(pairs: Pairs) -> dict[str, int]:
    """The four counts by their names."""
    return {name: getattr(pairs, name) for name in _COUNTS}


def show(run: QualityRun, report: QualityReport, session: Session) -> None:
    """A few lines a candidate, the counts, and what stands beside them."""
    metric = metric_of(report.metric)
    incumbent = run.plan.incumbent
    other = incumbent.name if incumbent is not None else "the recorded answers"
    for one in report.candidates:
        reading = one.reading
        session.line(f"{one.model} against {other}: {reading.state.value.upper()}")
        session.line(f"  {reading.says}")
        if reading.pairs is not None:
            told = counts(reading.pairs)
            session.line(
                f"  right: only {one.model} {told['local_only']}, only {other}"
                f" {told['cloud_only']}, both {told['both']}, neither {told['neither']}"
            )
        share = as_good(one)
        if isinstance(share, CorrectedShare):
            session.line(
                f"  as good or better, corrected for the judge: {percent(share.share)}"
                f" ({percent(share.low)} to {percent(share.high)})"
            )
    session.line(f"Metric: {metric.name} ({metric.means}).")
    if metric.weak:
        session.line(f"  Weak: {metric.weak}.")
    _show_scores(run, report, other, session)
    if report.unlabelled:
        session.line(
            f"{_answers(report.unlabelled, 'differs and has', 'differ and have')} no label yet:"
            " label in the window, or let a model do it with --judge."
        )
    failed = sum(report.errors.values())
    if failed:
        lost = _answers(failed, "could", "could")
        session.line(f"{lost} not be had: `--resume {run.record.uid}` tries again.")
    cut = len(run.may_be_charged)
    unpriced = report.unpriced - cut
    if report.cost_usd or unpriced > 0:
        others = _answers(unpriced, "of", "of")
        unknown = f", and {others} unknown price" if unpriced > 0 else ""
        session.line(f"It cost {report.cost_usd:.4g} USD{unknown}.")
    if cut:
        session.line(f"{_answers(cut, 'was', 'were')} cut on the way and may be charged for.")


def _answers(count: int, one: str, several: str) -> str:
    """So many answers with what follows: "1 answer is", "3 answers are"."""
    return f"1 answer {one}" if count == 1 else f"{count} answers {several}"


def _show_scores(run: QualityRun, report: QualityReport, other: str, session: Session) -> None:
    """How each side did by itself, and what would be had without any model."""
    scores, floors = side_scores(run, report), floor_of(run.plan)
    for side, one_side in scores.items():
        target = run.plan.target_of(side)
        session.line(
            f"  {target.name if target is not None else other}: {percent(one_side.value, 1)}"
            f" ({percent(one_side.low, 1)} to {percent(one_side.high, 1)})"
        )
    for reason, count in unscored(run, report).items():
        session.line(f"  {_answers(count, 'is', 'are')} not scored: {reason}.")
    for floor in floors[:1]:
        session.line(f"  Without any model: {percent(floor.score, 1)} ({floor.says}).")
    best = max((one.value for one in scores.values()), default=None)
    if best is not None and (warning := floor_warning(floors, best)):
        session.line(f"  Careful: {warning}.")
