"""Work that goes on to its end whoever waits for it, such as a file or two off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises; it runs to its end even when the one who asks is cancelled.

    For disk work only: a driver that may hang belongs on a `SensorThread`.
    """
    return await to_its_end(asyncio.to_thread(work, *args, **kwargs))


async def to_its_end(work: Awaitable[T]) -> T:
    """What `work` returns or raises; it goes on to its end even when the one who asks is cancelled.

    What fails then is nobody's any more. `asyncio.shield` alone forgets that it was asked for, and
    asyncio would report the error as one that was never looked at, in the middle of something else.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_look_at)
    return await asyncio.shield(task)


def _look_at(ended: asyncio.Future[T]) -> None:
    if not ended.cancelled():
        ended.exception()
