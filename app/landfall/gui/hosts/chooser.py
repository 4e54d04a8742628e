"""Which server Models, Run and Benchmark speak with: this machine's, or a kept host."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Slot

from landfall.core.hosts.hosts import Host, HostKind
from landfall.gui.allowed import allow
from landfall.gui.hosts.spoken_with import speak_with
from landfall.gui.hosts.words import address, place_cell, state_cell
from landfall.gui.widgets.controls import Choice

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionComboBox

    from landfall.core.hosts.hosts import HostReading
    from landfall.gui.app_state import AppState
    from landfall.gui.hosts.desk import HostsBehind
    from landfall.gui.tasks import TaskRunner

WIDTH = 150


class HostChooser(Choice):
    """The server in force and the kept hosts; hidden where there is nothing to choose.

    Opening the list asks each host once how it is; nothing is asked otherwise. While something runs
    or is pulled the server stays: another one would cut it.
    """

    def __init__(
        self, state: AppState, tasks: TaskRunner, *, behind: Callable[[], HostsBehind]
    ) -> None:
        super().__init__(self.tr("Server of models"), (), width=WIDTH)
        self.setObjectName("host-chooser")
        self.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._state, self._tasks, self._behind = state, tasks, behind
        self._hosts: tuple[Host | None, ...] = ()
        self._said: dict[str, HostReading] = {}
        self._asking = 0
        self.activated.connect(self._on_chosen)
        for changed in (state.settings_changed, state.host_changed, state.running_changed):
            changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the hosts that are kept now, and the one that is chosen."""
        hosts = (None, *self._state.settings.hosts)
        if hosts != self._hosts:
            self._hosts = hosts
            self.clear()
            for host in hosts:
                self.addItem(self._name(host))
        there = len(hosts) > 1
        if not there or self.parentWidget() is not None:  # else a window of its own for a moment
            self.setVisible(there)
        chosen = self._state.chosen_host
        self.setCurrentIndex(hosts.index(chosen) if chosen in hosts else 0)
        busy = bool(self._state.running)
        why = self.tr("Something runs or is pulled there: it would be cut.")
        allow(self, why if busy else "", tip=self._about(chosen))
        self._show_said()

    def _name(self, host: Host | None) -> str:
        if host is not None:
            return host.name
        typed = self._state.settings.ollama_url
        return self.tr("Server of the settings") if typed else self.tr("This machine")

    def _about(self, host: Host | None) -> str:
        if host is None:
            return self.tr("Models, Run and Benchmark speak with this server")
        words = self.tr("Models, Run and Benchmark speak with {0} at {1}")
        if host.kind is not HostKind.OLLAMA:
            words = self.tr("Models lists and Run asks what {0} at {1} has")
        return words.format(host.name, address(host))

    @Slot(int)
    def _on_chosen(self, index: int) -> None:
        speak_with(self._state, self._hosts[index])

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Closed, the name alone: how it was when the list was opened is cut there, and old."""
        super().initStyleOption(option)
        if 0 <= self.currentIndex() < len(self._hosts):
            option.currentText = self._name(self._hosts[self.currentIndex()])

    # How they are

    def showPopup(self) -> None:
        """The user opens the list: each host is asked once."""
        if not self._asking:
            for host in self._hosts:
                if host is not None:
                    self._asking += 1
                    look = self._tasks.run(self._behind().looked_at(host, self._state.settings))
                    look.succeeded.connect(partial(self._on_reading, host.name))
                    look.finished.connect(self._on_asked)
        super().showPopup()

    def _on_reading(self, name: str, reading: HostReading) -> None:
        self._said[name] = reading
        self._show_said()

    @Slot()
    def _on_asked(self) -> None:
        self._asking -= 1

    def _show_said(self) -> None:
        for index, host in enumerate(self._hosts):
            reading = self._said.get(host.name) if host is not None else None
            if host is None or reading is None or reading.host.url != host.url:
                continue
            words = reading_words(reading)
            self.setItemText(index, f"{host.name}  ({words})")
            self.setItemData(index, f"{host.name}, {words}", Qt.ItemDataRole.AccessibleTextRole)


def reading_words(reading: HostReading) -> str:
    """Where a host stands and how it is, in a few words: "Our network, answers"."""
    state = state_cell(reading, now=datetime.now(UTC)).text
    return QCoreApplication.translate("hosts", "{0}, {1}").format(place_cell(reading).text, state)
