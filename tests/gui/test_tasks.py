"""The bridge between Qt and asyncio."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from landfall.core.errors import OllamaUnavailable
from landfall.gui.tasks import TaskRunner
from landfall.services.io_loop import IoLoop
from tests.gui.conftest import active_timers


@pytest.fixture
def runner(qapp: QApplication) -> Iterator[TaskRunner]:
    loop = IoLoop()
    loop.start()
    yield TaskRunner(loop)
    assert loop.stop(), "work was left on the io loop"
    assert "io-loop" not in [thread.name for thread in threading.enumerate()]


async def count(n: int, delay: float = 0.0) -> AsyncIterator[int]:
    for i in range(n):
        yield i
        if delay:
            await asyncio.sleep(delay)


class Listener(QObject):
    """Records what reaches the GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[Any]] = []
        self.said: list[object] = []
        self.threads: set[threading.Thread] = set()

    @Slot(list)
    def on_progress(self, batch: list[Any]) -> None:
        self.batches.append(batch)
        self.threads.add(threading.current_thread())

    @Slot(object)
    def on_said(self, what: object) -> None:
        self.said.append(what)


def test_events_of_a_fast_stream_arrive_in_order_and_in_few_batches(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    listener = Listener()
    task = runner.stream(count(5000))
    task.progressed.connect(listener.on_progress)
    with qtbot.waitSignal(task.finished):
        pass
    assert [event for batch in listener.batches for event in batch] == list(range(5000))
    assert len(listener.batches) < 20
    assert listener.threads == {threading.main_thread()}


def test_the_result_of_a_coroutine_is_delivered(qtbot: QtBot, runner: TaskRunner) -> None:
    task = runner.run(asyncio.sleep(0.01, "pong"))
    with qtbot.waitSignal(task.succeeded) as caught:
        pass
    assert caught.args == ["pong"]


def test_a_known_error_reaches_the_page_as_it_was_raised(qtbot: QtBot, runner: TaskRunner) -> None:
    async def fail() -> None:
        raise OllamaUnavailable("Ollama is not running.", "Start it.")

    task = runner.run(fail())
    with qtbot.waitSignal(task.failed) as caught:
        pass
    assert caught.args is not None
    assert caught.args[0].hint == "Start it."


def test_cancelling_runs_the_cleanup_and_says_neither_success_nor_failure(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    cleaned = []
    listener = Listener()

    async def endless() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
                await asyncio.sleep(0.005)
        finally:
            cleaned.append(True)

    task = runner.stream(endless())
    task.succeeded.connect(listener.on_said)
    task.failed.connect(listener.on_said)
    with qtbot.waitSignal(task.progressed):
        pass
    with qtbot.waitSignal(task.finished):
        task.cancel()
    assert cleaned == [True]
    assert listener.said == []


def test_cancelling_before_the_first_step_still_finishes(qtbot: QtBot, runner: TaskRunner) -> None:
    task = runner.stream(count(10))
    with qtbot.waitSignal(task.finished):
        task.cancel()


def test_cancelling_twice_and_after_the_end_is_harmless(qtbot: QtBot, runner: TaskRunner) -> None:
    task = runner.run(asyncio.sleep(0))
    with qtbot.waitSignal(task.finished):
        task.cancel()
        task.cancel()


def test_a_page_may_be_deleted_while_its_stream_runs(qtbot: QtBot, runner: TaskRunner) -> None:
    page = Listener()
    task = runner.stream(count(100, 0.002))
    task.progressed.connect(page.on_progress)
    with qtbot.waitSignal(task.progressed):
        pass
    page.deleteLater()
    del page
    gc.collect()
    with qtbot.waitSignal(task.finished):
        pass


def test_stopping_with_fifty_open_streams_is_quick(qtbot: QtBot, qapp: QApplication) -> None:
    loop = IoLoop()
    loop.start()
    runner = TaskRunner(loop)
    tasks = [runner.stream(count(10**6, 0.01)) for _ in range(50)]
    with qtbot.waitSignal(tasks[-1].progressed):
        pass
    start = time.perf_counter()
    assert loop.stop()
    assert time.perf_counter() - start < 1.5


def test_work_asked_for_after_the_loop_has_ended_is_cancelled_and_says_so(
    qtbot: QtBot, qapp: QApplication
) -> None:
    loop = IoLoop()
    loop.start()
    assert loop.stop()
    runner = TaskRunner(loop)
    task = runner.run(asyncio.sleep(0))
    with qtbot.waitSignal(task.finished):
        pass


def test_no_timer_runs_while_nothing_runs(qtbot: QtBot, runner: TaskRunner) -> None:
    task = runner.run(asyncio.sleep(0))
    with qtbot.waitSignal(task.finished):
        pass
    assert active_timers() == []


def test_emitting_a_signal_loses_no_reference(qtbot: QtBot, runner: TaskRunner) -> None:
    """PySide6 6.12.0 lost one to True at each emit: Python 3.11 aborted after some hundred."""
    listener = Listener()
    task = runner.run(asyncio.sleep(0))
    with qtbot.waitSignal(task.finished):
        pass
    before = sys.getrefcount(True)
    for _ in range(300):
        listener.destroyed.emit()
    assert sys.getrefcount(True) > before - 50


class Discarded(QObject):
    """Tells in which thread it ends."""

    ends: ClassVar[list[threading.Thread]] = []

    def __init__(self) -> None:
        super().__init__()
        self.itself = self

    def __del__(self) -> None:
        self.ends.append(threading.current_thread())


async def litter() -> None:
    """Leaves so much that a collector that runs by itself runs here."""
    for _ in range(5000):
        circle: list[object] = []
        circle.append(circle)


def test_what_the_window_discards_ends_in_its_own_thread(qtbot: QtBot, runner: TaskRunner) -> None:
    Discarded.ends.clear()
    Discarded()
    runner.run(litter())
    qtbot.waitUntil(lambda: bool(Discarded.ends))
    assert Discarded.ends == [threading.main_thread()]
