"""What the work asks of one machine: how busy, how late, what overflows.

For the verdict the real trace is replayed through the machine's slots where there is one; the
formulas stand where only a profile of the day is known, and where a day holds too many calls for a
replay (the law of large numbers serves them well then). What only a reader asks for (the hours,
ten times the load) is computed when it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from landfall.core.demand import queueing
from landfall.core.demand.growth import Growth, at_times, people_served
from landfall.core.demand.hours import HourLoad, hour_by_hour
from landfall.core.demand.load import Load, batch_of
from landfall.core.demand.replaying import SHORT_QUEUE
from landfall.core.demand.serving import Service
from landfall.core.demand.trace import Replayed
from landfall.core.figures import combined
from landfall.core.provenance import Estimated, Figure, Stated, Unknown, middle

_NEXT_TO_NOTHING_SECONDS = 1e-3
"""What is left of a target that the network alone uses up."""
_NO_TOKENS = Unknown("tokens.input is not stated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strain:
    """The work on one machine.

    Attributes:
        load: How much work there is.
        service: A mean call on the machine.
        window_hours: Of work that may wait; else None.
        target_seconds: Within which 19 of 20 answers shall come, or None.
        network_seconds: What an answer is on its way, beside what it takes there.
        peak_stated, absorbed_stated: What the user quotes, which stands above everything here.
        table: Where it is quoted: "quotes.machine".
    """

    load: Load
    service: Service
    window_hours: float | None = None
    target_seconds: float | None = None
    network_seconds: float = 0.0
    peak_stated: float | None = None
    absorbed_stated: float | None = None
    table: str = "quotes.machine"

    # For the decision ----------------------------------------------------------------------------

    def peak(self) -> Figure:
        """Share of the slots busy in the busiest hour, or in the batch's window."""
        if self.peak_stated is not None:
            return Stated(self.peak_stated, f"{self.table}.peak_utilisation")
        return self.load.utilisation(
            self.service.seconds, self.window_hours, slots=self.service.slots
        )

    def absorbed(self) -> Figure:
        """Share of the calls served here where what finds no free slot goes elsewhere at once."""
        if self.absorbed_stated is not None:
            return Stated(self.absorbed_stated, f"{self.table}.absorbed_share")
        if self.peak_stated is not None:
            return self.load.absorbed_at(self.peak_stated, slots=self.service.slots)
        return self._share("absorbed", 0, "")

    def absorbed_tokens(self) -> Figure:
        """The same of the tokens, for the bill of what overflows: large calls and small ones are
        not turned away alike where they come at different hours."""
        if self.absorbed_stated is not None or self.peak_stated is not None:
            return self.absorbed()
        fresh, written = self.load.input, self.load.writes
        if fresh is None or written is None or fresh + written <= 0:
            return _NO_TOKENS
        if self.load.trace is None:
            return self.absorbed()
        whole = fresh + written

        def share(seconds: float) -> float:
            found = self._replay(seconds)
            if found is None:
                return self.load.absorbed_by_hours(seconds, slots=self.service.slots)
            return (fresh * found.absorbed_prompt + written * found.absorbed_written) / whole

        return self._of_seconds(share, ", by tokens")

    def absorbed_queued(self) -> Figure:
        """Share of the calls served here where three may wait before the next one overflows."""
        if self.peak_stated is not None or self.absorbed_stated is not None:
            return Unknown("the machine's load is quoted, not computed")
        return self._share("absorbed_queued", SHORT_QUEUE, f", {SHORT_QUEUE} may wait")

    def lateness(self) -> float | None:
        """H6: above 0 the slowest of twenty answers takes longer than the target, a logarithm that
        is 0 at it; None where there is none, or the load is quoted or waits for a window."""
        return self.lateness_at(middle(self.service.seconds), self.service.slots)

    def lateness_at(self, each: float | None, slots: int) -> float | None:
        """The same where a call keeps its slot for other seconds, or there are other slots."""
        target, rate = self._target(), self.load.busiest()
        if target is None or each is None or rate is None or self.window_hours is not None:
            return None
        if self.peak_stated is not None:
            return None
        if self._replay(each, slots) is None:
            return queueing.lateness(rate, service_s=each, target_s=target, slots=slots)
        return math.log(max(self._p95(each, slots), 1e-300) / target)

    def misses_window(self) -> bool | None:
        """H6: whether a day's calls do not clear the batch window; None as of `lateness`."""
        if self.peak_stated is not None:
            return None
        window = self.batch()
        return None if window is None else not window.fits

    # For the reader ------------------------------------------------------------------------------

    def p95(self) -> Figure:
        """Seconds within which 19 of 20 answers come in the busiest hour, waiting included."""
        way = f" and {self.network_seconds:.3g} s on the network" if self.network_seconds else ""
        if self.peak_stated is not None and self.window_hours is None:
            return self._quoted(self._latency)
        return self._waiting(self._arrived, f"p95 in the busiest hour{way}")

    def mean_wait(self) -> Figure:
        """Mean seconds before a slot is free: of the busiest hour by formula, of all calls where
        the trace is replayed."""
        if self.peak_stated is not None and self.window_hours is None:
            return self._quoted(self._wait)
        return self._waiting(self._mean_wait, "mean wait")

    def hours(self) -> tuple[HourLoad, ...]:
        """The mean working day, hour by hour; none where the seconds or the volume are unknown."""
        each = self._each()
        return () if each is None else hour_by_hour(self.load, each, slots=self.service.slots)

    def batch(self) -> queueing.BatchWindow | None:
        """A day's calls in their window, or None."""
        return batch_of(
            self.service.seconds, self.load, self.window_hours, slots=self.service.slots
        )

    def growth(self, *, most_busy: float) -> Growth | None:
        """What ten times the work asks; None where the seconds or the volume are unknown."""
        each, rate = self._each(), self.load.busiest()
        if each is None or not rate:
            return None
        day = self.load.busy_day
        if self.window_hours is not None and day is not None:
            rate = day / (self.window_hours * queueing.SECONDS_PER_HOUR)
        return at_times(
            rate,
            service_s=each,
            slots=self.service.slots,
            most_busy=most_busy,
            target_seconds=None if self.window_hours is not None else self._target(),
        )

    def people(self, *, most_busy: float) -> int | None:
        """How many people, each asking once a minute, are served within the target."""
        each = self._each()
        if each is None or each <= 0:
            return None
        return people_served(
            service_s=each,
            slots=self.service.slots,
            most_busy=most_busy,
            target_seconds=self._target(),
        )

    def replayed_calls(self) -> tuple[int, int]:
        """How many calls of how many days were replayed; (0, 0) where the formulas stand."""
        each = middle(self.service.seconds)
        if self.load.trace is None or each is None or self._replay(each) is None:
            return 0, 0
        return self.load.trace.replayed_calls()

    # -----------------------------------------------------------------------------------------

    def _target(self) -> float | None:
        """What the way there and back leaves of the target; next to nothing where it takes all."""
        if self.target_seconds is None or self.network_seconds == 0:
            return self.target_seconds
        return max(self.target_seconds - self.network_seconds, _NEXT_TO_NOTHING_SECONDS)

    def _each(self) -> float | None:
        """Mean seconds of a call; by the quoted peak where one is. None where a peak is stated of
        a volume so small that no call of it would end."""
        rate = self.load.busiest()
        if self.peak_stated is not None and rate and self.window_hours is None:
            found = self.peak_stated * self.service.slots / rate
            return found if math.isfinite(found) else None
        return middle(self.service.seconds)

    def _replay(self, seconds: float, slots: int | None = None) -> Replayed | None:
        if self.load.trace is None:
            return None
        return self.load.trace.replay(
            seconds,
            slots=self.service.slots if slots is None else slots,
            prompt_share=self.service.prompt_share,
            scale=self.load.scale,
        )

    def _share(self, name: str, queue: int, says: str) -> Figure:
        def share(seconds: float) -> float:
            found = self._replay(seconds)
            if found is not None:
                value: float = getattr(found, name)
                return value
            return self.load.absorbed_by_hours(seconds, slots=self.service.slots, queue=queue)

        return self._of_seconds(share, says)

    def _of_seconds(self, share: Callable[[float], float], says: str) -> Figure:
        if not self.load.busiest():
            return Unknown("volume.calls_per_day is not stated")
        seconds = self.service.seconds
        if isinstance(seconds, Unknown):
            return seconds
        replayed = self._replay(middle(seconds) or 0.0) is not None
        how = "the trace, replayed" if replayed else "the loss formula of every hour"
        return combined(share, (seconds,), f"{how}{says}")

    def _waiting(self, formula: Callable[[float], float], says: str) -> Figure:
        if self.load.busiest() is None:
            return Unknown("volume.calls_per_day is not stated")
        if self.window_hours is not None:
            return Unknown("the work may wait for its window")
        seconds = self.service.seconds
        if isinstance(seconds, Unknown):
            return seconds
        if not math.isfinite(formula(middle(seconds) or 0.0)):
            return Unknown("the machine cannot keep up in the busiest hour: the wait only grows")
        return combined(lambda each: self._finite(formula, each), (seconds,), says)

    def _finite(self, formula: Callable[[float], float], each: float) -> float:
        """At an end of the band at which a queue grows: by the end of an hour with rho times what
        is served, the last call waits (rho - 1) hours."""
        value = formula(each)
        if math.isfinite(value):
            return value
        rate = self.load.busiest() or 0.0
        busy = queueing.utilisation(rate, service_s=each, slots=self.service.slots)
        return each + (busy - 1) * queueing.SECONDS_PER_HOUR

    def _quoted(self, formula: Callable[[float, float], float]) -> Figure:
        rate, each = self.load.busiest(), self._each()
        if not rate or each is None:
            return Unknown("volume.calls_per_day is not stated")
        value = formula(rate, each)
        if not math.isfinite(value):
            return Unknown("the machine cannot keep up in the busiest hour: the wait only grows")
        return Estimated(value, value, value, f"queue at {self.table}.peak_utilisation")

    def _p95(self, each: float, slots: int) -> float:
        rate = self.load.busiest() or 0.0
        if queueing.utilisation(rate, service_s=each, slots=slots) >= 1:
            return math.inf
        found = self._replay(each, slots)
        if found is not None:
            return found.p95_seconds
        return queueing.latency_quantile(rate, service_s=each, slots=slots)

    def _mean_wait(self, each: float) -> float:
        rate = self.load.busiest() or 0.0
        if queueing.utilisation(rate, service_s=each, slots=self.service.slots) >= 1:
            return math.inf
        found = self._replay(each)
        return found.mean_wait_seconds if found is not None else self._wait(rate, each)

    def _arrived(self, each: float) -> float:
        return self._p95(each, self.service.slots) + self.network_seconds

    def _latency(self, rate: float, each: float) -> float:
        there = queueing.latency_quantile(rate, service_s=each, slots=self.service.slots)
        return there + self.network_seconds

    def _wait(self, rate: float, each: float) -> float:
        return queueing.mean_wait(rate, service_s=each, slots=self.service.slots)
