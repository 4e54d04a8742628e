"""Runs the real program in a process of its own, as a user's shell does."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[2] / "app"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user with an empty home: no display, no keys, no proxy."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(part in name.upper() for part in ("OLLAMA", "API_KEY", "PROXY", "DISPLAY"))
    }
    kept.pop("QT_QPA_PLATFORM", None)
    ours = {"LANDFALL_HOME": str(home), "PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"}
    return kept | ours | more


async def start(
    *words: str, home: Path, piped: bool = False, **more: str
) -> asyncio.subprocess.Process:
    """Start `landfall WORDS`."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "landfall",
        *words,
        stdin=asyncio.subprocess.PIPE if piped else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(home, **more),
        cwd=home,
    )


async def landfall(*words: str, home: Path, stdin: str = "", **more: str) -> Ran:
    """Run `landfall WORDS` to its end, with what is piped into it."""
    process = await start(*words, home=home, piped=bool(stdin), **more)
    told = stdin.encode() if stdin else None
    out, err = await asyncio.wait_for(process.communicate(told), 60)
    return Ran(process.returncode or 0, out.decode(), err.decode())
