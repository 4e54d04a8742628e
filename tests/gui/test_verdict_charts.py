"""The charts behind a verdict: they paint in both schemes, say their values, and wrap."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.theme import Text
from landfall.gui.widgets.chart_card import ChartCard
from landfall.gui.widgets.cost_bars import CostBars, CostOption, cut_above
from landfall.gui.widgets.feedback import EmptyState, State
from landfall.gui.widgets.hour_chart import Day, Hour, HourChart
from landfall.gui.widgets.layout import Swap
from landfall.gui.widgets.margin_chart import Interval, MarginChart
from landfall.gui.widgets.pipeline_map import PipelineMap, Step
from landfall.gui.widgets.rule_trace import RuleLine, RuleTrace
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.widgets.view_choice import ViewChoice
from tests.gui import gallery

DAY = Day(
    hours=tuple(
        Hour(name=str(hour), load=load, words=f"{load:.0%} busy")
        for hour, load in enumerate((0.0, 0.1, 0.5, 1.7, 0.9, 0.2))
    ),
    limit=0.8,
    limit_words="comfortable up to 80 %",
    full_words="all that it serves",
    assumed=False,
    busiest="busiest hour 3:00: 170 % busy",
)
INTERVALS = (
    Interval(
        name="qwen3:8b",
        verdict="Passes",
        words="+0.3 points",
        low=-1.5,
        middle=0.3,
        high=2.1,
        passed=True,
    ),
    Interval(
        name="hosted",
        verdict="Not measured",
        words="expected",
        low=-20.0,
        middle=-8.0,
        high=4.0,
        prior=True,
    ),
    Interval(name="stated", verdict="Fails", words="no interval", passed=False),
)
STEPS = (
    Step(name="OCR", model="", place="here"),
    Step(name="Embed", model="", place="api.x.com", leaves=True, host="api.x.com"),
    Step(name="Rerank", model="", place="api.y.com", leaves=True, host="api.y.com"),
    Step(name="Generate", model="qwen3:8b", place="cannot run here", problem=True),
)


def picture(qtbot: QtBot, widget: QWidget, width: int, height: int = 0) -> QImage:
    qtbot.addWidget(widget)
    widget.resize(width, height or max(widget.heightForWidth(width), widget.sizeHint().height()))
    widget.show()
    return widget.grab().toImage()


def has_colour(image: QImage, role: Role) -> bool:
    wanted = QColor(theme.color(role)).rgb()
    return any(
        image.pixelColor(x, y).rgb() == wanted
        for x in range(image.width())
        for y in range(image.height())
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_hours_above_what_is_served_are_drawn_in_danger(
    qtbot: QtBot, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    themed.use(scheme)
    chart = HourChart()
    chart.set_day(DAY)
    image = picture(qtbot, chart, 600)
    assert has_colour(image, "here")
    assert has_colour(image, "danger")
    assert chart.accessibleName().startswith(
        "Load in each hour. busiest hour 3:00: 170 % busy. 0: 0% busy."
    )


def test_that_assumed_hours_have_no_solid_bars(qtbot: QtBot) -> None:
    calm = tuple(Hour(name=str(i), load=0.5, words="50 % busy") for i in range(8))
    chart = HourChart()
    chart.set_day(
        Day(
            hours=calm,
            limit=0.8,
            limit_words="limit",
            full_words="full",
            assumed=True,
            busiest="busiest",
        )
    )
    image = picture(qtbot, chart, 600)
    assert has_colour(image, "here_soft")
    assert not has_colour(image, "danger")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_the_allowed_loss_and_each_interval_are_drawn_and_said(
    qtbot: QtBot, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    themed.use(scheme)
    chart = MarginChart()
    chart.set_intervals(INTERVALS, margin=3.0)
    image = picture(qtbot, chart, 600)
    assert has_colour(image, "danger")
    assert has_colour(image, "text")
    said = chart.accessibleName()
    assert "at most 3.0 points worse" in said
    assert "hosted: Not measured, expected" in said
    before = chart.sizeHint().height()
    chart.set_intervals(INTERVALS[:1], margin=3.0)
    assert chart.sizeHint().height() < before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_what_leaves_is_red_and_named_with_its_host(
    qtbot: QtBot, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    themed.use(scheme)
    shown = PipelineMap()
    shown.set_steps(STEPS, lock="patient data")
    image = picture(qtbot, shown, 760)
    assert has_colour(image, "leave")
    said = shown.accessibleName()
    assert said == "Pipeline. Leaves this machine: Embed to api.x.com, Rerank to api.y.com."
    assert "Generate, qwen3:8b, cannot run here" in shown.accessibleDescription()


def test_that_a_pipeline_inside_has_no_lane_outside_and_no_red(qtbot: QtBot) -> None:
    inside = PipelineMap()
    inside.set_steps(STEPS[:1])
    leaving = PipelineMap()
    leaving.set_steps(STEPS[:2])
    assert inside.heightForWidth(760) < leaving.heightForWidth(760)
    assert not has_colour(picture(qtbot, inside, 760), "leave")
    assert has_colour(picture(qtbot, leaving, 760), "leave")


def test_that_many_steps_take_several_rows_where_it_is_narrow(qtbot: QtBot) -> None:
    shown = PipelineMap()
    shown.set_steps(tuple(Step(name=f"Step {i}", model="", place="here") for i in range(13)))
    assert shown.heightForWidth(440) > 2 * shown.heightForWidth(1700)
    assert not picture(qtbot, shown, 440).isNull()


def test_that_a_first_step_outside_has_a_leaving_edge_too(qtbot: QtBot) -> None:
    shown = PipelineMap()
    shown.set_steps(STEPS[1:2])
    assert has_colour(picture(qtbot, shown, 400), "leave")


def test_that_enter_on_a_chart_shows_its_values_as_a_table(qtbot: QtBot) -> None:
    chart = HourChart()
    chart.set_day(DAY)
    card = ChartCard("Hour by hour", chart, name="hours")
    card.set_values(("Hour", "Busy"), [("0:00", "0 %"), ("3:00", "170 %")])
    qtbot.addWidget(card)
    card.resize(700, 400)
    card.show()
    assert card.table is None
    assert card.frame.accessibleName() == chart.accessibleName()
    assert "Enter" in card.frame.accessibleDescription()
    qtbot.keyClick(card.frame, Qt.Key.Key_Return)
    assert card.table is not None
    assert card.table.isVisible()
    assert not card.frame.isVisible()
    model = card.table.table
    cells = [model.index(1, i).data(Qt.ItemDataRole.AccessibleTextRole) for i in (0, 1)]
    assert cells == ["3:00", "170 %"]
    card.set_values(("Hour", "Busy"), [("5:00", "20 %")])
    assert model.rowCount() == 1
    card.set_values(("Hour", "Calls", "Busy"), [("5:00", "12", "20 %")])
    assert card.table is not None
    assert len(card.table.table.columns) == 3
    qtbot.mouseClick(card.switch, Qt.MouseButton.LeftButton)
    assert card.frame.isVisible()


def test_that_a_focused_chart_shows_a_ring(qtbot: QtBot) -> None:
    card = ChartCard("Hour by hour", HourChart(), name="hours")
    qtbot.addWidget(card)
    card.resize(500, 300)
    card.show()
    card.activateWindow()
    assert not has_colour(card.frame.grab().toImage(), "focus")
    card.frame.setFocus()
    qtbot.waitUntil(card.frame.hasFocus)
    assert has_colour(card.frame.grab().toImage(), "focus")


def test_that_views_become_a_list_where_the_segments_have_no_room(qtbot: QtBot) -> None:
    views = ViewChoice(("Costs", "Break-even", "Hours"), title="Evidence")
    window = QWidget()
    qtbot.addWidget(window)
    views.setParent(window)
    views.resize(600, 40)
    window.show()
    assert views.segments.isVisible()
    with qtbot.waitSignal(views.chosen) as told:
        views.choose(2)
    assert told.args == [2]
    views.resize(120, 40)
    assert views.list.isVisible()
    assert not views.segments.isVisible()
    assert views.list.currentIndex() == 2
    with qtbot.waitSignal(views.chosen) as told:
        views.list.activated.emit(1)
    assert told.args == [1]
    assert views.current == 1


def test_that_a_card_of_the_same_shape_is_rewritten_in_place(qtbot: QtBot) -> None:
    card = VerdictCard()
    qtbot.addWidget(card)
    card.set_advice(gallery.ADVICE)
    held = card._place.content
    card.set_advice(replace(gallery.ADVICE, headline="Split: 80 % here"))
    assert card._place.content is held
    assert "Split: 80 % here" in card.accessibleName()
    card.set_advice(replace(gallery.ADVICE, next_action=""))
    assert card._place.content is not held


def test_that_what_a_rule_saw_goes_below_its_name_where_it_is_narrow(qtbot: QtBot) -> None:
    trace = RuleTrace((RuleLine("H3", State.DONE, "Fits in memory", "6.2 of 23 GiB " * 4),))
    window = QWidget()
    qtbot.addWidget(window)
    trace.setParent(window)
    window.resize(1200, 300)
    window.show()
    title, detail = (
        next(one for one in trace.findChildren(QLabel) if one.text().startswith(words))
        for words in ("Fits", "6.2")
    )
    trace.resize(1100, 200)
    qtbot.waitUntil(lambda: detail.x() > title.x())
    trace.resize(260, 200)
    qtbot.waitUntil(lambda: detail.x() == title.x())
    assert detail.y() > title.y()


def test_that_a_trace_of_the_same_rules_keeps_its_lines() -> None:
    first = (RuleLine("H3", State.DONE, "Fits", "6.2 of 23 GiB"),)
    trace = RuleTrace(first)
    other = (RuleLine("H3", State.DONE, "Fits", "7.0 of 23 GiB"),)
    assert trace.fits(other)
    trace.rewrite(other)
    assert "7.0 of 23 GiB" in trace.accessibleName()
    assert not trace.fits((RuleLine("H3", State.FAILED, "Fits", ""),))


# Cost bars


@pytest.mark.parametrize(
    ("highs", "cut"),
    [
        ([], None),
        ([10.0, 10_000.0], None),
        ([10.0, 20.0, 49.0], None),
        ([10.0, 20.0, 10_000.0], 20.0),
        ([0.0, 0.0, 10_000.0], None),
        ([10.0, 500.0, 90.0, 10_000.0, 20.0], 500.0),
        ([10.0, 20.0, 9_000.0, 10_000.0], None),
    ],
)
def test_that_a_bar_is_cut_where_it_would_squeeze_two_others(
    highs: list[float], cut: float | None
) -> None:
    assert cut_above(highs) == cut


def test_that_a_cut_bar_is_as_long_as_the_axis_and_says_that_it_is_cut(qtbot: QtBot) -> None:
    def bar(name: str, usd: float) -> CostOption:
        return CostOption(name=name, role="hosted", low=usd, mid=usd, high=usd)

    chart = CostBars([bar("a", 30.0), bar("b", 60.0)])
    qtbot.addWidget(chart)
    chart.resize(600, chart.height())
    even = chart.height()
    chart.set_options([bar("a", 30.0), bar("b", 60.0), bar("c", 9_000.0)])
    assert chart.height() > even + 32, "one more line, and the words that a bar is cut"
    picture = chart.grab().toImage()
    colour = theme.color("hosted")
    filled = [
        sum(picture.pixelColor(x, y) == colour for x in range(picture.width()))
        for y in range(picture.height())
    ]
    longest, shorter = max(filled), min(n for n in filled if n > 20)
    assert longest < 4 * shorter, "300 times the cost, and not 300 times as long"


def test_that_the_reason_beside_a_cost_is_read_to_its_end_at_any_width(qtbot: QtBot) -> None:
    reason = "too little for hard work, and " * 12
    chart = CostBars((CostOption(name="Split", role="rent", blocked=reason, rule="H6"),))
    qtbot.addWidget(chart)
    chart.resize(900, chart.height())
    chart.show()
    wide = chart.height()
    chart.resize(420, chart.height())
    room = 420 - chart._left() - 60
    line = QFontMetrics(theme.font(Text.CAPTION))
    assert chart.height() > wide
    assert chart.height() >= line.horizontalAdvance(reason) / room * line.height()


def test_that_why_a_bar_was_not_chosen_is_read_to_its_end_at_any_width(qtbot: QtBot) -> None:
    why = "$90 a month is below $1,000, too little for hardware"
    beaten = CostOption(name="Buy", role="rent", low=30.0, mid=30.0, high=30.0, aside=why)
    chart = CostBars((beaten, CostOption(name="b", role="frontier", mid=60.0)))
    qtbot.addWidget(chart)
    chart.resize(900, chart.height())
    chart.show()
    wide = chart.height()
    chart.resize(380, chart.height())
    line = QFontMetrics(theme.font(Text.CAPTION))
    lines = math.ceil(line.horizontalAdvance(why) / (chart._left() - 30))
    assert lines > 1
    assert chart.height() >= wide + (lines - 1) * line.height()


def test_that_an_interval_without_a_word_of_the_gate_says_its_figures_alone(qtbot: QtBot) -> None:
    chart = MarginChart()
    qtbot.addWidget(chart)
    chart.set_intervals([replace(INTERVALS[0], verdict="")], margin=3.0)
    assert "qwen3:8b: +0.3 points" in chart.accessibleName()


def test_that_a_chart_that_gives_way_to_a_sentence_says_the_sentence(qtbot: QtBot) -> None:
    place = Swap(CostBars())
    card = ChartCard("Hours", place, name="hours")
    qtbot.addWidget(card)
    card.show()
    place.hold(EmptyState("history", "No hours to show", "The work may wait."))
    card.set_values((), ())
    assert card.frame.accessibleName() == "No hours to show. The work may wait."
