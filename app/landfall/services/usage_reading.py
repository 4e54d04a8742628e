"""Reads sources of usage a chunk at a time: tells rows apart, prices them, adds them up."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from landfall.core.provenance import Unknown
from landfall.core.usage import CostRow, Problem, Read, UsageRow
from landfall.core.usage_adding import Adder
from landfall.core.usage_fingerprint import Fingerprints
from landfall.services.price_lookup import PriceLookup
from landfall.services.usage_staging import Staging

MOST_PROBLEMS = 200
SAMPLE_ROWS = 20
MOST_BUCKETS = 40_000
"""Held in memory; more are put away."""

MOST_REASONS = 20


class Stopped(Exception):
    """The one who asked for the work wants it no more. Never shown: it ends a thread's work."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a source, and the fingerprint of each that this call has not had; else None."""

    rows: Sequence[UsageRow | CostRow]
    numbers: Sequence[int | None]

    @property
    def fingerprints(self) -> list[int]:
        """Of the rows that the history is to be asked about."""
        return [number for number in self.numbers if number is not None]


class Reading:
    """The source that is being read. Used by one thread at a time; `stop` by any.

    Attributes:
        rows: Understood so far; kept: those that are new.
        problems: The first of them; problem_count: how many there were.
        sample: The first rows.
        first_at, last_at: Of the rows that are new.
        why_unpriced: By model, why it has no price; some of them, of all sources.
    """

    def __init__(self, staging: Staging, lookup: PriceLookup) -> None:
        self._staging = staging
        self._lookup = lookup
        self._fingerprints = Fingerprints()
        self._stop = threading.Event()
        self.why_unpriced: dict[str, str] = {}
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
        ended = True
        for read in reads:
            if isinstance(read, Problem):
                self._add_problem(read)
                continue
            rows.append(read)
            if len(rows) >= most:
                ended = False
                break
        self.check(0)
        if ended and not rows:
            return None
        if len(self.sample) < SAMPLE_ROWS:
            self.sample += rows[: SAMPLE_ROWS - len(self.sample)]
        of = self._fingerprints.of
        fingerprints = [of(row) for row in rows]
        named = [bool(row.identity) for row in rows]
        return Chunk(rows, self._staging.numbered(self._source, fingerprints, named=named))

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
        for row, number in zip(chunk.rows, chunk.numbers, strict=True):
            if number is None or number in known:
                continue
            self.kept += 1
            if isinstance(row, UsageRow):
                self._adder.add(row, self._price(row))
            else:
                self._costs.append(row)
            self._note_time(row.at)
        if len(self._adder.buckets) + len(self._costs) >= MOST_BUCKETS:
            self.end()

    def end(self) -> None:
        """Put away what is added up so far."""
        self._staging.add(self._source, self._adder.drain(), self._costs)
        self._costs = []

    def _note_time(self, at: str) -> None:
        if self.first_at is None or at < self.first_at:
            self.first_at = at
        if self.last_at is None or at > self.last_at:
            self.last_at = at

    def _price(self, row: UsageRow) -> float | None:
        """USD by the tokens of the row and the price of its day, or None."""
        fresh, cached, output = row.input_tokens, row.cached_input_tokens, row.output_tokens
        write = row.cache_write_tokens
        if fresh is None and cached is None and output is None and write is None:
            return None
        found = self._lookup.find(
            row.provider,
            row.model,
            at=row.at,
            batch=bool(row.batch),
            service=row.tier,
            span_seconds=row.span_seconds,
        )
        if isinstance(found, Unknown):
            if len(self.why_unpriced) < MOST_REASONS:
                self.why_unpriced.setdefault(row.model, found.reason)
            return None
        hour = row.cache_write_1h_tokens or 0.0
        return found.usd(
            fresh or 0.0,
            cached or 0.0,
            max(0.0, (write or 0.0) - hour),
            hour,
            output or 0.0,
            requests=row.requests,
        )
