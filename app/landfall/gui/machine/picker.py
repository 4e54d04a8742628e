"""Chooses the machine that fit and speed are asked for: this one, or any other.

For every page that reckons with a machine: `MachinePicker(state)` shows `state.what_if` and sets
it; the page listens to `state.what_if_changed`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.theme import Space
from landfall.gui.widgets.layout import button, row

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.machine.describe_dialog import DescribeMachine
    from landfall.gui.machine.machine_panel import MachinePanel

_LONGEST = 44


class MachinePicker(QWidget):
    """A button that says which machine is asked for, and the panel behind it.

    Args:
        state: Holds the machine that is asked for.
        longest: Signs of a name on the button; the rest is in its accessible name and in the panel.
    """

    def __init__(self, state: AppState, *, longest: int = _LONGEST) -> None:
        super().__init__()
        self._state, self._longest = state, longest
        self._panel: MachinePanel | None = None
        self.button = button("", icon="down")
        self.button.setObjectName("machine-picker")
        # The mark that there is more stands behind the words.
        self.button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.button.clicked.connect(self.open)
        self.setLayout(row(self.button))
        state.what_if_changed.connect(self._on_changed)
        self._on_changed()

    @property
    def panel(self) -> MachinePanel | None:
        """The panel, once it was opened."""
        return self._panel

    @Slot()
    def open(self) -> None:
        """Show the machines, the one in use chosen."""
        if self._panel is None:
            self._panel = _panel(self._state, self)
            self._panel.chosen.connect(self._state.set_what_if)
            self._panel.describe_asked.connect(self.describe)
        below = self.button.mapToGlobal(QPoint(0, self.button.height() + Space.XS))
        self._panel.open_at(below)

    @Slot()
    def describe(self) -> None:
        """Ask for a machine that no catalogue has, keep it and ask about it."""
        dialog = _description(self.window())
        dialog.saved.connect(self._on_saved)
        dialog.open()

    @Slot(str)
    def _on_saved(self, name: str) -> None:
        known = import_module("landfall.services.machine.known_machines")
        self._state.set_what_if(known.what_if(name))

    @Slot()
    def _on_changed(self) -> None:
        asked = self._state.what_if
        if asked is None:
            words = self.tr("This machine")
        else:
            words = self.tr("What if: {0}").format(asked.name)
        shown = _cut(words, self._longest)
        self.button.setText(shown)
        asks = self.tr("Ask about another machine")
        self.button.setToolTip(asks if shown == words else f"{words}. {asks}")
        self.button.setAccessibleName(self.tr("Machine: {0}").format(words))


def _cut(words: str, longest: int) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}\u2026"


# Imported when they are asked for: a page that shows the button does not pay for the catalogue.


def _panel(state: AppState, parent: QWidget) -> MachinePanel:
    module = import_module("landfall.gui.machine.machine_panel")
    make: type[MachinePanel] = module.MachinePanel
    return make(state, parent)


def _description(parent: QWidget) -> DescribeMachine:
    module = import_module("landfall.gui.machine.describe_dialog")
    make: type[DescribeMachine] = module.DescribeMachine
    return make(parent)
