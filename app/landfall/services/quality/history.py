"""The quality runs that are kept, as `History.quality` gives them. Each method is a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from landfall.core.errors import BadInput
from landfall.services.history.list_places import stand_above
from landfall.services.quality import kept, kept_reading
from landfall.services.quality.plan import QualityPlan, Side
from landfall.services.quality.records import (
    YOU,
    QualityAnswer,
    QualityLabel,
    QualityRecord,
    QualityRun,
    WholeQualityRun,
)

T = TypeVar("T")


class Running(Protocol):
    """What runs on the connection of the history, as `Database.run`."""

    def __call__(self, work: Callable[[sqlite3.Connection], T]) -> Awaitable[T]:
        """Run in one transaction."""
        ...


class QualityHistory:
    """Quality runs with their prompts, answers and labels."""

    def __init__(self, run: Running) -> None:
        self._run = run

    async def runs(
        self, workload: str | None = None, *, limit: int = 500
    ) -> tuple[QualityRecord, ...]:
        """The latest runs without their texts, newest first; of one workload, or all."""
        return await self._run(lambda c: kept_reading.rows(c, workload=workload, limit=limit))

    async def unfinished(
        self, workload: str | None = None, *, running: bool = False
    ) -> tuple[QualityRecord, ...]:
        """Runs that were cut or stopped and can be resumed, newest first.

        Args:
            running: Those too that say they go on: after a kill nobody but the window, at its
                start, says that they do not.
        """
        states = ("aborted", "interrupted", *(("running",) if running else ()))
        return tuple(one for one in await self.runs(workload) if one.state in states)

    async def get(self, uid: str) -> QualityRun:
        """One run with its prompts, answers and labels.

        Raises:
            BadInput: there is none of that name.
        """
        found = await self._run(lambda c: kept_reading.whole(c, uid))
        if found is None:
            raise _gone(uid)
        return found

    async def answers(self, uid: str) -> tuple[QualityAnswer, ...]:
        """Its answers, by place, then side."""
        return (await self.get(uid)).answers

    async def labels(self, uid: str) -> tuple[QualityLabel, ...]:
        """What was said of its answers, in the order in which it was."""
        return (await self.get(uid)).labels

    async def add_label(self, uid: str, label: QualityLabel) -> int:
        """Store a label; returns its id."""
        number = await self._number(uid)
        return await self._run(lambda c: kept.add_label(c, number, label))

    async def undo(self, uid: str) -> QualityLabel | None:
        """Take the latest label of the user back; what it was, or None where there is none."""
        number = await self._number(uid)
        return await self._run(lambda c: kept.take_back_label(c, number, YOU))

    async def delete(self, uid: str) -> WholeQualityRun | None:
        """Delete a run with its texts, here and among the runs; what it was, for `put_back`."""
        return await self._run(lambda c: kept.take_out(c, uid))

    async def put_back(self, taken: WholeQualityRun) -> None:
        """Undo `delete`."""
        await self._run(lambda c: kept.put_back(c, taken))

    # While one runs

    async def begin(self, uid: str, plan: QualityPlan) -> int:
        """Store a run when it begins; returns its row."""
        return await self._run(lambda c: stand_above(c, "quality_runs", kept.insert(c, uid, plan)))

    async def recover(self, number: int) -> int:
        """Before it goes on: see `kept.recover`."""
        return await self._run(lambda c: kept.recover(c, number))

    async def claim(self, number: int) -> None:
        """It goes on, here: see `kept.claim`."""
        await self._run(lambda c: kept.claim(c, number))

    async def begin_answer(self, number: int, *, place: int, side: Side, run: str) -> None:
        """An answer is asked for now."""
        await self._run(lambda c: kept.begin_answer(c, number, place=place, side=side, run=run))

    async def finish_answer(self, number: int, answer: QualityAnswer) -> None:
        """An answer came, or will not."""
        await self._run(lambda c: kept.finish_answer(c, number, answer))

    async def keep_result(self, number: int, result: Mapping[str, Any]) -> None:
        """What the gate said."""
        await self._run(lambda c: kept.keep_result(c, number, result))

    async def _number(self, uid: str) -> int:
        number = await self._run(lambda c: kept_reading.number_of(c, uid))
        if number is None:
            raise _gone(uid)
        return number


def _gone(uid: str) -> BadInput:
    return BadInput(
        f"No quality run {uid!r} is kept.", "It may have been deleted: begin anew.", field="uid"
    )
