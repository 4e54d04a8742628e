"""JSON as objects with the number of their line: lines, a list, or a list within an object.

A file of lines is read line by line, so that a broken one harms no other. Anything else is read
from one object to the next without holding the file; where it is broken, the rest cannot be told
apart and is not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from landfall.core.usage.rows import Problem
from landfall.services.usage_files.formats import JsonObject, Record, anything
from landfall.services.usage_files.lines import LONGEST_LINE, TextFile

LISTS = ("data", "spend_logs", "results", "observations", "generations", "rows", "logs", "items")
"""Fields that hold the records, where a file is one object around them."""

SPANS = "resourceSpans"
"""The list of an OTLP export: its items go on as objects with this field alone."""

_SPACE = " \t\r\n"
_PART_OF_NUMBER = re.compile(r"[-+.eE0-9]*")
_DECODER = json.JSONDecoder()
_MOST_SAMPLED = 50

Worth = Callable[[str], bool]


def is_lines(head: str, *, whole: bool) -> bool:
    """Whether a file is JSON lines: one of its first lines is an object for itself."""
    lines = head.split("\n")
    if not whole:
        lines.pop()
    told = [line for line in lines if line.strip()][:3]
    return any(_object(line) is not None for line in told)


def is_json(head: str) -> bool:
    """Whether a file may be JSON."""
    return head.lstrip(_SPACE)[:1] in {"{", "["}


def sampled(head: str, *, lines: bool, whole: bool) -> tuple[JsonObject, ...]:
    """The first objects of a file."""
    if lines:
        texts = head.split("\n") if whole else head.split("\n")[:-1]
        found = [record for line in texts if (record := _object(line)) is not None]
    else:
        told = of_document(iter([head]))
        found = [record for _, record in told if not isinstance(record, Problem)]
    return tuple(found[:_MOST_SAMPLED])


def _object(line: str) -> JsonObject | None:
    try:
        found = _DECODER.decode(line.strip())
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def unwrap(record: JsonObject) -> list[JsonObject]:
    """The records of an object that is only a list around them, as an interface answers."""
    for name in LISTS:
        inner = record.get(name)
        if isinstance(inner, list) and inner and all(isinstance(each, dict) for each in inner):
            return inner
    return [record]


def of_lines(file: TextFile, worth: Worth, *, wrapped: bool = False) -> Iterator[Record]:
    """Each object of a file of lines.

    Args:
        wrapped: Whether lines may be lists of records with an object around them.
        worth: Whether a line may hold usage, told by its text; others are not parsed, only looked
            at whether they end as an object does.
    """
    decode = _DECODER.raw_decode
    all_are_worth = worth is anything
    for block in file.lines():
        if isinstance(block, Problem):
            yield block.line, block
            continue
        for number, line in enumerate(block[1], block[0]):
            text = line.strip()
            if not text or (not all_are_worth and not worth(text) and text[-1] == "}"):
                continue
            try:
                record, end = decode(text)
            except (ValueError, RecursionError):
                record, end = None, 0
            if end != len(text):
                yield number, Problem(line=number, column="", reason="is not a whole JSON object")
                continue
            if not isinstance(record, dict):
                yield number, Problem(line=number, column="", reason="is not a JSON object")
                continue
            if wrapped:
                for inner in unwrap(record):
                    yield number, inner
            else:
                yield number, record


def of_document(blocks: Iterator[str | Problem]) -> Iterator[Record]:
    """Each object of a file that is a list, an object around a list, or objects in a row."""
    text = _Text(blocks)
    try:
        while text.more():
            if text.taken("["):
                yield from _items(text, "")
            elif text.at("{"):
                yield from _top(text)
            elif not text.taken(","):
                raise ValueError
    except (ValueError, RecursionError):
        line = text.line
        yield line, Problem(line=line, column="", reason=text.broken or "is no JSON from here on")


def _top(text: _Text) -> Iterator[Record]:
    """An object at the top: a record, or what is around a list of them."""
    if text.ahead('"') is None:
        yield from _value(text, "")
        return
    line = text.line
    text.take("{")
    fields: JsonObject = {}
    around = False
    while not text.taken("}"):
        name = text.value()
        text.take(":")
        if isinstance(name, str) and name in (*LISTS, SPANS) and text.taken("["):
            around = True
            yield from _items(text, SPANS if name == SPANS else "")
        else:
            fields[str(name)] = text.value()
        if not text.taken(",") and not text.at("}"):
            raise ValueError
    if fields and not around:
        yield line, fields


def _items(text: _Text, wrapped: str) -> Iterator[Record]:
    while not text.taken("]"):
        yield from _value(text, wrapped)
        if not text.taken(",") and not text.at("]"):
            raise ValueError


def _value(text: _Text, wrapped: str) -> Iterator[Record]:
    line = text.line
    value = text.value()
    if isinstance(value, dict):
        yield line, {wrapped: [value]} if wrapped else value
    else:
        yield line, Problem(line=line, column="", reason="is not a JSON object")


class _Text:
    """Text that comes in blocks, of which only what is not read yet is held.

    Attributes:
        line: Of the sign that comes next.
        broken: Why the text ended early, or "".
    """

    def __init__(self, blocks: Iterator[str | Problem]) -> None:
        self.line = 1
        self.broken = ""
        self._blocks = blocks
        self._held = ""
        self._at = 0

    def _fill(self, least: int = 1) -> bool:
        """Hold at least so many more characters; False where there are none."""
        parts = [self._held[self._at :]]
        grown = 0
        while grown < least:
            block = next(self._blocks, "")
            if isinstance(block, Problem):
                self.broken, block = block.reason, ""
            if not block:
                break
            parts.append(block)
            grown += len(block)
        self._held, self._at = "".join(parts), 0
        return grown > 0

    def _skip(self, to: int) -> None:
        self.line += self._held.count("\n", self._at, to)
        self._at = to

    def more(self) -> bool:
        """Whether anything but space is left; the next sign is held then."""
        while True:
            held = self._held
            at = self._at
            while at < len(held) and held[at] in _SPACE:
                at += 1
            self._skip(at)
            if at < len(held):
                return True
            if not self._fill():
                if self.broken:
                    raise ValueError
                return False

    def at(self, sign: str) -> bool:
        """Whether this sign is next."""
        return self.more() and self._held[self._at] == sign

    def ahead(self, sign: str) -> bool | None:
        """Whether this sign follows the next one, or None where nothing does."""
        while True:
            rest = self._held[self._at + 1 :].lstrip(_SPACE)
            if rest:
                return True if rest[0] == sign else None
            if not self._fill():
                return None

    def taken(self, sign: str) -> bool:
        """Read this sign if it is next."""
        if not self.at(sign):
            return False
        self._at += 1
        return True

    def take(self, sign: str) -> None:
        """Read this sign.

        Raises:
            ValueError: another one is next.
        """
        if not self.taken(sign):
            raise ValueError

    def value(self) -> Any:
        """Read a value, however many blocks it spans.

        Raises:
            ValueError: it is none, or larger than any record.
        """
        if not self.more():
            raise ValueError
        least = 1
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._at)
            except ValueError:
                # Broken, or not all there yet: each time twice as much is held before it is tried.
                if len(self._held) - self._at > LONGEST_LINE or not self._fill(least):
                    raise
                least = len(self._held)
                continue
            is_whole = isinstance(value, dict | list | str)
            if not is_whole and _PART_OF_NUMBER.fullmatch(self._held, end) and self._fill():
                continue  # a number may go on, and "12." of 12.5 is read as 12
            self._skip(end)
            return value
