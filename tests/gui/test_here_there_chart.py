"""Here against there: one scale of speed, what is not known is a word, both themes."""

from __future__ import annotations

from collections import Counter

import pytest
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.widgets.here_there_chart import HereThereChart, Line


def line(name: str, speed: float | None, cost: float | None, *, slow: float | None = None) -> Line:
    return Line(
        name=name,
        note="first token 0.3 s",
        speed=speed,
        speed_words="unknown" if speed is None else f"{speed:.0f} tok/s",
        slow=slow,
        cost=cost,
        cost_words="watts unknown: no sensor" if cost is None else f"{cost:.0f} W",
    )


def drawn(chart: HereThereChart, width: int = 900) -> Counter[str]:
    chart.resize(width, chart.heightForWidth(width))
    image = chart.grab().toImage()
    return Counter(
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_bars_of_both_sides_share_one_scale(qtbot: QtBot, scheme: theme.SchemeChoice) -> None:
    theme.theme().use(scheme)
    chart = HereThereChart()
    qtbot.addWidget(chart)
    chart.show_lines([line("a", 25.0, 300.0)], [line("b", 100.0, 2.0)])
    seen = drawn(chart)
    here, there = (seen[theme.color(role).name()] for role in ("here", "hosted"))
    assert here == pytest.approx(there / 4, rel=0.1)


def test_that_unknown_watts_are_the_word_and_no_bar(qtbot: QtBot) -> None:
    chart = HereThereChart()
    qtbot.addWidget(chart)
    chart.show_lines([line("a", 25.0, None)], [])
    without = drawn(chart)[theme.color("text_3").name()]
    chart.show_lines([line("a", 25.0, 300.0)], [])
    assert drawn(chart)[theme.color("text_3").name()] > without + 500
    chart.show_lines([line("a", None, None)], [])
    assert drawn(chart)[theme.color("here").name()] == 0
    assert "watts unknown: no sensor" in chart.accessibleName()


def test_that_the_slow_end_is_marked_on_the_bar(qtbot: QtBot) -> None:
    chart = HereThereChart()
    qtbot.addWidget(chart)
    chart.show_lines([], [line("b", 100.0, 2.0)])
    plain = drawn(chart)[theme.color("text").name()]
    chart.show_lines([], [line("b", 100.0, 2.0, slow=50.0)])
    assert drawn(chart)[theme.color("text").name()] > plain + 10


def test_that_every_number_is_in_its_name_and_nothing_is_said_as_nothing(qtbot: QtBot) -> None:
    chart = HereThereChart()
    qtbot.addWidget(chart)
    assert chart.accessibleName().count("nothing measured") == 2
    assert not chart.grab().isNull()
    chart.show_lines([line("qwen3:8b", 62.0, 288.0)], [line("gpt-5-mini", 88.0, 2.0)])
    for words in ("qwen3:8b", "62 tok/s", "288 W", "gpt-5-mini", "88 tok/s"):
        assert words in chart.accessibleName()


def test_that_panels_stand_below_each_other_where_it_is_narrow(qtbot: QtBot) -> None:
    chart = HereThereChart()
    qtbot.addWidget(chart)
    chart.show_lines([line("a", 25.0, 300.0)] * 3, [line("b", 100.0, 2.0)] * 3)
    assert chart.heightForWidth(500) > 1.8 * chart.heightForWidth(900)
    assert chart.minimumSizeHint().height() == chart.heightForWidth(320)
    assert chart.sizeHint().height() == chart.heightForWidth(720)
    assert sum(drawn(chart, 500).values()) > 0
