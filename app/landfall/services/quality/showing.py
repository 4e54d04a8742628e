"""A kept quality run with all that is shown of it: scores, floors, labels, and what ended it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from landfall.core.quality.baselines import Baseline, baselines
from landfall.core.quality.measured import Standing, why_expired
from landfall.core.quality.scoring import metric_of
from landfall.core.quality.set_scores import SetScore
from landfall.services.history.history import History
from landfall.services.quality.gate_report import QualityReport, report_of
from landfall.services.quality.pairing import open_pairs
from landfall.services.quality.plan import QualityPlan, Side
from landfall.services.quality.records import QualityRun
from landfall.services.quality.results import results_of
from landfall.services.quality.sides import side_scores
from landfall.services.threads import in_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun:
    """What a result view says.

    Attributes:
        scores: Of each side by itself, where the metric gives one.
        floors: What answering without any model would score, the best first.
        waiting: Pairs that need a label of a person. labelled: that have one.
        missing: Answers that did not come yet, or failed.
    """

    run: QualityRun
    report: QualityReport
    scores: Mapping[Side, SetScore]
    floors: tuple[Baseline, ...]
    waiting: int
    labelled: int
    missing: int

    @property
    def plan(self) -> QualityPlan:
        """What was asked."""
        return self.run.plan

    @property
    def usable(self) -> bool:
        """Whether it can be written into its workload: whole, and labels decide nothing more."""
        return self.run.plan.workload is not None and bool(results_of((self.run.record,)))

    def expired(self, digest_now: str) -> str:
        """Why it holds no longer where the local model has this digest now; "" while it does."""
        now = Standing(digest=digest_now)
        reasons = (
            why_expired(one, now) for one in results_of((self.run.record,)) if one.side == "local"
        )
        return next((reason for reason in reasons if reason), "")


async def show_run(history: History, uid: str) -> ShownRun:
    """Read a run and reckon all that is shown of it, on a thread.

    Raises:
        BadInput: there is none of that name.
    """
    return await in_thread(_shown, await history.quality.get(uid))


def _shown(run: QualityRun) -> ShownRun:
    report = report_of(run)
    waiting, labelled = open_pairs(run)
    is_decided = run.record.state == "done"
    return ShownRun(
        run=run,
        report=report,
        scores=side_scores(run, report),
        floors=baselines(metric_of(run.plan.metric), run.plan.prompts, run.plan.options),
        waiting=len(waiting),
        labelled=labelled,
        missing=0 if is_decided and report.decided else len(run.missing()),
    )
