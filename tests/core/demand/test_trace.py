"""A trace replayed: against a plain simulation, against the formulas, and at its edges."""

from __future__ import annotations

import math
import pickle
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.demand import queueing, replaying
from landfall.core.demand.replaying import SingleCall, TraceDay, absorbed, replayed, stream_of
from landfall.core.demand.trace import CLASSES, Trace, _between

FIRST = 738_000
OFFICE = (0.0,) * 8 + (20.0, 60.0, 90.0, 80.0, 40.0, 70.0, 80.0, 60.0, 30.0, 10.0) + (0.0,) * 6

calls = st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(0.01, 30.0)), min_size=1, max_size=40)


def day(at: int, hours: tuple[float, ...] = OFFICE, tokens: float | None = None) -> TraceDay:
    each = () if tokens is None else tuple(count * tokens for count in hours)
    return TraceDay(ordinal=FIRST + at, calls=hours, prompt=each, written=each)


def office(days: int = 20) -> Trace:
    return Trace(days=tuple(day(at) for at in range(days)))


def plainly(arrivals: list[float], services: list[float], *, slots: int, queue: int) -> list[bool]:
    """One call after the other, the whole state written down: who is served until when, who waits
    in which order."""
    serving: list[float] = []
    waiting: list[float] = []
    taken = []
    for moment, service in zip(arrivals, services, strict=True):
        # Everything that ended before now, the earliest first; who waits longest follows.
        while serving and min(serving) <= moment:
            ended = min(serving)
            serving.remove(ended)
            if waiting:
                serving.append(ended + waiting.pop(0))
        if len(serving) < slots:
            serving.append(moment + service)
        elif len(waiting) < queue:
            waiting.append(service)
        else:
            taken.append(False)
            continue
        taken.append(True)
    return taken


@given(calls, st.integers(1, 4), st.integers(0, 3))
def test_that_who_is_turned_away_is_what_a_plain_simulation_says(
    gaps: list[tuple[float, float]], slots: int, queue: int
) -> None:
    arrivals, now = [], 0.0
    for gap, _ in gaps:
        now += gap
        arrivals.append(now)
    services = [service for _, service in gaps]
    found = absorbed(arrivals, services, slots=slots, queue=queue)
    assert list(found) == plainly(arrivals, services, slots=slots, queue=queue)


@given(calls, st.integers(1, 4))
def test_that_a_queue_without_an_end_turns_nobody_away(
    gaps: list[tuple[float, float]], slots: int
) -> None:
    arrivals = [float(at) for at, _ in enumerate(gaps)]
    services = [service for _, service in gaps]
    assert all(absorbed(arrivals, services, slots=slots, queue=len(gaps)))


def test_that_a_long_poisson_stream_loses_what_erlang_says() -> None:
    dice = random.Random(7)
    now, arrivals, services = 0.0, [], []
    for _ in range(60_000):
        now += dice.expovariate(1.0)
        arrivals.append(now)
        services.append(dice.expovariate(1 / 1.6))
    for queue in (0, 3):
        taken = absorbed(arrivals, services, slots=2, queue=queue)
        lost = 1 - sum(taken) / len(taken)
        assert lost == pytest.approx(queueing.overflow_share(2, 1.6, queue=queue), abs=0.01)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 0.95), st.integers(1, 3), st.floats(0.0, 1.0))
def test_that_what_is_read_off_lies_near_a_replay_of_its_own(
    busy: float, slots: int, share: float
) -> None:
    trace = office()
    stream = trace.stream()
    assert stream is not None
    service_s = busy * slots / trace.busiest_calls() * 3600
    found = trace.replay(service_s, slots=slots, prompt_share=share)
    assert found is not None
    own = replayed(
        stream,
        service_s,
        slots=slots,
        prompt_share=(0.0 if stream.alike else round(share * 10) / 10),
    )
    assert found.p95_seconds == pytest.approx(own[1] * service_s, rel=0.06)
    assert found.absorbed == pytest.approx(own[2], abs=0.01)
    assert found.absorbed_queued == pytest.approx(own[5], abs=0.01)
    assert found.absorbed <= found.absorbed_queued + 0.01


def test_that_even_hours_wait_and_overflow_as_the_formulas_say() -> None:
    steady = Trace(days=tuple(day(at, (60.0,) * 24) for at in range(3)))
    service_s = 30.0
    found = steady.replay(service_s, slots=1)
    assert found is not None
    rate = 60 / 3600
    assert found.absorbed == pytest.approx(1 - queueing.erlang_b(1, rate * service_s), abs=0.02)
    late = queueing.latency_quantile(rate, service_s=service_s)
    assert found.p95_seconds == pytest.approx(late, rel=0.1)
    wait = queueing.mean_wait(rate, service_s=service_s)
    assert found.mean_wait_seconds == pytest.approx(wait, rel=0.15)


def test_that_a_queue_of_one_hour_is_worked_off_in_the_next() -> None:
    """The busiest hour asks for more than is served: no formula of that hour has an answer."""
    peak = Trace(days=tuple(day(at, (0.0,) * 10 + (90.0, 10.0) + (0.0,) * 12) for at in range(20)))
    found = peak.replay(60.0, slots=1)
    assert found is not None
    assert 600 < found.p95_seconds < 4 * 3600
    assert found.mean_wait_seconds > 300


def test_that_twice_the_calls_are_the_same_stream_at_twice_the_pace() -> None:
    trace = office()
    double, slow = trace.replay(10.0, slots=1, scale=2.0), trace.replay(20.0, slots=1)
    assert double is not None
    assert slow is not None
    assert double.absorbed == slow.absorbed
    assert double.p95_seconds == pytest.approx(slow.p95_seconds / 2)


def test_that_there_is_no_replay_of_nothing_or_of_what_never_ends() -> None:
    quiet = Trace(days=(day(0, (0.0,) * 24),))
    assert quiet.replay(1.0, slots=1) is None
    assert quiet.replayed_calls() == (0, 0)
    assert quiet.profile() == (0.0,) * 24
    assert quiet.peak_to_mean() is None
    assert quiet.busiest_calls() == 0.0
    trace = office()
    assert trace.replay(math.inf, slots=1) is None
    assert trace.replay(0.0, slots=1) is None
    assert trace.replay(0.01, slots=1) is None, "as good as idle"
    assert trace.replay(600.0, slots=1) is None, "asked for many times what it serves"
    rare = Trace(days=(day(0, (0.001,) + (0.0,) * 23),))
    assert rare.replay(1.0, slots=1) is None


def test_that_a_day_with_too_many_calls_is_left_to_the_formulas() -> None:
    crowd = Trace(days=(day(0, (1000.0,) * 24),))
    assert crowd.replay(1.0, slots=4) is None
    assert crowd.replayed_calls() == (0, 0)


def test_that_whole_days_are_picked_evenly_and_never_one_weekday_alone() -> None:
    long = office(140)
    count, days = long.replayed_calls()
    assert 0 < count <= replaying.MOST_REPLAYED
    assert days < 140
    for size in (1, 8, 20, 70, 200):
        picked = replaying.picked(office(size).days)
        steps = {after.ordinal - before.ordinal for before, after in pairwise(picked)}
        assert all(step % 7 for step in steps)


def test_that_the_busiest_hour_is_a_quantile_and_of_one_day_its_largest() -> None:
    assert Trace(days=(day(0),)).busiest_calls() == 90.0
    assert office().busiest_calls() == queueing.quantile(list(OFFICE) * 20, 0.95)
    seldom = Trace(days=tuple(day(at, (0.0,) * 23 + (12.0,)) for at in range(40)))
    assert seldom.busiest_calls() == 12.0, "fewer than one hour of twenty has work"


def test_that_the_profile_is_the_mean_of_days_with_work() -> None:
    trace = Trace(days=(day(0), day(1, (0.0,) * 24), day(2)))
    assert trace.profile() == OFFICE
    assert trace.calls_per_day == pytest.approx(sum(OFFICE) * 2 / 3)
    assert trace.peak_to_mean() == pytest.approx(trace.busiest_calls() * 24 / trace.calls_per_day)


def test_that_classes_hold_all_hours_with_work_and_all_calls() -> None:
    found = office().classes()
    assert len(found) <= 40
    assert sum(hours for _, hours in found) == 200
    assert sum(each * hours for each, hours in found) == pytest.approx(sum(OFFICE) * 20)


def test_that_dispersion_of_the_same_hour_is_0_where_days_are_alike() -> None:
    assert office().dispersion() == 0.0
    assert Trace(days=(day(0),)).dispersion() is None
    dice = random.Random(5)
    wild = Trace(
        days=tuple(
            day(at, tuple(float(dice.choice((0, 200))) for _ in range(24))) for at in range(30)
        )
    )
    found = wild.dispersion()
    assert found is not None
    assert found > 50


def test_that_single_calls_tell_bursts_and_gaps() -> None:
    dice = random.Random(11)
    now, singles = 0.0, []
    while now < 3600:
        singles.append(SingleCall(at=now))
        now += dice.expovariate(0.5)
    hours = (float(len(singles)),) + (0.0,) * 23
    poisson = Trace(days=(day(0, hours),), singles=tuple(singles))
    assert poisson.dispersion() == pytest.approx(1.0, abs=0.5)
    assert poisson.gap_variation() == pytest.approx(1.0, abs=0.25)
    bursts = [SingleCall(at=minute * 600 + n * 0.1) for minute in range(6) for n in range(50)]
    crowded = Trace(days=(day(0, (300.0,) + (0.0,) * 23),), singles=tuple(bursts))
    found = crowded.dispersion()
    assert found is not None
    assert found > 20
    assert Trace(days=(day(0),), singles=tuple(bursts[:3])).gap_variation() is None
    assert office().gap_variation() is None


def test_that_told_calls_are_replayed_as_they_were() -> None:
    singles = tuple(
        SingleCall(at=at, prompt=prompt, written=written)
        for at, prompt, written in ((0.0, 100.0, 10.0), (1.0, 300.0, 10.0), (100.0, 200.0, 10.0))
    )
    trace = Trace(days=(day(0, (3.0,) + (0.0,) * 23),), singles=singles)
    stream = trace.stream()
    assert stream is not None
    assert stream.at == (0.0, 1.0, 100.0)
    assert stream.prompt == (0.5, 1.5, 1.0)
    assert stream.written == (1.0, 1.0, 1.0)
    # All of the service is the prompt's: 5, 15 and 10 seconds; the second finds the slot taken.
    found = replayed(stream, 10.0, slots=1, prompt_share=1.0)
    assert found[0] == pytest.approx((5 - 1) / 3 / 10)
    assert found[2] == pytest.approx(2 / 3)
    assert found[3] == pytest.approx(0.5), "half of the prompts' tokens"
    assert found[5] == 1.0


def test_that_calls_without_told_sizes_vary_as_widely_as_their_mean() -> None:
    singles = tuple(SingleCall(at=float(at)) for at in range(500))
    trace = Trace(days=(day(0, (500.0,) + (0.0,) * 23),), singles=singles)
    stream = trace.stream()
    assert stream is not None
    mean = sum(stream.prompt) / 500
    assert mean == pytest.approx(1.0, abs=0.01)
    assert sum((one - mean) ** 2 for one in stream.prompt) / 500 == pytest.approx(1.0, abs=0.05)


def test_that_large_calls_at_the_peak_overflow_more_tokens_than_calls() -> None:
    peak = (0.0,) * 10 + (100.0, 20.0) + (0.0,) * 12
    large = tuple(calls * (2000.0 if calls == 100 else 100.0) for calls in peak)
    days = tuple(
        TraceDay(ordinal=FIRST + at, calls=peak, prompt=large, written=large) for at in range(20)
    )
    found = Trace(days=days).replay(20.0, slots=1, prompt_share=0.5)
    assert found is not None
    assert found.absorbed_prompt < found.absorbed
    assert found.absorbed_written < found.absorbed


def test_that_what_nobody_waits_for_is_read_off_straight() -> None:
    spaced = tuple(SingleCall(at=600.0 * at, prompt=10.0, written=10.0) for at in range(6))
    trace = Trace(days=(day(0, (6.0,) + (0.0,) * 23),), singles=spaced)
    found = trace.replay(60.0, slots=1)
    assert found is not None
    assert (found.mean_wait_seconds, found.absorbed) == (0.0, 1.0)
    assert found.p95_seconds == pytest.approx(60.0)


def test_that_a_trace_travels_without_what_was_computed_of_it() -> None:
    trace = office()
    trace.replay(10.0, slots=1)
    there = pickle.loads(pickle.dumps(trace))
    assert there == trace
    assert there.replay(10.0, slots=1) == trace.replay(10.0, slots=1)
    assert len(pickle.dumps(trace)) == len(pickle.dumps(office()))


def test_that_no_day_makes_no_stream() -> None:
    assert stream_of((), (), busiest_calls=0.0) is None


def test_that_between_two_values_waits_go_by_ratio_and_shares_straight() -> None:
    assert _between(1.0, 100.0, 0.5) == pytest.approx(10.0)
    assert _between(0.0, 100.0, 0.25) == pytest.approx(25.0)
    assert _between(100.0, 0.0, 0.25) == pytest.approx(75.0)
    assert _between(4.0, 4.0, 0.3) == pytest.approx(4.0)


def test_that_hours_fall_into_few_classes_that_lose_none() -> None:
    for days in (1, 5, 9):
        rising = tuple(
            day(FIRST + at, tuple(float(24 * at + hour + 1) for hour in range(24)))
            for at in range(days)
        )
        found = Trace(days=rising).classes()
        assert len(found) <= CLASSES
        assert sum(hours for _, hours in found) == 24 * days
        assert sum(calls * hours for calls, hours in found) == pytest.approx(
            sum(range(1, 24 * days + 1))
        )
