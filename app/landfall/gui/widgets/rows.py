"""Lines that are clicked: an item of the sidebar, a line of a list."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from landfall.gui import icons, paint, theme
from landfall.gui.theme import Radius, Text


class NavItem(QAbstractButton):
    """Sidebar item: icon, word, optional count. The current one is filled and semibold."""

    def __init__(self, icon: str, text: str) -> None:
        super().__init__()
        self._icon, self._note = icon, ""
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(34)
        self.setAccessibleName(text)
        theme.repaint_on_change(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_note(self, note: str) -> None:
        """A count at the right, or ""."""
        if note != self._note:
            self._note = note
            self.setAccessibleName(self.text() + (f", {note}" if note else ""))
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(176, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        on = self.isChecked()
        if on or self.underMouse():
            fill = theme.color("selected" if on else "hover")
            paint.fill_round(p, box, Radius.CONTROL, fill)
        if self.hasFocus():
            paint.edge_round(p, box, Radius.CONTROL, theme.color("focus"), width=2)
        mark = QRectF(11, self.height() / 2 - 9, 18, 18)
        icons.paint(p, self._icon, mark, theme.color("accent" if on else "text_2"))
        p.setFont(theme.font(Text.STRONG if on else Text.MEDIUM))
        p.setPen(theme.color("text" if on else "text_2"))
        p.drawText(box.adjusted(38, 0, 0, 0), paint.LEFT, self.text())
        if self._note:
            p.setFont(theme.font(Text.CAPTION))
            p.setPen(theme.color("text_3"))
            p.drawText(box.adjusted(0, 0, -10, 0), paint.RIGHT, self._note)


class RowButton(QWidget):
    """A clickable line of a list: hover, selection and focus are painted, content is a layout.

    Signals:
        clicked: By mouse, Enter or Space.
    """

    clicked = Signal()

    def __init__(self, name: str, *, selected: bool = False) -> None:
        super().__init__()
        self._selected = selected
        self.setAccessibleName(name)
        theme.repaint_on_change(self)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_selected(self, selected: bool) -> None:
        """Whether this is the line whose detail is shown."""
        self._selected = selected
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
            Qt.Key.Key_Space,
        ):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._selected or self.underMouse():
            fill = theme.color("selected" if self._selected else "hover")
            paint.fill_round(p, box, Radius.CONTROL, fill)
        if self.hasFocus():
            paint.edge_round(p, box, Radius.CONTROL, theme.color("focus"), width=2)
