"""The program with its window in a process of its own, used by a test as by a user."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.end_to_end.process import SOURCE, environment

ROOT = SOURCE.parent
LONGEST_LINE = 1 << 24
WIDE = f"offscreen:configfile={Path(__file__).parents[1] / 'data' / 'wide_screen.json'}"
"""Without a screen Qt takes 800 by 800 pixels, in which the window keeps its smallest size."""
HARMLESS = ("This plugin does not support",)
"""What Qt says of the platform without a screen."""


def files_that_show(text: str, folder: Path) -> list[Path]:
    """Files below a folder that hold a text."""
    wanted = text.encode()
    return [path for path in folder.rglob("*") if path.is_file() and wanted in path.read_bytes()]


class StepFailed(AssertionError):
    """A step could not be done; says why and what was to be seen."""


class Window:
    """One running program.

    Attributes:
        printed: What it wrote to stderr so far. said: what it answered to the steps.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.printed = ""
        self.said = ""
        self._reading = asyncio.create_task(self._read_errors())

    async def _read_errors(self) -> None:
        assert self.process.stderr is not None
        while data := await self.process.stderr.read(4096):
            self.printed += data.decode(errors="replace")

    @property
    def complaints(self) -> list[str]:
        """Lines on stderr that no healthy run has."""
        lines = [line for line in self.printed.splitlines() if line.strip()]
        return [line for line in lines if not any(text in line for text in HARMLESS)]

    # Steps

    async def do(self, what: str, name: str = "", **more: Any) -> Any:
        """Do one step; raises StepFailed."""
        step = {"do": what, **({"name": name} if name else {}), **more}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(step).encode() + b"\n")
        await self.process.stdin.drain()
        patience = more.get("seconds", 10.0) + 10.0
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), patience)
        except TimeoutError:
            raise StepFailed(f"{step}: no answer\n{self.printed[-3000:]}") from None
        if not line:
            await self._reading
            raise StepFailed(f"{step}: the program is gone\n{self.printed[-3000:]}")
        self.said += line.decode()
        answer = json.loads(line)
        if "error" in answer:
            seen = "\n".join(answer["seen"])
            raise StepFailed(f"{step}: {answer['error']}\n{seen}\n{self.printed[-3000:]}")
        return answer["ok"]

    async def click(self, name: str, text: str = "", **more: Any) -> None:
        """Click on a control, or on the button with these words in it."""
        await self.do("click", name, **({"text": text} if text else {}), **more)

    async def type(self, name: str, text: str, **more: Any) -> None:
        """Replace what is in a field."""
        await self.do("type", name, text=text, **more)

    async def key(self, key: str, **more: Any) -> None:
        """Press a key, by its Qt name."""
        await self.do("key", key=key, **more)

    async def see(self, name: str, text: str = "", **more: Any) -> str:
        """Wait for a widget that says this; all it says."""
        found = await self.do("see", name, **({"text": text} if text else {}), **more)
        return str(found["text"])

    async def open(self, page: str, *states: str, text: str = "", seconds: float = 15.0) -> str:
        """Go to a page by the sidebar and wait until it is in one of these states; all it says."""
        await self.click(f"nav-{page}")
        return await self.on(page, *states, text=text, seconds=seconds)

    async def on(self, page: str, *states: str, text: str = "", seconds: float = 15.0) -> str:
        """Wait until this page is shown in one of these states; all it says."""
        more: dict[str, Any] = {"states": list(states)} if states else {}
        if text:
            more["text"] = text
        found = await self.do("page", page, seconds=seconds, **more)
        return str(found["text"])

    # Ends

    async def close(self, seconds: float = 10.0) -> None:
        """Close the window; the program ends in order and has complained of nothing."""
        assert await self.do("close") == 0, "widgets were windows of their own for a moment"
        assert await self.ended(seconds) == 0, self.printed
        assert not self.complaints, "\n".join(self.complaints)

    async def ended(self, seconds: float) -> int:
        """Wait for the end of the process; its exit code."""
        code = await asyncio.wait_for(self.process.wait(), seconds)
        await asyncio.wait_for(self._reading, 5)
        return code

    async def kill(self) -> None:
        """The power goes."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.ended(10)


@asynccontextmanager
async def landfall_window(
    home: Path, *words: str, platform: str = "offscreen", **more: str
) -> AsyncIterator[Window]:
    """Start `landfall WORDS` with its window; a program that still runs at the end is killed."""
    ours = {
        "PYTHONPATH": os.pathsep.join((str(SOURCE), str(ROOT))),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        # Compiled once for all tests of a session, and not into the source tree.
        "PYTHONPYCACHEPREFIX": str(home.parent.parent / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    platform = more.pop("QT_QPA_PLATFORM", platform)
    ours["QT_QPA_PLATFORM"] = WIDE if (platform, os.name) == ("offscreen", "posix") else platform
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.end_to_end.drive",
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(home, **ours | more),
        cwd=home,
        limit=LONGEST_LINE,
    )
    window = Window(process)
    try:
        yield window
    finally:
        if process.returncode is None:
            await window.kill()
