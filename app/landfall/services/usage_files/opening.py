"""Opens a source of usage: finds out what it is, and reads it through the reader of its format."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from landfall.core.errors import AppError, BadInput, Unavailable
from landfall.core.usage.rows import Problem, Read
from landfall.services.usage_files import json_records
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.formats import (
    Format,
    Record,
    Sample,
    Tally,
    csv_sample,
    read_rows,
)
from landfall.services.usage_files.lines import OnBytes, TextFile
from landfall.services.usage_files.tables import Table, decimal_of, delimiter_of, sample

MOST_PROBLEMS = 1000
"""Told one by one; further ones are only counted (see `UsageFile.problems`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a file looks like before it is read.

    Attributes:
        sample: Its begin, as formats judge it.
        rows: Of a CSV file: the header and the first rows.
        delimiter: What parts the cells of a CSV file; "" for JSON.
        is_lines: Whether it is one JSON object a line.
        is_wrapped: Whether these objects are lists of records.
    """

    sample: Sample
    rows: tuple[Row, ...] = ()
    delimiter: str = ""
    is_lines: bool = False
    is_wrapped: bool = False


def looked_at(file: TextFile) -> Looked:
    """What the begin of a file says of it."""
    head, whole = file.head, file.head_is_all
    if json_records.is_json(head):
        lines = json_records.is_lines(head, whole=whole)
        told = json_records.sampled(head, lines=lines, whole=whole)
        records = tuple(inner for record in told for inner in json_records.unwrap(record))
        return Looked(sample=Sample(records=records), is_lines=lines, is_wrapped=records != told)
    delimiter = delimiter_of(head) or ","
    rows = sample(head, delimiter, whole=whole)
    found = csv_sample(rows) if rows else Sample()
    return Looked(sample=found, rows=tuple(rows), delimiter=delimiter)


class UsageFile:
    """A source of usage that is being read: a context manager and an iterator of `Read`.

    Attributes:
        path: As it was given; a file or a folder.
        format: Its id, one of `usage_files.FORMATS`.
        format_name: Its name for people.
        header: Of a CSV file, the names of its columns; () of others.
        sample: Its first rows or records, to show what was understood.
        is_whole: Whether a day of its span without a row is one without work. Of a tool that keeps
            a folder, the whole folder is.
        problems: How many there were so far, those behind `MOST_PROBLEMS` included, which are
            not told.
        total_bytes: Of the file, compressed or not, or of all files of the folder.
    """

    def __init__(
        self,
        path: Path,
        files: Sequence[Path],
        *,
        format_: Format,
        sample: Sample,
        first: tuple[TextFile, Callable[[Tally, TextFile], Iterator[Read]]] | None,
        on_bytes: OnBytes | None,
    ) -> None:
        """Made by `open_usage` alone.

        Args:
            files: The files to read: one, or those of a folder.
            first: The file that is open already and what reads it; None opens them one by one.
        """
        self.path = path
        self.format = format_.id
        self.format_name = format_.name
        self.header = sample.header
        self.sample = sample
        self.is_whole = format_.is_whole and (first is None or not format_.is_folder)
        self.problems = 0
        self.total_bytes = sum(_size(each) for each in files)
        self._format = format_
        self._files = files
        self._first = first
        self._on_bytes = on_bytes
        self._open = first[0] if first else None
        self._tally = Tally()
        self._done_bytes = 0

    @property
    def rows_read(self) -> int:
        """Rows or records so far that should hold usage: good, unused or broken."""
        return self._tally.read

    @property
    def listed_days(self) -> frozenset[str]:
        """Days that it lists as ones without any usage, so far; ISO dates, UTC."""
        return frozenset(self._tally.listed_days)

    @property
    def bytes_read(self) -> int:
        """So far, of `total_bytes`."""
        return self._done_bytes + (self._open.bytes_read if self._open else 0)

    def __enter__(self) -> UsageFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what is open."""
        if self._open is not None:
            self._open.close()

    def __iter__(self) -> Iterator[Read]:
        """The rows and problems in the order of the source; at most once.

        Raises:
            Unavailable: the disk gave up.
        """
        if self._first is not None:
            reads = self._first[1](self._tally, self._first[0])
        else:
            assert self._format.records is not None
            reads = self._format.records(self._folder_records(), self._tally)
        for read in reads:
            if isinstance(read, Problem):
                self.problems += 1
                if self.problems > MOST_PROBLEMS:
                    continue
            yield read

    def _folder_records(self) -> Iterator[Record]:
        for path in self._files:
            where = f"in {path.relative_to(self.path)}: "
            try:
                self._open = TextFile(path, self._told)
            except (BadInput, Unavailable) as error:
                self._done_bytes += _size(path)
                yield 0, Problem(line=0, column="", reason=f"{where}{_plainly(error)}")
                continue
            try:
                for line, record in json_records.of_lines(self._open, self._format.worth):
                    if isinstance(record, Problem):
                        yield line, replace(record, reason=where + record.reason)
                    else:
                        yield line, record
            finally:
                self._open.close()
            self._done_bytes += self._open.bytes_read
            self._open = None

    def _told(self, read: int) -> None:
        if self._on_bytes is not None:
            self._on_bytes(self._done_bytes + read)


def _plainly(error: AppError) -> str:
    return "is no text" if isinstance(error, BadInput) else "cannot be read"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def open_file(
    path: Path,
    choose: Callable[[Looked], Format],
    on_bytes: OnBytes | None,
) -> UsageFile:
    """Open a file.

    Args:
        choose: Says of what format it is. It raises `BadInput` for none.

    Raises:
        BadInput: it is empty, no text, no plain file, or of no format.
        Unavailable: it cannot be read.
    """
    _plain_file(path)
    file = TextFile(path, on_bytes)
    try:
        if file.head_is_all and not file.head.strip():
            raise BadInput(
                f"{path} is empty.", "Export it again, or name another file.", file=str(path)
            )
        found = looked_at(file)
        chosen = choose(found)
        return UsageFile(
            path,
            [path],
            format_=chosen,
            sample=found.sample,
            first=(file, _reader(chosen, found)),
            on_bytes=on_bytes,
        )
    except BaseException:
        file.close()
        raise


def _reader(chosen: Format, found: Looked) -> Callable[[Tally, TextFile], Iterator[Read]]:
    def rows(tally: Tally, file: TextFile) -> Iterator[Read]:
        assert chosen.rows is not None
        table = Table(
            file.lines(),
            delimiter=found.delimiter,
            decimal=decimal_of(found.delimiter, found.rows[1:]),
            header=found.sample.header,
            again=lambda: TextFile(file.path),
        )
        yield from read_rows(table, chosen.rows(table), tally)

    def records(tally: Tally, file: TextFile) -> Iterator[Read]:
        assert chosen.records is not None
        if found.is_lines:
            told = json_records.of_lines(file, chosen.worth, wrapped=found.is_wrapped)
        else:
            told = json_records.of_document(file.blocks())
        yield from chosen.records(told, tally)

    return rows if found.delimiter else records


def _plain_file(path: Path) -> None:
    """Refuse what would wait for ever, or never ends: a pipe, a device.

    Raises:
        BadInput: it is one.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # opening it says why
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise BadInput(f"{path} is no file.", "Name a file or a folder.", file=str(path))


def open_folder(path: Path, formats: Sequence[Format], on_bytes: OnBytes | None) -> UsageFile:
    """Open a folder of logs: all `*.jsonl` below it, logs of side conversations last.

    Raises:
        BadInput: no file in it is of a format that comes in folders.
        Unavailable: it cannot be read.
    """
    try:
        # A pipe among them would wait for ever for someone to write.
        files = sorted(filter(Path.is_file, path.rglob("*.jsonl")), key=_parents_first)
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be read: {error.strerror}.", "Check its permissions."
        ) from error
    for each in files:
        try:
            file = TextFile(each)
        except (BadInput, Unavailable):
            continue
        try:
            found = looked_at(file)
        finally:
            file.close()
        for format_ in formats:
            if format_.is_folder and found.is_lines and format_.matches(found.sample):
                return UsageFile(
                    path, files, format_=format_, sample=found.sample, first=None, on_bytes=on_bytes
                )
    raise BadInput(
        f"{path} holds no logs of a known format.",
        "Name the folder of Claude Code's projects, or the files to import.",
        file=str(path),
    )


def _parents_first(path: Path) -> tuple[bool, str]:
    """A side conversation repeats messages of its parent: the parent must be read before it."""
    return "subagents" in path.parts or path.name.startswith("agent-"), str(path)
