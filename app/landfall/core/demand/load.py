"""How much work a workload is, and what that asks of a machine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from landfall.core.costs import cost
from landfall.core.demand import queueing
from landfall.core.demand.day_pattern import DayPattern
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.trace import Trace
from landfall.core.figures import combined
from landfall.core.pricing.call_shape import CallShape
from landfall.core.provenance import Estimated, Figure, Unknown, middle

_WORK_BEGINS = 9
"""Where nobody knows the hours, the eight of a working day are shown from nine o'clock on."""
_SAME_HOUR = 0.05
"""A stated profile that differs by less of its busiest hour from that of the trace was taken from
it: days at the edges of a log are not counted alike in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much work there is.

    Attributes:
        calls_per_day: None where it is not known.
        input, cached, output: Mean tokens of a call; None where not known.
        cache_write: Of `input`, those written to a provider's cache, for however long.
        cache_write_1h: Of `cache_write`, those written for an hour.
        hourly_calls: 24 values, or none.
        trace: When the calls really came, or None. It stands above `hourly_calls`, unless those
            were stated otherwise than the trace tells.
        pattern: How the observed days differ from their mean, or None.
    """

    calls_per_day: float | None
    history_days: int | None
    predictability: Predictability
    hourly_calls: tuple[float, ...]
    input: float | None
    cached: float | None
    output: float | None
    embedding: bool
    trace: Trace | None = None
    pattern: DayPattern | None = None
    cache_write: float = 0.0
    cache_write_1h: float = 0.0

    @property
    def calls(self) -> float:
        """Calls of a month; only asked for where the calls a day are known."""
        return (self.calls_per_day or 0.0) * cost.DAYS_PER_MONTH

    @property
    def writes(self) -> float | None:
        """Tokens of an answer: an embedding has none, whatever is stated."""
        return 0.0 if self.embedding and self.output is None else self.output

    def shape(self) -> CallShape | Unknown:
        """One mean call. What is not said to be cached, or written to a cache, is neither."""
        if self.input is None:
            return Unknown("tokens.input is not stated")
        if self.writes is None:
            return Unknown("tokens.output is not stated")
        written = min(self.cache_write, self.input)
        for_an_hour = min(self.cache_write_1h, written)
        return CallShape(
            uncached_tokens=self.input - written,
            cached_tokens=self.cached or 0.0,
            cache_write_tokens=written - for_an_hour,
            cache_write_1h_tokens=for_an_hour,
            output_tokens=self.writes,
        )

    # Hours ---------------------------------------------------------------------------------------

    @property
    def knows_hours(self) -> bool:
        """Whether it is known when the calls come; else eight even hours are assumed."""
        return bool(self.hourly_calls) or self.trace is not None

    @property
    def busy_day(self) -> float | None:
        """Calls of a busy day; of the mean one where nobody knows how days differ."""
        if self.calls_per_day is None or self.pattern is None:
            return self.calls_per_day
        return self.calls_per_day * self.pattern.busy

    @property
    def scale(self) -> float:
        """Calls a day over those of the trace: a stated volume moves all its hours alike."""
        seen = self.trace.calls_per_day if self.trace is not None else 0.0
        if self.calls_per_day is None or seen <= 0:
            return 1.0
        return self.calls_per_day / seen

    def hourly_rates(self) -> tuple[float, ...]:
        """Requests a second in each hour of a day; without a profile, eight even hours."""
        if self.hourly_calls:
            return tuple(calls / 3600 for calls in self.hourly_calls)
        if self.calls_per_day is None:
            return ()
        peak = queueing.busiest_hour_rate(self.calls_per_day)
        hours = round(self.calls_per_day / 3600 / peak) if peak else 0
        return (peak,) * hours

    def day_profile(self) -> tuple[float, ...]:
        """Mean calls in each of 24 local hours of a day with work, of a busy one where days are
        known and hours are not; none without a volume."""
        if self.trace is not None:
            scale = self.scale
            return tuple(calls * scale for calls in self.trace.profile())
        if self.hourly_calls:
            return self.hourly_calls
        much = self.pattern.busy if self.pattern is not None else 1.0
        even = tuple(rate * 3600 * much for rate in self.hourly_rates())
        if self.calls_per_day is None:
            return ()
        before = (0.0,) * _WORK_BEGINS
        return (*before, *even, *(0.0,) * (24 - _WORK_BEGINS - len(even)))

    def busiest(self) -> float | None:
        """Requests a second in the busiest hour, or None where no volume is known."""
        if self.trace is not None:
            return self.trace.busiest_calls() * self.scale / 3600
        if self.hourly_calls:
            return queueing.busiest_hour_rate(0.0, hourly_calls=self.hourly_calls)
        day = self.busy_day
        return None if day is None else queueing.busiest_hour_rate(day)

    def classes(self) -> tuple[tuple[float, float], ...]:
        """Hours as (requests a second, how many of them)."""
        if self.trace is not None:
            factor = self.scale / 3600
            return tuple((calls * factor, hours) for calls, hours in self.trace.classes())
        if not self.hourly_calls:
            even = self.hourly_rates()
            days = self.pattern.classes if self.pattern is not None else ((1.0, 1.0),)
            return tuple((even[0] * much, len(even) * share) for much, share in days if even)
        return tuple((rate, float(hours)) for rate, hours in Counter(self.hourly_rates()).items())

    # What it asks --------------------------------------------------------------------------------

    def utilisation(self, seconds: Figure, window_hours: float | None, *, slots: int = 1) -> Figure:
        """Share of the slots that is busy in the busiest hour, or in the batch's window."""
        rate = self.busiest()
        day = self.busy_day
        if window_hours is not None and day is not None:
            rate = day / (window_hours * 3600)
        if rate is None:
            return Unknown("volume.calls_per_day is not stated")
        if isinstance(seconds, Unknown):
            return seconds
        beside = "" if slots == 1 else f" / {slots} slots"
        return combined(
            lambda each: queueing.utilisation(rate, service_s=each, slots=slots),
            (seconds,),
            f"calls in the busiest hour x seconds a call{beside}",
        )

    def absorbed_by_hours(self, seconds: float, *, slots: int, queue: int = 0) -> float:
        """Share served here by the loss formula of every hour, weighted with its calls."""
        classes = self.classes()
        return queueing.absorbed_share(
            [rate for rate, _ in classes],
            service_s=seconds,
            slots=slots,
            queue=queue,
            hours=[hours for _, hours in classes],
        )

    def absorbed_at(self, peak: float, *, slots: int = 1) -> Figure:
        """What is absorbed at a stated busiest hour: the other hours follow the profile."""
        rate = self.busiest()
        if not self.knows_hours or not rate:
            return Unknown("neither stated nor computable without volume.hourly_calls")
        share = self.absorbed_by_hours(peak * slots / rate, slots=slots)
        return Estimated(share, share, share, "Erlang B of every hour, from the stated peak")


def traced(load_profile: tuple[float, ...], trace: Trace | None) -> Trace | None:
    """The trace, unless a profile was stated that says otherwise: then it is the user's word that
    counts, and None stands."""
    if trace is None or not load_profile:
        return trace
    seen = (trace.profile(), trace.weekday_profile())
    return trace if any(_same_shape(one, load_profile) for one in seen) else None


def _same_shape(seen: tuple[float, ...], stated: tuple[float, ...]) -> bool:
    """Whether two profiles of a day differ by no more than a part of their busiest hour."""
    whole, total = sum(seen), sum(stated)
    if whole <= 0 or total <= 0:
        return whole == total
    return all(
        abs(one / whole - other / total) <= _SAME_HOUR * max(stated) / total
        for one, other in zip(seen, stated, strict=True)
    )


def batch_of(
    seconds: Figure, load: Load, window_hours: float | None, *, slots: int
) -> queueing.BatchWindow | None:
    """A busy day's calls in their window; None where there is none or something is not known."""
    each, day = middle(seconds), load.busy_day
    if window_hours is None or each is None or day is None:
        return None
    return queueing.batch_window(day, service_s=each, slots=slots, window_hours=window_hours)
