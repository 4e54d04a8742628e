"""What a trace says of itself, and its replay, on so few calls that they can be counted."""

from __future__ import annotations

import math
from datetime import date
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

MONDAY = date(2026, 11, 23).toordinal()
NONE = (0.0,) * 24


def hours(**calls: float) -> tuple[float, ...]:
    """Calls by hour: `h9=3` are three from nine o'clock on."""
    return tuple(calls.get(f"h{hour}", 0.0) for hour in range(24))


def day(at: int, calls: tuple[float, ...]) -> TraceDay:
    return TraceDay(ordinal=MONDAY + at, calls=calls)


def trace(*days: tuple[float, ...]) -> Trace:
    return Trace(days=tuple(day(at, calls) for at, calls in enumerate(days)))


def singles(*moments: float) -> Trace:
    calls = hours(h0=float(len(moments)))
    return Trace(days=(day(0, calls),), singles=tuple(SingleCall(at=at) for at in moments))


# Statistics -----------------------------------------------------------------------------------


def test_that_the_busiest_hour_of_one_day_is_its_largest_and_of_two_a_quantile() -> None:
    one = hours(h9=10, h10=20)
    assert trace(one).busiest_calls() == 20
    # 48 hours in order, 44 zeros, 10, 14, 20, 20: place 0.95 x 47 = 44.65.
    assert trace(one, hours(h9=14, h10=20)).busiest_calls() == pytest.approx(12.6)


def test_that_where_work_is_rare_the_hours_with_work_are_asked() -> None:
    """Two of 48: below one of twenty. 0.95 between 10 and 30 is 29."""
    assert trace(hours(h9=10), hours(h9=30)).busiest_calls() == pytest.approx(29)
    assert trace(NONE, NONE).busiest_calls() == 0.0


def test_that_the_profile_of_weekdays_leaves_out_the_weekend() -> None:
    week = [hours(**{f"h{at}": 7.0}) for at in range(7)]
    found = trace(*week).weekday_profile()
    assert found == (1.4,) * 5 + (0.0,) * 19
    assert trace(*week).profile() == (1.0,) * 7 + (0.0,) * 17
    assert trace(NONE, hours(h3=8)).profile() == hours(h3=8), "of days with work"


def test_that_the_peak_is_told_against_the_mean_hour() -> None:
    one = hours(h9=30, h10=18)
    assert trace(one).calls_per_day == 48
    assert trace(one).peak_to_mean() == 15
    assert trace(one, NONE).calls_per_day == 24
    assert trace(one).hours() == list(one)


def test_that_hours_are_put_together_in_forty_classes() -> None:
    def counted(many: int) -> list[float]:
        calls = [float(n + 1) for n in range(many)]
        padded = calls + [0.0] * (-many % 24)
        parts = [tuple(padded[at : at + 24]) for at in range(0, len(padded), 24)]
        return [size for _, size in trace(*parts).classes()]

    assert counted(40) == [1.0] * 40
    assert counted(41) == [2.0] * 20 + [1.0]
    assert counted(80) == [2.0] * 40
    assert counted(81) == [3.0] * 27
    assert trace(hours(h1=4, h2=2)).classes() == ((2.0, 1.0), (4.0, 1.0))
    assert trace(NONE).classes() == ()


def test_that_dispersion_is_variance_over_mean_of_the_same_hour() -> None:
    """Hour 0 has 1 and 3: mean 2, variance 2; hour 1 has 4 and 4. Together 2 / (2 + 4)."""
    two = trace(hours(h0=1, h1=4), hours(h0=3, h1=4), NONE)
    assert two.dispersion() == pytest.approx(1 / 3)
    assert trace(hours(h0=1), NONE).dispersion() is None, "one day with work"
    # Three days 1, 2, 6: mean 3, squares 4 + 1 + 9 = 14, over two.
    three = trace(hours(h0=1), hours(h0=2), hours(h0=6))
    assert three.dispersion() == pytest.approx(7 / 3)


def test_that_dispersion_of_single_calls_is_that_of_minutes() -> None:
    """Three calls in one minute and one in another: squares 9 + 1 - 60 x (4 / 60)^2 = 9.7333."""
    found = singles(0.0, 10.0, 59.0, 301.0).dispersion()
    assert found == pytest.approx((10 - 16 / 60) / 59 / (4 / 60))
    # The same in another hour: about the mean of that hour; sums of both.
    both = singles(0.0, 10.0, 59.0, 301.0, 3600.0, 3700.0).dispersion()
    other = (2 - 4 / 60) / 59
    assert both == pytest.approx(((10 - 16 / 60) / 59 + other) / (6 / 60))


def test_that_gaps_are_told_against_the_mean_of_their_hour() -> None:
    """Gaps 1, 2, 3: (0.25 + 0 + 0.25) over two that are free."""
    assert singles(0.0, 1.0, 3.0, 6.0).gap_variation() == pytest.approx(0.25)
    assert singles(0.0, 1.0, 3.0).gap_variation() is None, "two gaps say nothing"
    assert singles(5.0, 5.0, 5.0, 5.0).gap_variation() is None
    # An hour with two gaps beside it changes nothing; one with 2, 2, 2, 6 adds 4/3.
    assert singles(0.0, 1.0, 3.0, 6.0, 3600.0, 3609.0, 3700.0).gap_variation() == pytest.approx(
        0.25
    )
    wide = singles(0.0, 1.0, 3.0, 6.0, 3600.0, 3602.0, 3604.0, 3606.0, 3612.0).gap_variation()
    # Mean 3: (1 + 1 + 1 + 9) / 9 = 4 / 3 with three free ones.
    assert wide == pytest.approx((0.5 + 4 / 3) / 5)


# Replay ---------------------------------------------------------------------------------------

SPACED = singles(*(60.0 * at for at in range(60)))
"""One call a minute for an hour: 60 in the busiest."""


def test_that_a_replay_is_made_between_idle_and_crowded() -> None:
    """60 calls of s seconds are s / 60 of a slot: 0.005 at 0.3 s, five times at 300 s."""
    assert SPACED.replay(0.2999, slots=1) is None
    assert SPACED.replay(0.3001, slots=1) is not None
    assert SPACED.replay(0.3001, slots=2) is None
    assert SPACED.replay(299.9, slots=1) is not None
    assert SPACED.replay(300.1, slots=1) is None
    assert SPACED.replay(300.1, slots=2) is not None
    assert SPACED.replay(0.16, slots=1, scale=2.0) is not None
    assert SPACED.replay(151.0, slots=1, scale=2.0) is None
    assert SPACED.replay(30.0, slots=1, scale=0.0) is None
    assert SPACED.replay(-30.0, slots=1, scale=-1.0) is None
    assert SPACED.replay(math.inf, slots=1) is None


SIZED = Trace(
    days=(day(0, hours(h0=60.0)),),
    singles=tuple(
        SingleCall(at=53.0 * at, prompt=float(1 + at * 7 % 5), written=float(1 + at * 3 % 4))
        for at in range(60)
    ),
)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("step", [40, 45, 48])
def test_that_at_its_places_a_replay_is_the_real_one(step: int, share: float) -> None:
    """A tenth apart: 1.1 ^ 40 = 45.3 s, 1.1 ^ 48 = 97 s."""
    service_s = 1.1**step * (1 + 1e-12)
    found = SIZED.replay(service_s, slots=1, prompt_share=share)
    stream = SIZED.stream()
    assert stream is not None
    own = replayed(stream, service_s, slots=1, prompt_share=share)
    assert found is not None
    assert (found.mean_wait_seconds, found.p95_seconds) == (
        pytest.approx(own[0] * service_s, rel=1e-6),
        pytest.approx(own[1] * service_s, rel=1e-6),
    )
    assert (
        found.absorbed,
        found.absorbed_prompt,
        found.absorbed_written,
        found.absorbed_queued,
    ) == pytest.approx(own[2:], rel=1e-6)


def test_that_between_its_places_a_replay_is_read_off() -> None:
    low, high = (SIZED.replay(1.1**step * (1 + 1e-12), slots=1) for step in (45, 46))
    middle = SIZED.replay(1.1**45.25, slots=1)
    assert low is not None
    assert middle is not None
    assert high is not None
    assert middle.absorbed == pytest.approx(low.absorbed**0.75 * high.absorbed**0.25, rel=1e-6)
    assert middle.p95_seconds / 1.1**45.25 == pytest.approx(
        (low.p95_seconds / 1.1**45) ** 0.75 * (high.p95_seconds / 1.1**46) ** 0.25, rel=1e-6
    )


def test_that_a_share_of_the_prompt_is_told_in_tenths_and_only_where_calls_differ() -> None:
    near, far = (SIZED.replay(60.0, slots=1, prompt_share=share) for share in (0.28, 0.32))
    assert near == far == SIZED.replay(60.0, slots=1, prompt_share=0.3)
    assert near != SIZED.replay(60.0, slots=1, prompt_share=0.2)
    alike = SPACED.stream()
    assert alike is not None
    assert alike.alike
    assert SPACED.replay(60.0, slots=1, prompt_share=0.9) == SPACED.replay(60.0, slots=1)


def test_that_what_is_replayed_is_counted() -> None:
    assert SIZED.replayed_calls() == (60, 1)
    assert trace(NONE).replayed_calls() == (0, 0)


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


# Streams --------------------------------------------------------------------------------------


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
