"""One window a user and a home: a second start raises the first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLockFile, QObject, Signal

from landfall.core.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path


ACTIVATION_TOKEN = "XDG_ACTIVATION_TOKEN"
"""The variable in which a desktop gives a start the right to put a window in front, and from which
Qt takes it on Wayland (xdg-activation-v1)."""


class SingleInstance(QObject):
    """Holds the lock of the first instance and listens for the others.

    Signals:
        raise_asked: Another start wants this window in front. Carries a `raise_line.Asked`.
    """

    raise_asked = Signal(object)

    def __init__(self, lock_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock_path = lock_path
        self._lock = QLockFile(str(lock_path))
        # A lock is stale when its process is gone, however old it is.
        self._lock.setStaleLockTime(0)
        self._line: Any = None

    def acquire(self) -> bool:
        """Become the one instance. False where another one runs.

        Raises:
            Unavailable: nobody can, because there can be no lock.
        """
        if self._lock.tryLock(0):
            return True
        # What is left of a crash may name nobody, a name that this machine bore then, or a process
        # whose number another one has by now. A lock that a living process holds is locked in the
        # file system too, and is not removed.
        if self._lock.removeStaleLockFile() and self._lock.tryLock(0):
            return True
        if self._lock.error() is not QLockFile.LockError.LockFailedError:
            raise Unavailable(
                f"The lock {self._lock_path} cannot be made.",
                "Make its folder writable, free its disk if that is full, or set LANDFALL_HOME to"
                " another folder.",
            )
        return False

    def holder_pid(self) -> int | None:
        """Process id of the instance that runs, or None where it cannot be told."""
        pid, _host, _program = self._lock.getLockInfo()
        return pid or None

    def listen(self) -> None:
        """Answer later starts. Called after the first paint: it needs no haste."""
        module = _raise_line()
        self._line = module.RaiseLine(self._lock_path, self)
        self._line.raise_asked.connect(self.raise_asked)

    def ask_other_to_raise(self, files: tuple[str, ...] = ()) -> bool:
        """Tell the running instance to come to the front.

        False where it does not answer, and where it ended meanwhile: then this is the one instance.
        """
        module = _raise_line()
        asked = module.Asked(files=files, token=os.environ.get(ACTIVATION_TOKEN, ""))
        answered: bool = module.ask_to_raise(self._lock_path, asked, is_gone=self._is_free)
        return answered

    def _is_free(self) -> bool:
        """Become the one instance where the other has ended; what is left of a crash is not looked
        for again and again, beside others that start."""
        return self._lock.tryLock(0)

    @property
    def is_first(self) -> bool:
        """Whether this is the one instance."""
        return self._lock.isLocked()

    def release(self) -> None:
        """Let the next start be the first."""
        if self._line is not None:
            self._line.close()
        self._lock.unlock()


def _raise_line() -> Any:
    return import_module("landfall.gui.raise_line")


@contextmanager
def allowed_to_come_forward(token: str) -> Iterator[None]:
    """Where Qt looks for the right that the desktop gave a later start; nowhere else after it."""
    if token:
        os.environ[ACTIVATION_TOKEN] = token
    try:
        yield
    finally:
        os.environ.pop(ACTIVATION_TOKEN, None)
