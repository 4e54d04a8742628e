"""Files of real usage, whatever wrote them: read row by row, their format found by content.

To add a format: one file with a `Format`, one line in `_ALL` (which is also the order in which
they are tried), and a test. A reader knows nothing of the others. No text of a prompt or an
answer leaves a reader, not even in a `Problem`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from landfall.core.errors import BadInput
from landfall.core.usage import Problem, Read
from landfall.services.usage_files import anthropic, openai
from landfall.services.usage_files.formats import Format, Sample, Tally, csv_sample, read_rows
from landfall.services.usage_files.lines import OnBytes, TextFile
from landfall.services.usage_files.tables import Row, Table, decimal_of, delimiter_of, sample

_ALL: tuple[Format, ...] = (
    openai.USAGE,
    openai.COST,
    anthropic.USAGE,
    anthropic.COST,
)

FORMATS: dict[str, str] = {each.id: each.name for each in _ALL}
"""Ids and names, in the order in which formats are tried."""

MOST_PROBLEMS = 1000
"""Told one by one; further ones are only counted (see `UsageFile.problems`)."""


class UsageFile:
    """A file of usage that is being read: a context manager and an iterator of `Read`.

    Attributes:
        path: As it was given.
        format: Its id, one of `FORMATS`.
        header: Of a CSV file, the names of its columns; () of others.
        sample: Its first rows or records, to show what was understood.
        rows_unused: Rows read that hold no usage (days without any, steps that call no model) or
            repeat a row of the same file.
        problems: How many there were, the untold ones included.
        total_bytes: Of the file, compressed or not.
    """

    def __init__(
        self, path: Path, file: TextFile, format_: Format, found: Sample, rows: list[Row], mark: str
    ) -> None:
        self.path = path
        self.format = format_.id
        self.header = found.header
        self.sample = found
        self.problems = 0
        self.total_bytes = path.stat().st_size
        self._format = format_
        self._file = file
        self._tally = Tally()
        self._rows = rows
        self._mark = mark

    @property
    def format_name(self) -> str:
        """The format's name for people."""
        return self._format.name

    @property
    def rows_read(self) -> int:
        """Rows or records so far that should hold usage: good, unused or broken."""
        return self._tally.read

    @property
    def rows_unused(self) -> int:
        """Those of them without usage, or that repeat another (see the class)."""
        return self._tally.unused

    @property
    def bytes_read(self) -> int:
        """So far, of `total_bytes`."""
        return self._file.bytes_read

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
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[Read]:
        """The rows and problems in the order of the file; at most once.

        Raises:
            Unavailable: the disk gave up.
        """
        assert self._format.rows is not None
        table = Table(
            self._file.lines(),
            delimiter=self._mark,
            decimal=decimal_of(self._mark, self._rows),
            header=self.header,
            again=lambda: TextFile(self.path),
        )
        reads = read_rows(table, self._format.rows(table), self._tally)
        for read in reads:
            if isinstance(read, Problem):
                self.problems += 1
                if self.problems > MOST_PROBLEMS:
                    continue
            yield read


def open_usage(
    path: Path, *, format: str | None = None, on_bytes: OnBytes | None = None
) -> UsageFile:
    """Open a file of usage.

    Args:
        format: One of `FORMATS`; None finds it by content.
        on_bytes: Told the bytes read after each block, also where no row comes of them; what it
            raises ends the reading and goes through.

    Raises:
        BadInput: it is no usage file that is known.
        Unavailable: it cannot be read.
    """
    file = TextFile(path, on_bytes)
    try:
        mark = delimiter_of(file.head) or ","
        rows = sample(file.head, mark, whole=False)
        found = csv_sample(rows) if rows else Sample()
        for each in _ALL:
            if each.id == format or (format is None and each.matches(found)):
                return UsageFile(path, file, each, found, rows, mark)
        raise _unknown(path)
    except BaseException:
        file.close()
        raise


def detect(path: Path) -> str:
    """The id of the format of a file.

    Raises:
        BadInput: it is no usage file that is known.
        Unavailable: it cannot be read.
    """
    with open_usage(path) as found:
        return found.format


def _unknown(path: Path) -> BadInput:
    return BadInput(
        f"{path} is no usage file of a known format.",
        "Known are: " + ", ".join(FORMATS.values()) + ".",
        file=str(path),
    )
