"""What could not be written to the history now: kept in memory, in order, and tried again."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable

from landfall.core.errors import AppError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10.0
"""From try to try while something waits; nothing ticks while nothing waits."""

Work = Callable[[sqlite3.Connection], object]


class LateWrites:
    """Writes that must not be lost because a disk is full or a file is locked for a while.

    Args:
        write: Runs one piece of work in a transaction.
    """

    def __init__(self, write: Callable[[Work], Awaitable[object]]) -> None:
        self._write = write
        self._waiting: deque[Work] = deque()
        self._one_at_a_time = asyncio.Lock()
        self._trying: asyncio.Task[None] | None = None

    async def do(self, work: Work) -> AppError | None:
        """Write it after all that waits; why it waits too, or None when it is written."""
        self._waiting.append(work)
        trouble = await self._write_all()
        if trouble is not None and self._trying is None:
            self._trying = asyncio.create_task(self._try_again(), name="late writes")
        return trouble

    async def close(self) -> None:
        """Try a last time. What cannot be written even now is lost, and the log says so."""
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
            self._trying = None
        trouble = await self._write_all()
        if trouble is not None:
            logger.error("%d answers were not saved: %s", len(self._waiting), trouble)
            self._waiting.clear()

    async def _try_again(self) -> None:
        while self._waiting:
            await asyncio.sleep(RETRY_SECONDS)
            await self._write_all()
        self._trying = None

    async def _write_all(self) -> AppError | None:
        async with self._one_at_a_time:
            while self._waiting:
                # Taken out first: work that was handed over is done though the asker is cancelled,
                # and work that raises anything else is a bug and must not stand in the way.
                work = self._waiting.popleft()
                try:
                    await self._write(work)
                except AppError as error:
                    self._waiting.appendleft(work)
                    return error
        return None
