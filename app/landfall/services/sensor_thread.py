"""A daemon thread for calls into drivers: one that hangs holds up neither the loop nor the exit.

`asyncio.to_thread` will not do: its threads are joined at the end of the program, so a driver that
never answers would keep the program from ending.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class SensorThread:
    """One thread that runs calls one after the other. It starts with the first call.

    Attributes:
        name: Of the thread, for the doctor and for tests.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._asked = 0
        self._done = 0
        self._given_up = 0

    @property
    def stuck(self) -> bool:
        """Whether a call was given up and has not come back yet."""
        return self._done < self._given_up

    async def call(self, function: Callable[[], T], *, timeout_seconds: float) -> T:
        """What the function returns, or raises.

        Raises:
            TimeoutError: it did not come back in time, or an earlier one still has not.
        """
        if self.stuck:
            raise TimeoutError(f"{self.name} still has not answered an earlier question")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        self._start()
        self._asked += 1
        number = self._asked
        self._calls.put(lambda: self._run(function, loop, answer))
        try:
            # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with
            # the answer, and a recording that is told to stop would go on for ever.
            async with asyncio.timeout(timeout_seconds):
                return await answer
        except TimeoutError:
            self._given_up = number
            raise TimeoutError(f"{self.name} did not answer in {timeout_seconds:g} s") from None

    def close(self) -> None:
        """Let the thread end after the call that runs; a stuck one is left to the system."""
        if self._thread is None:
            return
        self._calls.put(None)
        if not self.stuck:
            self._thread.join(timeout=1.0)
        self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self.name, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            self._done += 1

    def _run(
        self,
        function: Callable[[], T],
        loop: asyncio.AbstractEventLoop,
        answer: asyncio.Future[T],
    ) -> None:
        try:
            value = function()
        except BaseException as error:  # noqa: BLE001 - carried to the caller, who decides
            _hand_over(loop, answer, error=error)
        else:
            _hand_over(loop, answer, value=value)


def _hand_over(
    loop: asyncio.AbstractEventLoop,
    answer: asyncio.Future[T],
    *,
    value: T | None = None,
    error: BaseException | None = None,
) -> None:
    def settle() -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value)  # type: ignore[arg-type]

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        return  # the loop was closed while the driver was thinking
