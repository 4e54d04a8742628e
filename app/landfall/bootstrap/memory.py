"""Keeps small what a window holds: set before it has threads and before its modules come in."""

from __future__ import annotations

import ctypes
import linecache
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Any

_ARENA_MAX = -8
"""`M_ARENA_MAX` of glibc's malloc.h."""


def one_heap() -> None:
    """All threads share one heap.

    glibc gives each thread a heap of its own, and what one of them has freed no other takes: with
    six threads that rest that is half a megabyte. They hold the interpreter's lock wherever they
    allocate much, so they do not wait for the heap's. Other C libraries know no such setting.
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def no_features() -> None:
    """PySide is told that no module uses its `__feature__`, instead of looking for it.

    It would read the source of each module that is imported, ours and others', and ask `inspect`
    which module that is: 40 ms of a start, and 17 MB of source which `linecache` keeps. Here no
    name is switched to another spelling, so all modules count as those that do not import PySide
    (`shibokensupport/feature.py`, PYSIDE-2029).
    """
    import_module("PySide6.QtCore")
    feature: Any = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _uses_none
        linecache.clearcache()  # of what it has read so far


def _uses_none(_module: ModuleType) -> bool:
    return False
