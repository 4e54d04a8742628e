"""A day, typed or taken from a calendar."""

from __future__ import annotations

from PySide6.QtCore import QDate, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QDateEdit

from landfall.gui import icons, theme
from landfall.gui.theme import Text


class DateField(QDateEdit):
    """A date with our chevron; never after `latest`. The wheel scrolls the page and no days."""

    def __init__(self, name: str, day: QDate, *, latest: QDate) -> None:
        super().__init__(day)
        self.setAccessibleName(name)
        self.setCalendarPopup(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # Qt gives it to the wheel too
        # As days are written elsewhere; the short form of a locale leaves day and month in doubt.
        self.setDisplayFormat(self.tr("d MMM yyyy"))
        self.setMaximumDate(latest)
        self._fit()
        theme.theme().changed.connect(self._fit)

    @Slot()
    def _fit(self) -> None:
        self.setFont(theme.font(Text.BODY))
        self.lineEdit().setFont(theme.font(Text.BODY))  # it has one of its own since it was styled
        self.setMinimumWidth(round(theme.roomy(128)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        mark = QRectF(self.width() - 22, self.height() / 2 - 7, 14, 14)
        icons.paint(QPainter(self), "down", mark, theme.color("text_2"))
