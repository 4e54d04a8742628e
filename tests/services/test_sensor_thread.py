from __future__ import annotations

import asyncio
import threading

import pytest

from landfall.services.sensor_thread import SensorThread


async def test_that_calls_run_one_after_the_other_on_one_thread_of_that_name() -> None:
    thread = SensorThread("sensor")
    try:
        names = [
            await thread.call(lambda: threading.current_thread().name, timeout_seconds=5)
            for _ in range(3)
        ]
    finally:
        thread.close()
    assert names == ["sensor"] * 3


async def test_that_an_exception_reaches_the_caller_and_the_thread_lives_on() -> None:
    def broken() -> None:
        raise OSError("driver")

    thread = SensorThread("sensor")
    try:
        with pytest.raises(OSError, match="driver"):
            await thread.call(broken, timeout_seconds=5)
        assert await thread.call(lambda: 7, timeout_seconds=5) == 7
    finally:
        thread.close()


async def test_that_a_hanging_call_is_given_up_and_the_next_not_queued_behind_it() -> None:
    release = threading.Event()
    thread = SensorThread("sensor")
    try:
        with pytest.raises(TimeoutError, match=r"did not answer in 0\.02 s"):
            await thread.call(lambda: release.wait(30), timeout_seconds=0.02)
        assert thread.stuck
        with pytest.raises(TimeoutError, match="still has not answered"):
            await thread.call(lambda: 7, timeout_seconds=5)
    finally:
        release.set()
        thread.close()


async def test_that_a_call_that_came_back_after_all_makes_the_thread_usable_again() -> None:
    release, back = threading.Event(), threading.Event()
    thread = SensorThread("sensor")

    def slow() -> None:
        release.wait(30)
        back.set()

    try:
        with pytest.raises(TimeoutError):
            await thread.call(slow, timeout_seconds=0.02)
        release.set()
        assert await asyncio.to_thread(back.wait, 5)
        for _ in range(500):
            if not thread.stuck:
                break
            await asyncio.sleep(0.01)
        assert await thread.call(lambda: 7, timeout_seconds=5) == 7
    finally:
        thread.close()


async def test_that_a_cancelled_caller_leaves_the_thread_usable() -> None:
    release = threading.Event()
    thread = SensorThread("sensor")
    try:
        task = asyncio.create_task(thread.call(lambda: release.wait(30), timeout_seconds=30))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        release.set()
        assert await thread.call(lambda: 7, timeout_seconds=5) == 7
    finally:
        release.set()
        thread.close()


async def test_that_the_thread_does_not_hold_up_the_end_of_the_program() -> None:
    thread = SensorThread("sensor")
    try:
        assert await thread.call(lambda: threading.current_thread().daemon, timeout_seconds=5)
    finally:
        thread.close()


def test_that_a_thread_that_was_never_used_closes() -> None:
    SensorThread("sensor").close()


def test_that_an_answer_after_the_loop_is_closed_goes_nowhere() -> None:
    release = threading.Event()
    thread = SensorThread("sensor")

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await thread.call(lambda: release.wait(30), timeout_seconds=0.02)

    asyncio.run(give_up())
    release.set()
    thread.close()


async def test_that_a_cancellation_that_comes_together_with_the_answer_is_not_lost() -> None:
    thread = SensorThread("sensor")
    asked = asyncio.create_task(thread.call(lambda: 1, timeout_seconds=5))
    await asyncio.sleep(0)
    thread.close()  # joins: the answer is on the loop's list now, and the cancellation behind it
    asyncio.get_running_loop().call_soon(asked.cancel)
    with pytest.raises(asyncio.CancelledError):
        await asked
