"""Charts with axes, and the places that bring them late."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import ModuleType

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.widgets.break_even_chart import BreakEven, BreakEvenChart, Line
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.feedback import Skeleton

DATA = BreakEven(
    axis="million tokens a day",
    volume=[0.0, 1.0, 2.0, 3.0],
    local=Line(name="here", role="here", usd_month=[60, 64, 68, 72]),
    low=[50, 54, 58, 62],
    high=[70, 75, 80, 85],
    others=(Line(name="cloud", role="frontier", usd_month=[0, 45, 90, 135]),),
    dot=(1.5, 66.0),
    dot_text="you",
    crossing=1.5,
    crossing_text="break-even at 1.5 M",
)


def test_that_costs_of_nothing_leave_an_axis_of_money_that_says_zero_once(
    qtbot: QtBot, themed: theme.Theme
) -> None:
    nothing = [0.0, 0.0, 0.0, 0.0]
    local = replace(DATA.local, usd_month=nothing)
    chart = BreakEvenChart(
        replace(DATA, local=local, low=nothing, high=nothing, others=(), crossing=None)
    )
    qtbot.addWidget(chart)
    low, high = chart.getPlotItem().viewRange()[1]
    assert low == 0.0
    assert high > 1.0


def test_a_break_even_chart_says_where_it_crosses(qtbot: QtBot, themed: theme.Theme) -> None:
    chart = BreakEvenChart(DATA)
    qtbot.addWidget(chart)
    assert "break-even at 1.5 M" in chart.accessibleName()
    themed.use("dark")
    chart.restyle()
    assert not chart.grab().isNull()


def test_a_break_even_that_never_comes_is_said(qtbot: QtBot) -> None:
    never = BreakEven(
        axis=DATA.axis,
        volume=DATA.volume,
        local=DATA.local,
        low=DATA.low,
        high=DATA.high,
        others=DATA.others,
        dot=(2.9, 66.0),
        dot_text="you",
        crossing=None,
        crossing_text="",
    )
    chart = BreakEvenChart(never)
    qtbot.addWidget(chart)
    assert "no break-even in this range" in chart.accessibleName()


def test_a_slot_shows_a_skeleton_until_its_module_is_there(qtbot: QtBot) -> None:
    made: list[str] = []

    def make(module: ModuleType) -> QWidget:
        made.append(module.__name__)
        assert threading.current_thread() is threading.main_thread()
        return QWidget()

    # A module that nothing else imports, so that the slot has to bring it.
    slot = ChartSlot("landfall.gui.widgets.break_even_chart", make)
    qtbot.addWidget(slot)
    assert slot.findChildren(Skeleton)
    assert slot.chart is None
    slot.load()
    qtbot.waitUntil(lambda: slot.chart is not None)
    slot.load()
    assert made == ["landfall.gui.widgets.break_even_chart"]


def test_a_slot_brings_its_module_in_a_later_turn(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.delitem(sys.modules, "landfall.gui.widgets.picture", raising=False)
    slot = ChartSlot("landfall.gui.widgets.picture", lambda module: QWidget())
    qtbot.addWidget(slot)
    with qtbot.waitSignal(slot.loaded):
        slot.load()
        assert slot.chart is None
    assert "landfall.gui.widgets.picture" in sys.modules


def test_a_chart_in_a_slot_follows_the_theme(qtbot: QtBot, themed: theme.Theme) -> None:
    styled: list[bool] = []

    class Chart(QWidget):
        def restyle(self) -> None:
            styled.append(themed.dark)

    slot = ChartSlot("landfall.gui.format", lambda module: Chart())
    qtbot.addWidget(slot)
    themed.use("dark")
    assert styled == []
    slot.load()
    themed.use("light")
    assert styled == [False]
