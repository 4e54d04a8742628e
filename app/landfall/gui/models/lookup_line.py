"""The line that says what a typed name leads to: a hint, a question, an answer, an error."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot

from landfall.core.errors import NetworkUnavailable
from landfall.gui.models.lookup import Lookup, ModelLookup, Progress
from landfall.gui.models.view import sentence
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card


class LookupLine(Card):
    """Hidden while there is nothing to say. Its button follows what it says.

    Signals:
        asked: What was typed should be looked up.
    """

    asked = Signal()

    def __init__(self, lookup: ModelLookup) -> None:
        super().__init__(padding=Space.M)
        self._lookup = lookup
        self._line = StateLine(State.TODO, " ", padding=0)
        self._line.setObjectName("lookup-line")
        self._line.triggered.connect(self.on_pressed)
        self.add(self._line)
        self.hide()
        lookup.changed.connect(self.on_lookup)

    def hint(self, text: str) -> None:
        """No row holds what was typed, or ("") one does."""
        self.setVisible(bool(text))
        if text:
            title = self.tr("No row holds \u201c{0}\u201d").format(text)
            means = self.tr(
                "Enter reads its manifest and header from its registry and says whether it fits,"
                " before any download."
            )
            self._line.show_line(State.TODO, title, means, action=self.tr("Look up"))

    @Slot()
    def on_lookup(self) -> None:
        """The question stands elsewhere now."""
        lookup = self._lookup.current
        self.setVisible(lookup.progress is not Progress.IDLE)
        match lookup.progress:
            case Progress.ASKING:
                title = self.tr("Looking up {0}").format(lookup.name)
                asks = self.tr("Manifest and header only: nothing is downloaded.")
                self._line.show_line(State.RUNNING, title, asks, action=self.tr("Stop"))
            case Progress.FAILED:
                self._show_failure(lookup)
            case Progress.FOUND:
                self._show_found(lookup)

    def _show_failure(self, lookup: Lookup) -> None:
        error = lookup.error
        if error is None:
            return
        action = self.tr("Close")
        if isinstance(error, NetworkUnavailable):
            action = self.tr("Try plain http") if lookup.may_be_plain else self.tr("Try again")
        self._line.show_line(State.FAILED, error.message, error.hint, action=action)

    def _show_found(self, lookup: Lookup) -> None:
        typed = lookup.typed
        if typed is not None:
            source = sentence(typed.spec.reasons[0]) if typed.spec.reasons else ""
            title = self.tr("{0} is shown below; nothing was downloaded").format(typed.name)
            self._line.show_line(State.DONE, title, source, action=self.tr("Close"))

    @Slot()
    def on_pressed(self) -> None:
        """Look up, stop, try again, try plain http, or close."""
        lookup = self._lookup.current
        if lookup.progress is Progress.IDLE:
            self.asked.emit()
        elif isinstance(lookup.error, NetworkUnavailable):
            self._lookup.look_up(lookup.name, online=lookup.online, plain=lookup.may_be_plain)
        else:
            self._lookup.cancel()
