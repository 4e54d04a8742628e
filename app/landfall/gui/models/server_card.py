"""Above the recommended models: no server answers, or what machine one has is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from landfall.gui.models.ranking import undescribed
from landfall.gui.models.tabs import RECOMMENDED
from landfall.gui.outside import open_page
from landfall.gui.server_state import DOWNLOAD_PAGE, Remedy, missing
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.machine.picker import MachinePicker


class ServerCard(Card):
    """Says what lacks, and brings it."""

    def __init__(self, state: AppState, lookout: Lookout, picker: MachinePicker) -> None:
        super().__init__(padding=Space.M)
        self._state, self._lookout, self._picker = state, lookout, picker
        self._line = StateLine(State.PARTIAL, " ", padding=0)
        self._line.setObjectName("server-line")
        self._line.triggered.connect(self.on_server)
        self.add(self._line)

    def show_at(self, tab: int) -> None:
        """Say it where that tab is shown."""
        lacks = missing(self._state.runtimes)
        unknown = undescribed(self._state) if tab == RECOMMENDED and lacks is None else ""
        self.setVisible(tab == RECOMMENDED and (lacks is not None or bool(unknown)))
        if unknown:
            self._say_undescribed(unknown)
        if lacks is not None:
            self._line.show_line(State.PARTIAL, lacks.title, lacks.text, action=lacks.action)

    def _say_undescribed(self, host: str) -> None:
        title = self.tr("What memory {0} has is not known").format(host)
        text = self.tr(
            "No server tells it, and these figures are for this machine. Describe a machine of"
            " your own by the name {0}, and they are for that one."
        )
        action = self.tr("Describe a machine\u2026")
        self._line.show_line(State.PARTIAL, title, text.format(host), action=action)

    @Slot()
    def on_server(self) -> None:
        """Bring a server: start it, look for it again, or open the page of its installer.

        Where one answers, its machine is not known: describe it.
        """
        lacks = missing(self._state.runtimes)
        if lacks is None:
            self._picker.describe()
            return
        match lacks.remedy:
            case Remedy.INSTALL:
                open_page(DOWNLOAD_PAGE, self)
            case Remedy.START:
                self._lookout.start_ollama()
            case Remedy.LOOK:
                self._lookout.ollama()
