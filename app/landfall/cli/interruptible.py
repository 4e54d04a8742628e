"""Runs a command in an event loop, in which SIGTERM and Ctrl+C end it by cancelling it.

Apart from `cli.main`: what needs no loop, such as `--version` or a command that does not exist,
does not wait until asyncio is imported, which was two fifths of its time.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable

from landfall.cli import ending_early


def answered(work: Awaitable[int]) -> int:
    """The exit code of the work.

    Raises:
        KeyboardInterrupt: it was cancelled, by whomever.
    """
    try:
        with ending_early.handed_over():
            return asyncio.run(_cancellable(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _cancellable(work: Awaitable[int]) -> int:
    """SIGTERM and Ctrl+C end a command by cancelling it, so that its clean-up runs.

    Both are taken by the loop: asyncio's own handler of Ctrl+C cancels in the middle of whatever
    runs, also of a callback that has just seen that its future is not done. A second Ctrl+C
    interrupts what does not end.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)

    def interrupt() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        task.cancel()

    if os.name == "posix":
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
        loop.add_signal_handler(signal.SIGINT, interrupt)
    return await task
