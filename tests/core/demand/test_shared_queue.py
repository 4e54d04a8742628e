"""One queue before machines that need not be alike, against simulation and against Erlang."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landfall.core.demand import queueing, shared_queue
from landfall.core.demand.shared_queue import Station
from tests.core.queue_simulation import simulated

ONE = (Station(slots=1, seconds=5.694, cs2=0.6),)
FOUR = (Station(slots=4, seconds=9.8, cs2=0.6),)
UNLIKE = (Station(slots=4, seconds=9.8, cs2=0.6), Station(slots=1, seconds=4.0, cs2=0.6))
FAR_APART = (Station(slots=2, seconds=3.0, cs2=0.5), Station(slots=2, seconds=20.0, cs2=0.5))
THREE_KINDS = (
    Station(slots=8, seconds=3.0, cs2=0.5),
    Station(slots=4, seconds=10.0, cs2=0.8),
    Station(slots=1, seconds=2.0, cs2=0.5),
)
MANY = (Station(slots=64, seconds=14.0, cs2=0.6),)
OVER_THE_LIMIT = (Station(slots=100, seconds=9.0), Station(slots=60, seconds=14.0))
MANY_KINDS = tuple(Station(slots=2, seconds=4.0 + 0.7 * at, cs2=0.7) for at in range(9))


@pytest.mark.parametrize(
    ("stations", "load", "ca2"),
    [
        (ONE, 0.11, 1.0),
        (ONE, 0.57, 4.0),
        (ONE, 0.57, 2.0),
        (ONE, 0.85, 0.3),
        (FOUR, 0.78, 1.0),
        (FOUR, 0.78, 4.0),
        (FOUR, 0.49, 4.0),
        (UNLIKE, 0.68, 1.0),
        (FAR_APART, 0.26, 1.0),
        (FAR_APART, 0.78, 1.0),
        (FAR_APART, 0.78, 3.0),
        (THREE_KINDS, 0.84, 1.0),
        (MANY, 0.88, 4.0),
        (OVER_THE_LIMIT, 0.5, 1.0),
        (MANY_KINDS, 0.7, 1.0),
    ],
)
def test_that_p95_is_within_5_percent_of_a_simulation(
    stations: shared_queue.Stations, load: float, ca2: float
) -> None:
    rate = load * shared_queue.served_per_s(stations)
    found = simulated(stations, rate, ca2=ca2)
    assert shared_queue.latency_quantile(stations, rate, ca2=ca2) == pytest.approx(
        found.p95, rel=0.05
    )
    queue = shared_queue.queued(stations, rate, ca2=ca2)
    assert queue is not None
    assert queue.waiting == pytest.approx(found.waited, abs=0.04)
    assert shared_queue.mean_wait(stations, rate, ca2=ca2) == pytest.approx(
        found.mean_wait, rel=0.15, abs=0.1
    )
    assert queue.shares == pytest.approx(found.shares, abs=0.03)


@pytest.mark.parametrize("queue", [0, 3])
@pytest.mark.parametrize("stations", [ONE, FOUR, UNLIKE, FAR_APART])
def test_that_the_overflow_of_unlike_machines_is_that_of_a_simulation(
    stations: shared_queue.Stations, queue: int
) -> None:
    rate = 0.9 * shared_queue.served_per_s(stations)
    plain = tuple(Station(slots=one.slots, seconds=one.seconds) for one in stations)
    found = simulated(plain, rate, queue=queue)
    share = shared_queue.overflow_share(stations, rate, queue=queue)
    assert share == pytest.approx(found.lost, rel=0.04, abs=0.004)


def test_that_like_machines_are_one_with_more_slots() -> None:
    two = (Station(slots=2, seconds=6.0), Station(slots=2, seconds=6.0))
    whole = (Station(slots=4, seconds=6.0),)
    assert shared_queue.overflow_share(two, 0.5) == pytest.approx(0.206107, abs=1e-6)  # K8
    assert shared_queue.latency_quantile(two, 0.4) == pytest.approx(
        shared_queue.latency_quantile(whole, 0.4)
    )
    assert shared_queue.mean_wait(two, 0.4) == pytest.approx(
        queueing.mean_wait(0.4, service_s=6.0, slots=4)
    )


def test_that_without_bursts_the_formulas_of_the_verdict_stand() -> None:
    """K2 and K4."""
    for stations, rate in ((ONE, 0.12), (FOUR, 0.32)):
        one = stations[0]
        assert shared_queue.latency_quantile(stations, rate) == pytest.approx(
            queueing.latency_quantile(rate, service_s=one.seconds, slots=one.slots, cs2=one.cs2),
            rel=1e-6,
        )


def test_that_what_nearly_is_alike_is_reckoned_nearly_alike() -> None:
    nearly = (Station(slots=2, seconds=6.0), Station(slots=2, seconds=6.0001))
    alike = (Station(slots=4, seconds=6.0),)
    assert shared_queue.overflow_share(nearly, 0.5) == pytest.approx(
        shared_queue.overflow_share(alike, 0.5), rel=1e-3
    )
    assert shared_queue.latency_quantile(nearly, 0.5) == pytest.approx(
        shared_queue.latency_quantile(alike, 0.5), rel=1e-3
    )


def test_that_nobody_waits_where_nobody_asks() -> None:
    for stations in (ONE, UNLIKE, MANY_KINDS):
        assert shared_queue.mean_wait(stations, 0.0) == 0.0
        assert shared_queue.overflow_share(stations, 0.0) == 0.0
        assert shared_queue.late_share(stations, 0.0, seconds=1e9) == pytest.approx(0.0, abs=1e-12)


def test_that_a_queue_that_only_grows_has_no_p95() -> None:
    rate = shared_queue.served_per_s(FOUR)
    assert shared_queue.latency_quantile(FOUR, rate) == math.inf
    assert shared_queue.mean_wait(FOUR, rate) == math.inf
    assert shared_queue.late_share(FOUR, rate, seconds=1e9) == 1.0
    assert shared_queue.overflow_share(FOUR, math.inf) == 1.0


def test_that_calls_that_take_no_time_are_never_late() -> None:
    nothing = (Station(slots=2, seconds=0.0),)
    assert shared_queue.latency_quantile(nothing, 5.0) == 0.0
    assert shared_queue.mean_wait(nothing, 5.0) == 0.0


def test_that_a_machine_without_slots_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one slot"):
        shared_queue.queued((Station(slots=0, seconds=1.0),), 0.1)


def test_that_regular_gaps_wait_least_and_bursts_most() -> None:
    waits = [shared_queue.mean_wait(FOUR, 0.3, ca2=ca2) for ca2 in (0.0, 0.3, 1.0, 2.0, 8.0)]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] / 5


@pytest.mark.parametrize("slots", [1, 2, 16, 100, 512, 3000])
@pytest.mark.parametrize("ca2", [1.0, 3.0])
def test_that_close_to_full_the_wait_is_long_and_finite(slots: int, ca2: float) -> None:
    stations = (Station(slots=slots, seconds=10.0),)
    rate = 0.9999 * shared_queue.served_per_s(stations)
    wait = shared_queue.mean_wait(stations, rate, ca2=ca2)
    assert math.isfinite(wait)
    # In heavy traffic every call waits (1 + ca2) / 2 / (served - asked).
    heavy = (1 + ca2) / 2 / (shared_queue.served_per_s(stations) - rate)
    assert wait == pytest.approx(heavy, rel=0.05 if slots < 20 else 0.35)


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(1, 20), st.floats(0.5, 60)),
    st.tuples(st.integers(1, 8), st.floats(0.5, 60)),
    st.floats(0.01, 0.97),
    st.sampled_from((0.5, 1.0, 4.0)),
)
@example((1, 1.0), (6, 21.0), 0.25, 4.0)
def test_that_shares_add_up_and_lateness_falls_with_time(
    one: tuple[int, float], other: tuple[int, float], load: float, ca2: float
) -> None:
    seconds = one[1]
    stations = tuple(Station(slots=slots, seconds=each) for slots, each in (one, other))
    rate = load * shared_queue.served_per_s(stations)
    queue = shared_queue.queued(stations, rate, ca2=ca2)
    assert queue is not None
    assert math.fsum(queue.shares) == pytest.approx(1.0)
    assert 0 <= queue.waiting <= 1
    # None serves fewer than waited for it.
    assert all(
        waited <= share * (1 + 1e-12)
        for waited, share in zip(queue.waited, queue.shares, strict=True)
    )
    early, late = (
        shared_queue.late_share(stations, rate, seconds=each, ca2=ca2)
        for each in (seconds, 3 * seconds)
    )
    assert 0 <= late <= early <= 1 + 1e-12
    p95 = shared_queue.latency_quantile(stations, rate, ca2=ca2)
    assert shared_queue.late_share(stations, rate, seconds=p95, ca2=ca2) == pytest.approx(
        0.05, abs=1e-6
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 512), st.floats(0.01, 3.0), st.integers(0, 5))
def test_that_a_place_to_wait_turns_fewer_away(slots: int, load: float, queue: int) -> None:
    stations = (Station(slots=slots, seconds=3.0),)
    rate = load * shared_queue.served_per_s(stations)
    with_more = shared_queue.overflow_share(stations, rate, queue=queue + 1)
    assert 0 <= with_more <= shared_queue.overflow_share(stations, rate, queue=queue) <= 1


def test_that_a_clockwork_never_meets_many_busy_slots() -> None:
    queue = shared_queue.queued((Station(slots=400, seconds=1.0),), 0.3, ca2=0.0)
    assert queue is not None
    assert queue.waiting == pytest.approx(0.0, abs=1e-12)


def test_that_a_machine_without_a_slot_is_refused_beside_one_that_has_some() -> None:
    empty = Station(slots=0, seconds=5.0)
    for stations in ((), (empty,), (*ONE, empty)):
        with pytest.raises(ValueError, match="at least one slot"):
            shared_queue.queued(stations, 0.01)


def test_that_machines_that_take_no_time_let_nobody_wait() -> None:
    found = shared_queue.queued((Station(slots=1, seconds=0.0),), 3.0)
    assert found is not None
    assert (found.waiting, found.wait_s, found.waited) == (0.0, 0.0, (0.0,))


def test_that_regular_arrivals_wait_less_and_bursts_more() -> None:
    steady = shared_queue.queued(FOUR, 0.3)
    regular, bursts = (
        shared_queue.queued(FOUR, 0.3, ca2=0.5),
        shared_queue.queued(FOUR, 0.3, ca2=3.0),
    )
    assert steady is not None
    assert regular is not None
    assert bursts is not None
    assert regular.waiting * regular.wait_s < steady.waiting * steady.wait_s
    assert steady.waiting * steady.wait_s < bursts.waiting * bursts.wait_s
    assert 0 < bursts.waiting <= 1
