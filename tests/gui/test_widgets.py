"""Widgets: they paint in both schemes, speak, and do what their keys and buttons say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QEnterEvent, QImage, QPainter, QTextDocument
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.errors import Unavailable
from landfall.core.provenance import Estimated, Measured, Unknown
from landfall.gui import icons, qt_icons, theme
from landfall.gui.format import shown
from landfall.gui.models.pull_row import Pull, PullRow, PullState
from landfall.gui.units import Unit
from landfall.gui.widgets import feedback
from landfall.gui.widgets.cells import no_markup
from landfall.gui.widgets.controls import SearchField, SegmentedControl, SliderField, Switch
from landfall.gui.widgets.cost_bars import CostBars
from landfall.gui.widgets.feedback import Banner, Spinner, State, StateLine, Toast
from landfall.gui.widgets.layout import Card, Swap, button, label
from landfall.gui.widgets.memory_bar import MemoryBar, Pattern, Segment, paint_swatch
from landfall.gui.widgets.numbers import FigureLabel, FitLook
from landfall.gui.widgets.page_header import PageHeader
from landfall.gui.widgets.picture import picture_button, save_picture
from landfall.gui.widgets.pipeline_map import PipelineMap
from landfall.gui.widgets.rows import NavItem, RowButton
from landfall.gui.widgets.scales import money_tick, nice_step, seconds_ticks, ticks
from landfall.gui.widgets.setting_field import NumberField, SettingField
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.tornado_chart import Tornado
from landfall.gui.widgets.two_parts import SideBySide
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.widgets.verdict_chip import VerdictChip, place
from tests.gui import gallery
from tests.gui.conftest import active_timers, settle


def click(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def visible_button(widget: QWidget, name: str) -> QAbstractButton:
    return next(
        b
        for b in widget.findChildren(QAbstractButton)
        if not b.isHidden() and name in (b.text(), b.accessibleName())
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_component_paints_in_both_schemes(
    qtbot: QtBot, themed: theme.Theme, scheme: theme.SchemeChoice
) -> None:
    whole = gallery.gallery()
    qtbot.addWidget(whole)
    whole.show()
    themed.use(scheme)
    picture = whole.grab().toImage()
    colours = {picture.pixelColor(x, y).rgb() for x in range(0, 1100, 7) for y in range(0, 2400, 7)}
    assert len(colours) > 20


def test_whatever_takes_the_focus_says_what_it_is(qtbot: QtBot) -> None:
    whole = gallery.gallery()
    qtbot.addWidget(whole)
    whole.show()
    silent = []
    for widget in whole.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            interface = QAccessible.queryAccessibleInterface(widget)
            if not interface.text(QAccessible.Text.Name).strip():
                silent.append(type(widget).__name__)
    assert silent == []


def test_nothing_to_press_is_smaller_than_28_pixels(qtbot: QtBot) -> None:
    whole = gallery.gallery()
    qtbot.addWidget(whole)
    whole.show()
    small = [
        (type(b).__name__, b.text(), b.size().toTuple())
        for b in whole.findChildren(QAbstractButton)
        if b.isVisible() and (b.height() < 28 or b.width() < 28)
        if type(b).__name__ not in ("QToolButton", "QLineEditIconButton", "QTableCornerButton")
    ]
    assert small == []


@pytest.mark.parametrize("name", sorted(icons.SHAPES))
def test_every_icon_can_be_drawn(name: str) -> None:
    picture = qt_icons.icon(name).pixmap(20, 20).toImage()
    drawn = [(x, y) for x in range(20) for y in range(20) if picture.pixelColor(x, y).alpha() > 60]
    assert len(drawn) > 8


CHANGED_COPY = """
import gc, sys
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication
from landfall.gui import qt_icons, theme

application = QApplication(["landfall", "-platform", "offscreen"])
theme.install(application, "light")
for _ in range(200):
    made = qt_icons.icon("chip")
    copy = QIcon(made)
    copy.setIsMask(True)
    del made
    gc.collect()
    assert not copy.pixmap(16, 16).isNull()
    del copy
print("whole", len(qt_icons._clones) < 5)
"""


def test_that_a_changed_copy_of_an_icon_is_painted() -> None:
    app = str(Path(icons.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", CHANGED_COPY],
        env=os.environ | {"PYTHONPATH": app},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "whole True\n"), done.stderr


def test_a_drawing_step_that_does_not_exist_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(icons.SHAPES, "broken", "L 1 1 Z")
    assert icons.path("broken")
    monkeypatch.setitem(icons.SHAPES, "broken", "X 1 1")
    with pytest.raises(KeyError):
        icons.path("broken")


def test_arrow_keys_move_through_segments(qtbot: QtBot) -> None:
    segments = SegmentedControl(("Costs", "Rules", "Map"), 0)
    qtbot.addWidget(segments)
    segments.show()
    segments.activateWindow()
    first = segments.group.button(0)
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    with qtbot.waitSignal(segments.chosen) as chosen:
        qtbot.keyClick(first, Qt.Key.Key_Right)
    assert chosen.args == [1]
    assert segments.current == 1
    segments.choose(2)
    assert segments.current == 2


def test_that_no_view_moves_when_it_is_known_how_many_things_another_holds() -> None:
    segments = SegmentedControl(("Installed", "Running", "Downloads"), counted=(0, 1))
    before = segments.sizeHint()
    segments.set_count(0, 34)
    segments.set_count(1, 0)
    assert segments.sizeHint() == before
    segments.set_count(0, 1234)
    assert segments.sizeHint().width() > before.width()


def test_a_count_beside_a_segment_is_spoken() -> None:
    segments = SegmentedControl(("Installed", "Running"))
    segments.set_count(0, 4)
    assert segments.group.button(0).accessibleName() == "Installed, 4"
    segments.set_count(0, None)
    assert segments.group.button(0).accessibleName() == "Installed"


def test_escape_clears_the_search_and_only_then_goes_on(qtbot: QtBot) -> None:
    field = SearchField("Search")
    qtbot.addWidget(field)
    field.setText("qwen")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == ""


def test_a_slider_speaks_its_value_in_words(qtbot: QtBot) -> None:
    slider = SliderField("Context", "4k tokens", low=0, high=9, value=1)
    qtbot.addWidget(slider)
    with qtbot.waitSignal(slider.changed) as changed:
        qtbot.keyClick(slider.slider, Qt.Key.Key_Right)
    assert changed.args == [2]
    slider.show_value("8k tokens")
    assert slider.slider.accessibleName() == "Context: 8k tokens"
    assert slider.value.text() == "8k tokens"


def test_space_turns_a_switch(qtbot: QtBot) -> None:
    switch = Switch("Refresh prices")
    qtbot.addWidget(switch)
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_line_of_a_list_is_chosen_by_key(qtbot: QtBot, key: Qt.Key) -> None:
    line = RowButton("Triage")
    qtbot.addWidget(line)
    with qtbot.waitSignal(line.clicked):
        qtbot.keyClick(line, key)


def test_a_line_of_a_list_is_chosen_by_mouse_but_not_when_the_mouse_leaves(qtbot: QtBot) -> None:
    line = RowButton("Triage")
    qtbot.addWidget(line)
    line.resize(100, 40)
    with qtbot.waitSignal(line.clicked):
        click(qtbot, line)
    with qtbot.assertNotEmitted(line.clicked):
        qtbot.mousePress(line, Qt.MouseButton.LeftButton)
        qtbot.mouseRelease(line, Qt.MouseButton.LeftButton, pos=line.rect().bottomRight() * 3)


def test_a_count_in_the_sidebar_is_spoken() -> None:
    item = NavItem("models", "Models")
    item.set_note("4")
    assert item.accessibleName() == "Models, 4"
    item.set_note("")
    assert item.accessibleName() == "Models"


def test_a_banner_says_when_it_is_closed(qtbot: QtBot) -> None:
    banner = Banner("danger", "The download stopped", "The disk is full.", closable=True)
    qtbot.addWidget(banner)
    assert banner.accessibleName() == "The download stopped The disk is full."
    with qtbot.waitSignal(banner.dismissed):
        click(qtbot, visible_button(banner, "Dismiss"))


def test_that_buttons_of_a_banner_go_below_words_that_they_would_squeeze(qtbot: QtBot) -> None:
    no, yes = button("Cancel"), button("Send without a known price", "primary")
    text = "mystery-1: at most 234 tokens in and 1,024 out. No price table knows it."
    banner = Banner("caution", "What it costs is not known", text, no, yes)
    qtbot.addWidget(banner)
    words = banner.findChildren(QLabel)[-1]
    banner.resize(430, 160)
    banner.show()
    settle()
    assert no.mapTo(banner, QPoint()).y() > words.mapTo(banner, QPoint()).y()
    assert words.width() > 300
    assert no.mapTo(banner, QPoint()).y() == yes.mapTo(banner, QPoint()).y()
    banner.resize(900, 80)
    settle()
    assert no.mapTo(banner, QPoint()).x() > words.mapTo(banner, QPoint()).x() + words.width()
    assert yes.width() == yes.sizeHint().width(), "beside the words they keep their line"
    assert no.mapTo(banner, QPoint()).y() == yes.mapTo(banner, QPoint()).y()


def test_a_state_line_changes_in_place(qtbot: QtBot) -> None:
    line = StateLine(State.RUNNING, "Hardware")
    qtbot.addWidget(line)
    line.show()
    assert active_timers(), "a spinner turns while it is seen"
    line.show_line(State.FAILED, "Hardware", "No driver answered.", action="Show why")
    assert line.state is State.FAILED
    assert line.accessibleName() == "failed: Hardware. No driver answered."
    with qtbot.waitSignal(line.triggered):
        click(qtbot, visible_button(line, "Show why"))
    line.show_line(State.DONE, "Hardware", "RTX 4090")
    assert line.detail.tone == "text_3"


def test_a_spinner_that_is_not_seen_does_not_tick(qtbot: QtBot) -> None:
    spinner = Spinner()
    qtbot.addWidget(spinner)
    assert active_timers() == []
    spinner.show()
    assert len(active_timers()) == 1
    spinner.hide()
    assert active_timers() == []


def test_a_toast_stays_at_the_bottom_and_can_be_undone(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    toast = Toast(window, "Deleted codellama:34b", action="Undo")
    toast.show()
    before = toast.y()
    window.resize(600, 500)
    assert toast.y() == before + 100
    with qtbot.waitSignal(toast.undone):
        click(qtbot, visible_button(toast, "Undo"))
    assert toast.isHidden()


def test_a_toast_waits_while_the_pointer_is_over_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "TOAST_MS", 30)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    toast = Toast(window, "Deleted codellama:34b", action="Undo")
    toast.show()
    here = QPointF(1, 1)
    QApplication.sendEvent(toast, QEnterEvent(here, here, here))
    qtbot.wait(90)
    assert not toast.isHidden()
    with qtbot.waitSignal(toast.destroyed):
        QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))


def test_a_place_holds_one_widget_at_a_time(qtbot: QtBot) -> None:
    place_of_one = Swap(label("first"))
    qtbot.addWidget(place_of_one)
    second = label("second")
    place_of_one.hold(second)
    place_of_one.hold(second)
    assert place_of_one.content is second
    place_of_one.show()
    assert [w.text() for w in place_of_one.findChildren(type(second)) if w.isVisible()] == [
        "second"
    ]


def test_a_side_part_goes_below_where_there_is_no_room(qtbot: QtBot) -> None:
    main, side = Card("Main"), Card("Side")
    both = SideBySide(main, side, side_width=300, needs=800)
    qtbot.addWidget(both)
    both.resize(1000, 400)
    both.show()
    assert side.x() > main.x()
    assert side.width() == 300
    both.resize(600, 800)
    qtbot.waitUntil(lambda: side.y() > main.y())
    assert side.width() == 600


def test_a_meter_shows_another_figure_in_the_same_place() -> None:
    meter = FigureLabel("Rate", shown(Unknown("not run yet"), Unit.TOKENS_PER_SECOND))
    assert meter.accessibleName() == "Rate: unknown: not run yet"
    meter.set_shown(shown(Estimated(54, 63, 71, "f"), Unit.TOKENS_PER_SECOND))
    assert "about 63 tok/s" in meter.accessibleName()
    meter.set_caption("Decoding")
    meter.set_shown(shown(Measured(74.2, "", "here"), Unit.TOKENS_PER_SECOND))
    assert meter.accessibleName().startswith("Decoding: 74.2 tok/s, measured")


def test_the_legend_of_a_memory_bar_carries_the_numbers() -> None:
    bar = MemoryBar()
    bar.set_memory(gallery.SEGMENTS, total_bytes=24 * gallery.GIB, need_bytes=28 * gallery.GIB)
    spoken = bar.accessibleName().replace("\u00a0", " ")
    assert "Weights 16.0 GiB" in spoken
    assert "of 24.0 GiB" in spoken
    assert "needed 28.0 GiB" in spoken


def test_that_the_filling_of_a_segment_is_its_colour_hatched_or_free() -> None:
    def colours(pattern: Pattern) -> set[int]:
        picture = QImage(20, 20, QImage.Format.Format_RGB32)
        picture.fill(theme.color("danger"))
        painter = QPainter(picture)
        segment = Segment("Weights", 1, "here", pattern)
        paint_swatch(painter, QRectF(picture.rect()), segment)
        painter.end()
        return {picture.pixelColor(x, y).rgb() for x in range(20) for y in range(20)}

    tint, free = theme.color("here").rgb(), theme.color("sunken").rgb()
    assert colours("solid") == {tint}
    assert colours("free") == {free}
    assert colours("hatch") >= {tint, free}


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (PullState.RUNNING, ["Pause qwen3:8b", "Cancel qwen3:8b"]),
        (PullState.PAUSED, ["Resume qwen3:8b", "Cancel qwen3:8b"]),
        (PullState.QUEUED, ["Cancel qwen3:8b"]),
        (PullState.FAILED, ["Free space", "Resume qwen3:8b", "Cancel qwen3:8b"]),
        (PullState.DONE, ["Clear qwen3:8b from the list"]),
    ],
)
def test_a_download_offers_what_can_be_done_with_it(
    qtbot: QtBot, state: PullState, buttons: list[str]
) -> None:
    remedy = "Free space" if state is PullState.FAILED else ""
    pull = Pull(name="qwen3:8b", state=state, fraction=0.4, detail="d", remedy=remedy)
    row = PullRow(pull)
    qtbot.addWidget(row)
    row.show()
    offered = [b for b in row.findChildren(QAbstractButton) if b.isVisible()]
    assert [b.accessibleName() or b.text() for b in offered] == buttons
    signals = {
        "Pause": row.paused,
        "Resume": row.resumed,
        "Cancel": row.cancelled,
        "Clear": row.cancelled,
        "Free": row.remedied,
    }
    for one in offered:
        wanted = signals[(one.accessibleName() or one.text()).split()[0]]
        with qtbot.waitSignal(wanted) as emitted:
            click(qtbot, one)
        assert emitted.args == ["qwen3:8b"]


def test_a_download_of_unknown_size_shows_no_percentage() -> None:
    pull = Pull(name="m", state=PullState.RUNNING, fraction=None, detail="asking the registry")
    assert "%" not in PullRow(pull).accessibleName()


def test_the_chosen_option_comes_first_and_excluded_ones_say_why() -> None:
    spoken = CostBars(gallery.COSTS).accessibleName()
    assert spoken.index("This machine: ~$31") < spoken.index("Frontier cloud: ~$412")
    assert "Rented GPU: the lock names two vendors" in spoken


def test_a_tornado_speaks_ends_and_flips() -> None:
    chart = Tornado()
    chart.set_swings(gallery.SWINGS, saving_now=208)
    assert "Hosted price: $95 to $236 flips at $1.43" in chart.accessibleName()
    assert "Volume: \u2212$40 to $240" in chart.accessibleName()


def test_a_pipeline_says_what_leaves() -> None:
    chart = PipelineMap()
    chart.set_steps(gallery.STEPS)
    assert chart.accessibleName() == "Pipeline. Leaves this machine: Embed."
    chart.set_steps(gallery.STEPS[:1])
    assert chart.accessibleName() == "Pipeline. Nothing leaves this machine."


def test_a_verdict_card_speaks_its_verdict_and_acts(qtbot: QtBot) -> None:
    card = VerdictCard()
    qtbot.addWidget(card)
    assert card.accessibleName() == "Verdict: being decided"
    card.set_advice(gallery.ADVICE)
    card.show()
    assert "Split: 78 % here" in card.accessibleName()
    with qtbot.waitSignal(card.acted):
        click(qtbot, visible_button(card, "Export routing\u2026"))


@pytest.mark.parametrize("words", ["a <b>bold</b> name", "&lt;b&gt; & <", "a > b"])
def test_that_a_tooltip_says_what_looks_like_markup(words: str) -> None:
    said, tooltip = QTextDocument(), no_markup(words)
    # As Qt does with what it takes for markup.
    (said.setHtml if tooltip.startswith("<") else said.setPlainText)(tooltip)
    assert said.toPlainText() == words
    assert tooltip.startswith("<") == ("<" in words or "&lt;" in words)


def test_text_in_a_verdict_card_is_text_and_no_markup(qtbot: QtBot) -> None:
    card = VerdictCard()
    qtbot.addWidget(card)
    hostile = gallery.ADVICE.__class__(
        verdict="CLOUD_FRONTIER",
        headline="h",
        confidence=1,
        confidence_note="",
        reason="<img src='file:///etc/passwd'> 3 < 4",
        rules="R<b>1</b>",
        money=None,
        money_text="nothing to compare",
        flips=(),
        next_step="measure",
        provisional=True,
    )
    card.set_advice(hostile)
    html = [w.text() for w in card.findChildren(type(label(""))) if "passwd" in w.text()]
    assert len(html) == 1
    assert "<img" not in html[0]
    assert "R&lt;b&gt;" in html[0]


def test_a_chip_of_an_unknown_name_looks_undecided() -> None:
    assert place("SOMETHING_NEW") is place("")
    assert VerdictChip("HYBRID", provisional=True).accessibleName() == "Verdict: Split, provisional"


def test_a_fit_has_its_word() -> None:
    assert FitLook.of("gpu") is FitLook.FITS
    assert FitLook.of("gpu", tight=True) is FitLook.TIGHT
    assert FitLook.of("partial").word == "Part on CPU"
    assert FitLook.of("cpu").word == "On the CPU"
    assert FitLook.of("no").word == "Does not fit"


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_chart_can_be_saved_as_a_picture(qtbot: QtBot, tmp_path: Path, suffix: str) -> None:
    chart = CostBars(gallery.COSTS)
    qtbot.addWidget(chart)
    chart.resize(600, chart.height())
    path = tmp_path / f"costs{suffix}"
    save_picture(chart, path)
    if suffix == ".png":
        assert QImage(str(path)).width() == 1200
    else:
        assert "<svg" in path.read_text(encoding="utf-8")


def test_a_picture_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    chart = CostBars(gallery.COSTS)
    chart.resize(100, 100)
    with pytest.raises(Unavailable):
        save_picture(chart, tmp_path / "no" / "such" / "folder.png")


@pytest.mark.parametrize(
    ("span", "step"), [(430, 100), (1, 0.2), (0, 1.0), (9.9, 2), (10, 2), (0.03, 0.01)]
)
def test_steps_of_an_axis_are_round(span: float, step: float) -> None:
    assert nice_step(span) == pytest.approx(step)


def test_an_axis_never_shows_one_number_alone() -> None:
    for count in (1, 2, 5, 9):
        assert len(ticks(0, 428, count)) >= 2
    assert 0.0 in ticks(-40, 240, 2)


@pytest.mark.parametrize(
    ("high", "step"),
    [(0.8, 0.2), (3, 1), (75, 15), (1000, 300), (3600, 900), (36_001, 21_600), (864_000, 172_800)],
)
def test_steps_of_time_are_round_in_their_unit(high: float, step: float) -> None:
    found = seconds_ticks(high)
    assert found[:2] == [0.0, pytest.approx(step)]
    assert found[-1] <= high < found[-1] + step


def test_an_axis_of_time_never_shows_one_number_alone() -> None:
    assert all(2 <= len(seconds_ticks(0.1 * 1.3**n)) <= 8 for n in range(70))


def test_ticks_lose_no_minus_sign() -> None:
    assert money_tick(-200.0, 100.0) == "\u2212$200"
    assert money_tick(0.5, 0.5) == "$0.50"
    assert [money_tick(n * 0.002, 0.002) for n in range(3)] == ["$0.000", "$0.002", "$0.004"]


def test_the_button_beside_a_chart_asks_for_a_file_and_writes_it(
    qtbot: QtBot, tmp_path: Path
) -> None:
    chart = CostBars()
    chart.resize(300, 120)
    button = picture_button(chart, "costs")
    qtbot.addWidget(chart)
    qtbot.addWidget(button)
    assert button.accessibleName() == "Save as a picture…"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = chart.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.defaultSuffix() == "png"
    dialog.fileSelected.emit(str(tmp_path / "costs.png"))
    dialog.reject()
    assert (tmp_path / "costs.png").read_bytes().startswith(b"\x89PNG")


def test_that_actions_without_room_in_one_line_go_on_in_the_next(qtbot: QtBot) -> None:
    actions = [button(f"Action {number} of the page") for number in range(5)]
    header = PageHeader("Page", "A fact", *actions)
    page = QWidget()
    qtbot.addWidget(page)
    header.setParent(page)
    wide = sum(one.sizeHint().width() for one in actions)
    header.resize(wide // 2 + 60, 300)
    page.show()
    settle()
    lines = [one.geometry().top() for one in actions]
    assert lines[0] == lines[1] < lines[-1]
    assert all(one.geometry().right() < header.width() for one in actions)
    header.resize(wide + 400, 100)
    settle()
    assert len({one.geometry().top() for one in actions}) == 1


def test_that_segments_and_fields_say_of_what_they_are() -> None:
    colours = SegmentedControl(("System", "Dark"))
    field = SettingField("Colours", "", colours, resettable=False)
    assert field.name == "Colours"
    assert colours.group.button(0).accessibleDescription() == "Colours"
    days = NumberField("A price is stale after", "Default 45.", unit="days")
    assert days.edit.accessibleDescription() == "days. Default 45."


def test_that_a_heading_of_a_column_is_told_whole_on_hover() -> None:
    table = DataTable([Column("Billed less recomputed", 40)], "Usage")
    model, head = table.model(), Qt.Orientation.Horizontal
    assert model.headerData(0, head, Qt.ItemDataRole.ToolTipRole) == "Billed less recomputed"
