"""A file of text as lines, a block at a time: its encoding found, its compression undone.

Never more than a block and one line are held. A line longer than `LONGEST_LINE` becomes an empty
one, so that the numbers of the lines behind it stay right, and is told of.
"""

from __future__ import annotations

import codecs
import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from landfall.core.errors import BadInput, Unavailable
from landfall.core.usage.rows import Problem

BLOCK_BYTES = 1 << 20
LONGEST_LINE = 16 << 20
"""Characters; a request with pictures in it, as an agent logs it, has some millions."""

HEAD_BYTES = 1 << 18

_GZIP = b"\x1f\x8b"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

OnBytes = Callable[[int], None]
"""Told after each block how many bytes were read of the file; what it raises ends the reading."""


class TextFile:
    """One file of text.

    Attributes:
        bytes_read: Of the file as it lies on the disk, compressed or not.
        head: Its first characters, read already; line ends are `\\n`.
        head_is_all: Whether there are no others.
    """

    def __init__(self, path: Path, on_bytes: OnBytes | None = None) -> None:
        """Open the file and look at its begin.

        Raises:
            BadInput: it is no text.
            Unavailable: it cannot be read.
        """
        self.path = path
        self.bytes_read = 0
        self._on_bytes = on_bytes
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise _unreadable(path, error) from error
        self._stream: io.BufferedIOBase = self._file
        self._is_zipped = self._is_damaged = False
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        head = self._file.peek(len(_GZIP))[: len(_GZIP)]
        self._is_zipped = head == _GZIP
        if self._is_zipped:
            self._stream = gzip.GzipFile(fileobj=self._file)
        self._first = self._read(HEAD_BYTES)
        if isinstance(self._first, Problem):
            raise BadInput(
                f"{self.path} is compressed and damaged.",
                "Copy or download it again.",
                file=str(self.path),
            )
        self.head_is_all = len(self._first) < HEAD_BYTES and not self._is_damaged
        self._encoding = _encoding(self._first)
        self.head = self._first.decode(self._encoding, "replace").replace("\r\n", "\n")
        if "\0" in self.head:
            raise BadInput(
                f"{self.path} is no text: it holds bytes that no usage file has.",
                "Choose a CSV, JSON or JSONL file as the provider exports it.",
                file=str(self.path),
            )
        # Old spreadsheets end lines with a carriage return alone.
        self._end = "\r" if "\n" not in self.head and "\r" in self.head else "\n"
        self.head = self.head.replace("\r", "\n" if self._end == "\r" else " ")

    def close(self) -> None:
        """Close the file; done twice it does nothing."""
        self._stream.close()
        self._file.close()

    def blocks(self) -> Iterator[str | Problem]:
        """The text from its begin, line ends being `\\n`; at most once.

        A Problem is the last: what follows cannot be read.
        """
        decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        block: bytes | Problem = self._first
        self._first = b""
        held = ""
        while block:
            if isinstance(block, Problem):
                yield block
                return
            text = held + decoder.decode(block)
            held = ""
            if self._end == "\r":
                text = text.replace("\r", "\n")
            elif "\r" in text:
                if text[-1] == "\r":
                    text, held = text[:-1], "\r"
                text = text.replace("\r\n", "\n").replace("\r", " ")
            yield text
            block = self._read(BLOCK_BYTES)
        if last := held + decoder.decode(b"", final=True):
            yield last

    def lines(self) -> Iterator[tuple[int, list[str]] | Problem]:
        """Whole lines without their ends, a block at a time, with the number of the first."""
        number, kept, dropping = 1, "", False
        for block in self.blocks():
            if isinstance(block, Problem):
                # What was kept of a line is not all of it.
                yield Problem(line=number, column="", reason=block.reason)
                return
            whole, end, rest = block.rpartition("\n")
            if not end:
                kept, dropping = ("", True) if dropping else (kept + rest, False)
            else:
                lines = (kept + whole).split("\n")
                if dropping or len(lines[0]) > LONGEST_LINE:
                    lines[0] = ""
                    yield _too_long(number)
                yield number, lines
                number += len(lines)
                kept, dropping = rest, False
            if len(kept) > LONGEST_LINE:
                kept, dropping = "", True
        if dropping:
            yield _too_long(number)
        elif kept:
            yield number, [kept]

    def _read(self, size: int) -> bytes | Problem:
        try:
            block = self._inflated(size) if self._is_zipped else self._stream.read(size)
        except OSError as error:
            raise _unreadable(self.path, error) from error
        if self._is_damaged and not block:
            return Problem(line=0, column="", reason="the compressed file is damaged from here on")
        self.bytes_read = self._file.tell()
        if self._on_bytes is not None:
            self._on_bytes(self.bytes_read)
        return block

    def _inflated(self, size: int) -> bytes:
        """Up to `size` bytes of a compressed file; of one that is damaged, those before that.

        `GzipFile.read` throws away what it has when it meets the damage.
        """
        parts: list[bytes] = []
        try:
            while size > 0 and (part := self._stream.read1(size)):
                parts.append(part)
                size -= len(part)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self._is_damaged = True
        return b"".join(parts)


def _too_long(number: int) -> Problem:
    return Problem(
        line=number, column="", reason=f"is longer than {LONGEST_LINE >> 20} million characters"
    )


def _unreadable(path: Path, error: OSError) -> BadInput | Unavailable:
    if isinstance(error, FileNotFoundError):
        return BadInput(f"{path} does not exist.", "Check the name.", file=str(path))
    if os.path.isdir(path):  # of which Windows says that it is forbidden
        return BadInput(f"{path} is a folder.", "Name the files in it.", file=str(path))
    return Unavailable(f"{path} cannot be read: {error.strerror}.", "Check its permissions.")


def _encoding(head: bytes) -> str:
    """What a file's first bytes are written in.

    Without a mark it is UTF-8, or UTF-16 where every second byte is 0, or else what spreadsheets
    of western Windows write, code page 1252.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = min(len(head), 4096) / 2
    if odd > 0.8 * half and not even:
        return "utf-16-le"
    if even > 0.8 * half and not odd:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
