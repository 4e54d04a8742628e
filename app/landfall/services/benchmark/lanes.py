"""Several streams at once, each in a lane of its own, as one stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

from landfall.core.errors import AppError
from landfall.core.events import Aborted, Ended
from landfall.services.benchmark.events import BenchLane

Answer = Callable[[int], AsyncGenerator[BenchLane, None]]
"""One whole answer in a lane; called anew for each."""


async def lanes(count: int, answer: Answer, *, seconds: float) -> AsyncGenerator[BenchLane, None]:
    """In each lane one answer after the other, without a pause, begun for so many seconds.

    Each lane makes at least one; what was begun is awaited. An error of one ends all.
    """
    arrived: asyncio.Queue[BenchLane | None] = asyncio.Queue()
    over = time.perf_counter() + seconds
    work = [asyncio.create_task(_lane(n, answer, arrived, over)) for n in range(count)]
    every = asyncio.gather(*work)
    every.add_done_callback(lambda _: arrived.put_nowait(None))
    try:
        while (update := await arrived.get()) is not None:
            yield update
        await every
    finally:
        await _ended(work)
        with suppress(asyncio.CancelledError, AppError):
            await every


async def _lane(
    number: int, answer: Answer, arrived: asyncio.Queue[BenchLane | None], over: float
) -> None:
    """An answer is followed by the next one while its sensors still settle."""
    begun: list[asyncio.Task[None]] = []
    try:
        while not begun or time.perf_counter() < over:
            written = asyncio.Event()
            begun.append(asyncio.create_task(_poured(answer(number), arrived, written)))
            await written.wait()
            for task in begun:
                if task.done():
                    task.result()
        await asyncio.gather(*begun)
    finally:
        await _ended(begun)


async def _poured(
    updates: AsyncGenerator[BenchLane, None],
    arrived: asyncio.Queue[BenchLane | None],
    written: asyncio.Event,
) -> None:
    try:
        async with aclosing(updates):
            async for update in updates:
                arrived.put_nowait(update)
                if isinstance(update.update, Ended | Aborted):
                    written.set()
    finally:
        written.set()


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, AppError):
            await task
