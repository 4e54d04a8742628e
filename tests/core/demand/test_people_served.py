"""How many people machines serve: against simulation, and what must always hold."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.demand import arrangements, shared_queue
from landfall.core.demand.arrangements import MOST_PEOPLE, Arrangement, DemandProfile
from landfall.core.demand.people import GROWS, Answer, Bound, ServingMachine, answer
from landfall.core.demand.people_curves import curve
from landfall.core.demand.serving import Service
from landfall.core.demand.shared_queue import Station
from landfall.core.provenance import Estimated, Figure, Measured, Unknown, band, middle
from tests.core.queue_simulation import simulated

POOLED, BY_PERSON, BY_CHANCE = Arrangement
ASKS = DemandProfile(
    people=30, input_tokens=1000, output_tokens=300, target_seconds=40.0, spread=0.8
)


def machine(
    seconds: float | Figure = 9.8, slots: int = 4, name: str = "box", wide: float = 1.0
) -> ServingMachine:
    each = seconds
    if isinstance(each, float):
        each = Estimated(each / wide, each, each * wide, "x")
    return ServingMachine(name=name, service=Service(seconds=each, slots=slots), basis="a sweep")


def value(figure: Figure) -> float:
    found = middle(figure)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("slots", "seconds", "spread", "bursts", "target"),
    [(1, 5.0, 0.8, 1.0, 30.0), (4, 9.8, 0.8, 1.0, 36.0), (4, 9.8, 0.8, 4.0, 45.0),
     (16, 12.0, 0.6, 1.0, 30.0), (64, 14.0, 1.0, 1.0, 45.0)],
)  # fmt: skip
def test_that_the_most_people_are_just_in_time_in_a_simulation(
    slots: int, seconds: float, spread: float, bursts: float, target: float
) -> None:
    demand = replace(
        ASKS,
        spread=spread,
        gap_cs2=bursts,
        target_seconds=target,
        most_busy=0.99,
        calls_per_hour=1.0,  # one person more is a small step
    )
    stations = (Station(slots=slots, seconds=seconds, cs2=spread**2),)
    most = arrangements.most_people(demand, stations, POOLED)
    found = simulated(stations, demand.rate_per_s(most), ca2=bursts, calls=300_000)
    assert found.p95 == pytest.approx(target, rel=0.06)
    assert arrangements.holds(demand, stations, POOLED, most)
    assert not arrangements.holds(demand, stations, POOLED, most + 1)


def test_that_the_share_busy_holds_where_answers_would_still_be_in_time() -> None:
    found = answer(replace(ASKS, target_seconds=1000.0), [machine()])
    assert found.pooled.bound is Bound.BUSY
    assert value(found.pooled.served) == math.floor(0.8 * 4 / 9.8 * 180)
    assert answer(replace(ASKS, target_seconds=None), [machine()]).pooled.bound is Bound.BUSY


def test_that_the_target_holds_where_it_is_tight() -> None:
    found = answer(replace(ASKS, target_seconds=29.0), [machine()])
    assert found.pooled.bound is Bound.TARGET
    assert 0 < value(found.pooled.served) < math.floor(0.8 * 4 / 9.8 * 180)


def test_that_a_call_slower_than_the_target_serves_nobody_with_any_number() -> None:
    found = answer(replace(ASKS, target_seconds=5.0), [machine(), machine()])
    assert (found.pooled.bound, value(found.pooled.served)) == (Bound.TOO_SLOW, 0)
    assert (found.needed, found.grown_needed, found.enough) == (None, None, False)


def test_that_what_is_unknown_says_why_of_which_machine() -> None:
    never = machine(Unknown("never measured"), name="rack")
    found = answer(ASKS, [machine(), never])
    assert found.pooled.served == Unknown("rack: never measured")
    assert (found.enough, found.pooled.bound, found.needed) == (None, None, 1)
    assert answer(ASKS, [never]).pooled.served == Unknown("never measured")
    assert answer(ASKS, [never]).needed is None
    assert value(found.alone[0]) > 0
    assert isinstance(found.pooled.p95, Unknown)


def test_that_calls_of_no_length_are_no_answer() -> None:
    found = answer(ASKS, [machine(0.0)])
    assert "takes no time" in str(found.pooled.served)


def test_that_people_who_never_ask_are_no_question() -> None:
    found = answer(replace(ASKS, calls_per_hour=0.0), [machine()])
    assert "nobody asks" in str(found.pooled.served)
    assert found.needed is None
    assert value(found.pooled.utilisation) == 0
    silent = replace(ASKS, calls_per_hour=0.0)
    station = Station(slots=1, seconds=3.0)
    assert arrangements.most_people(silent, (station,), POOLED) == MOST_PEOPLE


def test_that_nobody_is_served_without_a_machine() -> None:
    with pytest.raises(ValueError, match="without a machine"):
        answer(ASKS, [])


def test_that_a_queue_that_only_grows_is_said_and_not_a_number() -> None:
    found = answer(replace(ASKS, people=100_000), [machine()])
    assert found.pooled.p95 is GROWS
    assert found.pooled.mean_wait is GROWS
    assert value(found.pooled.late) == 1.0
    assert value(found.pooled.overflow) > 0.99


def test_that_a_band_of_seconds_is_a_band_of_people() -> None:
    low, mid, high = band(answer(ASKS, [machine(wide=1.2)]).pooled.served) or (0, 0, 0)
    assert low < mid < high
    measured = answer(ASKS, [machine(Measured(9.8, "2026-11-20", "a sweep"))])
    ends = band(measured.pooled.served) or (1, 2, 3)
    assert ends[0] == ends[2] == mid
    assert "a sweep" in str(measured.pooled.served)


def test_that_an_end_of_the_band_that_cannot_keep_up_waits_for_an_hour_at_most() -> None:
    near = replace(ASKS, people=70)
    assert (band(answer(near, [machine(wide=1.3)]).pooled.p95) or (0, 0, 0))[2] == 3600.0


def test_that_ten_times_the_people_need_fewer_than_ten_times_the_machines() -> None:
    found = answer(replace(ASKS, people=100, target_seconds=30.0), [machine()])
    assert found.grown.arrangement is POOLED
    assert found.needed is not None
    assert found.grown_needed is not None
    assert found.needed * 6 < found.grown_needed < found.needed * 10
    assert value(found.grown.utilisation) == pytest.approx(10 * value(found.pooled.utilisation))


def test_that_a_million_people_are_reckoned() -> None:
    found = answer(replace(ASKS, people=1_000_000), [machine()])
    assert found.needed == math.ceil(1_000_000 / 180 * 9.8 / 4 / 0.8)
    many = answer(replace(ASKS, people=1_000_000), [machine(slots=512)] * 200)
    assert found.enough is False
    assert many.enough is True


def test_that_split_by_person_is_each_for_itself() -> None:
    found = answer(replace(ASKS, people=9, target_seconds=30.0), [machine()] * 2)
    one = answer(replace(ASKS, people=5, target_seconds=30.0), [machine()])
    assert value(found.by_person.served) == 2 * value(one.pooled.served)
    # Nine people are five and four: the five are worst off.
    assert value(found.by_person.p95) == pytest.approx(value(one.pooled.p95), rel=1e-6)
    assert value(found.by_person.utilisation) == pytest.approx(value(one.pooled.utilisation))


def test_that_overflow_split_by_chance_is_that_of_case_k8() -> None:
    """Three erlangs on two machines with two slots."""
    people = 3.0 / 6.0 * 3600 / 20
    demand = replace(ASKS, people=round(people))
    stations = (Station(slots=2, seconds=6.0),) * 2
    split = arrangements.groups(demand, stations, BY_CHANCE, people)
    whole = arrangements.groups(demand, stations, POOLED, people)
    assert arrangements.overflow_share(demand, split) == pytest.approx(0.310345, abs=1e-6)
    assert arrangements.overflow_share(demand, whole) == pytest.approx(0.206107, abs=1e-6)


def test_that_split_by_chance_over_unlike_machines_is_that_of_a_simulation() -> None:
    stations = (Station(slots=4, seconds=9.8, cs2=0.64), Station(slots=1, seconds=4.0, cs2=0.64))
    demand = replace(ASKS, people=80)
    queues = arrangements.groups(demand, stations, BY_CHANCE, 80)
    each = [simulated(one.stations, demand.rate_per_s(one.people)) for one in queues]
    found = arrangements.p95(demand, queues, BY_CHANCE)
    assert min(one.p95 for one in each) < found < max(one.p95 for one in each)
    late = math.fsum(
        shared_queue.late_share(one.stations, demand.rate_per_s(one.people), seconds=found)
        * one.people
        for one in queues
    )
    assert late / 80 == pytest.approx(0.05, abs=1e-6)
    waits = math.fsum(one.mean_wait * two.people for one, two in zip(each, queues, strict=True))
    assert arrangements.mean_wait(demand, queues) == pytest.approx(waits / 80, rel=0.06)


def test_that_a_machine_whose_calls_come_too_late_stands_aside() -> None:
    slow = machine(60.0, slots=1, name="old laptop")
    found = answer(replace(ASKS, target_seconds=36.0), [machine(), slow])
    assert found.pooled.used == ("box",)
    alone = answer(replace(ASKS, target_seconds=36.0), [machine()])
    assert found.pooled.served == alone.pooled.served
    assert value(found.by_person.served) == value(alone.pooled.served)
    assert value(found.alone[1]) == 0
    assert found.needed_like == "box"


def test_that_a_slow_machine_helps_where_its_few_late_calls_are_allowed() -> None:
    slower = machine(14.0, slots=4, name="older box")
    found = answer(replace(ASKS, target_seconds=36.0), [machine(), slower])
    alone = answer(replace(ASKS, target_seconds=36.0), [machine()])
    assert found.pooled.used == ("box", "older box")
    assert value(found.pooled.served) > value(alone.pooled.served)


def test_that_with_slow_machines_alone_the_fastest_still_serve() -> None:
    found = answer(replace(ASKS, target_seconds=2.0), [machine(), machine(20.0, name="b")])
    assert found.pooled.used == ("box",)


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 16),
    st.floats(0.2, 40),
    st.floats(0.05, 1.5),
    st.floats(0.3, 60),
    st.tuples(st.integers(1, 5), st.sampled_from((1.0, 3.0))),
)
def test_that_more_machines_never_serve_fewer_and_pooled_is_never_worse_than_split(
    slots: int, seconds: float, spread: float, target: float, many: tuple[int, float]
) -> None:
    count, bursts = many
    demand = replace(ASKS, spread=spread, target_seconds=target, gap_cs2=bursts)
    one = Station(slots=slots, seconds=seconds, cs2=spread**2)
    most = [arrangements.most_people(demand, (one,) * n, POOLED) for n in (count, count + 1)]
    assert most[1] >= most[0]
    for how in (BY_PERSON, BY_CHANCE):
        split = arrangements.most_people(demand, (one,) * count, how)
        # Thinned by chance, bursts are less so: then the formulas alone differ by a few percent.
        assert split <= most[0] * (1.0 if bursts == 1.0 else 1.1) + count


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 64), st.floats(0.2, 40), st.floats(0.05, 1.5), st.sampled_from(Arrangement))
def test_that_p95_and_overflow_grow_with_people(
    slots: int, seconds: float, spread: float, how: Arrangement
) -> None:
    demand = replace(ASKS, spread=spread)
    stations = (Station(slots=slots, seconds=seconds, cs2=spread**2),) * 2
    full = shared_queue.served_per_s(stations) * 180
    before_late, before_lost = 0.0, 0.0
    for share in (0.0, 0.2, 0.5, 0.8, 0.95):
        people = 2 * math.floor(share * full / 2)
        queues = arrangements.groups(demand, stations, how, people)
        late = arrangements.p95(demand, queues, how)
        lost = arrangements.overflow_share(demand, queues)
        assert late >= before_late * (1 - 1e-9)
        assert lost >= before_lost - 1e-12
        before_late, before_lost = late, lost


def test_that_a_curve_rises_ends_where_the_queue_grows_and_has_its_band() -> None:
    line = curve(ASKS, [machine(wide=1.2)], POOLED, up_to=10_000, banded=True)
    assert line is not None
    people, seconds = zip(*line.points, strict=True)
    assert list(people) == sorted(people)
    assert list(seconds) == sorted(seconds)
    assert people[-1] == pytest.approx(0.995 * 4 / 9.8 * 180)
    assert line.low[-1][0] > people[-1] > line.high[-1][0]
    plain = curve(ASKS, [machine()], BY_PERSON, up_to=20)
    assert plain is not None
    assert (plain.low, plain.high, plain.points[-1][0]) == ((), (), 20)


def test_that_of_what_is_unknown_there_is_no_curve() -> None:
    assert curve(ASKS, [machine(Unknown("why"))], POOLED, up_to=10) is None
    assert curve(ASKS, [machine(0.0)], POOLED, up_to=10) is None
    silent = curve(replace(ASKS, calls_per_hour=0.0), [machine()], POOLED, up_to=10)
    assert silent is not None
    assert silent.points[-1][0] == 10


def test_that_enough_is_whether_the_people_are_served() -> None:
    found: Answer = answer(replace(ASKS, people=1), [machine()])
    assert found.enough is True
    assert found.needed == 1


def test_that_a_machine_that_is_late_alone_joins_where_more_are_served_with_it() -> None:
    demand = replace(ASKS, spread=1.0)
    stations = tuple(
        Station(slots=slots, seconds=seconds, cs2=1.0)
        for slots, seconds in ((4, 9.8), (2, 3.0), (1, 40.0))
    )
    assert not arrangements.alone_in_time(demand, stations[2])
    assert arrangements.serving(demand, stations, POOLED) == (0, 1, 2)
    without = arrangements.most_people(demand, stations[:2], POOLED)
    assert arrangements.most_people(demand, stations, POOLED) > without
