"""Cuts a growing Markdown text into blocks that will not change any more, and the rest.

Only the rest has to be laid out again when more comes, so that an answer costs the same at its end
as at its beginning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_REST = 4000
"""Characters: a rest that finds no end is cut where it does the least harm."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True)
class _Fence:
    """An open code block: its first line, and the marks that will close it."""

    line: str
    marks: str

    def closed_by(self, line: str) -> bool:
        found = _FENCE.match(line)
        return (
            found is not None
            and not found[2].strip()
            and found[1][0] == self.marks[0]
            and len(found[1]) >= len(self.marks)
        )


class MarkdownBlocks:
    """Give it pieces with `add`; `rest` is what may still change.

    A block ends at an empty line outside a code block, where the next line begins at the margin: an
    indented one may belong to a list above.
    """

    def __init__(self) -> None:
        self.rest = ""

    def add(self, text: str) -> str:
        """More text; returns what is finished now, or ""."""
        self.rest += text
        end = _last_boundary(self.rest)
        finished, self.rest = self.rest[:end], self.rest[end:]
        while len(self.rest) > LONGEST_REST:
            finished += self._cut()
        return finished

    def end(self) -> str:
        """Nothing more comes: the rest is finished."""
        finished, self.rest = self.rest, ""
        return finished

    def _cut(self) -> str:
        """Cut a rest without an end after a line, else after a word; a code block goes on."""
        head = self.rest[:LONGEST_REST]
        end = head.rfind("\n") + 1 or head.rfind(" ") + 1 or LONGEST_REST
        finished, rest = self.rest[:end], self.rest[end:]
        fence = _open_fence(finished)
        if fence is None:
            self.rest = rest
            return finished.rstrip("\n") + "\n\n"
        self.rest = f"{fence.line}\n{rest}"
        return f"{finished}{'' if finished.endswith(chr(10)) else chr(10)}{fence.marks}\n\n"


def _last_boundary(text: str) -> int:
    """Where the last finished block ends, 0 where none is finished."""
    boundary = position = 0
    fence: _Fence | None = None
    after_empty = False
    for line in text.splitlines(keepends=True):
        if fence is None and after_empty and line[0] not in " \t\r\n":
            boundary = position
        after_empty = fence is None and not line.strip()
        fence = _next_fence(fence, line.rstrip("\r\n"))
        position += len(line)
    return boundary


def _open_fence(text: str) -> _Fence | None:
    fence: _Fence | None = None
    for line in text.splitlines():
        fence = _next_fence(fence, line)
    return fence


def _next_fence(fence: _Fence | None, line: str) -> _Fence | None:
    """Whether a code block is open after this line."""
    if fence is not None:
        return None if fence.closed_by(line) else fence
    found = _FENCE.match(line)
    if found is None or (found[1][0] == "`" and "`" in found[2]):
        return None
    return _Fence(line, found[1])
