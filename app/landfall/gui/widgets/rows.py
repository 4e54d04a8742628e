"""Lines that are clicked: an item of the sidebar, a line of a list."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QRectF, QSize, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from landfall.gui import icons, paint, theme
from landfall.gui.theme import Radius, Text
from landfall.gui.widgets.layout import label, row

_EDGE, _GAP = 11, 10
"""Pixels beside the icon and the count, and between icon and word."""
_ICON = 18
"""Pixels of its side, at the usual size of text."""


class NavItem(QAbstractButton):
    """Sidebar item: icon, word, optional count. The current one is filled and semibold."""

    def __init__(self, icon: str, text: str) -> None:
        super().__init__()
        self._icon = icon
        self._word = label(text, Text.MEDIUM, tone="text_2")
        self._note = label("", Text.CAPTION, tone="text_3")
        self.setText(text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self._line = row(self._word, None, self._note)
        self.setLayout(self._line)
        self.setAccessibleName(text)
        self.toggled.connect(self._on_toggled)
        theme.theme().changed.connect(self._resize)
        self._resize()
        theme.when_complete(self._complete)

    @Slot()
    def _complete(self) -> None:
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.TabFocus)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_Hover)

    @Slot()
    def _resize(self) -> None:
        self._line.setContentsMargins(_EDGE + theme.grown(_ICON) + _GAP, 0, _EDGE, 0)
        self.setFixedHeight(max(34, QFontMetrics(theme.font(Text.STRONG)).height() + 8))
        self.update()

    def needed_width(self) -> int:
        """For icon, word and a count of two digits, also while it is the current one."""
        word = QFontMetrics(theme.font(Text.STRONG)).horizontalAdvance(self.text())
        count = QFontMetrics(theme.font(Text.CAPTION)).horizontalAdvance("00")
        return _EDGE + theme.grown(_ICON) + _GAP + word + 16 + count + _EDGE

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        self._word.set_style(Text.STRONG if on else Text.MEDIUM)
        self._word.set_tone("text" if on else "text_2")

    def set_note(self, note: str) -> None:
        """A count at the right, or ""."""
        if note != self._note.text():
            self._note.setText(note)
            self.setAccessibleName(self.text() + (f", {note}" if note else ""))

    def sizeHint(self) -> QSize:
        return QSize(176, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        _ground(p, self, selected=self.isChecked())
        side = theme.roomy(_ICON)
        mark = QRectF(_EDGE, (self.height() - side) / 2, side, side)
        icons.paint(p, self._icon, mark, theme.color("accent" if self.isChecked() else "text_2"))


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
        theme.when_complete(self._complete)

    @Slot()
    def _complete(self) -> None:
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.TabFocus)
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_Hover)

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
        key = QtCore.Qt.Key
        if event.key() in (key.Key_Return, key.Key_Enter, key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        _ground(QPainter(self), self, selected=self._selected)


def _ground(p: QPainter, widget: QWidget, *, selected: bool) -> None:
    """Selection or hover, and the focus ring."""
    box = QRectF(widget.rect()).adjusted(1, 1, -1, -1)
    if selected or widget.underMouse():
        inside = theme.color("selected" if selected else "hover")
        paint.fill_round(p, box, Radius.CONTROL, inside)
    if widget.hasFocus():
        paint.edge_round(p, box, Radius.CONTROL, theme.color("focus"), width=2)
