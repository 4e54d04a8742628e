"""Usage of many sources at once into what is kept: each row once, priced by its day.

A row that is kept already, or that stood in an earlier source of the same call, is skipped. What
was read lies in a private file (`usage.staging`) until all is read; then it goes into the history
in one transaction, or is forgotten.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
from collections.abc import (
    Callable,
    Coroutine,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from landfall.core.errors import DiskFull
from landfall.core.usage.bill import UsageBill, bill_of, reasons
from landfall.core.usage.buckets import PassingTotals, UsageTotals
from landfall.core.usage.workloads import Grouping, Local, Proposal, in_utc
from landfall.services import usage_files
from landfall.services.history.records import new_uid, now_iso
from landfall.services.pricing.lookup import PriceLookup
from landfall.services.usage.imports import (
    FileSource,
    Progress,
    ReadSource,
    Source,
    SourceImport,
    UsageImport,
)
from landfall.services.usage.kept import KeptImport, NewImport
from landfall.services.usage.reading import Chunk, Reading, chunks
from landfall.services.usage.staging import Staging
from landfall.services.usage_files.generic import ID as GENERIC
from landfall.services.usage_files.mapping import ColumnMapping, dumps, header_key, loads

if TYPE_CHECKING:
    from landfall.services.history.history import History
    from landfall.services.pricing.prices import Prices
    from landfall.services.usage_files import UsageFile

T = TypeVar("T")

COLLECTED_EVERY = 50_000
"""So many new objects go before garbage is looked for; a chunk makes about as many."""

CHUNK_ROWS = 4_000
"""Read, told apart and added up at once: about 50 ms."""


async def import_usage(
    history: History,
    sources: Sequence[Source],
    *,
    prices: Prices,
    keep: bool = False,
    groupings: Sequence[Grouping] = (Grouping.MODEL,),
    local: Local = in_utc,
    on_progress: Callable[[Progress], None] | None = None,
) -> UsageImport:
    """Read every source; keep what is new, all of it or nothing.

    Cancel the task to stop: nothing is kept then.

    Args:
        keep: False only looks.
        groupings: By what workloads are proposed.
        local: For the hours of the day.

    Raises:
        BadInput: a source has no known format, or cannot be read as the one that was named.
        Unavailable: it cannot be read. DiskFull, Unavailable: the history cannot be written.
    """
    call = _Call(history, prices, len(sources), on_progress)
    try:
        with _seldom_collected():
            files = tuple([await call.source(at, source) for at, source in enumerate(sources)])
            seen = await call.unbroken(asyncio.to_thread(call.summed))
            proposals = {by: await call.proposals(by, local) for by in groupings}
            if keep:
                await call.keep(files, sources)
    finally:
        call.close()
    days = [day for one in files for day in (one.first_at, one.last_at) if day is not None]
    total, bill, aliases = seen
    return UsageImport(
        files=files,
        first_day=min(days)[:10] if days else None,
        last_day=max(days)[:10] if days else None,
        totals=total,
        bill=bill,
        reasons=reasons(bill),
        proposals=proposals,
        aliases=aliases,
        saved=keep,
    )


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Rows make no cycles, and looking for some in every 700 of them took a sixth of an import.

    Where somebody else decides when to collect, as the window does, this changes nothing.
    """
    before = gc.get_threshold()
    if 0 < before[0] < COLLECTED_EVERY:
        gc.set_threshold(COLLECTED_EVERY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Call:
    """One import: its staging, and the threads that work on it, one at a time."""

    def __init__(
        self,
        history: History,
        prices: Prices,
        sources: int,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._history = history
        self._staging = Staging(sources)
        self._reading = Reading(self._staging, PriceLookup(prices))
        self._on_progress = on_progress
        self._mappings: dict[str, str] = {}
        self._opened: UsageFile | None = None

    def close(self) -> None:
        """Forget what was read."""
        if self._opened is not None:
            self._opened.close()
        self._staging.close()

    async def unbroken(self, work: Coroutine[Any, Any, T]) -> T:
        """Work on the staging: where it is cancelled it is told to stop, and waited for."""
        task = asyncio.ensure_future(work)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._reading.stop()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # asked for, so that it is not reported as forgotten
            raise
        except sqlite3.OperationalError as error:
            # The history translates its own: this is the private file of the import.
            raise DiskFull(
                f"There is no room for what the import has to remember: {error}.",
                "Free some space in the folder for temporary files. Nothing was kept.",
            ) from error

    async def source(self, number: int, source: Source) -> SourceImport:
        """Read a source to its end."""
        self._reading.begin(number)
        match source:
            case FileSource():
                return await self._file(number, source)
            case ReadSource():
                async for reads in chunks(source.reads, CHUNK_ROWS):
                    chunk = await self.unbroken(
                        asyncio.to_thread(self._reading.read, iter(reads), CHUNK_ROWS)
                    )
                    if chunk is not None:
                        await self._take(chunk)
                    self._tell(number, source.name)
                listed = [source.last_day] if source.last_day else []
                await self.unbroken(
                    asyncio.to_thread(self._reading.finish, is_whole=True, listed_days=listed)
                )
                return self._came_of(source.name, source.format, source.format)

    async def _file(self, number: int, source: FileSource) -> SourceImport:
        name = str(source.path)
        mapping = source.mapping or await self._remembered(source)

        def opened() -> UsageFile:
            file = usage_files.open_usage(
                source.path,
                format=source.format,
                mapping=mapping,
                on_bytes=self._reading.check,
            )
            self._opened = file  # also where nobody waits for it any more
            return file

        file = await self.unbroken(asyncio.to_thread(opened))
        if source.mapping is not None:
            self._mappings[header_key(file.header)] = dumps(source.mapping)
        reads = iter(file)
        while True:
            chunk = await self.unbroken(asyncio.to_thread(self._reading.read, reads, CHUNK_ROWS))
            if chunk is None:
                break
            await self._take(chunk)
            self._tell(number, name, file)
        finish = partial(self._reading.finish, is_whole=file.is_whole, listed_days=file.listed_days)
        await self.unbroken(asyncio.to_thread(finish))
        file.close()
        self._reading.problem_count = max(self._reading.problem_count, file.problems)
        return self._came_of(name, file.format, file.format_name)

    async def _remembered(self, source: FileSource) -> ColumnMapping | None:
        """What the user said that the columns of such a file mean, or None."""
        if source.format not in {None, GENERIC}:
            return None
        if not await self.unbroken(asyncio.to_thread(os.path.isfile, source.path)):
            return None
        sample = await self.unbroken(asyncio.to_thread(usage_files.look, source.path))
        if not sample.header:
            return None
        text = await self._history.usage.mapping(header_key(sample.header))
        return None if text is None else loads(text)

    async def _take(self, chunk: Chunk) -> None:
        usage = self._history.usage
        known: frozenset[int] = frozenset()
        if asked := chunk.asked:
            known = await usage.known(asked)
        await self.unbroken(asyncio.to_thread(self._reading.take, chunk, known))

    def _tell(self, number: int, name: str, file: UsageFile | None = None) -> None:
        if self._on_progress is not None:
            self._on_progress(
                Progress(
                    source=number,
                    name=name,
                    rows=self._reading.rows,
                    bytes_read=file.bytes_read if file else None,
                    total_bytes=file.total_bytes if file else None,
                )
            )

    def _came_of(self, name: str, format: str, format_name: str) -> SourceImport:
        done = self._reading
        return SourceImport(
            name=name,
            format=format,
            format_name=format_name,
            rows=done.rows,
            kept=done.kept,
            skipped=done.rows - done.kept,
            problems=tuple(done.problems),
            problem_count=done.problem_count,
            sample=tuple(done.sample),
            first_at=done.first_at,
            last_at=done.last_at,
        )

    def summed(self) -> tuple[UsageTotals, UsageBill, Mapping[str, float]]:
        """What all sources come to."""
        staged, passing = self._staging, PassingTotals()
        bill = bill_of(
            passing.buckets(staged.buckets()),
            passing.costs(staged.costs()),
            why_unpriced=self._reading.pricing.why_unpriced,
        )
        return passing.so_far(), bill, staged.aliases()

    async def proposals(self, by: Grouping, local: Local) -> tuple[Proposal, ...]:
        """Of the groups that have something new."""
        usage = self._history.usage
        return await self.unbroken(usage.proposals_with(self._staging.buckets, by, local=local))

    async def keep(self, files: Sequence[SourceImport], sources: Sequence[Source]) -> None:
        """Into the history, in one transaction."""
        new = [
            self._import(number, file, source)
            for number, (file, source) in enumerate(zip(files, sources, strict=True))
            if file.kept
        ]
        if new:
            await self.unbroken(self._history.usage.add(new))
        for header, mapping in self._mappings.items():
            await self._history.usage.save_mapping(header, mapping)

    def _import(self, number: int, file: SourceImport, source: Source) -> NewImport:
        staged = self._staging
        return NewImport(
            record=KeptImport(
                uid=new_uid(),
                imported_at=now_iso(),
                source="file" if isinstance(source, FileSource) else "provider",
                name=file.name,
                format=file.format,
                rows=file.rows,
                kept=file.kept,
                skipped=file.skipped,
                problems=file.problems,
                problem_count=file.problem_count,
                first_at=file.first_at,
                last_at=file.last_at,
            ),
            buckets=staged.buckets(number),
            costs=staged.costs(number),
            fingerprints=self._stoppable(staged.fingerprints(number)),
        )

    def _stoppable(self, numbers: Iterator[int]) -> Iterator[int]:
        while chunk := list(islice(numbers, CHUNK_ROWS)):
            self._reading.check(0)
            yield from chunk
