"""What a gate found, in words and rows: interval, counts, scores, chance, judge, cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.quality.gate_reading import GateReading
from landfall.core.quality.paired_tests import GateResult
from landfall.gui.format import money, number, percent, whole
from landfall.gui.gate_words import gate_word
from landfall.gui.quality.words import points, side_name, signed
from landfall.gui.translated import translated
from landfall.gui.widgets.margin_chart import Interval

if TYPE_CHECKING:
    from landfall.services.quality.gate_report import CandidateReport
    from landfall.services.quality.showing import ShownRun

DIGEST_SHOWN = 12
LEAST_P = 0.001
"""Smaller ones are said to be smaller."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


def interval_of(candidate: CandidateReport) -> Interval:
    """A candidate's interval against the margin, for the picture."""
    reading = candidate.reading
    known = reading.difference is not None
    words = _tr("{0} to {1} points on {2} prompts").format(
        signed(reading.low), signed(reading.high), whole(reading.prompts)
    )
    if reading.difference is not None:
        words = _tr("{0} points ({1} to {2}) on {3} prompts").format(
            signed(reading.difference),
            signed(reading.low),
            signed(reading.high),
            whole(reading.prompts),
        )
    middle = reading.difference if reading.difference is not None else 0.0
    return Interval(
        name=candidate.model,
        verdict=gate_word(reading.state),
        words=words,
        low=100 * reading.low if known else None,
        middle=100 * middle if known else None,
        high=100 * reading.high if known else None,
        passed={GateResult.PASS: True, GateResult.FAIL: False}.get(reading.state),
    )


def count_rows(reading: GateReading) -> tuple[tuple[str, str], ...]:
    """Who was right on how many prompts; empty where scores are graded."""
    pairs = reading.pairs
    if pairs is None:
        return ()
    rows = [
        (_tr("Both right, or alike"), whole(pairs.both)),
        (_tr("Only the candidate"), whole(pairs.local_only)),
        (_tr("Only today\u2019s model"), whole(pairs.cloud_only)),
        (_tr("Neither"), whole(pairs.neither)),
    ]
    if reading.unlabelled:
        rows.append((_tr("Still to be compared"), whole(reading.unlabelled)))
    return tuple(rows)


def score_rows(shown: ShownRun) -> tuple[tuple[str, str, str], ...]:
    """Each side by itself, then the best trivial baselines: who, score, 95 % interval.

    A second line of who says how a baseline answers.
    """
    rows = [
        (side_name(shown.plan, side), percent(one.value, digits=1), _between(one.low, one.high))
        for side, one in shown.scores.items()
    ]
    rows += [
        (
            f"{_tr('No model')}\n{translated(one.says)}",
            percent(one.score, digits=1),
            _between(one.low, one.high),
        )
        for one in shown.floors[:2]
    ]
    return tuple(rows)


def _between(low: float, high: float) -> str:
    return _tr("{0} to {1}").format(percent(low, digits=1), percent(high, digits=1))


def floor_warning(shown: ShownRun) -> str:
    """Where answering without any model does as well: the set measures nothing; else ""."""
    if not shown.floors or not shown.scores:
        return ""
    best, floor = max(one.value for one in shown.scores.values()), shown.floors[0]
    if floor.score < best - 1e-9:
        return ""
    words = _tr(
        "No model is needed for this score ({0}): the prompts are too easy, or the metric looks at"
        " the wrong thing."
    )
    return words.format(translated(floor.says))


def more_words(reading: GateReading) -> str:
    """What to do where more prompts would decide, or ""; how many, `says` of the reading tells."""
    if reading.state is not GateResult.INCONCLUSIVE or reading.unlabelled:
        return ""
    return _tr("Draw a larger sample to decide it.") if reading.more_prompts else ""


def rest_words(reading: GateReading) -> str:
    """What so many prompts can rule out, and how surely the difference is chance."""
    said = _tr("{0} prompts can at best rule out a loss above {1}; the limit is {2}.").format(
        whole(reading.prompts), points(reading.provable_loss), points(reading.margin)
    )
    if reading.mcnemar_p is not None:
        said = f"{said} {_tr('Exact McNemar test: {0}.').format(_p(reading.mcnemar_p))}"
    if reading.clusters:
        clusters = _tr("Prompts come from {0} sources: they count as {1} independent ones.")
        independent = number(reading.effective_prompts)
        said = f"{said} {clusters.format(whole(reading.clusters), independent)}"
    return said


def _p(value: float) -> str:
    if value < LEAST_P:
        return f"p < {number(LEAST_P, digits=3)}"
    return f"p = {number(value, digits=3)}"


def expiry_words(shown: ShownRun) -> str:
    """With what the result expires."""
    local = shown.report.of("local")
    if local is None:
        return _tr("It expires when the model, its provider or the way of asking changes.")
    if not local.digest:
        return _tr("It expires when the model, its quantization or the way of asking changes.")
    words = _tr(
        "It holds for {0} as it is ({1}{2}) and expires when the file, the quantization or the way"
        " of asking changes."
    )
    quantization = f"{local.quantization}, " if local.quantization else ""
    return words.format(local.model, quantization, local.digest[:DIGEST_SHOWN])


def judge_words(candidate: CandidateReport) -> str:
    """How far the judge can be trusted; "" where none was asked."""
    bias = candidate.bias
    if bias is None:
        return ""
    said = _tr("The judge said the same in both orders on {0} of {1} pairs").format(
        whole(bias.consistent), whole(bias.ballots)
    )
    said = _tr("{0}; the first answer won {1} times, the second {2}.").format(
        said, whole(bias.for_first), whole(bias.for_second)
    )
    calibration = candidate.calibration
    if calibration is None:
        return said
    if not calibration.decisive:
        people = _tr("None of its pairs has a preference of a person yet.")
    else:
        people = _tr("It agrees with people on {0} of {1} pairs that they decided.").format(
            whole(calibration.agree), whole(calibration.decisive)
        )
    return f"{said} {people}"


def spent_words(shown: ShownRun) -> str:
    """What a run cost, what could not be had."""
    report = shown.report
    failed = sum(report.errors.values())
    parts = []
    cut = len(shown.run.may_be_charged)
    unpriced = report.unpriced - cut
    if report.cost_usd or unpriced > 0:
        parts.append(_tr("It cost {0}.").format(money(report.cost_usd, digits=4)))
    if unpriced > 0:
        words = _tr("{0} answers have no known price.")
        if unpriced == 1:
            words = _tr("One answer has no known price.")
        parts.append(words.format(whole(unpriced)))
    if cut:
        words = _tr("{0} answers were cut on their way and may be charged for.")
        if cut == 1:
            words = _tr("One answer was cut on its way and may be charged for.")
        parts.append(words.format(whole(cut)))
    if failed:
        words = _tr("{0} answers could not be had.")
        if failed == 1:
            words = _tr("One answer could not be had.")
        parts.append(words.format(whole(failed)))
    return " ".join(parts)
