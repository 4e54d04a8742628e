"""SIGTERM and SIGINT end a program whose main thread is busy, such as that of a window.

Python runs a signal's handler between two of its own instructions, and an idle window runs none:
the byte that the interpreter writes into a socket wakes a thread that waits for it. That thread
also ends the program where the main thread does not come to it.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable

PATIENCE_SECONDS = 4.0
"""So long the main thread has to end by itself. It may be in the middle of a page that it builds,
which takes ten seconds on a machine that is busy enough."""


class EndingSignals:
    """Takes the signals until `close`.

    Args:
        came: Tells the main thread; called from another one.
        begin_end: Has what is under way stored, without waiting for it; called at once.
        finish_end: Waits for that where the main thread did not come to it.
    """

    def __init__(
        self,
        *,
        came: Callable[[], object],
        begin_end: Callable[[], object],
        finish_end: Callable[[], object],
    ) -> None:
        self._came, self._begin_end, self._finish_end = came, begin_end, finish_end
        self._over = threading.Event()
        self._here, self._there = socket.socketpair()
        self._there.setblocking(False)
        self._waiting = threading.Thread(target=self._wait, name="signals", daemon=True)
        self._waiting.start()
        self._before = signal.set_wakeup_fd(self._there.fileno(), warn_on_full_buffer=False)
        self._handlers = {
            number: signal.signal(number, _noted) for number in (signal.SIGTERM, signal.SIGINT)
        }

    def close(self) -> None:
        """Give the signals back."""
        self._over.set()
        signal.set_wakeup_fd(self._before)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._there.close()  # the one who waits reads its end
        self._waiting.join(PATIENCE_SECONDS)
        self._here.close()

    def _wait(self) -> None:
        """On a thread."""
        if not self._here.recv(64):
            return
        try:
            self._begin_end()
            self._came()
            if not self._over.wait(PATIENCE_SECONDS):
                self._finish_end()
        finally:
            if not self._over.is_set():
                os._exit(0)


def _noted(number: int, frame: object) -> None:
    """The byte in the socket says it all."""
