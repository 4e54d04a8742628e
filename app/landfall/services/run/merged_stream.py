"""The events of an answer and the readings of the sensors as one stream, in the order they come."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from enum import Enum, auto
from types import TracebackType
from typing import Self, TypeVar

from landfall.core.events import Piece, PowerSample, RunEvent
from landfall.core.run import long_wait
from landfall.core.run.long_wait import LongWait


class _End(Enum):
    ANSWERED = auto()
    SILENT = auto()


T = TypeVar("T")

_Arrived = asyncio.Queue[RunEvent | PowerSample | LongWait | _End]


class Flow:
    """`async with Flow(events, samples) as flow`: both run in the block and end with it.

    Closing it closes the connection of the target and lets go of the sensors.

    Args:
        model: Who answers.
        in_memory: Asked where nothing of the answer comes for long: `Target.in_memory`.
    """

    def __init__(
        self,
        events: AsyncGenerator[RunEvent, None],
        samples: AsyncGenerator[PowerSample, None] | None,
        *,
        model: str,
        in_memory: Callable[[], Awaitable[bool | None]],
    ) -> None:
        self._events, self._samples = events, samples
        self._model, self._in_memory = model, in_memory
        self._heard_at: float | None = None
        self._begun = False
        self._arrived: _Arrived = asyncio.Queue()
        self._silent = samples is None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        answering = _pour(self._events, self._take, self._arrived, _End.ANSWERED)
        self._answering = asyncio.create_task(answering)
        self._waiting = asyncio.create_task(self._tell_long_waits())
        self._tasks += (self._answering, self._waiting)
        if self._samples is not None:
            reading = _pour(self._samples, self._arrived.put_nowait, self._arrived, _End.SILENT)
            self._tasks.append(asyncio.create_task(reading))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def answer(self) -> AsyncGenerator[RunEvent | PowerSample | LongWait, None]:
        """Everything until the answer is over, and that nothing came for long while it does not.

        Raises:
            AppError: as the target does.
        """
        while (update := await self._arrived.get()) is not _End.ANSWERED:
            if isinstance(update, _End):
                self._silent = True
            else:
                yield update
        self._waiting.cancel()
        await self._answering

    async def readings(self) -> AsyncGenerator[PowerSample, None]:
        """What the sensors say after the answer, until they say nothing more."""
        while not self._silent:
            update = await self._arrived.get()
            if isinstance(update, PowerSample):
                yield update
            elif update is _End.SILENT:
                return

    def _take(self, event: RunEvent) -> None:
        self._heard_at = time.perf_counter()
        self._begun = self._begun or isinstance(event, Piece)
        self._arrived.put_nowait(event)

    async def _tell_long_waits(self) -> None:
        """Say that nothing came: first after a minute, then each time that this has doubled."""
        since, due = self._heard_at, long_wait.FIRST_SECONDS
        while True:
            if self._heard_at != since:
                since, due = self._heard_at, long_wait.FIRST_SECONDS
            now = time.perf_counter()
            # Before it was sent it is asked what there is, which has ends of its own.
            left = due if since is None else since + due - now
            if left > 0:
                await asyncio.sleep(left)
                continue
            while since is not None and since + 2 * due <= now:
                due *= 2  # after a sleep of the machine it is said once
            known = await self._is_in_memory()
            if self._heard_at == since:
                told = LongWait(
                    at=now, model=self._model, seconds=due, begun=self._begun, in_memory=known
                )
                self._arrived.put_nowait(told)
                due *= 2

    async def _is_in_memory(self) -> bool | None:
        try:
            return await self._in_memory()
        except Exception:  # noqa: BLE001 - such as a client that was closed meanwhile
            return None  # who waits for the answer is told that the server is gone


async def _pour(
    source: AsyncGenerator[T, None], take: Callable[[T], None], into: _Arrived, last: _End
) -> None:
    try:
        async with aclosing(source) as items:
            async for item in items:
                take(item)
    finally:
        into.put_nowait(last)
