from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from landfall.services.io_loop import IoLoop


@pytest.fixture
def loop() -> Iterator[IoLoop]:
    started = IoLoop()
    started.start()
    yield started
    assert started.stop()


def test_the_outcome_is_told_in_the_loops_thread(loop: IoLoop) -> None:
    told = threading.Event()
    seen: list[tuple[str, object]] = []

    def on_outcome(task: asyncio.Task[str]) -> None:
        seen.append((threading.current_thread().name, task.result()))
        told.set()

    loop.submit(asyncio.sleep(0, "done"), on_outcome)
    assert told.wait(5)
    assert seen == [("io-loop", "done")]


def test_a_cancelled_job_cleans_up_before_its_outcome_is_told(loop: IoLoop) -> None:
    order: list[str] = []
    begun, told = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            order.append("cleaned up")

    def on_outcome(task: asyncio.Task[None]) -> None:
        order.append("cancelled" if task.cancelled() else "not cancelled")
        told.set()

    job = loop.submit(work(), on_outcome)
    assert begun.wait(5)
    job.cancel()
    assert told.wait(5)
    assert order == ["cleaned up", "cancelled"]


def test_stopping_with_fifty_open_jobs_is_quick() -> None:
    loop = IoLoop()
    loop.start()
    ended: list[bool] = []
    for _ in range(50):
        loop.submit(asyncio.sleep(60), lambda task: ended.append(task.cancelled()))
    start = time.perf_counter()
    assert loop.stop()
    assert time.perf_counter() - start < 2
    assert ended == [True] * 50


def test_work_for_a_stopped_loop_is_refused() -> None:
    loop = IoLoop()
    loop.start()
    assert loop.stop()
    with pytest.raises(RuntimeError, match="not running"):
        loop.submit(asyncio.sleep(0), lambda _: None)


def test_cancelling_after_the_end_is_harmless() -> None:
    loop = IoLoop()
    loop.start()
    told = threading.Event()
    job = loop.submit(asyncio.sleep(0), lambda _: told.set())
    assert told.wait(5)
    job.cancel()
    assert loop.stop()
    job.cancel()


def test_what_work_used_is_closed_after_the_work_has_ended() -> None:
    order: list[str] = []
    begun = threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            order.append("work ended")

    async def close() -> None:
        order.append("closed")

    loop = IoLoop(at_end=close)
    loop.start()
    loop.submit(work(), lambda _: None)
    assert begun.wait(5)
    assert loop.stop()
    assert order == ["work ended", "closed"]
