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
    OutOfMemory,
    ServerBusy,
    ServerRefused,
)
from landfall.core.run.long_wait import LongWait
from landfall.services.quality.events import QualityGoesOn, QualityWaits
from landfall.services.side_by_side.asker import ENDS_THE_TARGET

LONGEST_WAIT_SECONDS = 120.0
"""Who asks for more patience is asked again when the run goes on."""


FREE_REFUSALS = frozenset({429, 503, 529})
"""Statuses with which a provider turns a question away before anything of it is generated."""


_ENDS = (*(kind for kind in ENDS_THE_TARGET if kind is not Interrupted), OutOfMemory)


def ends_the_side(error: AppError) -> bool:
    """Whether the next prompt would meet it too. A cut stream is no such thing."""
    return isinstance(error, _ENDS)


class PaidCut(Interrupted):
    """An answer that a provider may charge for was cut on its way: it is kept as such."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "It was cut on its way, and may be charged for.")


def worth_another(error: AppError, *, paid: bool) -> bool:
    """Whether the same question may be answered a little later, without being charged twice.

    Args:
        paid: Whether each answer is charged for: then only what surely cost nothing is asked again.
    """
    if isinstance(error, PaidCut):
        return False
    if paid and isinstance(error, ServerRefused) and error.status not in FREE_REFUSALS:
        return False
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
