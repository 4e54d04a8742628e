"""Where classes of Qt are made: below Python 3.12 the process may crash of one made on a thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from types import ModuleType


class ImportsOnThreads:
    """Put first into `sys.meta_path`, it sees each import of a module that is not here yet."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Find nothing, and remember what is looked for on another thread."""
        if threading.current_thread() is not threading.main_thread():
            self._names.add(name)

    def with_classes_of_qt(self) -> list[str]:
        """The modules imported on a thread that have classes of Qt, or are of it."""
        return sorted(name for name in tuple(self._names) if _is_of_qt(name))


def _is_of_qt(name: str) -> bool:
    from PySide6.QtCore import QObject

    made = tuple(vars(sys.modules[name]).values()) if name in sys.modules else ()
    return name.partition(".")[0] == "PySide6" or any(
        isinstance(one, type(QObject)) and one.__module__ == name for one in made
    )
