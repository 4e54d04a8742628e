"""A server of our own: `ollama serve` as a child, started where none runs, stopped by us alone.

It never takes the standard port: the official application, when its own server finds that port
taken, kills every other `ollama serve`. It listens on loopback at a port that the system picks.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from landfall.core.errors import OllamaUnavailable
from landfall.services.ollama.transport import Transport

if sys.platform == "win32":
    from landfall.services.ollama.job_object import JobObject

    _OWN_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
else:
    _OWN_GROUP = 0  # a session of its own is the group

START_SECONDS = 60.0
"""It serves only after it has looked at every GPU."""

STOP_SECONDS = 5.0
LOG_LINES = 200
LOG_LINE_CHARACTERS = 2000

_LISTENING = re.compile(r"Listening on (?P<host>\S+?):(?P<port>\d+) \(version (?P<version>[^)]+)\)")
_SECRET = re.compile(r"API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|PRIVATE_KEY", re.IGNORECASE)
_DROPPED = {"OLLAMA_DEBUG_LOG_REQUESTS"}
"""Writes every prompt to a temporary folder."""


def environment_of_child(environment: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: ours without secrets, on loopback, quiet towards the internet.

    OLLAMA_NOPRUNE keeps unfinished downloads and the files of another server that shares the
    folder. OLLAMA_NO_CLOUD stops what `ollama serve` asks of its maker unasked; the user's own
    word on it stands.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not _SECRET.search(name) and name not in _DROPPED
    }
    kept.setdefault("OLLAMA_NO_CLOUD", "1")
    return kept | {"OLLAMA_HOST": "127.0.0.1:0", "OLLAMA_NOPRUNE": "1"}


class Child:
    """One running `ollama serve` that this program started.

    Attributes:
        url: Where it answers.
        version: As it says itself.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take over a process; `start` makes one."""
        self.url = ""
        self.version = ""
        self._process = process
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._listening = asyncio.Event()
        # The child's output is read to its end: a full pipe would stop the server.
        self._draining = asyncio.create_task(self._drain(), name="ollama-log")
        if sys.platform == "win32":
            self._job = JobObject(process.pid)

    @property
    def pid(self) -> int:
        """The process id of `ollama serve`."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that it printed. In debug mode they may hold prompts: keep them here."""
        return tuple(self._lines)

    async def wait(self) -> int:
        """Wait until it ends, for whatever reason; the exit code."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End it and its runners; returns once they are gone. A second call does nothing."""
        if self.alive:
            _ask_to_end(self._process)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        self._end_group()
        await self._process.wait()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._draining, STOP_SECONDS)

    def _end_group(self) -> None:
        """End what is left: runners outlive a server that was killed or has crashed."""
        if sys.platform == "win32":
            self._job.close()
        else:
            with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
                os.killpg(self.pid, signal.SIGKILL)

    async def _drain(self) -> None:
        stream = self._process.stdout
        rest = b""
        while stream is not None and (chunk := await stream.read(1 << 16)):
            *whole, rest = (rest + chunk).split(b"\n")
            rest = rest[-LOG_LINE_CHARACTERS:]
            for line in whole:
                self._take(line.decode(errors="replace").rstrip())
        self._listening.set()  # nobody waits for a server that has ended

    def _take(self, line: str) -> None:
        self._lines.append(line[:LOG_LINE_CHARACTERS])
        if found := _LISTENING.search(line):
            self.url = f"http://127.0.0.1:{found['port']}"
            self.version = found["version"]
            self._listening.set()

    async def serving(self) -> None:
        """Wait for its address, then for its first answer.

        Raises:
            OllamaUnavailable: it ended, or answers nothing.
        """
        await self._listening.wait()
        if not self.url:
            last = next((line for line in reversed(self._lines) if line), "it printed nothing")
            raise OllamaUnavailable(f"Ollama ended while starting: {last}", "See its log.")
        http = Transport(self.url)
        try:
            await http.version()
        finally:
            await http.aclose()


async def start(executable: str, *, environment: Mapping[str, str] = os.environ) -> Child:
    """Start `ollama serve` and wait until it answers. Call it from a thread that lives on.

    Raises:
        OllamaUnavailable: it cannot be started, ends at once, or does not answer in time.
    """
    try:
        process = await _spawn(executable, environment_of_child(environment))
    except OSError as error:
        raise OllamaUnavailable(
            f"{executable} cannot be started: {error.strerror or error}.", "Install Ollama again."
        ) from error
    child = Child(process)
    serves = False
    try:
        await asyncio.wait_for(child.serving(), START_SECONDS)
        serves = True
    except TimeoutError as error:
        raise OllamaUnavailable(
            f"Ollama was started and did not answer within {START_SECONDS:.0f} s.",
            "Start it in a terminal with `ollama serve` to see why.",
        ) from error
    finally:
        if not serves:
            await child.stop()
    return child


@asynccontextmanager
async def running(
    executable: str, *, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[Child]:
    """A server for as long as the block lasts."""
    child = await start(executable, environment=environment)
    try:
        yield child
    finally:
        await child.stop()


async def _spawn(executable: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *_dying_with_us(),
        executable,
        "serve",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
        creationflags=_OWN_GROUP,
    )


def _dying_with_us() -> tuple[str, ...]:
    """Words before the command that end the child when the thread that started it is gone.

    Linux only, through util-linux: a hook between fork and exec is not safe beside threads.
    """
    wrapper = shutil.which("setpriv") if sys.platform == "linux" else None
    if wrapper is None or "busybox" in Path(wrapper).resolve().name:
        return ()
    return (wrapper, "--pdeathsig", "TERM", "--")


def _ask_to_end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, OSError):
        if sys.platform == "win32":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            process.terminate()
