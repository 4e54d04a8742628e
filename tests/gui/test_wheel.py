"""The wheel scrolls what is read, and changes nothing that was chosen."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import landfall.gui
from landfall.gui.widgets.break_even_chart import BreakEvenChart
from landfall.gui.widgets.controls import Choice, SliderField
from landfall.gui.widgets.date_field import DateField
from tests.gui.test_charts import DATA

DAY = QDate(2026, 11, 20)


def _choice() -> tuple[QWidget, QWidget, Callable[[], object]]:
    one = Choice("Privacy", ("Nothing forbidden", "Health data", "Classified"))
    return one, one, one.currentText


def _slider() -> tuple[QWidget, QWidget, Callable[[], object]]:
    one = SliderField("Context", "4k tokens", low=0, high=9, value=5)
    return one, one.slider, one.slider.value


def _day() -> tuple[QWidget, QWidget, Callable[[], object]]:
    one = DateField("Day of the price", DAY, latest=DAY.addDays(30))
    return one, one, one.date


def _chart() -> tuple[QWidget, QWidget, Callable[[], object]]:
    one = BreakEvenChart(DATA)
    return one, one.viewport(), lambda: one.getViewBox().viewRange()


def _is_left_to_the_page(at: QWidget) -> bool:
    """Turn the wheel over it. Qt hands on to the parent only what a real mouse sent."""
    middle = QPointF(at.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(at.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(at, event)
    return not event.isAccepted()


@pytest.mark.parametrize("has_focus", [False, True])
@pytest.mark.parametrize("make", [_choice, _slider, _day, _chart])
def test_that_the_wheel_over_a_control_is_left_to_the_page(
    make: Callable[[], tuple[QWidget, QWidget, Callable[[], object]]],
    *,
    has_focus: bool,
    qtbot: QtBot,
) -> None:
    control, under, value = make()
    qtbot.addWidget(control)
    control.show()
    if has_focus:
        under.setFocus()
    before = value()
    assert _is_left_to_the_page(under)
    assert value() == before


@pytest.mark.parametrize("make", [_choice, _day])
def test_that_the_wheel_takes_no_focus(
    make: Callable[[], tuple[QWidget, QWidget, Callable[[], object]]], qtbot: QtBot
) -> None:
    control, under, _ = make()
    qtbot.addWidget(control)
    assert under.focusPolicy() is Qt.FocusPolicy.StrongFocus


def test_that_what_qt_turns_by_the_wheel_stands_behind_a_control_of_ours() -> None:
    turned = {"QComboBox", "QSlider", "QDial", "QSpinBox", "QDoubleSpinBox", "QDateEdit"}
    turned |= {"QTimeEdit", "QDateTimeEdit", "QTabBar", "QTabWidget", "QFontComboBox"}
    bare = []
    for file in sorted(Path(landfall.gui.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in turned:
                    bare.append(f"{file.name}:{node.lineno}: {name}")
                case ast.ClassDef() if turned & {ast.unparse(base) for base in node.bases}:
                    own = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
                    if "wheelEvent" not in own:
                        bare.append(f"{file.name}:{node.lineno}: {node.name}")
    assert not bare
