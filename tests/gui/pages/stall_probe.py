"""Measures how long the event loop of the window does not come round."""

from __future__ import annotations

from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer, Slot

PERIOD_SECONDS = 0.005


class StallProbe(QObject):
    """A precise timer that should fire every 5 ms; what is longer is a stall."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(PERIOD_SECONDS * 1000))
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.stalls.clear()
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> float:
        """The longest stall, in seconds."""
        self._timer.stop()
        return max(self.stalls, default=0.0)

    @property
    def count_above_50_ms(self) -> int:
        return sum(stall > 0.050 for stall in self.stalls)

    @Slot()
    def _tick(self) -> None:
        now = perf_counter()
        self.stalls.append(max(0.0, now - self._last - PERIOD_SECONDS))
        self._last = now
