"""How percentages are written in the window."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from landfall.gui.no_break import NBSP, spaced
from landfall.gui.widgets.layout import label


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("57% busy", f"57{NBSP}% busy"),
        ("57 % busy (\u00b15%)", f"57{NBSP}% busy (\u00b15{NBSP}%)"),
        ("a path with %20 or 5%20 in it", "a path with %20 or 5%20 in it"),
        ("no share at all", "no share at all"),
    ],
)
def test_that_a_percentage_has_a_space_that_does_not_break(words: str, written: str) -> None:
    assert spaced(words) == written


def test_that_every_label_writes_percentages_so(qtbot: QtBot) -> None:
    shown = label("12%")
    qtbot.addWidget(shown)
    assert shown.text() == f"12{NBSP}%"
    shown.setText("13% of 4")
    assert shown.text() == f"13{NBSP}% of 4"


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("27 sind neu, bis 24. Nov.. Die Token", "27 sind neu, bis 24. Nov. Die Token"),
        ("Stand: 9. Nov..", "Stand: 9. Nov."),
        ("wait...", "wait..."),
        ("see ../models", "see ../models"),
    ],
)
def test_that_a_sentence_that_ends_in_a_shortened_month_has_one_full_stop(
    words: str, written: str
) -> None:
    assert spaced(words) == written
