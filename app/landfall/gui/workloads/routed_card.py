"""What a router's log says of the routes that were exported for a workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landfall.gui.theme import Text
from landfall.gui.translated import translated
from landfall.gui.widgets.layout import Card, clear, column, label
from landfall.gui.workloads.words import sentence

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Entry


class RoutedCard(Card):
    """Leaks first and in the colour of danger; hidden where no router's log is known."""

    def __init__(self) -> None:
        super().__init__(self.tr("Through the router"), note=self.tr("from its log"))
        self.setObjectName("routed")
        self._shown: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._lines = column(spacing=6)
        self.add(self._lines)
        self.hide()

    def show_entry(self, entry: Entry | None) -> None:
        """Show what came of the routes of this workload."""
        leaks = tuple(translated(one.text) for one in entry.leaks) if entry is not None else ()
        splits = tuple(translated(one.text) for one in entry.splits) if entry is not None else ()
        self.setVisible(bool(leaks or splits))
        if (leaks, splits) == self._shown:
            return
        self._shown = leaks, splits
        clear(self._lines)
        for text in leaks:
            line = label(sentence(text), Text.BODY, tone="danger", wrap=True)
            line.setObjectName("routed-leak")
            self._lines.addWidget(line)
        for text in splits:
            line = label(sentence(text), Text.BODY, wrap=True)
            line.setObjectName("routed-split")
            self._lines.addWidget(line)
        self.setAccessibleDescription(" ".join((*leaks, *splits)))
