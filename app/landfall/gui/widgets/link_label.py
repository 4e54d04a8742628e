"""A sentence with a link in it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen

from landfall.gui import theme
from landfall.gui.theme import Radius, Text
from landfall.gui.widgets.layout import Label


class LinkLabel(Label):
    """Wrapped markup whose links are reached by Tab, one press each, and followed by Enter.

    Qt stops at the label first, with nothing to be seen, and at its link with the next press.
    Whoever sets the text escapes what comes from elsewhere.
    """

    def __init__(self) -> None:
        super().__init__("", Text.BODY, "text")
        flag = Qt.TextInteractionFlag
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(flag.LinksAccessibleByMouse | flag.LinksAccessibleByKeyboard)
        self.wrap()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        reason = event.reason()
        if reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            super().focusNextPrevChild(reason is Qt.FocusReason.TabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            p = QPainter(self)
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(QPen(theme.color("focus"), 2))
            box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
