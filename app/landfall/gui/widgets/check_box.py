"""A box with a tick: the style's own has an edge that nobody sees in the dark."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from landfall.gui import icons, paint, theme
from landfall.gui.colours import Role
from landfall.gui.theme import Radius, Space

BOX = 16
"""Pixels of the side of the box, at the usual size of text."""
HEIGHT = 28
_ENDLESS = 10_000
ROOM_FOR_RING = 3
"""Left of the box, in pixels: for the ring of the focus."""


class CheckBox(QCheckBox):
    """One of several things that can be on together; keys, clicks and names are those of Qt."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Minimum)
        theme.repaint_on_change(self)

    def sizeHint(self) -> QSize:
        size = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        width = self._room() + size.width() + ROOM_FOR_RING
        return QSize(width, max(HEIGHT, size.height()))

    def minimumSizeHint(self) -> QSize:
        """Its words take more lines where there is less room."""
        words = max(map(self.fontMetrics().horizontalAdvance, self.text().split()), default=0)
        return QSize(self._room() + words + ROOM_FOR_RING, self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        box = QRect(0, 0, width - self._room() - ROOM_FOR_RING, _ENDLESS)
        flags = Qt.TextFlag.TextShowMnemonic | Qt.TextFlag.TextWordWrap
        return max(HEIGHT, self.fontMetrics().boundingRect(box, flags, self.text()).height())

    def _room(self) -> int:
        """Pixels left of the words: the box and what is around it."""
        return ROOM_FOR_RING + theme.grown(BOX) + Space.S

    def hitButton(self, pos: QPoint) -> bool:
        """All of it: the style would leave out what it would paint elsewhere."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, enabled = self.isChecked(), self.isEnabled()
        side = theme.grown(BOX)
        left, top = float(ROOM_FOR_RING), (self.height() - side) / 2
        if self.isRightToLeft():
            left = self.width() - side - left
        box = QRectF(left, top, side, side)
        if self.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.drawRoundedRect(box.adjusted(-2, -2, 2, 2), Radius.BAR + 2, Radius.BAR + 2)
        edge: Role = "disabled" if not enabled else "accent" if on else "border_strong"
        fill = edge if on else "hover" if enabled and self.underMouse() else "surface"
        p.setPen(QPen(theme.color(edge), 1))
        p.setBrush(theme.color(fill))
        p.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), Radius.BAR, Radius.BAR)
        if on:
            inset = side / 8
            tick = theme.color("on_accent" if enabled else "surface")
            icons.paint(p, "check", box.adjusted(inset, inset, -inset, -inset), tick, stroke=2.4)
        p.setPen(theme.color("text" if enabled else "disabled"))
        room = self._room()
        words = QRectF(self.rect()).adjusted(room, 0, 0, 0)
        flags = paint.LEFT
        if self.isRightToLeft():
            words, flags = QRectF(self.rect()).adjusted(0, 0, -room, 0), paint.RIGHT
        wrapped = Qt.TextFlag.TextShowMnemonic.value | Qt.TextFlag.TextWordWrap.value
        p.drawText(words, flags | wrapped, self.text())
