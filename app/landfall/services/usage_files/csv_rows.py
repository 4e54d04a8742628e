"""Rows out of the lines of a CSV file, as `csv` reads them, and what becomes of quotation marks
that do not match: one bad row, where `csv` alone would swallow the rest of the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from landfall.core.usage.rows import Problem
from landfall.services.usage_files.lines import LONGEST_LINE

Row = list[str]
Lines = Iterator[tuple[int, list[str]] | Problem]

LONGEST_ROW = 8 << 20
"""Characters of a row of several lines; more is a quotation mark that was never closed."""

LEAST_LONGEST_ROW = 1 << 14


def records(lines: Lines, delimiter: str, width: int) -> Iterator[tuple[int, Row | Problem]]:
    """Rows as `csv` reads them; several lines may be one row.

    Args:
        width: A row of several lines with another number of cells is none: its first line is a
            Problem and the others are read again. 0 for any number.
    """
    if csv.field_size_limit() < LONGEST_LINE:
        csv.field_size_limit(LONGEST_LINE)
    for block in lines:
        if isinstance(block, Problem):
            yield block.line, block
        elif any('"' in line for line in block[1]):
            yield from _quoted(_Feed(block, lines), delimiter, width)
        else:
            reader = csv.reader(block[1], delimiter=delimiter, skipinitialspace=True)
            yield from enumerate(reader, block[0])


def _quoted(feed: _Feed, delimiter: str, width: int) -> Iterator[tuple[int, Row | Problem]]:
    """The rows of a block in which a row may be several lines, and so reach into the next."""
    reader = csv.reader(feed, delimiter=delimiter, skipinitialspace=True)
    while True:
        try:
            for row in reader:
                several = len(feed.taken) > 1
                if width and (feed.cut or (several and len(row) != width)):
                    yield feed.number, feed.give_back("a quotation mark is never closed")
                elif not several:
                    yield feed.number, row
                else:
                    yield feed.number - len(feed.taken) + 1, row
                feed.end_row()
        except csv.Error:
            # A row longer than any: an open quotation mark.
            yield feed.number, feed.give_back("the quotation marks do not match")
            feed.end_row()
            continue
        yield from feed.told()
        return


class _Feed:
    """Lines for `csv`, which remembers those of the row that is being read.

    Attributes:
        cut: Whether the file ended inside this row, behind a quotation mark that opens a cell.
    """

    def __init__(self, block: tuple[int, list[str]], lines: Lines) -> None:
        self.cut = False
        self.number = block[0] - 1
        self.taken: list[str] = []
        self._problems: list[Problem] = []
        self._lines = lines
        self._again: deque[str] = deque()
        self._size = 0
        self._most = LONGEST_ROW
        self._block = iter(block[1])

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            found = next(self._block, None)
            line = self._next_block() if found is None else found
        self.number += 1
        self.taken.append(line)
        self._size += len(line) + 1
        if self._size > self._most and len(self.taken) > 1:
            raise csv.Error
        return line

    def _next_block(self) -> str:
        """A row that is not ended goes on in the next block; else this one is all."""
        if not self.taken:
            raise StopIteration
        while True:
            block = next(self._lines, None)
            if block is None:
                self.cut = True
                raise StopIteration
            if isinstance(block, Problem):
                self._problems.append(block)
                continue
            self._block = iter(block[1])
            return next(self._block)

    def told(self) -> Iterator[tuple[int, Problem]]:
        """What the lines had to say."""
        for problem in self._problems:
            yield problem.line, problem

    def give_back(self, reason: str) -> Problem:
        """Let all lines of this row but its first be read again."""
        others = self.taken[1:]
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        if self._size > self._most:
            # A file full of such rows would be read over and over.
            self._most = max(self._most // 2, LEAST_LONGEST_ROW)
        return Problem(line=self.number, column="", reason=reason)

    def end_row(self) -> None:
        """Forget the lines of the row that was read."""
        self.taken.clear()
        self._size = 0
        self.cut = False
