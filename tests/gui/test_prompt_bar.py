"""The bar that says which prompt of a comparison is looked at, and what can be done with all."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from landfall.gui.side_by_side.prompt_bar import PromptBar


@pytest.fixture
def bar(qtbot: QtBot) -> PromptBar:
    made = PromptBar()
    qtbot.addWidget(made)
    made.show()
    return made


def seen(bar: PromptBar) -> tuple[bool, bool, bool]:
    return bar.history.isVisible(), bar.summary.isVisible(), bar.export.isVisible()


def test_that_only_what_is_over_is_summed_up_and_exported(bar: PromptBar) -> None:
    bar.offer(history=False, results=False)
    assert seen(bar) == (False, False, False)
    bar.offer(history=True, results=False)
    assert seen(bar) == (True, False, False)
    bar.offer(history=True, results=True)
    assert seen(bar) == (True, True, True)


def test_that_the_summary_of_one_comparison_does_not_stay_over_the_next(bar: PromptBar) -> None:
    bar.offer(history=True, results=True)
    bar.summary.setChecked(True)
    bar.offer(history=True, results=True)
    assert bar.summary.isChecked()
    bar.offer(history=False, results=False)
    assert not bar.summary.isChecked()
