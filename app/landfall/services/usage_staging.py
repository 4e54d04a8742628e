"""What an import has read so far, in a private file on disk that vanishes with its connection.

Ten million rows do not fit in memory, but their sums and 64 bits of each fit here; SQLite keeps
what is small in memory and the rest in the folder for temporary files. Belongs to one thread at a
time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from landfall.core.usage import CostRow
from landfall.core.usage_adding import SUMS
from landfall.core.usage_buckets import UsageBucket
from landfall.core.usage_fingerprint import nth
from landfall.services.usage_kept import BUCKET, COST, bucket_of, cost_of

CACHE_KIB = 48 * 1024
MOST_REPEATS = 200_000
"""Rows that stand more than once in a source of which the count is held in memory."""

_DIMENSIONS = BUCKET[: BUCKET.index("rows")]
_COUNTS = ("rows", "unpriced_rows", "latency_rows", "ttft_rows")
_SUMMED = (
    *(f"SUM({name}) AS {name}" for name in (*SUMS, *_COUNTS)),
    "MAX(longest_tokens) AS longest_tokens",
    "'' AS workload",
)


class Staging:
    """The rows of one call."""

    def __init__(self) -> None:
        self._repeats: dict[int, int] = {}
        self._spilled = False
        self._connection = connection = sqlite3.connect("", check_same_thread=False)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        # `source` is the last source in which the row stood, `kept` whether it is new and of which.
        connection.execute(
            "CREATE TABLE seen (fingerprint INTEGER PRIMARY KEY, source INTEGER, kept INTEGER)"
        )
        connection.execute("CREATE TABLE repeats (fingerprint INTEGER PRIMARY KEY, times INTEGER)")
        connection.execute(f"CREATE TABLE buckets (source, {', '.join(BUCKET)})")
        connection.execute(f"CREATE TABLE costs (source, {', '.join(COST)})")

    def close(self) -> None:
        """Forget all."""
        self._connection.close()

    def begin_source(self) -> None:
        """Another source begins: what repeats is counted anew."""
        self._repeats.clear()
        if self._spilled:
            self._connection.execute("DELETE FROM repeats")
            self._spilled = False

    def numbered(
        self, source: int, fingerprints: Sequence[int], *, named: Sequence[bool]
    ) -> list[int | None]:
        """The fingerprint of each row, told from rows of this source that say the same.

        None where the row stood in another source, or where its name stood in this one.

        Args:
            source: Number of the source.
            named: Whether the source names the row: then a second one is the same row.
        """
        there = self._seen(fingerprints)
        if not there and len(set(fingerprints)) == len(fingerprints):
            self._note(source, fingerprints)
            return list(fingerprints)
        numbers: list[int | None] = []
        fresh: list[int] = []
        moved: list[int] = []
        for fingerprint, is_named in zip(fingerprints, named, strict=True):
            last = there.get(fingerprint)
            number: int | None = None
            if last is None:
                number = fingerprint
            elif is_named:
                pass  # the same row once more
            elif last != source:
                moved.append(fingerprint)
            else:
                number = self._number_again(source, fingerprint)
            if number is not None:
                fresh.append(number)
            there[fingerprint] = source
            numbers.append(number)
        self._note(source, fresh)
        self._connection.executemany(
            "UPDATE seen SET source = ? WHERE fingerprint = ?", ((source, one) for one in moved)
        )
        return numbers

    def _number_again(self, source: int, fingerprint: int) -> int | None:
        """Of a row that this source has had before."""
        times = self._repeats.get(fingerprint)
        if times is None and self._spilled:
            found = self._connection.execute(
                "SELECT times FROM repeats WHERE fingerprint = ?", (fingerprint,)
            ).fetchone()
            times = found[0] if found else None
        times = (times or 0) + 1
        self._repeats[fingerprint] = times
        if len(self._repeats) >= MOST_REPEATS:
            self._spill()
        number = nth(fingerprint, times)
        if source and self._seen((number,)):
            return None
        return number

    def _spill(self) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO repeats VALUES (?, ?)", self._repeats.items()
        )
        self._repeats.clear()
        self._spilled = True

    def _note(self, source: int, fingerprints: Iterable[int]) -> None:
        # One that is there already is another row with the same 64 bits: one in 10^7 imports.
        self._connection.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)",
            ((one, source, source) for one in fingerprints),
        )

    def _seen(self, fingerprints: Sequence[int]) -> dict[int, int]:
        found = self._connection.execute(
            "SELECT fingerprint, source FROM json_each(?) CROSS JOIN seen ON fingerprint = value",
            (json.dumps(fingerprints),),
        )
        return dict(found.fetchall())

    def drop(self, fingerprints: Iterable[int]) -> None:
        """These are in the history already: they are not new."""
        self._connection.executemany(
            "UPDATE seen SET kept = NULL WHERE fingerprint = ?", ((one,) for one in fingerprints)
        )

    def add(self, source: int, buckets: Iterable[UsageBucket], costs: Iterable[CostRow]) -> None:
        """Put away what was added up."""
        self._put("buckets", source, BUCKET, buckets)
        self._put("costs", source, COST, costs)

    def _put(self, table: str, source: int, names: Sequence[str], values: Iterable[object]) -> None:
        self._connection.executemany(
            f"INSERT INTO {table} VALUES (?{', ?' * len(names)})",
            ((source, *(getattr(one, name) for name in names)) for one in values),
        )

    def buckets(self, source: int | None = None) -> Iterator[UsageBucket]:
        """Of one source, or of all."""
        where, values = ("", ()) if source is None else (" WHERE source = ?", (source,))
        columns = {name: name for name in _DIMENSIONS}
        columns |= {text.rpartition(" ")[2]: text for text in _SUMMED}
        yield from map(
            bucket_of,
            self._connection.execute(
                f"SELECT {', '.join(columns[name] for name in BUCKET)} FROM buckets{where}"
                f" GROUP BY {', '.join(_DIMENSIONS)}",
                values,
            ),
        )

    def costs(self, source: int | None = None) -> Iterator[CostRow]:
        """Of one source, or of all."""
        where, values = ("", ()) if source is None else (" WHERE source = ?", (source,))
        yield from map(
            cost_of,
            self._connection.execute(f"SELECT {', '.join(COST)} FROM costs{where}", values),
        )

    def fingerprints(self, source: int) -> Iterator[int]:
        """Of the new rows of a source, ascending."""
        for row in self._connection.execute(
            "SELECT fingerprint FROM seen WHERE kept = ? ORDER BY fingerprint", (source,)
        ):
            yield row[0]
