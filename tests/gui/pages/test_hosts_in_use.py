"""Models and Run on a kept host: which server is spoken with, by whose token, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from landfall.bootstrap.host_side import HostSide
from landfall.core.hosts import Host, HostKind
from landfall.core.runtime import RuntimeState
from landfall.core.settings import Settings
from landfall.gui.app_values import RunningTask
from landfall.gui.host_names import host_words, keep_names
from landfall.gui.hosts.chooser import HostChooser
from landfall.gui.models.delete_dialog import Candidate, DeleteModels
from landfall.gui.pages.run_page import Mode, RunPage
from landfall.gui.side_by_side.picker import TargetPicker
from landfall.services.hosts import opening, tokens
from landfall.services.hosts.opening import Server
from landfall.services.secrets import Secret, clean
from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.model_servers import TOKEN
from tests.fakes.ollama_twin import Twin
from tests.fakes.speakers import speaker
from tests.gui.conftest import settle
from tests.gui.pages.backstage import Backstage

ONE = speaker("qwen3:8b", ("Here",))
THERE = speaker("llama3.2:3b", ("There",))


class Office:
    """The backstage with a second server that asks for a token, kept as "studio"."""

    def __init__(self, backstage: Backstage, folder: Path) -> None:
        self.backstage = backstage
        self.studio = Twin(folder / "studio", token=TOKEN)
        self.studio.recorded_models[THERE.name.short] = THERE
        backstage.start(ONE)
        backstage.run(backstage._stack.enter_async_context(self.studio))
        self.host = Host(name="studio", url=self.studio.url, kind=HostKind.OLLAMA)
        backstage.run(backstage.keys.store(tokens.entry_of(self.host.url), clean(TOKEN)))
        backstage._set(hosts=(self.host,))
        backstage.host._token_of = self._token_of
        backstage.runs.open_at = self._open_at
        self.behind = HostSide(backstage.history, self._keys)
        keep_names((self.host,))

    def _keys(self) -> object:
        return self.backstage.keys

    async def _token_of(self, url: str, settings: Settings) -> Secret | None:
        return await opening.token_at(url, settings, lambda: self.backstage.keys)

    async def _open_at(self, url: str) -> Server:
        settings = self.backstage.state.settings
        keys = self.backstage.keys
        return await opening.server_at(url, settings, lambda: keys, self.backstage.history)

    def hosts(self) -> HostSide:
        return self.behind

    def serve_openai(self) -> CloudApi:
        api: CloudApi = self.backstage.run(
            self.backstage._stack.enter_async_context(serving("openai", TOKEN))
        )
        host = Host(name="lmstudio", url=api.url.removesuffix("/v1"), kind=HostKind.OPENAI)
        self.backstage.run(self.backstage.keys.store(tokens.entry_of(host.url), clean(TOKEN)))
        self.backstage._set(hosts=(self.host, host))
        return api


@pytest.fixture
def office(backstage: Backstage, tmp_path: Path) -> Iterator[Office]:
    yield Office(backstage, tmp_path)
    keep_names(())


@pytest.fixture
def chooser(office: Office, qtbot: QtBot) -> HostChooser:
    made = HostChooser(office.backstage.state, office.backstage.tasks, behind=office.hosts)
    qtbot.addWidget(made)
    return made


Choose = Callable[[int], None]


@pytest.fixture
def choose(office: Office, chooser: HostChooser, qtbot: QtBot) -> Choose:
    """Choose in the list and wait until the server was looked at."""
    state = office.backstage.state
    state.host_changed.connect(office.backstage.lookout.ollama)

    def chosen(index: int) -> None:
        chooser.activated.emit(index)
        qtbot.waitUntil(lambda: state.installed is not None, timeout=10_000)

    return chosen


def test_that_nothing_is_to_choose_where_no_host_is_kept(
    backstage: Backstage, qtbot: QtBot
) -> None:
    backstage.start(server=False)
    chooser = HostChooser(backstage.state, backstage.tasks, behind=lambda: None)  # type: ignore[arg-type, return-value]
    qtbot.addWidget(chooser)
    assert chooser.count() == 1
    assert chooser.isHidden()


def test_that_the_window_speaks_with_the_chosen_host_by_its_token_and_back(
    office: Office, chooser: HostChooser, choose: Choose
) -> None:
    state = office.backstage.state
    assert [one.name for one in state.installed or ()] == ["qwen3:8b"]
    assert [chooser.itemText(i) for i in range(2)] == ["Server of the settings", "studio"]
    choose(1)
    assert state.chosen_host == office.host
    assert [one.name for one in state.installed or ()] == ["llama3.2:3b"]
    assert state.runtimes is not None
    assert state.runtimes[0].name == "studio"
    assert office.backstage.host.client.url == office.studio.url
    assert chooser.currentText() == "studio"
    choose(0)
    assert [one.name for one in state.installed or ()] == ["qwen3:8b"]
    assert office.backstage.host.client.url == office.backstage.twin.url


def test_that_a_server_whose_models_cannot_be_managed_leads_to_side_by_side(
    office: Office, chooser: HostChooser
) -> None:
    office.serve_openai()
    assert chooser.itemText(2) == "lmstudio  (in Side by side)"
    assert not chooser.model().flags(chooser.model().index(2, 0)) & Qt.ItemFlag.ItemIsEnabled
    chooser.activated.emit(2)
    assert office.backstage.state.chosen_host is None


def test_that_the_server_stays_while_something_runs(office: Office, chooser: HostChooser) -> None:
    state = office.backstage.state
    state.set_running((RunningTask(key="pull:a", title="Pulling a", detail="", page="models"),))
    assert not chooser.isEnabled()
    assert "would be cut" in chooser.toolTip()
    state.set_running(())
    assert chooser.isEnabled()


def test_that_the_list_says_where_hosts_stand_and_that_one_is_gone(
    office: Office, chooser: HostChooser, qtbot: QtBot
) -> None:
    gone = Host(name="attic", url="http://127.0.0.1:9", kind=HostKind.OLLAMA)
    office.backstage._set(hosts=(office.host, gone))
    chooser.show()
    chooser.showPopup()
    chooser.hidePopup()
    qtbot.waitUntil(lambda: "(" in chooser.itemText(1) and "(" in chooser.itemText(2))
    assert chooser.itemText(1) == "studio  (This machine, Answers)"
    assert chooser.itemText(2) == "attic  (This machine, Does not answer)"


def test_that_a_host_that_is_no_longer_kept_is_no_longer_spoken_with(
    office: Office, choose: Choose
) -> None:
    state = office.backstage.state
    office.backstage.lookout._state.settings_changed.connect(office.backstage.lookout._on_settings)
    choose(1)
    office.backstage._set(hosts=())
    assert state.chosen_host is None


def test_that_a_token_that_may_not_travel_is_not_sent_and_that_it_is_said(
    office: Office,
) -> None:
    async def refused(_url: str, _settings: Settings) -> Secret | None:
        return await opening.token_at(
            "http://192.0.2.9:11434",
            replace(
                office.backstage.state.settings,
                hosts=(Host(name="far", url="http://192.0.2.9:11434", kind=HostKind.OLLAMA),),
            ),
            lambda: office.backstage.keys,
        )

    far = "http://192.0.2.9:11434"
    office.backstage.run(office.backstage.keys.store(tokens.entry_of(far), clean(TOKEN)))
    office.backstage.host._token_of = refused
    settings = replace(office.backstage.state.settings, ollama_url=office.studio.url)
    found = office.backstage.run(office.backstage.host.look(settings))
    assert found.version is None
    assert found.state is not RuntimeState.REMOTE
    assert any("would travel unencrypted" in one for one in found.warnings)


def test_that_a_dialog_says_whose_disk_it_is(qtbot: QtBot) -> None:
    dialog = DeleteModels([Candidate("qwen3:8b", 5, "")], choose=False, host="studio")
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == "Delete qwen3:8b on studio?"
    several = DeleteModels([Candidate("qwen3:8b", 5, "")], choose=True, host="studio")
    qtbot.addWidget(several)
    assert several.windowTitle() == "Free disk space on studio"


def test_that_a_server_is_called_by_the_name_of_the_host(office: Office) -> None:
    assert host_words(office.host.url) == "studio"
    assert host_words("http://box.lan:11434") == "box.lan:11434"


# Side by side


@pytest.fixture
def page(office: Office, qtbot: QtBot) -> Iterator[RunPage]:
    stage = office.backstage
    made = RunPage(
        stage.state,
        stage.tasks,
        stage.messages,
        stage.lookout,
        host=stage.host,
        runs=stage.runs,
        cloud=stage.cloud,
        hosts=office.hosts,
    )
    qtbot.addWidget(made)
    made.resize(1080, 800)
    made.show()
    qtbot.waitUntil(lambda: made.chart.slot.chart is not None, timeout=10_000)
    yield made
    if made.side is not None:
        made.side.session.stop()


def _picked(page: RunPage, qtbot: QtBot, place: str, model: str) -> None:
    assert page.side is not None
    page.side.on_add()
    picker = page.side.findChildren(TargetPicker)[-1]
    index = picker.place.findText(place)
    assert index > 0
    picker.place.setCurrentIndex(index)
    picker.place.activated.emit(index)
    qtbot.waitUntil(lambda: picker.list.count() > 0, timeout=10_000)
    names = [picker.list.item(i).text() for i in range(picker.list.count())]
    picker.list.setCurrentRow(names.index(model))
    picker.add.click()
    picker.accept()
    settle()


def test_that_models_of_hosts_of_both_kinds_answer_beside_each_other(
    office: Office, page: RunPage, qtbot: QtBot
) -> None:
    office.serve_openai()
    page.mode.choose(Mode.BOTH)
    _picked(page, qtbot, "studio", "llama3.2:3b")
    _picked(page, qtbot, "lmstudio", "m-1")
    view = page.side
    assert view is not None
    asked = view.chips.asked
    assert [one.where for one in asked][-2:] == ["studio", "lmstudio"]
    view.form.prompt.setPlainText("Say something.")
    view.on_send()
    qtbot.waitUntil(view.form.confirm.isVisible, timeout=10_000)
    said = "\n".join(one.text() for one in view.form.confirm.findChildren(QLabel))
    assert "studio" in said
    assert "lmstudio" in said
    view.session.agree()
    qtbot.waitUntil(
        lambda: not view.session.running and view.session.view is not None, timeout=20_000
    )
    kept = {run.model: run for run in office.backstage.run(office.backstage.history.runs())}
    assert kept["llama3.2:3b"].host == office.studio.url
    assert kept["llama3.2:3b"].answer == "There"
    assert (kept["m-1"].place, kept["m-1"].answer) == ("network", "Hello")
    assert kept["m-1"].gross_joules is None
    assert kept["m-1"].cost_usd is None
