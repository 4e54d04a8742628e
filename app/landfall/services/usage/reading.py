"""Reads sources of usage a chunk at a time: tells rows apart, prices them, adds them up."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from landfall.core.usage.adding import Adder, Numbers, Texts
from landfall.core.usage.fingerprint import Fingerprints, numbers_of, of_cost, texts_of
from landfall.core.usage.rows import CostRow, Problem, Read, UsageRow
from landfall.services.pricing.lookup import PriceLookup
from landfall.services.usage.pricing import Pricing
from landfall.services.usage.staging import Staging

MOST_PROBLEMS = 200
SAMPLE_ROWS = 20
MOST_BUCKETS = 40_000
"""Held in memory; more are put away."""


class Stopped(Exception):
    """The one who asked for the work wants it no more. Never shown: it ends a thread's work."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a source.

    Attributes:
        parts: What each usage row has in common with others, and its numbers; None of a cost row.
        fingerprints: Of each row that this call has not had before; else None.
    """

    rows: Sequence[UsageRow | CostRow]
    parts: Sequence[tuple[Texts, Numbers] | None]
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
        rows: list[UsageRow | CostRow] = []
        parts: list[tuple[Texts, Numbers] | None] = []
        fingerprints: list[int] = []
        of = self._fingerprints.of
        for read in reads:
            if isinstance(read, UsageRow):
                texts, numbers = texts_of(read), numbers_of(read)
                parts.append((texts, numbers))
                fingerprints.append(of(read, texts, numbers))
            elif isinstance(read, CostRow):
                parts.append(None)
                fingerprints.append(of_cost(read))
            else:
                self._add_problem(read)
                continue
            rows.append(read)
            if len(rows) >= most:
                break
        self.check(0)
        if not rows:
            return None
        if len(self.sample) < SAMPLE_ROWS:
            self.sample += rows[: SAMPLE_ROWS - len(self.sample)]
        named = [row.identity != "" for row in rows]
        return Chunk(rows, parts, self._staging.numbered(self._source, fingerprints, named=named))

    def _add_problem(self, problem: Problem) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)

    def take(self, chunk: Chunk, known: frozenset[int]) -> None:
        """Price and add up what is new.

        Args:
            known: Fingerprints that the history has.
        """
        self.rows += len(chunk.rows)
        if known:
            self._staging.drop(known)
        groups: dict[tuple[str, Texts], list[tuple[str, Numbers]]] = {}
        ats: list[str] = []
        for row, part, fingerprint in zip(chunk.rows, chunk.parts, chunk.fingerprints, strict=True):
            if fingerprint is None or fingerprint in known:
                continue
            at = row.at
            ats.append(at)
            if part is None:
                assert isinstance(row, CostRow)
                self._costs.append(row)
                continue
            texts, numbers = part
            groups.setdefault((at[:13], texts), []).append((at, numbers))
        for (hour, texts), pairs in groups.items():
            price = self.pricing.of(texts, hour, [at for at, _ in pairs])
            self._adder.add(hour, texts, [numbers for _, numbers in pairs], price)
        self._note_times(ats)
        if len(self._adder.buckets) + len(self._costs) >= MOST_BUCKETS:
            self.end()

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
