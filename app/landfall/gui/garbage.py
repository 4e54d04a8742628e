"""Collects garbage in the thread of the window, and in no other.

Python collects in whatever thread happens to allocate. A widget that is only garbage any more would
be destroyed there, its timers would go on firing at nothing, and the program would crash.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import perf_counter

WHOLE_EVERY = 10
"""So many collections of what is new go before one of everything, which takes some 20 ms."""

WHOLE_AT_LATEST_SECONDS = 600.0
"""While something is streamed everything is collected no more often: an answer of 60,000 pieces
under way makes it take 50 ms, and leaves nothing to collect before its end."""


class GarbageCollector:
    """Takes over from the automatic collector once there is a second thread.

    It needs no clock of its own: it is asked wherever work has been done.
    """

    def __init__(self, *, clock: Callable[[], float] = perf_counter) -> None:
        gc.disable()
        self._clock = clock
        self._collections = 0
        self._whole_at = clock()

    def collect_when_due(self, *, streaming: bool = False) -> None:
        """Collect if much was left since the last time. Call it in the window's thread.

        Args:
            streaming: Whether a stream of events is under way.
        """
        if gc.get_count()[0] <= gc.get_threshold()[0]:
            return
        self._collections += 1
        now = self._clock()
        whole = self._collections >= WHOLE_EVERY and (
            not streaming or now - self._whole_at >= WHOLE_AT_LATEST_SECONDS
        )
        if whole:
            self._collections, self._whole_at = 0, now
        gc.collect(2 if whole else 1)
