"""Server-sent events out of bytes, as the WHATWG HTML standard, section 9.2.6, parses them."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")
LINE_MAX = 4 * 1024 * 1024
"""Characters of one unfinished line; a stream that never ends a line must not fill the memory."""


class Overlong(ValueError):
    """A line does not end."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its type ("message" where none is named) and its data lines joined."""

    event: str
    data: str


class EventParser:
    """Takes chunks as they arrive, split anywhere, and returns the events they complete."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest: list[str] = []
        self._length = 0
        self._event = ""
        self._data: list[str] = []
        self._first = True

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that this chunk completes.

        Raises:
            Overlong: a line grows beyond any use.
        """
        new = self._decoder.decode(chunk)
        if self._first and new:
            new = new.removeprefix("\ufeff")
            self._first = False
        held = bool(self._rest) and self._rest[-1].endswith("\r")
        lines: list[str] = []
        self._rest.append(new)
        self._length += len(new)
        # A long line that comes in small pieces is put together once, when it ends.
        if held or _LINE_END.search(new):
            lines = self._whole_lines("".join(self._rest))
        if self._length > LINE_MAX:
            raise Overlong(f"a line has more than {LINE_MAX} characters")
        return [event for line in lines if (event := self._line(line)) is not None]

    def _whole_lines(self, text: str) -> list[str]:
        """The lines that end; the rest is kept."""
        # A carriage return at the end may be half of a CRLF: it waits for what follows.
        held = "\r" if text.endswith("\r") else ""
        lines = _LINE_END.split(text.removesuffix("\r"))
        rest = lines.pop() + held
        self._rest, self._length = [rest], len(rest)
        return lines

    def end(self) -> list[ServerEvent]:
        """What is left when the stream ends: servers forget the last empty line."""
        lines = [*_LINE_END.split("".join(self._rest)), ""]
        self._rest, self._length = [], 0
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        return None

    def _dispatch(self) -> ServerEvent | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return ServerEvent(event or "message", "\n".join(data)) if data else None
