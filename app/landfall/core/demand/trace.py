"""When the calls really came: hour by hour over the observed days, or call by call.

The trace is replayed through the slots of a machine for the verdict: queues that form in one hour
and are worked off in the next are in no formula.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

from landfall.core.demand.queueing import BUSIEST_SHARE, quantile
from landfall.core.demand.replaying import (
    HOUR_SECONDS,
    HOURS,
    SingleCall,
    Stream,
    TraceDay,
    replayed,
    stream_of,
)

MINUTE_SECONDS = 60.0
MINUTES = 60
"""By definition."""
WORKING = frozenset({1, 2, 3, 4, 5})
"""Ordinals of Monday to Friday, modulo 7."""
LEAST_GAPS = 3
"""Of an hour; fewer say nothing of how they vary."""
CLASSES = 40
"""Hours of like business are put together for the formulas: one rate stands for each class."""
_GRID = math.log(1.1)
"""Replays are made at service times a tenth apart, and read off between them."""
_SHARE_GRID = 10
"""A prompt's share of the service is told apart in so many steps."""

IDLE_BELOW, CROWDED_ABOVE = 0.005, 5.0
"""Shares of the slots in the busiest hour between which a replay says more than the formulas."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a machine would have done with the trace.

    Attributes:
        mean_wait_seconds: Before a slot was free, over all calls, nobody being turned away.
        p95_seconds: Within which 19 of 20 calls of the busiest hours were answered, wait included;
            those are the hours at or above the 95th percentile of all hours.
        absorbed: Share of the calls served where whatever finds no free slot goes elsewhere.
        absorbed_prompt, absorbed_written: The same share of the tokens.
        absorbed_queued: Of the calls, where `SHORT_QUEUE` calls may wait.
    """

    mean_wait_seconds: float
    p95_seconds: float
    absorbed: float
    absorbed_prompt: float
    absorbed_written: float
    absorbed_queued: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The observed days, in order, and their single calls where those are told.

    A day without a log is absent. `singles` is in order of time, or empty.
    """

    days: tuple[TraceDay, ...]
    singles: tuple[SingleCall, ...] = ()
    _kept: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def __reduce__(self) -> tuple[Callable[..., Trace], tuple[object, ...]]:
        """Pickled without what was computed of it."""
        return _trace, (self.days, self.singles)

    @property
    def calls_per_day(self) -> float:
        """Mean of the observed days."""
        return self._remembered("mean", self._mean)

    def _mean(self) -> float:
        return math.fsum(day.total for day in self.days) / len(self.days)

    def hours(self) -> list[float]:
        """Calls of every observed hour."""
        return [calls for day in self.days for calls in day.calls]

    def busiest_calls(self) -> float:
        """Calls of the busiest hour: the 95th percentile of all hours, or of one day its largest.

        Where work comes in fewer than one of twenty hours that percentile is 0, and says nothing;
        it is taken of the hours with work then.
        """
        return self._remembered("busiest", self._busiest)

    def _busiest(self) -> float:
        hours = self.hours()
        if len(hours) <= HOURS:
            return max(hours)
        found = quantile(hours, BUSIEST_SHARE)
        worked = [calls for calls in hours if calls > 0]
        return found if found > 0 or not worked else quantile(worked, BUSIEST_SHARE)

    def profile(self) -> tuple[float, ...]:
        """Mean calls in each local hour of a day with work."""
        return self._remembered("profile", self._profile)

    def _profile(self) -> tuple[float, ...]:
        worked = [day for day in self.days if day.total > 0]
        if not worked:
            return (0.0,) * HOURS
        return tuple(
            math.fsum(day.calls[hour] for day in worked) / len(worked) for hour in range(HOURS)
        )

    def weekday_profile(self) -> tuple[float, ...]:
        """The same of Monday to Friday alone: what imported usage states as `hourly_calls`."""
        return self._remembered("weekdays", self._weekday_profile)

    def _weekday_profile(self) -> tuple[float, ...]:
        weekdays = tuple(day for day in self.days if day.ordinal % 7 in WORKING)
        return Trace(days=weekdays).profile()

    def peak_to_mean(self) -> float | None:
        """The busiest hour over the mean hour; None where nothing came."""
        mean = self.calls_per_day / HOURS
        return self.busiest_calls() / mean if mean else None

    def classes(self) -> tuple[tuple[float, float], ...]:
        """Hours with work, as (calls an hour, number of hours) of at most 40 classes."""
        return self._remembered("classes", self._classes)

    def _classes(self) -> tuple[tuple[float, float], ...]:
        worked = sorted(calls for calls in self.hours() if calls > 0)
        size = max(1, math.ceil(len(worked) / CLASSES))
        parts = (worked[at : at + size] for at in range(0, len(worked), size))
        return tuple((math.fsum(part) / len(part), float(len(part))) for part in parts)

    def dispersion(self) -> float | None:
        """Variance over mean of the counts: of minutes where single calls are told, else of the
        same hour on different days; 1 for a Poisson stream, above it for bursts."""
        if self.singles:
            return _minute_dispersion(self.singles)
        worked = [day for day in self.days if day.total > 0]
        if len(worked) < 2:
            return None
        spread = mean = 0.0
        for hour in range(HOURS):
            counts = [day.calls[hour] for day in worked]
            middle = math.fsum(counts) / len(counts)
            spread += math.fsum((one - middle) ** 2 for one in counts) / (len(counts) - 1)
            mean += middle
        return spread / mean

    def gap_variation(self) -> float | None:
        """Ca2: squared coefficient of variation of the gaps between calls, against the mean gap of
        their hour; None where single calls are not told or no hour has three gaps."""
        squares, free = 0.0, 0
        for calls in _by_hour(self.singles):
            gaps = [after - before for before, after in pairwise(calls)]
            mean = math.fsum(gaps) / len(gaps) if gaps else 0.0
            if len(gaps) >= LEAST_GAPS and mean > 0:
                squares += math.fsum((gap / mean - 1) ** 2 for gap in gaps)
                free += len(gaps) - 1
        return squares / free if free else None

    # Replay --------------------------------------------------------------------------------

    def replayed_calls(self) -> tuple[int, int]:
        """How many calls of how many days a replay takes; (0, 0) where none is made."""
        stream = self.stream()
        return (len(stream.at), stream.days) if stream is not None else (0, 0)

    def replay(
        self, service_s: float, *, slots: int, prompt_share: float = 0.0, scale: float = 1.0
    ) -> Replayed | None:
        """What the machine would have done; None where one day holds more calls than are replayed,
        or nothing came, or a call never ends, or its slots are as good as idle or asked for many
        times what they serve: the formulas stand then.

        Read off between replays at service times a tenth apart, so that a search over many service
        times costs no more than some dozen replays; p95 lies within 2 % of a replay of its own.

        Args:
            service_s: Mean seconds that a call keeps its slot.
            slots: How many are served at once.
            prompt_share: What of these seconds the prompt takes, for calls of different sizes.
            scale: Calls over those of the trace: with twice as many, time goes twice as fast.
        """
        stream = self.stream()
        seconds = service_s * scale
        if stream is None or not math.isfinite(seconds) or seconds <= 0 or scale <= 0:
            return None
        busy = self.busiest_calls() * seconds / slots / HOUR_SECONDS
        if not IDLE_BELOW <= busy <= CROWDED_ABOVE:
            return None
        place = math.log(seconds) / _GRID
        below = math.floor(place)
        rest = place - below
        share = 0.0 if stream.alike else round(prompt_share * _SHARE_GRID) / _SHARE_GRID
        low, high = (self._at(stream, step, slots, share) for step in (below, below + 1))
        between = [_between(a, b, rest) for a, b in zip(low, high, strict=True)]
        return Replayed(
            mean_wait_seconds=between[0] * service_s,
            p95_seconds=between[1] * service_s,
            absorbed=between[2],
            absorbed_prompt=between[3],
            absorbed_written=between[4],
            absorbed_queued=between[5],
        )

    def _at(self, stream: Stream, step: int, slots: int, share: float) -> tuple[float, ...]:
        """A replay at a place of the grid: times in units of the mean service, then shares."""
        return self._remembered(
            (step, slots, share),
            lambda: replayed(stream, math.exp(step * _GRID), slots=slots, prompt_share=share),
        )

    def stream(self) -> Stream | None:
        """The calls to replay; None where nothing came or one day has more than are replayed."""
        return self._remembered("stream", self._make_stream)

    def _make_stream(self) -> Stream | None:
        return stream_of(self.days, self.singles, busiest_calls=self.busiest_calls())

    def _remembered(self, name: object, make: Callable[[], _T]) -> _T:
        if name not in self._kept:
            self._kept[name] = make()
        found: _T = self._kept[name]
        return found


def _between(low: float, high: float, rest: float) -> float:
    """Waits grow by ratios, shares are nearly straight: by the logarithms, where there are any."""
    if low > 0 and high > 0:
        return math.pow(low, 1 - rest) * math.pow(high, rest)
    return low + (high - low) * rest


def _trace(days: tuple[TraceDay, ...], singles: tuple[SingleCall, ...]) -> Trace:
    return Trace(days=days, singles=singles)


def _by_hour(singles: Sequence[SingleCall]) -> list[list[float]]:
    """Times of the calls of each hour in which something came."""
    hours: dict[int, list[float]] = {}
    for call in singles:
        hours.setdefault(int(call.at // HOUR_SECONDS), []).append(call.at)
    return list(hours.values())


def _minute_dispersion(singles: Sequence[SingleCall]) -> float:
    """Of the minutes of each hour in which something came, about the mean of that hour: that hours
    differ is no burst."""
    spread = mean = 0.0
    for calls in _by_hour(singles):
        counts = Counter(int(at // MINUTE_SECONDS) for at in calls)
        each = len(calls) / MINUTES
        empty = MINUTES - len(counts)
        squares = math.fsum((count - each) ** 2 for count in counts.values()) + empty * each**2
        spread += squares / (MINUTES - 1)
        mean += each
    return spread / mean
