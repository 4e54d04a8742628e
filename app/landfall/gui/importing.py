"""Imports behind the window: a thread brings what has no class of Qt, the window's own the rest.

Below Python 3.12 PySide keeps what it knows of its classes in one table without a lock, and Qt
reads it at any time without the interpreter's lock. A class made on another thread meanwhile moves
that table, and the process ends in a segmentation fault (shiboken's `PepType_SOTP`, read by
`SignalManager::retrieveMetaObject`). So classes of Qt are made in the window's thread alone, a
portion in each turn of its loop: a window that is dragged goes on.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from importlib import import_module
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from landfall.services.late_imports import late

PORTION_SECONDS = 0.008
"""A turn ends when it has taken so long: half a frame, and at most one more module."""

_OF_QT = ("PySide6", "pyqtgraph", "landfall.gui", "landfall.bootstrap.attached")
"""Modules with classes of Qt, or that import such."""


def is_of_qt(module: str) -> bool:
    """Whether a module may only be imported in the window's thread."""
    return any(module == one or module.startswith(f"{one}.") for one in _OF_QT)


def every_class_of_qt() -> Iterator[object]:
    """Make all classes of Qt that PySide would make when they are first named, one at a time.

    A package that takes them all at once, as pyqtgraph does, stops the window for a tenth of a
    second otherwise.
    """
    for module in map(import_module, ("PySide6.QtCore", "PySide6.QtGui", "PySide6.QtWidgets")):
        for name in dir(module):
            yield getattr(module, name)


class Importing(QObject):
    """Brings modules in their order: name what the large ones import before them.

    Signals:
        done: All of them are there. Not sent after `stop`.

    Attributes:
        has_failed: A module could not be imported, of which the user is told as of any error.

    Args:
        modules: Of any kind.
        before: What is made in portions before the modules of Qt.
    """

    done = Signal()
    _fetched = Signal()

    def __init__(
        self,
        modules: Iterable[str],
        *,
        before: Iterable[object] = (),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        modules = tuple(modules)
        self._elsewhere = tuple(name for name in modules if not is_of_qt(name))
        here = tuple(name for name in modules if is_of_qt(name))
        self._portions = _each(before, here)
        self._stopped = False
        self.has_failed = False
        # No daemon: the interpreter must not end under it, which crashes it and all.
        self._thread = threading.Thread(target=self._fetch, name="imports")
        self._fetched.connect(self._go_on)

    def start(self) -> None:
        """Begin; it does not wait."""
        self._thread.start()

    def stop(self) -> None:
        """Bring nothing more after the module that is on its way."""
        self._stopped = True

    def join(self, seconds: float) -> None:
        """Wait for the thread, after `stop`."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _fetch(self) -> None:
        with self._noting_failure():
            for name in self._elsewhere:
                if self._stopped:
                    return
                late(name)
        with contextlib.suppress(RuntimeError):  # the window may be gone by now
            self._fetched.emit()

    @Slot()
    def _go_on(self) -> None:
        until = perf_counter() + PORTION_SECONDS
        with self._noting_failure():
            for _ in self._portions:
                if self._stopped:
                    return
                if perf_counter() >= until:
                    QTimer.singleShot(0, self, self._go_on)
                    return
        if not self._stopped:
            self.done.emit()

    @contextlib.contextmanager
    def _noting_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.has_failed = True
            raise


def _each(before: Iterable[object], modules: Iterable[str]) -> Iterator[object]:
    yield from before
    for name in modules:
        # Without the lock of `late`, for which the window would wait: what has circular imports
        # comes on the thread, and pyqtgraph here alone.
        yield import_module(name)
