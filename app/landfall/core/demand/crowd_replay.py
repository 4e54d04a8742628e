"""Recorded calls through the slots of one or several machines, pooled or split.

Exact for what was recorded: no distribution is taken. A million calls through one queue take about
half a second of one core (`tests/benchmarks/test_replay_speed.py`).
"""

from __future__ import annotations

import heapq
import math
import operator
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from random import Random

from landfall.core.demand import queueing
from landfall.core.demand.arrangements import IN_TIME, Arrangement
from landfall.core.demand.replaying import SHORT_QUEUE, stream_of
from landfall.core.demand.trace import Trace

MOST_CALLS = 2_000_000
"""That are replayed."""
_SEED = 20_261_126
_SAMPLE = 4096
"""A fixed seed, so that an answer is the same each time; and so many waits are kept to tell a
quantile from."""
_WIDER = 0.02
"""The sample's quantile is within this share of ranks of the true one, as good as always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Recorded calls, in order of time.

    Attributes:
        at: Seconds from any moment.
        prompts, answers: Sizes over the mean ones; empty where all are taken to be alike.
        seconds: How long each kept its slot, in place of sizes; empty where that is not told.
        persons: Who asked, numbered; empty where that is not told.
        sized: Whether sizes or seconds were told, not drawn.
        timed: Whether the moments were told, not drawn within their hours.
    """

    at: Sequence[float]
    prompts: Sequence[float] = ()
    answers: Sequence[float] = ()
    seconds: Sequence[float] = ()
    persons: Sequence[int] = ()
    sized: bool = True
    timed: bool = True

    @property
    def mean_seconds(self) -> float | None:
        """Of a call, where that is told."""
        return math.fsum(self.seconds) / len(self.seconds) if self.seconds else None

    def sizes(self, prompt_share: float) -> Sequence[float]:
        """Seconds of each call over those of the mean one.

        Args:
            prompt_share: What of a mean call's seconds its prompt takes.
        """
        if self.seconds:
            mean = self.mean_seconds or 1.0
            return [one / mean for one in self.seconds]
        if not self.prompts or not self.answers:
            return [1.0] * len(self.at)
        rest = 1 - prompt_share
        return [
            prompt_share * prompt + rest * answer
            for prompt, answer in zip(self.prompts, self.answers, strict=True)
        ]

    @property
    def span_seconds(self) -> float:
        """From the first to the last."""
        return self.at[-1] - self.at[0] if self.at else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """A machine: calls at once, and seconds of a mean call."""

    slots: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What would have become of the calls.

    Attributes:
        calls: How many.
        mean_wait_seconds, p95_wait_seconds: Before a slot was free, nobody being turned away.
        p95_seconds: Within which 19 of 20 were answered, the wait included.
        late: Share answered after the target; None where there is none.
        utilisation: Share of the slots that was busy from the first call to the end of the last.
        overflow: Share that finds no free slot where such calls go elsewhere at once.
        overflow_queued: The same where three may wait on each machine.
    """

    arrangement: Arrangement
    calls: int
    mean_wait_seconds: float
    p95_wait_seconds: float
    p95_seconds: float
    late: float | None
    utilisation: float
    overflow: float
    overflow_queued: float


def replayed(
    calls: Calls,
    machines: Sequence[Slots],
    arrangement: Arrangement,
    *,
    target_seconds: float | None = None,
    prompt_share: float = 0.0,
    queue: int = SHORT_QUEUE,
    faster: float = 1.0,
) -> Replay:
    """The calls through the machines.

    Args:
        calls: As they came.
        machines: Unlike ones share the calls as they are fast; of one queue the slot that has been
            free for longest takes the next call.
        arrangement: `BY_PERSON` needs `calls.persons`, else each call is placed by chance.
        target_seconds: Answers are late after it.
        prompt_share: What of a mean call's seconds its prompt takes.
        queue: How many may wait on each machine before the next one overflows.
        faster: Time runs so many times as fast: ten times the calls an hour.

    Raises:
        ValueError: there is no machine or no call.
    """
    if not machines or not calls.at:
        raise ValueError("nothing is replayed without calls and a machine")
    at = calls.at if faster == 1.0 else [moment / faster for moment in calls.at]
    sizes = calls.sizes(prompt_share)
    passed = _Passed()
    for places, part in _queues(calls, machines, arrangement):
        some = at if places is None else list(compress(at, places))
        theirs = sizes if places is None else list(compress(sizes, places))
        passed.send(some, theirs, part, queue=queue)
    count = len(passed.latencies)
    mean_wait = math.fsum(passed.waits) / count
    work = math.fsum(passed.latencies) - math.fsum(passed.waits)
    span = passed.ended - at[0]
    late = None
    if target_seconds is not None:
        late = sum(map(float(target_seconds).__lt__, passed.latencies)) / count
    return Replay(
        arrangement=arrangement,
        calls=count,
        mean_wait_seconds=mean_wait,
        p95_wait_seconds=high_quantile(passed.waits, IN_TIME),
        p95_seconds=high_quantile(passed.latencies, IN_TIME),
        late=late,
        utilisation=work / sum(one.slots for one in machines) / span if span > 0 else 0.0,
        overflow=passed.overflow / count,
        overflow_queued=passed.queued / count,
    )


@dataclass(slots=True)
class _Passed:
    """What became of the calls of all queues so far.

    Attributes:
        waits, latencies: In seconds, of each call. ended: When the last answer was there.
        overflow: Calls that find no free slot. queued: Those that find no place to wait either.
    """

    waits: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    ended: float = -math.inf
    overflow: int = 0
    queued: int = 0

    def send(
        self, at: Sequence[float], sizes: Sequence[float], machines: Sequence[Slots], *, queue: int
    ) -> None:
        """The calls of one queue; `queue` of them may wait on each of its machines."""
        waits, lasted = _through(at, sizes, machines)
        latencies = list(map(operator.add, waits, lasted))
        self.waits += waits
        self.latencies += latencies
        last = max(map(operator.add, at, latencies))
        self.ended = max(self.ended, last)
        self.overflow += lost(at, sizes, machines, queue=0)
        self.queued += lost(at, sizes, machines, queue=queue * len(machines))


def with_drawn_sizes(calls: Calls, spread: float) -> Calls:
    """The calls with gamma-distributed sizes, as the formulas take them.

    Args:
        calls: Of which no sizes are told.
        spread: Standard deviation of a size over the mean; 0 leaves all alike.
    """
    if spread <= 0 or calls.prompts:
        return calls  # or they were drawn when it was read
    cs2 = spread**2
    dice = Random(_SEED)
    drawn = [dice.gammavariate(1 / cs2, cs2) for _ in calls.at]
    mean = math.fsum(drawn) / len(drawn)
    sizes = tuple(one / mean for one in drawn) if mean > 0 else ()
    return replace(calls, prompts=sizes, answers=sizes)


def calls_of_trace(trace: Trace) -> Calls | None:
    """The calls of observed days; None where nothing came, or one day holds more than are replayed.

    Where only the hours are told, the calls come anywhere in them, and sizes vary about the hour's
    mean as widely as that (`Stream`).
    """
    stream = stream_of(
        trace.days, trace.singles, busiest_calls=trace.busiest_calls(), most=MOST_CALLS
    )
    if stream is None:
        return None
    sized = all(call.prompt is not None and call.written is not None for call in trace.singles)
    return Calls(
        at=stream.at,
        prompts=stream.prompt,
        answers=stream.written,
        sized=bool(trace.singles) and sized,
        timed=bool(trace.singles),
    )


_Queue = tuple[list[bool] | None, Sequence[Slots]]


def _queues(calls: Calls, machines: Sequence[Slots], arrangement: Arrangement) -> list[_Queue]:
    """Which calls come to which machines; None for all of them."""
    if arrangement is Arrangement.POOLED or len(machines) == 1:
        return [(None, machines)]
    weights = [one.slots / one.seconds for one in machines]
    dice = Random(_SEED)
    if arrangement is Arrangement.BY_PERSON and calls.persons:
        home = _homes(calls.persons, weights)
        placed = [home[person] for person in calls.persons]
    else:
        placed = dice.choices(range(len(machines)), weights=weights, k=len(calls.at))
    return [
        ([place == number for place in placed], (one,))
        for number, one in enumerate(machines)
        if number in placed
    ]


def _homes(persons: Sequence[int], weights: Sequence[float]) -> dict[int, int]:
    """A machine for each person, in the order in which they first ask: the one with the fewest
    people for what it serves."""
    emptiest = [(1 / weight, number) for number, weight in enumerate(weights)]
    people = [1] * len(weights)
    heapq.heapify(emptiest)
    homes: dict[int, int] = {}
    for person in dict.fromkeys(persons):
        _, at = emptiest[0]
        people[at] += 1
        heapq.heapreplace(emptiest, (people[at] / weights[at], at))
        homes[person] = at
    return homes


def _through(
    at: Sequence[float], sizes: Sequence[float], machines: Sequence[Slots]
) -> tuple[Sequence[float], list[float]]:
    """Waits, and the seconds that each call then kept its slot."""
    seconds = machines[0].seconds
    if all(one.seconds == seconds for one in machines):
        lasted = [seconds * size for size in sizes]
        return queueing.replay(at, lasted, slots=sum(one.slots for one in machines)), lasted
    free = [(-math.inf, each) for each in _each_slot(machines)]
    heapq.heapify(free)
    waits, lasted = [], []
    for moment, size in zip(at, sizes, strict=True):
        begins, each = free[0]
        begins = max(begins, moment)
        waits.append(begins - moment)
        lasted.append(each * size)
        heapq.heapreplace(free, (begins + each * size, each))
    return waits, lasted


def _each_slot(machines: Sequence[Slots]) -> list[float]:
    return [one.seconds for one in machines for _ in range(one.slots)]


def lost(
    at: Sequence[float], sizes: Sequence[float], machines: Sequence[Slots], *, queue: int
) -> int:
    """How many calls find neither a free slot nor one of `queue` places to wait."""
    free = [(-math.inf, each) for each in _each_slot(machines)]
    heapq.heapify(free)
    if all(each == free[0][1] for _, each in free):
        return _lost_alike(at, sizes, len(free), free[0][1], queue)
    taken = heapq.heapreplace
    waiting: list[float] = []
    turned_away = 0
    for moment, size in zip(at, sizes, strict=True):
        while waiting and waiting[0] <= moment:
            heapq.heappop(waiting)
        begins, each = free[0]
        if begins <= moment:
            taken(free, (moment + each * size, each))
        elif len(waiting) < queue:
            heapq.heappush(waiting, begins)
            taken(free, (begins + each * size, each))
        else:
            turned_away += 1
    return turned_away


def _lost_alike(
    at: Sequence[float], sizes: Sequence[float], slots: int, seconds: float, queue: int
) -> int:
    """The same without telling slots apart. Calls begin in the order in which they came, so those
    that wait are a line, not a heap."""
    free = [-math.inf] * slots
    taken = heapq.heapreplace
    waiting: deque[float] = deque()
    leave, come = waiting.popleft, waiting.append
    turned_away = 0
    for moment, size in zip(at, sizes, strict=True):
        begins = free[0]
        if begins <= moment:
            # Nobody waits any more: whoever waited has begun by the time a slot is free.
            if waiting:
                waiting.clear()
            taken(free, moment + seconds * size)
            continue
        while waiting and waiting[0] <= moment:
            leave()
        if len(waiting) < queue:
            come(begins)
            taken(free, begins + seconds * size)
        else:
            turned_away += 1
    return turned_away


def high_quantile(values: Sequence[float], share: float) -> float:
    """As `queueing.quantile`, without sorting what lies far below: of a million values in a tenth
    of the time."""
    if len(values) <= 4 * _SAMPLE:
        return queueing.quantile(values, share)
    sample = sorted(values[:: len(values) // _SAMPLE])
    floor = sample[max(0, int((share - _WIDER) * len(sample)))]
    above = sorted(value for value in values if value > floor)
    below = len(values) - len(above)
    place = share * (len(values) - 1) - below
    if place < 0:
        # Among those that are no larger: many are as large, or the sample was a bad one.
        lower = sum(map(float(floor).__gt__, values))
        tied = place <= -1 and lower <= place + below
        return floor if tied else queueing.quantile(values, share)
    low = math.floor(place)
    high = min(low + 1, len(above) - 1)
    return above[low] + (above[high] - above[low]) * (place - low)
