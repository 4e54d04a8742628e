"""Imported usage in the history: buckets, costs, and which rows are there already."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import islice

from landfall.core import json_text
from landfall.core.errors import Unavailable
from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.rows import CostRow, Problem
from landfall.services.history.records import now_iso

BUCKET = tuple(field.name for field in fields(UsageBucket))
COST = tuple(name for name in CostRow._fields if name != "identity")

SEEN_AT_ONCE = 500
"""Values of a statement; every SQLite takes 999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptImport:
    """A file or an interface that usage was taken from, as it is kept.

    Attributes:
        id: Row number, 0 before it is stored.
        source: "file" or "provider".
        name: Path of the file, or id of the provider.
        rows: Understood; `kept` of them were new, `skipped` were there already.
        problems: The first of them; `problem_count` is how many there were.
        first_at, last_at: Of what was kept; ISO 8601 UTC, None where nothing was.
        input_tokens, output_tokens, billed_usd, recomputed_usd: Sums of what was kept, prompts
            with all that was read from a cache or written to one; None where nothing tells.
    """

    id: int = 0
    uid: str
    imported_at: str
    source: str
    name: str
    format: str
    rows: int
    kept: int
    skipped: int
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    first_at: str | None = None
    last_at: str | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    billed_usd: float | None = None
    recomputed_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImport:
    """What an import adds; the iterables are read once, inside the transaction.

    Attributes:
        fingerprints: Of the rows that are new, ascending: so they go in fastest.
    """

    record: KeptImport
    buckets: Iterable[UsageBucket]
    costs: Iterable[CostRow]
    fingerprints: Iterable[int]


# What is there


def known(connection: sqlite3.Connection, fingerprints: Sequence[int]) -> frozenset[int]:
    """Which of these rows are kept."""
    if is_empty(connection):
        return frozenset()
    found = connection.execute(
        "SELECT value FROM json_each(?) WHERE value IN (SELECT fingerprint FROM usage_seen)",
        (json.dumps(fingerprints),),
    )
    return frozenset(row[0] for row in found)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether no row of usage is kept."""
    return connection.execute("SELECT 1 FROM usage_seen LIMIT 1").fetchone() is None


# Keeping and taking back


def add(connection: sqlite3.Connection, imports: Iterable[NewImport]) -> tuple[int, ...]:
    """Keep them; their row numbers.

    Raises:
        Unavailable: another import, of the window or of another command, has kept one of these
            rows since the history was asked which it has.
    """
    return tuple(_add(connection, one) for one in imports)


def _add(connection: sqlite3.Connection, new: NewImport) -> int:
    record = new.record
    values = {
        "uid": record.uid,
        "imported_at": record.imported_at,
        "source": record.source,
        "name": record.name,
        "format": record.format,
        "rows": record.rows,
        "kept": record.kept,
        "skipped": record.skipped,
        "problems": json.dumps([asdict(one) for one in record.problems], ensure_ascii=False),
        "problem_count": record.problem_count,
        "first_at": record.first_at,
        "last_at": record.last_at,
    }
    cursor = connection.execute(_insert("usage_imports", tuple(values)), tuple(values.values()))
    number = cursor.lastrowid
    assert number is not None
    connection.executemany(
        _insert("usage_buckets", ("import", *BUCKET)),
        ((number, *(getattr(one, name) for name in BUCKET)) for one in new.buckets),
    )
    connection.executemany(
        _insert("usage_costs", ("import", *COST)),
        ((number, *(getattr(one, name) for name in COST)) for one in new.costs),
    )
    try:
        _add_seen(connection, number, iter(new.fingerprints))
    except sqlite3.IntegrityError as error:
        # The sums above hold the row already, and it cannot be taken out of a sum.
        raise Unavailable(
            "Another import kept some of the same rows in the meantime: nothing was saved.",
            "Import again: what is there already is then left out.",
        ) from error
    return number


def _add_seen(connection: sqlite3.Connection, number: int, fingerprints: Iterator[int]) -> None:
    """Many to a statement: a million of them one by one take more than twice as long."""
    while chunk := list(islice(fingerprints, SEEN_AT_ONCE)):
        rows = ", ".join([f"(?, {number})"] * len(chunk))
        connection.execute(f"INSERT INTO usage_seen (fingerprint, import) VALUES {rows}", chunk)


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


_TOTAL = """SELECT import,
        SUM(COALESCE(input_tokens, 0) + COALESCE(cached_input_tokens, 0)
            + COALESCE(cache_write_tokens, 0)) AS input_tokens,
        SUM(output_tokens) AS output_tokens,
        SUM(billed_usd) AS billed_usd,
        SUM(recomputed_usd) AS recomputed_usd
    FROM usage_buckets GROUP BY import"""


def imports(connection: sqlite3.Connection) -> tuple[KeptImport, ...]:
    """Every import with its sums, newest first."""
    found = connection.execute(
        f"SELECT usage_imports.*, t.input_tokens, t.output_tokens, t.recomputed_usd,"
        " CASE WHEN t.billed_usd IS NULL THEN c.usd"
        " ELSE t.billed_usd + COALESCE(c.usd, 0) END AS billed_usd"
        f" FROM usage_imports LEFT JOIN ({_TOTAL}) AS t ON t.import = usage_imports.id"
        " LEFT JOIN (SELECT import, SUM(billed_usd) AS usd FROM usage_costs GROUP BY import) AS c"
        " ON c.import = usage_imports.id ORDER BY usage_imports.id DESC"
    )
    return tuple(_import(dict(row)) for row in found)


def _import(values: dict[str, object]) -> KeptImport:
    problems = json_text.read(str(values.pop("problems")))
    return KeptImport(**values, problems=tuple(Problem(**one) for one in problems))  # type: ignore[arg-type]


def delete(connection: sqlite3.Connection, import_id: int) -> bool:
    """Take an import back whole; False where it is not there."""
    gone = connection.execute("DELETE FROM usage_imports WHERE id = ?", (import_id,))
    return gone.rowcount > 0


# Usage


def buckets(
    connection: sqlite3.Connection,
    *,
    since: str = "",
    until: str = "",
    workload: str | None = None,
    import_id: int | None = None,
) -> tuple[UsageBucket, ...]:
    """By time, from `since` (inclusive) to `until` (exclusive): ISO 8601 UTC or a date."""
    where, values = _period(since, until)
    if workload is not None:
        where.append("workload = ?")
        values.append(workload)
    if import_id is not None:
        where.append("import = ?")
        values.append(import_id)
    return tuple(
        bucket_of(row)
        for row in connection.execute(
            f"SELECT {', '.join(BUCKET)} FROM usage_buckets WHERE {' AND '.join(where)}"
            " ORDER BY at, id",
            values,
        )
    )


def bucket_of(row: sqlite3.Row | tuple[object, ...]) -> UsageBucket:
    """A row with the columns of a bucket, in their order."""
    values = dict(zip(BUCKET, row, strict=True))
    if values["batch"] is not None:
        values["batch"] = bool(values["batch"])
    return UsageBucket(**values)


def costs(
    connection: sqlite3.Connection, *, since: str = "", until: str = ""
) -> tuple[CostRow, ...]:
    """Cost rows of a period, as of `buckets`."""
    where, values = _period(since, until)
    found = connection.execute(
        f"SELECT {', '.join(COST)} FROM usage_costs WHERE {' AND '.join(where)} ORDER BY at, id",
        values,
    )
    return tuple(map(cost_of, found))


def cost_of(row: sqlite3.Row | tuple[object, ...]) -> CostRow:
    """A row with the columns of a cost row, in their order."""
    return CostRow(**dict(zip(COST, row, strict=True)))


def _period(since: str, until: str) -> tuple[list[str], list[object]]:
    where, values = ["1"], list[object]()
    for operator, moment in ((">=", since), ("<", until)):
        if moment:
            where.append(f"at {operator} ?")
            values.append(moment)
    return where, values


Assignment = tuple[str, str, str, str]
"""(grouping column, its value, provider, model): the buckets that become a workload's."""


def assign(connection: sqlite3.Connection, workload: str, parts: Iterable[Assignment]) -> int:
    """Say of which workload the buckets of these parts are; how many there are.

    What was the workload's before and is in no part is nobody's after.
    """
    connection.execute("UPDATE usage_buckets SET workload = '' WHERE workload = ?", (workload,))
    changed = 0
    for column, value, provider, model in parts:
        assert column in {"model", "key_name", "project", "tag"}
        found = connection.execute(
            f"UPDATE usage_buckets SET workload = ?"
            f" WHERE {column} = ? AND provider = ? AND model = ?",
            (workload, value, provider, model),
        )
        changed += found.rowcount
    return changed


# Mappings


def save_mapping(connection: sqlite3.Connection, header: str, mapping: str) -> None:
    """Remember what the columns of a file mean, by the key of its header."""
    connection.execute(
        "INSERT OR REPLACE INTO column_mappings VALUES (?, ?, ?)", (header, mapping, now_iso())
    )


def mapping(connection: sqlite3.Connection, header: str) -> str | None:
    """What was remembered, or None."""
    found = connection.execute(
        "SELECT mapping FROM column_mappings WHERE header = ?", (header,)
    ).fetchone()
    return None if found is None else str(found[0])


def stream(connection: sqlite3.Connection) -> Iterator[UsageBucket]:
    """Every bucket, one at a time."""
    for row in connection.execute(f"SELECT {', '.join(BUCKET)} FROM usage_buckets ORDER BY id"):
        yield bucket_of(row)
