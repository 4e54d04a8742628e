"""Reads TOML that anybody may have written: every way in which it can be wrong is one error."""

from __future__ import annotations

import re
import tomllib
from typing import Any

_INTEGERS = range(-(1 << 63), 1 << 63)
"""TOML 1.0.0, section Integer: what 64 bits cannot hold has to be refused."""


_PATH = re.compile(r"\((?:'[^']*'(?:, )?)+,?\)")
"""A key's path as the parser spells it: a tuple of Python."""
_THERE = re.compile(r"Cannot declare (\S+) twice")
_AGAIN = "Cannot overwrite a value"
_CLOSED = re.compile(r"Cannot (?:mutate immutable|redefine) namespace (\S+)")


def in_words(message: str) -> str:
    """What the parser says is wrong, with keys as a file spells them."""
    said, at, place = _PATH.sub(_dotted, message).partition(" (at ")
    if found := _THERE.fullmatch(said):
        said = f"[{found[1]}] stands there already"
    elif found := _CLOSED.fullmatch(said):
        said = f"{found[1]} has its values already, and nothing can be added there"
    elif said == _AGAIN:
        said = "the key stands there already"
    return "".join((said[:1].lower(), said[1:], at, place))


def _dotted(path: re.Match[str]) -> str:
    return ".".join(re.findall(r"'([^']*)'", path[0]))


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
