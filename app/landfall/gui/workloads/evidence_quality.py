"""How good each candidate is against today's model, with its interval, against the margin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Unknown
from landfall.core.quality.evidence import Ground, QualityEvidence, evidence_of
from landfall.core.quality.paired_tests import GateResult
from landfall.core.quality.priors import prior_of
from landfall.core.workload.workload import Workload
from landfall.gui.dates import when
from landfall.gui.format import MINUS, number, whole
from landfall.gui.gate_words import gate_word
from landfall.gui.translated import translated
from landfall.gui.widgets.chart_card import ChartCard
from landfall.gui.widgets.layout import label
from landfall.gui.widgets.margin_chart import Interval, MarginChart
from landfall.gui.workloads.words import provider_word, task_word

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_quality", words)


def intervals_of(decided: Decided) -> tuple[Interval, ...]:
    """The local candidate, and the hosted one where there is one; see `evidence_of`."""
    world, facts = decided.assembler.world, decided.facts
    found = evidence_of(
        decided.loaded.workload,
        world.quality,
        world.voted,
        hosted=facts.hosted_offered and facts.hosted_allowed,
    )
    return tuple(_interval(one, decided) for one in found)


def _interval(one: QualityEvidence, decided: Decided) -> Interval:
    low, middle, high = (
        None if end is None else 100 * end for end in (one.low, one.middle, one.high)
    )
    name = _candidate(one, decided)
    if one.beside_stated and one.run is None:
        name = _tr("{0}, as stated").format(name)
    return Interval(
        name=name,
        verdict=gate_word(one.result),
        words=_words(one, decided.loaded.workload),
        low=low,
        middle=middle,
        high=high,
        prior=one.ground in (Ground.BELIEVED, Ground.NOTHING),
        passed={GateResult.PASS: True, GateResult.FAIL: False}.get(one.result),
    )


def _candidate(one: QualityEvidence, decided: Decided) -> str:
    if one.run is not None:
        return one.run.candidate.name
    candidates, facts = decided.loaded.workload.candidates, decided.facts
    if not one.hosted:
        host = facts.machine or facts.buy
        named = candidates.local
        return (host.model if host else "") or (named[0] if named else "") or _tr("Local candidate")
    if not candidates.hosted:
        return _tr("Hosted open model")
    first = candidates.hosted[0]
    model = first.model.rpartition("/")[2]
    return _tr("{0} at {1}").format(model, provider_word(first.provider))


def _words(one: QualityEvidence, workload: Workload) -> str:
    """The interval in words, and what it rests on."""
    if one.low is None or one.middle is None or one.high is None:
        if one.ground is Ground.STATED:
            return _tr("stated in the workload, without counts: no interval")
        return _tr("nothing published stands for {0}").format(task_word(workload.task))
    low, middle, high = map(_points, (one.low, one.middle, one.high))
    if one.ground is Ground.BELIEVED:
        said = _tr("expected {0} points ({1} to {2}), never enough to pass")
        return said.format(middle, low, high)
    if one.run is not None:
        words = _tr("{0} to {1} points on {2} prompts by {3}, measured {4}").format(
            low, high, whole(one.prompts), one.run.metric, when(one.run.measured_at[:10])
        )
    else:
        said = _tr("{0} points ({1} to {2}) on {3} of your prompts")
        words = said.format(middle, low, high, whole(one.prompts))
    if one.more_prompts:
        words = _tr("{0}; about {1} more would decide").format(words, whole(one.more_prompts))
    if one.unlabelled:
        words = _tr("{0}; {1} without a label").format(words, whole(one.unlabelled))
    if one.run is not None and one.beside_stated:
        words = _tr("{0}; the verdict rests on what the workload states").format(words)
    return words


def _points(share: float) -> str:
    """A share as points with its sign: "+1.2"."""
    written = number(abs(100 * share), digits=1)
    if written == number(0.0, digits=1):
        return written
    return f"{MINUS if share < 0 else '+'}{written}"


def quality_sentence(decided: Decided, intervals: Sequence[Interval]) -> str:
    """The picture in one sentence."""
    workload = decided.loaded.workload
    margin = round(100 * workload.margin, 6)  # in points
    said = _tr("A candidate may be at most {0} points worse than {1}.").format(
        number(margin, digits=0 if margin == round(margin) else 1),
        workload.today.model or _tr("today's model"),
    )
    prior = prior_of(workload.task)
    if not isinstance(prior, Unknown) and any(one.prior for one in intervals):
        words = _tr("Dashed: what is believed of such models at such work, {0} ({1}).")
        said = f"{said} {words.format(prior.metric, translated(prior.evidence))}"
    return said


class QualityView(ChartCard):
    """Each candidate's interval against the margin."""

    def __init__(self) -> None:
        chart = MarginChart()
        note = self.tr("points against today's model; hatched: too much worse")
        super().__init__(self.tr("Quality on your prompts"), chart, name="quality", note=note)
        self.chart = chart
        self._words = label("", tone="text_2", wrap=True)
        self._words.setObjectName("quality-words")
        self.body.insertWidget(1, self._words)
        self.fill()

    def show_decided(self, decided: Decided) -> None:
        """Show what is known of the candidates of this verdict."""
        intervals = intervals_of(decided)
        self._words.setText(quality_sentence(decided, intervals))
        self.chart.set_intervals(intervals, margin=100 * decided.loaded.workload.margin)
        columns = (self.tr("Candidate"), self.tr("Gate"), self.tr("Difference"))
        self.set_values(columns, [(one.name, one.verdict, one.words) for one in intervals])
