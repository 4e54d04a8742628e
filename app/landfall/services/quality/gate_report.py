"""What the gate says of a quality run as it stands: scored, paired, read. Values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import fsum
from typing import Any

from landfall.core.quality.gate import compare
from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.judge import Bias, Calibration, bias_of, calibrated, corrected
from landfall.core.quality.paired_tests import GateResult
from landfall.services.history.records import now_iso
from landfall.services.quality.pairing import ballots_of, outcomes_of, your_labels
from landfall.services.quality.plan import CANDIDATES, Candidate, QualityPlan, Side
from landfall.services.quality.records import QualityAnswer, QualityRun


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateReport:
    """How one candidate stands against today's model.

    Attributes:
        side: Which candidate; model: its name.
        reading: What the gate says.
        digest, quantization: Of the model, as its server said; "" where that is not known.
        bias: What the order of the answers did to the judge; None where none was asked.
        calibration: The judge against people, where its labels count; None where they do not.
    """

    side: Candidate
    model: str
    reading: GateReading
    digest: str = ""
    quantization: str = ""
    bias: Bias | None = None
    calibration: Calibration | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain data: the reading, with the candidate's name beside it."""
        reading = asdict(self.reading)
        return reading | {
            "state": self.reading.state.value,
            "model": self.model,
            "digest": self.digest,
            "quantization": self.quantization,
            "bias": None if self.bias is None else asdict(self.bias),
            "calibration": None if self.calibration is None else asdict(self.calibration),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """What a quality run says as it stands.

    Attributes:
        metric, margin: Of the plan.
        look: Which of the `looks` it is, the first being 1.
        prompts: How many prompts this look is at.
        candidates: The local candidate, then the hosted one, as far as they are there.
        answered, errors: Answers that came, and that could not be had, by side.
        cost_usd: What providers charged; `unpriced` answers of theirs have no known cost, those
            that were cut among them (`QualityRun.may_be_charged`).
        template_digest: Of the way of asking, see `QualityPlan.template_digest`.
        read_at: ISO 8601, UTC.
    """

    metric: str
    margin: float
    look: int
    looks: int
    prompts: int
    candidates: tuple[CandidateReport, ...]
    answered: Mapping[Side, int]
    errors: Mapping[Side, int]
    cost_usd: float
    unpriced: int
    template_digest: str
    read_at: str

    def of(self, side: Candidate) -> CandidateReport | None:
        """How a candidate stands; None where the run has none there."""
        return next((one for one in self.candidates if one.side == side), None)

    @property
    def decided(self) -> bool:
        """Whether the gate passes or fails for every candidate."""
        open_ = (GateResult.INCONCLUSIVE, GateResult.UNMEASURED)
        return all(one.reading.state not in open_ for one in self.candidates)

    @property
    def unlabelled(self) -> int:
        """Answers that differ and that nobody has labelled yet."""
        return sum(one.reading.unlabelled for one in self.candidates)

    def as_json(self) -> dict[str, Any]:
        """As plain data, as it is stored with the run."""
        values = {name: getattr(self, name) for name in _PLAIN}
        counts = {"answered": dict(self.answered), "errors": dict(self.errors)}
        return values | counts | {one.side: one.as_json() for one in self.candidates}


_PLAIN = (
    "metric",
    "margin",
    "look",
    "looks",
    "prompts",
    "cost_usd",
    "unpriced",
    "template_digest",
    "read_at",
)


def report_of(run: QualityRun) -> QualityReport:
    """What the gate says of a run now, at the last look that all its answers are in for.

    Before the first look is whole it is read over what is there, as strictly.
    """
    plan = run.plan
    look = _look_of(run)
    prompts = plan.looks[look]
    places = plan.order[:prompts]
    asked = [one for one in run.answers if one.side in plan.asked]
    there = [one for one in asked if one.text is not None]
    paid = [one for one in there if _is_paid(plan, one)]
    return QualityReport(
        metric=plan.metric,
        margin=plan.margin,
        look=look + 1,
        looks=len(plan.looks),
        prompts=prompts,
        candidates=tuple(
            _candidate(run, side, places) for side in CANDIDATES if side in plan.candidates
        ),
        answered=_counted(plan, there),
        errors=_counted(plan, [one for one in asked if one.error is not None]),
        cost_usd=fsum(one.usd for one in paid if one.usd is not None),
        unpriced=sum(one.usd is None for one in paid) + len(run.may_be_charged),
        template_digest=plan.template_digest,
        read_at=now_iso(),
    )


def _look_of(run: QualityRun) -> int:
    """The number, from 0, of the last look for which every answer came or failed."""
    over = {(one.place, one.side) for one in run.answers if one.text is not None or one.error}
    done = 0
    for place in run.plan.order:
        if not all((place, side) in over for side in run.plan.asked):
            break
        done += 1
    return max([number for number, size in enumerate(run.plan.looks) if size <= done], default=0)


def _candidate(run: QualityRun, side: Candidate, places: tuple[int, ...]) -> CandidateReport:
    plan = run.plan
    target = plan.target_of(side)
    assert target is not None, "the plan has this candidate"
    is_local = side == "local"
    yours, ballots = your_labels(run.labels, side), ballots_of(run.labels, side)
    judged = {place: ballot.label for place, ballot in ballots.items()}
    by_people = set(judged) <= set(yours)
    outcomes = outcomes_of(run, side, places, yours if by_people else {**yours, **judged})
    reading = compare(outcomes, plan.margin, looks=len(plan.looks), seed=plan.seed)
    calibration = None
    if not by_people:
        calibration = calibrated((yours[p], judged[p]) for p in judged if p in yours)
        reading = corrected(reading, calibration)
    return CandidateReport(
        side=side,
        model=target.name,
        reading=reading,
        digest=plan.local_digest if is_local else "",
        quantization=plan.local_quantization if is_local else "",
        bias=bias_of(ballots.values()) if ballots else None,
        calibration=calibration,
    )


def _is_paid(plan: QualityPlan, answer: QualityAnswer) -> bool:
    target = plan.target_of(answer.side)
    return target is not None and target.paid


def _counted(plan: QualityPlan, answers: list[QualityAnswer]) -> Mapping[Side, int]:
    counts = Counter(one.side for one in answers)
    return {side: counts[side] for side in plan.asked}
