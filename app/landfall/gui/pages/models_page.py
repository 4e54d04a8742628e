"""Models: what fits, what is on the disk, what is in memory, what is on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from landfall.core.errors import NetworkUnavailable
from landfall.core.machines import enriched
from landfall.core.offer import name_key
from landfall.gui.installed_view import count_words
from landfall.gui.model_actions import ModelActions
from landfall.gui.model_lookup import Lookup, ModelLookup, Progress, on_loopback
from landfall.gui.models_downloads import DownloadsTab
from landfall.gui.models_installed import InstalledTab
from landfall.gui.models_recommended import Ground, RecommendedTab
from landfall.gui.models_running import RunningTab
from landfall.gui.models_view import Marks, last_used, measured_rates, sentence
from landfall.gui.page import Page, PageState
from landfall.gui.pull_queue import PullQueue
from landfall.gui.server_state import DOWNLOAD_PAGE, Missing, Remedy, answers, is_here, missing
from landfall.gui.theme import Space
from landfall.gui.widgets.controls import SearchField, SegmentedControl
from landfall.gui.widgets.feedback import EmptyState, Skeleton, State, StateLine
from landfall.gui.widgets.layout import Card, Swap, button, row
from landfall.gui.widgets.numbers import OriginLegend
from landfall.gui.widgets.pull_row import PullState
from landfall.services import catalogue

if TYPE_CHECKING:
    from landfall.core.hardware import HardwareProfile
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history import History, RunRecord
    from landfall.services.ollama.downloads import Downloads
    from landfall.services.ollama.host import Host
    from landfall.services.paths import Paths

RECOMMENDED, INSTALLED, RUNNING, DOWNLOADS = range(4)
_TABS = {
    "recommended": RECOMMENDED,
    "installed": INSTALLED,
    "running": RUNNING,
    "downloads": DOWNLOADS,
}


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
    ) -> None:
        super().__init__("Models")
        self._state, self._tasks = state, tasks
        self._messages, self._lookout = messages, lookout
        self._history = history
        self._runs: tuple[RunRecord, ...] = ()
        self._asked_for = ""
        self._filled = False
        self._held: tuple[str, Missing | None] = ("", None)
        self.header.title.setText(self.tr("Models"))
        self.setAccessibleName(self.tr("Models"))
        self._actions = ModelActions(state, tasks, messages, lookout, host=host, parent=self)
        self.queue = PullQueue(
            state, tasks, messages, lookout, downloads=downloads, history=history, parent=self
        )
        self._lookup = ModelLookup(state, tasks, messages, paths=paths, parent=self)
        self._loading = Card().add(Skeleton(*(640, 520) * 7, bar=14))
        self.body.addWidget(self._loading, 1)
        self.say(self.tr("What this machine can run, what it holds, and what is on its way."))

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
        self._pull = button(self.tr("Pull a model\u2026"), icon="download")
        self._pull.setObjectName("pull-a-model")
        self.add_action(OriginLegend(), self._pull)
        names = (
            self.tr("Recommended"),
            self.tr("Installed"),
            self.tr("Running"),
            self.tr("Downloads"),
        )
        self._tabs = SegmentedControl(names, counts=(None,) * len(names))
        self._tabs.setObjectName("models-tabs")
        self._search = SearchField(self.tr("Search or type any tag"), width=260)
        self._search.setObjectName("models-search")
        self._said = StateLine(State.TODO, " ", padding=0)
        self._said.setObjectName("lookup-line")
        self._said_card = Card(padding=Space.M).add(self._said)
        self._said_card.hide()
        self._server = StateLine(State.PARTIAL, " ", padding=0)
        self._server.setObjectName("server-line")
        self._server_card = Card(padding=Space.M).add(self._server)
        self.recommended = RecommendedTab(self._state.settings.context_length)
        self.installed = InstalledTab(self._actions)
        self.running = RunningTab(self._actions)
        self.downloads = DownloadsTab(self.queue)
        self._instead = Swap()
        self.body.addLayout(row(self._tabs, None, self._search, spacing=Space.M))
        self.body.addWidget(self._said_card)
        self.body.addWidget(self._server_card)
        for tab in (*self._tab_widgets(), self._instead):
            self.body.addWidget(tab, 1)

    def _tab_widgets(self) -> tuple[RecommendedTab | InstalledTab | RunningTab | DownloadsTab, ...]:
        return self.recommended, self.installed, self.running, self.downloads

    def _connect(self) -> None:
        self._pull.clicked.connect(self.on_pull_a_model)
        self._tabs.chosen.connect(self.on_tab)
        self._search.textChanged.connect(self.on_search)
        self._search.returnPressed.connect(self.on_look_up)
        self._said.triggered.connect(self.on_said)
        self._server.triggered.connect(self.on_server)
        self._lookup.changed.connect(self.on_lookup)
        recommended = self.recommended
        recommended.pull_asked.connect(self.on_pull)
        recommended.exact_asked.connect(self.on_exact)
        recommended.downloads_asked.connect(self.on_show_downloads)
        recommended.ranked.connect(self.on_ranked)
        for tab in (recommended, self.installed, self.running):
            tab.run_asked.connect(self.on_run)
        self.installed.update_asked.connect(self.on_update)
        self.downloads.space_asked.connect(self.on_show_installed)
        self.downloads.models_asked.connect(self.on_show_recommended)
        self.queue.listed.connect(self.on_changed)
        self.queue.failed.connect(self.on_pull_failed)
        self._lookup.specs_changed.connect(self.on_changed)
        state = self._state
        for changed in (
            state.profile_changed,
            state.runtimes_changed,
            state.models_changed,
            state.settings_changed,
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
        reading = self._tasks.run(self._history.latest_runs())
        reading.succeeded.connect(self._on_runs)
        reading.failed.connect(self._messages.fail)
        if answers(self._state.runtimes):
            self._lookout.models()
        self._fill()

    @Slot(object)
    def _on_runs(self, runs: tuple[RunRecord, ...]) -> None:
        if runs != self._runs:
            self._runs = runs
            self._fill()

    def _fill(self) -> None:
        state = self._state
        installed, loaded = state.installed or (), state.loaded or ()
        self.recommended.set_ground(self._ground())
        self.installed.set_place("" if is_here(state.runtimes) else self._host_words())
        self.installed.set_models(installed, loaded, last_used(self._runs))
        here = is_here(state.runtimes)
        self._lookup.learn([model.name for model in loaded] if here else [])
        profile = self._machine() if here else None
        self.running.set_models(loaded, self._lookup.specs, profile)
        self._fill_counts()
        self._fill_header()
        self._show_tab()

    def _fill_counts(self) -> None:
        state = self._state
        entries = self.queue.entries
        self._tabs.set_count(RECOMMENDED, self.recommended.count)
        self._tabs.set_count(INSTALLED, None if state.installed is None else len(state.installed))
        self._tabs.set_count(RUNNING, None if state.loaded is None else len(state.loaded))
        self._tabs.set_count(DOWNLOADS, len(entries) or None)

    def _fill_header(self) -> None:
        state, lacks = self._state, missing(self._state.runtimes)
        reason = self._no_server()
        self._pull.setEnabled(not reason)
        self._pull.setToolTip(reason)
        if lacks is not None:
            self.say(self.tr("{0}: fit and speed are predicted.").format(lacks.title))
        elif state.installed is not None:
            free = state.profile.disk.free_bytes if state.profile else None
            here = is_here(state.runtimes)
            self.say(count_words(state.installed, free if here else None))

    def _ground(self) -> Ground:
        state = self._state
        installed, loaded = state.installed or (), state.loaded or ()
        reason = self._no_server()
        pulling = (e.name for e in self.queue.entries if e.state is not PullState.DONE)
        return Ground(
            cards=catalogue.load().models,
            profile=self._machine(),
            error=state.profile_error,
            measured=measured_rates(self._runs, installed),
            marks=Marks(
                installed=frozenset(name_key(m.name) for m in installed),
                loaded=frozenset(name_key(m.name) for m in loaded),
                pulling=frozenset(map(name_key, pulling)),
            ),
            no_pull=reason,
            no_run=reason,
            note=self._loaded_words(),
        )

    def _machine(self) -> HardwareProfile | None:
        profile = self._state.profile
        return None if profile is None else enriched(profile, catalogue.load().machines)

    def _host_words(self) -> str:
        runtimes = self._state.runtimes
        return runtimes[0].url.partition("://")[2] if runtimes else ""

    def _no_server(self) -> str:
        """Why nothing can be pulled or run, or ""."""
        if answers(self._state.runtimes):
            return ""
        lacks = missing(self._state.runtimes)
        return lacks.title if lacks else self.tr("Ollama is still looked for")

    def _loaded_words(self) -> str:
        if answers(self._state.runtimes) and not is_here(self._state.runtimes):
            words = self.tr("Figures are for this machine; the server in use is {0}.")
            return words.format(self._host_words())
        names = ", ".join(model.name for model in self._state.loaded or ())
        return self.tr("In memory now: {0}.").format(names) if names else ""

    # Tabs

    @Slot(int)
    def on_tab(self, index: int) -> None:
        """Another tab; what is in memory may have left it meanwhile."""
        if index == RUNNING and answers(self._state.runtimes):
            self._lookout.models()
        self._show_tab()
        self.on_search(self._search.text())

    def _show_tab(self) -> None:
        tab = self._tabs.current
        lacks = missing(self._state.runtimes)
        instead = self._in_place_of(tab, lacks)
        for index, widget in enumerate(self._tab_widgets()):
            widget.setVisible(index == tab and not instead)
        self._instead.setVisible(instead)
        self._server_card.setVisible(tab == RECOMMENDED and lacks is not None)
        if lacks is not None:
            self._server.show_line(State.PARTIAL, lacks.title, lacks.text, action=lacks.action)
        self.set_state(self._where(tab, lacks))

    def _in_place_of(self, tab: int, lacks: Missing | None) -> bool:
        """Whether something else stands where the tab's content would be."""
        if tab not in (INSTALLED, RUNNING):
            return False
        things = self._state.installed if tab == INSTALLED else self._state.loaded
        if lacks is not None:
            self._hold(("server", lacks))
        elif things is None:
            self._hold(("loading", None))
        elif not things:
            self._hold(("installed" if tab == INSTALLED else "running", None))
        else:
            return False
        return True

    def _hold(self, what: tuple[str, Missing | None]) -> None:
        """Keep what is there while it says the same, so that focus stays."""
        if what == self._held:
            return
        self._held = what
        kind, lacks = what
        card = Card()
        if lacks is not None:
            card.add(self._server_state(lacks))
        elif kind == "loading":
            card.add(Skeleton(*(640, 520) * 7, bar=14))
        else:
            card.add(self._nothing(kind))
        self._instead.hold(card)

    def _server_state(self, lacks: Missing) -> QWidget:
        connect = button(self.tr("Connect to a host\u2026"), icon="server")
        connect.setObjectName("connect-host")
        connect.clicked.connect(self.on_connect)
        act = button(lacks.action, "primary")
        act.setObjectName("server-action")
        act.clicked.connect(self.on_server)
        works = self.tr("Recommendations, fit, prices and provisional verdicts work without it.")
        return EmptyState("models", lacks.title, lacks.text, connect, act, footnote=works)

    def _nothing(self, kind: str) -> QWidget:
        if kind == "installed":
            title = self.tr("No model is installed yet")
            text = self.tr("The recommended ones fit this machine; a pull checks the disk first.")
            words, slot = self.tr("Find a model"), self.on_show_recommended
        else:
            title = self.tr("No model is in memory")
            text = self.tr("A model is loaded when it is first asked, or from Installed.")
            words, slot = self.tr("Show installed"), self.on_show_installed
        act = button(words, "primary")
        act.setObjectName(f"nothing-{kind}")
        act.clicked.connect(slot)
        return EmptyState("models", title, text, act)

    def _where(self, tab: int, lacks: Missing | None) -> PageState:
        state = self._state
        if tab == RECOMMENDED:
            if state.profile is None:
                return PageState.FAILED if state.profile_error else PageState.LOADING
            if not self.recommended.count:
                return PageState.EMPTY
            cut_off = isinstance(self._lookup.current.error, NetworkUnavailable)
            return PageState.PARTIAL if lacks is not None or cut_off else PageState.READY
        if tab == DOWNLOADS:
            if self.downloads.has_failed:
                return PageState.FAILED
            return PageState.READY if self.queue.entries else PageState.EMPTY
        things = state.installed if tab == INSTALLED else state.loaded
        if lacks is None and things is None:
            return PageState.LOADING
        return PageState.READY if things and lacks is None else PageState.EMPTY

    def open_at(self, detail: str) -> None:
        """A tab by its name, or a model: its row, or what can be found out about it here."""
        if not self._filled:
            self._asked_for = detail
        elif detail in _TABS:
            self._tabs.choose(_TABS[detail])
        else:
            self._tabs.choose(RECOMMENDED)
            if not self.recommended.select(detail):
                self._search.setText(detail)

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
        self.set_state(self._where(self._tabs.current, missing(self._state.runtimes)))

    # The server

    @Slot()
    def on_server(self) -> None:
        """Bring a server: start it, look for it again, or open the page of its installer."""
        lacks = missing(self._state.runtimes)
        if lacks is None:
            return
        match lacks.remedy:
            case Remedy.INSTALL:
                QDesktopServices.openUrl(QUrl(DOWNLOAD_PAGE))
            case Remedy.START:
                self._lookout.start_ollama()
            case Remedy.LOOK:
                self._lookout.ollama()

    @Slot()
    def on_connect(self) -> None:
        """A server on another machine is named in the settings."""
        self.jump.emit("settings", "hosts")

    @Slot(str)
    def on_run(self, name: str) -> None:
        """Ask a model something."""
        self.jump.emit("run", name)

    # Pulls

    @Slot()
    def on_pull_a_model(self) -> None:
        """Any tag can be pulled: it is typed."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

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

    @Slot(str)
    def on_search(self, text: str) -> None:
        """Filter the tab that is shown; where nothing is left, Enter asks for the name."""
        self._lookup.cancel()
        tab = self._tab_widgets()[self._tabs.current]
        found = tab.search(text)
        words = text.strip()
        self._said_card.setVisible(bool(words) and found == 0)
        if words and found == 0:
            title = self.tr("No row holds \u201c{0}\u201d").format(words)
            means = self.tr(
                "Enter reads its manifest and header from its registry and says whether it fits,"
                " before any download."
            )
            self._said.show_line(State.TODO, title, means, action=self.tr("Look up"))

    @Slot()
    def on_look_up(self) -> None:
        """Enter: find out about what was typed."""
        self._tabs.choose(RECOMMENDED)
        self._lookup.look_up(self._search.text())

    @Slot(str, bool)
    def on_exact(self, name: str, plain: bool) -> None:
        """Read the header of a model that only the catalogue knows."""
        self._lookup.look_up(name, online=True, plain=plain)

    @Slot()
    def on_said(self) -> None:
        """The button of the line: look up, stop, try by plain http, try again, close."""
        lookup = self._lookup.current
        match lookup.progress:
            case Progress.IDLE:
                self.on_look_up()
            case Progress.ASKING:
                self._lookup.cancel()
            case Progress.FAILED:
                unreached = isinstance(lookup.error, NetworkUnavailable)
                self._lookup.look_up(lookup.name, plain=unreached and lookup.may_be_plain)
            case Progress.FOUND:
                self._lookup.cancel()

    @Slot()
    def on_lookup(self) -> None:
        """The question stands elsewhere now."""
        lookup = self._lookup.current
        self._said_card.setVisible(lookup.progress is not Progress.IDLE)
        match lookup.progress:
            case Progress.ASKING:
                title = self.tr("Looking up {0}").format(lookup.name)
                asks = self.tr("Manifest and header only: nothing is downloaded.")
                self._said.show_line(State.RUNNING, title, asks, action=self.tr("Stop"))
            case Progress.FAILED:
                self._show_failure(lookup)
            case Progress.FOUND:
                self._show_found(lookup)
        self.set_state(self._where(self._tabs.current, missing(self._state.runtimes)))

    def _show_failure(self, lookup: Lookup) -> None:
        error = lookup.error
        if error is None:
            return
        again = self.tr("Try again")
        if isinstance(error, NetworkUnavailable) and lookup.may_be_plain:
            again = self.tr("Try plain http")
        if not isinstance(error, NetworkUnavailable):
            again = ""
        self._said.show_line(State.FAILED, error.message, error.hint, action=again)

    def _show_found(self, lookup: Lookup) -> None:
        typed = lookup.typed
        if typed is None:
            return
        self._search.blockSignals(True)
        self._search.clear()
        self._search.blockSignals(False)
        self.recommended.search("")
        if typed.exact or not self.recommended.select(typed.name):
            self.recommended.add_typed(typed)
        source = sentence(typed.spec.reasons[0]) if typed.spec.reasons else ""
        title = self.tr("{0} is shown below; nothing was downloaded").format(typed.name)
        self._said.show_line(State.DONE, title, source, action=self.tr("Close"))
