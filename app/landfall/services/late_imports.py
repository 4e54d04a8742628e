"""Imports of what only some of the program needs, from any thread, one at a time.

Two threads that import packages full of circular imports at once, as pydantic is, may get half of
one: Python resolves the deadlock between its import locks by handing out what is not ready yet.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Any

_one_at_a_time = threading.RLock()


def late(name: str) -> Any:
    """A module, imported when it is first asked for.

    The first time it may take long, and waits for other imports: not in the thread of a loop. One
    that is there is handed out at once, one that is on its way when it is whole.
    """
    if name in sys.modules:
        return import_module(name)
    with _one_at_a_time:
        return import_module(name)
