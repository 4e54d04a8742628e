"""The power of this machine on the chart while nothing runs: once a second, only if looked at."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QObject, Slot

from landfall.core.events import PowerSample

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.run.live_panel import RunChart
    from landfall.gui.tasks import Task, TaskRunner

_SEEN = (QEvent.Type.Show, QEvent.Type.Hide)


class Watched(Protocol):
    """The sensors of this machine; `services.run.metering.Metering` is one."""

    def watch(self) -> AsyncGenerator[PowerSample, None]:
        """Readings about once a second until it is closed."""
        ...


class LiveWatts(QObject):
    """Reads while the chart can be seen and nothing runs; otherwise no sensor is touched.

    Args:
        power: The sensors, or None while they are looked for and where there are none.
    """

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        *,
        chart: RunChart,
        power: Callable[[], Watched | None],
    ) -> None:
        super().__init__(chart)
        self._tasks, self._messages = tasks, messages
        self._chart, self._power = chart, power
        self._allowed = False
        self._task: Task | None = None
        self._read: Watched | None = None
        chart.installEventFilter(self)

    @property
    def watching(self) -> bool:
        """Whether the sensors are read for the chart now."""
        return self._task is not None

    def allow(self, allowed: bool) -> None:
        """Whether there is something to watch: not while something runs, nor for another machine.

        Call it again when other sensors were found.
        """
        self._allowed = allowed
        self._decide()

    def eventFilter(self, one: QObject, event: QEvent) -> bool:
        if one is self._chart and event.type() in _SEEN:
            self._chart.window().installEventFilter(self)
            self._decide()
        elif event.type() is QEvent.Type.WindowStateChange:
            self._decide()
        return False

    def _decide(self) -> None:
        chart = self._chart
        seen = chart.isVisible() and not chart.window().isMinimized()
        power = self._power() if self._allowed and seen else None
        if power is self._read:
            return
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._read = power
        if power is not None:
            self._task = self._tasks.stream(power.watch())
            self._task.progressed.connect(self._on_samples)
            self._task.failed.connect(self._messages.fail)
            self._task.finished.connect(self._on_finished)

    @Slot()
    def _on_finished(self) -> None:
        """A driver gave up: there is nothing to cancel any more, and nothing to watch."""
        if self.sender() is self._task:
            self._task = None

    @Slot(list)
    def _on_samples(self, samples: list[PowerSample]) -> None:
        # What was under way when the watching ended is not of interest any more.
        if self.sender() is self._task:
            self._chart.watch(samples)
