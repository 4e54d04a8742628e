"""A verdict that was kept and no longer stands on what it rested on: what changed, and a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from landfall.gui.theme import Text
from landfall.gui.translated import translated
from landfall.gui.widgets.layout import Card, button, label, row

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Entry

MOST = 4
"""More changes than these are counted, not listed."""


class RecheckCard(Card):
    """Says what changed under the verdict that was kept; hidden where nothing did.

    Signals:
        checked: The name of a workload whose verdict of today counts from now on.
        all_checked: The verdicts of today of all workloads do.
    """

    checked = Signal(str)
    all_checked = Signal()

    def __init__(self) -> None:
        super().__init__(self.tr("Look again"))
        self.setObjectName("recheck")
        self._name = ""
        self._words = label("", Text.BODY, tone="caution", wrap=True)
        self._words.setObjectName("recheck-reasons")
        note = label(
            self.tr("Below stands the verdict on what is known today."),
            Text.CAPTION,
            tone="text_2",
            wrap=True,
        )
        stands = button(self.tr("I have looked"))
        stands.setObjectName("checked")
        stands.setAccessibleDescription(
            self.tr("Keep the verdict of today and what it rests on from now on")
        )
        stands.clicked.connect(self._on_clicked)
        everything = button(self.tr("At all of them"), "link")
        everything.setObjectName("checked-all")
        everything.setAccessibleDescription(
            self.tr("Keep the verdicts of today of all workloads from now on")
        )
        everything.clicked.connect(self.all_checked)
        self.add(self._words, note, row(None, everything, stands))
        self.hide()

    def show_entry(self, entry: Entry | None) -> None:
        """Show what changed for this workload, or nothing."""
        said = [translated(one.text) for one in entry.stale] if entry is not None else []
        self.setVisible(bool(said))
        self._name = entry.saved.name if entry is not None else ""
        lines = [text[:1].upper() + text[1:] for text in said[:MOST]]
        if len(said) > MOST:
            lines.append(self.tr("And {0} more changes.").format(len(said) - MOST))
        self._words.setText("\n".join(lines))
        self.setAccessibleDescription(" ".join(lines))

    @Slot()
    def _on_clicked(self) -> None:
        self.checked.emit(self._name)
