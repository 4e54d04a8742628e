"""Models and Run on a kept host: which server is spoken with, by whose token, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStyleOptionComboBox, QWidget
from pytestqt.qtbot import QtBot

from landfall.bootstrap.host_side import HostSide
from landfall.core.errors import OllamaUnavailable
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.settings import Settings
from landfall.gui.app_values import RunningTask
from landfall.gui.host_names import host_words, keep_names
from landfall.gui.hosts.chooser import HostChooser
from landfall.gui.models.delete_dialog import Candidate, DeleteModels
from landfall.gui.models.ranking import undescribed
from landfall.gui.pages.models_page import ModelsPage
from landfall.gui.pages.run_page import RunPage
from landfall.gui.run.toolbar import Mode
from landfall.gui.server_state import missing
from landfall.gui.side_by_side.picker import TargetPicker
from landfall.services import paths
from landfall.services.hosts import opening, tokens
from landfall.services.hosts.opening import Server
from landfall.services.keys.secret import Secret, clean
from landfall.services.machine import known_machines, user_machines
from landfall.services.models import shipped_catalogue
from landfall.services.paths import Paths
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
        backstage.lookout._hosts = self.hosts
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


def test_that_a_choice_that_is_made_before_its_page_is_no_window_of_its_own(
    chooser: HostChooser, qtbot: QtBot
) -> None:
    assert chooser.count() == 2
    assert not chooser.isVisible()
    page = QWidget()
    qtbot.addWidget(page)
    chooser.setParent(page)
    page.show()
    assert chooser.isVisible()
    chooser.setParent(None)  # it is taken away by itself at the end


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


def test_that_a_host_of_another_kind_is_spoken_with_and_the_ollama_before_is_left(
    office: Office, chooser: HostChooser, choose: Choose
) -> None:
    office.serve_openai()
    choose(2)
    state = office.backstage.state
    assert chooser.currentText() == "lmstudio"
    assert state.listed is not None
    assert [one.name for one in state.listed.models] == ["m-1", "m-2"]
    assert (state.installed, state.loaded) == ((), ())
    assert state.runtimes is not None
    runtime = state.runtimes[0]
    assert (runtime.is_ollama, runtime.state, runtime.name) == (
        False,
        RuntimeState.RUNNING,
        "lmstudio",
    )
    with pytest.raises(OllamaUnavailable, match="lmstudio is no Ollama"):
        _ = office.backstage.host.client
    choose(0)
    assert state.listed is None
    assert office.backstage.host.client.url == office.backstage.twin.url


def test_that_one_that_does_not_answer_says_why(
    office: Office, chooser: HostChooser, qtbot: QtBot
) -> None:
    gone = Host(name="attic", url="http://127.0.0.1:9", kind=HostKind.OPENAI)
    office.backstage._set(hosts=(gone,))
    state = office.backstage.state
    state.host_changed.connect(office.backstage.lookout.ollama)
    chooser.activated.emit(1)
    qtbot.waitUntil(lambda: state.runtimes is not None, timeout=10_000)
    lacks = missing(state.runtimes)
    assert lacks is not None
    assert lacks.title == "attic does not answer"
    assert "Is the machine on" in lacks.text
    assert state.installed is None


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
    chooser.setCurrentIndex(1)
    closed = QStyleOptionComboBox()
    chooser.initStyleOption(closed)
    assert closed.currentText == "studio"  # type: ignore[attr-defined]


def test_that_a_host_that_is_no_longer_kept_is_no_longer_spoken_with(
    office: Office, choose: Choose
) -> None:
    state = office.backstage.state
    office.backstage.lookout._state.settings_changed.connect(office.backstage.lookout._on_settings)
    choose(1)
    office.backstage._set(hosts=())
    assert state.chosen_host is None


def test_that_the_chosen_host_stays_chosen_when_it_gets_another_name_or_address(
    office: Office, choose: Choose
) -> None:
    state, lookout = office.backstage.state, office.backstage.lookout
    state.settings_changed.connect(lookout._on_settings)
    choose(1)
    renamed = replace(office.host, name="Rack 1")
    office.backstage._set(hosts=(renamed,))
    assert state.chosen_host == renamed
    moved = replace(renamed, url="http://rack.example:11434")
    office.backstage._set(hosts=(moved,))
    assert state.chosen_host == moved


def test_that_a_silent_kept_host_is_no_ollama_that_is_to_be_installed_here(
    office: Office, chooser: HostChooser, qtbot: QtBot
) -> None:
    """A tunnel or a second server at an address of this machine."""
    gone = Host(name="tunnel", url="http://127.0.0.1:9", kind=HostKind.OLLAMA)
    office.backstage._set(hosts=(gone,))
    state = office.backstage.state
    state.host_changed.connect(office.backstage.lookout.ollama)
    own = state.runtimes
    chooser.activated.emit(1)
    qtbot.waitUntil(lambda: state.runtimes is not None, timeout=10_000)
    lacks = missing(state.runtimes)
    assert lacks is not None
    assert lacks.title == "Ollama does not answer at http://127.0.0.1:9"
    assert state.own_runtimes == own


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
    found = office.backstage.run(office.backstage.host.look(settings, own=""))
    assert found.version is None
    assert found.state is RuntimeState.REMOTE
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


# Run, and side by side


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


def test_that_the_server_in_use_is_offered_once_by_whatever_name_it_is_kept(
    office: Office, page: RunPage, qtbot: QtBot
) -> None:
    page.mode.choose(Mode.BOTH)
    assert page.side is not None
    assert page.side._runtime is not None
    here = page.side._runtime.url.replace("127.0.0.1", "localhost")
    assert here != page.side._runtime.url
    office.backstage._set(hosts=(office.host, Host(name="desk", url=here, kind=HostKind.OLLAMA)))
    page.side.on_add()
    picker = page.side.findChildren(TargetPicker)[-1]
    assert picker.place.findText("studio") > 0
    assert picker.place.findText("desk") == -1
    picker.reject()


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
    # It stands on this machine, whose sensors count.
    assert (kept["m-1"].place, kept["m-1"].answer) == ("local", "Hello")
    assert "another machine" not in (kept["m-1"].energy_reason or "")


def test_that_a_model_of_another_kind_of_host_is_run_here_and_measured(
    office: Office, page: RunPage, choose: Choose, qtbot: QtBot
) -> None:
    api = office.serve_openai()
    choose(2)
    page.refresh()
    assert [one.label for one in page.model.targets] == ["m-1, lmstudio", "m-2, lmstudio"]
    words = " ".join(one.text() for one in page.place.findChildren(QLabel))
    assert "What you ask goes to lmstudio" in words
    assert "context length itself" in words
    assert "choose an Ollama server" in page.toolbar.benchmark.toolTip()
    assert "choose an Ollama server" in page.toolbar.calibrate.toolTip()
    page.form.prompt.setPlainText("Say something.")
    page.form.temperature.set_value(0.25)
    page.on_send()
    qtbot.waitUntil(
        lambda: not page.session.running and page.session.here.kept is not None, timeout=20_000
    )
    (run,) = office.backstage.run(office.backstage.history.runs())
    assert (run.place, run.host, run.answer) == ("local", office_url(api), "Hello")
    sent = next(one for one in api.requests if one.method == "POST").json
    assert (sent["model"], sent["temperature"]) == ("m-1", 0.25)


def test_that_its_chosen_model_is_the_first_side_by_side(
    office: Office, page: RunPage, choose: Choose, qtbot: QtBot
) -> None:
    office.serve_openai()
    choose(2)
    page.refresh()
    page.mode.choose(Mode.BOTH)
    assert page.side is not None
    assert [one.label for one in page.side.chips.asked] == ["m-1, lmstudio"]
    page.side.on_add()
    picker = page.side.findChildren(TargetPicker)[-1]
    assert picker.place.itemText(0) == "lmstudio"
    assert picker.place.findText("lmstudio", Qt.MatchFlag.MatchExactly) == 0
    assert [picker.list.item(i).text() for i in range(2)] == ["m-1, is asked already", "m-2"]
    picker.accept()


def office_url(api: CloudApi) -> str:
    return api.url.removesuffix("/v1")


def test_that_models_lists_what_it_has_and_offers_nothing_to_manage(
    office: Office, choose: Choose, qtbot: QtBot, tmp_path: Path
) -> None:
    stage = office.backstage
    office.serve_openai()
    page = ModelsPage(
        stage.state,
        stage.tasks,
        stage.messages,
        stage.lookout,
        host=stage.host,
        downloads=lambda: None,  # type: ignore[arg-type, return-value]
        history=stage.history,
        paths=Paths(tmp_path / "s", tmp_path / "h.db", tmp_path / "logs", tmp_path / "cache"),
        hosts=office.hosts,
    )
    qtbot.addWidget(page)
    page.resize(1080, 800)
    page.show()
    qtbot.waitUntil(lambda: page._filled, timeout=10_000)
    choose(2)
    settle()
    page.open_at("installed")
    assert page.listed.isVisible()
    assert not page.installed.isVisible()
    assert not page._pull.isVisible()
    assert page.listed.table.filter.rowCount() == 2
    assert "with its own means" in " ".join(o.text() for o in page.listed.findChildren(QLabel))
    with qtbot.waitSignal(page.jump) as jumped:
        page.listed.on_run()
    assert jumped.args == ["run", "m-1"]
    page._search.on_search("m-2")
    assert page.listed.table.filter.rowCount() == 1
    page._search.on_search("")
    page.open_at("running")
    words = " ".join(one.text() for one in page._instead.findChildren(QLabel))
    assert "Which models are in memory is not known" in words
    page.open_at("downloads")
    words = " ".join(one.text() for one in page._instead.findChildren(QLabel))
    assert "Nothing is downloaded to lmstudio from here" in words
    page.open_at("recommended")
    assert not page._server_card.isVisible()
    assert not page.recommended.inspector._pull.isVisible()
    choose(0)
    settle()
    page.open_at("installed")
    assert page.installed.isVisible()
    assert page._pull.isVisible()


def test_that_fit_is_asked_for_the_machine_that_has_the_name_of_the_host(
    office: Office, choose: Choose
) -> None:
    state = office.backstage.state
    fields = {"name": "Studio", "like": "RTX 4090"}
    user_machines.add(paths.of_user().machines, fields, shipped_catalogue.load().machines)
    choose(1)
    assert state.what_if is not None
    assert state.what_if.name == "Studio"
    choose(0)
    assert state.what_if is None
    other = known_machines.what_if("RTX 3060 12GB")
    state.set_what_if(other)
    choose(1)
    assert state.what_if == other


def test_that_the_machine_asked_about_follows_a_host_that_is_renamed_moved_or_gone(
    office: Office, choose: Choose
) -> None:
    state, lookout = office.backstage.state, office.backstage.lookout
    state.settings_changed.connect(lookout._on_settings)
    rows = shipped_catalogue.load().machines
    for name in ("Studio", "Attic"):
        user_machines.add(paths.of_user().machines, {"name": name, "like": "RTX 4090"}, rows)

    def asked() -> str | None:
        return state.what_if.name if state.what_if is not None else None

    def kept(**changed: str) -> None:
        host = state.settings.hosts[0]
        office.backstage._set(hosts=(replace(host, **changed),))

    choose(1)
    assert asked() == "Studio"
    kept(name="attic")
    assert asked() == "Attic"
    kept(name="barn")
    assert asked() is None, "nobody described a barn"
    kept(name="attic")
    assert asked() == "Attic"
    state.set_what_if(None)  # this machine again
    kept(url="http://rack.example:11434")
    assert asked() is None
    kept(name="studio")
    assert asked() == "Studio"
    office.backstage._set(hosts=())
    assert (state.chosen_host, asked()) == (None, None)


def test_that_another_machine_that_is_asked_about_stays_whatever_becomes_of_a_host(
    office: Office, choose: Choose
) -> None:
    state, lookout = office.backstage.state, office.backstage.lookout
    state.settings_changed.connect(lookout._on_settings)
    choose(1)
    other = known_machines.what_if("RTX 3060 12GB")
    state.set_what_if(other)
    office.backstage._set(hosts=(replace(office.host, name="barn"),))
    assert state.what_if == other
    office.backstage._set(hosts=())
    assert state.what_if == other


def test_that_a_renamed_host_is_not_taken_for_another_at_its_address(office: Office) -> None:
    box, twin = (replace(office.host, name=name) for name in ("box", "box v1"))
    office.backstage._set(hosts=(box, twin))
    state = office.backstage.state
    state.settings_changed.connect(office.backstage.lookout._on_settings)
    office.backstage.lookout._on_settings()
    state.set_chosen_host(twin)
    renamed = replace(twin, name="box v2")
    office.backstage._set(hosts=(box, renamed))
    assert state.chosen_host == renamed
    office.backstage._set(hosts=(box,))
    assert state.chosen_host is None


def test_that_a_host_whose_machine_nobody_described_is_said_to_be_unknown(office: Office) -> None:
    state = office.backstage.state
    far = Runtime(
        kind="ollama",
        state=RuntimeState.REMOTE,
        url="http://192.168.1.5:11434",
        version="0.32.15",
        name="studio",
    )
    state.set_runtimes((far,))
    assert undescribed(state) == "studio"
    state.set_runtimes((replace(far, name=""),))
    assert undescribed(state) == ""
    state.set_runtimes((replace(far, version=None),))
    assert undescribed(state) == ""
    state.set_runtimes((far,))
    state.set_what_if(known_machines.what_if("RTX 3060 12GB"))
    assert undescribed(state) == ""
