"""Collects garbage in the thread of the window, and in no other.

Python collects in whatever thread happens to allocate. A widget that is only garbage any more would
be destroyed there, its timers would go on firing at nothing, and the program would crash.
"""

from __future__ import annotations

import gc

WHOLE_EVERY = 10
"""So many collections of what is new go before one of everything, which takes some 20 ms."""


class Collector:
    """Takes over from the automatic collector once there is a second thread.

    It needs no clock: it is asked wherever work has been done.
    """

    def __init__(self) -> None:
        gc.disable()
        self._collections = 0

    def collect_when_due(self) -> None:
        """Collect if much was left since the last time. Call it in the window's thread."""
        if gc.get_count()[0] > gc.get_threshold()[0]:
            self._collections += 1
            gc.collect(2 if self._collections % WHOLE_EVERY == 0 else 1)
