"""Hosts on the Machine page: what is said of each, when they are asked, and when not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.errors import KeyringUnavailable
from landfall.core.hosts.hosts import HostModel, HostReading, HostState
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.provenance import Unknown
from landfall.gui.hosts.card import HostsCard
from landfall.gui.hosts.cells import host_row, model_row
from landfall.gui.hosts.told import blind_words, fact_lines, heeds
from landfall.gui.hosts.words import Listed, gone_for, latency_words
from landfall.gui.main_window import MainWindow
from landfall.gui.messages import Action
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import StateLine
from landfall.gui.widgets.tables import DataTable
from landfall.services.history.records import SavedWorkload
from landfall.services.keys.key_store import NoKeyring, SessionKeys
from landfall.services.keys.secret import Secret
from tests.fakes.ollama_faults import Fault
from tests.gui import worlds
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.hosts_stage import (
    IN_USE,
    PERIOD_SECONDS,
    HostsStage,
    Told,
    office,
    ollama,
)
from tests.gui.test_pages import words

NOW = datetime(2026, 11, 26, 14, 5, 30, tzinfo=UTC)
QUIET_MS = round(1000 * 5 * PERIOD_SECONDS)

Show = Callable[..., MachinePage]


@pytest.fixture
def show(stage: HostsStage, qtbot: QtBot) -> Show:
    def shown(behind: Told | None = None, *, width: int = 1100) -> MachinePage:
        stage.state.set_profile(worlds.WITH_GPU)
        page = stage.page(behind)
        qtbot.addWidget(page)
        page.resize(width, 900)
        page.show()
        qtbot.waitUntil(lambda: page.settled)
        return page

    return shown


def card_of(page: MachinePage) -> HostsCard:
    assert page.hosts is not None
    return page.hosts


def table_of(page: MachinePage) -> DataTable:
    table = card_of(page).table
    assert table is not None
    return table


def said_of(page: MachinePage, number: int) -> str:
    """A line as a screen reader tells it."""
    return ", ".join(spoken(cell) for cell in table_of(page).table.rows[number])


def tell(stage: HostsStage, told: Told, *readings: HostReading) -> None:
    stage.run(told.tell(*readings))


# What is said of a host


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "This machine, 127.0.0.1:11434, This machine, Answers, None"),
        (
            1,
            "Workstation under the desk, 192.168.1.5:11434, Our network, Answers, 2 warnings",
        ),
        (3, "vLLM, 203.0.113.9:8000, A third party, Asks for a token, unknown"),
        (
            4,
            "Old studio, 192.168.1.9:80, Our network, Something else, a web page, unknown",
        ),
        (
            5,
            "Lab, https://lab.office.example:11434, Our network, Wrong certificate, "
            "Nothing was sent, unknown",
        ),
    ],
)
def test_that_a_line_is_told_whole_from_its_first_cell(number: int, said: str) -> None:
    reading = office()[number]
    first = host_row(Listed(host=reading.host, reading=reading), now=NOW)[0]
    assert spoken(first).replace("\u00a0", " ") == said


def test_that_a_host_that_is_gone_says_so_in_words_with_its_time() -> None:
    silent = office()[2]
    row = host_row(Listed(host=silent.host, reading=silent), now=NOW)
    assert "Gone since" in spoken(row[2])
    assert "for 3 min" in spoken(row[2]).replace("\u00a0", " ")
    assert [spoken(cell).split(":")[0] for cell in row[3:]] == ["unknown"] * 3


def test_that_silence_is_told_in_whole_minutes() -> None:
    silent = office()[2]
    moment = datetime.fromisoformat(silent.gone_since)
    assert gone_for(silent, now=moment + timedelta(seconds=59)) == "less than a minute"
    told = gone_for(silent, now=moment + timedelta(hours=3, minutes=12, seconds=40))
    assert told.replace("\u00a0", " ") == "for 3 h 12 min"
    assert gone_for(replace(silent, gone_since=""), now=moment) == ""


def test_that_a_host_that_was_not_asked_yet_claims_nothing() -> None:
    row = host_row(Listed(host=office()[1].host), now=NOW)
    assert [spoken(cell) for cell in row[1:4]] == ["Unknown", "Asking", "unknown"]
    assert "not asked yet" in spoken(row[4])


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0004, "<1 ms"), (0.0042, "4 ms"), (0.0421, "42 ms"), (1.25, "1.3 s")],
)
def test_that_a_latency_is_told_no_finer_than_it_keeps_still(seconds: float, said: str) -> None:
    reading = replace(office()[0], latency_seconds=seconds)
    assert latency_words(reading).replace("\u00a0", " ") == said


def test_that_a_server_that_does_not_tell_what_is_loaded_is_not_said_to_have_none() -> None:
    told = replace(
        office()[0],
        models=(HostModel(name="served"),),
        memory_bytes=Unknown("vLLM does not tell what it takes"),
    )
    row = host_row(Listed(host=told.host, reading=told), now=NOW)
    assert spoken(row[3]) == "1, loaded unknown"
    facts = dict(fact_lines(Listed(host=told.host, reading=told)))
    assert facts["Memory in use"] == "unknown: vLLM does not tell what it takes"
    assert [spoken(cell) for cell in model_row(told.models[0])] == ["served", "unknown", "unknown"]


def test_that_a_stub_of_a_cloud_model_is_said_to_be_answered_elsewhere() -> None:
    stub = HostModel(name="gpt-oss:120b-cloud", size_bytes=384, loaded=False, remote=True)
    assert "another machine answers for it" in spoken(model_row(stub)[0])


def test_that_hints_for_the_command_line_are_told_in_words_of_the_window() -> None:
    locked = office()[3]
    (heed,) = heeds(Listed(host=locked.host, reading=locked))
    assert "`" not in heed.detail
    assert "Edit" in heed.detail


def test_that_what_cannot_be_known_of_a_host_is_said_with_its_reason() -> None:
    here, network, silent = office()[:3]
    assert "neither how much memory" in blind_words(Listed(host=network.host, reading=network))
    assert "without watts" in blind_words(Listed(host=silent.host, reading=silent))
    assert "stands on this machine" in blind_words(Listed(host=here.host, reading=here))
    locked = office()[3]
    assert "no word for the machine" in blind_words(Listed(host=locked.host, reading=locked))


# The list


def test_that_without_hosts_the_card_says_what_one_is_good_for_and_asks_nobody(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    twin = stage.serve()
    stage.use(twin.url)
    page = show()
    told = words(card_of(page))
    assert "No other host yet" in told
    assert "can answer for this machine" in told
    qtbot.wait(QUIET_MS)
    assert not twin.server.requests
    assert not active_timers()


def test_that_the_server_in_use_comes_first_and_every_state_has_its_words(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    readings = office()
    stage.use(IN_USE)
    stage.keep(*(one.host for one in readings[1:]))
    page = show(Told(*readings))
    qtbot.waitUntil(lambda: "2 of 6 answer" in words(card_of(page)))
    states = [spoken(row[2]).split(",")[0].split(" since")[0] for row in table_of(page).table.rows]
    assert states == [
        "Answers",
        "Answers",
        "Gone",
        "Asks for a token",
        "Something else",
        "Wrong certificate",
    ]


def test_that_a_killed_host_is_gone_the_others_go_on_and_it_comes_back(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    first, second, third = stage.serve(), stage.serve(), stage.serve()
    stage.use(first.url)
    stage.keep(ollama("Workstation", second.url), ollama("Rack 1", third.url))
    page = show()
    qtbot.waitUntil(lambda: "3 of 3 answer" in words(card_of(page)))
    port = third.server.port
    stage.run(third.server.stop())
    qtbot.waitUntil(lambda: "Gone since" in said_of(page, 2))
    assert "2 of 3 answer" in words(card_of(page))
    asked = len(second.server.requests)
    qtbot.waitUntil(lambda: len(second.server.requests) > asked + 2)
    assert "Answers" in said_of(page, 1)
    stage.run(third.server.start(port=port))
    qtbot.waitUntil(lambda: "3 of 3 answer" in words(card_of(page)))


def test_that_two_names_of_one_server_are_said_to_be_one(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    twin = stage.serve()
    stage.keep(
        ollama("Rack 1", twin.url), ollama("Twin", twin.url.replace("127.0.0.1", "localhost"))
    )
    page = show()
    qtbot.waitUntil(lambda: "the same server as Rack 1" in said_of(page, 1))
    table_of(page).select(1)
    assert "counts once" in words(card_of(page))
    assert "the same server" not in said_of(page, 0)


def test_that_a_kept_host_may_bear_the_name_of_the_server_in_use(
    stage: HostsStage, show: Show
) -> None:
    twin = stage.serve()
    stage.use(twin.url)
    stage.keep(ollama("this machine", "http://127.0.0.1:9"))
    page = show()
    names = [line.host.name for line in card_of(page).desk.lines]
    assert names == ["This machine, in use", "this machine"]


def test_that_a_server_in_use_that_is_elsewhere_is_not_called_this_machine(
    stage: HostsStage, show: Show
) -> None:
    stage.keep(ollama("Rack 1", "http://127.0.0.1:9"))
    page = show(Told())
    assert len(card_of(page).desk) == 1
    remote = Runtime(kind="ollama", state=RuntimeState.REMOTE, url="http://box.lan:11434")
    stage.state.set_runtimes((remote,))
    assert [line.host.name for line in card_of(page).desk.lines] == ["The server in use", "Rack 1"]
    stage.state.set_runtimes((replace(remote, state=RuntimeState.ABSENT),))
    assert len(card_of(page).desk) == 1


def test_that_a_chosen_host_is_listed_once_and_the_server_here_stays(
    stage: HostsStage, show: Show
) -> None:
    rack = ollama("Rack 1", "http://rack.example:11434")
    stage.use(IN_USE)
    stage.keep(rack)
    stage.state.set_chosen_host(rack)
    spoken_with = Runtime(
        kind="ollama", state=RuntimeState.REMOTE, url=rack.url, version="0.32.15", name=rack.name
    )
    stage.state.set_runtimes((spoken_with,))
    page = show(Told())
    assert [line.host.url for line in card_of(page).desk.lines] == [IN_USE, rack.url]
    assert [line.host.name for line in card_of(page).desk.lines] == ["This machine", "Rack 1"]


# When they are asked, and when not


def test_that_nobody_is_asked_while_the_page_is_hidden_or_the_window_minimised(
    stage: HostsStage, qtbot: QtBot
) -> None:
    twin = stage.serve()
    stage.use(twin.url)
    stage.keep(ollama("Rack 1", twin.url))
    stage.state.set_profile(worlds.WITH_GPU)
    page, other = stage.page(), MachinePage(stage.state, stage.messages)
    window = MainWindow(
        stage.state,
        stage.messages,
        page_factory=lambda name: page if name == "machine" else other,
    )
    qtbot.addWidget(window)
    window.show()
    window.open_page("machine")
    qtbot.waitUntil(lambda: len(twin.server.requests) > 8)

    def asks_nobody() -> None:
        qtbot.waitUntil(lambda: card_of(page).desk._watch is None)
        qtbot.wait(QUIET_MS)
        asked = len(twin.server.requests)
        qtbot.wait(QUIET_MS)
        assert len(twin.server.requests) == asked
        assert not active_timers()

    def asks_again() -> None:
        asked = len(twin.server.requests)
        qtbot.waitUntil(lambda: len(twin.server.requests) > asked + 3)

    window.open_page("settings")
    asks_nobody()
    window.open_page("machine")
    asks_again()
    window.showMinimized()
    asks_nobody()
    window.showNormal()
    asks_again()
    window.close()
    asks_nobody()


def test_that_another_machine_that_is_asked_about_ends_the_asking(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    readings = office()
    stage.keep(readings[1].host)
    told = Told(*readings)
    page = show(told)
    qtbot.waitUntil(lambda: told.watches == 1)
    stage.state.set_what_if(worlds.WITHOUT_GPU)
    qtbot.waitUntil(lambda: told.watches == 0)
    stage.state.set_what_if(None)
    qtbot.waitUntil(lambda: told.watches == 1)
    page.hide()
    qtbot.waitUntil(lambda: told.watches == 0)


def test_that_fifty_hosts_keep_their_place_and_only_what_differs_is_told_anew(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    first = office()[1]
    readings = [
        replace(first, host=ollama(f"Rack {i}", f"http://192.168.1.{i}:11434")) for i in range(50)
    ]
    stage.keep(*(one.host for one in readings))
    told = Told(*readings)
    page = show(told)
    qtbot.waitUntil(lambda: "50 of 50 answer" in words(card_of(page)))
    table = table_of(page)
    table.select(40)
    place = table.verticalScrollBar().value()
    assert place > 0
    resets: list[str] = []
    changed: list[tuple[int, int]] = []
    for model in (table.table, table.filter):
        whole: QAbstractItemModel = model
        whole.modelReset.connect(lambda: resets.append("reset"))
        whole.layoutChanged.connect(lambda: resets.append("layout"))
    table.table.dataChanged.connect(lambda a, b: changed.append((a.row(), b.row())))
    tell(stage, told, *readings[:40], replace(readings[41], latency_seconds=0.2))
    qtbot.waitUntil(lambda: changed == [(41, 41)])
    assert not resets
    assert table.current == 40
    assert table.verticalScrollBar().value() == place
    assert table_of(page) is table


def test_that_how_long_a_host_is_gone_goes_on_with_the_readings_of_others(
    stage: HostsStage, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = office()
    stage.keep(readings[1].host, readings[2].host)
    told = Told(*readings)
    page = show(told)
    qtbot.waitUntil(lambda: "Gone since" in said_of(page, 1))

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Later:
            return cls(2031, 1, 1, tzinfo=UTC)

    before = said_of(page, 1)
    monkeypatch.setattr("landfall.gui.hosts.listing.datetime", Later)
    tell(stage, told, readings[1])
    qtbot.waitUntil(lambda: said_of(page, 1) != before)


# The chosen one


def test_that_the_details_say_models_warnings_and_what_cannot_be_known(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    readings = office()
    stage.keep(*(one.host for one in readings[1:]))
    page = show(Told(*readings))
    qtbot.waitUntil(lambda: "2 warnings" in said_of(page, 0))
    table_of(page).select(0)
    told = words(card_of(page))
    for line in (
        "Our network (192.168.1.5)",
        "qwen3:8b",
        "5.2 GB",
        "6.0 GiB, context 8,192",
        "It answers anybody in its network, without a token.",
        "Update Ollama there to 0.17.1 or newer.",
        "neither how much memory the machine has nor what it draws",
    ):
        assert line in told
    table_of(page).select(1)
    told = words(card_of(page))
    assert "What it holds is not known" in told
    assert "open in the firewall" in told
    assert "qwen3:8b" not in told


def test_that_the_keyboard_opens_the_details_and_leaves_them(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    readings = office()
    stage.keep(*(one.host for one in readings[1:]))
    page = show(Told(*readings))
    qtbot.waitUntil(lambda: "2 warnings" in said_of(page, 0))
    card, table = card_of(page), table_of(page)
    assert card.detail is not None
    page.activateWindow()
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert card.detail.isVisible()
    assert card.detail.edit.hasFocus()
    qtbot.keyClick(card.detail.edit, Qt.Key.Key_Escape)
    assert not card.detail.isVisible()
    assert table.hasFocus()


def test_that_the_server_in_use_is_changed_in_settings_and_not_removed_here(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    stage.use(IN_USE)
    stage.keep(office()[1].host)
    page = show(Told(*office()))
    table_of(page).select(0)
    detail = card_of(page).detail
    assert detail is not None
    assert not detail.edit.isVisible()
    assert not detail.remove.isVisible()
    with qtbot.waitSignal(page.jump) as jump:
        detail.change.click()
    assert jump.args == ["settings", "hosts"]


def test_that_a_removed_host_comes_back_with_its_place_and_token(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    first, second = (
        ollama("Workstation", "http://127.0.0.1:1"),
        ollama("Rack 1", "http://127.0.0.1:2"),
    )
    stage.keep(first, second)
    stage.run(stage.behind.keep_token(first.url, "token-of-the-workstation"))
    page = show()
    table_of(page).select(0)
    detail = card_of(page).detail
    assert detail is not None
    with qtbot.waitSignal(stage.messages.toast_asked) as toast:
        detail.remove.click()
    assert stage.state.settings.hosts == (second,)
    assert stage.run(stage.behind.stored_token(first.url)) is None
    assert not detail.isVisible()
    text, undo = toast.args
    assert text == "Removed Workstation"
    assert isinstance(undo, Action)
    undo.run()
    assert stage.state.settings.hosts == (first, second)

    def has_token() -> bool:
        return stage.run(stage.behind.stored_token(first.url)) is not None

    qtbot.waitUntil(has_token)


def test_that_a_token_stays_while_another_name_of_the_same_address_needs_it(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    first, second = ollama("One", "http://127.0.0.1:1"), ollama("Two", "http://127.0.0.1:1/path")
    stage.keep(first, second)
    stage.run(stage.behind.keep_token(first.url, "token-of-both-of-them"))
    page = show()
    with qtbot.waitSignal(stage.messages.toast_asked):
        card_of(page).desk.drop(first)
    assert stage.run(stage.behind.stored_token(second.url)) is not None


class LockedKeyring(SessionKeys):
    async def get(self, entry: str) -> Secret | None:
        raise KeyringUnavailable("The keyring is locked.", "Unlock it.")


def test_that_a_keyring_that_cannot_be_asked_is_said_where_a_host_asks_for_a_token(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    stage.keys = LockedKeyring()
    twin, guarded = stage.serve(), stage.serve()
    guarded.faults.extend(Fault("refuse", "/api/version", status=401) for _ in range(200))
    stage.keep(ollama("Open", twin.url))
    page = show()
    qtbot.waitUntil(lambda: "1 of 1 answer" in words(card_of(page)))
    assert "keyring" not in words(card_of(page))
    stage.keep(ollama("Open", twin.url), ollama("Guarded", guarded.url))
    qtbot.waitUntil(lambda: "Asks for a token" in said_of(page, 1))
    assert "The keyring is locked." in words(card_of(page))


def test_that_a_host_removed_under_a_locked_keyring_can_be_had_back(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    stage.keys = LockedKeyring()
    host = ollama("Workstation", "http://127.0.0.1:1")
    stage.keep(host)
    page = show()
    table_of(page).select(0)
    detail = card_of(page).detail
    assert detail is not None
    with qtbot.waitSignals([stage.messages.toast_asked, stage.messages.notice_changed]):
        detail.remove.click()
    assert stage.state.settings.hosts == ()


class WithoutKeyring(SessionKeys):
    async def get(self, entry: str) -> Secret | None:
        raise NoKeyring("There is no keyring on this system.", "Install one.")


def test_that_a_host_without_a_token_is_edited_and_removed_without_a_word_of_a_missing_keyring(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    stage.keys = WithoutKeyring()
    stage.keep(ollama("Workstation", "http://127.0.0.1:1"))
    page = show()
    table_of(page).select(0)
    detail = card_of(page).detail
    assert detail is not None
    detail.edit.click()
    dialog = card_of(page).dialog
    assert dialog is not None
    qtbot.wait(50)
    assert dialog.form.token_field.problem.text() == ""
    dialog.reject()
    with qtbot.waitSignal(stage.messages.toast_asked):
        detail.remove.click()
    qtbot.wait(50)
    assert stage.state.settings.hosts == ()
    assert stage.messages.worst is None


WORKLOAD = """schema = 1
[workload]
name = "letters"
task = "summary"
[machine]
host = "{0}"
"""


def test_that_a_host_that_workloads_name_goes_only_after_they_were_told(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    host = ollama("Workstation", "http://127.0.0.1:1")
    stage.keep(host)
    text = WORKLOAD.format("workstation")
    stage.run(stage.history.save_workload(SavedWorkload(name="letters", toml=text)))
    page = show()
    card = card_of(page)
    table_of(page).select(0)
    assert card.detail is not None
    with qtbot.waitSignal(card.desk.drop_asked) as asked:
        card.detail.remove.click()
    assert asked.args == [host, ["letters"]]
    box = card.findChild(QMessageBox, "drop-host")
    assert box is not None
    assert "letters" in box.informativeText()
    assert stage.state.settings.hosts == (host,)
    anyway = box.findChild(QPushButton, "drop-host-anyway")
    assert anyway is not None
    with qtbot.waitSignal(stage.messages.toast_asked):
        anyway.click()
    assert stage.state.settings.hosts == ()


def test_that_workloads_follow_a_host_to_its_new_name(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    host = ollama("Workstation", "http://127.0.0.1:1")
    stage.keep(host)
    text = WORKLOAD.format("Workstation")
    stage.run(stage.history.save_workload(SavedWorkload(name="letters", toml=text)))
    desk = card_of(show()).desk
    renamed = ollama("Studio", host.url)
    with qtbot.waitSignals([desk.workloads_changed, stage.messages.toast_asked]):
        desk.keep(renamed, instead_of=host, settings=desk.settings)
    (saved,) = stage.run(stage.history.workloads())
    assert 'host = "Studio"' in saved.toml


def test_that_a_removed_host_leaves_nothing_of_what_it_said(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    twin = stage.serve()
    stage.keep(ollama("Workstation", twin.url))
    page = show()
    qtbot.waitUntil(lambda: "1 of 1 answer" in words(card_of(page)))
    assert [one.url for one in stage.run(stage.history.hosts_seen())] == [twin.url]
    table_of(page).select(0)
    detail = card_of(page).detail
    assert detail is not None
    detail.remove.click()
    qtbot.waitUntil(lambda: stage.run(stage.history.hosts_seen()) == ())


def test_that_a_model_that_is_loaded_moves_nothing_in_a_long_list(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    listed = tuple(HostModel(name=f"m{n}", loaded=False) for n in range(40))
    reading = replace(office()[0], host=ollama("Rack", IN_USE), models=listed)
    told = Told(reading)
    stage.keep(reading.host)
    page = show(told)
    table_of(page).select(0)
    detail = card_of(page).detail
    assert detail is not None
    qtbot.waitUntil(lambda: len(detail.models.table.rows) == 40)
    detail.models.select(30)
    place = detail.models.verticalScrollBar().value()
    assert place > 0
    tell(stage, told, replace(reading, models=(replace(listed[0], loaded=True), *listed[1:])))
    qtbot.waitUntil(lambda: "yes" in spoken(detail.models.table.rows[0][2]))
    assert (detail.models.current, detail.models.verticalScrollBar().value()) == (30, place)


# What servers and users write is never markup


def test_that_names_with_markup_and_controls_are_shown_as_they_are(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    evil = "<img src='http://192.0.2.1/x'><b>big"
    answers = office()[0]
    reading = replace(
        answers,
        host=ollama("<h1>Rack", IN_USE),
        models=(HostModel(name=evil, loaded=True), *answers.models),
        problem=f"{evil} &lt;says",
        state=HostState.SOMETHING_ELSE,
    )
    stage.keep(reading.host)
    page = show(Told(reading))
    table_of(page).select(0)
    detail = card_of(page).detail
    assert detail is not None
    qtbot.waitUntil(lambda: evil in words(card_of(page)))
    shown = [one for one in detail.findChildren(QLabel) if "<" in one.text()]
    assert shown
    assert {one.textFormat() for one in shown} == {Qt.TextFormat.PlainText}
    tip = detail.models.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img src=" in tip
    assert "<img" not in tip


# Room


def test_that_details_below_the_window_are_scrolled_into_sight(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    readings = office()
    stage.keep(*(one.host for one in readings[1:]))
    page = show(Told(*readings))
    page.resize(1024, 520)
    qtbot.waitUntil(lambda: "1 of 5 answer" in words(card_of(page)))
    table_of(page).select(4)
    detail = card_of(page).detail
    assert detail is not None

    def in_sight() -> bool:
        top = detail.mapTo(page.viewport(), detail.rect().topLeft()).y()
        return 0 <= top <= page.viewport().height() - detail.height()

    qtbot.waitUntil(in_sight)
    settle()
    assert in_sight()


def test_that_without_an_ollama_a_host_can_be_connected_at_once(
    stage: HostsStage, show: Show, qtbot: QtBot
) -> None:
    stage.state.set_runtimes(worlds.ollama(RuntimeState.ABSENT))
    page = show()
    line = page.findChild(StateLine, "connect-host")
    assert isinstance(line, StateLine)
    line.triggered.emit()
    dialog = card_of(page).dialog
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()


def test_that_another_page_can_ask_for_the_form_of_a_new_host(
    stage: HostsStage, show: Show
) -> None:
    page = show()
    page.open_at("add-host")
    dialog = card_of(page).dialog
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()


@pytest.mark.parametrize(
    ("width", "titles"),
    [
        (1200, ["Host", "Stands", "State", "Models", "Memory in use", "Warnings"]),
        (800, ["Host", "Stands", "State", "Models", "Warnings"]),
        (560, ["Host", "State", "Warnings"]),
    ],
)
def test_that_columns_give_way_before_words_are_cut(
    stage: HostsStage, show: Show, qtbot: QtBot, width: int, titles: list[str]
) -> None:
    readings = office()
    stage.keep(*(one.host for one in readings[1:]))
    page = show(Told(*readings), width=width + 76)
    qtbot.waitUntil(lambda: "1 of 5 answer" in words(card_of(page)))
    settle()
    table = table_of(page)
    shown = [c.title for i, c in enumerate(table.table.columns) if not table.isColumnHidden(i)]
    assert shown == titles
    assert table.horizontalScrollBar().maximum() == 0


def test_that_every_control_has_a_name(stage: HostsStage, show: Show, qtbot: QtBot) -> None:
    readings = office()
    stage.keep(*(one.host for one in readings[1:]))
    page = show(Told(*readings))
    qtbot.waitUntil(lambda: "2 warnings" in said_of(page, 0))
    table_of(page).select(0)
    controls: list[QWidget] = [*card_of(page).findChildren(QPushButton)]
    controls += card_of(page).findChildren(DataTable)
    for control in controls:
        name = control.accessibleName()
        if isinstance(control, QPushButton):
            name = name or control.text()
        if control.isVisible():
            assert name, control.objectName()
            assert control.objectName() or control.parent() is not None


def test_that_states_other_than_answering_are_all_told_apart() -> None:
    told = {
        spoken(host_row(Listed(host=one.host, reading=one), now=NOW)[2]).split(",")[0]
        for one in office()[1:]
    }
    assert len(told) == len(HostState)
