"""Children forked from a process that has imported everything, with limits on what they use."""

from __future__ import annotations

import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

_WALL_FACTOR = 20  # of a limit of the processor's time, beside others that want it too
_MEMORY_BYTES = 6 << 30
_BROKEN = 70  # the work itself, not what it runs, raised

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Work(Generic[Key]):
    """What a child does: `run` writes what it has to tell and gives the exit status.

    `cpu_seconds` is the processor's time after which the child is ended.
    """

    key: Key
    run: Callable[[Callable[[str], None]], int]
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Ended(Generic[Key]):
    """How a child ended: its status, or the signal that ended it as a negative number."""

    key: Key
    status: int
    told: str

    @property
    def ran_out(self) -> bool:
        return self.status in (-signal.SIGXCPU, -signal.SIGKILL)


@dataclass(slots=True)
class _Child(Generic[Key]):
    pid: int
    key: Key
    deadline: float
    told: bytes = b""


def run_all(works: Iterator[Work[Key]], workers: int) -> Iterator[Ended[Key]]:
    """Each work in a child of its own, so many at a time; what raised in one is raised here."""
    running: dict[int, _Child[Key]] = {}
    waiting = True
    while waiting or running:
        while waiting and len(running) < workers:
            work = next(works, None)
            waiting = work is not None
            if work is not None:
                pipe, child = _start(work)
                running[pipe] = child
        for pipe in _ready(running):
            said = os.read(pipe, 65536)
            running[pipe].told += said
            if not said:
                yield _end(pipe, running.pop(pipe))


def _ready(running: dict[int, _Child[Key]]) -> list[int]:
    ready, _, _ = select.select(list(running), [], [], 1.0) if running else ([], [], [])
    now = time.monotonic()
    for child in running.values():
        if now > child.deadline:
            os.kill(child.pid, signal.SIGKILL)
    return list(ready)


def _start(work: Work[Key]) -> tuple[int, _Child[Key]]:
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        _live(work, writes)
    os.close(writes)
    return reads, _Child(pid, work.key, time.monotonic() + work.cpu_seconds * _WALL_FACTOR + 60)


def _live(work: Work[Key], pipe: int) -> None:
    """The whole life of a child; it never returns."""
    status = _BROKEN
    try:
        limit = max(1, round(work.cpu_seconds))
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        status = work.run(lambda text: _tell(pipe, text))
    except BaseException:  # noqa: BLE001 - raised again by the parent
        _tell(pipe, traceback.format_exc())
    finally:
        os._exit(status)


def _tell(pipe: int, text: str) -> None:
    os.write(pipe, text.encode(errors="replace")[:60000])


def _end(pipe: int, child: _Child[Key]) -> Ended[Key]:
    os.close(pipe)
    _, status = os.waitpid(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    told = child.told.decode(errors="replace")
    if code == _BROKEN:
        raise RuntimeError(told)
    return Ended(child.key, code, told)
