"""Home and Machine in each of their states, from what the window knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.hosts.runtime import RuntimeState
from landfall.core.provenance import Estimated
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.bill import bill
from landfall.gui.format import Shown
from landfall.gui.messages import Messages
from landfall.gui.page import Page, PageState
from landfall.gui.pages.home_page import HomePage
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import Skeleton, State, StateLine
from landfall.gui.widgets.tables import DataTable
from tests.gui import worlds
from tests.gui.conftest import active_timers, settle
from tests.gui.still import watched

Show = Callable[[Page], None]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    def shown(page: Page) -> None:
        qtbot.addWidget(page)
        page.resize(1100, 900)
        page.show()
        qtbot.waitUntil(lambda: page.settled)

    return shown


def words(widget: QWidget) -> str:
    """Everything that is written or spoken on what can be seen."""
    settle()
    said = [w.text() for w in widget.findChildren(QLabel) if w.isVisible()]
    said += [b.text() for b in widget.findChildren(QAbstractButton) if b.isVisible()]
    for table in widget.findChildren(DataTable):
        if table.isVisible():
            said += [spoken(cell) for row in table.table.rows for cell in row]
    return "\n".join(said).replace("\u00a0", " ")


def press(widget: QWidget, text: str) -> None:
    settle()
    next(
        b for b in widget.findChildren(QAbstractButton) if b.isVisible() and b.text() == text
    ).click()


def everything(state: AppState) -> None:
    state.set_profile(worlds.WITH_GPU)
    state.set_power_sources(worlds.SENSORS)
    state.set_runtimes(worlds.ollama(RuntimeState.RUNNING))
    state.set_models((), worlds.LOADED)
    state.set_workloads((worlds.TRIAGE, worlds.PHOTOS, worlds.LETTERS))


# Home


def test_home_starts_with_skeletons_and_fills(state: AppState, show: Show) -> None:
    home = HomePage(state)
    assert home.findChildren(Skeleton)
    assert home.state is PageState.LOADING
    show(home)
    assert "Finding out what this machine can run" in words(home)
    everything(state)
    said = words(home)
    assert "NVIDIA GeForce RTX 4090" in said
    assert "Triage" in said
    assert "This machine" in said
    assert "Workloads: 3, with a firm verdict: 2" in said
    assert home.state is PageState.PARTIAL


def test_that_what_stands_below_the_machine_on_home_does_not_move_when_it_is_found(
    state: AppState, show: Show
) -> None:
    home = HomePage(state)
    show(home)
    before = top_of(home, "Workloads")
    everything(state)
    assert abs(top_of(home, "Workloads") - before) <= 4


def top_of(page: Page, title: str) -> int:
    """How far below the top of the page a title stands, in pixels."""
    settle()
    shown = (one for one in page.findChildren(QLabel) if one.isVisible() and one.text() == title)
    return next(shown).mapTo(page, QPoint(0, 0)).y()


def test_that_facts_do_not_move_when_the_machine_and_its_ollama_are_found(
    state: AppState, messages: Messages, show: Show
) -> None:
    page = MachinePage(state, messages)
    show(page)
    before = top_of(page, "Facts")
    state.set_profile(worlds.WITHOUT_GPU)
    assert abs(top_of(page, "Facts") - before) <= 4
    state.set_runtimes(worlds.ollama(RuntimeState.RUNNING))
    assert abs(top_of(page, "Facts") - before) <= 4


@pytest.mark.parametrize("there", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("width", [1100, 700])
def test_that_accelerators_come_into_the_places_that_were_kept_for_them(
    state: AppState, messages: Messages, qtbot: QtBot, there: int, width: int
) -> None:
    state.expected_accelerators = there
    page = MachinePage(state, messages)
    qtbot.addWidget(page)
    page.resize(width, 900)
    page.show()
    qtbot.waitUntil(lambda: page.settled)
    qtbot.wait(100)
    before = top_of(page, "Ollama")
    cards = tuple(replace(worlds.GPU, id=str(i), reasons=()) for i in range(there))
    state.set_profile(replace(worlds.WITH_GPU, accelerators=cards))
    qtbot.waitUntil(lambda: abs(top_of(page, "Ollama") - before) <= 4)


def test_that_a_chosen_host_that_is_silent_is_ticked_nowhere(
    state: AppState, messages: Messages, show: Show
) -> None:
    home, machine = HomePage(state), MachinePage(state, messages)
    show(home)
    show(machine)
    everything(state)
    (there,) = worlds.ollama(RuntimeState.REMOTE)
    state.set_runtimes((replace(there, version=None),))
    for page in (home, machine):
        page.refresh()
        lines = [one for one in page.findChildren(StateLine) if there.url in one.accessibleName()]
        assert {one.state for one in lines} == {State.FAILED}


def test_home_shows_what_a_page_that_was_hidden_has_missed(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    home.hide()
    everything(state)
    assert "RTX 4090" not in words(home)
    home.show()
    home.refresh()
    assert "RTX 4090" in words(home)


def test_home_says_what_is_missing_for_a_verdict(qtbot: QtBot, state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    state.set_profile(worlds.WITHOUT_GPU)
    state.set_power_sources(())
    state.set_runtimes(worlds.ollama(RuntimeState.ABSENT))
    state.set_workloads(())
    assert home.state is PageState.EMPTY
    said = words(home)
    for line in (
        "CPU only: AMD EPYC",
        "Ollama is not installed",
        "Power sensors",
        "No workload yet",
    ):
        assert line in said
    for text, page, detail in (
        ("Get Ollama", "machine", "ollama"),
        ("Show why", "machine", "power"),
        ("Set price", "settings", "electricity"),
        ("Describe it", "workloads", "new"),
        ("Describe a workload", "workloads", "new"),
        ("New workload", "workloads", "new"),
    ):
        with qtbot.waitSignal(home.jump) as jump:
            press(home, text)
        assert jump.args == [page, detail], text


def test_home_starts_an_ollama_that_is_stopped(qtbot: QtBot, state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    state.set_workloads(())
    state.set_runtimes(worlds.ollama(RuntimeState.STOPPED))
    with qtbot.waitSignal(home.ollama_start_asked):
        press(home, "Start Ollama")


def test_home_says_that_samples_are_samples_and_bills_nobody_for_them(
    state: AppState, show: Show
) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    assert "Monthly bill" in words(home)
    state.set_workloads((replace(worlds.TRIAGE, sample=True),))
    said = words(home)
    assert "sample, 4.5 M tokens a day" in said
    assert "No workload of your own yet" in said
    assert "Monthly bill" not in said
    assert "Before your own verdict" in said


def test_home_lists_what_runs_and_what_comes_next(
    qtbot: QtBot, state: AppState, show: Show
) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    state.set_running((worlds.PULLING,))
    with qtbot.waitSignal(home.jump) as jump:
        press(home, "Show")
    assert jump.args == ["models", ""]
    with qtbot.waitSignal(home.jump) as jump:
        press(home, "Measure")
    assert jump.args == ["workloads", "Triage"]
    state.set_running(())
    assert "Pulling" not in words(home)


def test_home_opens_a_workload(qtbot: QtBot, state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    settle()
    table = next(t for t in home.findChildren(DataTable) if t.isVisible())
    with qtbot.waitSignal(home.jump) as jump:
        table.opened.emit(1)
    assert jump.args == ["workloads", "Photos"]


def test_home_says_what_failed_and_where_to_look(qtbot: QtBot, state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    state.set_profile_error("The driver hangs.")
    state.set_workloads((), error="The file is damaged.")
    assert home.state is PageState.FAILED
    said = words(home)
    assert "The driver hangs." in said
    assert "The file is damaged." in said
    with qtbot.waitSignal(home.jump) as jump:
        press(home, "Show history")
    assert jump.args == ["history", ""]
    with qtbot.waitSignal(home.jump) as jump:
        press(home, "Show machine")
    assert jump.args == ["machine", ""]


def test_home_calls_nothing_firm_that_is_too_close_to_call(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    close = replace(worlds.TRIAGE, close=True)
    state.set_workloads((close, worlds.LETTERS, replace(worlds.PHOTOS, sample=True)))
    said = words(home)
    assert "Workloads: 2, with a firm verdict: 1, too close to call: 1; samples: 1" in said
    assert "4.5 M tokens a day, too close to call" in said
    assert "This machine, provisional" in said
    assert home.state is PageState.PARTIAL


def test_home_dates_a_sum_that_has_no_band(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    flat = replace(
        worlds.TRIAGE,
        now_usd_month=Estimated(412, 412, 412, "tokens by price"),
        now_note="9 Nov",
        after_note="never shown beside a band",
    )
    state.set_workloads((flat,))
    settle()
    table = next(t for t in home.findChildren(DataTable) if t.isVisible())
    now, after = table.table.rows[0][2:4]
    assert isinstance(now, Shown)
    assert isinstance(after, Shown)
    assert (now.detail, after.detail) == ("price of 9 Nov", "27\u201338")


def test_home_names_a_sample_once(qtbot: QtBot, state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    state.set_workloads((replace(worlds.TRIAGE, name="Sample: letters", sample=True),))
    assert "Letters, sample, 4.5 M tokens a day" in words(home)
    table = next(t for t in home.findChildren(DataTable) if t.isVisible())
    with qtbot.waitSignal(home.jump) as jump:
        table.opened.emit(0)
    assert jump.args == ["workloads", "Sample: letters"]


def test_a_server_that_starts_is_neither_stopped_nor_startable(
    state: AppState, messages: Messages, show: Show
) -> None:
    home, machine = HomePage(state), MachinePage(state, messages)
    show(home)
    show(machine)
    state.set_workloads(())
    state.set_runtimes(worlds.ollama(RuntimeState.STOPPED))
    state.set_starting(True)
    for page in (home, machine):
        assert "Ollama is starting" in words(page)
        assert "Start Ollama" not in words(page)
    state.set_starting(False)
    assert "Start Ollama" in words(home)


def test_home_names_the_second_accelerator_and_how_fast_the_first_is(
    state: AppState, show: Show
) -> None:
    home = HomePage(state)
    show(home)
    several = (worlds.GPU, replace(worlds.GPU, id="2"), replace(worlds.GPU, id="3"))
    state.set_profile(replace(worlds.WITH_GPU, accelerators=several))
    said = words(home)
    assert "24.0 GiB at 1,008 GB/s" in said
    assert "NVIDIA GeForce RTX 4090, 24.0 GiB" in said
    assert "and 1 more" in said


def test_home_gives_the_reason_of_blind_sensors_as_a_sentence(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    state.set_workloads(())
    state.set_power_sources((worlds.SENSORS[1], worlds.SENSORS[1]))
    assert "energy stays unknown. Only root may read it." in words(home)


def test_home_is_ready_when_every_verdict_is_firm(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    state.set_workloads((worlds.TRIAGE,))
    assert home.state is PageState.READY


def test_nothing_moves_when_a_scroll_bar_comes(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    everything(state)
    home.resize(1100, 2400)
    settle()
    assert home.verticalScrollBar().maximum() == 0
    wide = home.header.width()
    home.resize(1100, 300)
    settle()
    settle()
    assert home.verticalScrollBar().maximum() > 0
    assert home.header.width() == wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_paint_in_both_schemes(
    state: AppState,
    messages: Messages,
    show: Show,
    themed: theme.Theme,
    scheme: theme.SchemeChoice,
) -> None:
    home, machine = HomePage(state), MachinePage(state, messages)
    show(home)
    show(machine)
    everything(state)
    themed.use(scheme)
    for page in (home, machine):
        assert not page.grab().isNull()


def test_nothing_ticks_on_pages_that_know_everything(
    state: AppState, messages: Messages, show: Show
) -> None:
    home, machine = HomePage(state), MachinePage(state, messages)
    show(home)
    show(machine)
    everything(state)
    assert active_timers() == []


# The bill


def test_the_bill_adds_what_is_known_and_says_of_how_many() -> None:
    both = bill((worlds.TRIAGE, worlds.PHOTOS, worlds.LETTERS))
    assert both is not None
    assert (both.counted, both.total) == (2, 3)
    assert both.now.mid == 498
    assert (both.after.low, both.after.mid, both.after.high) == (113, 117, 124)
    assert both.saving.figure == Estimated(343, 377, 407, "sum of the workloads")
    assert both.after_by_place == (("CLOUD_FRONTIER", 86.0), ("LOCAL_THIS_MACHINE", 31.0))


def test_there_is_no_bill_where_nothing_is_known_or_all_are_samples() -> None:
    assert bill((worlds.LETTERS,)) is None
    assert bill((replace(worlds.TRIAGE, sample=True),)) is None


def test_a_bill_that_grows_is_called_a_loss(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    state.set_profile(worlds.WITH_GPU)
    state.set_workloads((worlds.PHOTOS,))
    assert "a loss" in words(home)


def test_a_bill_that_stays_is_called_no_change(state: AppState, show: Show) -> None:
    home = HomePage(state)
    show(home)
    state.set_profile(worlds.WITH_GPU)
    stays = replace(worlds.PHOTOS, saving_usd_month=Estimated(0, 0, 0, "the same option"))
    state.set_workloads((stays,))
    said = words(home)
    assert "No change" in said
    assert "less a month" not in said


# Machine


def test_machine_shows_facts_with_their_origin(
    state: AppState, messages: Messages, show: Show
) -> None:
    machine = MachinePage(state, messages)
    show(machine)
    assert machine.state is PageState.LOADING
    everything(state)
    assert machine.state is PageState.PARTIAL
    said = words(machine)
    for fact in (
        "1,008 GB/s, published, 12 Oct 2022",
        "9.5 GiB, measured, NVML",
        "The link runs at half its width.",
        "No answer. Load the module.",
        "RAPL: unknown",
        "CPU package: only root may read it",
        "291 W, measured, NVML",
        "about 72 GB/s",
        "412 GB",
    ):
        assert fact in said, fact


def test_machine_without_an_accelerator_is_an_answer(
    state: AppState, messages: Messages, show: Show
) -> None:
    machine = MachinePage(state, messages)
    show(machine)
    state.set_profile(worlds.WITHOUT_GPU)
    state.set_power_sources(())
    assert machine.state is PageState.EMPTY
    said = words(machine)
    assert "models run on the processor" in said
    assert "cores unknown" in said
    assert "unknown: the folder of the models could not be read" in said
    assert "Energy stays unknown" in said
    assert "AMD EPYC instead of EPYC" in said


def test_machine_with_unknown_memory_says_so(
    state: AppState, messages: Messages, show: Show
) -> None:
    machine = MachinePage(state, messages)
    show(machine)
    blind = replace(
        worlds.GPU, memory_free_bytes=None, usable_bytes=None, driver=None, power_limit_watts=None
    )
    state.set_profile(replace(worlds.WITH_GPU, accelerators=(blind, worlds.GPU)))
    said = words(machine)
    assert "How much of its memory is in use is unknown." in said
    assert "unknown: NVML does not tell" in said
    assert "GPU 1: NVIDIA GeForce RTX 4090" in said


def test_machine_that_could_not_be_read_offers_another_try(
    qtbot: QtBot, state: AppState, messages: Messages, show: Show
) -> None:
    machine = MachinePage(state, messages)
    show(machine)
    assert machine._copy.toolTip() == "The machine is still being looked at."
    state.set_profile_error("The driver hangs.")
    assert machine.state is PageState.FAILED
    assert machine._copy.toolTip() == "This machine could not be read."
    assert "The driver hangs." in words(machine)
    with qtbot.waitSignal(machine.look_again_asked):
        press(machine, "Check again")


def test_machine_offers_to_get_start_or_connect_ollama(
    qtbot: QtBot,
    state: AppState,
    messages: Messages,
    show: Show,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) is None
    )
    machine = MachinePage(state, messages)
    show(machine)
    state.set_runtimes(worlds.ollama(RuntimeState.ABSENT))
    press(machine, "Get Ollama")
    assert opened == ["https://ollama.com/download"]
    with qtbot.waitSignal(machine.jump) as jump:
        press(machine, "Add a host")
    assert jump.args == ["settings", "hosts"]
    state.set_runtimes(worlds.ollama(RuntimeState.STOPPED))
    with qtbot.waitSignal(machine.ollama_start_asked):
        press(machine, "Start Ollama")
    state.set_runtimes(worlds.ollama(RuntimeState.RUNNING, warnings=("open to the network",)))
    assert "open to the network" in words(machine)
    with qtbot.waitSignal(machine.override_asked):
        press(machine, "Correct\u2026")


def test_machine_can_be_copied_as_text(
    qtbot: QtBot, state: AppState, messages: Messages, show: Show
) -> None:
    machine = MachinePage(state, messages)
    show(machine)
    everything(state)
    with qtbot.waitSignal(messages.toast_asked):
        press(machine, "Copy as text")
    text = QGuiApplication.clipboard().text()
    for part in ("NVIDIA GeForce RTX 4090", "published: a data sheet", "RAPL", "ollama 0.24.0"):
        assert part in text


def test_machine_scrolls_to_what_was_asked_for(
    qtbot: QtBot, state: AppState, messages: Messages, show: Show
) -> None:
    machine = MachinePage(state, messages)
    show(machine)
    everything(state)
    machine.resize(800, 300)
    qtbot.waitUntil(lambda: machine.verticalScrollBar().maximum() > 0)
    settle()
    machine.open_at("power")
    assert machine.verticalScrollBar().value() > 0
    machine.open_at("nothing of ours")


def test_that_nothing_shown_of_home_moves_when_more_becomes_known(
    state: AppState, show: Show
) -> None:
    page = HomePage(state)
    show(page)
    with watched(page) as moves:
        everything(state)
        state.set_workloads(())
    assert moves.told == []


def test_that_nothing_shown_of_the_machine_moves_when_more_becomes_known(
    state: AppState, messages: Messages, show: Show
) -> None:
    page = MachinePage(state, messages)
    show(page)
    with watched(page) as moves:
        state.set_profile(worlds.WITHOUT_GPU)
        state.set_power_sources(worlds.SENSORS)
        state.set_runtimes(worlds.ollama(RuntimeState.RUNNING))
    assert moves.told == []
