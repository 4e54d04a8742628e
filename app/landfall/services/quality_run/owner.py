"""Which program runs a quality run, so that no two ask for the same answers."""

from __future__ import annotations

import psutil


def this_program() -> str:
    """This process, by its number and when it began: numbers are used again."""
    return _of(psutil.Process())


def is_alive(owner: str) -> bool:
    """Whether the process still runs. One that was killed does not, whoever has not noticed yet."""
    number = owner.partition(":")[0]
    if not number.isdecimal():
        return False
    try:
        process = psutil.Process(int(number))
        return _of(process) == owner and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _of(process: psutil.Process) -> str:
    return f"{process.pid}:{process.create_time():.2f}"
