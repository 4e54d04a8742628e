"""Measures how long the event loop of the window does not come round."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter, process_time, thread_time

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from landfall.core.run.metrics import percentile

PERIOD_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Stall:
    """A round of the loop that took longer than it should.

    Attributes:
        seconds: On the clock.
        own_seconds: Thereof what this process computed, all its threads together: the rest is what
            other programs did on the same processors meanwhile.
        window_seconds: What the thread of the window computed. Where others keep it waiting, the
            other threads of this process go on beside it, and count as its own.
    """

    seconds: float
    own_seconds: float
    window_seconds: float


class StallProbe(QObject):
    """A precise timer that should fire every 5 ms; what is longer is a stall."""

    def __init__(self) -> None:
        super().__init__()
        self.stalls: list[Stall] = []
        self._at = self._computed = self._window = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(PERIOD_SECONDS * 1000))
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.stalls.clear()
        self._at, self._computed = perf_counter(), process_time()
        self._window = thread_time()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @property
    def longest_seconds(self) -> float:
        return max((stall.seconds for stall in self.stalls), default=0.0)

    @property
    def longest_own_seconds(self) -> float:
        """What would be the longest stall on a machine that does nothing else."""
        own = (min(stall.seconds, stall.own_seconds) for stall in self.stalls)
        return max(own, default=0.0)

    @property
    def longest_window_seconds(self) -> float:
        """The longest that the thread of the window computed in one round."""
        return max((stall.window_seconds for stall in self.stalls), default=0.0)

    def percentile(self, share: float, *, own: bool = False) -> float:
        """The stall that so many rounds did not exceed; `own` as of `longest_own_seconds`."""
        values = [min(s.seconds, s.own_seconds) if own else s.seconds for s in self.stalls]
        return percentile(values, share) or 0.0

    def above(self, seconds: float) -> int:
        return sum(stall.seconds > seconds for stall in self.stalls)

    @Slot()
    def _tick(self) -> None:
        at, computed, window = perf_counter(), process_time(), thread_time()
        late = max(0.0, at - self._at - PERIOD_SECONDS)
        self.stalls.append(Stall(late, computed - self._computed, window - self._window))
        self._at, self._computed, self._window = at, computed, window
