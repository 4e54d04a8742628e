"""A clock that moves when somebody sleeps, for what would take minutes otherwise."""

from __future__ import annotations

import asyncio
import heapq


class FakeTime:
    """Time of its own: sleepers wake in order, as soon as nobody has anything else to do.

    Attributes:
        now: Seconds, as `clock` says them. slept: seconds that the machine slept: `elapsed` counts
            them, `clock` does not.
    """

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept = 0.0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def clock(self) -> float:
        """The clock that stands still while the machine sleeps."""
        return self.now

    def elapsed(self) -> float:
        """The clock that does not."""
        return self.now + self.slept

    async def sleep(self, seconds: float) -> None:
        """Wait on this clock."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._waiting, (self.now + seconds, self._count, future))
        await future

    async def pass_(self, seconds: float) -> None:
        """Let time pass; everything that is due happens, also on threads, in its order."""
        until = self.now + seconds
        await self._quiet(self._count)
        while self._waiting and self._waiting[0][0] <= until:
            due, _, future = heapq.heappop(self._waiting)
            if future.done():
                continue
            self.now = max(self.now, due)
            count = self._count
            future.set_result(None)
            await self._quiet(count)
        self.now = until
        await asyncio.sleep(0.002)

    async def _quiet(self, count: int) -> None:
        """Until the sleeper that was woken sleeps again, a moment longer, and not for ever."""
        loop = asyncio.get_running_loop()
        until = loop.time() + (0.5 if not self._sleepers else 0.01)
        for _ in range(1000):
            if self._count != count or loop.time() >= until:
                break
            await asyncio.sleep(0.0005)
        for _ in range(3):
            await asyncio.sleep(0)

    @property
    def _sleepers(self) -> bool:
        return any(not future.done() for _, _, future in self._waiting)
