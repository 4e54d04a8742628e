"""What is piped in on stdin, read so that Ctrl+C and SIGTERM end the wait for it."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import io
import os
import sys
import threading
from typing import TextIO

from landfall.core.errors import BadInput

LONGEST_PROMPT_BYTES = 16 << 20

_CHUNK_BYTES = 1 << 16
_LONGEST_LINE_BYTES = 4096


async def piped(stream: TextIO | None, *, most_bytes: int, field: str) -> str:
    """All of a stream that is no terminal, as text; "" where stdin is closed.

    Raises:
        BadInput: it is longer than `most_bytes`, or not text in the stream's encoding.
    """
    if stream is None:
        return ""
    try:
        descriptor = stream.fileno()
    except (io.UnsupportedOperation, ValueError):
        return stream.read()
    data = await _in_daemon(descriptor, most_bytes + 1)
    if len(data) > most_bytes:
        raise BadInput(f"More than {most_bytes} bytes were piped in.", field=field)
    try:
        text = codecs.decode(data.removeprefix(codecs.BOM_UTF8), stream.encoding, "strict")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"What was piped in is not {stream.encoding.upper()} text.",
            "Save it as UTF-8.",
            field=field,
        ) from error
    return io.StringIO(text, newline=None).read()


async def prompt(typed: str | None) -> str:
    """The prompt of the command line, else that of stdin where it is no terminal; may be blank.

    Raises:
        BadInput: what is piped in is too long, or not text.
    """
    if typed or (sys.stdin and sys.stdin.isatty()):
        return typed or ""
    return await piped(sys.stdin, most_bytes=LONGEST_PROMPT_BYTES, field="prompt")


async def typed_line(stream: TextIO) -> str:
    """What is typed into a terminal until the line ends, without white space around it."""
    try:
        descriptor = stream.fileno()
    except (io.UnsupportedOperation, ValueError):
        return stream.readline().strip()
    data = await _in_daemon(descriptor, _LONGEST_LINE_BYTES, end=b"\n")
    return data.decode(stream.encoding, "replace").strip()


async def _in_daemon(descriptor: int, most_bytes: int, *, end: bytes | None = None) -> bytes:
    """What comes until its end. The thread that waits does not keep the program from ending.

    Args:
        end: The end where it comes before that of the stream.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        data = bytearray()
        with contextlib.suppress(OSError):  # a closed descriptor has nothing to say
            while chunk := os.read(descriptor, min(_CHUNK_BYTES, most_bytes - len(data))):
                data += chunk
                if end is not None and end in chunk:
                    break
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(_hand_over, done, bytes(data))

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return await done


def _hand_over(done: asyncio.Future[bytes], data: bytes) -> None:
    if not done.cancelled():
        done.set_result(data)
