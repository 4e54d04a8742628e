"""The queues against chains of states that are solved here, equation by equation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pytest

from landfall.core.demand import capacity, incomplete_gamma, pool
from landfall.core.demand.pool import Station

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


# Unlike slots ---------------------------------------------------------------------------------


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
    assert pool.served_per_s(pair) == pytest.approx(whole)
    rate = load * whole
    assert pool.busy(pair, rate) == pytest.approx(load)
    for queue in (0, 1, 4):
        chain = of_two_kinds(one, other, rate, queue)
        lost = chain[one.slots, other.slots, queue]
        assert pool.overflow_share(pair, rate, queue=queue) == pytest.approx(lost, rel=1e-9)
    chain = of_two_kinds(one, other, rate, 0)
    # A queue without an end holds load ^ n of the state in which every slot is busy.
    full = chain[one.slots, other.slots, 0]
    crowded = full / (1 - load)
    total = 1 - full + crowded
    queue = pool.queued(pair, rate)
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
    assert pool.mean_wait(pair, rate) == pytest.approx(queue.waiting / (whole - rate))


def test_that_a_service_that_varies_scales_the_wait_by_what_each_machine_serves() -> None:
    """0.5 a second with squared variation 3, and a sixth with 1: (3 x 3 + 1) / 4 = 2.5."""
    pair = (Station(slots=1, seconds=2.0, cs2=3.0), Station(slots=1, seconds=6.0, cs2=1.0))
    plain = pool.queued(PAIRS[0], 0.3)
    found = pool.queued(pair, 0.3)
    assert plain is not None
    assert found is not None
    assert found.wait_s == pytest.approx(plain.wait_s * (1 + 2.5) / 2)
    assert found.waiting == plain.waiting


def test_that_of_like_slots_each_machine_serves_by_its_slots_then_by_its_speed() -> None:
    pair = (Station(slots=1, seconds=5.0), Station(slots=3, seconds=5.0))
    queue = pool.queued(pair, 0.4)
    assert queue is not None
    assert queue.shares == pytest.approx((0.25, 0.75))
    # Erlang C of four slots and two erlangs: (2^4 / 24 x 2) / (1 + 2 + 2 + 4/3 + 4/3) = 4 / 23.
    assert queue.waiting == pytest.approx(4 / 23)
    assert queue.waited == pytest.approx((1 / 23, 3 / 23))
    idle = pool.queued(PAIRS[1], 0.0)
    assert idle is not None
    assert (idle.waiting, idle.shares) == (0.0, pytest.approx((0.6, 0.4)))


def test_that_of_many_unlike_slots_a_mean_one_stands_for_each() -> None:
    """129 slots: 65 of 1 s and 64 of 4 s serve 81 a second; the mean slot takes 129 / 81 s."""
    many = (Station(slots=65, seconds=1.0), Station(slots=64, seconds=4.0))
    assert pool.served_per_s(many) == 81
    found = pool.overflow_share(many, 75.0)
    assert found == pytest.approx(capacity.erlang_b(129, 75 * 129 / 81))
    queue = pool.queued(many, 40.5)
    assert queue is not None
    # Half busy: half as the slots are, half as what they serve.
    assert queue.shares[0] == pytest.approx(0.5 * 65 / 81 + 0.5 * 65 / 129)
    assert queue.waiting == pytest.approx(capacity.erlang_c(129, 40.5 * 129 / 81))
    fewer = (Station(slots=64, seconds=1.0), Station(slots=64, seconds=4.0))
    mixed = pool.overflow_share(fewer, 75.0)
    assert mixed != pytest.approx(capacity.erlang_b(128, 75 * 128 / 80), rel=1e-3)


def test_that_of_more_than_six_kinds_the_nearest_are_one_that_serves_as_much() -> None:
    """5 and 6 s are nearest: three slots of (1 + 2) / (1 / 5 + 2 / 6) = 5.625 s."""
    seven = (1.0, 2.0, 5.0, 6.0, 10.0, 20.0, 40.0)
    slots = (1, 1, 1, 2, 1, 1, 1)
    stations = tuple(Station(slots=n, seconds=s) for n, s in zip(slots, seven, strict=True))
    six = tuple(
        Station(slots=n, seconds=s)
        for n, s in zip((1, 1, 3, 1, 1, 1), (1.0, 2.0, 5.625, 10.0, 20.0, 40.0), strict=True)
    )
    rate = 0.5 * pool.served_per_s(six)
    assert pool.served_per_s(stations) == pytest.approx(pool.served_per_s(six))
    assert pool.overflow_share(stations, rate) == pytest.approx(pool.overflow_share(six, rate))
    apart, together = pool.queued(stations, rate), pool.queued(six, rate)
    assert apart is not None
    assert together is not None
    assert apart.waiting == pytest.approx(together.waiting)
    assert len(apart.shares) == 7


def test_that_what_cannot_be_kept_up_with_has_no_queue() -> None:
    assert pool.queued(PAIRS[0], 2 / 3) is None
    assert pool.queued(PAIRS[0], 0.66) is not None
    assert pool.overflow_share(PAIRS[0], -1.0) == 0.0
    assert pool.overflow_share(PAIRS[0], math.inf) == 1.0
    assert Station(slots=2, seconds=4.0).rate_per_s == 0.5
    assert Station(slots=2, seconds=0.0).rate_per_s == math.inf
    both = (Station(slots=1, seconds=0.0), Station(slots=1, seconds=1.0))
    queue = pool.queued(both, 3.0)
    assert queue is not None
    assert (queue.waiting, queue.wait_s, queue.shares) == (0.0, 0.0, (0.0, 0.0))
    endless = (Station(slots=1, seconds=math.inf),)
    assert pool.queued(endless, 0.0) is None


# Bursts and regular gaps -----------------------------------------------------------------------


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
    found = pool.queued((Station(slots=slots, seconds=1.0),), rate, ca2=1 / phases)
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
    found = pool.queued((Station(slots=1, seconds=1.0),), load, ca2=ca2)
    assert found is not None
    assert found.waiting == pytest.approx(low, rel=1e-6)
    assert found.wait_s == pytest.approx(1 / (1 - low), rel=1e-6)


def test_that_gaps_next_to_those_of_chance_are_reckoned_next_to_them() -> None:
    one = (Station(slots=3, seconds=2.0, cs2=0.5),)
    plain = pool.queued(one, 1.0)
    near = pool.queued(one, 1.0, ca2=1 + 1e-6)
    assert plain is not None
    assert near is not None
    assert near.waiting == pytest.approx(plain.waiting, rel=1e-4)
    assert near.wait_s == pytest.approx(plain.wait_s, rel=1e-4)


def test_that_unlike_slots_wait_more_by_as_much_as_like_ones_do() -> None:
    pair = PAIRS[1]
    rate = 0.6 * pool.served_per_s(pair)
    plain, bursts = pool.queued(pair, rate), pool.queued(pair, rate, ca2=3.0)
    like = (Station(slots=5, seconds=1.0),)
    same, burst = pool.queued(like, 3.0), pool.queued(like, 3.0, ca2=3.0)
    assert plain is not None
    assert bursts is not None
    assert same is not None
    assert burst is not None
    assert bursts.waiting / plain.waiting == pytest.approx(burst.waiting / same.waiting)
    assert bursts.wait_s * pool.served_per_s(pair) == pytest.approx(burst.wait_s * 5)


def test_that_for_many_slots_512_stand_that_are_as_busy() -> None:
    most, few = (Station(slots=n, seconds=1.0) for n in (1024, 512))
    many = pool.queued((most,), 1000.0, ca2=3.0)
    less = pool.queued((few,), 500.0, ca2=3.0)
    assert many is not None
    assert less is not None
    assert many.wait_s * 1024 == pytest.approx(less.wait_s * 512)
    assert many.waiting == pytest.approx(less.waiting)


# How late -------------------------------------------------------------------------------------


def mmk_late(slots: int, offered: float, seconds: float) -> float:
    """Share not answered after so long, by the textbook: exponential service of a second."""
    waiting = capacity.erlang_c(slots, offered)
    pace = slots - offered
    if abs(pace - 1) < 1e-9:
        return math.exp(-seconds) * (1 + waiting * seconds)
    return math.exp(-seconds) + waiting / (pace - 1) * (
        math.exp(-seconds) - math.exp(-pace * seconds)
    )


@pytest.mark.parametrize(("slots", "offered"), [(1, 0.5), (2, 1.0), (2, 1.7), (5, 2.0), (8, 7.5)])
@pytest.mark.parametrize("seconds", [0.3, 2.0, 9.0])
def test_that_lateness_of_a_plain_queue_is_the_textbooks(
    slots: int, offered: float, seconds: float
) -> None:
    expected = mmk_late(slots, offered, seconds)
    wait = capacity.mean_wait(offered, service_s=1.0, slots=slots)
    assert wait == pytest.approx(capacity.erlang_c(slots, offered) / (slots - offered))
    found = capacity.late_share(seconds, 1.0, 1.0, capacity.erlang_c(slots, offered), wait)
    assert found == pytest.approx(expected, rel=1e-6)
    one = (Station(slots=slots, seconds=1.0),)
    assert pool.late_share(one, offered, seconds=seconds) == pytest.approx(expected, rel=1e-6)
    over = capacity.lateness(offered, service_s=1.0, target_s=seconds, slots=slots)
    assert over == pytest.approx(math.log(expected / 0.05), rel=1e-6)
    tight = capacity.lateness(offered, service_s=1.0, target_s=seconds, slots=slots, share=0.8)
    assert tight == pytest.approx(math.log(expected / 0.2), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_that_a_quantile_is_where_so_many_are_late(share: float) -> None:
    for slots, offered in ((1, 0.5), (3, 2.5)):
        for cs2 in (0.0, 0.5, 1.0, 2.0):
            found = capacity.latency_quantile(
                offered, service_s=1.0, slots=slots, cs2=cs2, share=share
            )
            wait = capacity.mean_wait(offered, service_s=1.0, slots=slots, cs2=cs2)
            waiting = capacity.erlang_c(slots, offered)
            late = capacity.late_share(found * (1 + 1e-9), 1.0, cs2, waiting, wait)
            assert late <= (1 - share) * (1 + 1e-6)
            before = capacity.late_share(found * (1 - 1e-6), 1.0, cs2, waiting, wait)
            assert before >= (1 - share) * (1 - 1e-9)
            stations = (Station(slots=slots, seconds=1.0, cs2=cs2),)
            assert pool.latency_quantile(stations, offered, share=share) == pytest.approx(
                found, rel=1e-6
            )


def simpson(function: Callable[[float], float], end: float, steps: int = 4000) -> float:
    width = end / steps
    inside = math.fsum((4 if n % 2 else 2) * function(n * width) for n in range(1, steps))
    return (function(0.0) + inside + function(end)) * width / 3


@pytest.mark.parametrize("shape", [2, 3])
@pytest.mark.parametrize("pace", [0.2, 1.7, 2.0, 3.0, 9.0])
@pytest.mark.parametrize("seconds", [0.5, 2.5])
def test_that_wait_and_service_together_are_their_integral(
    shape: int, pace: float, seconds: float
) -> None:
    """Service of mean 1 in `shape` equal phases, and an exponential wait for 60 % of the calls."""

    def density(s: float) -> float:
        return shape * (shape * s) ** (shape - 1) / math.factorial(shape - 1) * math.exp(-shape * s)

    served = 1 - simpson(density, seconds)
    still = simpson(lambda s: density(s) * math.exp(-pace * (seconds - s)), seconds)
    found = capacity.late_share(seconds, 1.0, 1 / shape, 0.6, 0.6 / pace)
    assert found == pytest.approx(served + 0.6 * still, rel=1e-6)


def test_that_a_constant_service_is_late_by_its_wait_alone() -> None:
    """Squared variations below 0.0001 are none."""
    for cs2 in (0.0, 0.9e-4):
        assert capacity.late_share(0.9, 1.0, cs2, 0.6, 0.3) == 1.0
        assert capacity.late_share(1.0, 1.0, cs2, 0.6, 0.3) == pytest.approx(0.6)
        assert capacity.late_share(2.0, 1.0, cs2, 0.6, 0.3) == pytest.approx(0.6 * math.exp(-2))
        assert capacity.late_share(1.0, 1.0, cs2, 0.0, 0.0) == 0.0
        assert capacity.late_share(0.99, 1.0, cs2, 0.0, 0.0) == 1.0
    assert 0 < capacity.late_share(1.0, 1.0, 1.1e-4, 0.0, 0.0) < 0.6
    assert 0 < capacity.late_share(1.0, 1.0, 1e-4, 0.0, 0.0) < 0.6
    even = (Station(slots=1, seconds=5.0, cs2=0.0),)
    assert pool.latency_quantile(even, 0.0) == pytest.approx(5.0)
    assert pool.latency_quantile((Station(slots=1, seconds=0.0),), 1.0) == 0.0


def test_that_a_wait_of_a_hundredth_of_the_service_counts_by_its_mean() -> None:
    """exp(-2) for who does not wait, exp(-2 + 0.01) for the half that does."""
    short = capacity.late_share(2.0, 1.0, 1.0, 0.5, 0.005)
    assert short == pytest.approx(0.5 * math.exp(-2) + 0.5 * math.exp(-1.99), rel=1e-12)
    longer = capacity.late_share(2.0, 1.0, 1.0, 0.5, 0.00501)
    pace = 0.5 / 0.00501
    exact = (pace * math.exp(-2) - math.exp(-2 * pace)) / (pace - 1)
    assert longer == pytest.approx(0.5 * math.exp(-2) + 0.5 * exact, rel=1e-9)
    # Seconds of service count: 0.02 s of 2.
    double = capacity.late_share(4.0, 2.0, 1.0, 0.5, 0.01)
    assert double == pytest.approx(short, rel=1e-12)
    assert capacity.late_share(2.0, 1.0, 1.0, 0.5, 0.0) == pytest.approx(math.exp(-2))
    assert capacity.late_share(2.0, 1.0, 1.0, 0.0, 0.5) == pytest.approx(math.exp(-2))


@pytest.mark.parametrize("shape", [1, 2, 5, 30])
@pytest.mark.parametrize("x", [0.01, 1.0, 2.9, 5.9, 6.1, 31.5, 80.0])
def test_that_the_gamma_function_of_whole_shapes_is_a_sum_of_poisson_terms(
    shape: int, x: float
) -> None:
    """Of Poisson events with mean x at least `shape` come."""
    fewer = math.fsum(math.exp(-x) * x**n / math.factorial(n) for n in range(shape))
    more = math.fsum(
        math.exp(n * math.log(x) - x - math.lgamma(n + 1)) for n in range(shape, shape + 400)
    )
    assert incomplete_gamma.lower_gamma(shape, x) == pytest.approx(1 - fewer, abs=1e-12)
    assert incomplete_gamma.log_lower_gamma(shape, x) == pytest.approx(math.log(more), abs=1e-10)
    assert incomplete_gamma.lower_gamma(shape, 0.0) == 0.0


@pytest.mark.parametrize("x", [0.1, 1.49, 1.51, 4.0])
def test_that_the_gamma_function_of_a_half_is_the_error_function(x: float) -> None:
    assert incomplete_gamma.lower_gamma(0.5, x) == pytest.approx(math.erf(math.sqrt(x)), rel=1e-11)


# Small sums -----------------------------------------------------------------------------------


def test_that_erlang_of_two_slots_is_reckoned_by_hand() -> None:
    """a = 1: B = (1/2) / (1 + 1 + 1/2) = 0.2; C = 0.2 / (1 - 0.5 x 0.8) = 1/3."""
    assert capacity.erlang_b(2, 1.0) == pytest.approx(0.2)
    assert capacity.erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert capacity.overflow_share(2, 1.0, queue=1) == pytest.approx(0.25 / 2.75)
    assert capacity.overflow_share(2, 1.0, queue=-1) == pytest.approx(0.2)
    # Wq = C / (k - a) x E[S] x (Ca2 + Cs2) / 2
    found = capacity.mean_wait(0.5, service_s=2.0, slots=2, ca2=3.0, cs2=2.0)
    assert found == pytest.approx(1 / 3 / 1 * 2.0 * 5 / 2)
    assert capacity.mean_wait(1.0, service_s=2.0, slots=2) == math.inf
    assert capacity.erlang_c(2, 2.0) == 1.0


def test_that_each_hour_loses_by_itself() -> None:
    """Rates 0.5 and 1 with 1 s and one slot: 1/3 and 1/2 are lost."""
    rates = (0.5, 1.0)
    found = capacity.absorbed_share(rates, service_s=1.0, slots=1)
    assert found == pytest.approx(1 - (0.5 / 3 + 0.5) / 1.5)
    weighed = capacity.absorbed_share(rates, service_s=1.0, slots=1, hours=(4.0, 1.0))
    assert weighed == pytest.approx(1 - (4 * 0.5 / 3 + 0.5) / 3.0)
    queued = capacity.absorbed_share((1.0,), service_s=1.0, slots=1, queue=1)
    assert queued == pytest.approx(2 / 3)


def test_that_a_day_has_eight_hours_and_a_record_its_quantile() -> None:
    assert capacity.busiest_hour_rate(800.0) == pytest.approx(100 / 3600)
    assert capacity.busiest_hour_rate(0, hourly_calls=[7200.0] * 24, days=2) == 1.0
    day = [0.0] * 24 + [3600.0]
    assert capacity.busiest_hour_rate(0, hourly_calls=day) == 0.0, "25 hours are a record"
    # Place 0.95 x 24 = 22.8 between 22 and 23 of 0 to 24.
    record = [float(n) for n in range(25)]
    assert capacity.busiest_hour_rate(0, hourly_calls=record) == pytest.approx(22.8 / 3600)
    assert capacity.busiest_hour_rate(0, hourly_calls=record, days=5) == pytest.approx(22.8 / 3600)


def test_that_seconds_of_a_call_add_up() -> None:
    kwargs = {"prefill_tok_s": 100.0, "decode_tok_s": 10.0}
    found = capacity.service_seconds(uncached_tokens=50, output_tokens=20, **kwargs)
    assert found == 2.5
    assert capacity.service_seconds(uncached_tokens=0, output_tokens=20, **kwargs) == 2.0
    stuck = capacity.service_seconds(
        uncached_tokens=1, output_tokens=0, prefill_tok_s=0.0, decode_tok_s=1.0
    )
    assert stuck == math.inf
    idle = capacity.service_seconds(
        uncached_tokens=0, output_tokens=1, prefill_tok_s=0.0, decode_tok_s=0.5
    )
    assert idle == 2.0


def test_that_replayed_waits_are_those_of_a_ledger() -> None:
    at, lasts = (0.0, 1.0, 2.0, 2.0, 20.0), (5.0, 5.0, 1.0, 1.0, 1.0)
    assert capacity.replay(at, lasts) == (0.0, 4.0, 8.0, 9.0, 0.0)
    # Two slots are free at 5 and 6; the fourth waits for the third's, at 6.
    assert capacity.replay(at, lasts, slots=2) == (0.0, 0.0, 3.0, 4.0, 0.0)
    assert capacity.replay((0.0, 5.0), (5.0, 5.0)) == (0.0, 0.0)
    assert capacity.replay((0.0, 0.0, 5.0), (5.0, 5.0, 5.0), slots=2) == (0.0, 0.0, 0.0)


def test_that_a_batch_is_done_within_nine_tenths_of_its_window() -> None:
    window = capacity.batch_window(3600.0, service_s=18.0, slots=2, window_hours=10.0)
    assert (window.hours_needed, window.fits) == (9.0, True)
    late = capacity.batch_window(3601.0, service_s=18.0, slots=2, window_hours=10.0)
    assert not late.fits
    assert capacity.longest_mean_wait(5.0, slots=2, queue=3) == 7.5
    with pytest.raises(ValueError, match="slot"):
        capacity.longest_mean_wait(5.0, slots=0, queue=3)


def test_that_no_work_is_never_late_and_what_only_grows_always() -> None:
    assert capacity.lateness(1.0, service_s=0.0, target_s=1.0) == pytest.approx(math.log(1e-300))
    assert capacity.lateness(1.0, service_s=1.0, target_s=1.0) == math.inf
    never = capacity.lateness(0.0, service_s=1.0, target_s=1e6)
    assert never == pytest.approx(math.log(1e-300 / 0.05))
    assert capacity.latency_quantile(1.0, service_s=-1.0) == 0.0
    assert capacity.latency_quantile(0.5, service_s=2.0) == math.inf
