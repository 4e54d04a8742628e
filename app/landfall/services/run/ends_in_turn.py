"""Answers that end together are kept one after another, with a breath between them.

What an answer leaves to do (questions to its server, its figures, its rows) takes the interpreter
for some ten milliseconds. Eight at once would keep the window waiting for all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter

BREATH_SECONDS = 0.025
"""From the end of one piece of work to the begin of the next: what the window needs to show one
answer's end, measured with eight at once. The first waits for nothing."""


class EndsInTurn:
    """`async with ends.turn():` one piece of work at a time, in the order in which they came."""

    def __init__(self, breath_seconds: float = BREATH_SECONDS) -> None:
        self._breath_seconds = breath_seconds
        self._one_at_a_time = asyncio.Lock()
        self._free_at = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None, None]:
        """Wait for those that came before, and for a breath after the last of them."""
        async with self._one_at_a_time:
            wait_seconds = self._free_at - perf_counter()
            if wait_seconds > 0:
                await asyncio.sleep(wait_seconds)
            try:
                yield
            finally:
                self._free_at = perf_counter() + self._breath_seconds
