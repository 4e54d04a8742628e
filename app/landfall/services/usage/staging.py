"""What an import has read so far: in memory, and in a private file that goes with its connection.

Ten million rows do not fit in memory, but their sums and 64 bits of each fit here: the bits of the
latest million rows are held, older ones lie in SQLite, which keeps what is small in memory and the
rest in the folder for temporary files. Belongs to one thread at a time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.fingerprint import nth
from landfall.core.usage.rows import CostRow
from landfall.services.usage.kept import BUCKET, COST, bucket_of, cost_of

CACHE_KIB = 32 * 1024
MOST_ROWS = 1_200_000
"""Held in memory, about 90 bytes each."""

PARTS = 256
PART_BITS = 64 - 8
"""Fingerprints are sorted in parts by their upper bits."""

MOST_REPEATS = 200_000
"""Rows that stand more than once in a source of which the count is held in memory."""

_DIMENSIONS = BUCKET[: BUCKET.index("rows")]
_COLUMNS = {name: f"SUM({name})" for name in BUCKET}
_COLUMNS |= {name: name for name in _DIMENSIONS}
_COLUMNS |= {"longest_tokens": "MAX(longest_tokens)", "workload": "''"}


class Staging:
    """The rows of one call.

    Args:
        sources: How many the call has.
    """

    def __init__(self, sources: int) -> None:
        # A row's fingerprint to where it stood: `(new + 1) * sources + last`, where `last` is the
        # last source in which it stood and `new` the one that it is new in, -1 for none.
        self._rows: dict[int, int] = {}
        self._sources = max(1, sources)
        self._on_disk = False
        self._repeats: dict[int, int] = {}
        self._repeats_on_disk = False
        self._connection = connection = sqlite3.connect("", check_same_thread=False)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE seen (fingerprint INTEGER PRIMARY KEY, stood INTEGER)")
        connection.execute("CREATE TABLE repeats (fingerprint INTEGER PRIMARY KEY, times INTEGER)")
        connection.execute(f"CREATE TABLE buckets (source, {', '.join(BUCKET)})")
        connection.execute(f"CREATE TABLE costs (source, {', '.join(COST)})")

    def close(self) -> None:
        """Forget all."""
        self._rows.clear()
        self._connection.close()

    # Rows

    def begin_source(self) -> None:
        """Another source begins: what repeats is counted anew."""
        self._repeats.clear()
        if self._repeats_on_disk:
            self._connection.execute("DELETE FROM repeats")
            self._repeats_on_disk = False

    def numbered(
        self, source: int, fingerprints: Sequence[int], *, named: Iterable[bool]
    ) -> list[int | None]:
        """The fingerprint of each row, told from rows of this source that say the same.

        None where the row stood in another source, or where its name stood in this one.

        Args:
            source: Number of the source.
            named: Whether the source names the row: then a second one is the same row. Only asked
                where a row may stand a second time.
        """
        if len(self._rows) >= MOST_ROWS:
            self._put_away()
        self._recall(fingerprints)
        rows, sources = self._rows, self._sources
        new = (source + 1) * sources + source
        fresh = dict.fromkeys(fingerprints, new)
        if len(fresh) == len(fingerprints) and rows.keys().isdisjoint(fresh):
            rows.update(fresh)
            return list(fingerprints)
        numbers: list[int | None] = []
        for fingerprint, is_named in zip(fingerprints, named, strict=True):
            stood = rows.get(fingerprint)
            if stood is None:
                rows[fingerprint] = new
                numbers.append(fingerprint)
            elif stood % sources == source and not is_named:
                numbers.append(self._number_again(source, fingerprint))
            else:
                rows[fingerprint] = stood - stood % sources + source
                numbers.append(None)
        return numbers

    def _number_again(self, source: int, fingerprint: int) -> int | None:
        """Of a row that this source has had before."""
        times = self._repeats.get(fingerprint)
        if times is None and self._repeats_on_disk:
            found = self._connection.execute(
                "SELECT times FROM repeats WHERE fingerprint = ?", (fingerprint,)
            ).fetchone()
            times = found[0] if found else None
        times = (times or 0) + 1
        self._repeats[fingerprint] = times
        if len(self._repeats) >= MOST_REPEATS:
            self._put_repeats_away()
        number = nth(fingerprint, times)
        self._recall((number,))
        if number in self._rows:
            return None
        self._rows[number] = (source + 1) * self._sources + source
        return number

    def _recall(self, fingerprints: Sequence[int]) -> None:
        """Hold in memory what the disk has of these."""
        if not self._on_disk:
            return
        missing = [one for one in fingerprints if one not in self._rows]
        self._rows.update(
            self._connection.execute(
                "SELECT fingerprint, stood FROM json_each(?) CROSS JOIN seen"
                " ON fingerprint = value",
                (json.dumps(missing),),
            ).fetchall()
        )

    def _put_away(self) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO seen VALUES (?, ?)", sorted(self._rows.items())
        )
        self._rows.clear()
        self._on_disk = True

    def _put_repeats_away(self) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO repeats VALUES (?, ?)", self._repeats.items()
        )
        self._repeats.clear()
        self._repeats_on_disk = True

    def drop(self, fingerprints: Iterable[int]) -> None:
        """These rows of the last call of `numbered` are in the history already: not new."""
        for fingerprint in fingerprints:
            self._rows[fingerprint] %= self._sources

    def fingerprints(self, source: int) -> Iterator[int]:
        """Of the new rows of a source, ascending."""
        if not self._on_disk:
            yield from self._held(source)
            return
        self._put_away()
        for row in self._connection.execute(
            "SELECT fingerprint FROM seen WHERE stood / ? = ? ORDER BY fingerprint",
            (self._sources, source + 1),
        ):
            yield row[0]

    def _held(self, source: int) -> Iterator[int]:
        """As `fingerprints`, of those in memory: sorted in parts, each of which fits in the cache
        of a processor, which takes two thirds of sorting a million at once."""
        stood, sources = self._rows.items(), self._sources
        parts: list[list[int]] = [[] for _ in range(PARTS)]
        for one, where in stood:
            if where // sources == source + 1:
                parts[one >> PART_BITS].append(one)
        for at in range(-PARTS // 2, PARTS // 2):  # those below 0 stand in the upper half
            parts[at].sort()
            yield from parts[at]

    # Sums

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
        yield from map(
            bucket_of,
            self._connection.execute(
                f"SELECT {', '.join(_COLUMNS[name] for name in BUCKET)} FROM buckets{where}"
                f" GROUP BY {', '.join(_DIMENSIONS)}",
                values,
            ),
        )

    def aliases(self) -> dict[str, float]:
        """Calls by the alias that was asked for, of all sources; those that asked for one."""
        return dict(
            self._connection.execute(
                "SELECT alias, SUM(COALESCE(requests, 0)) FROM buckets WHERE alias != ''"
                " GROUP BY alias ORDER BY alias"
            ).fetchall()
        )

    def costs(self, source: int | None = None) -> Iterator[CostRow]:
        """Of one source, or of all."""
        where, values = ("", ()) if source is None else (" WHERE source = ?", (source,))
        yield from map(
            cost_of,
            self._connection.execute(f"SELECT {', '.join(COST)} FROM costs{where}", values),
        )
