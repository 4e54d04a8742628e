"""Boxes that were told their size follow the size of text while the window is open."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from landfall import gui
from landfall.gui import grown
from landfall.gui.before_paint import finish_layouts
from landfall.gui.theme import Text
from landfall.gui.widgets.controls import SearchField
from landfall.gui.widgets.feedback import Spinner
from landfall.gui.widgets.layout import column, holder, icon_button, label
from landfall.gui.widgets.page_header import PageHeader
from landfall.gui.widgets.two_parts import SideBySide
from tests.gui.conftest import Resize, settle

GUI = Path(gui.__file__).parent
SIZES = {f"set{how}{what}" for how in ("Fixed", "Minimum", "Maximum")
         for what in ("Height", "Width", "Size")}  # fmt: skip
AGAIN = {"resizeEvent", "arrange"}
"""These are called again when text has another size; so is every slot of the theme's signal."""


def test_that_each_size_follows_and_comes_back(qtbot: QtBot, text_times: Resize) -> None:
    text_times(1)
    box = QWidget()
    qtbot.addWidget(box)
    grown.fix_height(box, 20, times=3, rest=5)
    grown.least_width(box, 30)
    grown.most_width(box, 40)
    text_times(2)
    assert (box.minimumHeight(), box.maximumHeight()) == (125, 125)
    assert (box.minimumWidth(), box.maximumWidth()) == (60, 80)
    text_times(1)
    assert (box.height(), box.minimumWidth(), box.maximumWidth()) == (65, 30, 40)


def test_that_another_size_takes_the_place_of_the_one_before(
    qtbot: QtBot, text_times: Resize
) -> None:
    text_times(1)
    box = QWidget()
    qtbot.addWidget(box)
    grown.fix_height(box, 20)
    grown.fix_height(box, 30)
    text_times(2)
    assert box.height() == 60


def test_that_a_label_forgets_the_hint_of_its_former_size(qtbot: QtBot, text_times: Resize) -> None:
    text_times(1)
    name: QLabel = label("S4", Text.MONO)
    grown.least_width(name, 32)
    whole = holder(column(name))
    qtbot.addWidget(whole)
    whole.show()
    text_times(2)
    assert name.sizeHint().width() == 64
    text_times(1)
    assert name.sizeHint().width() == 32


@pytest.mark.parametrize(
    "make",
    [
        lambda: icon_button("trash", "Delete"),
        lambda: SearchField("Find", width=100),
        Spinner,
    ],
)
def test_that_controls_have_the_size_of_a_fresh_start(
    qtbot: QtBot, text_times: Resize, make: Callable[[], QWidget]
) -> None:
    text_times(1)
    old = make()
    qtbot.addWidget(old)
    text_times(2)
    fresh = make()
    qtbot.addWidget(fresh)
    fresh.ensurePolished()
    assert old.minimumSize() == fresh.minimumSize()
    assert old.maximumSize() == fresh.maximumSize()


def test_that_what_stands_beside_goes_below_when_text_grows(
    qtbot: QtBot, text_times: Resize
) -> None:
    text_times(1)
    main, side = label("Main"), label("Side")
    both = SideBySide(main, side, side_width=300, needs=700)
    qtbot.addWidget(both)
    both.resize(900, 300)
    both.show()
    settle()
    assert side.y() == main.y()
    text_times(2)
    settle()
    assert side.y() > main.y()
    text_times(1)
    settle()
    assert (side.y(), side.width()) == (main.y(), 300)


def test_that_a_header_makes_room_for_an_action_that_comes_later(qtbot: QtBot) -> None:
    first, later = (icon_button("plus", name) for name in ("First", "Later"))
    for one in (first, later):
        one.setFixedSize(300, 30)
    later.hide()
    header = PageHeader("Workloads", "A sentence", first, later)
    qtbot.addWidget(header)
    header.resize(500, 100)
    header.show()
    settle()
    assert first.y() < header.sentence.geometry().bottom()
    later.show()
    settle()
    assert first.y() > header.sentence.geometry().bottom()


def told_once(source: str) -> Iterator[str]:
    """Sizes of the present text that are given where nobody comes again."""
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef) or function.name in AGAIN:
            continue
        if any(isinstance(one, ast.Name) and one.id == "Slot" for one in function.decorator_list):
            continue
        if any("Slot" in ast.unparse(one) for one in function.decorator_list):
            continue
        for call in ast.walk(function):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in SIZES
                and any(of in ast.unparse(call) for of in ("theme.grown(", "theme.roomy("))
            ):
                yield f"{function.name}: {ast.unparse(call)}"


def test_that_no_box_is_told_once_what_the_present_text_needs() -> None:
    found = [
        f"{path.relative_to(GUI)}: {one}"
        for path in sorted(GUI.rglob("*.py"))
        if path.name != "grown.py"
        for one in told_once(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    bad = "class A:\n    def __init__(self):\n        self.setFixedHeight(theme.grown(8))"
    assert list(told_once(bad)) == ["__init__: self.setFixedHeight(theme.grown(8))"]


def test_that_a_shorter_sentence_of_a_page_moves_nothing_up(qtbot: QtBot) -> None:
    header = PageHeader("Machine", "One sentence of several lines in so little width. " * 3)
    below = label("Below")
    whole = holder(column(header, below, None))
    qtbot.addWidget(whole)
    whole.resize(300, 400)
    whole.show()
    settle()
    whole.grab()
    before = below.y()
    header.say("Short")
    settle()
    assert below.y() == before
    whole.resize(400, 400)
    finish_layouts()
    assert below.y() < before
