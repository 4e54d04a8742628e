"""Cloud: providers and their keys, what their models cost, and what was used there."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from landfall.gui.cloud.desk import CloudDesk
from landfall.gui.cloud.plans_card import PlansCard
from landfall.gui.cloud.price_doings import PriceDoings
from landfall.gui.cloud.prices_tab import PricesTab
from landfall.gui.cloud.probe_tab import ProbeTab
from landfall.gui.cloud.providers_tab import FIRST, ProvidersTab
from landfall.gui.cloud.usage_doings import UsageDoings
from landfall.gui.cloud.usage_picking import dropped_paths
from landfall.gui.cloud.usage_tab import UsageTab
from landfall.gui.page import Page, PageState
from landfall.gui.theme import Space
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import button, row

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.history.history import History


class Tab(IntEnum):
    """What is shown, in the order of the segments."""

    PROVIDERS = 0
    PRICES = 1
    USAGE = 2
    SPEED = 3


class CloudPage(Page):
    """One tab at a time; what another tab needs of the desk is known to all of them."""

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        cloud: Callable[[], CloudAccess],
        preferences: Preferences,
        history: History,
        decide_again: Callable[[], None],
        keep_for_session: Callable[[], None] | None = None,
    ) -> None:
        """Make the page; nothing is read before it was painted.

        Args:
            state: Whose settings hold.
            tasks: Runs the work.
            messages: Says what is refused.
            cloud: Keys, providers and prices under the settings of now.
            preferences: Takes a changed address.
            history: Checks, runs, what was spent and what was used.
            decide_again: Called when workloads were made of usage: their verdicts are wanted.
            keep_for_session: Makes keys live in memory from now on; None where that is not offered.
        """
        super().__init__(self.tr("Cloud"))
        self._app, self._decide_again = state, decide_again
        self._desk = CloudDesk(
            state,
            tasks,
            messages,
            cloud=cloud,
            preferences=preferences,
            history=history,
            parent=self,
        )
        self.providers_tab = ProvidersTab(
            self._desk, state, messages, keep_for_session=keep_for_session
        )
        doings = PriceDoings(
            state, tasks, messages, cloud=cloud, preferences=preferences, parent=self
        )
        plans = PlansCard(tasks, messages, history, cloud=cloud, settings=self._settings)
        self.prices_tab = PricesTab(self._desk, doings, plans, first=FIRST)
        self.usage_tab = UsageTab(tasks, messages, history)
        self.usage = UsageDoings(tasks, messages, history, cloud=cloud, over=self)
        self.probe_tab = ProbeTab(self._desk, tasks, messages, history, cloud=cloud)
        self._tabs = (self.providers_tab, self.prices_tab, self.usage_tab, self.probe_tab)
        self._build()
        self._connect()
        self._show_tab()

    def _settings(self) -> Settings:
        return self._app.settings

    def _build(self) -> None:
        self.bring = button(self.tr("Import usage\u2026"), icon="download")
        self.bring.setObjectName("import-usage")
        self.fetch = button(self.tr("Fetch usage\u2026"), icon="cloud")
        self.fetch.setObjectName("fetch-usage")
        self.make = button(self.tr("Make workloads\u2026"), "primary", icon="workloads")
        self.make.setObjectName("make-workloads")
        self.add_action(self.fetch, self.bring, self.make)
        self.setAcceptDrops(True)
        self.tabs = SegmentedControl(
            (self.tr("Providers"), self.tr("Prices"), self.tr("Usage"), self.tr("Speed")),
            wraps=True,
        )
        self.tabs.setObjectName("cloud-tabs")
        self.tabs.setAccessibleName(self.tr("What is shown"))
        self.body.addLayout(row(self.tabs, None, spacing=Space.M))
        # No stack: that is as tall as the tallest of its pages, also of those that are not seen.
        for tab in self._tabs:
            self.body.addWidget(tab, 1)

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.on_tab)
        self.providers_tab.chosen.connect(self.prices_tab.show_provider)
        self.providers_tab.changed.connect(self.on_changed)
        self.providers_tab.jump.connect(self.jump)
        self.prices_tab.changed.connect(self.on_changed)
        self.usage_tab.changed.connect(self.on_changed)
        self.probe_tab.changed.connect(self.on_changed)
        self.probe_tab.key_wanted.connect(self.on_first_key)
        self.usage_tab.import_asked.connect(self.usage.choose)
        self.usage_tab.fetch_asked.connect(self.usage.fetch)
        self.bring.clicked.connect(self.usage.choose)
        self.fetch.clicked.connect(self.usage.fetch)
        self.make.clicked.connect(self.usage.make_workloads)
        self.usage.imported.connect(self.on_imported)
        self.usage.key_wanted.connect(self.on_key_wanted)
        self.usage.workload_made.connect(self.on_workload_made)
        self._app.settings_changed.connect(self.on_settings)

    # Reading

    def after_first_paint(self) -> None:
        """Only now anything is read."""
        self._desk.load()
        self._read_tab()

    def refresh(self) -> None:
        """Runs and checks may have come from elsewhere meanwhile."""
        if self.settled:
            self._desk.catch_up()
            self._read_tab()

    @Slot()
    def on_settings(self) -> None:
        """Addresses, prices, the cap or what counts as stale may be others."""
        if self.settled and self.isVisible():
            self._desk.catch_up()

    def open_at(self, detail: str) -> None:
        """Show a tab by its name, or a provider by its id; "key:" before it asks for its key.

        "import" chooses files of usage.
        """
        named = {
            "providers": Tab.PROVIDERS,
            "prices": Tab.PRICES,
            "usage": Tab.USAGE,
            "speed": Tab.SPEED,
            "import": Tab.USAGE,
        }
        if detail in named:
            self.choose(named[detail])
            if detail == "import":
                self.usage.choose()
            return
        ask, _, name = detail.rpartition(":")
        if name:
            self.choose(Tab.PROVIDERS)
            self.providers_tab.show_provider(name, ask_for_key=bool(ask))

    # Showing

    @property
    def tab(self) -> Tab:
        """What is looked at."""
        return Tab(self.tabs.current)

    def choose(self, tab: Tab) -> None:
        """Look at a tab."""
        self.tabs.group.button(tab).setChecked(True)
        self.on_tab()

    @Slot()
    def on_tab(self) -> None:
        """Another tab is looked at."""
        self.verticalScrollBar().setValue(0)
        self._show_tab()
        if self.settled:
            self._read_tab()

    def _read_tab(self) -> None:
        """What only its tab shows is read when that is looked at."""
        if self.tab is Tab.USAGE:
            self.usage_tab.refresh()
        elif self.tab is Tab.SPEED:
            self.probe_tab.refresh()

    def _show_tab(self) -> None:
        for i, tab in enumerate(self._tabs):
            tab.setVisible(i == self.tab)
        self.on_changed()

    @Slot()
    def on_changed(self) -> None:
        """A tab shows something else."""
        self.set_state(self._tabs[self.tab].state)
        self.say(self._sentence())
        standing = self.usage_tab.standing
        read = self.usage_tab.state is not PageState.FAILED
        has_usage = read and standing is not None and bool(standing.imports)
        self.make.setVisible(self.tab is Tab.USAGE and has_usage)
        self.fetch.setVisible(self.tab is Tab.USAGE and has_usage)
        self.bring.setVisible(self.tab is not Tab.USAGE or has_usage)

    def _sentence(self) -> str:
        return {
            Tab.PROVIDERS: self._keys_sentence(),
            Tab.PRICES: self.tr("Each price has its source and its date. None is guessed."),
            Tab.USAGE: self.usage_tab.words,
            Tab.SPEED: self.tr("Small calls tell a provider's speed. Their price is told first."),
        }[self.tab]

    def _keys_sentence(self) -> str:
        """Where keys are, as it is now."""
        if self.providers_tab.session_only:
            return self.tr("Keys are kept in memory. Nothing is sent until you ask.")
        if self._desk.key_trouble:
            return self.tr("No key can be stored now. Nothing is sent until you ask.")
        return self.tr("Keys are kept in the system keyring. Nothing is sent until you ask.")

    # Usage

    @Slot()
    def on_imported(self) -> None:
        """There is more usage now: show it."""
        self.choose(Tab.USAGE)

    @Slot(str)
    def on_key_wanted(self, name: str) -> None:
        """The key that reads the usage of a provider is to be entered first."""
        self.choose(Tab.PROVIDERS)
        self.providers_tab.ask_for_usage_key(name)

    @Slot()
    def on_first_key(self) -> None:
        """Some key is to be entered before a provider can be measured."""
        self.choose(Tab.PROVIDERS)

    @Slot(str)
    def on_workload_made(self, name: str) -> None:
        """To the workload that was made, whose verdict is on its way."""
        self._decide_again()
        self.jump.emit("workloads", f"stored:{name}")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_paths(event)
        if paths:
            event.acceptProposedAction()
            self.usage.bring(paths)
