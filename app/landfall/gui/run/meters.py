"""The meters of one run: its figures in a grid, and who served it below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from landfall.gui.run.words import Meter
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import clear, column, hairline, label
from landfall.gui.widgets.numbers import FigureLabel


class RunMeters(QWidget):
    """Keeps its labels while the figures change.

    compact: for half the width.
    """

    def __init__(self, *, compact: bool = False) -> None:
        super().__init__()
        self._columns = 2 if compact else 3
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
        for i, meter in enumerate(meters):
            figure = FigureLabel(meter.caption, meter.shown, style=self._style)
            figure.setObjectName(f"meter-{meter.key}")
            self._labels[meter.key] = figure
            self._grid.addWidget(figure, i // self._columns, i % self._columns)
        for i in range(self._columns):
            self._grid.setColumnStretch(i, 1)


def _grid(spacing: int) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(spacing)
    return grid
