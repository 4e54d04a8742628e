"""A trace as a stream of calls, and what a machine's slots would have done with it.

Where only the hours are told, the calls of an hour come at even chance anywhere in it (what a
Poisson stream does, given its count) and their sizes vary as widely as their mean, as the formulas
take it too; where single calls are told, nothing of that is made up.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from landfall.core.demand.queueing import BUSIEST_SHARE, quantile, replay

HOURS = 24
DAY_SECONDS = 86_400.0
HOUR_SECONDS = 3600.0
"""By definition."""
MOST_REPLAYED = 5000
"""Calls that are replayed: whole days, evenly picked, where there were more."""
SHORT_QUEUE = 3
"""Calls that may wait on a machine before the next one overflows (the worked case K7)."""
_SEED = 20_261_123
_CLOSE = 1e-9
"""A fixed seed, so that an answer is the same each time; and what counts as equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceDay:
    """One observed day, local time.

    Attributes:
        ordinal: Of the date (`date.toordinal`).
        calls: 24 counts; an hour in which nothing came is 0.
        prompt, written: Tokens not read from a cache, and tokens of answers, of each hour; empty
            where not told.
    """

    ordinal: int
    calls: tuple[float, ...]
    prompt: tuple[float, ...] = ()
    written: tuple[float, ...] = ()

    @property
    def total(self) -> float:
        """Calls of the day."""
        return math.fsum(self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleCall:
    """One call.

    Attributes:
        at: Seconds from local midnight of the first day of the trace.
        prompt, written: Its tokens, None where not told.
    """

    at: float
    prompt: float | None = None
    written: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Calls to replay: times, sizes against their mean, and whether the hour is a busiest one.

    `alike` where prompts and answers are of one size in these terms.
    """

    at: tuple[float, ...]
    prompt: tuple[float, ...]
    written: tuple[float, ...]
    busy: tuple[bool, ...]
    days: int
    alike: bool


def stream_of(
    days: Sequence[TraceDay],
    singles: Sequence[SingleCall],
    *,
    busiest_calls: float,
    most: int = MOST_REPLAYED,
) -> Stream | None:
    """The calls to replay; None where nothing came or one day has more than are replayed.

    Args:
        days: Observed, in order.
        singles: The single calls of these days, or none.
        busiest_calls: An hour with so many is one of the busiest.
        most: Calls that are replayed.
    """
    chosen = picked(days, most)
    if not chosen:
        return None
    first = days[0].ordinal
    busy = {
        (day.ordinal - first) * HOURS + hour
        for day in chosen
        for hour, calls in enumerate(day.calls)
        if calls > 0 and calls >= busiest_calls
    }
    at, prompt, written = _told(singles, chosen, first) if singles else _made_up(chosen, first)
    if not at:
        return None
    return Stream(
        at=at,
        prompt=prompt,
        written=written,
        busy=tuple(int(moment // HOUR_SECONDS) in busy for moment in at),
        days=len(chosen),
        alike=all(map(_alike, prompt, written)),
    )


def picked(days: Sequence[TraceDay], most: int = MOST_REPLAYED) -> tuple[TraceDay, ...]:
    """Whole days, evenly picked, with at most so many calls; none where one has more."""
    total = math.fsum(day.total for day in days)
    step = max(1, math.ceil(total / most))
    while step <= len(days):
        # Every seventh day would be the same weekday throughout.
        chosen = tuple(days[:: step + (step % 7 == 0)])
        if math.fsum(day.total for day in chosen) <= most:
            return chosen
        step += 1
    return ()


_Calls = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
"""Times, sizes of prompts and of answers against their means."""


def _told(singles: Sequence[SingleCall], days: Sequence[TraceDay], first: int) -> _Calls:
    wanted = {day.ordinal - first for day in days}
    calls = [call for call in singles if int(call.at // DAY_SECONDS) in wanted]
    spread = _sizes(len(calls), Random(_SEED))
    return (
        tuple(call.at for call in calls),
        _against_mean([call.prompt for call in calls], spread),
        _against_mean([call.written for call in calls], spread),
    )


def _against_mean(tokens: Sequence[float | None], spread: Sequence[float]) -> tuple[float, ...]:
    """Told sizes over their mean; where one is not told, or all are 0, an exponential spread."""
    told = [one for one in tokens if one is not None]
    mean = math.fsum(told) / len(told) if told else 0.0
    if mean <= 0 or len(told) < len(tokens):
        return tuple(spread)
    return tuple(one / mean for one in told)


def _made_up(days: Sequence[TraceDay], first: int) -> _Calls:
    """The calls of each hour at even chance in it, sizes about the hour's mean."""
    dice = Random(_SEED)
    at: list[float] = []
    hours: list[tuple[TraceDay, int]] = []
    for day in days:
        begun = (day.ordinal - first) * DAY_SECONDS
        for hour, calls in enumerate(day.calls):
            count = math.floor(calls + dice.random())
            at += sorted(begun + (hour + dice.random()) * HOUR_SECONDS for _ in range(count))
            hours += [(day, hour)] * count
    spread = _sizes(len(at), dice)
    prompt, written = (
        [_hour_mean(getattr(day, name), day.calls, hour) for day, hour in hours]
        for name in ("prompt", "written")
    )
    return (
        tuple(at),
        tuple(map(_times, _scaled(prompt), spread)),
        tuple(map(_times, _scaled(written), spread)),
    )


def _hour_mean(tokens: Sequence[float], calls: Sequence[float], hour: int) -> float | None:
    return tokens[hour] / calls[hour] if tokens else None


def _scaled(means: Sequence[float | None]) -> tuple[float, ...]:
    return _against_mean(means, [1.0] * len(means))


def _alike(one: float, other: float) -> bool:
    return abs(one - other) <= _CLOSE * max(one, other)


def _times(one: float, other: float) -> float:
    return one * other


def _sizes(count: int, dice: Random) -> list[float]:
    """Exponential with mean 1, one of each of `count` equal parts of the distribution, shuffled: as
    wide as drawn ones, and the same at every run without their accidents."""
    sizes = [-math.log(1 - (at + 0.5) / count) for at in range(count)]
    dice.shuffle(sizes)
    return sizes


def replayed(
    stream: Stream, service_s: float, *, slots: int, prompt_share: float
) -> tuple[float, ...]:
    """Mean wait and p95 over the mean service; absorbed shares: of the calls, of prompts, of
    answers, of the calls with a short queue. See `trace.Replayed`."""
    services = [
        service_s * (prompt_share * prompt + (1 - prompt_share) * written)
        for prompt, written in zip(stream.prompt, stream.written, strict=True)
    ]
    waits = replay(stream.at, services, slots=slots)
    latencies = [
        wait + service
        for wait, service, busy in zip(waits, services, stream.busy, strict=True)
        if busy
    ]
    taken = absorbed(stream.at, services, slots=slots)
    queued = absorbed(stream.at, services, slots=slots, queue=SHORT_QUEUE)
    count = len(services)
    return (
        math.fsum(waits) / count / service_s,
        quantile(latencies, BUSIEST_SHARE) / service_s if latencies else 0.0,
        sum(taken) / count,
        _share(stream.prompt, taken),
        _share(stream.written, taken),
        sum(queued) / count,
    )


def _share(sizes: Sequence[float], taken: Sequence[bool]) -> float:
    whole = math.fsum(sizes)
    return math.fsum(size for size, one in zip(sizes, taken, strict=True) if one) / whole


def absorbed(
    arrivals_s: Sequence[float], service_s: Sequence[float], *, slots: int, queue: int = 0
) -> tuple[bool, ...]:
    """Which calls of a stream are served where at most `queue` may wait and the rest overflows.

    Args:
        arrivals_s: Times of arrival, in order.
        service_s: How long each would keep its slot.
        slots: How many are served at once.
        queue: How many may wait; 0 turns away whoever finds every slot busy.
    """
    free = [-math.inf] * slots
    waiting: list[float] = []
    taken = []
    for moment, service in zip(arrivals_s, service_s, strict=True):
        while waiting and waiting[0] <= moment:
            heapq.heappop(waiting)
        begins = max(moment, free[0])
        served = begins <= moment or len(waiting) < queue
        taken.append(served)
        if served:
            heapq.heapreplace(free, begins + service)
            if begins > moment:
                heapq.heappush(waiting, begins)
    return tuple(taken)
