"""What every dialog of ours has: nothing in it is cut, and Tab goes as it is read."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from landfall.gui import tab_order, theme
from landfall.gui.before_paint import finish_layouts, is_paint_request

_FRAME = 64
"""Pixels of the screen that stay free around a dialog, for its frame and the window behind it."""


class Dialog(QDialog):
    """As high as its wrapped words need at its width, also when they change, up to the screen.

    Qt gives a dialog at first no more than two thirds of the screen and presses into that what
    needs more, which cuts words at larger text. One that asks for more than the screen has would
    lose the buttons at its lower edge.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least_width = 0
        self._own_enter: tuple[QWidget, ...] = ()

    def keep_enter_in(self, *fields: QWidget) -> None:
        """Enter in these fields takes what was typed there and presses no button of the dialog.

        For a field that is a part of what the dialog does, or where the answer follows as one
        types: Qt lets Enter press the default button besides, which ends the dialog.
        """
        self._own_enter += fields

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enters = event.key() in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter)
        if enters and self.focusWidget() in self._own_enter:
            event.accept()
            return
        super().keyPressEvent(event)

    def set_least_width(self, width: int) -> None:
        """In pixels at the usual size of text; larger text takes more, never more than the screen.

        Args:
            width: Of all of the dialog.
        """
        self._least_width = width
        self._fit()

    def _fit(self) -> None:
        room = self.screen().availableSize()
        width = min(round(theme.roomy(self._least_width)), room.width() - _FRAME)
        if self._least_width and width != self.minimumWidth():
            self.setMinimumWidth(width)
        layout = self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return
        wide = max(self.width(), self.minimumWidth())
        needed = min(layout.minimumHeightForWidth(wide), room.height() - _FRAME)
        if needed > self.height():
            self.resize(wide, needed)

    def setVisible(self, visible: bool) -> None:
        """Shown, it has the default button that was named, whatever comes first in its order.

        Qt forgets a default that a button was made before it stood in its dialog, and takes the
        first button instead: Enter in a field then presses that one.
        """
        if visible and not self.isVisible():
            mine = (one for one in self.findChildren(QPushButton) if one.window() is self)
            named = [one for one in mine if one.isDefault()]
            for one in named[:1]:
                one.setDefault(False)
                one.setDefault(True)
        super().setVisible(visible)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():  # as it was made; later it is as large as the user wants it
            room = self.screen().availableSize() - QSize(_FRAME, _FRAME)
            self.resize(self.size().boundedTo(room))
        self._fit()

    def event(self, event: QEvent) -> bool:
        if is_paint_request(event):
            finish_layouts()
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._fit()
        return done

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes as the dialog is read; Qt goes by when widgets were made."""
        stop = tab_order.step(tab_order.stops(self), QApplication.focusWidget(), forward=next)
        if stop is None or stop is self:
            return super().focusNextPrevChild(next)
        reason = QtCore.Qt.FocusReason
        stop.setFocus(reason.TabFocusReason if next else reason.BacktabFocusReason)
        return True
