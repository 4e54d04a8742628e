"""The one thread in which all asyncio work of the window runs."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

logger = logging.getLogger(__name__)

Outcome = Callable[["asyncio.Task[Any]"], None]


class Job:
    """A piece of work handed to the loop. May be cancelled from any thread, at any time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._task: asyncio.Task[Any] | None = None

    def cancel(self) -> None:
        """Ask the work to stop. Its clean-up runs before its outcome is told."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel)

    def begin(self, task: asyncio.Task[Any]) -> None:
        """Called in the loop's thread when the work has become a task."""
        self._task = task

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


class IoLoop:
    """Owns the event loop: starts it, hands it work, stops it without leftovers."""

    def __init__(self, *, at_end: Callable[[], Awaitable[None]] | None = None) -> None:
        """Start nothing yet.

        Args:
            at_end: Runs in the loop after all other work has ended: closes what work used.
        """
        self._at_end = at_end
        self._thread = threading.Thread(target=self._run, name="io-loop")
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_asked: asyncio.Event | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Start the thread and wait until the loop accepts work."""
        self._thread.start()
        self._started.wait()

    def submit(self, work: Coroutine[Any, Any, Any], on_outcome: Outcome) -> Job:
        """Run `work`; when it has ended in any way, call `on_outcome` in the loop's thread.

        Raises:
            RuntimeError: the loop was not started or has ended.
        """
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise RuntimeError("the io loop is not running")
        job = Job(self._loop)
        self._loop.call_soon_threadsafe(self._begin, job, work, on_outcome)
        return job

    def ask_to_stop(self) -> None:
        """Cancel all work and have the thread end, without waiting for it; from any thread."""
        if self._loop is not None and self._stop_asked is not None and self._thread.is_alive():
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._stop_asked.set)

    def stop(self, timeout_seconds: float = 3.0) -> bool:
        """Cancel all work, wait for its clean-up, end the thread. False if something hangs."""
        self.ask_to_stop()
        self._thread.join(timeout_seconds)
        if self._thread.is_alive():
            logger.error("the io loop did not stop; still running: %s", self._tasks)
        return not self._thread.is_alive()

    def _begin(self, job: Job, work: Coroutine[Any, Any, Any], on_outcome: Outcome) -> None:
        # asyncio keeps only weak references to tasks: hold a strong one until the end.
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(on_outcome)
        job.begin(task)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop_asked = asyncio.Event()
        self._started.set()
        await self._stop_asked.wait()
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._at_end is not None:
            await self._at_end()
