"""The charts of a sweep and of a sustained run: what they say, and that they are drawn."""

from __future__ import annotations

from collections import Counter

import pytest
from pytestqt.qtbot import QtBot

from landfall.core.benchmark.benchmark import Sweep
from landfall.gui import theme
from landfall.gui.widgets.rate_chart import RateChart
from landfall.gui.widgets.sweep_chart import SweepChart
from tests.gui.pages.benchmark_script import level


def sweep(*waits: float | None, target: float = 2.0) -> Sweep:
    levels = tuple(level(2**i, wait, rate=50.0 * (i + 1)) for i, wait in enumerate(waits))
    return Sweep(levels=levels, ttft_target_seconds=target, people=None, reason="")


def colours(chart: SweepChart | RateChart) -> Counter[str]:
    image = chart.grab().toImage()
    return Counter(
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_are_drawn_in_the_colour_of_this_machine(
    qtbot: QtBot, scheme: theme.SchemeChoice
) -> None:
    theme.theme().use(scheme)
    chart = SweepChart(sweep(0.2, 0.4, 1.5, 6.0))
    qtbot.addWidget(chart)
    chart.resize(900, chart.heightForWidth(900))
    here = theme.color("here").name()
    assert colours(chart)[here] > 500
    late = SweepChart(sweep(6.0, 6.0, 6.0, 6.0))
    qtbot.addWidget(late)
    late.resize(chart.size())
    assert colours(late)[here] < colours(chart)[here] * 1.5


def test_a_wait_that_is_unknown_is_the_word_and_no_bar(qtbot: QtBot) -> None:
    chart = SweepChart(sweep(None, 0.4))
    qtbot.addWidget(chart)
    chart.resize(460, chart.heightForWidth(460))
    assert not chart.grab().isNull()
    assert "1 at once: 50.0\u00a0tok/s together, first token within unknown" in (
        chart.accessibleName()
    )


def test_panels_stand_below_each_other_where_there_is_no_room_beside(qtbot: QtBot) -> None:
    chart = SweepChart(sweep(0.2))
    qtbot.addWidget(chart)
    assert chart.heightForWidth(400) > 2 * chart.heightForWidth(900) - 1
    assert chart.hasHeightForWidth()


def test_a_chart_of_nothing_is_empty(qtbot: QtBot) -> None:
    empty, rates = SweepChart(), RateChart()
    for chart in (empty, rates):
        qtbot.addWidget(chart)
        chart.resize(400, 150)
        assert len(colours(chart)) == 1
    assert rates.accessibleName() == "Decode rate over time: nothing yet"


def test_a_sustained_run_is_a_line_with_a_dot_an_answer(qtbot: QtBot) -> None:
    few, many = RateChart([(10.0 * i, 70.0) for i in range(1, 20)]), RateChart()
    many.show_points([(10.0 * i, 70.0 - i / 20) for i in range(1, 200)])
    for chart in (few, many):
        qtbot.addWidget(chart)
        chart.resize(600, 150)
        assert colours(chart)[theme.color("here").name()] > 20
    assert many.accessibleName().replace("\u00a0", " ") == (
        "Decode rate of 199 answers over 33 min 10 s: from 60.0 tok/s to 70.0 tok/s"
    )
