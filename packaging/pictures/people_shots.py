"""Pictures of "How many people?": with what the home has measured, and with more machines.

What is shown is what the home holds: without a benchmark of the model a prediction stands there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.settings import ThemeChoice
from landfall.gui.app_state import AppState
from landfall.gui.main_window import MainWindow
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.people.people_dialog import PeopleDialog

MACHINES = (1, 3)
_FILL_MS = 1500


class PeopleCamera(QObject):
    """Opens the dialog on the Machine page and takes its picture in each scheme.

    Signals:
        done: All pictures are taken.
    """

    done = Signal()

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        *,
        model: str,
        size: tuple[int, int],
        schemes: Sequence[str],
        save: Callable[[str, QWidget], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._state, self._save, self._size = window, state, save, size
        self._model = model
        self._todo = [(scheme, machines) for scheme in schemes for machines in MACHINES]
        self._dialog: PeopleDialog | None = None

    @Slot()
    def begin(self) -> None:
        """Open it as its button does."""
        self._window.open_page("machine")
        page = self._window.page("machine")
        if not isinstance(page, MachinePage) or not page.settled:
            QTimer.singleShot(200, self.begin)
            return
        page.people_asked.emit()
        self._dialog = self._window.findChild(PeopleDialog, "people-dialog")
        assert self._dialog is not None
        self._dialog.resize(*self._size)
        QTimer.singleShot(_FILL_MS, self.choose)

    @Slot()
    def choose(self) -> None:
        """The model that is wanted, where the dialog lists it."""
        assert self._dialog is not None
        at = self._dialog.model.findText(self._model)
        if at >= 0:
            self._dialog.model.setCurrentIndex(at)
        self.turn()

    @Slot()
    def turn(self) -> None:
        """The next scheme and number of machines."""
        assert self._dialog is not None
        if not self._todo:
            self._dialog.close()
            self.done.emit()
            return
        scheme, machines = self._todo[0]
        self._state.set_settings(replace(self._state.settings, theme=ThemeChoice(scheme)))
        self._dialog.machines.edit.setText(str(machines))
        QTimer.singleShot(_FILL_MS, self.take)

    @Slot()
    def take(self) -> None:
        """The picture."""
        assert self._dialog is not None
        if not self._dialog.settled:
            QTimer.singleShot(200, self.take)
            return
        scheme, machines = self._todo.pop(0)
        self._save(f"people-{machines}-{scheme}.png", self._dialog)
        self.turn()
