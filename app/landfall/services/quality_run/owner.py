"""Which program runs a quality run, so that no two ask for the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from landfall.core.errors import BadInput

_GOING: set[str] = set()
"""Quality runs that go on in this process. Their owner in the history says no more than which
process, and stays there where the end of a run could not be stored."""


@contextmanager
def going_here(uid: str) -> Iterator[None]:
    """Claim a quality run within this process, for as long as the block lasts.

    Raises:
        BadInput: it goes on here already.
    """
    if uid in _GOING:
        raise BadInput(
            "This quality run goes on already.", "Wait for it, or stop it first.", field="uid"
        )
    _GOING.add(uid)
    try:
        yield
    finally:
        _GOING.discard(uid)


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
