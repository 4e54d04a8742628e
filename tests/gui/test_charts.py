"""Charts with axes: late, live, and quiet when they are not seen."""

from __future__ import annotations

import threading
from types import ModuleType

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.widgets.break_even_chart import BreakEven, BreakEvenChart, Line
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.live_chart import POINTS, LiveChart
from tests.gui.conftest import active_timers


def test_a_live_chart_draws_only_after_something_came(qtbot: QtBot) -> None:
    chart = LiveChart()
    qtbot.addWidget(chart)
    chart.show()
    qtbot.waitExposed(chart)
    assert not chart.is_due
    chart.add_rates([(0.1, 60.0), (0.2, 70.0)])
    assert chart.is_due
    qtbot.waitUntil(lambda: not chart.is_due)
    assert "tok/s 70" in chart.accessibleName()
    assert active_timers() == []


def test_a_hidden_live_chart_keeps_points_and_does_not_tick(qtbot: QtBot) -> None:
    chart = LiveChart()
    qtbot.addWidget(chart)
    chart.add_rates([(0.1, 60.0)])
    assert not chart.is_due
    chart.show()
    assert "tok/s 60" in chart.accessibleName()
    chart.add_rates([(0.2, 61.0)])
    chart.hide()
    assert active_timers() == []
    assert chart.rate_points[""] == ((0.1, 60.0), (0.2, 61.0))


def test_a_long_run_keeps_a_bounded_number_of_points(qtbot: QtBot) -> None:
    chart = LiveChart()
    qtbot.addWidget(chart)
    chart.add_rates([(i / 10, 1.0) for i in range(3 * POINTS)])
    assert len(chart.rate_points[""]) == POINTS


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rates_watts_and_a_second_run_share_one_chart(
    qtbot: QtBot, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    chart = LiveChart()
    qtbot.addWidget(chart)
    chart.resize(500, 300)
    chart.show()
    chart.add_rates([(0.1, 60.0), (0.2, 62.0)])
    chart.add_rates([(0.1, 90.0), (0.2, 91.0)], key="cloud", name="GPT", role="frontier")
    chart.add_watts([(0.1, 290.0), (0.2, 291.0)], scope="GPU board")
    chart.set_idle(21.4)
    chart.set_idle(22.0)
    themed.use(scheme)
    chart.restyle()
    chart.draw_now()
    for said in ("tok/s 62", "GPT 91", "GPU board 291"):
        assert said in chart.accessibleName()
    assert chart.watt_points[-1] == (0.2, 291.0)
    assert not chart.grab().isNull()
    chart.clear_curves()
    assert chart.rate_points == {}
    assert chart.watt_points == ()
    assert "nothing yet" in chart.accessibleName()


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
    slot = ChartSlot("landfall.gui.widgets.power_chart", make)
    qtbot.addWidget(slot)
    assert slot.findChildren(Skeleton)
    assert slot.chart is None
    slot.load()
    qtbot.waitUntil(lambda: slot.chart is not None)
    slot.load()
    assert made == ["landfall.gui.widgets.power_chart"]


def test_a_slot_brings_its_module_on_a_thread(
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


def test_a_name_stands_above_the_curve_that_it_would_cover(qtbot: QtBot) -> None:
    chart = LiveChart()
    qtbot.addWidget(chart)
    chart.add_rates(((0.0, 90.0), (8.0, 5.0), (9.0, 40.0), (10.0, 12.0)), name="qwen3:8b")
    chart.draw_now()
    note = next(
        item
        for item in chart.items()
        if getattr(item, "toPlainText", None) and item.toPlainText() == "qwen3:8b"
    )
    assert note.parentItem().pos().y() == 40.0
