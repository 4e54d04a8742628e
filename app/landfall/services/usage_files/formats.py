"""What a reader is given of a file, and how a format is told from the others.

A format is known by what the file holds, never by its name. Its reader gets rows or records one
by one and says what each means; the rest is done here, for all formats alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from landfall.core.usage.rows import CostRow, NoUse, Problem, Read, UsageRow
from landfall.services.usage_files.cells import Unreadable
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.tables import Table, plain

JsonObject = dict[str, Any]
Record = tuple[int, JsonObject | Problem]
"""An object of a JSON file, or why there is none, with the number of its line."""

OfRow = Callable[[Row], UsageRow | CostRow | NoUse | None]
"""What a row means; None for one that holds no usage, `NoUse` where it lists its day as one without
any."""

OfRecord = Callable[[JsonObject], Iterable[Read | None]]
"""What an object means: nothing for one of another kind, None for one that holds no usage. The
line of a Problem is filled in by who calls it."""


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
        listed_days: ISO dates, UTC, of those that stand for a day without any.
    """

    read: int = 0
    listed_days: set[str] = field(default_factory=set)


def anything(_line: str) -> bool:
    """Whether a line of JSON may hold usage, for formats whose lines all may."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of usage files.

    Attributes:
        id: As the command line and the history write it.
        name: For people.
        matches: Whether a file that begins so is one.
        rows: Makes what reads a row of a CSV file; None where the format is never CSV.
        records: Reads the objects of a JSON file; None where the format is never JSON.
        worth: Whether a line of JSON may hold usage, told by its text alone.
        is_folder: Whether a folder may be such a source: all `*.jsonl` below it.
        is_whole: Whether who writes it counts every call (a provider its own, a tool its own): a
            day of its span without a row is then a day without work. What stands between a program
            and its provider may have been off.
    """

    id: str
    name: str
    matches: Callable[[Sample], bool]
    rows: Callable[[Table], OfRow] | None = None
    records: Callable[[Iterator[Record], Tally], Iterator[Read]] | None = None
    worth: Callable[[str], bool] = anything
    is_folder: bool = False
    is_whole: bool = False


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
        if isinstance(read, NoUse):
            tally.listed_days.add(read.at[:10])
        elif read is not None:
            yield read


def each_record(of_record: OfRecord) -> Callable[[Iterator[Record], Tally], Iterator[Read]]:
    """Reads objects one by one."""

    def read(records: Iterator[Record], tally: Tally) -> Iterator[Read]:
        for line, record in records:
            if isinstance(record, Problem):
                tally.read += 1
                yield record
                continue
            try:
                for found in of_record(record):
                    tally.read += 1
                    if isinstance(found, Problem):
                        yield replace(found, line=line)
                    elif found is not None:
                        yield found
            except Unreadable as error:
                tally.read += 1
                yield Problem(line=line, column=error.column, reason=error.reason)

    return read


def row_as_record(of_record: OfRecord) -> Callable[[Table], OfRow]:
    """Reads the rows of a CSV file as the objects of the same program's JSON file.

    Cells keep their text; `fields.Fields` reads numbers and objects out of it.
    """

    def rows(table: Table) -> OfRow:
        header = [label.strip() for label in table.header]
        comma = table.decimal == ","

        def read(row: Row) -> UsageRow | CostRow | NoUse | None:
            record: JsonObject = dict(zip(header, row, strict=True))
            if comma:
                record[DECIMAL_COMMA] = True
            for found in of_record(record):
                if isinstance(found, Problem):
                    raise Unreadable(found.reason, found.column)
                return found
            return None

        return read

    return rows


DECIMAL_COMMA = "\0decimal comma"
"""A field that no file has, which says that the cells of a row write decimals behind a comma."""
