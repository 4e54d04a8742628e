"""A key or a token as it is given: typed without echo, or piped in; never an argument."""

from __future__ import annotations

import getpass
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from landfall.cli.piped import piped
from landfall.core.errors import BadInput
from landfall.services.keys.secret import LENGTH_MAX

_READ_MAX_BYTES = 4 * LENGTH_MAX


async def typed_secret(what: str, *, into: str) -> str:
    """What is typed without echo, or all of stdin where that is no terminal.

    Args:
        what: For the prompt: "The token of office".
        into: The command that reads it, for the hint.

    Raises:
        BadInput: the terminal would show it, or what is piped in is too long.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        return await piped(sys.stdin, most_bytes=_READ_MAX_BYTES, field="key")
    try:
        with _interruptible(), warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(f"{what} (it is not shown): ")
    except EOFError:
        return ""
    except getpass.GetPassWarning as error:
        raise BadInput(
            "This terminal would show the key while it is typed.",
            f"Pipe it into {into} from a file, and delete the file.",
            field="key",
        ) from error


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl+C ends the prompt at once: the loop's own handler waits for the loop, which waits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
