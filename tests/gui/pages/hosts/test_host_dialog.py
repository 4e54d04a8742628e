"""The form of a host: what is wrong is said at its field, and a token goes only where it may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.errors import KeyringUnavailable
from landfall.core.hosts.hosts import Host, HostKind
from landfall.gui.hosts.dialog import HostDialog
from landfall.gui.widgets.feedback import State
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import Secret
from landfall.services.settings import settings_store
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.ollama_faults import Fault
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.hosts_stage import HostsStage, Told, office, ollama
from tests.gui.test_pages import words

TOKEN = "lm-PLANTED-9f8e7d6c5b4a-0123456789"
Opened = Callable[..., HostDialog]


@pytest.fixture
def opened(stage: HostsStage, qtbot: QtBot) -> Opened:
    held: list[QWidget] = []

    def shown(host: Host | None = None, behind: object = None) -> HostDialog:
        dialog = HostDialog(stage.desk(behind), host)
        # What it says can be looked at after it was closed, too.
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        held.append(dialog)
        qtbot.addWidget(dialog)
        dialog.open()
        return dialog

    return shown


def fill(dialog: HostDialog, *, name: str = "", address: str = "", token: str = "") -> None:
    for field, text in ((dialog.name, name), (dialog.address, address), (dialog.token, token)):
        if text:
            field.setText(text)
            field.textEdited.emit(text)


def problem(dialog: HostDialog, name: str) -> str:
    found = dialog.findChild(QLabel, f"host-{name}-problem")
    assert isinstance(found, QLabel)
    return found.text() if found.isVisibleTo(dialog) else ""


class Guarded:
    """An OpenAI-compatible server that wants a token."""

    def __init__(self) -> None:
        self.server = WireServer(self._answer)

    async def _answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return json_reply({"error": "no token"}, 401)
        if request.path == "/v1/models":
            return json_reply({"object": "list", "data": [{"id": "served", "object": "model"}]})
        return json_reply({"error": "not found"}, 404)


@pytest.fixture
def guarded(stage: HostsStage) -> Iterator[Guarded]:
    made = Guarded()
    stage.run(made.server.start())
    yield made
    stage.run(made.server.stop())


# What was typed


def test_that_a_look_fills_in_the_kind_and_says_what_answers(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    twin = stage.serve()
    dialog = opened()
    assert not dialog.look.isEnabled()
    fill(dialog, name="Rack 1", address=twin.url)
    assert dialog.kind.currentIndex() == 0
    dialog.look.click()
    qtbot.waitUntil(lambda: "Ollama 0.32.15 answers in" in words(dialog))
    assert dialog.kind.currentText() == "Ollama"
    assert "This machine (127.0.0.1)" in words(dialog)
    dialog.save.click()
    assert stage.state.settings.hosts == (ollama("Rack 1", twin.url),)
    assert stage.state.settings.plain_http_hosts == ()


def test_that_saving_without_a_look_looks_for_the_kind_first(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    twin = stage.serve()
    dialog = opened()
    fill(dialog, name="Rack 1", address=twin.url)
    with qtbot.waitSignal(dialog.kept):
        dialog.save.click()
    assert stage.state.settings.hosts == (ollama("Rack 1", twin.url),)
    kept = stage.folder / "settings.toml"
    qtbot.waitUntil(lambda: kept.exists() and "Rack 1" in kept.read_text())
    assert settings_store.load(kept).hosts == stage.state.settings.hosts


def test_that_a_host_that_is_silent_can_be_kept_once_its_kind_is_chosen(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    dialog = opened()
    fill(dialog, name="Rack 1", address="http://127.0.0.1:9")
    dialog.save.click()
    qtbot.waitUntil(lambda: "could not be found out" in problem(dialog, "kind"))
    assert dialog.line.state is State.FAILED
    assert stage.state.settings.hosts == ()
    dialog.kind.setCurrentIndex(2)
    dialog.save.click()
    (kept,) = stage.state.settings.hosts
    assert kept.kind is HostKind.OPENAI


def test_that_the_wrong_kind_is_said_with_the_right_one(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    twin = stage.serve()
    dialog = opened()
    fill(dialog, name="Rack 1", address=twin.url)
    dialog.kind.setCurrentIndex(2)
    dialog.look.click()
    qtbot.waitUntil(lambda: "Ollama 0.32.15 answers at" in words(dialog))
    assert "`" not in words(dialog)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"name": "", "address": "http://127.0.0.1:1"}, "name", "The host has no name"),
        ({"name": "WORKSTATION", "address": "http://127.0.0.1:1"}, "name", "already"),
        ({"name": "box.lan:1", "address": "http://127.0.0.1:1"}, "name", "is an address"),
        ({"name": "", "address": ""}, "name", "has no name"),  # the first that is read
        ({"name": "Two", "address": "ftp://127.0.0.1"}, "address", ""),
        ({"name": "Two", "address": "http://127.0.0.1:99999"}, "address", "no port"),
        ({"name": "Two", "address": "http://me:pw@127.0.0.1:1"}, "address", "carries more"),
        ({"name": "Two", "address": "HTTP://127.0.0.1:11435/"}, "address", "Workstation has this"),
    ],
)
def test_that_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    stage: HostsStage, opened: Opened, typed: dict[str, str], field: str, said: str
) -> None:
    before = ollama("Workstation", "http://127.0.0.1:11435")
    stage.keep(before)
    dialog = opened()
    dialog.kind.setCurrentIndex(1)
    fill(dialog, **typed)
    dialog.save.click()
    assert problem(dialog, field)
    assert said in problem(dialog, field)
    assert stage.state.settings.hosts == (before,)
    fill(dialog, name="Anything else")
    assert not problem(dialog, field)


def test_that_cancelling_ends_a_look_at_once(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    twin = stage.serve()
    twin.faults.append(Fault("slow", "/api/version", seconds=60.0))
    dialog = opened()
    fill(dialog, name="Rack 1", address=twin.url, token=TOKEN)
    dialog.look.click()
    qtbot.waitUntil(lambda: bool(twin.server.requests))
    dialog.cancel.click()
    assert not dialog.isVisible()
    qtbot.waitUntil(lambda: bool(twin.server.departures))
    assert dialog.token.text() == ""
    qtbot.waitUntil(lambda: not active_timers())


# Tokens


def test_that_a_token_is_masked_kept_in_the_store_alone_and_told_as_stored(
    stage: HostsStage, opened: Opened, guarded: Guarded, qtbot: QtBot
) -> None:
    dialog = opened()
    fill(dialog, name="Studio", address=f"{guarded.server.url}/v1")
    dialog.look.click()
    qtbot.waitUntil(lambda: "asks for a token" in words(dialog))
    fill(dialog, token=TOKEN)
    assert TOKEN not in dialog.token.displayText()
    assert not dialog.agree.isVisibleTo(dialog)
    dialog.look.click()
    qtbot.waitUntil(lambda: dialog.kind.currentIndex() == 2)
    with qtbot.waitSignal(dialog.kept):
        dialog.save.click()
    (host,) = stage.state.settings.hosts
    assert host.url == guarded.server.url
    stored = stage.run(stage.behind.stored_token(host.url))
    assert stored is not None
    assert stored.reveal() == TOKEN
    kept = stage.folder / "settings.toml"
    qtbot.waitUntil(lambda: kept.exists() and "Studio" in kept.read_text())
    assert all(TOKEN.encode() not in file.read_bytes() for file in stage.folder.rglob("*.*"))
    again = opened(host)
    qtbot.waitUntil(lambda: "Stored:" in words(again))
    assert TOKEN not in words(again)
    assert again.remove_token.isVisibleTo(again)


def test_that_a_stored_token_is_removed_with_save_and_not_before(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    host = ollama("Rack 1", "http://127.0.0.1:9")
    stage.keep(host)
    stage.run(stage.behind.keep_token(host.url, TOKEN))
    dialog = opened(host)
    qtbot.waitUntil(lambda: dialog.remove_token.isVisibleTo(dialog))
    dialog.remove_token.click()
    assert "removed when this is saved" in words(dialog)
    assert stage.run(stage.behind.stored_token(host.url)) is not None
    with qtbot.waitSignal(dialog.kept):
        dialog.save.click()
    assert stage.run(stage.behind.stored_token(host.url)) is None


def test_that_a_token_does_not_follow_its_host_to_another_address(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    host = ollama("Rack 1", "http://127.0.0.1:9")
    stage.keep(host)
    stage.run(stage.behind.keep_token(host.url, TOKEN))
    dialog = opened(host)
    qtbot.waitUntil(lambda: dialog.remove_token.isVisibleTo(dialog))
    fill(dialog, address="http://127.0.0.1:10")
    assert "is not sent to another one" in words(dialog)
    with qtbot.waitSignal(dialog.kept):
        dialog.save.click()
    (moved,) = stage.state.settings.hosts
    assert moved == replace(host, url="http://127.0.0.1:10")
    for url in (host.url, moved.url):
        assert stage.run(stage.behind.stored_token(url)) is None


def test_that_a_token_over_plain_http_wants_an_agreement_and_https_none(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    dialog = opened(behind=stage.behind)
    dialog.kind.setCurrentIndex(1)
    fill(dialog, name="Rack 1", address="http://192.168.1.5:11434")
    assert not dialog.agree.isVisibleTo(dialog)
    fill(dialog, token=TOKEN)
    assert "192.168.1.5:11434 is plain http" in words(dialog)
    dialog.save.click()
    assert "readable on the way" in problem(dialog, "token")
    assert stage.state.settings.hosts == ()
    fill(dialog, address="https://192.168.1.5:11434")
    assert not dialog.agree.isVisibleTo(dialog)
    fill(dialog, address="http://192.168.1.5:11434")
    dialog.agree.click()
    with qtbot.waitSignal(dialog.kept):
        dialog.save.click()
    assert stage.state.settings.plain_http_hosts == ("192.168.1.5:11434",)


class NoKeyring(SessionKeys):
    async def store(self, entry: str, secret: Secret) -> None:
        raise KeyringUnavailable("There is no keyring.", "Install one.")

    async def get(self, entry: str) -> Secret | None:
        raise KeyringUnavailable("There is no keyring.", "Install one.")


def test_that_without_a_keyring_the_token_is_refused_and_the_host_can_be_kept_without(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    stage.keys = NoKeyring()
    dialog = opened()
    dialog.kind.setCurrentIndex(1)
    fill(dialog, name="Rack 1", address="http://127.0.0.1:9", token=TOKEN)
    dialog.save.click()
    qtbot.waitUntil(lambda: "There is no keyring." in problem(dialog, "token"))
    assert stage.state.settings.hosts == ()
    dialog.token.setText("")
    dialog.on_typed()
    dialog.save.click()
    assert len(stage.state.settings.hosts) == 1


def test_that_a_token_that_can_be_none_is_said_at_its_field(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    dialog = opened()
    dialog.kind.setCurrentIndex(1)
    fill(dialog, name="Rack 1", address="http://127.0.0.1:9", token="two words")
    dialog.save.click()
    qtbot.waitUntil(lambda: "white space" in problem(dialog, "token"))
    assert stage.state.settings.hosts == ()


# Form


def test_that_warnings_stand_below_the_answer_in_the_form(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    readings = office()
    dialog = opened(behind=Told(*readings))
    dialog.kind.setCurrentIndex(1)
    fill(dialog, name="Desk", address=readings[1].host.url)
    dialog.look.click()
    qtbot.waitUntil(lambda: "Version 0.16.3 has a known hole" in words(dialog))
    assert dialog.line.state is State.PARTIAL


def test_that_editing_keeps_the_place_of_a_host(stage: HostsStage, opened: Opened) -> None:
    first, second = ollama("One", "http://127.0.0.1:1"), ollama("Two", "http://127.0.0.1:2")
    stage.keep(first, second)
    dialog = opened(first)
    fill(dialog, name="First")
    dialog.save.click()
    assert stage.state.settings.hosts == (replace(first, name="First"), second)


def test_that_what_is_wrong_above_the_window_is_scrolled_into_sight(
    stage: HostsStage, opened: Opened, qtbot: QtBot
) -> None:
    dialog = opened()
    dialog.resize(600, 300)
    fill(dialog, name="", address="http://192.168.1.5:11434")
    dialog.kind.setCurrentIndex(1)
    area = dialog.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    settle()
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    field = dialog.form.name_field

    def top() -> int:
        return field.mapTo(area.viewport(), field.rect().topLeft()).y()

    assert top() < 0
    dialog.save.click()
    assert problem(dialog, "name").startswith("The host has no name.")
    qtbot.waitUntil(lambda: top() >= 0)
