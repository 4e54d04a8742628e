"""Streams of so few calls that they can be counted."""

from __future__ import annotations

import math
from random import Random

import pytest

from landfall.core.demand import replaying
from landfall.core.demand.replaying import (
    MOST_REPLAYED,
    SingleCall,
    Stream,
    TraceDay,
    picked,
    replayed,
    stream_of,
)
from landfall.core.demand.trace import Trace
from tests.core.demand.short_traces import MONDAY, NONE, day, hours

STREAM = Stream(
    at=(0.0, 1.0, 2.0, 100.0),
    prompt=(1.0, 2.0, 0.5, 0.5),
    written=(2.0, 1.0, 0.5, 0.5),
    busy=(True, True, False, False),
    days=1,
    alike=False,
)


def test_that_a_stream_through_one_slot_is_what_one_counts() -> None:
    """Half of 10 s by prompts, half by answers: 15, 15, 5, 5 s. They begin at 0, 15, 30, 100, so
    that they wait 0, 14, 28, 0. At once only the first and the last are taken; of three places to
    wait two are needed. Of busy hours the latencies are 15 and 29: 95 of a hundred is 28.3."""
    found = replayed(STREAM, 10.0, slots=1, prompt_share=0.5)
    assert found == pytest.approx((42 / 4 / 10, 2.83, 0.5, 1.5 / 4, 2.5 / 4, 1.0))
    two = replayed(STREAM, 10.0, slots=2, prompt_share=0.5)
    # The third waits until 15.
    assert two == pytest.approx((13 / 4 / 10, 1.5, 0.75, 3.5 / 4, 3.5 / 4, 1.0))
    first = replayed(STREAM, 10.0, slots=1, prompt_share=1.0)
    assert first[1] == pytest.approx((10 + 0.95 * (29 - 10)) / 10)
    idle = Stream(at=(0.0,), prompt=(1.0,), written=(1.0,), busy=(False,), days=1, alike=True)
    assert replayed(idle, 10.0, slots=1, prompt_share=0.0) == (0.0, 0.0, 1.0, 1.0, 1.0, 1.0)


def test_that_three_may_wait_and_the_fourth_overflows() -> None:
    many = Stream(
        at=(0.0, 1.0, 2.0, 3.0, 4.0),
        prompt=(1.0,) * 5,
        written=(1.0,) * 5,
        busy=(True,) * 5,
        days=1,
        alike=True,
    )
    assert replayed(many, 10.0, slots=1, prompt_share=0.0)[5] == pytest.approx(0.8)
    # At the very moment at which a slot is free nobody waits.
    edge = Stream(
        at=(0.0, 10.0), prompt=(1.0,) * 2, written=(1.0,) * 2, busy=(True,) * 2, days=1, alike=True
    )
    assert replayed(edge, 10.0, slots=1, prompt_share=0.0)[2] == 1.0


def test_that_a_stream_tells_which_calls_came_in_a_busiest_hour() -> None:
    told = Trace(
        days=(day(0, hours(h0=2, h1=1)), day(1, hours(h0=2))),
        singles=tuple(SingleCall(at=at) for at in (0.0, 3599.0, 3600.0, 86_400.0, 90_000.0)),
    )
    found = stream_of(told.days, told.singles, busiest_calls=2.0)
    assert found is not None
    assert found.busy == (True, True, False, True, False)
    assert found.days == 2
    lazy = stream_of(told.days, told.singles, busiest_calls=0.0)
    assert lazy is not None
    assert lazy.busy == (True, True, True, True, False), "an hour without calls is never busy"


def test_that_whole_days_are_left_out_with_their_calls() -> None:
    days = [day(at, hours(h0=2)) for at in range(4)]
    calls = [
        SingleCall(at=86_400.0 * at + n, prompt=1.0, written=1.0)
        for at in range(4)
        for n in range(2)
    ]
    half = stream_of(days, calls, busiest_calls=2.0, most=4)
    assert half is not None
    assert half.at == (0.0, 1.0, 172_800.0, 172_801.0)
    assert half.days == 2
    assert stream_of(days, calls, busiest_calls=2.0, most=1) is None


def test_that_days_are_picked_by_steps_that_never_are_a_week() -> None:
    days = [day(at, hours(h0=10)) for at in range(30)]

    def ordinals(most: int) -> list[int]:
        return [one.ordinal - MONDAY for one in picked(days, most)]

    assert ordinals(300) == list(range(30))
    assert ordinals(299) == list(range(0, 30, 2))
    assert ordinals(100) == list(range(0, 30, 3))
    assert ordinals(43) == [0, 8, 16, 24], "seven would be Mondays alone"
    assert ordinals(10) == [0]
    assert ordinals(9) == []
    assert picked([], 10) == ()
    assert MOST_REPLAYED == 5000
    assert len(picked([day(0, hours(h0=5000))])) == 1
    assert picked([day(0, hours(h0=5001))]) == ()
    # The days that a step picks may be the full ones: then the next step is tried.
    uneven = [day(at, hours(h0=100 if at % 2 == 0 else 0)) for at in range(4)]
    assert [one.ordinal - MONDAY for one in picked(uneven, 150)] == [0, 3]


def test_that_told_sizes_are_over_their_mean() -> None:
    calls = [
        SingleCall(at=0.0, prompt=1.0, written=5.0),
        SingleCall(at=1.0, prompt=3.0, written=5.0),
    ]
    found = stream_of([day(0, hours(h0=2))], calls, busiest_calls=1.0)
    assert found is not None
    assert (found.prompt, found.written) == ((0.5, 1.5), (1.0, 1.0))
    assert not found.alike


def test_that_sizes_that_are_not_told_are_parts_of_an_exponential() -> None:
    """Of two: the middles of both halves of the distribution, -ln 0.75 and -ln 0.25."""
    parts = sorted((-math.log(0.75), -math.log(0.25)))
    for prompt in (None, 0.0):
        calls = [SingleCall(at=float(at), prompt=prompt, written=2.0) for at in range(2)]
        found = stream_of([day(0, hours(h0=2))], calls, busiest_calls=1.0)
        assert found is not None
        assert sorted(found.prompt) == pytest.approx(parts)
        assert found.written == (1.0, 1.0)
    some = [SingleCall(at=0.0, prompt=1.0), SingleCall(at=1.0)]
    found = stream_of([day(0, hours(h0=2))], some, busiest_calls=1.0)
    assert found is not None
    assert sorted(found.prompt) == pytest.approx(parts)
    assert found.prompt == found.written
    assert found.alike


def test_that_calls_of_an_hour_come_anywhere_in_it_and_sizes_lie_about_its_mean() -> None:
    one = TraceDay(
        ordinal=MONDAY,
        calls=hours(h2=3, h5=1),
        prompt=hours(h2=30, h5=50),
        written=hours(h2=6, h5=2),
    )
    second = TraceDay(ordinal=MONDAY + 1, calls=NONE, prompt=NONE, written=NONE)
    third = TraceDay(
        ordinal=MONDAY + 2, calls=hours(h0=1), prompt=hours(h0=10), written=hours(h0=2)
    )
    found = stream_of([one, second, third], (), busiest_calls=3.0)
    assert found is not None
    assert [int(at // 3600) for at in found.at] == [2, 2, 2, 5, 48]
    assert list(found.at) == sorted(found.at)
    assert found.busy == (True, True, True, False, False)
    # A prompt has 10, 50 and 10 tokens: over their mean of 18; an answer has 2 everywhere.
    spread = [size / written for size, written in zip(found.prompt, found.written, strict=True)]
    assert spread == pytest.approx([10 / 18, 10 / 18, 10 / 18, 50 / 18, 10 / 18])
    sizes = sorted(-math.log(1 - (at + 0.5) / 5) for at in range(5))
    assert sorted(found.written) == pytest.approx(sizes)


def test_that_a_part_of_a_call_is_a_call_now_and_then() -> None:
    """Half a call in each of 960 hours: 480, give or take four standard deviations of 15.5."""
    days = [day(at, (0.5,) * 24) for at in range(40)]
    found = stream_of(days, (), busiest_calls=0.5)
    assert found is not None
    assert 480 - 62 < len(found.at) < 480 + 62


def test_that_a_replay_is_the_same_every_time_and_in_every_version() -> None:
    """Drawn with the fixed seed 20261123 by Python's own generator, the same everywhere."""
    found = stream_of([day(0, hours(h0=2))], (), busiest_calls=2.0)
    again = stream_of([day(0, hours(h0=2))], (), busiest_calls=2.0)
    assert found == again
    dice = Random(20_261_123)
    dice.random()  # for the count of the first hour
    expected = sorted(dice.random() * 3600 for _ in range(2))
    assert found is not None
    assert found.at == pytest.approx(expected)


def test_that_the_numbers_of_a_day_are_what_they_are() -> None:
    assert (replaying.HOURS, replaying.HOUR_SECONDS, replaying.DAY_SECONDS) == (24, 3600, 86_400)
    assert replaying.SHORT_QUEUE == 3
