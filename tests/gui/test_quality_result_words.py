"""What a quality run cost, in words."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from landfall.core.quality.sets import QualityPrompt
from landfall.core.side_by_side.side_by_side import Target
from landfall.gui.quality.result_words import spent_words
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.plan import QualityPlan
from landfall.services.quality.records import QualityAnswer, QualityRecord, QualityRun
from landfall.services.quality.showing import ShownRun

NOON = "2026-11-25T12:00:00+00:00"
PLAN = QualityPlan(
    prompts=(
        QualityPrompt(place=0, prompt="One?", expected="x"),
        QualityPrompt(place=1, prompt="Two?", expected="x"),
    ),
    metric="exact",
    margin=0.05,
    local=Target(model="small:latest"),
    incumbent=Target(model="m-1", provider="openai"),
    num_predict=20,
    context=2048,
)


def shown(*answers: QualityAnswer) -> ShownRun:
    record = QualityRecord(
        uid="u", started_at=NOON, changed_at=NOON, state="done", title="", workload=None, plan={}
    )
    run = QualityRun(record=record, plan=PLAN, answers=answers, labels=())
    return ShownRun(
        run=run, report=report_of(run), scores={}, floors=(), waiting=0, labelled=0, missing=0
    )


CUT = QualityAnswer(place=0, side="incumbent", answered_at=NOON, error="It was cut.", run="a")
UNPRICED = QualityAnswer(place=1, side="incumbent", answered_at=NOON, text="x", run="b")
CUT_WORDS = "One answer was cut on its way and may be charged for."
UNPRICED_WORDS = "One answer has no known price."


@pytest.mark.parametrize(
    ("answers", "says", "says_not"),
    [
        ((CUT,), [CUT_WORDS], ["no known price", "It cost"]),
        ((UNPRICED,), [UNPRICED_WORDS, "It cost"], ["cut on"]),
        ((CUT, UNPRICED), [CUT_WORDS, UNPRICED_WORDS], ["2 answers"]),
    ],
    ids=["cut", "unpriced", "both"],
)
def test_that_a_cut_answer_is_told_of_once(
    qapp: QApplication, answers: tuple[QualityAnswer, ...], says: list[str], says_not: list[str]
) -> None:
    said = spent_words(shown(*answers))
    assert all(words in said for words in says)
    assert not any(words in said for words in says_not)
