"""Reads TOML that anybody may have written: every way in which it can be wrong is one error."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from contextlib import suppress
from typing import Any

_INTEGERS = range(-(1 << 63), 1 << 63)
"""TOML 1.0.0, section Integer: what 64 bits cannot hold has to be refused."""


_SAID = re.compile(r"(.*?)( \(at (?:line (\d+), column \d+|end of document)\))?", re.DOTALL)
"""What the parser says, and where."""
_TWICE = re.compile(r"Cannot declare (\(.+\)) twice", re.DOTALL)
_CLOSED = re.compile(r"Cannot (?:mutate immutable|redefine) namespace (\(.+\))", re.DOTALL)
"""With the key's path as a tuple of Python."""
_AGAIN = "Cannot overwrite a value"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def in_words(message: str, text: str, *, place: bool = True) -> str:
    """What the parser says is wrong, with keys as a file spells them.

    Args:
        message: Of its error.
        text: What it read: of a key that stands there already the parser does not tell whether the
            whole of it does, or only a value that it would be put into.
        place: With the line and the column, where the parser tells them.
    """
    found = _SAID.fullmatch(message)
    assert found is not None, "every text is one that may end with a place"
    said, at, line = found.groups()
    return _words(said, text, int(line) if line else None) + ((at or "") if place else "")


def _words(said: str, text: str, line: int | None) -> str:
    twice, closed = _TWICE.fullmatch(said), _CLOSED.fullmatch(said)
    if twice or closed:
        path: tuple[str, ...] = ast.literal_eval((twice or closed)[1])  # type: ignore[index]
        there = _there(path, text, line)
        if twice and there == path:
            return f"[{_dotted(path)}] stands there already"
        return f"{_dotted(there)} has its values already, and nothing can be added there"
    if said == _AGAIN:
        return "the key stands there already"
    return said[:1].lower() + said[1:]


def _there(path: tuple[str, ...], text: str, line: int | None) -> tuple[str, ...]:
    """How much of a path stood there before a line; the whole where nothing of it is found."""
    value: Any = _before(text, line)
    for depth, key in enumerate(path):
        if isinstance(value, list) and value:
            value = value[-1]
        if not isinstance(value, dict) or key not in value:
            return path[:depth] or path
        value = value[key]
    return path


def _before(text: str, line: int | None) -> dict[str, Any]:
    """The document up to the statement that ends in a line, or in the last one with text."""
    lines = text.rstrip().split("\n")[:line]
    while lines:
        lines.pop()  # a statement may be of several lines: what is left of it cannot be read
        with suppress(ValueError, RecursionError):
            return tomllib.loads("\n".join(lines))
    return {}


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(
        key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False) for key in path
    )


def read(text: str) -> dict[str, Any]:
    """The document that a text holds.

    Raises:
        TOMLDecodeError: it is no TOML. Not only a syntax error: also a day that does not exist, a
            number of 5,000 digits or of more than 64 bits, arrays nested without end.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:
        raise tomllib.TOMLDecodeError("a number or a date in it cannot be read") from error
    except RecursionError as error:
        raise tomllib.TOMLDecodeError("it nests too deeply") from error
    # Without recursion: dotted keys nest as deeply as they are long.
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif type(value) is int and value not in _INTEGERS:
            raise tomllib.TOMLDecodeError("a whole number in it has more than 64 bits")
    return document
