"""Which answers of a quality run are asked for again, and after how long."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

from landfall.core.errors import (
    AppError,
    Interrupted,
    NetworkUnavailable,
    OllamaUnavailable,
    ServerBusy,
    ServerRefused,
)
from landfall.core.run.long_wait import LongWait
from landfall.services.quality.events import QualityGoesOn, QualityWaits

LONGEST_WAIT_SECONDS = 120.0
"""Who asks for more patience is asked again when the run goes on."""


def worth_another(error: AppError) -> bool:
    """Whether the same question may be answered a little later."""
    if isinstance(error, ServerBusy):
        return asked_wait(error) <= LONGEST_WAIT_SECONDS  # inside a stream there is no status
    if isinstance(error, ServerRefused):
        return error.status is not None and (error.status >= 500 or error.status == 429)
    return isinstance(error, Interrupted | NetworkUnavailable | OllamaUnavailable)


def asked_wait(error: AppError) -> float:
    """The seconds that a server asked not to be asked again; 0 where it did not say."""
    return (error.wait_seconds or 0.0) if isinstance(error, ServerBusy) else 0.0


async def pause_for(
    error: AppError,
    model: str,
    *,
    seconds: float,
    arrived: asyncio.Queue[Any],
) -> None:
    """Wait before a model is asked again, as long as its server said, and tell of a wait it told.

    Args:
        seconds: The least.
        arrived: Where the events of a run or of a judge go.
    """
    wait = asked_wait(error)
    if wait <= seconds:
        await asyncio.sleep(seconds)
        return
    told = LongWait(at=time.perf_counter(), model=model, seconds=math.ceil(wait), sent_away=True)
    arrived.put_nowait(QualityWaits(told))
    await asyncio.sleep(wait)
    arrived.put_nowait(QualityGoesOn(model))
