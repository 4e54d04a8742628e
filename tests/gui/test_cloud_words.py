"""Sentences of the Cloud page out of values."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from landfall.gui.cloud.view import spent_words
from landfall.services.cloud.standing import Spending


@pytest.mark.parametrize(
    ("answers", "said"),
    [(1, "One answer, tokens as"), (2, "2 answers, tokens as")],
)
def test_that_the_first_paid_answer_is_one_answer(qtbot: QtBot, answers: int, said: str) -> None:
    spending = Spending(usd=0.01, answers=answers, unpriced=0, counted_usd=0.01)
    assert spent_words(spending, 5.0)[1].startswith(said)
