"""Work that goes on to its end whoever waits for it, and is nobody's trouble afterwards."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest

from landfall.services.threads import in_thread, to_its_end


async def test_that_work_ends_although_nobody_waits_for_it_any_more() -> None:
    go_on, done = threading.Event(), threading.Event()

    def work() -> None:
        go_on.wait(5)
        done.set()

    asking = asyncio.ensure_future(in_thread(work))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go_on.set()
    assert await asyncio.to_thread(done.wait, 5)


async def test_that_what_fails_after_nobody_waits_is_not_reported_as_forgotten() -> None:
    told: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context))
    go_on = asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        raise OSError("the disk went away")

    asking = asyncio.ensure_future(to_its_end(work()))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go_on.set()
    await asyncio.sleep(0.01)
    gc.collect()
    await asyncio.sleep(0)
    assert told == []


async def test_that_who_waits_is_told_what_failed() -> None:
    def work() -> None:
        raise OSError("no such disk")

    with pytest.raises(OSError, match="no such disk"):
        await in_thread(work)
