"""What can go wrong with a server, on demand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from tests.fakes.http_wire import Cut

FaultKind = Literal[
    "cut",
    "die",
    "error",
    "no_done",
    "refuse",
    "slow",
    "stall",
    "burst",
    "dribble",
    "down",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong once, at the next request to `path`.

    Attributes:
        kind: cut: the connection breaks. die: the whole server does. error: a line with an error.
            no_done: the stream ends without its last line. refuse: `status` and `text` at once.
            slow: nothing for `seconds`, not even a status line. stall: nothing more. burst: all
            lines in one write. dribble: byte by byte, through the middle of characters.
            down: a pull's progress goes down once.
        after: So many lines come first.
    """

    kind: FaultKind
    path: str = "/api/chat"
    after: int = 3
    text: str = ""
    status: int = 500
    seconds: float = 0.0


async def spoilt(
    lines: AsyncGenerator[bytes, None], fault: Fault, dead: asyncio.Event
) -> AsyncGenerator[bytes, None]:
    """The lines of an answer with the fault in them. `dead` is set where the server dies."""
    async with aclosing(lines):
        if fault.kind == "burst":
            yield b"".join([line async for line in lines])
        elif fault.kind == "dribble":
            async for line in lines:
                for byte in line:
                    yield bytes([byte])
        else:
            async for step in _broken(lines, fault, dead):
                yield step


async def _broken(
    lines: AsyncGenerator[bytes, None], fault: Fault, dead: asyncio.Event
) -> AsyncGenerator[bytes, None]:
    sent = 0
    async for line in lines:
        if sent == fault.after:
            match fault.kind:
                case "die":
                    dead.set()
                    raise Cut
                case "cut":
                    raise Cut
                case "error":
                    yield json.dumps({"error": fault.text}).encode() + b"\n"
                    return
                case "no_done":
                    return
                case "stall":
                    await asyncio.sleep(fault.seconds)
        yield line
        sent += 1
