"""Reads JSON that anybody may have written: every way in which it can be wrong is one error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_HALF_IN_BYTES = re.compile(_HALF.pattern.encode())
"""The escape of one half of a surrogate pair; what has none needs no second look."""


class TooMuch(json.JSONDecodeError):
    """Well formed, as far as it was read, and more than can be read: its depth, or a number.

    Where that stands is not known: the text of the error names no line.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why, "", 0)
        self.args = (why,)


def read(
    text: str | bytes,
    *,
    parse_constant: Callable[[str], Any] | None = None,
    parse_float: Callable[[str], Any] | None = None,
) -> Any:
    """The value that a text holds.

    Args:
        parse_constant: What NaN and Infinity are, which no JSON has; see `json.loads`.
        parse_float: What a number with a point is.

    Raises:
        JSONDecodeError: it is no JSON. Not only a syntax error: also bytes that are no text, a
            number of 5,000 digits, arrays nested without end, and what the two functions refuse.
    """
    try:
        return json.loads(text, parse_constant=parse_constant, parse_float=parse_float)
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError as error:
        raise json.JSONDecodeError(f"It is not text from byte {error.start} on", "", 0) from error
    except ValueError as error:
        raise TooMuch("A number in it cannot be read") from error
    except RecursionError as error:
        raise TooMuch("It nests too deeply") from error


def read_answer(
    text: str | bytes,
    *,
    parse_constant: Callable[[str], Any] | None = None,
    parse_float: Callable[[str], Any] | None = None,
) -> Any:
    """The same of what a server sent, with a question mark for each half of a surrogate pair.

    JSON can spell one, and a stream that is cut in the middle of a sign does. No file, no table and
    no address can hold it.

    Raises:
        JSONDecodeError: see `read`.
    """
    value = read(text, parse_constant=parse_constant, parse_float=parse_float)
    found = _HALF.search(text) if isinstance(text, str) else _HALF_IN_BYTES.search(text)
    try:
        return value if found is None else _whole_signs(value)
    except RecursionError as error:
        raise TooMuch("It nests too deeply") from error


def _whole_signs(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_whole_signs(one) for one in value]
    if isinstance(value, dict):
        return {_whole_signs(name): _whole_signs(one) for name, one in value.items()}
    return value
