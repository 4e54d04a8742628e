"""The shell: pages, banner, toast, host line, geometry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.hosts.runtime import InstalledModel, RuntimeState
from landfall.gui.app_state import AppState
from landfall.gui.bug_report import BugReport
from landfall.gui.coming_page import ComingPage
from landfall.gui.main_window import MainWindow
from landfall.gui.messages import Action, Messages, Notice
from landfall.gui.page import Page, PageState
from landfall.gui.sidebar import PAGES
from landfall.gui.theme import Text
from landfall.gui.widgets.feedback import Banner, Toast
from landfall.gui.widgets.layout import label
from tests.gui import worlds
from tests.gui.conftest import settle


class Recorder(Page):
    """A page that remembers what it was asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.asked: list[str] = []
        self.refreshed = 0
        self.settled_times = 0

    def open_at(self, detail: str) -> None:
        self.asked.append(detail)

    def refresh(self) -> None:
        self.refreshed += 1

    def after_first_paint(self) -> None:
        self.settled_times += 1


@pytest.fixture
def window(qtbot: QtBot, state: AppState, messages: Messages) -> MainWindow:
    made = MainWindow(state, messages, page_factory=Recorder)
    qtbot.addWidget(made)
    made.open_page("home")
    made.show()
    qtbot.waitExposed(made)
    return made


def recorder(window: MainWindow, name: str) -> Recorder:
    page = window.page(name)
    assert isinstance(page, Recorder)
    return page


def test_a_page_is_made_when_it_is_first_opened(window: MainWindow) -> None:
    assert window.page("models") is None
    window.open_page("models")
    first = window.page("models")
    window.open_page("home")
    window.open_page("models")
    assert window.page("models") is first
    assert recorder(window, "models").refreshed == 2


def test_a_page_that_comes_is_announced_and_shown_when_it_can_be_made(
    qtbot: QtBot, state: AppState, messages: Messages
) -> None:
    there = {"home"}
    window = MainWindow(
        state, messages, page_factory=lambda name: Recorder(name) if name in there else None
    )
    qtbot.addWidget(window)
    made: list[str] = []
    window.page_made.connect(made.append)
    window.open_page("home")
    window.show()
    window.open_page("models", "qwen3:8b")
    assert window.page_name == ""
    coming = window.stack.currentWidget()
    assert isinstance(coming, ComingPage)
    assert coming.accessibleName() == "Models"
    assert window.sidebar.items["models"].isChecked()
    window.open_page("cloud")
    there.update(("models", "cloud"))
    window.on_page_can_be_made("models")
    assert window.page("models") is None, "the user went elsewhere"
    window.on_page_can_be_made("cloud")
    assert window.page_name == "cloud"
    window.open_page("models", "qwen3:8b")
    assert recorder(window, "models").asked == ["qwen3:8b"]
    assert made == ["home", "cloud", "models"]


def test_the_sidebar_has_eight_pages_and_opens_them(window: MainWindow) -> None:
    assert len(PAGES) == 8
    for name in PAGES:
        window.sidebar.items[name].click()
        assert window.page_name == name
        assert window.sidebar.items[name].isChecked()


@pytest.mark.parametrize("index", range(8))
def test_control_and_a_digit_open_a_page(qtbot: QtBot, window: MainWindow, index: int) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    digit = Qt.Key(Qt.Key.Key_1.value + index)
    qtbot.keyClick(window, digit, Qt.KeyboardModifier.ControlModifier)
    assert window.page_name == PAGES[index]


def test_f1_asks_what_program_this_is(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(window.about_asked):
        qtbot.keyClick(window, Qt.Key.Key_F1)


def test_tab_goes_through_the_sidebar_in_reading_order(window: MainWindow) -> None:
    order: list[str] = []
    widget: QWidget = window.sidebar.items["home"]
    for _ in range(200):
        if widget.objectName().startswith("nav-"):
            order.append(widget.objectName().removeprefix("nav-"))
        widget = widget.nextInFocusChain()
        if widget is window.sidebar.items["home"]:
            break
    assert order == list(PAGES)


def test_the_focus_starts_on_the_page(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.open_page("models")
    assert QApplication.focusWidget() is window.page("models")


def test_that_a_jump_to_a_field_leaves_the_keyboard_there(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The price of electricity from Home, the prompt from Models: both are to be typed into."""
    window.open_page("settings")
    field = QLineEdit(recorder(window, "settings"))
    field.show()

    def open_at(_page: Recorder, _detail: str) -> None:
        field.setFocus()

    monkeypatch.setattr(Recorder, "open_at", open_at)
    window.activateWindow()
    window.open_page("home")
    qtbot.waitUntil(recorder(window, "home").hasFocus)
    recorder(window, "home").jump.emit("settings", "electricity")
    assert field.hasFocus()


def test_a_page_may_jump_to_another_and_ask_for_a_detail(window: MainWindow) -> None:
    recorder(window, "home").jump.emit("models", "qwen3:8b")
    assert window.page_name == "models"
    assert recorder(window, "models").asked == ["qwen3:8b"]


def test_a_page_is_told_once_that_it_was_painted(qtbot: QtBot, window: MainWindow) -> None:
    page = recorder(window, "home")
    qtbot.waitUntil(lambda: page.settled)
    window.open_page("models")
    window.open_page("home")
    page.repaint()
    assert page.settled_times == 1


def test_a_page_says_its_state(qtbot: QtBot, window: MainWindow) -> None:
    page = recorder(window, "home")
    assert page.state is PageState.LOADING
    with qtbot.waitSignal(page.state_changed) as changed:
        page.set_state(PageState.READY)
    assert changed.args == [PageState.READY]
    with qtbot.assertNotEmitted(page.state_changed):
        page.set_state(PageState.READY)


def test_a_page_never_scrolls_sideways_and_takes_the_height_of_its_words(
    qtbot: QtBot, window: MainWindow
) -> None:
    page = recorder(window, "home")
    page.body.addWidget(label("word " * 2000, wrap=True))
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() > 0)
    assert page.horizontalScrollBar().maximum() == 0


def test_the_window_paints_once_for_the_first_time(
    qtbot: QtBot, state: AppState, messages: Messages
) -> None:
    window = MainWindow(state, messages, page_factory=Recorder)
    qtbot.addWidget(window)
    window.open_page("home")
    painted: list[bool] = []
    window.first_painted.connect(lambda: painted.append(True))
    window.show()
    qtbot.waitUntil(lambda: bool(painted))
    window.repaint()
    qtbot.waitUntil(lambda: recorder(window, "home").settled)
    assert painted == [True]


@pytest.mark.parametrize(
    ("state_of_server", "said"),
    [
        (RuntimeState.RUNNING, "This machine: Ollama 0.24.0"),
        (RuntimeState.STOPPED, "This machine: Ollama is stopped"),
        (RuntimeState.ABSENT, "This machine: Ollama is not installed"),
        (RuntimeState.REMOTE, "rack.example:11434: Ollama 0.24.0"),
    ],
)
def test_the_host_line_says_where_models_run(
    window: MainWindow, state: AppState, state_of_server: RuntimeState, said: str
) -> None:
    assert window.sidebar.host.accessibleName() == "This machine: Looking for Ollama"
    state.set_runtimes(worlds.ollama(state_of_server))
    assert window.sidebar.host.accessibleName() == said


def test_that_the_host_line_calls_a_kept_host_by_its_name_and_says_when_it_is_silent(
    window: MainWindow, state: AppState
) -> None:
    (found,) = worlds.ollama(RuntimeState.REMOTE)
    state.set_runtimes((replace(found, name="Rack 1"),))
    assert window.sidebar.host.accessibleName() == "Rack 1: Ollama 0.24.0"
    state.set_runtimes((replace(found, name="Rack 1", version=None),))
    assert window.sidebar.host.accessibleName() == "Rack 1: Does not answer"
    state.set_runtimes((replace(found, name="tunnel", state=RuntimeState.RUNNING),))
    assert window.sidebar.host.accessibleName() == "tunnel: Ollama 0.24.0"


def test_the_host_line_points_at_warnings_and_leads_to_the_machine(
    qtbot: QtBot, window: MainWindow, state: AppState
) -> None:
    state.set_runtimes(worlds.ollama(RuntimeState.RUNNING, warnings=("open to the network",)))
    assert "see warnings" in window.sidebar.host.accessibleName()
    qtbot.keyClick(window.sidebar.host, Qt.Key.Key_Return)
    assert window.page_name == "machine"
    state.set_runtimes(())
    assert "not installed" in window.sidebar.host.accessibleName()


def test_counts_stand_in_the_sidebar_and_unknown_is_no_count(
    window: MainWindow, state: AppState
) -> None:
    model = InstalledModel(
        name="qwen3:8b",
        digest="d",
        size_bytes=1,
        modified_at="",
        family="qwen3",
        parameter_size="8B",
        quantization="Q4_K_M",
        remote=False,
    )
    state.set_models((model,), ())
    state.set_workloads((worlds.TRIAGE, worlds.PHOTOS))
    assert window.sidebar.items["models"].accessibleName() == "Models, 1"
    assert window.sidebar.items["workloads"].accessibleName() == "Workloads, 2"
    state.set_models(None, None)
    assert window.sidebar.items["models"].accessibleName() == "Models"


def banners(window: MainWindow) -> list[str]:
    settle()
    return [b.accessibleName() for b in window.findChildren(Banner) if b.isVisible()]


def test_one_banner_at_a_time_and_its_button_deals_with_it(
    qtbot: QtBot, window: MainWindow, messages: Messages
) -> None:
    done: list[bool] = []
    messages.show(Notice(key="old", tone="caution", title="Prices are old."))
    refresh = Action("Refresh", lambda: done.append(True))
    messages.show(Notice(key="gone", tone="danger", title="Ollama is gone.", action=refresh))
    assert banners(window) == ["Ollama is gone."]
    press = next(b for b in window.findChildren(QAbstractButton) if b.text() == "Refresh")
    press.click()
    assert done == [True]
    assert banners(window) == ["Prices are old."]
    messages.dismiss("old")
    assert banners(window) == []


def test_a_toast_replaces_the_one_before(
    qtbot: QtBot, window: MainWindow, messages: Messages
) -> None:
    undone: list[str] = []
    messages.toast("Deleted one")
    messages.toast("Deleted two", undo=Action("Undo", lambda: undone.append("two")))
    shown = [t for t in window.findChildren(Toast) if t.isVisible()]
    assert [t.accessibleName() for t in shown] == ["Deleted two"]
    next(b for b in shown[0].findChildren(QAbstractButton) if b.text() == "Undo").click()
    assert undone == ["two"]


def test_a_bug_opens_a_report_and_the_window_goes_on(
    window: MainWindow, messages: Messages, caplog: pytest.LogCaptureFixture
) -> None:
    messages.report_bug(ValueError("an index"))
    caplog.clear()
    assert len(window.findChildren(BugReport)) == 1
    window.open_page("models")
    assert window.page_name == "models"
    window.findChildren(BugReport)[0].close()


def test_that_the_first_window_has_its_lower_edge_on_a_small_screen(
    qtbot: QtBot, state: AppState, messages: Messages
) -> None:
    made = MainWindow(state, messages, page_factory=Recorder)
    qtbot.addWidget(made)
    room = made.screen().availableSize()
    assert room.height() <= 800, "the offscreen screen"
    assert made.height() <= room.height() - 40, "its title bar pushes it below the screen"


def test_the_window_comes_back_where_it_was(
    qtbot: QtBot, state: AppState, messages: Messages, tmp_path: Path
) -> None:
    place = str(tmp_path / "window.ini")

    def window() -> MainWindow:
        storage = QSettings(place, QSettings.Format.IniFormat)
        made = MainWindow(state, messages, page_factory=Recorder, storage=storage)
        qtbot.addWidget(made)
        made.open_page("home")
        return made

    first = window()
    first.resize(1024, 700)  # the offscreen screen is 800 pixels high
    first.show()
    qtbot.waitExposed(first)
    with qtbot.waitSignal(first.closing):
        first.close()
    assert window().size() == first.size()


def test_larger_system_text_reaches_what_shows(
    qtbot: QtBot, qapp: QApplication, window: MainWindow
) -> None:
    page = recorder(window, "home")
    before, system = page.header.title.font().pointSizeF(), qapp.font()
    larger = QFont(system)
    larger.setPointSizeF(system.pointSizeF() * 1.5)
    try:
        qapp.setFont(larger)
        qtbot.waitUntil(lambda: page.header.title.font().pointSizeF() > before * 1.4)
        assert label("x", Text.BODY).font().pointSizeF() == pytest.approx(larger.pointSizeF())
    finally:
        qapp.setFont(system)
    qtbot.waitUntil(lambda: page.header.title.font().pointSizeF() == pytest.approx(before))


def test_larger_system_text_is_heeded_before_the_first_frame_too(
    qtbot: QtBot, qapp: QApplication, state: AppState, messages: Messages
) -> None:
    system = qapp.font()
    larger = QFont(system)
    larger.setPointSizeF(system.pointSizeF() * 1.5)
    window = MainWindow(state, messages, page_factory=Recorder)
    qtbot.addWidget(window)
    window.open_page("home")
    page = recorder(window, "home")
    before = page.header.title.font().pointSizeF()
    try:
        qapp.setFont(larger)
        settle()
        assert page.header.title.font().pointSizeF() > before * 1.4
    finally:
        qapp.setFont(system)
        settle()
