"""Views of one thing: as segments where they have room, else as a list that unfolds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui.widgets.controls import Choice, SegmentedControl
from landfall.gui.widgets.layout import row


class ViewChoice(QWidget):
    """Says which view is chosen; both forms show the same one.

    Signals:
        chosen: The index of the view that the user chose.
    """

    chosen = Signal(int)

    def __init__(self, names: Sequence[str], *, title: str) -> None:
        super().__init__()
        self.segments = SegmentedControl(names)
        self.segments.setAccessibleName(title)
        self.list = Choice(title, names, width=160)
        self.list.hide()
        self.segments.chosen.connect(self._on_segment)
        self.list.activated.connect(self._on_list)
        self.setLayout(row(self.segments, self.list, None, spacing=0))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def current(self) -> int:
        """The index of the chosen view."""
        return self.segments.current

    def choose(self, index: int) -> None:
        """Choose a view as a click would."""
        self.segments.choose(index)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.list.minimumWidth(), self.segments.sizeHint().height())

    def sizeHint(self) -> QSize:
        return self.segments.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        fits = self.width() >= self.segments.sizeHint().width()
        self.segments.setVisible(fits)
        self.list.setVisible(not fits)
        super().resizeEvent(event)

    @Slot(int)
    def _on_segment(self, index: int) -> None:
        self.list.setCurrentIndex(index)
        self.chosen.emit(index)

    @Slot(int)
    def _on_list(self, index: int) -> None:
        self.segments.choose(index)
