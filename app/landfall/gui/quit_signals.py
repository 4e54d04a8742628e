"""SIGTERM and SIGINT close the window as its button does, without a timer that looks for them."""

from __future__ import annotations

import signal
import socket

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Slot


class QuitSignals(QObject):
    """Turns the signals into a quit of the event loop.

    Python runs a signal's handler between two of its own instructions, and an idle window runs
    none: the byte that the interpreter writes into a socket wakes the event loop instead.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._here, self._there = socket.socketpair()
        for end in (self._here, self._there):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self.on_signal)
        self._before = signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)
        self._handlers = {
            number: signal.signal(number, _noted) for number in (signal.SIGTERM, signal.SIGINT)
        }

    @Slot()
    def on_signal(self) -> None:
        """A signal came: end now. `quit` would ask the window, which may ask the user."""
        self._here.recv(64)
        QCoreApplication.exit(0)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._here.close()
        self._there.close()


def _noted(number: int, frame: object) -> None:
    """The byte in the socket says it all."""
