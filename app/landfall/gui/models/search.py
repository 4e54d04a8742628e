"""What is typed on the Models page: it filters a tab, and Enter asks for a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot

from landfall.gui.models.lookup_line import LookupLine
from landfall.gui.widgets.controls import SearchField

if TYPE_CHECKING:
    from landfall.gui.models.lookup import ModelLookup
    from landfall.gui.models.recommended import RecommendedTab


class Searched(Protocol):
    """A tab that can be filtered."""

    def search(self, text: str) -> int:
        """Show what holds every word; how many there are."""
        ...


class ModelSearch(QObject):
    """Joins the field, the line below it and the ranking, where an answer becomes a row.

    Signals:
        answered: The question for a name stands elsewhere now, and the ranking shows it.

    Attributes:
        field: What is typed. line: What a typed name leads to.
    """

    answered = Signal()

    def __init__(
        self,
        lookup: ModelLookup,
        *,
        recommended: RecommendedTab,
        shown: Callable[[], Searched],
        show_recommended: Callable[[], None],
        parent: QObject,
    ) -> None:
        """Begin with an empty field.

        Args:
            lookup: Finds out about a name.
            recommended: The ranking.
            shown: The tab that is shown, which is filtered.
            show_recommended: Turns to the ranking.
            parent: Owns it.
        """
        super().__init__(parent)
        self._lookup, self._recommended = lookup, recommended
        self._shown, self._show_recommended = shown, show_recommended
        self._clears = False
        self.field = SearchField(self.tr("Search, or type a name"), width=260)
        self.field.setObjectName("models-search")
        self.line = LookupLine(lookup)
        self.field.textChanged.connect(self.on_search)
        self.field.returnPressed.connect(self.on_look_up)
        self.line.asked.connect(self.on_look_up)
        self.line.all_asked.connect(self.on_all)
        self.line.taken.connect(self.on_taken)
        lookup.changed.connect(self.on_lookup)
        recommended.exact_asked.connect(self.on_exact)

    def focus(self) -> None:
        """The keyboard goes to the field."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def search_again(self) -> None:
        """Another tab is shown: filter that."""
        self.on_search(self.field.text())

    @Slot(str)
    def on_search(self, text: str) -> None:
        """Filter the tab that is shown; where nothing is left, Enter asks for the name."""
        if self._clears:
            return
        self._lookup.cancel()
        shown = self._shown()
        found = shown.search(text)
        in_ranking = shown is self._recommended
        others = self._recommended.left_out_of_search(text) if in_ranking else 0
        self.line.hint("" if found else text.strip(), others)

    @Slot()
    def on_all(self) -> None:
        """What was typed stands in the longer list."""
        self._recommended.show_all()
        self.search_again()

    @Slot()
    def on_look_up(self) -> None:
        """Enter: find out about what was typed."""
        name = self.field.text()
        if name.strip():
            self._show_recommended()
            self._recommended.search("")
            self._lookup.look_up(name)

    @Slot()
    def on_taken(self) -> None:
        """A quantization became a row: the keyboard goes on there."""
        self._recommended.table.setFocus()

    @Slot(str, bool)
    def on_exact(self, name: str, plain: bool) -> None:
        """Read the header of a model that only the catalogue knows."""
        self._lookup.look_up(name, online=True, plain=plain)

    @Slot()
    def on_lookup(self) -> None:
        """The question stands elsewhere now: show what was found."""
        typed = self._lookup.current.typed
        if typed is not None:
            # Not by blocking its signals: the field itself needs them for its clear button.
            self._clears = True
            self.field.clear()
            self._clears = False
            self._recommended.search("")
            if typed.exact or not self._recommended.select(typed.name):
                self._recommended.add_typed(typed)
        self.answered.emit()
