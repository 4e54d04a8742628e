"""The meters of one run: its figures in a grid, and who served it below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from landfall.gui.run.words import Meter
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import clear, column, hairline, label
from landfall.gui.widgets.numbers import FigureLabel


class RunMeters(QWidget):
    """Keeps its labels while the figures change, as many in a line as have room.

    compact: for half the width.
    """

    def __init__(self, *, compact: bool = False) -> None:
        super().__init__()
        self._most_columns = 2 if compact else 3
        self._columns = 0
        self._style = Text.HEADING if compact else Text.TITLE
        self._labels: dict[str, FigureLabel] = {}
        self._grid = _grid(Space.M if compact else Space.L)
        self._facts = _grid(3)
        self._facts.setColumnStretch(1, 1)
        self._line = hairline()
        self._line.hide()
        layout = column(self._grid, self._line, self._facts, None, spacing=Space.M)
        self.setLayout(layout)

    @property
    def labels(self) -> dict[str, FigureLabel]:
        """The meters by their key."""
        return dict(self._labels)

    def show_meters(self, meters: Sequence[Meter]) -> None:
        """Show these figures."""
        if [meter.key for meter in meters] != list(self._labels):
            self._rebuild(meters)
        for meter in meters:
            self._labels[meter.key].set_shown(meter.shown)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show who served it; nothing while it is not known."""
        clear(self._facts)
        self._line.setVisible(bool(facts))
        top = Qt.AlignmentFlag.AlignTop
        for i, (name, value) in enumerate(facts):
            self._facts.addWidget(label(name, Text.CAPTION, tone="text_2"), i, 0, top)
            words = label(value, Text.CAPTION, wrap=True)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._facts.addWidget(words, i, 1, top)

    def _rebuild(self, meters: Sequence[Meter]) -> None:
        clear(self._grid)
        self._labels = {}
        for meter in meters:
            figure = FigureLabel(meter.caption, meter.shown, style=self._style)
            figure.setObjectName(f"meter-{meter.key}")
            self._labels[meter.key] = figure
        self._place(self._fitting())

    def _place(self, columns: int) -> None:
        self._columns = columns
        for i, figure in enumerate(self._labels.values()):
            self._grid.removeWidget(figure)
            self._grid.addWidget(figure, i // columns, i % columns)
        for i in range(self._most_columns):
            self._grid.setColumnStretch(i, 1 if i < columns else 0)

    def _fitting(self) -> int:
        """How many columns have room: larger text leaves it for fewer."""
        widths = [figure.minimumSizeHint().width() for figure in self._labels.values()]
        for columns in range(self._most_columns, 1, -1):
            needs = sum(max(widths[i::columns], default=0) for i in range(columns))
            if needs + (columns - 1) * Space.L <= self.width():
                return columns
        return 1

    def minimumSizeHint(self) -> QSize:
        # It can always go back to one column.
        figures = (figure.minimumSizeHint().width() for figure in self._labels.values())
        width = max(self._facts.minimumSize().width(), *figures, 0)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange(self._fitting())
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # A figure may be longer than before. One that is shorter now can grow again: what
            # went below stays there, so that nothing jumps while figures come.
            self._arrange(min(self._fitting(), self._columns))
        return super().event(event)

    def _arrange(self, columns: int) -> None:
        if columns != self._columns and self._labels:
            self._place(columns)


def _grid(spacing: int) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(spacing)
    return grid
