"""How good each candidate is against today's model, with its interval, against the margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Gate, GateResult, Pairs, gate
from landfall.core.quality.measured import QualityResult, counting, state_at, with_measured
from landfall.core.quality.priors import Prior, prior_of
from landfall.core.quality.votes import with_votes
from landfall.core.workload.workload import Workload, gate_of_hosted, gate_of_local
from landfall.gui.format import MINUS, number, when, whole
from landfall.gui.gate_words import gate_word
from landfall.gui.widgets.chart_card import ChartCard
from landfall.gui.widgets.layout import label
from landfall.gui.widgets.margin_chart import Interval, MarginChart
from landfall.gui.workloads.words import provider_word, task_word

if TYPE_CHECKING:
    from landfall.services.decided import Decided

_TO_P10 = 1.2816
"""Standard deviations from the middle of a normal distribution to its tenth percentile."""


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_quality", words)


def intervals_of(decided: Decided) -> tuple[Interval, ...]:
    """The local candidate, and the hosted one where there is one.

    What a quality run measured comes first; where the workload states a result of its own, that
    stands below it, for the verdict rests on it.
    """
    stated, world = decided.loaded.workload, decided.assembler.world
    workload = with_votes(with_measured(stated, world.quality), world.voted)
    found = _of_side(
        _local_name(decided), workload.quality.pairs, gate_of_local(workload), decided, 0
    )
    hosted = workload.candidates.hosted
    if decided.facts.hosted_offered and decided.facts.hosted_allowed:
        name = _tr("Hosted open model")
        if hosted:
            model = hosted[0].model.rpartition("/")[2]
            name = _tr("{0} at {1}").format(model, provider_word(hosted[0].provider))
        pairs = workload.quality.pairs_hosted
        if pairs is None and workload.quality.gate_hosted is None:
            pairs = workload.quality.pairs
        found += _of_side(name, pairs, gate_of_hosted(workload), decided, 1)
    return tuple(found)


def _of_side(
    name: str, pairs: Pairs | None, result: GateResult, decided: Decided, side: int
) -> list[Interval]:
    """What was measured of a candidate, and what is stated, voted or believed of it.

    Args:
        side: 0 is the local candidate, 1 the hosted one.
    """
    workload, quality = decided.loaded.workload, decided.assembler.world.quality
    measured = (quality.local, quality.hosted)[side]
    if measured is None:
        return [_interval(name, pairs, result, workload)]
    first = _of_run(measured, workload)
    if counting(workload, quality)[side] is not None:
        return [first]
    aside = _tr("{0}; the verdict rests on what the workload states")
    return [
        replace(first, words=aside.format(first.words)),
        _interval(_tr("{0}, as stated").format(name), pairs, result, workload),
    ]


def _of_run(found: QualityResult, workload: Workload) -> Interval:
    """A quality run: its limits count every missing label against what it would show."""
    reading = found.reading
    result = state_at(reading, workload.margin)
    difference = reading.difference
    words = _tr("{0} to {1} points on {2} prompts by {3}, measured {4}").format(
        _points(reading.low),
        _points(reading.high),
        whole(reading.prompts),
        found.metric,
        when(found.measured_at[:10]),
    )
    if result is GateResult.INCONCLUSIVE and reading.more_prompts:
        words = _tr("{0}; about {1} more would decide").format(words, whole(reading.more_prompts))
    if reading.unlabelled:
        words = _tr("{0}; {1} without a label").format(words, whole(reading.unlabelled))
    return Interval(
        name=found.candidate.name,
        verdict=gate_word(result),
        words=words,
        low=100 * reading.low,
        middle=100 * ((reading.low + reading.high) / 2 if difference is None else difference),
        high=100 * reading.high,
        passed={GateResult.PASS: True, GateResult.FAIL: False}.get(result),
    )


def _local_name(decided: Decided) -> str:
    host = decided.facts.machine or decided.facts.buy
    named = decided.loaded.workload.candidates.local
    return (host.model if host else "") or (named[0] if named else "") or _tr("Local candidate")


def _interval(name: str, pairs: Pairs | None, result: GateResult, workload: Workload) -> Interval:
    if pairs is not None and pairs.prompts:
        return _measured(name, gate(pairs, workload.margin, looks=pairs.looks))
    if result is GateResult.UNMEASURED:
        return _prior(name, workload)
    passed = {GateResult.PASS: True, GateResult.FAIL: False}.get(result)
    words = _tr("stated in the workload, without counts: no interval")
    return Interval(name=name, verdict=gate_word(result), words=words, passed=passed)


def _measured(name: str, found: Gate) -> Interval:
    words = _tr("{0} points ({1} to {2}) on {3} of your prompts").format(
        _points(found.difference), _points(found.low), _points(found.high), whole(found.prompts)
    )
    if found.result is GateResult.INCONCLUSIVE and found.more_prompts:
        words = _tr("{0}; about {1} more would decide").format(words, whole(found.more_prompts))
    return Interval(
        name=name,
        verdict=gate_word(found.result),
        words=words,
        low=100 * found.low,
        middle=100 * found.difference,
        high=100 * found.high,
        passed={GateResult.PASS: True, GateResult.FAIL: False}.get(found.result),
    )


def _prior(name: str, workload: Workload) -> Interval:
    """What is expected of such a model at such a task: dashed, and never enough to pass."""
    prior = prior_of(workload.task)
    verdict = gate_word(GateResult.UNMEASURED)
    if isinstance(prior, Unknown):
        words = _tr("nothing published stands for {0}").format(task_word(workload.task))
        return Interval(name=name, verdict=verdict, words=words, prior=True)
    low, high = _ends(prior)
    words = _tr("expected {0} points ({1} to {2}), never enough to pass").format(
        _points(prior.gap), _points(low), _points(high)
    )
    return Interval(
        name=name,
        verdict=verdict,
        words=words,
        low=100 * low,
        middle=100 * prior.gap,
        high=100 * high,
        prior=True,
    )


def _ends(prior: Prior) -> tuple[float, float]:
    """One model in ten is worse than the first, one in ten better than the second."""
    return prior.gap - _TO_P10 * prior.spread, prior.gap + _TO_P10 * prior.spread


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
        said = f"{said} {words.format(prior.metric, prior.evidence)}"
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
