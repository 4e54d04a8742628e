"""Ctrl+C before a command runs ends the program at once: there is nothing to clean up yet.

Python would raise `KeyboardInterrupt` at whatever it runs then, which is an import. A class that
is being made turns it into a `RuntimeError`, and where it is raised in a text that is compiled, as
those of dataclasses are, Python ends by the signal in place of the exit code 130.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

CANCELLED = 130


def end_at_once() -> None:
    """From now on. Where the signal is ignored, as in the background of a shell, it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


@contextmanager
def handed_over() -> Iterator[None]:
    """While a command runs: an event loop takes the signal, or lets Python raise at it."""
    before = signal.getsignal(signal.SIGINT)
    if before is not _end:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _end)


def _end(_number: int, _frame: FrameType | None) -> None:
    # Not through the buffer: what was interrupted may be writing into it.
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            os.write(sys.stderr.fileno(), b"Cancelled.\n")
    os._exit(CANCELLED)
