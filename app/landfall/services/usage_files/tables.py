"""A CSV file as rows of cells with the number of their line: signs, header and times found out.

A row that does not have the columns of the header is a Problem. One that swallowed the lines
behind it, because a quotation mark was never closed, gives them back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial

from landfall.core.usage.rows import Problem
from landfall.services.usage_files import cells
from landfall.services.usage_files.cells import DateOrder, Decimal, Unreadable
from landfall.services.usage_files.csv_rows import Lines, Row, records
from landfall.services.usage_files.lines import TextFile
from landfall.services.usage_files.text_cache import TextCache

DELIMITERS = ",;\t|"

_COMMA_DECIMALS = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})|-?0,\d+")
_POINT_DECIMALS = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)\.(\d{1,2}|\d{4,})|-?0?\.\d+")
_MAY_SWAP = re.compile(r"\s*(\d{1,2})[/-](\d{1,2})[/-](\d{2}|\d{4})\b")
_SEPARATOR = re.compile(r"\s*\"?sep=([,;\t|])\"?\s*")
"""A first line that spreadsheets write for one another."""

_KEPT_TEXTS = 4096
"""Of a column's cells: most are the same few names."""

_SAMPLED_ROWS = 200


def delimiter_of(head: str) -> str | None:
    """What parts the cells of a CSV file's first line; None where nothing does."""
    line = next((line for line in head.split("\n") if line.strip()), "")
    if found := _SEPARATOR.fullmatch(line):
        return found[1]
    counts = Counter(_outside_quotes(line))
    best = max(DELIMITERS, key=lambda sign: counts[sign])
    return best if counts[best] else None


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def decimal_of(delimiter: str, rows: Sequence[Row]) -> Decimal:
    """The sign before decimals, from the cells that can be read in one way only.

    Where none can, a semicolon between cells stands for the comma being taken. Between commas a
    comma inside cells needs quotation marks: there most rows must have one, and none a point.
    """
    found: Counter[str] = Counter()
    for row in rows:
        for cell in map(str.strip, row):
            found[","] += _COMMA_DECIMALS.fullmatch(cell) is not None
            found["."] += _POINT_DECIMALS.fullmatch(cell) is not None
    if delimiter == ",":
        return "," if 2 * found[","] > len(rows) and not found["."] else "."
    if found[","] == found["."]:
        return "," if delimiter == ";" else "."
    return "," if found[","] > found["."] else "."


class Table:
    """The rows of a CSV file.

    Attributes:
        header: The names of the columns, as written.
        decimal: The sign before decimals, for the whole file.
        order: How dates are written that may be read in two ways; found out when one is met.
        zone: Of times that tell none.
        rows_read: Rows with cells in them, the good and the bad.
    """

    def __init__(
        self,
        lines: Lines,
        *,
        delimiter: str,
        decimal: Decimal,
        header: Sequence[str],
        again: Callable[[], TextFile],
    ) -> None:
        """Read a table.

        Args:
            header: As `header_of` found it; the first row with cells is skipped for it.
            again: Opens the file a second time, to look how it writes dates.
        """
        self.header = tuple(header)
        self.decimal: Decimal = decimal
        self.order: DateOrder | None = None
        self.zone: tzinfo = UTC
        self.rows_read = 0
        self._delimiter = delimiter
        self._lines = lines
        self._again = again
        self._looked: set[int] = set()
        self._columns: dict[str, int] = {}
        for at, label in enumerate(self.header):
            self._columns.setdefault(plain(label), at)

    def has(self, *names: str) -> bool:
        """Whether all these columns are there."""
        return all(name in self._columns for name in names)

    def rows(self) -> Iterator[tuple[int, Row | Problem]]:
        """Each row behind the header with the number of its first line; at most once."""
        width, begun = len(self.header), False
        header = [label.strip() for label in self.header]
        first = header[0]
        for line, row in records(self._lines, self._delimiter, width):
            if isinstance(row, Problem):
                self.rows_read += 1
                yield line, row
            elif begun and len(row) == width and first not in row[0] and any(row):
                self.rows_read += 1  # as nearly all are
                yield line, row
            elif len(row) == width and row[0].strip() == first and _same(row, header):
                begun = True  # files that were put together have their header several times
            elif not begun:
                continue
            elif len(row) == width and any(row):
                self.rows_read += 1
                yield line, row
            elif any(map(str.strip, row)):
                self.rows_read += 1
                yield line, self._fitted(line, row)

    def _fitted(self, line: int, row: Row) -> Row | Problem:
        width = len(self.header)
        if len(row) > width and not any(map(str.strip, row[width:])):
            return row[:width]
        return Problem(
            line=line, column="", reason=f"has {len(row)} cells, and the header has {width}"
        )

    def column(self, *names: str) -> int | None:
        """Where the first of these columns stands that is there."""
        return next((self._columns[name] for name in names if name in self._columns), None)

    def count(self, *names: str) -> Callable[[Row], float | None]:
        """Reads how many, from the first of these columns that is there; None without one."""
        return self._reader(names, cells.count)

    def usd(self, *names: str, may_be_negative: bool = False) -> Callable[[Row], float | None]:
        """Reads an amount (see `count`)."""
        return self._reader(names, partial(cells.usd, may_be_negative=may_be_negative))

    def seconds(self, *names: str, per: float = 1) -> Callable[[Row], float | None]:
        """Reads a duration of which `per` units make a second (see `count`)."""
        return self._reader(names, partial(cells.seconds, per=per))

    def _reader(
        self, names: Sequence[str], parse: Callable[[str, Decimal], float | None]
    ) -> Callable[[Row], float | None]:
        at = self.column(*names)
        if at is None:
            return _nothing
        known = self.kept(at, parse)

        def read(row: Row) -> float | None:
            return known[row[at]]

        return read

    def kept(
        self, at: int, parse: Callable[[str, Decimal], float | None]
    ) -> TextCache[float | None]:
        """What the texts in column `at` say."""
        label, decimal = self.header[at], self.decimal

        def read(text: str) -> float | None:
            try:
                return parse(text, decimal) if text else None
            except Unreadable as error:
                raise Unreadable(error.reason, label) from None

        return TextCache(read)

    def name(self, *names: str) -> Callable[[Row], str]:
        """Reads a name; "" without the column (see `count`)."""
        at = self.column(*names)
        if at is None:
            return _no_text
        known: dict[str, str] = {"": ""}

        def read(row: Row) -> str:
            text = row[at]
            found = known.get(text)
            if found is None:
                found = cells.name(text)
                if len(known) < _KEPT_TEXTS:
                    known[found] = found
            return found

        return read

    def boolean(self, *names: str) -> Callable[[Row], bool | None]:
        """Reads yes or no (see `count`)."""
        at = self.column(*names)
        if at is None:
            return _unsaid
        label = self.header[at]

        def read(row: Row) -> bool | None:
            try:
                return cells.boolean(row[at])
            except Unreadable as error:
                raise Unreadable(error.reason, label) from None

        return read

    def instant(self, *names: str) -> Callable[[Row], str]:
        """Reads a time into UTC; the column must be there, and each row must tell it."""
        at = self._columns[next(name for name in names if name in self._columns)]

        def read(row: Row) -> str:
            text = row[at]
            usual = cells.usual_instant(text, self.zone)
            if usual:
                return usual
            if self.order is None and text[4:5] != "-":
                return cells.stamp(self.moment(at, text))
            try:
                return cells.instant(text, self.order, self.zone)
            except Unreadable as error:
                raise Unreadable(error.reason, self.header[at]) from None

        return read

    def moment(self, at: int, text: str) -> datetime:
        """The time in a cell of column `at`, in UTC where it tells no zone.

        Raises:
            Unreadable: it is none, or the whole file does not tell day and month apart.
        """
        try:
            if self.order is None and at not in self._looked and _MAY_SWAP.match(text):
                self._looked.add(at)
                self.order = self._order_of(at)
            if not text.strip():
                raise Unreadable("there is no time")
            found = cells.read_moment(text, self.order)
            return found if found.tzinfo is not None else found.replace(tzinfo=self.zone)
        except Unreadable as error:
            raise Unreadable(error.reason, self.header[at]) from None

    def _order_of(self, at: int) -> DateOrder | None:
        """What the whole file says of how it writes dates; None where it says both or nothing."""
        day_first = month_first = False
        text = self._again()
        try:
            for _, row in records(text.lines(), self._delimiter, len(self.header)):
                if isinstance(row, Problem) or len(row) <= at:
                    continue
                found = _MAY_SWAP.match(row[at])
                if found is not None:
                    day_first |= int(found[1]) > 12
                    month_first |= int(found[2]) > 12
        finally:
            text.close()
        if day_first == month_first:
            return None
        return "dmy" if day_first else "mdy"


def _same(row: Row, header: Sequence[str]) -> bool:
    return all(cell.strip() == label for cell, label in zip(row, header, strict=True))


def _nothing(_row: Row) -> None:
    return None


def _no_text(_row: Row) -> str:
    return ""


def _unsaid(_row: Row) -> bool | None:
    return None


def plain(label: str) -> str:
    """A column's name without what people change about it: case, spaces, dots, underscores."""
    return re.sub(r"[\s_.\-()]+", "_", label.strip().lower()).strip("_")


def sample(head: str, delimiter: str, *, whole: bool) -> list[Row]:
    """The first rows of a file, the header among them; a line that the sample cuts is left out."""
    text = head if whole else head[: head.rfind("\n") + 1]
    found: list[Row] = []
    for _, row in records(iter([(1, text.split("\n"))]), delimiter, 0):
        if isinstance(row, Problem) or not any(map(str.strip, row)):
            continue
        if found or not _SEPARATOR.fullmatch(delimiter.join(row)):
            found.append(row)
        if len(found) == _SAMPLED_ROWS:
            break
    return found
