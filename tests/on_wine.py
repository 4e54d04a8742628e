"""Whether the Windows that runs the tests is Wine, which lacks some of it."""

from __future__ import annotations

import ctypes
import sys

import pytest


def is_wine() -> bool:
    """True under Wine, whose ntdll says its version; False on Windows and everywhere else."""
    if sys.platform != "win32":
        return False
    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


def wine_lacks(what: str) -> pytest.MarkDecorator:
    """Skips a test where Wine cannot serve it; what Windows has there, by name."""
    return pytest.mark.skipif(is_wine(), reason=f"Wine lacks {what}")
