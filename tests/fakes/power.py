"""Sensors of power that do what a test wants: steady, lying, hanging, broken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from landfall.core.energy.power import Quality, Scope
from landfall.core.events import PowerSample

Watts = Callable[[float], float | None]


class FakeSource:
    """A sensor that follows a function of its clock, or always says one value.

    Attributes:
        reads, closes: How often it was asked, and let go.
        threads: Names of the threads that asked.
    """

    available = True
    quality = Quality.GOOD
    reason = ""

    def __init__(
        self,
        watts: Watts | float | None = 100.0,
        *,
        name: str = "NVML",
        scope: Scope = Scope.GPU,
        settle_seconds: float = 0.0,
        error_share: float = 0.05,
        clock: Callable[[], float] = time.perf_counter,
        joules: Watts | None = None,
    ) -> None:
        self.name, self.scope = name, scope
        self.settle_seconds, self.error_share = settle_seconds, error_share
        self.reads = self.closes = 0
        self.threads: set[str] = set()
        self._watts, self._joules, self._clock = watts, joules, clock

    def read(self) -> PowerSample:
        """What the function says now."""
        self.reads += 1
        self.threads.add(threading.current_thread().name)
        at = self._clock()
        watts = self._watts(at) if callable(self._watts) else self._watts
        joules = self._joules(at) if self._joules else None
        why = "" if watts is not None else "the sensor sleeps"
        return PowerSample(at, self.name, self.scope, watts, why, joules)

    def close(self) -> None:
        """Let go."""
        self.closes += 1


class HangingSource(FakeSource):
    """A sensor that does not come back after some reads, until it is let go on."""

    def __init__(self, *, after: int, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.release = threading.Event()
        self._after = after

    def read(self) -> PowerSample:
        """Hang once it was read often enough."""
        if self.reads >= self._after:
            self.release.wait(30)
        return super().read()


class RaisingSource(FakeSource):
    """A sensor whose driver raises what nobody expected."""

    def read(self) -> PowerSample:
        """Never anything else."""
        raise RuntimeError("segment 7 of the driver is gone")
