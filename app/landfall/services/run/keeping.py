"""One run on its way into the history: its beginning, its samples, its end, and what if it fails.

Whatever the disk does, the answer goes on: what cannot be stored now is stored later, and is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from landfall.core.errors import AppError
from landfall.core.events import Aborted, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.core.run.live_curves import Point, RateCurve
from landfall.services.history.sample_buffer import SampleBuffer

if TYPE_CHECKING:
    from landfall.services.history.history import History
    from landfall.services.history.records import LoadRecord, RunRecord


class RunKeeping:
    """Keeps one run.

    Attributes:
        trouble: Why the run is not saved now, though it is tried again; None where it is.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._samples = SampleBuffer(None)
        self.trouble: AppError | None = None

    async def begin(self, run: RunRecord) -> RunRecord:
        """Store that it goes on; with its id, or 0 where that fails: its end is stored anyway."""
        try:
            run = replace(run, id=await self._history.add_run(run))
        except AppError as error:
            self.trouble = error
        self._samples = self._history.open_samples(run.id)
        return run

    def take(self, update: RunEvent | PowerSample) -> None:
        """What happens: samples are written about once a second."""
        match update:
            case Sent(at=at):
                self._samples.sent(at)
            case PowerSample():
                self._samples.add(update)
            case _:
                pass

    async def answered(
        self, run: RunRecord, events: Sequence[RunEvent], load: LoadRecord | None
    ) -> RunRecord:
        """Store the answer with the curve of its speed, and the load that it brought about."""
        saved = await self._history.keep_run(run, rates=rate_curve(events))
        self.trouble = saved.trouble
        if load is not None:
            await self._history.keep_load(load)
        return replace(run, id=saved.id)

    async def charged(self, run: RunRecord) -> None:
        """Store what became known since, with the samples that are not stored yet."""
        saved = await self._history.keep_run(run, await self._samples.close())
        self.trouble = saved.trouble


def rate_curve(events: Sequence[RunEvent]) -> tuple[Point, ...]:
    """Tokens a second in steps of 0.25 s, from sending to the end; nothing where no text came."""
    sent_at = next((event.at for event in events if isinstance(event, Sent)), None)
    if sent_at is None:
        return ()
    curve = RateCurve(sent_at)
    points = curve.add(event.at for event in events if isinstance(event, Piece))
    over_at = next((e.at for e in reversed(events) if isinstance(e, Ended | Aborted)), sent_at)
    return (*points, *curve.finish(over_at))
