"""A button that is disabled while its work runs does not lose the keyboard for it."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QPushButton, QWidget


class ReturningButton(QPushButton):
    """Has the keyboard's focus again when it is enabled, if it had it when it was disabled.

    Not where the user has gone elsewhere meanwhile, or has used what Qt gave the focus to.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._went_to: QWidget | None = None

    def setEnabled(self, enabled: bool, /) -> None:
        window = self.window()
        had_focus = window.focusWidget() is self
        super().setEnabled(enabled)
        if had_focus and not enabled:
            self._went_to = window.focusWidget()
            if self._went_to is not None:
                self._went_to.installEventFilter(self)
        elif enabled and self._went_to is not None:
            stays = self._went_to is window.focusWidget()
            self._went_to = None
            if stays and self.isVisible():
                self.setFocus(QtCore.Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress):
            self._went_to = None
        return False
