"""Recorded calls through the slots of machines, against the plain replay and by hand."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.demand import crowd_replay, queueing
from landfall.core.demand.arrangements import Arrangement
from landfall.core.demand.crowd_replay import (
    Calls,
    Slots,
    calls_of_trace,
    high_quantile,
    lost,
    replayed,
    with_drawn_sizes,
)
from landfall.core.demand.replaying import SingleCall, TraceDay, absorbed
from landfall.core.demand.trace import Trace

POOLED, BY_PERSON, BY_CHANCE = Arrangement
AT = (0, 1, 2, 3, 10, 10.5, 11, 30, 30, 30, 30, 31)
SECONDS = (5, 4, 6, 2, 3, 3, 3, 4, 4, 4, 4, 1)
K0 = Calls(at=AT, seconds=SECONDS)
MEAN = sum(SECONDS) / len(SECONDS)


def poisson(count: int, *, seed: int = 3) -> Calls:
    dice = Random(seed)
    now, at = 0.0, []
    for _ in range(count):
        now += dice.expovariate(1.0)
        at.append(now)
    sizes = [dice.expovariate(1.0) for _ in range(count)]
    return Calls(at=at, prompts=sizes, answers=sizes, persons=[dice.randrange(40) for _ in at])


def test_that_the_waits_of_case_k0_come_out() -> None:
    one = replayed(K0, [Slots(slots=1, seconds=MEAN)], POOLED, target_seconds=10)
    two = replayed(K0, [Slots(slots=1, seconds=MEAN)] * 2, POOLED)
    assert one.mean_wait_seconds == pytest.approx(7.54167, abs=1e-5)
    assert two.mean_wait_seconds == pytest.approx(1.875)
    waits = (0, 4, 7, 12, 7, 9.5, 12, 0, 4, 8, 12, 15)
    late = sum(wait + service > 10 for wait, service in zip(waits, SECONDS, strict=True))
    assert one.late == late / 12
    assert two.late is None
    latencies = [wait + service for wait, service in zip(waits, SECONDS, strict=True)]
    assert one.p95_seconds == queueing.quantile(latencies, 0.95)
    assert one.p95_wait_seconds == queueing.quantile(waits, 0.95)
    assert (one.calls, one.arrangement) == (12, POOLED)


def test_that_busy_is_the_work_over_the_time() -> None:
    even = Calls(at=[float(4 * at) for at in range(1000)])
    found = replayed(even, [Slots(slots=2, seconds=2.0)], POOLED)
    assert found.utilisation == pytest.approx(0.25, rel=1e-3)
    assert (found.mean_wait_seconds, found.overflow) == (0.0, 0.0)


def test_that_a_replay_of_a_poisson_stream_is_what_the_formulas_say() -> None:
    calls = poisson(200_000)
    slots, seconds = 4, 3.0
    found = replayed(calls, [Slots(slots=slots, seconds=seconds)], POOLED)
    assert found.utilisation == pytest.approx(0.75, rel=0.02)
    assert found.p95_seconds == pytest.approx(
        queueing.latency_quantile(1.0, service_s=seconds, slots=slots), rel=0.04
    )
    assert found.overflow == pytest.approx(queueing.erlang_b(slots, 3.0), rel=0.03)
    assert found.overflow_queued == pytest.approx(
        queueing.overflow_share(slots, 3.0, queue=3), rel=0.05
    )


def test_that_pooling_waits_less_than_splitting() -> None:
    calls = poisson(50_000)
    two = [Slots(slots=2, seconds=3.0)] * 2
    pooled, by_person, by_chance = (replayed(calls, two, how) for how in Arrangement)
    for split in (by_person, by_chance):
        assert pooled.mean_wait_seconds < 0.7 * split.mean_wait_seconds
        assert pooled.p95_seconds < split.p95_seconds
        assert pooled.overflow < split.overflow
        assert split.calls == pooled.calls == 50_000
    # K8: B(4, 3) and B(2, 1.5).
    assert pooled.overflow == pytest.approx(0.206107, rel=0.05)
    assert by_chance.overflow == pytest.approx(0.310345, rel=0.05)


def test_that_people_have_a_home_and_unlike_machines_share_as_they_are_fast() -> None:
    fast, slow = Slots(slots=3, seconds=1.0), Slots(slots=1, seconds=1.0)
    calls = Calls(at=[float(at) for at in range(400)], persons=[at % 4 for at in range(400)])
    homes = crowd_replay._homes(calls.persons, [3.0, 1.0])
    assert sorted(homes.values()) == [0, 0, 0, 1]
    found = replayed(calls, [fast, slow], BY_PERSON)
    assert (found.calls, found.mean_wait_seconds) == (400, 0.0)
    # Who asked is not told: each call is placed by chance.
    untold = replayed(Calls(at=calls.at), [fast, slow], BY_PERSON)
    assert untold.calls == 400


def test_that_unlike_machines_share_one_queue_first_come_first_served() -> None:
    """By hand: a slow slot and a fast one, two calls at once and a third that waits."""
    calls = Calls(at=[0.0, 0.0, 0.0])
    machines = [Slots(slots=1, seconds=2.0), Slots(slots=1, seconds=10.0)]
    found = replayed(calls, machines, POOLED, target_seconds=5.0)
    assert found.mean_wait_seconds == pytest.approx(2 / 3)
    assert found.late == pytest.approx(1 / 3)
    assert found.overflow == pytest.approx(1 / 3)
    assert found.overflow_queued == 0.0


def test_that_time_may_run_ten_times_as_fast() -> None:
    calls = poisson(20_000)
    many = [Slots(slots=40, seconds=3.0)]
    tenfold = replayed(calls, many, POOLED, faster=10.0)
    assert tenfold.utilisation == pytest.approx(0.75, rel=0.05)
    assert tenfold.overflow > 100 * max(replayed(calls, many, POOLED).overflow, 1e-9)


def test_that_no_more_than_all_slots_are_busy_however_many_calls_come() -> None:
    at_once = Calls(at=[0.0] * 40)
    pooled = replayed(at_once, [Slots(slots=2, seconds=3.0)], POOLED)
    assert pooled.utilisation == pytest.approx(1.0)
    split = replayed(at_once, [Slots(slots=1, seconds=3.0)] * 2, Arrangement.BY_CHANCE)
    assert 0.5 < split.utilisation <= 1.0
    some = Calls(at=[0.0, 0.0, 0.0])
    assert replayed(some, [Slots(slots=2, seconds=3.0)], POOLED).utilisation == 0.75


def test_that_sizes_that_nobody_told_are_drawn_as_wide_as_is_said() -> None:
    plain = Calls(at=[float(at) for at in range(20_000)], sized=False)
    drawn = with_drawn_sizes(plain, 0.5).sizes(0.3)
    mean = sum(drawn) / len(drawn)
    assert mean == pytest.approx(1.0)
    assert sum((one - 1) ** 2 for one in drawn) / len(drawn) == pytest.approx(0.25, rel=0.05)
    assert with_drawn_sizes(plain, 0.0) is plain
    told = Calls(at=[0.0], prompts=[1.0], answers=[1.0], sized=False)
    assert with_drawn_sizes(told, 1.0) is told


def test_that_nothing_is_replayed_without_calls_or_machines() -> None:
    with pytest.raises(ValueError, match="without calls"):
        replayed(Calls(at=()), [Slots(slots=1, seconds=1.0)], POOLED)
    with pytest.raises(ValueError, match="and a machine"):
        replayed(K0, [], POOLED)
    assert Calls(at=()).span_seconds == 0.0
    assert Calls(at=()).mean_seconds is None


def test_that_a_lone_call_neither_waits_nor_overflows() -> None:
    found = replayed(Calls(at=[5.0]), [Slots(slots=1, seconds=2.0)], POOLED)
    assert (found.mean_wait_seconds, found.p95_seconds, found.overflow) == (0.0, 2.0, 0.0)
    assert found.utilisation == 1.0


def test_that_sizes_are_those_of_prompts_and_answers_in_their_shares() -> None:
    calls = Calls(at=[0.0, 1.0], prompts=[0.5, 1.5], answers=[2.0, 0.0])
    assert calls.sizes(0.25) == [0.25 * 0.5 + 0.75 * 2.0, 0.25 * 1.5]
    assert Calls(at=[0.0, 1.0]).sizes(0.3) == [1.0, 1.0]
    assert K0.sizes(0.3)[0] == pytest.approx(5 / MEAN)


@given(
    st.lists(st.floats(0, 5), min_size=1, max_size=40),
    st.lists(st.floats(0.1, 9), min_size=40, max_size=40),
    st.integers(1, 5),
    st.integers(0, 4),
)
def test_that_who_overflows_is_the_same_however_it_is_counted(
    gaps: list[float], sizes: list[float], slots: int, queue: int
) -> None:
    at = [math.fsum(gaps[: n + 1]) for n in range(len(gaps))]
    some = sizes[: len(at)]
    taken = absorbed(at, [2.0 * size for size in some], slots=slots, queue=queue)
    alike = crowd_replay.lost(at, some, [Slots(slots=slots, seconds=2.0)], queue=queue)
    assert alike == taken.count(False)
    nearly = [Slots(slots=1, seconds=2.0)] * slots + [Slots(slots=1, seconds=2.5)]
    assert crowd_replay.lost(at, some, nearly, queue=queue) <= alike


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.integers(1, 6))
def test_that_the_fast_replay_of_one_slot_is_the_replay_of_the_heap(
    gaps: list[float], slots: int
) -> None:
    at = [math.fsum(gaps[: n + 1]) for n in range(len(gaps))]
    seconds = [gap * 0.7 + 1 for gap in reversed(gaps)]
    free = [-math.inf] * slots
    expected = []
    for moment, lasts in zip(at, seconds, strict=True):
        free.sort()
        begins = max(moment, free[0])
        free[0] = begins + lasts
        expected.append(begins - moment)
    assert queueing.replay(at, seconds, slots=slots) == pytest.approx(expected)


@pytest.mark.parametrize("share", [0.5, 0.95, 0.999])
def test_that_the_fast_quantile_is_the_quantile(share: float) -> None:
    dice = Random(5)
    mixtures = (
        [dice.expovariate(1) for _ in range(60_000)],
        [0.0] * 59_000 + [dice.random() for _ in range(1000)],
        [float(dice.randrange(3)) for _ in range(60_000)],
        [1.0] * 60_000,
        sorted(dice.random() for _ in range(60_000)),
        list(range(17)),
    )
    for values in mixtures:
        assert high_quantile(values, share) == pytest.approx(queueing.quantile(values, share))


def test_that_a_trace_of_hours_or_of_calls_becomes_calls() -> None:
    hours = tuple(30.0 if hour == 10 else 0.0 for hour in range(24))
    drawn = calls_of_trace(Trace(days=(TraceDay(ordinal=700_000, calls=hours),)))
    assert drawn is not None
    assert (len(drawn.at), drawn.timed, drawn.sized) == (30, False, False)
    assert all(36_000 <= moment < 39_600 for moment in drawn.at)
    singles = (
        SingleCall(at=36_000.5, prompt=10, written=4),
        SingleCall(at=36_010.0, prompt=30, written=4),
    )
    day = TraceDay(ordinal=700_000, calls=tuple(2.0 if hour == 10 else 0.0 for hour in range(24)))
    told = calls_of_trace(Trace(days=(day,), singles=singles))
    assert told is not None
    assert (told.at, told.timed, told.sized) == ((36_000.5, 36_010.0), True, True)
    assert told.prompts == (0.5, 1.5)
    assert told.span_seconds == 9.5


def test_that_a_trace_without_calls_is_none() -> None:
    assert calls_of_trace(Trace(days=(TraceDay(ordinal=1, calls=(0.0,) * 24),))) is None


def test_that_machines_of_other_speeds_lose_what_a_plain_count_says() -> None:
    # Calls of one size at 0, 0.1, 0.2 and 1.2; slots of 1 s and 3 s a unit; nobody may wait.
    # The first takes a slot, the second the other, the third is turned away, the fourth finds the
    # quick slot free again.
    unlike = (Slots(slots=1, seconds=1.0), Slots(slots=1, seconds=3.0))
    at, sizes = [0.0, 0.1, 0.2, 1.2], [1.0, 1.0, 1.0, 1.0]
    assert lost(at, sizes, unlike, queue=0) == 1
    assert lost(at, sizes, unlike, queue=1) == 0
    alike = (Slots(slots=2, seconds=1.0),)
    assert lost(at, sizes, alike, queue=0) == 1
