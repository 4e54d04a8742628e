"""The table of hosts: one line each, told anew where a reading came and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent

from landfall.core.hosts.hosts import HostState
from landfall.gui import theme
from landfall.gui.hosts.cells import MEMORY, MODELS, STANDS, host_columns, host_row, looks
from landfall.gui.hosts.words import Listed
from landfall.gui.widgets.tables import HEADER, DataTable

ROW = 44
MOST_ROWS = 8
"""More hosts scroll inside of the table, so that what is said of the chosen one stays near."""

_ROOM = ((MEMORY, 900), (MODELS, 750), (STANDS, 620))
"""A column, and the width of the table, in text of 10 points, below which it gives way."""


class HostTable(DataTable):
    """Keeps its selection and its place while readings come."""

    def __init__(self) -> None:
        super().__init__(host_columns(), self.tr("Hosts"), row_height=ROW, scrolls=True)
        self.setObjectName("hosts")
        self._lines: dict[int, Listed] = {}
        self._gone: set[int] = set()
        theme.theme().changed.connect(self._fit)

    def show_all(self, lines: Sequence[Listed], *, chosen: int) -> None:
        """Show these, and of them the chosen one; -1 is none."""
        now = datetime.now(UTC)
        self.set_rows(tuple(host_row(line, now=now) for line in lines))
        self._lines = dict(enumerate(lines))
        self._gone = {i for i, line in enumerate(lines) if _is_gone(line)}
        self._fit()
        if chosen >= 0 and chosen != self.current:
            self.select(chosen)

    def show_some(self, changed: Mapping[int, Listed]) -> None:
        """Readings came for these; how long others are silent is told anew with them."""
        now = datetime.now(UTC)
        fresh = {n for n, line in changed.items() if looks(line) != looks(self._lines[n])}
        self._lines.update(changed)
        for number in fresh:
            gone = _is_gone(self._lines[number])
            (self._gone.add if gone else self._gone.discard)(number)
        for number in fresh | self._gone:
            self.table.set_row(number, host_row(self._lines[number], now=now))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    @Slot()
    def _fit(self) -> None:
        """As high as its rows, up to some; as many columns as there is room for."""
        rows = min(self.filter.rowCount(), MOST_ROWS)
        height = HEADER + self.verticalHeader().defaultSectionSize() * rows + 2
        if self.maximumHeight() != height:
            self.setFixedHeight(height)
        self._make_room()

    def _make_room(self) -> None:
        if not self.room:
            return
        for column, needed in _ROOM:
            hidden = self.room < theme.roomy(needed)
            if hidden is not self.isColumnHidden(column):
                self.setColumnHidden(column, hidden)
        self.fit_columns()


def _is_gone(line: Listed) -> bool:
    return line.reading is not None and line.reading.state is HostState.GONE
