"""Cloud: providers and their keys, what their models cost, and what was used there."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.cloud.desk import CloudDesk
from landfall.gui.cloud.prices_tab import PricesTab
from landfall.gui.cloud.providers_tab import FIRST, ProvidersTab
from landfall.gui.page import Page, PageState
from landfall.gui.theme import Space
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import row

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.history import History


class Tab(IntEnum):
    """What is shown, in the order of the segments."""

    PROVIDERS = 0
    PRICES = 1


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
        keep_for_session: Callable[[], None] | None = None,
    ) -> None:
        """Make the page; nothing is read before it was painted.

        Args:
            state: Whose settings hold.
            tasks: Runs the work.
            messages: Says what is refused.
            cloud: Keys, providers and prices under the settings of now.
            preferences: Takes a changed address.
            history: Checks, runs and what was spent.
            keep_for_session: Makes keys live in memory from now on; None where that is not offered.
        """
        super().__init__("Cloud")
        self._app = state
        self._desk = CloudDesk(
            state,
            tasks,
            messages,
            cloud=cloud,
            preferences=preferences,
            history=history,
            parent=self,
        )
        self.header.title.setText(self.tr("Cloud"))
        self.setAccessibleName(self.tr("Cloud"))
        self.providers_tab = ProvidersTab(
            self._desk, state, messages, keep_for_session=keep_for_session
        )
        self.prices_tab = PricesTab(self._desk, first=FIRST)
        self._tabs: tuple[QWidget, ...] = (self.providers_tab, self.prices_tab)
        self._build()
        self._connect()
        self._show_tab()

    def _build(self) -> None:
        self.tabs = SegmentedControl((self.tr("Providers"), self.tr("Prices")))
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
        self._app.settings_changed.connect(self.on_settings)

    # Reading

    def after_first_paint(self) -> None:
        """Only now anything is read."""
        self._desk.load()

    def refresh(self) -> None:
        """Runs and checks may have come from elsewhere meanwhile."""
        if self.settled:
            self._desk.catch_up()

    @Slot()
    def on_settings(self) -> None:
        """Addresses, prices, the cap or what counts as stale may be others."""
        if self.settled and self.isVisible():
            self._desk.catch_up()

    def open_at(self, detail: str) -> None:
        """Show a tab by its name, or a provider by its id; "key:" before it asks for its key."""
        named = {"providers": Tab.PROVIDERS, "prices": Tab.PRICES}
        if detail in named:
            self.choose(named[detail])
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

    def _show_tab(self) -> None:
        for i, tab in enumerate(self._tabs):
            tab.setVisible(i == self.tab)
        self.on_changed()

    @Slot()
    def on_changed(self) -> None:
        """A tab shows something else."""
        self.set_state(self._standing())
        self.say(self._sentence())

    def _standing(self) -> PageState:
        return {
            Tab.PROVIDERS: self.providers_tab,
            Tab.PRICES: self.prices_tab,
        }[self.tab].state

    def _sentence(self) -> str:
        return {
            Tab.PROVIDERS: self.tr(
                "Keys are kept in the system keyring. Nothing is sent until you ask."
            ),
            Tab.PRICES: self.tr("Each price has its source and its date. None is guessed."),
        }[self.tab]
