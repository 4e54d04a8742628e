"""What a decision guide says beside the verdict: ranges, first steps, growth, and what is dated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from landfall.gui import grown
from landfall.gui.theme import Text
from landfall.gui.translated import translated
from landfall.gui.widgets.layout import Card, clear, column, label, row
from landfall.gui.workloads.words import sentence

if TYPE_CHECKING:
    from landfall.core.verdict.cautions import Caution
    from landfall.services.verdict.decided import Entry


class NotesCard(Card):
    """The notes of one workload, each with the item it comes from; hidden where there are none."""

    def __init__(self) -> None:
        super().__init__(self.tr("Worth knowing"), note=self.tr("none of this decides"))
        self.setObjectName("notes")
        self._shown: tuple[Caution, ...] | None = None
        self._lines = column(spacing=6)
        self.add(self._lines)
        self.hide()

    def show_entry(self, entry: Entry | None) -> None:
        """Show what is worth a word beside this verdict."""
        notes = entry.notes if entry is not None else ()
        self.setVisible(bool(notes))
        if notes == self._shown:
            return
        self._shown = notes
        clear(self._lines)
        for one in notes:
            name = label(one.rule, Text.MONO, tone="text_3")
            grown.least_width(name, 32)
            words = label(sentence(translated(one.text)), Text.CAPTION, wrap=True)
            words.setObjectName(f"note-{one.rule}")
            line = row()
            line.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(words, 1)
            self._lines.addLayout(line)
        self.setAccessibleDescription(" ".join(translated(one.text) for one in notes))
