"""A box that is seen in both schemes, and is used as any other."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.allowed import allow
from landfall.gui.colours import Role
from landfall.gui.widgets.check_box import CheckBox


@pytest.fixture
def box(qtbot: QtBot) -> CheckBox:
    made = CheckBox("Blind")
    qtbot.addWidget(made)
    made.resize(made.sizeHint())
    made.show()
    return made


def colours(box: CheckBox) -> set[str]:
    picture = box.grab().toImage()
    points = [(x, y) for x in range(picture.width()) for y in range(picture.height())]
    return {picture.pixelColor(QPoint(x, y)).name() for x, y in points}


def named(role: Role) -> str:
    return QColor(theme.color(role)).name()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_its_edge_and_its_tick_are_seen_in_both_schemes(
    box: CheckBox, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    themed.use(scheme)
    box.clearFocus()  # its ring has the colour of the accent
    assert named("border_strong") in colours(box)
    assert named("accent") not in colours(box)
    box.setChecked(True)
    assert named("accent") in colours(box)
    allow(box, "Not now")
    assert named("accent") not in colours(box)
    assert named("disabled") in colours(box)


def test_that_keys_and_clicks_on_its_words_turn_it(box: CheckBox, qtbot: QtBot) -> None:
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert box.isChecked()
    at = QPoint(box.width() - 6, box.height() // 2)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=at)
    assert not box.isChecked()
    assert box.height() >= 28


def test_that_it_is_mirrored_where_text_runs_from_the_right(box: CheckBox) -> None:
    box.setChecked(True)
    box.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    box.resize(200, 28)
    picture = box.grab().toImage()
    half = picture.width() // 2
    inked = [
        x for x in range(picture.width()) if picture.pixelColor(x, 8).name() == named("accent")
    ]
    assert inked
    assert min(inked) > half
