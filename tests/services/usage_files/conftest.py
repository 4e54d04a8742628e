"""Files of usage, written by a test and read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from landfall.core.usage.rows import CostRow, Problem, Read, UsageRow
from landfall.services.usage_files import UsageFile, open_usage

Wrote = Callable[[str | bytes], "Kept"]


class Kept:
    """A file that was read to its end.

    Attributes:
        format, rows_read, problem_count, is_whole, listed_days: As of the `UsageFile`.
    """

    def __init__(self, file: UsageFile, reads: list[Read]) -> None:
        self.format = file.format
        self.rows_read = file.rows_read
        self.problem_count = file.problems
        self.bytes_read, self.total_bytes = file.bytes_read, file.total_bytes
        self.header = file.header
        self.is_whole, self.listed_days = file.is_whole, file.listed_days
        self.reads = reads

    @property
    def rows_unused(self) -> int:
        """Rows that became neither usage nor a cost nor a problem."""
        return self.rows_read - len(self.reads)

    @property
    def usage(self) -> list[UsageRow]:
        return [read for read in self.reads if isinstance(read, UsageRow)]

    @property
    def costs(self) -> list[CostRow]:
        return [read for read in self.reads if isinstance(read, CostRow)]

    @property
    def problems(self) -> list[Problem]:
        return [read for read in self.reads if isinstance(read, Problem)]

    @property
    def row(self) -> UsageRow:
        """The only one, without any problem."""
        assert self.problems == []
        (row,) = self.usage
        return row


def kept(path: Path, **how: object) -> Kept:
    with open_usage(path, **how) as file:  # type: ignore[arg-type]
        reads = list(file)
        return Kept(file, reads)


@pytest.fixture
def wrote(tmp_path: Path) -> Wrote:
    """Writes a file whose name says nothing and reads it."""

    def write(content: str | bytes, **how: object) -> Kept:
        path = tmp_path / "download"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return kept(path, **how)

    return write
