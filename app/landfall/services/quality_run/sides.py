"""How each side of a quality run did by itself: what the trivial baselines stand beside."""

from __future__ import annotations

from collections.abc import Mapping

from landfall.core.provenance import Unknown
from landfall.core.quality.judge import CorrectedShare, as_good_share
from landfall.core.quality.scoring import metric_of
from landfall.core.quality.set_scores import SetScore, set_score
from landfall.services.quality_run.plan import SIDES, Side
from landfall.services.quality_run.records import QualityRun
from landfall.services.quality_run.report import CandidateReport, QualityReport


def side_scores(run: QualityRun, report: QualityReport) -> Mapping[Side, SetScore]:
    """The score of each side over the prompts of the report's look, where the metric gives one.

    A recorded answer is today's model's.
    """
    plan = run.plan
    prompts = plan.by_place()
    texts = {(one.place, one.side): one.text for one in run.answers if one.text is not None}
    metric = metric_of(plan.metric)
    found: dict[Side, SetScore] = {}
    for side in SIDES:
        answers = [
            (texts[place, side], prompts[place].expected)
            for place in plan.order[: report.prompts]
            if (place, side) in texts
        ]
        value = set_score(metric, answers, plan.options, seed=plan.seed)
        if isinstance(value, SetScore):
            found[side] = value
    return found


def as_good(candidate: CandidateReport) -> CorrectedShare | Unknown:
    """On how many prompts a candidate is as good or better, corrected for its judge's errors."""
    pairs = candidate.reading.pairs
    if candidate.calibration is None or pairs is None:
        return Unknown("no judge compared the answers")
    good = pairs.prompts - pairs.cloud_only
    return as_good_share(good, pairs.prompts, candidate.calibration)
