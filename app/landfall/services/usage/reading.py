"""Reads sources of usage a chunk at a time: tells rows apart, prices them, adds them up."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, compress, islice

from landfall.core.usage.adding import Adder, Numbers, Texts
from landfall.core.usage.fingerprint import TEXTS, Fingerprints, numbers_of, of_cost, texts_of
from landfall.core.usage.idle_days import LoggedDays
from landfall.core.usage.rows import CostRow, Problem, Read, UsageRow
from landfall.services.pricing.lookup import PriceLookup
from landfall.services.usage.pricing import Pricing
from landfall.services.usage.staging import Staging

MOST_PROBLEMS = 200
SAMPLE_ROWS = 20
MOST_BUCKETS = 40_000
"""Held in memory; more are put away."""

_PROVIDER = TEXTS.index("provider")


class Stopped(Exception):
    """The one who asked for the work wants it no more. Never shown: it ends a thread's work."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a source.

    Attributes:
        texts, numbers: What each of the usage rows has in common with others, and its numbers.
        fingerprints: Of each usage row, then of each cost row, if this call has not had it
            before; else None.
    """

    rows: Sequence[UsageRow]
    costs: Sequence[CostRow]
    texts: Sequence[Texts]
    numbers: Sequence[Numbers]
    fingerprints: Sequence[int | None]

    @property
    def asked(self) -> list[int]:
        """Fingerprints of the rows that the history is to be asked about."""
        return [one for one in self.fingerprints if one is not None]


class Reading:
    """The source that is being read. Used by one thread at a time; `stop` by any.

    Attributes:
        rows: Understood so far; kept: those that are new.
        problems: The first of them; problem_count: how many there were.
        sample: The first rows.
        first_at, last_at: Of the rows that are new.
    """

    def __init__(self, staging: Staging, lookup: PriceLookup) -> None:
        self._staging = staging
        self._fingerprints = Fingerprints()
        self._stop = threading.Event()
        self.pricing = Pricing(lookup)
        self.begin(0)

    def begin(self, source: int) -> None:
        """Another source."""
        self._source = source
        self._adder = Adder()
        self._costs: list[CostRow] = []
        self._days = LoggedDays()
        self.rows = self.kept = self.problem_count = 0
        self.problems: list[Problem] = []
        self.sample: list[Read] = []
        self.first_at: str | None = None
        self.last_at: str | None = None
        self._staging.begin_source()

    def stop(self) -> None:
        """End the work of the thread that reads, soon."""
        self._stop.set()

    def check(self, _bytes: int) -> None:
        """Raises `Stopped` where the work is to end."""
        if self._stop.is_set():
            raise Stopped

    def read(self, reads: Iterator[Read], most: int) -> Chunk | None:
        """The next rows, told apart; None at the end."""
        found = self._next(reads, most)
        self.check(0)
        if not found:
            return None
        if len(self.sample) < SAMPLE_ROWS:
            self.sample += found[: SAMPLE_ROWS - len(self.sample)]
        rows = [row for row in found if isinstance(row, UsageRow)]
        costs: list[CostRow] = []
        if len(rows) < len(found):
            costs = [row for row in found if isinstance(row, CostRow)]
        texts, numbers = list(map(texts_of, rows)), list(map(numbers_of, rows))
        fingerprints = self._fingerprints.of(rows, texts, numbers)
        fingerprints += map(of_cost, costs)
        named = chain(map(_is_named, rows), map(_is_named, costs))
        told = self._staging.numbered(self._source, fingerprints, named=named)
        return Chunk(rows, costs, texts, numbers, told)

    def _next(self, reads: Iterator[Read], most: int) -> list[UsageRow | CostRow]:
        """So many rows, fewer at the end; problems between them are noted."""
        rows: list[UsageRow | CostRow] = []
        while len(rows) < most and (found := list(islice(reads, most - len(rows)))):
            self.check(0)
            told = [read for read in found if not isinstance(read, Problem)]
            rows += told
            if len(told) < len(found):
                self._add_problems([read for read in found if isinstance(read, Problem)])
        return rows

    def _add_problems(self, problems: Sequence[Problem]) -> None:
        self.problem_count += len(problems)
        self.problems += problems[: max(0, MOST_PROBLEMS - len(self.problems))]

    def take(self, chunk: Chunk, known: frozenset[int]) -> None:
        """Price and add up what is new.

        Args:
            known: Fingerprints that the history has.
        """
        self.rows += len(chunk.rows) + len(chunk.costs)
        if known:
            self._staging.drop(known)
        is_new: Sequence[bool] = [True] * len(chunk.fingerprints)  # as nearly always
        if known or None in chunk.fingerprints:
            is_new = [one is not None and one not in known for one in chunk.fingerprints]
        ats = [row.at for row in chunk.rows]
        groups: defaultdict[tuple[str, Texts], list[tuple[str, Numbers]]] = defaultdict(list)
        hours = [at[:13] for at in ats]
        self._days.use_hours(set(hours))
        keys = zip(hours, chunk.texts, strict=True)
        pairs = zip(ats, chunk.numbers, strict=True)
        new_pairs = compress(zip(keys, pairs, strict=True), is_new)  # costs are behind the rows
        for key, pair in new_pairs:
            groups[key].append(pair)
        self._days.providers.update(texts[_PROVIDER] for _, texts in groups)
        for (hour, texts), told in groups.items():
            price = self.pricing.of(texts, hour, [at for at, _ in told])
            self._adder.add(hour, texts, [numbers for _, numbers in told], price)
        costs = list(compress(chunk.costs, is_new[len(chunk.rows) :]))
        self._costs += costs
        self._note_times([*compress(ats, is_new), *(cost.at for cost in costs)])
        if len(self._adder.buckets) + len(self._costs) >= MOST_BUCKETS:
            self.end()

    def finish(self, *, is_whole: bool, listed_days: Iterable[str] = ()) -> None:
        """The source is read to its end.

        Args:
            is_whole: Whether a day without a row is one without work.
            listed_days: That belong to it though they have no row; ISO.
        """
        self.end()
        if is_whole and self.kept:
            self._days.list_days(listed_days)
            self._staging.add(self._source, self._days.idle(), ())

    def end(self) -> None:
        """Put away what is added up so far."""
        self._staging.add(self._source, self._adder.drain(), self._costs)
        self._costs = []

    def _note_times(self, ats: Sequence[str]) -> None:
        if not ats:
            return
        self.kept += len(ats)
        first, last = min(ats), max(ats)
        self.first_at = first if self.first_at is None else min(first, self.first_at)
        self.last_at = last if self.last_at is None else max(last, self.last_at)


async def chunks(reads: AsyncIterable[Read], most: int) -> AsyncIterator[list[Read]]:
    """So many at a time, fewer at the end."""
    chunk: list[Read] = []
    async for read in reads:
        chunk.append(read)
        if len(chunk) >= most:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _is_named(row: UsageRow | CostRow) -> bool:
    return row.identity != ""
