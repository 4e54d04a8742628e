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
from landfall.services.child_environment import without_secrets
from landfall.services.ollama.transport import Transport

if sys.platform == "win32":
    from landfall.services.ollama.job_object import JobObject

    _OWN_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
else:
    _OWN_GROUP = 0  # a session of its own is the group

START_SECONDS = 60.0
"""It serves only after it has looked at every GPU."""

STOP_SECONDS = 5.0
LAST_WORDS_SECONDS = 0.5
LOG_LINES = 200
LOG_LINE_CHARACTERS = 2000

_LISTENING = re.compile(r"Listening on (?P<host>\S+?):(?P<port>\d+) \(version (?P<version>[^)]+)\)")
_DROPPED = {"OLLAMA_DEBUG_LOG_REQUESTS"}
"""Writes every prompt to a temporary folder."""


def environment_of_child(environment: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: ours without secrets, on loopback, quiet towards the internet.

    OLLAMA_NOPRUNE keeps unfinished downloads and the files of another server that shares the
    folder. OLLAMA_NO_CLOUD stops what `ollama serve` asks of its maker unasked. LLAMA_ARG_CACHE_RAM
    switches off that llama-server keeps earlier prompts, up to 8 GiB a model beside what a fit
    counts; the last prompt's beginning is still used again. The user's own word on both stands.
    """
    kept = without_secrets(environment)
    for name in _DROPPED:
        kept.pop(name, None)
    kept.setdefault("OLLAMA_NO_CLOUD", "1")
    kept.setdefault("LLAMA_ARG_CACHE_RAM", "0")
    return kept | {"OLLAMA_HOST": "127.0.0.1:0", "OLLAMA_NOPRUNE": "1"}


class _Watch(asyncio.SubprocessProtocol):
    """Reads what the child prints, to its end: a full pipe would stop it. Notices its death.

    Not `asyncio.subprocess.Process`, whose `wait` returns only when the pipe is closed: a runner
    that outlives its server holds it open.
    """

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self.found: re.Match[str] | None = None
        self.listening = asyncio.Event()
        self.ended = asyncio.Event()
        self.silent = asyncio.Event()
        self._rest = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *whole, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-LOG_LINE_CHARACTERS:]
        for line in whole:
            self._take(line.decode(errors="replace").rstrip())

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self.silent.set()

    def process_exited(self) -> None:
        self.ended.set()

    def _take(self, line: str) -> None:
        self.lines.append(line[:LOG_LINE_CHARACTERS])
        if self.found is None and (found := _LISTENING.search(line)):
            self.found = found
            self.listening.set()


class Child:
    """One running `ollama serve` that this program started.

    Attributes:
        url: Where it answers.
        version: As it says itself.
    """

    def __init__(self, transport: asyncio.SubprocessTransport, watch: _Watch) -> None:
        """Take over a process; `start` makes one."""
        self.url = ""
        self.version = ""
        self._transport = transport
        self._watch = watch
        if sys.platform == "win32":
            self._job = JobObject(transport.get_pid())

    @property
    def pid(self) -> int:
        """The process id of `ollama serve`."""
        return self._transport.get_pid()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return not self._watch.ended.is_set()

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that it printed. In debug mode they may hold prompts: keep them here."""
        return tuple(self._watch.lines)

    async def wait(self) -> None:
        """Wait until it ends, for whatever reason."""
        await self._watch.ended.wait()

    async def stop(self) -> None:
        """End it and kill what is left of its group. A second call does nothing."""
        if self.alive and sys.platform != "win32":
            # There a word to end reaches only what shares our console, and a window has none.
            with suppress(ProcessLookupError, TimeoutError):
                self._transport.terminate()
                async with asyncio.timeout(STOP_SECONDS):
                    await self.wait()
        self._end_group()
        await self.wait()
        self._transport.close()

    async def serving(self) -> None:
        """Wait for its address, then for its first answer.

        Raises:
            OllamaUnavailable: it ended, or answers nothing.
        """
        await self._address_or_end()
        if self._watch.found is None:
            last = next((line for line in reversed(self.log) if line), "it printed nothing")
            raise OllamaUnavailable(f"Ollama ended while starting: {last}", "See its log.")
        self.url = f"http://127.0.0.1:{self._watch.found['port']}"
        self.version = self._watch.found["version"]
        http = Transport(self.url)
        try:
            await http.version()
        finally:
            await http.aclose()

    async def _address_or_end(self) -> None:
        waits = [
            asyncio.ensure_future(event.wait())
            for event in (self._watch.listening, self._watch.ended)
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if not self.alive:  # its last words may still be in the pipe
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORDS_SECONDS):
                        await self._watch.silent.wait()
        finally:
            for wait in waits:
                wait.cancel()

    def _end_group(self) -> None:
        """End what is left: runners outlive a server that was killed or has crashed."""
        if sys.platform == "win32":
            self._job.close()
            with suppress(OSError):  # it has ended, as it must unless the system refused the job
                self._transport.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
                os.killpg(self.pid, signal.SIGKILL)


async def start(executable: str, *, environment: Mapping[str, str] = os.environ) -> Child:
    """Start `ollama serve` and wait until it answers. Call it from a thread that lives on.

    Raises:
        OllamaUnavailable: it cannot be started, ends at once, or does not answer in time.
    """
    try:
        child = await _spawn(executable, environment_of_child(environment))
    except OSError as error:
        raise OllamaUnavailable(
            f"{executable} cannot be started: {error.strerror or error}.", "Install Ollama again."
        ) from error
    serves = False
    try:
        async with asyncio.timeout(START_SECONDS):
            await child.serving()
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


async def _spawn(executable: str, environment: Mapping[str, str]) -> Child:
    transport, watch = await asyncio.get_running_loop().subprocess_exec(
        _Watch,
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
    return Child(transport, watch)


def _dying_with_us() -> tuple[str, ...]:
    """Words before the command that end the child when the thread that started it is gone.

    Linux only, through util-linux: a hook between fork and exec is not safe beside threads.
    """
    wrapper = shutil.which("setpriv") if sys.platform == "linux" else None
    if wrapper is None or "busybox" in Path(wrapper).resolve().name:
        return ()
    return (wrapper, "--pdeathsig", "TERM", "--")
