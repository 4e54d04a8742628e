"""Recorded calls through machines, so few that they can be counted."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from landfall.core.demand import queueing
from landfall.core.demand.crowd_replay import (
    MOST_CALLS,
    Calls,
    Replay,
    Slots,
    calls_of_trace,
    high_quantile,
    lost,
    replayed,
    with_drawn_sizes,
)
from landfall.core.demand.replaying import SingleCall, TraceDay
from landfall.core.demand.trace import Trace
from tests.core.demand.round_crowds import BY_CHANCE, BY_PERSON, POOLED


def test_that_one_queue_of_one_slot_is_a_ledger() -> None:
    """Sizes 1, 1, 2 of 4 s: they last 4, 4, 8; begin at 10, 14, 18; end at 26."""
    calls = Calls(at=[10.0, 11.0, 12.0], prompts=[1.0, 1.0, 2.0], answers=[1.0, 1.0, 2.0])
    found = replayed(calls, [Slots(slots=1, seconds=4.0)], POOLED, target_seconds=7.0)
    assert found == Replay(
        arrangement=POOLED,
        calls=3,
        mean_wait_seconds=3.0,
        p95_wait_seconds=pytest.approx(3 + 0.9 * 3),
        p95_seconds=pytest.approx(7 + 0.9 * 7),
        late=pytest.approx(1 / 3),
        utilisation=pytest.approx(1.0),
        overflow=pytest.approx(2 / 3),
        overflow_queued=0.0,
    )
    later = replayed(calls, [Slots(slots=1, seconds=4.0)], POOLED, target_seconds=6.9, queue=1)
    assert later.late == pytest.approx(2 / 3)
    assert later.overflow_queued == pytest.approx(1 / 3)
    assert replayed(calls, [Slots(slots=1, seconds=4.0)], POOLED).late is None
    # Ten times as fast they come at 1.0, 1.1, 1.2: waits 0, 3.9, 7.8.
    fast = replayed(calls, [Slots(slots=1, seconds=4.0)], POOLED, faster=10.0)
    assert fast.mean_wait_seconds == pytest.approx(11.7 / 3)
    wide = replayed(calls, [Slots(slots=2, seconds=4.0)], POOLED)
    # The third waits until 14 and ends at 22: 16 seconds of work in 12 of two slots.
    assert wide.utilisation == pytest.approx(16 / 24)
    assert wide.mean_wait_seconds == pytest.approx(2 / 3)


def test_that_prompts_and_answers_count_by_their_share() -> None:
    calls = Calls(at=[0.0, 100.0], prompts=[2.0, 0.0], answers=[1.0, 1.0])
    found = replayed(calls, [Slots(slots=1, seconds=10.0)], POOLED, prompt_share=0.25)
    # 12.5 and 7.5 s.
    assert found.utilisation == pytest.approx(20 / 107.5)
    assert Calls(at=[1.0, 5.0], seconds=[2.0, 6.0]).mean_seconds == 4.0
    assert Calls(at=[1.0, 5.0], seconds=[2.0, 6.0]).sizes(0.5) == [0.5, 1.5]
    assert Calls(at=[1.0, 5.0]).span_seconds == 4.0
    assert Calls(at=[1.0], seconds=[0.0]).sizes(0.5) == [0.0]
    assert Calls(at=[1.0], prompts=[3.0]).sizes(0.5) == [1.0], "answers are not told"
    assert (Calls(at=[1.0]).sized, Calls(at=[1.0]).timed) == (True, True)


def test_that_unlike_machines_in_one_queue_wait_for_the_slot_that_is_free_first() -> None:
    """Slots of 2 s and 10 s: at once both, the third at 2 by the quick one, the fourth at 4."""
    calls = Calls(at=[0.0, 0.0, 0.0, 0.0])
    unlike = [Slots(slots=1, seconds=10.0), Slots(slots=1, seconds=2.0)]
    found = replayed(calls, unlike, POOLED)
    assert found.mean_wait_seconds == pytest.approx((0 + 0 + 2 + 4) / 4)
    assert found.utilisation == pytest.approx((10 + 2 + 2 + 2) / 2 / 10)
    assert found.overflow == 0.5
    # Three may wait on each machine.
    many = replayed(Calls(at=[0.0] * 9), unlike, POOLED)
    assert many.overflow_queued == pytest.approx(1 / 9)
    # The quick slot is taken first: it is free again at 2.
    assert replayed(Calls(at=[0.0]), unlike, POOLED).p95_seconds == 2.0
    assert lost([0.0, 1.0, 2.5], [1.0] * 3, unlike, queue=0) == 0
    late = Calls(at=[0.0, 0.0, 20.0])
    assert replayed(late, unlike, POOLED).mean_wait_seconds == 0.0


@pytest.mark.parametrize("second", [1.0, 1.5])
def test_that_who_begins_at_this_very_moment_waits_no_more(second: float) -> None:
    """A slot is free at 1, 2, 3; a call at 1 finds it free; one at 2 leaves the queue."""
    machines = [Slots(slots=1, seconds=1.0)]
    if second != 1.0:
        machines = [Slots(slots=1, seconds=1.0), Slots(slots=1, seconds=100.0)]
    first = [0.0] * (len(machines) - 1)
    assert lost([*first, 0.0, 1.0], [1.0] * (len(first) + 2), machines, queue=0) == 0
    # 0: begins; 0.5: waits until 1; 0.6: turned away; 1.0: the queue is empty again, waits until 2.
    at = [*first, 0.0, 0.5, 0.6, 1.0]
    assert lost(at, [1.0] * len(at), machines, queue=1) == 1
    assert lost(at, [1.0] * len(at), machines, queue=2) == 0


def test_that_calls_are_placed_by_chance_as_machines_are_fast() -> None:
    calls = Calls(at=[1000.0 * at for at in range(4000)])
    fast, slow = Slots(slots=3, seconds=1.0), Slots(slots=2, seconds=2.0)
    found = replayed(calls, [fast, slow], BY_CHANCE, target_seconds=1.5)
    assert found.late == pytest.approx(0.25, abs=0.025)
    assert found.mean_wait_seconds == 0.0
    # Drawn with the fixed seed 20261126.
    drawn = Random(20_261_126).choices(range(2), weights=[3.0, 1.0], k=4000)
    assert found.late == pytest.approx(sum(drawn) / 4000)


def test_that_people_go_where_fewest_are_for_what_it_serves() -> None:
    """Weights 2 and 1: 1/2 and 1/1; the homes of six are 0, 0 or 1, ...: four to two."""
    asked = [float(100 * at) for at in range(6)]
    calls = Calls(at=asked, persons=[7, 8, 9, 10, 11, 12])
    two, one = Slots(slots=2, seconds=1.0), Slots(slots=1, seconds=5.0)
    found = replayed(calls, [two, replace(one, seconds=1.0)], BY_PERSON)
    assert found.calls == 6
    slow = replayed(
        calls,
        [Slots(slots=2, seconds=1.0), Slots(slots=5, seconds=5.0)],
        BY_PERSON,
        target_seconds=2.0,
    )
    assert slow.late == pytest.approx(2 / 6)
    # The same person comes to the same machine again.
    same = Calls(at=[0.0, 0.0, 0.0, 0.0], persons=[1, 1, 2, 2])
    split = replayed(same, [Slots(slots=1, seconds=1.0)] * 2, BY_PERSON)
    assert split.mean_wait_seconds == 0.5
    alone = replayed(same, [Slots(slots=1, seconds=1.0)], BY_PERSON)
    assert alone.mean_wait_seconds == 1.5


def test_that_drawn_sizes_have_mean_1_and_the_fixed_seed() -> None:
    calls = Calls(at=[0.0, 1.0, 2.0])
    dice = Random(20_261_126)
    drawn = [dice.gammavariate(4.0, 0.25) for _ in range(3)]
    mean = sum(drawn) / 3
    found = with_drawn_sizes(calls, 0.5)
    assert found.prompts == pytest.approx([one / mean for one in drawn])
    assert found.answers == found.prompts
    assert with_drawn_sizes(calls, -1.0) is calls


def test_that_a_trace_of_calls_says_what_was_told() -> None:
    hours = tuple(2.0 if hour == 0 else 0.0 for hour in range(24))
    day = TraceDay(ordinal=700_000, calls=hours)

    def of(*calls: SingleCall) -> Calls:
        found = calls_of_trace(Trace(days=(day,), singles=calls))
        assert found is not None
        return found

    told = of(
        SingleCall(at=0.0, prompt=1.0, written=1.0), SingleCall(at=1.0, prompt=3.0, written=1)
    )
    assert (told.sized, told.timed, told.answers) == (True, True, (1.0, 1.0))
    assert told.prompts == (0.5, 1.5)
    assert not of(SingleCall(at=0.0, prompt=1.0)).sized
    assert not of(SingleCall(at=0.0, written=1.0)).sized
    assert MOST_CALLS == 2_000_000
    crowd_day = TraceDay(ordinal=1, calls=(float(MOST_CALLS + 1),) + (0.0,) * 23)
    assert calls_of_trace(Trace(days=(crowd_day,))) is None


def test_that_few_values_and_many_have_the_same_quantile() -> None:
    """From 16,385 values on a sample of about 4096 tells where to look."""
    for size in (16_384, 16_385, 40_001):
        values = [float(at * 7919 % size) for at in range(size)]
        for share in (0.5, 0.95, 1.0):
            assert high_quantile(values, share) == pytest.approx(share * (size - 1))
    # A sample that misses: every tenth value, of which the sample is made, is large.
    odd = [1e6 if at % 10 == 0 else float(at) for at in range(41_000)]
    for share in (0.1, 0.5, 0.89, 0.95):
        assert high_quantile(odd, share) == pytest.approx(queueing.quantile(odd, share))
    for ties in ([0.0] * 30_000 + [1.0] * 10_000, [0.0] * 38_000 + [1.0] * 2001):
        for share in (0.74, 0.75, 0.76, 0.95):
            assert high_quantile(ties, share) == pytest.approx(queueing.quantile(ties, share))
