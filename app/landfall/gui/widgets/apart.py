"""Two controls at the two ends of a line."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QWidget

from landfall.gui.theme import Space
from landfall.gui.widgets.heading import asked_width, least_width
from landfall.gui.widgets.rearranged import Rearranged


class Apart(Rearranged):
    """One at the left, one at the right; the second goes below where there is no room for both."""

    def __init__(self, left: QWidget, right: QWidget) -> None:
        super().__init__()
        self._both = (left, right)
        self._wide = True
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(Space.M)
        self._box.addWidget(left, 0, Qt.AlignmentFlag.AlignLeft)
        self._box.addWidget(right, 0, Qt.AlignmentFlag.AlignRight)

    def _widths(self) -> tuple[int, ...]:
        return tuple(map(asked_width, self._both))

    def minimumSizeHint(self) -> QSize:
        width = max(map(least_width, self._both))
        return QSize(width, super().minimumSizeHint().height())

    def _arrange(self) -> None:
        wide = self.width() >= sum(self._widths()) + Space.M
        if wide is self._wide:
            # The same alignment also asks for another layout, and that for this again.
            return
        self._wide = wide
        direction, align = QBoxLayout.Direction, Qt.AlignmentFlag
        self._box.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self._box.setAlignment(self._both[1], align.AlignRight if wide else align.AlignLeft)
