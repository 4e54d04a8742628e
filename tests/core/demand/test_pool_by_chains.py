"""One queue before unlike machines, against chains of states that are solved here."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from landfall.core.demand import queueing, shared_queue
from landfall.core.demand.shared_queue import Station

State = tuple[int, ...]


def stationary(moves: Mapping[State, Mapping[State, float]]) -> dict[State, float]:
    """Shares of time of a chain, from its rates, by elimination."""
    states = list(moves)
    place = {state: at for at, state in enumerate(states)}
    size = len(states)
    table = [[0.0] * (size + 1) for _ in states]
    for state, ways in moves.items():
        for other, rate in ways.items():
            table[place[other]][place[state]] += rate
            table[place[state]][place[state]] -= rate
    table[-1] = [1.0] * (size + 1)
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(table[row][at]))
        table[at], table[pivot] = table[pivot], table[at]
        for row in range(at + 1, size):
            if table[row][at]:
                factor = table[row][at] / table[at][at]
                table[row] = [
                    one - factor * own for one, own in zip(table[row], table[at], strict=True)
                ]
    found = [0.0] * size
    for at in reversed(range(size)):
        rest = math.fsum(table[at][k] * found[k] for k in range(at + 1, size))
        found[at] = (table[at][size] - rest) / table[at][at]
    return dict(zip(states, found, strict=True))


def of_two_kinds(one: Station, other: Station, rate: float, queue: int) -> dict[State, float]:
    """Busy slots of both, and who waits; a call takes any free slot by even chance."""
    moves: dict[State, dict[State, float]] = {}
    for a in range(one.slots + 1):
        for b in range(other.slots + 1):
            ways: dict[State, float] = {}
            free_a, free_b = one.slots - a, other.slots - b
            free = free_a + free_b
            if free_a:
                ways[a + 1, b, 0] = rate * free_a / free
            if free_b:
                ways[a, b + 1, 0] = rate * free_b / free
            if not free and queue:
                ways[a, b, 1] = rate
            if a:
                ways[a - 1, b, 0] = a / one.seconds
            if b:
                ways[a, b - 1, 0] = b / other.seconds
            moves[a, b, 0] = ways
    full = (one.slots, other.slots)
    served = one.slots / one.seconds + other.slots / other.seconds
    for waiting in range(1, queue + 1):
        moves[*full, waiting] = {(*full, waiting - 1): served}
        if waiting < queue:
            moves[*full, waiting][*full, waiting + 1] = rate
    return stationary(moves)


PAIRS = [
    (Station(slots=1, seconds=2.0), Station(slots=1, seconds=6.0)),
    (Station(slots=3, seconds=2.0), Station(slots=2, seconds=10.0)),
    (Station(slots=4, seconds=9.0), Station(slots=1, seconds=4.0)),
]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("load", [0.2, 0.7])
def test_that_unlike_slots_are_as_busy_as_their_chain_says(
    pair: tuple[Station, Station], load: float
) -> None:
    one, other = pair
    whole = one.slots / one.seconds + other.slots / other.seconds
    assert shared_queue.served_per_s(pair) == pytest.approx(whole)
    rate = load * whole
    assert shared_queue.busy(pair, rate) == pytest.approx(load)
    for queue in (0, 1, 4):
        chain = of_two_kinds(one, other, rate, queue)
        lost = chain[one.slots, other.slots, queue]
        assert shared_queue.overflow_share(pair, rate, queue=queue) == pytest.approx(lost, rel=1e-9)
    chain = of_two_kinds(one, other, rate, 0)
    # A queue without an end holds load ^ n of the state in which every slot is busy.
    full = chain[one.slots, other.slots, 0]
    crowded = full / (1 - load)
    total = 1 - full + crowded
    queue = shared_queue.queued(pair, rate)
    assert queue is not None
    assert queue.waiting == pytest.approx(crowded / total, rel=1e-9)
    assert queue.wait_s == pytest.approx(1 / (whole - rate))
    # Calls served by a station: its busy slots over the seconds of a call, over all calls.
    some = math.fsum(share * state[0] for state, share in chain.items() if share != full)
    served = (some + crowded * one.slots) / total / one.seconds / rate
    assert queue.shares == pytest.approx((served, 1 - served), rel=1e-6)
    assert queue.waited == pytest.approx(
        tuple(queue.waiting * each.slots / each.seconds / whole for each in pair)
    )
    assert shared_queue.mean_wait(pair, rate) == pytest.approx(queue.waiting / (whole - rate))


def test_that_a_service_that_varies_scales_the_wait_by_what_each_machine_serves() -> None:
    """0.5 a second with squared variation 3, and a sixth with 1: (3 x 3 + 1) / 4 = 2.5."""
    pair = (Station(slots=1, seconds=2.0, cs2=3.0), Station(slots=1, seconds=6.0, cs2=1.0))
    plain = shared_queue.queued(PAIRS[0], 0.3)
    found = shared_queue.queued(pair, 0.3)
    assert plain is not None
    assert found is not None
    assert found.wait_s == pytest.approx(plain.wait_s * (1 + 2.5) / 2)
    assert found.waiting == plain.waiting


def test_that_of_like_slots_each_machine_serves_by_its_slots_then_by_its_speed() -> None:
    pair = (Station(slots=1, seconds=5.0), Station(slots=3, seconds=5.0))
    queue = shared_queue.queued(pair, 0.4)
    assert queue is not None
    assert queue.shares == pytest.approx((0.25, 0.75))
    # Erlang C of four slots and two erlangs: (2^4 / 24 x 2) / (1 + 2 + 2 + 4/3 + 4/3) = 4 / 23.
    assert queue.waiting == pytest.approx(4 / 23)
    assert queue.waited == pytest.approx((1 / 23, 3 / 23))
    idle = shared_queue.queued(PAIRS[1], 0.0)
    assert idle is not None
    assert (idle.waiting, idle.shares) == (0.0, pytest.approx((0.6, 0.4)))


def test_that_of_many_unlike_slots_a_mean_one_stands_for_each() -> None:
    """129 slots: 65 of 1 s and 64 of 4 s serve 81 a second; the mean slot takes 129 / 81 s."""
    many = (Station(slots=65, seconds=1.0), Station(slots=64, seconds=4.0))
    assert shared_queue.served_per_s(many) == 81
    found = shared_queue.overflow_share(many, 75.0)
    assert found == pytest.approx(queueing.erlang_b(129, 75 * 129 / 81))
    queue = shared_queue.queued(many, 40.5)
    assert queue is not None
    # Half busy: half as the slots are, half as what they serve.
    assert queue.shares[0] == pytest.approx(0.5 * 65 / 81 + 0.5 * 65 / 129)
    assert queue.waiting == pytest.approx(queueing.erlang_c(129, 40.5 * 129 / 81))
    fewer = (Station(slots=64, seconds=1.0), Station(slots=64, seconds=4.0))
    mixed = shared_queue.overflow_share(fewer, 75.0)
    assert mixed != pytest.approx(queueing.erlang_b(128, 75 * 128 / 80), rel=1e-3)


def test_that_of_more_than_six_kinds_the_nearest_are_one_that_serves_as_much() -> None:
    """5 and 6 s are nearest: three slots of (1 + 2) / (1 / 5 + 2 / 6) = 5.625 s."""
    seven = (1.0, 2.0, 5.0, 6.0, 10.0, 20.0, 40.0)
    slots = (1, 1, 1, 2, 1, 1, 1)
    stations = tuple(Station(slots=n, seconds=s) for n, s in zip(slots, seven, strict=True))
    six = tuple(
        Station(slots=n, seconds=s)
        for n, s in zip((1, 1, 3, 1, 1, 1), (1.0, 2.0, 5.625, 10.0, 20.0, 40.0), strict=True)
    )
    rate = 0.5 * shared_queue.served_per_s(six)
    assert shared_queue.served_per_s(stations) == pytest.approx(shared_queue.served_per_s(six))
    assert shared_queue.overflow_share(stations, rate) == pytest.approx(
        shared_queue.overflow_share(six, rate)
    )
    apart, together = shared_queue.queued(stations, rate), shared_queue.queued(six, rate)
    assert apart is not None
    assert together is not None
    assert apart.waiting == pytest.approx(together.waiting)
    assert len(apart.shares) == 7


def test_that_what_cannot_be_kept_up_with_has_no_queue() -> None:
    assert shared_queue.queued(PAIRS[0], 2 / 3) is None
    assert shared_queue.queued(PAIRS[0], 0.66) is not None
    assert shared_queue.overflow_share(PAIRS[0], -1.0) == 0.0
    assert shared_queue.overflow_share(PAIRS[0], math.inf) == 1.0
    assert Station(slots=2, seconds=4.0).rate_per_s == 0.5
    assert Station(slots=2, seconds=0.0).rate_per_s == math.inf
    both = (Station(slots=1, seconds=0.0), Station(slots=1, seconds=1.0))
    queue = shared_queue.queued(both, 3.0)
    assert queue is not None
    assert (queue.waiting, queue.wait_s, queue.shares) == (0.0, 0.0, (0.0, 0.0))
    endless = (Station(slots=1, seconds=math.inf),)
    assert shared_queue.queued(endless, 0.0) is None


def erlang_gaps(phases: int, slots: int, rate: float, most: int = 70) -> dict[State, float]:
    """Gaps of so many equal phases, exponential service of a second: (phase, calls there)."""
    moves: dict[State, dict[State, float]] = {}
    for phase in range(phases):
        for calls in range(most + 1):
            ways: dict[State, float] = {}
            last = phase == phases - 1
            to = (0, min(calls + 1, most)) if last else (phase + 1, calls)
            ways[to] = phases * rate
            if calls:
                ways[phase, calls - 1] = float(min(calls, slots))
            moves[phase, calls] = ways
    return stationary(moves)


@pytest.mark.parametrize(
    ("phases", "slots", "load"), [(2, 1, 0.5), (2, 2, 0.6), (3, 3, 0.6), (2, 5, 0.5)]
)
def test_that_regular_gaps_wait_as_their_chain_says(phases: int, slots: int, load: float) -> None:
    rate = load * slots
    chain = erlang_gaps(phases, slots, rate)
    met = [chain[phases - 1, calls] for calls in range(71)]
    whole = math.fsum(met)
    found = shared_queue.queued((Station(slots=slots, seconds=1.0),), rate, ca2=1 / phases)
    assert found is not None
    assert found.waiting == pytest.approx(math.fsum(met[slots:]) / whole, rel=1e-6)
    root = met[slots + 1] / met[slots]
    # Each wait in the queue is geometric; the mean of an exponential service of that variation.
    assert found.wait_s == pytest.approx(1 / (slots * (1 - root)), rel=1e-6)


@pytest.mark.parametrize(("load", "ca2"), [(0.6, 0.0), (0.4, 0.0), (0.6, 3.0), (0.8, 2.0)])
def test_that_one_slot_waits_by_the_root_of_its_equation(load: float, ca2: float) -> None:
    """GI/M/1: the share that waits is the root x of x = A(1 - x), found here by bisection."""

    def passed(x: float) -> float:
        if ca2 == 0:
            return math.exp(-(1 - x) / load)
        return (1 + (1 - x) * ca2 / load) ** (-1 / ca2)

    low, high = 0.0, 1 - 1e-6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if passed(middle) > middle else (low, middle)
    found = shared_queue.queued((Station(slots=1, seconds=1.0),), load, ca2=ca2)
    assert found is not None
    assert found.waiting == pytest.approx(low, rel=1e-6)
    assert found.wait_s == pytest.approx(1 / (1 - low), rel=1e-6)


def test_that_gaps_next_to_those_of_chance_are_reckoned_next_to_them() -> None:
    one = (Station(slots=3, seconds=2.0, cs2=0.5),)
    plain = shared_queue.queued(one, 1.0)
    near = shared_queue.queued(one, 1.0, ca2=1 + 1e-6)
    assert plain is not None
    assert near is not None
    assert near.waiting == pytest.approx(plain.waiting, rel=1e-4)
    assert near.wait_s == pytest.approx(plain.wait_s, rel=1e-4)


def test_that_unlike_slots_wait_more_by_as_much_as_like_ones_do() -> None:
    pair = PAIRS[1]
    rate = 0.6 * shared_queue.served_per_s(pair)
    plain, bursts = shared_queue.queued(pair, rate), shared_queue.queued(pair, rate, ca2=3.0)
    like = (Station(slots=5, seconds=1.0),)
    same, burst = shared_queue.queued(like, 3.0), shared_queue.queued(like, 3.0, ca2=3.0)
    assert plain is not None
    assert bursts is not None
    assert same is not None
    assert burst is not None
    assert bursts.waiting / plain.waiting == pytest.approx(burst.waiting / same.waiting)
    assert bursts.wait_s * shared_queue.served_per_s(pair) == pytest.approx(burst.wait_s * 5)


def test_that_for_many_slots_512_stand_that_are_as_busy() -> None:
    most, few = (Station(slots=n, seconds=1.0) for n in (1024, 512))
    many = shared_queue.queued((most,), 1000.0, ca2=3.0)
    less = shared_queue.queued((few,), 500.0, ca2=3.0)
    assert many is not None
    assert less is not None
    assert many.wait_s * 1024 == pytest.approx(less.wait_s * 512)
    assert many.waiting == pytest.approx(less.waiting)
