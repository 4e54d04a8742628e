"""One answer within a quality run or a judgement: whole, or why not, and whether it may be charged.

A provider charges for what it generated, also where the connection broke before the end. What a
cut answer cost nobody tells, so it is written down with the run until it is known, and it is not
asked for again by itself: what was agreed to counts each question once.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from landfall.core.errors import Interrupted, NetworkUnavailable, ServerRefused
from landfall.core.events import Aborted, Piece, Sent
from landfall.core.run.long_wait import LongWait
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.history.records import RunRecord
from landfall.services.quality import kept
from landfall.services.quality.asking_again import PaidCut
from landfall.services.quality.events import QualityGoesOn, QualityWaits
from landfall.services.run.answering import Ask, Begun, Kept
from landfall.services.side_by_side.asker import Asker

_CUTS = (Interrupted, NetworkUnavailable, ServerRefused)
"""How an answer breaks off that had begun; a key that is refused costs nothing."""


async def one_answer(
    asker: Asker,
    number: int,
    target: Target,
    ask: Ask,
    *,
    begun: Begun,
    arrived: asyncio.Queue[Any],
) -> RunRecord:
    """The run that a whole answer is.

    Args:
        number: Row of the quality run, with which it is kept that it may be charged for.
        begun: Awaited with the uid of the run before anything is asked.
        arrived: Where waits are told.

    Raises:
        PaidCut: it broke off, and may be charged for: that stays kept.
        Interrupted: it broke off on a server that nobody charges for.
        AppError: as of `Asker.asked`.
    """
    answer = _OneAnswer(asker, number, target, begun, arrived)
    try:
        return await answer.whole(ask)
    except _CUTS as error:
        answer.may_be_charged |= isinstance(error, NetworkUnavailable) and error.may_have_arrived
        if not (target.paid and answer.may_be_charged):
            raise
        raise PaidCut(error.message) from error
    except asyncio.CancelledError:
        answer.may_be_charged |= answer.is_asked
        raise
    finally:
        await answer.settle()


class _OneAnswer:
    """One answer while it comes."""

    def __init__(
        self, asker: Asker, number: int, target: Target, begun: Begun, arrived: asyncio.Queue[Any]
    ) -> None:
        self.asker, self.number, self.target = asker, number, target
        self.arrived = arrived
        self.may_be_charged = False
        self.is_asked = False
        self._begun = begun
        self._uid = ""

    async def whole(self, ask: Ask) -> RunRecord:
        waited: LongWait | None = None
        cut: Aborted | None = None
        record: RunRecord | None = None
        async with aclosing(self.asker.asked(self.target, ask, begun=self._begins)) as updates:
            async for update in updates:
                if isinstance(update, Sent):
                    self.may_be_charged = True
                elif isinstance(update, Aborted) and not update.of_model:
                    cut = update
                elif isinstance(update, Kept):
                    record = update.record
                elif isinstance(update, LongWait):
                    waited = update
                    self.arrived.put_nowait(QualityWaits(update))
                elif waited is not None and isinstance(update, Piece):
                    self.arrived.put_nowait(QualityGoesOn(waited.model))
                    waited = None
        if cut is not None:
            raise Interrupted(cut.reason)
        assert record is not None, "a stream that raises nothing ends with what is kept"
        self.may_be_charged = False
        return record

    async def _begins(self, uid: str) -> None:
        """A program that is killed leaves it written down."""
        if self.target.paid:
            self._uid = uid
            await self.asker.runs.history.transact(
                lambda c: kept.add_may_be_charged(c, self.number, uid)
            )
        await self._begun(uid)
        # From here on the question may be on its way: that it was sent is told with the headers.
        self.is_asked = True

    async def settle(self) -> None:
        """It came, was turned away, or nothing was asked: what it costs is known."""
        uid = self._uid
        if uid and not self.may_be_charged:
            await self.asker.runs.history.transact_later(
                lambda c: kept.settle_may_be_charged(c, self.number, uid)
            )
