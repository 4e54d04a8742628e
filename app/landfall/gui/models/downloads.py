"""The tab of downloads: one row each, kept while its values change."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui.models.downloads_view import pull_of, speaks_plain_http
from landfall.gui.models.pull_entry import Entry
from landfall.gui.models.pull_queue import PullQueue
from landfall.gui.models.pull_row import PullRow, PullState
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import EmptyState
from landfall.gui.widgets.layout import Card, button, column, hairline, holder, label


class DownloadsTab(QWidget):
    """What is pulled, waits, was paused, failed or has come.

    Signals:
        space_asked: Room on the disk is wanted. models_asked: the list of models is wanted.
    """

    space_asked = Signal()
    models_asked = Signal()

    def __init__(self, queue: PullQueue) -> None:
        super().__init__()
        self._queue = queue
        self._rows: dict[str, PullRow] = {}
        self._lines: dict[str, QWidget] = {}
        self._list = column(spacing=0)
        self._card = Card().bleed().add(self._list)
        self._card.body.setSpacing(0)
        self._about = self.tr(
            "One at a time. What came survives a restart of Landfall and of Ollama."
        )
        self._note = label(self._about, Text.CAPTION, tone="text_3", wrap=True)
        self._empty = Card().add(self._nothing())
        self.setLayout(column(self._empty, self._card, self._note, None, spacing=Space.S))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        queue.listed.connect(self.on_listed)
        queue.changed.connect(self.on_changed)
        self.on_listed()

    def _nothing(self) -> QWidget:
        find = button(self.tr("Find a model"), "primary")
        find.setObjectName("find-a-model")
        find.clicked.connect(self.models_asked)
        return EmptyState(
            "download",
            self.tr("No downloads"),
            self.tr(
                "A pull checks the free disk first, shows how far it is, and goes on where it"
                " stopped."
            ),
            find,
        )

    def set_place(self, host: str) -> None:
        """On whose disk they land: "" for this machine's."""
        there = self.tr("These land on {0}. ").format(host) if host else ""
        self._note.setText(there + self._about)

    @property
    def has_failed(self) -> bool:
        """Whether one of them failed."""
        return any(entry.state is PullState.FAILED for entry in self._queue.entries)

    @Slot()
    def on_listed(self) -> None:
        """One came or went."""
        entries = {entry.name: entry for entry in self._queue.entries}
        for name in [name for name in self._rows if name not in entries]:
            self._remove(name)
        for entry in entries.values():
            if entry.name not in self._rows:
                self._add(entry)
            else:
                self._rows[entry.name].show_pull(pull_of(entry))
        self._hide_first_rule()
        self._empty.setVisible(not entries)
        self._card.setVisible(bool(entries))
        self._note.setVisible(bool(entries))

    @Slot(str)
    def on_changed(self, name: str) -> None:
        """One stands elsewhere now."""
        entry = self._queue.find(name)
        row = self._rows.get(entry.name) if entry else None
        if entry is not None and row is not None:
            row.show_pull(pull_of(entry))

    def search(self, text: str) -> int:
        """Show the downloads whose name holds every word; how many there are."""
        words = text.casefold().split()
        shown = 0
        for name, line in self._lines.items():
            matches = all(word in name.casefold() for word in words)
            line.setVisible(matches)
            shown += matches
        return shown

    def _add(self, entry: Entry) -> None:
        row = PullRow(pull_of(entry))
        row.setObjectName(f"pull-{entry.name}")
        row.paused.connect(self._queue.pause)
        row.resumed.connect(self._queue.resume)
        row.cancelled.connect(self._queue.cancel)
        row.remedied.connect(self.on_remedied)
        line = holder(column(hairline(), row, spacing=0))
        self._rows[entry.name] = row
        self._lines[entry.name] = line
        self._list.addWidget(line)

    def _remove(self, name: str) -> None:
        del self._rows[name]
        line = self._lines.pop(name)
        self._list.removeWidget(line)
        line.hide()
        line.deleteLater()

    def _hide_first_rule(self) -> None:
        for index, line in enumerate(self._lines.values()):
            layout = line.layout()
            item = layout.itemAt(0) if layout is not None else None
            rule = item.widget() if item is not None else None
            if rule is not None:
                rule.setVisible(index > 0)

    @Slot(str)
    def on_remedied(self, name: str) -> None:
        """The button of a failed download."""
        entry = self._queue.find(name)
        if entry is not None and speaks_plain_http(entry):
            self._queue.pull(entry.name, insecure=True)
        else:
            self.space_asked.emit()
