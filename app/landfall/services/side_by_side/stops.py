"""Stops one target of a comparison while the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from landfall.core.errors import Interrupted


class Stops:
    """Which targets are asked no more. Everything but making it happens on the io loop."""

    def __init__(self) -> None:
        self._stopped: set[int] = set()
        self._asking: dict[asyncio.Task[None], int] = {}

    async def stop(self, target: int) -> None:
        """Ask this one no more: what it is answering is cut, and kept as far as it came."""
        self._stopped.add(target)
        for task, asked in self._asking.items():
            if asked == target:
                task.cancel()

    async def hold(self, target: int, work: Coroutine[Any, Any, None]) -> None:
        """Do this for a target, unless or until it is stopped.

        Raises:
            Interrupted: it was stopped; the work has cleaned up.
        """
        task = asyncio.create_task(work)
        self._asking[task] = target
        if target in self._stopped:
            task.cancel()
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait({task})
            raise
        finally:
            del self._asking[task]
        if task.cancelled():
            raise Interrupted("Stopped by you.")
        task.result()
