"""The events of an answer and the readings of the sensors as one stream, in the order they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import Enum, auto
from types import TracebackType
from typing import Self

from landfall.core.events import PowerSample, RunEvent


class _End(Enum):
    ANSWERED = auto()
    SILENT = auto()


_Arrived = asyncio.Queue[RunEvent | PowerSample | _End]


class Flow:
    """`async with Flow(events, samples) as flow`: both run in the block and end with it.

    Closing it closes the connection of the target and lets go of the sensors.
    """

    def __init__(
        self,
        events: AsyncGenerator[RunEvent, None],
        samples: AsyncGenerator[PowerSample, None] | None,
    ) -> None:
        self._events, self._samples = events, samples
        self._arrived: _Arrived = asyncio.Queue()
        self._silent = samples is None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._answering = asyncio.create_task(_pour(self._events, self._arrived, _End.ANSWERED))
        self._tasks.append(self._answering)
        if self._samples is not None:
            reading = _pour(self._samples, self._arrived, _End.SILENT)
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

    async def answer(self) -> AsyncGenerator[RunEvent | PowerSample, None]:
        """Everything until the answer is over.

        Raises:
            AppError: as the target does.
        """
        while (update := await self._arrived.get()) is not _End.ANSWERED:
            if isinstance(update, _End):
                self._silent = True
            else:
                yield update
        await self._answering

    async def readings(self) -> AsyncGenerator[PowerSample, None]:
        """What the sensors say after the answer, until they say nothing more."""
        while not self._silent:
            update = await self._arrived.get()
            if isinstance(update, PowerSample):
                yield update
            elif update is _End.SILENT:
                return


async def _pour(
    source: AsyncGenerator[RunEvent, None] | AsyncGenerator[PowerSample, None],
    into: _Arrived,
    last: _End,
) -> None:
    try:
        async with aclosing(source) as items:
            async for item in items:
                into.put_nowait(item)
    finally:
        into.put_nowait(last)
