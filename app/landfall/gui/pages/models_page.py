"""Models: what fits, what is on the disk, what is in memory, what is on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from landfall.core.errors import NetworkUnavailable
from landfall.gui.allowed import allow
from landfall.gui.hosts.chooser import HostChooser
from landfall.gui.machine.picker import MachinePicker
from landfall.gui.models.actions import ModelActions
from landfall.gui.models.downloads import DownloadsTab
from landfall.gui.models.empty import loading
from landfall.gui.models.installed import InstalledTab
from landfall.gui.models.instead import Instead, WaysOut
from landfall.gui.models.listed import ListedTab
from landfall.gui.models.load_looks import LoadLooks
from landfall.gui.models.lookup import ModelLookup, on_loopback
from landfall.gui.models.newer_look import NewerLook
from landfall.gui.models.past_runs import Past, last_used, past
from landfall.gui.models.pull_queue import PullQueue
from landfall.gui.models.pull_row import PullState
from landfall.gui.models.ranking import (
    ground_of,
    host_words,
    machine_of,
    no_server_words,
)
from landfall.gui.models.recommended import RecommendedTab
from landfall.gui.models.running import RunningTab
from landfall.gui.models.search import ModelSearch, Searched
from landfall.gui.models.server_card import ServerCard
from landfall.gui.models.tabs import (
    BY_NAME,
    DOWNLOADS,
    INSTALLED,
    RECOMMENDED,
    RUNNING,
    about,
    count_installed,
    count_running,
    in_memory,
    lists,
    other_kind,
)
from landfall.gui.page import Page, PageState
from landfall.gui.server_state import Missing, answers, is_here, missing
from landfall.gui.widgets.apart import Apart
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import button
from landfall.gui.widgets.numbers import OriginLegend

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.hosts.desk import HostsBehind
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import RunRecord
    from landfall.services.ollama.downloads import Downloads
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.paths import Paths

_MACHINE_SIGNS = 24


class ModelsPage(Page):
    """The model manager."""

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        host: Host,
        downloads: Callable[[], Downloads],
        history: History,
        paths: Paths,
        hosts: Callable[[], HostsBehind] | None = None,
    ) -> None:
        super().__init__(self.tr("Models"))
        self._hosts = hosts
        self._state, self._tasks = state, tasks
        self._messages, self._lookout = messages, lookout
        self._history = history
        self._runs: tuple[RunRecord, ...] = ()
        self._named: Mapping[str, tuple[str, ...]] = {}
        self._asked_for = ""
        self._filled = False
        self._actions = ModelActions(
            state, tasks, messages, lookout, host=host, history=history, parent=self
        )
        self._looks = LoadLooks(tasks, messages, host=host, history=history, parent=self)
        self._newer = NewerLook(tasks, messages, host=host, parent=self)
        self.queue = PullQueue(
            state, tasks, messages, lookout, downloads=downloads, history=history, parent=self
        )
        self._lookup = ModelLookup(state, tasks, messages, paths=paths, parent=self)
        self._loading = loading()
        self.body.addWidget(self._loading, 1)
        self.say(about(state))

    # Building

    def after_first_paint(self) -> None:
        """Bring tables and buttons, fill them, and follow what changes."""
        self._build()
        self._connect()
        self._filled = True
        self.queue.load()
        self.refresh()
        if self._asked_for:
            self.open_at(self._asked_for)

    def _build(self) -> None:
        self._loading.hide()
        self._loading.deleteLater()
        self._build_actions()
        self._build_tabs()
        self.body.addWidget(Apart(self._tabs, self._search.field))
        self.body.addWidget(self._search.line)
        self.body.addWidget(self._server_card)
        for tab in (*self._tab_widgets(), self.listed, self._instead):
            self.body.addWidget(tab, 1)

    def _build_actions(self) -> None:
        self._pull = button(self.tr("Pull a model\u2026"), icon="download")
        self._pull.setObjectName("pull-a-model")
        self.add_action(OriginLegend())
        if self._hosts is not None:
            self.chooser = HostChooser(self._state, self._tasks, behind=self._hosts)
            self.add_action(self.chooser)
        self.add_action(self._pull)

    def _build_tabs(self) -> None:
        names = (
            self.tr("Recommended"),
            self.tr("Installed"),
            self.tr("Running"),
            self.tr("Downloads"),
        )
        self._tabs = SegmentedControl(names, counted=(RECOMMENDED, INSTALLED, RUNNING), wraps=True)
        self._tabs.setObjectName("models-tabs")
        self.recommended = RecommendedTab(self._state.settings.context_length)
        self._search = ModelSearch(
            self._lookup,
            recommended=self.recommended,
            shown=self._searched,
            show_recommended=self.on_show_recommended,
            parent=self,
        )
        self.picker = MachinePicker(self._state, longest=_MACHINE_SIGNS)
        self._server_card = ServerCard(self._state, self._lookout, self.picker)
        self.recommended.filters.hold_machine(self.picker)
        self.installed = InstalledTab(self._actions, self._newer)
        self.running = RunningTab(self._actions, self._looks)
        self.downloads = DownloadsTab(self.queue)
        self.listed = ListedTab(self._messages)
        self._instead = Instead(
            WaysOut(
                connect=self.on_connect,
                server=self._server_card.on_server,
                recommended=self.on_show_recommended,
                installed=self.on_show_installed,
            )
        )

    def _tab_widgets(self) -> tuple[RecommendedTab | InstalledTab | RunningTab | DownloadsTab, ...]:
        return self.recommended, self.installed, self.running, self.downloads

    def _connect(self) -> None:
        self._pull.clicked.connect(self.on_pull_a_model)
        self._tabs.chosen.connect(self.on_tab)
        self._search.answered.connect(self.on_answered)
        recommended = self.recommended
        recommended.pull_asked.connect(self.on_pull)
        recommended.downloads_asked.connect(self.on_show_downloads)
        recommended.ranked.connect(self.on_ranked)
        for tab in (recommended, self.installed, self.running, self.listed):
            tab.run_asked.connect(self.on_run)
        self.installed.update_asked.connect(self.on_update)
        self.downloads.space_asked.connect(self.on_show_installed)
        self.downloads.models_asked.connect(self.on_show_recommended)
        self.queue.listed.connect(self.on_changed)
        self.queue.failed.connect(self.on_pull_failed)
        self._lookup.specs_changed.connect(self.on_changed)
        self._actions.loading.connect(self._looks.forget)
        state = self._state
        for changed in (
            state.profile_changed,
            state.runtimes_changed,
            state.models_changed,
            state.settings_changed,
            state.what_if_changed,
        ):
            changed.connect(self.on_changed)

    # What changes

    @Slot()
    def on_changed(self) -> None:
        """Something is known now, or is another."""
        if self.isVisible():
            self._fill()

    def refresh(self) -> None:
        """Show what is known, and ask what may have changed: runs, and what is in memory."""
        if not self._filled:
            return
        reading = self._tasks.run(past(self._history))
        reading.succeeded.connect(self._on_past)
        reading.failed.connect(self._messages.fail)
        if answers(self._state.runtimes):
            self._lookout.models()
        self._fill()

    @Slot(object)
    def _on_past(self, told: Past) -> None:
        if told != (self._runs, self._named):
            self._runs, self._named = told
            self._fill()

    def _fill(self) -> None:
        state = self._state
        installed, loaded = state.installed or (), state.loaded or ()
        pulling = [e.name for e in self.queue.entries if e.state is not PullState.DONE]
        ground = ground_of(state, self._runs, pulling, what_if=self._state.what_if)
        self.recommended.set_ground(ground)
        self.installed.set_place(host_words(state))
        self.downloads.set_place(host_words(state))
        here, server = is_here(state.runtimes), state.runtimes[0].url if state.runtimes else ""
        used = last_used(self._runs, server, here=here)
        self.installed.set_models(installed, loaded, used, named=self._named)
        self._looks.follow(loaded)
        self._lookup.learn([model.name for model in loaded] if here else [])
        profile = machine_of(state) if here else None
        self.running.set_models(loaded, self._lookup.specs, profile)
        self._fill_listed()
        self._fill_counts()
        self._fill_header()
        self._show_tab()

    def _fill_listed(self) -> None:
        reading = other_kind(self._state)
        if reading is not None:
            running = self._tabs.current == RUNNING
            self.listed.set_reading(reading, in_memory(reading) if running else reading.models)

    def _fill_counts(self) -> None:
        self._tabs.set_count(RECOMMENDED, self.recommended.count)
        self._tabs.set_count(INSTALLED, count_installed(self._state))
        self._tabs.set_count(RUNNING, count_running(self._state))
        self._tabs.set_count(DOWNLOADS, len(self.queue.entries) or None)

    def _fill_header(self) -> None:
        reason = no_server_words(self._state)
        self._pull.setVisible(self._state.listed is None)
        allow(self._pull, reason)
        self.say(about(self._state))

    # Tabs

    @Slot(int)
    def on_tab(self, index: int) -> None:
        """Another tab; what is in memory may have left it meanwhile."""
        if index == RUNNING and answers(self._state.runtimes):
            self._lookout.models()
        self._fill_listed()
        self._show_tab()
        self._search.search_again()

    def _show_tab(self) -> None:
        tab = self._tabs.current
        instead = self._instead.take_place(tab, self._state, downloads=len(self.queue.entries))
        for index, widget in enumerate(self._tab_widgets()):
            widget.setVisible(index == tab and not instead and not lists(self._state, tab))
        self.listed.setVisible(lists(self._state, tab) and not instead)
        self._instead.setVisible(instead)
        self._server_card.show_at(tab)
        if tab == DOWNLOADS and self.isVisible():
            self.queue.see_failures()
        self._set_where()

    def _set_where(self) -> None:
        self.set_state(self._where(self._tabs.current, missing(self._state.runtimes)))

    def _where(self, tab: int, lacks: Missing | None) -> PageState:
        state = self._state
        if tab == RECOMMENDED:
            if state.profile is None and self._state.what_if is None:
                return PageState.FAILED if state.profile_error else PageState.LOADING
            if not self.recommended.count:
                return PageState.EMPTY
            cut_off = isinstance(self._lookup.current.error, NetworkUnavailable)
            return PageState.PARTIAL if lacks is not None or cut_off else PageState.READY
        if tab == DOWNLOADS:
            if self.downloads.has_failed:
                return PageState.FAILED
            return PageState.READY if self.queue.entries else PageState.EMPTY
        other = other_kind(self._state)
        if other is not None:
            listed = other.models if tab == INSTALLED else in_memory(other)
            return PageState.READY if listed else PageState.EMPTY
        things = state.installed if tab == INSTALLED else state.loaded
        if lacks is None and things is None:
            return PageState.LOADING
        return PageState.READY if things and lacks is None else PageState.EMPTY

    def open_at(self, detail: str) -> None:
        """A tab by its name, or a model: its row, or what can be found out about it here."""
        if not self._filled:
            self._asked_for = detail
        elif detail in BY_NAME:
            self._tabs.choose(BY_NAME[detail])
        else:
            self._tabs.choose(RECOMMENDED)
            if not self.recommended.select(detail):
                self._search.field.setText(detail)

    @Slot()
    def on_show_recommended(self) -> None:
        """To the list of models."""
        self._tabs.choose(RECOMMENDED)

    @Slot()
    def on_show_installed(self) -> None:
        """To the disk."""
        self._tabs.choose(INSTALLED)

    @Slot(str)
    def on_show_downloads(self, _name: str = "") -> None:
        """To the downloads."""
        self._tabs.choose(DOWNLOADS)

    @Slot()
    def on_ranked(self) -> None:
        """The ranking is another one."""
        self._tabs.set_count(RECOMMENDED, self.recommended.count)
        self._search.line.set_ground(self.recommended.machine, self.recommended.filters.request)
        self._set_where()

    # The server

    @Slot()
    def on_connect(self) -> None:
        """A server on another machine is kept among the hosts."""
        self.jump.emit("machine", "add-host")

    @Slot(str)
    def on_run(self, name: str) -> None:
        """Ask a model something."""
        self.jump.emit("run", name)

    # Pulls

    @Slot()
    def on_pull_a_model(self) -> None:
        """Any tag can be pulled: it is typed."""
        self._search.focus()

    @Slot(str, bool)
    def on_pull(self, name: str, plain: bool) -> None:
        """Pull a model from its registry."""
        self.queue.pull(name, insecure=plain)

    @Slot(list)
    def on_update(self, names: list[str]) -> None:
        """Pull what is here again: only what has changed is loaded."""
        for name in names:
            self.queue.pull(name, insecure=on_loopback(name))
        self.on_show_downloads()

    @Slot(str)
    def on_pull_failed(self, name: str) -> None:
        """The row says it; where that is not in sight, a banner does."""
        if not (self.isVisible() and self._tabs.current == DOWNLOADS):
            self.queue.tell_failure(name)
        self.on_changed()

    # What is typed

    def _searched(self) -> Searched:
        tab = self._tabs.current
        return self.listed if lists(self._state, tab) else self._tab_widgets()[tab]

    @Slot()
    def on_answered(self) -> None:
        """What can be found out about a typed name is another."""
        self._set_where()
