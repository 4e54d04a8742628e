"""Hands work to the io loop and brings its events back to the GUI thread, a frame at a time.

The only file in which Qt and asyncio meet.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from landfall.gui.garbage import GarbageCollector
from landfall.services.io_loop import IoLoop, Job

FRAME_MS = 33
"""Events are delivered at most thirty times a second, however fast they come."""

TURN_SECONDS = 0.006
"""A delivery to many tasks goes on in the next turn of the event loop after so long: what is typed
and painted meanwhile has its turn."""


class Task(QObject):
    """One running operation, as a page sees it. All signals arrive in the GUI thread.

    Signals:
        progressed: The events since the last time, as a list, in order.
        succeeded: The result.
        failed: The exception.
        finished: Always, and last: also after `cancel`.
    """

    progressed = Signal(list)
    succeeded = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._job: Job | None = None

    @Slot()
    def cancel(self) -> None:
        """Ask the operation to stop; `finished` follows when it has cleaned up."""
        if self._job is not None:
            self._job.cancel()

    def begin(self, job: Job) -> None:
        """The work was handed over."""
        self._job = job

    def tell(self, outcome: asyncio.Task[Any]) -> None:
        """The work has ended: say how, and be gone."""
        if not outcome.cancelled():
            if error := outcome.exception():
                self.failed.emit(error)
            else:
                self.succeeded.emit(outcome.result())
        self.end()

    @Slot()
    def end(self) -> None:
        """Nothing more will come."""
        self.finished.emit()
        self.deleteLater()


SWITCH_SECONDS = 0.001
"""So long a thread may keep the interpreter while another one waits for it. Python's own 5 ms are
too long: painting gives it up at every call of Qt, and would wait for it again as often."""


@dataclass(slots=True)
class _Mail:
    """What waits to be delivered to one task."""

    events: list[Any] = field(default_factory=list)
    outcome: asyncio.Task[Any] | None = None


class TaskRunner(QObject):
    """The only bridge between Qt and asyncio."""

    _mail_arrived = Signal()

    def __init__(self, io_loop: IoLoop, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._io_loop = io_loop
        self._collector = GarbageCollector()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._events: SimpleQueue[tuple[Task, Any]] = SimpleQueue()
        self._outcomes: SimpleQueue[tuple[Task, asyncio.Task[Any]]] = SimpleQueue()
        self._lock = threading.Lock()
        self._delivery_is_due = False
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(FRAME_MS)
        self._frame.timeout.connect(self._deliver)
        self._streams = 0
        self._mail: dict[Task, _Mail] = {}
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.setInterval(0)
        self._next_turn.timeout.connect(self._hand_over)
        self._mail_arrived.connect(self._frame.start, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Coroutine[Any, Any, Any]) -> Task:
        """Run a coroutine; its result comes with `succeeded`."""
        return self._start(Task(self), work)

    def stream(self, events: AsyncIterator[Any]) -> Task:
        """Run a stream of events; they come in batches with `progressed`."""
        task = Task(self)

        async def consume() -> None:
            try:
                async for event in events:
                    self._events.put((task, event))
                    self._announce_mail()
            finally:
                # Closed here, by the task that ran it: its clean-up is done before `finished`.
                if (close := getattr(events, "aclose", None)) is not None:
                    await close()

        self._streams += 1
        task.finished.connect(self._on_stream_end)
        return self._start(task, consume())

    @Slot()
    def _on_stream_end(self) -> None:
        self._streams -= 1

    def _start(self, task: Task, work: Coroutine[Any, Any, Any]) -> Task:
        def on_outcome(outcome: asyncio.Task[Any]) -> None:
            self._outcomes.put((task, outcome))
            self._announce_mail()

        try:
            task.begin(self._io_loop.submit(work, on_outcome))
        except RuntimeError:
            # The loop has ended: the window closes, and what a field that loses the focus still
            # asks for is as cancelled as everything else.
            QTimer.singleShot(0, task.end)
        return task

    def _announce_mail(self) -> None:
        """Called in the io thread. At most one wake-up is under way at a time."""
        with self._lock:
            if self._delivery_is_due:
                return
            self._delivery_is_due = True
        self._mail_arrived.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            self._delivery_is_due = False
        # Outcomes are taken before the events, so that no event comes after its end.
        outcomes = _drain(self._outcomes)
        for task, event in _drain(self._events):
            self._mail.setdefault(task, _Mail()).events.append(event)
        for task, outcome in outcomes:
            self._mail.setdefault(task, _Mail()).outcome = outcome
        self._hand_over()

    @Slot()
    def _hand_over(self) -> None:
        """Task by task, the one that waits longest first, for one turn of the event loop."""
        turn_ends = perf_counter() + TURN_SECONDS
        while self._mail:
            task = next(iter(self._mail))
            mail = self._mail.pop(task)
            if mail.events:
                task.progressed.emit(mail.events)
            if mail.outcome is not None:
                task.tell(mail.outcome)
            # An end has a turn of its own: it changes more of a page than what came before it.
            ended = mail.outcome is not None and bool(self._mail)
            if ended or perf_counter() >= turn_ends:
                self._next_turn.start()
                return
        self._collector.collect_when_due(streaming=self._streams > 0)


def _drain(queue: SimpleQueue[Any]) -> list[Any]:
    items = []
    while True:
        try:
            items.append(queue.get_nowait())
        except Empty:
            return items
