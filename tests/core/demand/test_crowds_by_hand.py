"""People, machines and recorded calls in numbers so small that they can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest

from landfall.core.demand import arrangements, capacity, growth, people_curves
from landfall.core.demand.arrangements import (
    MOST_MACHINES,
    MOST_PEOPLE,
    Arrangement,
    DemandProfile,
    Group,
    groups,
    holds,
    late_share,
    machines_needed,
    mean_wait,
    most_people,
    overflow_share,
    p95,
    serving,
    utilisation,
)
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
from landfall.core.demand.people import (
    GROWS,
    Answer,
    Bound,
    ServingMachine,
    answer,
    basis,
    crowd,
    served,
)
from landfall.core.demand.people_curves import POINTS, curve
from landfall.core.demand.pool import Station
from landfall.core.demand.replaying import SingleCall, TraceDay
from landfall.core.demand.serving import Service
from landfall.core.demand.trace import Trace
from landfall.core.provenance import Estimated, Figure, Unknown, band, middle

POOLED, BY_PERSON, BY_CHANCE = Arrangement
# Each person asks 36 times an hour: a hundredth of a call a second.
ASKS = DemandProfile(people=50, input_tokens=100, output_tokens=10, calls_per_hour=36.0)
ONE = Station(slots=1, seconds=1.0)
"""Exponential: late after t with rho busy is exp(-(1 - rho) t)."""
LN20 = math.log(20)


# Recorded calls -------------------------------------------------------------------------------


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
        assert high_quantile(odd, share) == pytest.approx(capacity.quantile(odd, share))
    for ties in ([0.0] * 30_000 + [1.0] * 10_000, [0.0] * 38_000 + [1.0] * 2001):
        for share in (0.74, 0.75, 0.76, 0.95):
            assert high_quantile(ties, share) == pytest.approx(capacity.quantile(ties, share))


# Arrangements ---------------------------------------------------------------------------------


def test_that_a_person_asks_so_often_an_hour() -> None:
    assert ASKS.rate_per_s(50) == 0.5
    assert DemandProfile(people=1, input_tokens=1, output_tokens=1).rate_per_s(180) == 1.0
    assert ASKS.most_busy == 0.8
    assert (ASKS.spread, ASKS.gap_cs2, ASKS.target_seconds) == (1.0, 1.0, None)


def test_that_calls_by_chance_are_shared_as_machines_are_fast() -> None:
    """3 of 4 a second: a stream of which three of four are kept has 1 + 0.75 x (5 - 1)."""
    bursty = replace(ASKS, gap_cs2=5.0)
    three = Station(slots=3, seconds=1.0)
    found = groups(bursty, (three, ONE), BY_CHANCE, 40.0)
    assert found == (
        Group(stations=(three,), people=30.0, gap_cs2=4.0),
        Group(stations=(ONE,), people=10.0, gap_cs2=2.0),
    )
    assert groups(bursty, (three, ONE), POOLED, 40.0) == (
        Group(stations=(three, ONE), people=40.0, gap_cs2=5.0),
    )


def test_that_people_have_machines_by_what_these_serve_in_whole_numbers() -> None:
    """At most 0.8 busy 80 people of one slot and 240 of three: a quarter and three."""
    three = Station(slots=3, seconds=1.0)
    placed = [one.people for one in groups(ASKS, (three, ONE), BY_PERSON, 10.0)]
    assert placed == [8.0, 2.0], "7.5 and 2.5: the first of equal remainders"
    placed = [one.people for one in groups(ASKS, (three, ONE), BY_PERSON, 11.0)]
    assert placed == [8.0, 3.0], "8.25 and 2.75"
    assert [g.gap_cs2 for g in groups(replace(ASKS, gap_cs2=3.0), (three, ONE), BY_PERSON, 11)] == [
        3.0,
        3.0,
    ]
    lone = groups(ASKS, (three, ONE), BY_PERSON, 1.0)
    assert [(one.stations, one.people) for one in lone] == [((three,), 1.0)]
    assert len(groups(ASKS, (three, ONE), BY_PERSON, 0.0)) == 2
    # Where none serves anybody in time: by their speed.
    hurried = replace(ASKS, target_seconds=0.1)
    assert [g.people for g in groups(hurried, (three, ONE), BY_PERSON, 4.0)] == [3.0, 1.0]


def test_that_figures_of_an_arrangement_are_those_of_its_queues() -> None:
    """Queues of 50 and 25 people on one slot of a second each: rho 0.5 and 0.25."""
    queues = (
        Group(stations=(ONE,), people=50.0, gap_cs2=1.0),
        Group(stations=(ONE,), people=25.0, gap_cs2=1.0),
    )
    assert utilisation(ASKS, queues) == 0.5
    # rho / (1 - rho): 1 and 1/3, over all calls.
    assert mean_wait(ASKS, queues) == pytest.approx((50 * 1.0 + 25 / 3) / 75)
    assert overflow_share(ASKS, queues) == pytest.approx((50 / 3 + 25 * 0.2) / 75)
    # M/M/1/2: rho^2 / (1 + rho + rho^2).
    one_waits = (50 * 0.25 / 1.75 + 25 * 0.0625 / 1.3125) / 75
    assert overflow_share(ASKS, queues, waiting=1) == pytest.approx(one_waits)
    late = [math.exp(-0.5 * 4), math.exp(-0.75 * 4)]
    assert late_share(ASKS, queues, 4.0, BY_PERSON) == pytest.approx(late[0])
    assert late_share(ASKS, queues, 4.0, BY_CHANCE) == pytest.approx(
        (50 * late[0] + 25 * late[1]) / 75
    )
    assert late_share(ASKS, queues[1:], 4.0, BY_CHANCE) == pytest.approx(late[1])
    assert p95(ASKS, queues, BY_PERSON) == pytest.approx(LN20 / 0.5)
    assert p95(ASKS, queues[1:], POOLED) == pytest.approx(LN20 / 0.75)
    together = p95(ASKS, queues, BY_CHANCE)
    assert LN20 / 0.75 < together < LN20 / 0.5
    assert late_share(ASKS, queues, together, BY_CHANCE) == pytest.approx(0.05, rel=1e-6)
    nobody = (Group(stations=(ONE,), people=0.0, gap_cs2=1.0),)
    assert mean_wait(ASKS, nobody) == 0.0
    assert overflow_share(ASKS, nobody) == 0.0
    assert mean_wait(ASKS, (*queues[1:], *nobody)) == pytest.approx(1 / 3)
    two = Group(stations=(ONE, ONE), people=100.0, gap_cs2=1.0)
    # A place on each of two machines: M/M/2/4 with one erlang: (1/16) / (1 + 1 + 1/2 + 1/4 ... ).
    whole = 1 + 1 + 0.5 + 0.25 + 0.125
    assert overflow_share(ASKS, (two,), waiting=1) == pytest.approx(0.125 / whole)


def test_that_the_most_people_are_those_of_the_target_or_of_the_share_busy() -> None:
    """Late after T with rho: exp(-(1 - rho) T) <= 0.05, so that rho = 1 - ln 20 / T."""
    assert most_people(ASKS, (ONE,), POOLED) == 80
    timely = replace(ASKS, target_seconds=8.0)
    rho = 1 - LN20 / 8
    assert rho == pytest.approx(0.62553, abs=1e-5)
    assert most_people(timely, (ONE,), POOLED) == 62
    assert holds(timely, (ONE,), POOLED, 62)
    assert not holds(timely, (ONE,), POOLED, 63)
    assert most_people(timely, (ONE, ONE), BY_PERSON) == 124
    assert most_people(replace(ASKS, target_seconds=2.9), (ONE,), POOLED) == 0
    exact = replace(ASKS, target_seconds=LN20 / 0.5)
    assert most_people(exact, (ONE,), POOLED) == 50
    slow = Station(slots=1, seconds=100.0)
    assert most_people(ASKS, (slow,), POOLED) == 0
    assert most_people(ASKS, (Station(slots=1, seconds=80.0),), POOLED) == 1
    silent = replace(ASKS, calls_per_hour=0.0)
    assert most_people(silent, (ONE,), POOLED) == MOST_PEOPLE == 2**40
    assert most_people(replace(silent, target_seconds=1.0), (ONE,), POOLED) == 0
    swift = Station(slots=1, seconds=1e-15)
    assert most_people(ASKS, (swift,), POOLED) == MOST_PEOPLE
    assert MOST_MACHINES == 2**20


def test_that_machines_are_as_many_as_the_share_busy_and_the_target_ask() -> None:
    assert machines_needed(replace(ASKS, people=80), ONE) == 1
    assert machines_needed(replace(ASKS, people=81), ONE) == 2
    assert machines_needed(replace(ASKS, people=800), ONE) == 10
    assert machines_needed(replace(ASKS, people=801), ONE) == 11
    timely = replace(ASKS, people=63, target_seconds=8.0)
    assert machines_needed(timely, ONE) == 2
    assert machines_needed(replace(timely, people=62), ONE) == 1
    assert machines_needed(replace(timely, target_seconds=2.9), ONE) is None
    assert machines_needed(replace(ASKS, people=0), ONE) == 1
    two = Station(slots=2, seconds=1.0)
    assert machines_needed(replace(ASKS, people=801), two) == 6


def test_that_a_machine_that_is_late_stands_aside_unless_more_are_served_with_it() -> None:
    slow = Station(slots=1, seconds=4.0)
    timely = replace(ASKS, target_seconds=8.0)
    assert serving(ASKS, (ONE, slow), POOLED) == (0, 1)
    assert serving(timely, (ONE, slow), POOLED) == (0, 1), "one of seven of its calls is late"
    never = Station(slots=1, seconds=40.0)
    assert serving(timely, (ONE, never), POOLED) == (0,)
    assert serving(timely, (never, ONE, ONE), POOLED) == (1, 2)
    assert serving(timely, (never, ONE, slow), POOLED) == (1, 2)
    assert serving(timely, (ONE, slow), BY_PERSON) == (0, 1)
    assert serving(timely, (slow, Station(slots=1, seconds=6.0)), POOLED) == (0,)
    assert serving(timely, (ONE, ONE), POOLED) == (0, 1)
    assert arrangements.alone_in_time(timely, ONE)
    assert not arrangements.alone_in_time(timely, slow)
    assert arrangements.alone_in_time(ASKS, slow), "without a target nothing is late"
    assert arrangements.alone_in_time(replace(ASKS, target_seconds=LN20 * 1.0001), ONE)


def test_that_a_search_for_the_least_begins_where_it_is_told() -> None:
    asked: list[int] = []

    def holding(number: int) -> bool:
        asked.append(number)
        return number >= 37

    assert growth.least(holding, 5) == 37
    assert asked[:4] == [5, 10, 20, 40]
    assert growth.least(lambda number: number >= 1, 0) == 1
    assert growth.least(lambda number: number >= 1, 1) == 1
    assert growth.least(lambda number: number >= 6, 5) == 6
    assert growth.least(lambda number: number >= 64, 1, most=64) == 64
    assert growth.least(lambda number: number >= 64, 1, most=63) is None
    assert growth.least(lambda number: True, 1 << 15) is None, "more machines than are an answer"
    assert growth.least(lambda number: True, 1 << 14) == 1 << 14


def test_that_growth_is_of_pooled_slots() -> None:
    """0.1 a second x 2 s x 10 = 2 erlangs; one slot: B = 2 / 3; 2 / 0.8 = 2.5 machines."""
    found = growth.at_times(0.1, service_s=2.0, slots=1, most_busy=0.8)
    assert (found.factor, found.utilisation, found.machines) == (10.0, 2.0, 3)
    assert found.overflow_share == pytest.approx(2 / 3)
    assert found.headroom == pytest.approx(4.0)
    five = growth.at_times(0.1, service_s=2.0, slots=2, most_busy=0.8, factor=5.0)
    assert (five.utilisation, five.machines, five.factor) == (0.5, 1, 5.0)
    assert five.overflow_share == pytest.approx(0.2)
    # One slot of a second within 8 s: 0.6255 erlangs.
    timely = growth.headroom(0.1, service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0)
    assert timely == pytest.approx((1 - LN20 / 8) / 0.1, rel=1e-6)
    never = growth.headroom(0.1, service_s=1.0, slots=1, most_busy=0.8, target_seconds=2.9)
    assert never == 0.0
    just = growth.headroom(0.1, service_s=1.0, slots=1, most_busy=0.8, target_seconds=3.0)
    assert just is not None
    assert 0 < just < 0.02
    for service in (0.0, -1.0, math.inf):
        assert growth.headroom(0.1, service_s=service, slots=1, most_busy=0.8) is None
    assert growth.headroom(-0.1, service_s=1.0, slots=1, most_busy=0.8) is None
    grown = growth.at_times(0.05, service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0)
    assert grown.machines == 1, "half an erlang is in time"
    more = growth.at_times(0.07, service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0)
    assert more.machines == 2, "0.7 erlangs are not busy, and late"


def test_that_people_ask_once_a_minute() -> None:
    """0.8 of a slot of a second: 48 people a minute; within 8 s 0.6255 x 60 = 37.5."""
    assert growth.people_served(service_s=1.0, slots=1, most_busy=0.8) == 48
    assert growth.people_served(service_s=1.0, slots=1, most_busy=0.8, target_seconds=8.0) == 37
    assert growth.people_served(service_s=1.0, slots=1, most_busy=0.8, target_seconds=2.0) == 0


# Answers --------------------------------------------------------------------------------------


def machine(
    seconds: Figure | float = 1.0, *, slots: int = 1, name: str = "box", said: str = "a sweep"
) -> ServingMachine:
    each = Estimated(seconds, seconds, seconds, "x") if isinstance(seconds, float) else seconds
    return ServingMachine(name=name, service=Service(seconds=each, slots=slots), basis=said)


def value(figure: Figure) -> float:
    found = middle(figure)
    assert found is not None, figure
    return found


def test_that_an_answer_has_every_figure_of_one_machine() -> None:
    found: Answer = answer(replace(ASKS, target_seconds=8.0), [machine()])
    pooled = found.pooled
    assert value(pooled.served) == 62
    assert (pooled.bound, pooled.used, pooled.arrangement) == (Bound.TARGET, ("box",), POOLED)
    assert value(pooled.utilisation) == 0.5
    assert value(pooled.mean_wait) == pytest.approx(1.0)
    assert value(pooled.p95) == pytest.approx(LN20 / 0.5)
    assert value(pooled.late) == pytest.approx(math.exp(-4))
    assert value(pooled.overflow) == pytest.approx(1 / 3)
    # Three may wait: rho^4 / (1 + ... + rho^4) = 1 / 31.
    assert value(pooled.overflow_queued) == pytest.approx(1 / 31)
    assert "3 may wait" in str(pooled.overflow_queued)
    assert [value(one) for one in found.alone] == [62]
    assert (found.needed, found.needed_like, found.enough) == (1, "box", True)
    # Five hundred people: 5 erlangs.
    assert value(found.grown.utilisation) == 5.0
    assert found.grown.p95 is GROWS
    assert found.grown_needed == 7
    assert found.machines == (machine(),)
    assert answer(replace(ASKS, calls_per_hour=1.0), [machine(0.5)]).needed == 1
    assert answer(replace(ASKS, people=63, target_seconds=8.0), [machine()]).enough is False
    assert answer(replace(ASKS, people=62, target_seconds=8.0), [machine()]).enough is True
    assert isinstance(answer(ASKS, [machine()]).pooled.late, Unknown)


def test_that_the_fastest_for_its_slots_is_counted() -> None:
    """4 s in eight slots are half a second a call."""
    wide = machine(4.0, slots=8, name="rack")
    found = answer(ASKS, [machine(), wide])
    assert found.needed_like == "rack"
    assert [value(one) for one in found.alone] == [80, 160]
    assert found.pooled.used == ("box", "rack")
    unknown = machine(Unknown("never measured"), name="dark")
    assert answer(ASKS, [unknown, machine()]).needed_like == "box"
    assert isinstance(found.by_person.served, Estimated)
    assert value(found.by_person.served) == 240
    assert value(found.by_chance.utilisation) == pytest.approx(0.5 / 3)
    assert value(found.by_chance.served) == 240


def test_that_what_holds_the_people_is_told() -> None:
    def bound(target: float | None, seconds: float = 1.0) -> Bound | None:
        profile = replace(ASKS, target_seconds=target)
        return crowd(profile, [machine(seconds)], POOLED).bound

    assert bound(None) is Bound.BUSY
    assert bound(8.0) is Bound.TARGET
    assert bound(100.0) is Bound.BUSY
    assert bound(2.9) is Bound.TOO_SLOW
    assert bound(8.0, 2.6) is Bound.TARGET
    # Alone in time, exp(-8 / 2.65) = 0.049, and with 0.3 people it no longer is.
    assert bound(8.0, 2.65) is Bound.TARGET
    assert value(served(replace(ASKS, target_seconds=8.0), [machine(2.65)], POOLED)) == 0
    unknown = crowd(ASKS, [machine(Unknown("why"))], POOLED)
    assert (unknown.bound, unknown.used) == (None, ())


def test_that_a_band_has_both_ends_and_a_growing_queue_an_hour() -> None:
    wide = machine(Estimated(0.5, 1.0, 1.6, "x"))
    assert band(served(ASKS, [wide], POOLED)) == (50, 80, 160)
    found = crowd(ASKS, [wide], POOLED)
    assert band(found.p95) == pytest.approx((LN20 / 1.5, LN20 / 0.5, LN20 / 0.125))
    late = crowd(ASKS, [machine(Estimated(0.5, 1.0, 2.0, "x"))], POOLED)
    assert band(late.p95) == pytest.approx((LN20 / 1.5, LN20 / 0.5, 3600.0))
    nothing = crowd(ASKS, [machine(Estimated(0.0, 1.0, 1.6, "x"))], POOLED)
    assert band(nothing.utilisation) == pytest.approx((0.5, 0.5, 0.8))


def test_that_an_unknown_machine_is_named_where_there_are_others() -> None:
    dark = machine(Unknown("never measured"), name="dark")
    both = served(ASKS, [machine(), dark], POOLED)
    assert both == Unknown("dark: never measured")
    assert served(ASKS, [dark, dark], POOLED) == Unknown("never measured")
    assert "takes no time" in str(served(ASKS, [machine(0.0)], POOLED))
    assert "nobody asks" in str(served(replace(ASKS, calls_per_hour=0.0), [machine()], POOLED))
    assert basis([machine(), machine(), machine(said="a guess"), machine(said="")]) == (
        "a sweep; a guess"
    )
    assert str(served(ASKS, [machine()], POOLED)).count("a sweep") == 1


# Curves ---------------------------------------------------------------------------------------


def test_that_a_curve_has_its_points_closer_where_it_turns_up() -> None:
    found = curve(ASKS, [machine()], POOLED, up_to=50)
    assert found is not None
    assert (found.machines, found.arrangement, POINTS) == (1, POOLED, 40)
    assert len(found.points) == 41
    assert found.points[0] == (0.0, pytest.approx(LN20))
    assert found.points[-1] == (50.0, pytest.approx(LN20 / 0.5))
    people, seconds = found.points[20]
    assert people == pytest.approx(50 * (1 - 0.5**1.7))
    assert seconds == pytest.approx(LN20 / (1 - people / 100))
    assert (found.low, found.high) == ((), ())
    steady = curve(replace(ASKS, spread=0.5), [machine()], POOLED, up_to=50)
    assert steady is not None
    assert steady.points[-1][1] == pytest.approx(
        capacity.latency_quantile(0.5, service_s=1.0, cs2=0.25)
    )
    far = curve(ASKS, [machine()], POOLED, up_to=500)
    assert far is not None
    assert far.points[-1][0] == pytest.approx(99.5)


def test_that_ends_of_a_curve_are_there_where_they_are_wanted_and_differ() -> None:
    wide = [machine(Estimated(0.5, 1.0, 1.6, "x"))]
    found = curve(ASKS, wide, POOLED, up_to=50, banded=True)
    assert found is not None
    assert found.low[-1] == (50.0, pytest.approx(LN20 / 1.5))
    assert found.high[-1] == (50.0, pytest.approx(LN20 / 0.125))
    plain = curve(ASKS, wide, POOLED, up_to=50)
    assert plain is not None
    assert (plain.low, plain.high) == ((), ())
    narrow = curve(ASKS, [machine()], POOLED, up_to=50, banded=True)
    assert narrow is not None
    assert narrow.low == ()
    assert curve(ASKS, [machine(), machine(Unknown("?"))], POOLED, up_to=50) is None
    assert curve(ASKS, [machine(Estimated(0.0, 1.0, 2.0, "x"))], POOLED, up_to=50) is None


def test_that_split_machines_have_even_shares_on_a_curve() -> None:
    two = [machine(), machine()]
    for how in (BY_PERSON, BY_CHANCE):
        found = curve(ASKS, two, how, up_to=100)
        assert found is not None
        assert (found.machines, found.arrangement) == (2, how)
        assert found.points[-1] == (100.0, pytest.approx(LN20 / 0.5))
    assert people_curves.POINTS == 40
