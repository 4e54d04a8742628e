"""What a typed name leads to: a hint, a question, an answer, a choice, an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from landfall.core.errors import NetworkUnavailable, Unavailable
from landfall.core.models.pasted_names import names_repository
from landfall.gui.format import capital
from landfall.gui.hints import hint_words, message_words
from landfall.gui.models.lookup import Lookup, ModelLookup, Progress
from landfall.gui.models.quantizations import QuantizationTable
from landfall.gui.theme import Space
from landfall.gui.translated import translated
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card

if TYPE_CHECKING:
    from landfall.core.fit.memory import FitRequest
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.services.models.repository_models import RepositoryModels


class LookupLine(Card):
    """Hidden while there is nothing to say. Its button follows what it says.

    Signals:
        asked: What was typed should be looked up.
        all_asked: Models that are left out of the list should be listed too.
        taken: One quantization of a repository was chosen.
    """

    asked = Signal()
    all_asked = Signal()
    taken = Signal()

    def __init__(self, lookup: ModelLookup) -> None:
        super().__init__(padding=Space.M)
        self._lookup = lookup
        self._hides_some = False
        self._line = StateLine(State.TODO, " ", padding=0)
        self._line.setObjectName("lookup-line")
        self._line.triggered.connect(self.on_pressed)
        self._table = QuantizationTable()
        self._table.taken.connect(self.on_taken)
        self._table.hide()
        self.add(self._line, self._table)
        self.hide()
        lookup.changed.connect(self.on_lookup)

    def set_ground(self, profile: HardwareProfile | None, request: FitRequest) -> None:
        """What a repository's quantizations are priced on; None while no machine is known."""
        self._table.set_ground(profile, request)

    def hint(self, text: str, left_out: int = 0) -> None:
        """No row holds what was typed, or ("") one does.

        Args:
            left_out: So many models hold it that the list leaves out for now.
        """
        self.setVisible(bool(text))
        self._hides_some = left_out > 0
        if self._hides_some:
            title = self.tr("Not in this list, but known: {0}").format(text)
            means = self.tr(
                "Too large or too slow here. The list of all models shows what it needs."
            )
            self._line.show_line(State.TODO, title, means, action=self.tr("Show all models"))
        elif text:
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
        self._table.setVisible(lookup.repository is not None)
        match lookup.progress:
            case Progress.ASKING:
                title = self.tr("Looking up {0}").format(lookup.name)
                asks = self.tr("Manifest and header only: nothing is downloaded.")
                if names_repository(lookup.name):
                    asks = self.tr("Its list of files and one header: nothing is downloaded.")
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
        if isinstance(error, Unavailable):
            plain = self._plain_is_worth_a_try(lookup)
            action = self.tr("Try plain http") if plain else self.tr("Try again")
        self._line.show_line(State.FAILED, message_words(error), hint_words(error), action=action)

    def _show_found(self, lookup: Lookup) -> None:
        if lookup.repository is not None:
            self._show_repository(lookup.repository)
            return
        typed = lookup.typed
        if typed is not None:
            source = capital(translated(typed.spec.reasons[0])) if typed.spec.reasons else ""
            title = self.tr("Looked up without a download: {0}").format(typed.name)
            self._line.show_line(State.DONE, title, source, action=self.tr("Close"))

    def _show_repository(self, found: RepositoryModels) -> None:
        count = len(found.variants)
        title = self.tr("Looked up without a download: {0} has {1} quantizations")
        if count == 1:
            title = self.tr("Looked up without a download: {0} has one quantization")
        source = self.tr("One header and the list of files were read. Enter takes a row.")
        action = self.tr("Close")
        self._line.show_line(State.DONE, title.format(found.name, count), source, action=action)
        self._table.show_models(found)
        self._table.table.setFocus()

    @Slot(int)
    def on_taken(self, index: int) -> None:
        """One quantization of the repository is wanted."""
        variant = self._table.variant(index)
        if variant is not None:
            self._lookup.choose(variant)
            self.taken.emit()

    @Slot()
    def on_pressed(self) -> None:
        """Show all, look up, stop, try again, try plain http, or close."""
        lookup = self._lookup.current
        if lookup.progress is Progress.IDLE and self._hides_some:
            self.all_asked.emit()
        elif lookup.progress is Progress.IDLE:
            self.asked.emit()
        elif isinstance(lookup.error, Unavailable):
            plain = self._plain_is_worth_a_try(lookup)
            self._lookup.look_up(lookup.name, online=lookup.online, plain=plain)
        else:
            self._lookup.cancel()

    @staticmethod
    def _plain_is_worth_a_try(lookup: Lookup) -> bool:
        return lookup.may_be_plain and isinstance(lookup.error, NetworkUnavailable)
