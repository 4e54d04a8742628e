"""Runs, benchmarks, totals and the egress log as a file: CSV for a spreadsheet, JSON for a program.

What is not known is an empty cell or null, never 0. Keys are in neither table. `importing`
reads runs, benchmarks and curves back, as they were.
"""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.services import whole_file
from landfall.services.history.records import (
    BenchmarkRecord,
    CountedRun,
    DayTotal,
    EgressEntry,
    QualityRow,
    RunRecord,
    SideBySideRow,
    VoteRow,
    now_iso,
)
from landfall.services.threads import in_thread

SCHEMA = 3
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")

Row = (
    RunRecord
    | EgressEntry
    | BenchmarkRecord
    | DayTotal
    | CountedRun
    | SideBySideRow
    | VoteRow
    | QualityRow
)
Exported = (
    Sequence[RunRecord] | Sequence[EgressEntry] | Sequence[BenchmarkRecord] | Sequence[DayTotal]
)
_KINDS: dict[type, str] = {
    RunRecord: "runs",
    EgressEntry: "egress",
    BenchmarkRecord: "benchmarks",
    DayTotal: "day_totals",
}


async def export(path: Path, rows: Exported) -> int:
    """Write the rows in the order given; the ending of the name says how. Returns how many.

    The file is the old one or the whole new one, whatever happens meanwhile.

    Raises:
        BadInput: the name ends neither in .csv nor in .json.
        DiskFull, Unavailable: it cannot be written.
    """
    text_of = as_csv if is_csv(path) else as_json
    text = await in_thread(text_of, rows)
    async with NewFile(path) as out:
        await out.add(text)
    return len(rows)


def is_csv(path: Path) -> bool:
    """Whether the ending of the name asks for CSV; else it asks for JSON.

    Raises:
        BadInput: it asks for neither.
    """
    if path.suffix.lower() not in (".csv", ".json"):
        raise BadInput(
            f"{path.name} is neither a CSV nor a JSON file.",
            "Let the name end in .csv or .json.",
            file=str(path),
        )
    return path.suffix.lower() == ".csv"


def as_csv(rows: Exported) -> str:
    """A heading and a line a row. What a spreadsheet would take for a formula gets a `'` before it:
    prompts and answers are texts of others."""
    if not rows:
        return ""
    return csv_of(headings(type(rows[0])), (cells(row) for row in rows))


def headings(kind: type[Row]) -> tuple[str, ...]:
    """The columns of a table of such rows."""
    return tuple(column.name for column in fields(kind))


def cells(row: Row) -> list[str]:
    """The cells of a row, in the order of its headings."""
    return [_cell(getattr(row, c.name), may_lack="None" in str(c.type)) for c in fields(row)]


def csv_of(names: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A heading, where there are names, and lines as they are."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if names:
        writer.writerow(names)
    writer.writerows(lines)
    return out.getvalue()


def as_json(rows: Exported) -> str:
    """An object with the rows under what they are."""
    kind = _KINDS[type(rows[0])] if rows else "runs"
    document = {"schema": SCHEMA, "exported_at": now_iso(), kind: [plain(row) for row in rows]}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def plain(row: Row) -> dict[str, Any]:
    """A row as JSON takes it."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {n: dict(v) if isinstance(v, Mapping) else v for n, v in values.items()}


def _cell(value: Any, *, may_lack: bool) -> str:
    match value:
        case None:
            return ""
        case Mapping():
            return json.dumps(dict(value), ensure_ascii=False)
        case "":
            # Where an empty cell is what is not known, a text that is known to be empty is marked.
            return "'" if may_lack else ""
        case str():
            return guarded(value)
        case _:
            return str(value)


def guarded(text: str) -> str:
    """A text that no spreadsheet runs; one that looks guarded already is guarded again."""
    rest = text.lstrip("'")
    return f"'{text}" if rest.startswith(_FORMULA_BEGINS) or (text and not rest) else text


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    rest = cell.lstrip("'")
    is_guarded = cell.startswith("'") and (not rest or rest.startswith(_FORMULA_BEGINS))
    return cell[1:] if is_guarded else cell


class NewFile:
    """A file that is written beside the old one and takes its place when it is whole.

    `async with NewFile(path) as out: await out.add(text)`; on an error the old one stays.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fresh = whole_file.new_name(path)
        self._out: TextIO | None = None

    async def __aenter__(self) -> Self:
        await in_thread(self._guarded, self._open)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await in_thread(self._guarded, self._finish if error is None else self._abandon)

    async def add(self, text: str) -> None:
        """Write on.

        Raises:
            DiskFull, Unavailable: it cannot be written.
        """
        out = self._out
        assert out is not None
        await in_thread(self._guarded, lambda: out.write(text))

    def _open(self) -> None:
        # A spreadsheet takes UTF-8 for what it is only with a byte order mark.
        encoding = "utf-8-sig" if self._path.suffix.lower() == ".csv" else "utf-8"
        self._out = self._fresh.open("w", encoding=encoding, newline="")

    def _finish(self) -> None:
        assert self._out is not None
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        whole_file.put(self._fresh, self._path)

    def _abandon(self) -> None:
        if self._out is not None:
            with suppress(OSError):  # what is still held back need not be written
                self._out.close()
        whole_file.dropped(self._fresh)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError as error:
            self._abandon()
            kind = DiskFull if error.errno == errno.ENOSPC else Unavailable
            raise kind(
                f"{self._path} could not be written: {error.strerror}.",
                "Choose another folder, or free space there.",
            ) from error
