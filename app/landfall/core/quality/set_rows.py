"""Rows of a file of prompts, JSON lines or CSV, each with its line or what is wrong with it."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from landfall.core import json_text
from landfall.core.usage.rows import Problem

BOM = "\ufeff"
_HALVES = re.compile("[\ud800-\udfff]")
_DELIMITERS = (",", ";", "\t", "|")
Row = tuple[int, Mapping[str, Any] | Problem]
"""The physical line on which it begins, the first being 1, and its values by name."""


# JSON lines


def json_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The objects of JSON lines with their lines; empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        text = (line.removeprefix(BOM) if number == 1 else line).strip()
        if text:
            yield number, _json_row(number, text)


def _json_row(number: int, text: str) -> Mapping[str, Any] | Problem:
    try:
        row = json_text.read(text)
    except json_text.TooMuch:
        return Problem(line=number, column="", reason="is nested too deep or holds a huge number")
    except json.JSONDecodeError as error:
        reason = f"is not JSON from character {error.colno} on"
        return Problem(line=number, column="", reason=reason)
    if not isinstance(row, Mapping):
        reason = "is not one object; write one object on each line"
        return Problem(line=number, column="", reason=reason)
    return row


def holds_half_a_character(text: str) -> bool:
    """Whether a lone surrogate is in it, which JSON can spell and no file or table can hold."""
    return _HALVES.search(text) is not None


# CSV


def without_bom(lines: Iterable[str]) -> list[str]:
    """The lines without a byte order mark before the first."""
    held = list(lines)
    if held:
        held[0] = held[0].removeprefix(BOM)
    return held


def header(lines: Sequence[str]) -> tuple[list[str], str]:
    """The names of the columns, and the delimiter that makes most of them."""
    best: tuple[list[str], str] = ([], _DELIMITERS[0])
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader(lines, delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(names) > len(best[0]):
            best = ([name.strip() for name in names], delimiter)
    return best


def csv_rows(lines: Sequence[str]) -> Iterator[Row]:
    """Rows with the line on which each begins; behind a broken one it goes on with the next line.

    A quote that is never closed would swallow the rest of the file: only its line is given up.
    """
    names, delimiter = header(lines)
    at = 0
    is_header = True
    while at < len(lines):
        rest = map(lines.__getitem__, range(at, len(lines)))  # no copy for each broken line
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        begun = at
        try:
            for cells in reader:
                line, at = at + 1, begun + reader.line_num
                if is_header:
                    is_header = False
                elif any(cell.strip() for cell in cells):
                    yield line, _csv_row(line, cells, names)
        except csv.Error as error:
            yield at + 1, Problem(line=at + 1, column="", reason=f"is broken CSV: {error}")
            at += 1
            is_header = False


def _csv_row(line: int, cells: Sequence[str], names: Sequence[str]) -> Mapping[str, Any] | Problem:
    if len(cells) != len(names):
        reason = f"has {len(cells)} cells where the header has {len(names)}"
        return Problem(line=line, column="", reason=reason)
    return dict(zip(names, cells, strict=True))
