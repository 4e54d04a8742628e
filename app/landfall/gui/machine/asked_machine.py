"""The machine that is asked about on the Machine page, and what its buttons do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.errors import AppError, BadInput
from landfall.gui.machine.describe_dialog import DescribeMachine
from landfall.gui.machine.what_if_view import WhatIfView
from landfall.gui.messages import Action
from landfall.services import paths
from landfall.services.machine import known_machines, user_machines
from landfall.services.models import shipped_catalogue

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages


class AskedMachine(QObject):
    """Shows `state.what_if`; an own machine can be changed, or removed with a way back."""

    def __init__(self, state: AppState, messages: Messages, page: QWidget) -> None:
        super().__init__(page)
        self._state, self._messages, self._page = state, messages, page
        self._removed: tuple[str, user_machines.Removed] | None = None
        self.view = WhatIfView()
        self.view.back_asked.connect(self.back)
        self.view.edit_asked.connect(self.change)
        self.view.remove_asked.connect(self.remove)

    def show_now(self) -> None:
        """Show the machine that is asked about now, or nothing."""
        asked = self._state.what_if
        self.view.setVisible(asked is not None)
        if asked is None:
            return
        try:
            parts = known_machines.parts_of(asked.name)
        except BadInput:
            # Its row went from the user's file meanwhile.
            parts = ()
        self.view.show_machine(asked, parts)

    @Slot()
    def back(self) -> None:
        """This machine again."""
        self._state.set_what_if(None)

    @Slot()
    def change(self) -> None:
        """Open its description."""
        asked = self._state.what_if
        if asked is None:
            return
        found = user_machines.load(paths.of_user().machines, shipped_catalogue.load().machines)
        entries = found.entries if found is not None else ()
        for fields in entries:
            if str(fields.get("name", "")).strip() == asked.name:
                dialog = DescribeMachine(self._page.window(), fields)
                dialog.saved.connect(self._on_saved)
                dialog.open()
                return
        self._messages.tell(
            BadInput(self.tr("{0} does not stand in your file any more.").format(asked.name))
        )

    @Slot(str)
    def _on_saved(self, name: str) -> None:
        self._state.set_what_if(known_machines.what_if(name))

    @Slot()
    def remove(self) -> None:
        """Take it out of the file; the toast offers to put it back."""
        asked = self._state.what_if
        if asked is None:
            return
        file = paths.of_user().machines
        try:
            removed = user_machines.remove(file, asked.name, shipped_catalogue.load().machines)
        except AppError as error:
            self._messages.tell(error)
            return
        self._removed = (asked.name, removed)
        self._state.set_what_if(None)
        undo = Action(self.tr("Undo"), self.put_back)
        self._messages.toast(self.tr("Removed {0}").format(asked.name), undo=undo)

    def put_back(self) -> None:
        """Undo the last removal and ask about the machine again."""
        if self._removed is None:
            return
        name, removed = self._removed
        self._removed = None
        try:
            rows = shipped_catalogue.load().machines
            user_machines.restore(paths.of_user().machines, removed, rows)
            self._state.set_what_if(known_machines.what_if(name))
        except AppError as error:
            self._messages.tell(error)
