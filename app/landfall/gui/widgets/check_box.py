"""A box with a tick: the style's own has an edge that nobody sees in the dark."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox

from landfall.gui import icons, paint, theme
from landfall.gui.colours import Role
from landfall.gui.theme import Radius, Space

BOX = 16
HEIGHT = 28
ROOM_FOR_RING = 3
"""Left of the box, in pixels: for the ring of the focus."""


class CheckBox(QCheckBox):
    """One of several things that can be on together; keys, clicks and names are those of Qt."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        theme.repaint_on_change(self)

    def sizeHint(self) -> QSize:
        size = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        width = ROOM_FOR_RING + BOX + Space.S + size.width() + ROOM_FOR_RING
        return QSize(width, max(HEIGHT, size.height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """All of it: the style would leave out what it would paint elsewhere."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, enabled = self.isChecked(), self.isEnabled()
        left, top = float(ROOM_FOR_RING), (self.height() - BOX) / 2
        if self.isRightToLeft():
            left = self.width() - BOX - left
        box = QRectF(left, top, BOX, BOX)
        if self.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.drawRoundedRect(box.adjusted(-2, -2, 2, 2), Radius.BAR + 2, Radius.BAR + 2)
        edge: Role = "disabled" if not enabled else "accent" if on else "border_strong"
        fill = edge if on else "hover" if enabled and self.underMouse() else "surface"
        p.setPen(QPen(theme.color(edge), 1))
        p.setBrush(theme.color(fill))
        p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Radius.BAR, Radius.BAR)
        if on:
            tick = theme.color("on_accent" if enabled else "surface")
            icons.paint(p, "check", box.adjusted(2, 2, -2, -2), tick, stroke=2.4)
        p.setPen(theme.color("text" if enabled else "disabled"))
        room = BOX + Space.S + ROOM_FOR_RING
        words = QRectF(self.rect()).adjusted(room, 0, 0, 0)
        flags = paint.LEFT
        if self.isRightToLeft():
            words, flags = QRectF(self.rect()).adjusted(0, 0, -room, 0), paint.RIGHT
        p.drawText(words, flags | Qt.TextFlag.TextShowMnemonic.value, self.text())
