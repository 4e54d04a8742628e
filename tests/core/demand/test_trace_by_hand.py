"""What a trace says of itself, and its replay, on so few calls that they can be counted."""

from __future__ import annotations

import math

import pytest

from landfall.core.demand.replaying import SingleCall, replayed
from landfall.core.demand.trace import Trace
from tests.core.demand.short_traces import NONE, day, hours


def trace(*days: tuple[float, ...]) -> Trace:
    return Trace(days=tuple(day(at, calls) for at, calls in enumerate(days)))


def singles(*moments: float) -> Trace:
    calls = hours(h0=float(len(moments)))
    return Trace(days=(day(0, calls),), singles=tuple(SingleCall(at=at) for at in moments))


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
