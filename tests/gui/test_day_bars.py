"""Bars over time: read by keys and by the mouse, painted also where they are losses or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.widgets.day_bars import DayBar, DayBars


def bar(own: float | None, cloud: float | None = None, *, lacks: bool = False) -> DayBar:
    return DayBar(label="1 Jan", own=own, cloud=cloud, lacks=lacks, spoken=f"{own} and {cloud}")


def write(value: float, _step: float) -> str:
    return f"{value:g}"


@pytest.fixture
def bars(qtbot: QtBot) -> DayBars:
    made = DayBars("Totals")
    qtbot.addWidget(made)
    made.resize(472, 190)
    made.show()
    return made


def test_arrow_keys_walk_over_the_bars_and_say_what_they_hold(bars: DayBars, qtbot: QtBot) -> None:
    bars.show_bars([bar(1.0), bar(2.0, 3.0), bar(None, lacks=True)], write, name="Tokens")
    assert bars.accessibleName() == "Tokens"
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert bars.cursor_at == 2
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert bars.accessibleDescription() == "2.0 and 3.0"
    qtbot.keyClick(bars, Qt.Key.Key_Home)
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert bars.cursor_at == 0
    qtbot.keyClick(bars, Qt.Key.Key_End)
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert bars.cursor_at == 2


def test_the_mouse_points_at_a_bar_and_at_none_beside_them(bars: DayBars, qtbot: QtBot) -> None:
    bars.show_bars([bar(1.0), bar(2.0)], write, name="Tokens")
    told: list[int] = []
    bars.pointed.connect(told.append)
    qtbot.mouseMove(bars, QPoint(100, 80))
    qtbot.mouseMove(bars, QPoint(400, 80))
    qtbot.mouseMove(bars, QPoint(10, 80))
    assert told == [0, 1, -1]


def test_other_bars_are_pointed_at_anew(bars: DayBars, qtbot: QtBot) -> None:
    bars.show_bars([bar(1.0)], write, name="Tokens")
    qtbot.keyClick(bars, Qt.Key.Key_End)
    bars.show_bars([bar(1.0), bar(2.0)], write, name="Energy")
    assert bars.cursor_at == -1
    qtbot.keyClick(bars, Qt.Key.Key_Up)
    assert bars.cursor_at == -1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "shown",
    [[], [bar(None)], [bar(0.0)], [bar(-2.0), bar(3.0, 1.0, lacks=True)], [bar(1e9)] * 300],
    ids=["none", "unknown", "zero", "a loss", "many"],
)
def test_everything_is_painted_in_both_themes(
    bars: DayBars, scheme: Any, shown: list[DayBar]
) -> None:
    theme.theme().use(scheme)
    empty = bars.grab().toImage()
    bars.show_bars(shown, write, name="Tokens")
    picture = bars.grab().toImage()
    has_bars = any((one.own or 0.0) or (one.cloud or 0.0) or one.lacks for one in shown)
    assert (picture != empty) or not has_bars


def test_a_loss_reaches_below_zero_and_is_hatched(bars: DayBars) -> None:
    bars.show_bars([bar(-2.0), bar(3.0)], write, name="Money")
    picture = bars.grab().toImage()
    ratio = picture.devicePixelRatio()
    danger = theme.color("danger")
    below = [
        picture.pixelColor(round(x * ratio), round(y * ratio))
        for x in range(70, 260, 2)
        for y in range(115, 165, 2)
    ]
    assert danger in below
    assert theme.color("here") not in below


def test_a_day_without_a_log_is_hatched_and_a_day_of_nothing_is_not(bars: DayBars) -> None:
    absent = DayBar(label="2 Jan", own=None, cloud=None, lacks=False, absent=True, spoken="no log")
    bars.show_bars([bar(0.0), absent], write, name="Usage")
    picture = bars.grab().toImage()
    ratio = picture.devicePixelRatio()

    def hatch_beside(middle: int) -> int:
        points = [(x, y) for x in range(middle - 10, middle + 10) for y in range(20, 140, 3)]
        seen = [picture.pixelColor(round(x * ratio), round(y * ratio)) for x, y in points]
        return seen.count(theme.color("border_strong"))

    assert hatch_beside(164) == 0
    assert hatch_beside(364) > 50
