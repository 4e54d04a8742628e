"""What stands where the list of a tab would be: no server, nothing there, not known yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from landfall.gui.models.empty import loading, no_server, nothing_installed, nothing_loaded
from landfall.gui.models.listed import no_downloads, none_in_memory, nothing_listed
from landfall.gui.models.tabs import (
    DOWNLOADS,
    INSTALLED,
    RECOMMENDED,
    RUNNING,
    in_memory,
    other_kind,
)
from landfall.gui.server_state import missing
from landfall.gui.widgets.layout import Swap

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import HostReading
    from landfall.gui.app_state import AppState


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOut:
    """What the buttons of an empty place do."""

    connect: Callable[[], object]
    server: Callable[[], object]
    recommended: Callable[[], object]
    installed: Callable[[], object]


class Instead(Swap):
    """Keeps what is there while it says the same, so that focus stays."""

    def __init__(self, ways: WaysOut) -> None:
        super().__init__()
        self._ways = ways
        self._held: object = None

    def take_place(self, tab: int, state: AppState, *, downloads: int) -> bool:
        """Say what is the case where the tab has no list; whether that is so.

        Args:
            downloads: How many there are.
        """
        other = other_kind(state)
        if tab == RECOMMENDED or (tab == DOWNLOADS and other is None):
            return False
        if other is not None:
            return self._of_listed(tab, other, downloads)
        lacks = missing(state.runtimes)
        things = state.installed if tab == INSTALLED else state.loaded
        ways = self._ways
        if lacks is not None:
            known = lacks
            self._keep(lacks, lambda: no_server(known, connect=ways.connect, act=ways.server))
        elif things is None:
            self._keep("loading", loading)
        elif things:
            return False
        elif tab == INSTALLED:
            self._keep("installed", lambda: nothing_installed(ways.recommended))
        else:
            self._keep("running", lambda: nothing_loaded(ways.installed))
        return True

    def _of_listed(self, tab: int, other: HostReading, downloads: int) -> bool:
        there = {
            INSTALLED: len(other.models),
            RUNNING: len(in_memory(other)),
            DOWNLOADS: downloads,
        }
        if there[tab]:
            return False
        makers: dict[int, Callable[[], QWidget]] = {
            INSTALLED: lambda: nothing_listed(other),
            RUNNING: lambda: none_in_memory(other, self._ways.installed),
            DOWNLOADS: lambda: no_downloads(other),
        }
        self._keep((tab, other.host.name, other.server, len(other.models)), makers[tab])
        return True

    def _keep(self, key: object, make: Callable[[], QWidget]) -> None:
        if key != self._held:
            self._held = key
            self.hold(make())
