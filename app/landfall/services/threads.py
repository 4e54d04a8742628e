"""Short blocking work of a file or two, off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `work` returns or raises; it runs to its end even when the one who asks is cancelled.

    For disk work only: a driver that may hang belongs on a `SensorThread`.
    """
    return await asyncio.shield(asyncio.to_thread(work, *args, **kwargs))
