"""Reads TOML that anybody may have written: every way in which it can be wrong is one error."""

from __future__ import annotations

import tomllib
from typing import Any

_INTEGERS = range(-(1 << 63), 1 << 63)
"""TOML 1.0.0, section Integer: what 64 bits cannot hold has to be refused."""


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
