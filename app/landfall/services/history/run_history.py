"""The history of runs: the open file, its transactions, and what is asked of runs and samples."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from landfall.core.errors import AppError
from landfall.core.events import PowerSample
from landfall.services.history import day_totals, owner, row_owners, runs_kept, samples_kept
from landfall.services.history.database import MEMORY, Database
from landfall.services.history.database_versions import sign
from landfall.services.history.late_writes import LateWrites
from landfall.services.history.migrations import MIGRATIONS
from landfall.services.history.presence import Presence
from landfall.services.history.records import CountedRun, DayTotal, RunRecord, now_iso
from landfall.services.history.runs_kept import WholeRun
from landfall.services.history.sample_buffer import SampleBuffer
from landfall.services.history.samples_kept import Point, Thinning
from landfall.services.threads import in_thread

T = TypeVar("T")

SLICE_PAUSE_SECONDS = 0.05
"""Between two runs whose samples are made coarser: others may write in it."""

BUSY_PAUSE_SECONDS = 30.0
"""So long such work waits while something runs."""

MOST_PAUSES = 100
"""After so many it is left to the next start: a killed command may seem to run until then."""


class Saved(NamedTuple):
    """What became of a run that was to be stored: its id, and why it waits; None where stored."""

    id: int
    trouble: AppError | None


def _presence(path: Path) -> Presence | None:
    """What is in memory is nobody else's."""
    return None if path == MEMORY else Presence(path)


class RunHistory:
    """What `History` knows of runs, on the file that it opens. Each method is one transaction."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, sign=sign)
        self._path, self._presence = path, _presence(path)
        self._is_owner = False
        self._late = LateWrites(self._write)

    async def open(self) -> None:
        """Open the file.

        Raises:
            DatabaseTooNew, DatabaseDamaged, Unavailable, DiskFull: see `Database.open`.
        """
        await self._database.open()
        await self._enter()

    async def reopen(self, path: Path, *, filled_from: Path | None = None) -> None:
        """Use another file, after this one could not be opened or used.

        Args:
            filled_from: For `MEMORY`: what it begins with.
        """
        await self._database.close()
        self._leave()
        self._database = Database(path, MIGRATIONS, sign=sign, filled_from=filled_from)
        self._path, self._presence = path, _presence(path)
        await self._database.open()
        await self._enter()

    async def _enter(self) -> None:
        if self._presence is not None:
            await in_thread(self._presence.enter)
            owner.enter(self._path)
            self._is_owner = True
            await self._database.run(row_owners.watch)

    async def close(self) -> None:
        """Finish what was asked, write what waits for room, and close the file."""
        await self._late.close()
        await self._database.close()
        self._leave()

    def _leave(self) -> None:
        if self._presence is not None:
            self._presence.leave()
        if self._is_owner:
            self._is_owner = False
            owner.leave(self._path)

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction of a table that few starts need; see the modules `*_kept`."""
        return await self._database.run(work)

    async def transact_later(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """As `transact`; where that fails now, it is tried again while this is open."""
        await self._late.do(work)

    async def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        await self._database.run(work)

    async def _listed(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What a list shows; rows whose program is gone no longer say "running" there.

        Where that cannot be written, as on a full disk, they say it until it can.
        """
        if self._presence is not None:  # of a copy in memory nobody can tell who runs what
            with suppress(AppError):
                await self._database.run(row_owners.mark_cut)
        return await self._database.run(work)

    # Runs

    async def add_run(self, run: RunRecord) -> int:
        """Store a run when it begins; returns its id."""
        return await self._database.run(lambda c: runs_kept.insert(c, run))

    def open_samples(self, run_id: int) -> SampleBuffer:
        """Takes the samples of a run while it goes on; 0 for one that could not be stored."""

        async def write(samples: Sequence[PowerSample]) -> None:
            await self._database.run(lambda c: samples_kept.add(c, run_id, samples))

        return SampleBuffer(write if run_id else None)

    async def keep_run(
        self,
        run: RunRecord,
        samples: Iterable[PowerSample] = (),
        *,
        rates: Iterable[Point] = (),
    ) -> Saved:
        """Store how a run ended, in one transaction with its totals.

        Where that fails now (disk full, file locked) it is tried again while this is open, and why
        is returned. Once more for the same run, when more of it is known, changes the run and
        counts it once.

        Args:
            samples: Those that are not stored yet, in seconds since the prompt was sent.
            rates: The curve of its speed: seconds since then, tokens/s.
        """
        fresh, points = tuple(samples), tuple(rates)
        number = run.id

        def work(connection: sqlite3.Connection) -> None:
            nonlocal number
            number = runs_kept.finish(connection, run, fresh, points)

        trouble = await self._late.do(work)
        return Saved(number, trouble)

    async def runs(self, *, limit: int = 500) -> tuple[RunRecord, ...]:
        """The latest runs with their texts, newest first."""
        return await self._database.run(lambda c: runs_kept.latest(c, limit))

    async def listed_runs(
        self, *, limit: int = 500, before: int | None = None
    ) -> tuple[RunRecord, ...]:
        """The latest runs for a list, newest first: `prompt` is its first line, the other texts
        are empty; `run` has them.

        Args:
            before: The id of the last run of the page above.
        """
        return await self._listed(lambda c: runs_kept.listed(c, limit, before))

    async def run(self, run_id: int) -> RunRecord | None:
        """One run with its texts; None where it is gone."""
        found = await self._database.run(lambda c: runs_kept.with_texts(c, [run_id]))
        return found[0] if found else None

    async def runs_with_texts(self, ids: Iterable[int]) -> tuple[RunRecord, ...]:
        """These runs with their texts, in this order; those that are gone are left out."""
        wanted = tuple(ids)
        return await self._database.run(lambda c: runs_kept.with_texts(c, wanted))

    async def latest_runs(self) -> tuple[RunRecord, ...]:
        """The newest run of each model at each host in each state, as `listed_runs` tells them."""
        return await self._database.run(runs_kept.newest_of_each)

    async def local_answers(self, *, each: int) -> tuple[RunRecord, ...]:
        """The newest whole answers with a speed here, at most so many of each model."""
        return await self._database.run(lambda c: runs_kept.local_answers(c, each))

    async def cloud_runs_since(self, day: str) -> tuple[RunRecord, ...]:
        """All runs at providers from the beginning of an ISO date on, UTC, newest first."""
        return await self._database.run(lambda c: runs_kept.cloud_since(c, day))

    async def runs_to_decide(self) -> tuple[RunRecord, ...]:
        """What verdicts look at: the latest runs, and the newest of each model behind them.

        The answers of one quality run may be all of the latest; other models were measured too.
        """
        listed = await self.listed_runs()
        there = {run.id for run in listed}
        older = [run for run in await self.latest_runs() if run.id not in there]
        return (*listed, *older)

    async def samples(self, run_id: int) -> tuple[PowerSample, ...]:
        """The power samples of one run by time, in seconds since its prompt was sent.

        Of an old run they are further apart. A sample without watts is a gap, and between two with
        watts there is none.
        """
        return await self._database.run(lambda c: samples_kept.rows(c, run_id))

    async def rate_curve(self, run_id: int) -> tuple[Point, ...]:
        """The speed of one run: seconds since its prompt was sent, tokens/s."""
        return await self._database.run(lambda c: samples_kept.rates(c, run_id))

    async def day_totals(self) -> tuple[DayTotal, ...]:
        """Tokens, energy and money by day, oldest first; deleted runs count on."""
        return await self._database.run(day_totals.rows)

    async def take_out(self, ids: Iterable[int]) -> tuple[WholeRun, ...]:
        """Delete runs with their texts and samples; what was deleted, for `put_back`.

        What they used stays in `day_totals`.
        """
        wanted = tuple(ids)
        return await self._database.run(lambda c: runs_kept.take_out(c, wanted))

    async def put_back(self, runs: Iterable[WholeRun]) -> None:
        """Store runs that were taken out; they count no second time and get new ids."""
        taken = tuple(runs)
        await self._database.run(lambda c: [runs_kept.put_back(c, run) for run in taken])

    async def whole_runs(self, ids: Iterable[int]) -> tuple[WholeRun, ...]:
        """These runs with all that is kept of them, in this order; those gone are left out."""
        wanted = tuple(ids)
        return await self._database.run(lambda c: runs_kept.whole(c, wanted))

    async def counted_without_run(self) -> tuple[CountedRun, ...]:
        """What deleted runs used, each by its name: `day_totals` counts it on."""
        return await self._database.run(day_totals.of_deleted)

    async def thin_old_samples(self) -> int:
        """Make samples of old runs coarser, a run at a time; returns of how many runs.

        Meant for a quiet time. It waits while something runs, leaves room for other writers, and
        may be cancelled at any moment: what is done is done.
        """
        done = pauses = 0
        while pauses < MOST_PAUSES:
            match await self._database.run(lambda c: samples_kept.thin_next(c, now_iso())):
                case Thinning.NOTHING_LEFT:
                    return done
                case Thinning.BUSY:
                    pauses += 1
                    await asyncio.sleep(BUSY_PAUSE_SECONDS)
                case Thinning.DONE:
                    done += 1
                    await asyncio.sleep(SLICE_PAUSE_SECONDS)
        return done
