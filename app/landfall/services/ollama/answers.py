"""Reads what a server answers, whatever asked it: a JSON object, or an error of the program."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from landfall.core import json_text
from landfall.core.errors import AppError
from landfall.services.ollama import errors


class Asker(Protocol):
    """Asks a server for its state: `transport.Transport`, or `short_questions.ShortQuestions`.

    Attributes:
        url: The server's address.
    """

    url: str

    async def json(
        self, method: Any, path: str, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The JSON object that a call answers.

        Raises:
            AppError: unreachable, refused, or no object.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Poster(Asker, Protocol):
    """Asks also what is asked with a body."""

    async def json(
        self,
        method: Any,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """As `Asker.json`."""
        ...


async def version(http: Asker, url: str) -> str:
    """What a server says it is: the one question that tells an Ollama from anything else.

    Raises:
        OllamaUnavailable: nothing answers, or something else does.
    """
    match await http.json("GET", "/api/version"):
        case {"version": str(said)}:
            return said
        case _:
            raise errors.not_ollama(url, "it does not say a version")


def as_object(content: bytes, content_type: str, *, url: str) -> dict[str, Any]:
    """The JSON object in a body or a line.

    Raises:
        OllamaUnavailable: it is none.
    """
    try:
        return object_in(content, content_type)
    except NoObject as error:
        raise errors.not_ollama(url, str(error)) from error


MOST = 1 << 62
"""No count of bytes, tokens or nanoseconds is as large; 64 bits hold it, and so does a history."""


def whole_number(value: Any) -> int | None:
    """A count of something, or None where what was told can be none."""
    return value if type(value) is int and 0 <= value <= MOST else None


def table(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one where it is none: what a server leaves out it may also spoil."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; none where it is no list."""
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


class NoObject(Exception):
    """What was sent is no JSON object; the text says what it is, "it sent a web page"."""


def object_in(content: bytes, content_type: str) -> dict[str, Any]:
    """The JSON object in a body, whoever sent it.

    Raises:
        NoObject: it is none.
    """
    try:
        value = json_text.read_answer(content, parse_constant=_no_number, parse_float=_finite)
    except ValueError as error:
        what = "it sent a web page" if "html" in content_type else "its answer is not JSON"
        raise NoObject(what) from error
    if not isinstance(value, dict):
        raise NoObject("its answer is no JSON object")
    return value


def _no_number(text: str) -> Any:
    """NaN and Infinity are no JSON (RFC 8259), though Python reads them."""
    raise ValueError(f"{text} is no number")


def _finite(text: str) -> float:
    """1e400 is written as a number, and no float."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large")
    return value


def check(status: int, headers: Mapping[str, str], text: str, *, url: str, path: str) -> None:
    """Raise what an answer other than 2xx means.

    Args:
        status: The HTTP status.
        headers: Of the answer; their names are found in any case, or are in lower case.
        text: Its body.
        url: The server. path: What was called.
    """
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        target = headers.get("location") or "another address"
        raise errors.not_ollama(url, f"it redirects to {target}")
    if not text.strip():
        raise errors.refusal("", status=status, host=url)
    if status in errors.GATEWAY and not text.lstrip().startswith("{"):
        # Of what stands before the server: a page, or "no healthy upstream".
        raise errors.refusal(text.strip()[:200], status=status, host=url)
    raise _refusal(status, headers.get("content-type") or "", text, url=url, path=path)


def _refusal(status: int, content_type: str, text: str, *, url: str, path: str) -> AppError:
    if status == 401 and '"error"' not in text:
        return errors.wants_token(url)
    if "html" in content_type:
        return errors.not_ollama(url, f"it sent a web page with status {status}")
    try:
        value = json_text.read_answer(text)
    except ValueError:
        return errors.unknown_call(url, path, f"{status} {text.strip()[:200]}")
    match value:
        case {"error": str(message)}:
            return errors.refusal(message, status=status, host=url)
        case {"error": {"message": str(message)}}:
            return errors.refusal(message, status=status, host=url)
        case _:
            return errors.not_ollama(url, f"it answered with status {status}")
