"""How each side of a quality run did by itself: what the trivial baselines stand beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from landfall.core.provenance import Unknown
from landfall.core.quality.judge import CorrectedShare, as_good_share
from landfall.core.quality.scoring import metric_of, score
from landfall.core.quality.set_scores import SetScore, set_score
from landfall.services.quality.gate_report import CandidateReport, QualityReport
from landfall.services.quality.own_rules import OWN_RULES
from landfall.services.quality.plan import SIDES, Side
from landfall.services.quality.records import QualityRun


def side_scores(run: QualityRun, report: QualityReport) -> Mapping[Side, SetScore]:
    """The score of each side over the prompts of the report's look, where the metric gives one.

    A recorded answer is today's model's.
    """
    plan = run.plan
    metric = metric_of(plan.metric)
    found: dict[Side, SetScore] = {}
    for side, answers in _answers(run, report).items():
        value = set_score(metric, answers, plan.options, seed=plan.seed, rules=OWN_RULES)
        if isinstance(value, SetScore):
            found[side] = value
    return found


def unscored(run: QualityRun, report: QualityReport) -> Mapping[str, int]:
    """Why answers have no score although the metric gives one, and how many each."""
    plan = run.plan
    metric = metric_of(plan.metric)
    if metric.needs_labels:
        return {}
    scores = [
        score(metric, told, right, plan.options, OWN_RULES)
        for answers in _answers(run, report).values()
        for told, right in answers
    ]
    return Counter(one.reason for one in scores if isinstance(one, Unknown))


def _answers(run: QualityRun, report: QualityReport) -> Mapping[Side, list[tuple[str, str | None]]]:
    """Each side's answers up to the report's look, each with what was expected; all held at once
    against a rule of the user's, where there is one."""
    plan = run.plan
    prompts = plan.by_place()
    texts = {(one.place, one.side): one.text for one in run.answers if one.text is not None}
    found = {
        side: [
            (texts[place, side], prompts[place].expected)
            for place in plan.order[: report.prompts]
            if (place, side) in texts
        ]
        for side in SIDES
    }
    told = [(text, right or "") for answers in found.values() for text, right in answers]
    OWN_RULES.prepare(plan.metric, plan.options, told)
    return found


def as_good(candidate: CandidateReport) -> CorrectedShare | Unknown:
    """On how many prompts a candidate is as good or better, corrected for its judge's errors."""
    pairs = candidate.reading.pairs
    if candidate.calibration is None or pairs is None:
        return Unknown("no judge compared the answers")
    good = pairs.prompts - pairs.cloud_only
    return as_good_share(good, pairs.prompts, candidate.calibration)
