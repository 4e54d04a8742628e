"""Power samples of a run that goes on, on their way to the history: written each second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from landfall.core.errors import AppError
from landfall.core.events import PowerSample

FLUSH_SECONDS = 1.0
"""A killed program loses at most the samples of so long."""


class SampleBuffer:
    """Takes the samples of one run and writes them beside it, never in its way.

    A write that fails (disk full) is not the run's end: its samples are written with the next
    ones, and at last with the run itself.

    Args:
        write: Appends samples to those of the run; None where the run is not stored yet.
    """

    def __init__(self, write: Callable[[Sequence[PowerSample]], Awaitable[None]] | None) -> None:
        self._write = write
        self._sent_at: float | None = None
        self._waiting: list[PowerSample] = []
        self._last_at: float | None = None
        self._writing: asyncio.Task[None] | None = None

    def sent(self, at: float) -> None:
        """The prompt was sent, on the clock of the samples: their times count from here."""
        self._sent_at = at

    def add(self, sample: PowerSample) -> None:
        """One more; a second after the last write the next one begins."""
        self._waiting.append(sample)
        if self._last_at is None:
            self._last_at = sample.at
        if sample.at - self._last_at >= FLUSH_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Begin to write what waits, where it can be written and nothing is being written."""
        if self._write is None or self._sent_at is None or not self._waiting:
            return
        if self._writing is not None and not self._writing.done():
            return
        batch, self._waiting = self._waiting, []
        self._last_at = batch[-1].at
        self._writing = asyncio.create_task(self._put(self._write, batch), name="samples")

    async def close(self) -> tuple[PowerSample, ...]:
        """Wait for the write that is under way; what is not written yet, times since the prompt.

        Nothing where no prompt was sent: what was drawn then belongs to no answer.
        """
        if self._writing is not None:
            await asyncio.wait([self._writing])  # which is finished though the run is cancelled
        if self._sent_at is None:
            return ()
        return tuple(self._shifted(self._waiting, self._sent_at))

    async def _put(
        self, write: Callable[[Sequence[PowerSample]], Awaitable[None]], batch: list[PowerSample]
    ) -> None:
        assert self._sent_at is not None
        try:
            await write(self._shifted(batch, self._sent_at))
        except AppError:
            self._waiting = batch + self._waiting

    @staticmethod
    def _shifted(samples: Sequence[PowerSample], sent_at: float) -> list[PowerSample]:
        return [replace(sample, at=sample.at - sent_at) for sample in samples]
