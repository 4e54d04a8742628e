"""What a reader is given of a file, and how a format is told from the others.

A format is known by what the file holds, never by its name. Its reader gets rows or records one
by one and says what each means; the rest is done here, for all formats alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from landfall.core.usage import CostRow, Problem, Read, UsageRow
from landfall.services.usage_files.cells import Unreadable
from landfall.services.usage_files.tables import Row, Table, plain

JsonObject = dict[str, Any]
OfRow = Callable[[Row], UsageRow | CostRow | None]
OfRecord = Callable[[JsonObject], Iterable[UsageRow | CostRow | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The begin of a file.

    Attributes:
        header: Of a CSV file, as written; () of others.
        names: The same without case and spaces, as `tables.plain` makes them.
        rows: Of a CSV file, those behind the header.
        records: Of a JSON file: its first objects.
    """

    header: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    rows: tuple[tuple[str, ...], ...] = ()
    records: tuple[JsonObject, ...] = ()

    def has(self, *names: str) -> bool:
        """Whether it is a CSV file with all these columns."""
        return self.names.issuperset(names)


def csv_sample(rows: list[Row]) -> Sample:
    """What the first rows of a CSV file are to a format."""
    header = tuple(label.strip() for label in rows[0])
    return Sample(
        header=header,
        names=frozenset(map(plain, header)),
        rows=tuple(map(tuple, rows[1:])),
    )


@dataclass(slots=True)
class Tally:
    """What was counted while reading.

    Attributes:
        read: Rows or records that should hold usage: good ones, empty ones, broken ones.
        unused: Those without any usage in them, and repetitions of one.
    """

    read: int = 0
    unused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of usage files.

    Attributes:
        id: As the command line and the history write it.
        name: For people.
        matches: Whether a file that begins so is one.
        rows: Makes what reads a row of a CSV file; None where the format is never CSV.
        record: Reads an object of a JSON file; None where the format is never JSON.
        merge: Makes what the reads of a whole source go through, for formats that repeat
            themselves; it counts what it leaves out as unused.
    """

    id: str
    name: str
    matches: Callable[[Sample], bool]
    rows: Callable[[Table], OfRow] | None = None
    record: OfRecord | None = None
    merge: Callable[[Iterator[Read], Tally], Iterator[Read]] | None = field(default=None)


def read_rows(table: Table, of_row: OfRow, tally: Tally) -> Iterator[Read]:
    """What the rows of a table mean, and where they mean nothing."""
    before = tally.read
    for line, row in table.rows():
        tally.read = before + table.rows_read
        if isinstance(row, Problem):
            yield row
            continue
        try:
            read = of_row(row)
        except Unreadable as error:
            yield Problem(line=line, column=error.column, reason=error.reason)
            continue
        if read is None:
            tally.unused += 1
        else:
            yield read
