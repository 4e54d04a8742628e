"""Reads JSON that anybody may have written: every way in which it can be wrong is one error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


class TooMuch(json.JSONDecodeError):
    """Well formed, as far as it was read, and more than can be read: its depth, or a number."""


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
        raise TooMuch("A number in it cannot be read", "", 0) from error
    except RecursionError as error:
        raise TooMuch("It nests too deeply", "", 0) from error
