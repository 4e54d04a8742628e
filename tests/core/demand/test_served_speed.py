"""How fast a machine serves a model, out of a benchmark with a sweep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.benchmark.benchmark import Spread
from landfall.core.demand.arrangements import DemandProfile
from landfall.core.demand.served_speed import ServedSpeed, _nearest, by_slots, machine, of_benchmark
from landfall.core.provenance import Measured, Unknown, band, middle
from tests.fakes import swept

DEMAND = DemandProfile(people=10, input_tokens=1100, output_tokens=340, target_seconds=60.0)


def speed(**told: object) -> ServedSpeed:
    found = swept.result(**told)  # type: ignore[arg-type]
    return of_benchmark(found, DEMAND, name="this machine", measured_at=swept.AT)


def test_that_the_prompt_nearest_to_the_demand_tells_the_rates() -> None:
    assert middle(speed().prefill) == 2000.0
    longer = replace(DEMAND, input_tokens=5000)
    found = of_benchmark(swept.result(), longer, name="x", measured_at=swept.AT)
    assert (middle(found.prefill), middle(found.decode)) == (2500.0, 52.0)


def test_that_a_short_prompt_that_tells_no_rate_of_reading_takes_that_of_a_longer_one() -> None:
    # As a server that holds the template in its cache: 156 tokens in, of which nobody knows how
    # many were read, and a long prompt that was cut.
    parts = (
        swept.part(156.0, prefill=None, decode=67.0),
        swept.part(1416.0, prefill=412.0, decode=19.0),
        swept.part(2050.0, prefill=None, decode=42.0),
    )
    short = replace(DEMAND, input_tokens=300, output_tokens=60)
    found = of_benchmark(swept.result(parts=parts), short, name="x", measured_at=swept.AT)
    assert (middle(found.prefill), middle(found.decode)) == (412.0, 67.0)
    assert middle(machine(found, short).service.seconds) is not None


def test_that_a_benchmark_that_tells_no_rate_of_reading_says_what_is_missing() -> None:
    parts = (swept.part(156.0, prefill=None, decode=67.0),)
    found = of_benchmark(swept.result(parts=parts), DEMAND, name="x", measured_at=swept.AT)
    assert isinstance(found.prefill, Unknown)
    assert "how fast it reads; measure it: `landfall bench" in found.prefill.reason
    assert middle(found.decode) == 67.0


def test_that_the_slots_of_the_server_are_taken_at_their_measured_speed() -> None:
    found = speed()
    assert (found.serves.slots, found.swept) == (4, True)
    one = machine(found, DEMAND)
    ends = band(one.service.seconds)
    assert ends is not None
    assert one.service.slots == 4
    # 340 tokens at 34 a second, and a prompt of 1,100 at 2000 x 0.5 s / 0.9 s.
    assert ends[1] == pytest.approx(340 / 34.0 + 1100 / (2000 * 0.5 / 0.9))
    assert (
        one.basis
        == "measured on 2026-11-20 with Ollama 0.32.15: benchmark of 1, 2, 4 and 8 at once"
    )


def test_that_other_slots_are_measured_where_they_were_and_estimated_between() -> None:
    at_eight = machine(speed(), DEMAND, slots=8)
    assert "estimated" not in at_eight.basis
    assert middle(at_eight.service.seconds) == pytest.approx(340 / 19 + 1100 / (2000 * 0.5 / 1.6))
    at_six = machine(speed(), DEMAND, slots=6)
    assert "6 at once estimated" in at_six.basis
    low, mid, high = band(at_six.service.seconds) or (0, 0, 0)
    assert low < mid < high
    assert at_six.service.says == "as stated"


def test_that_each_measured_number_at_once_has_its_people() -> None:
    found = by_slots(speed(), DEMAND)
    assert [one.service.slots for one, _ in found] == [1, 2, 4, 8]
    people = [middle(each) or 0 for _, each in found]
    assert people[0] < people[1] < people[2]


def test_that_without_a_sweep_one_call_at_a_time_is_known() -> None:
    found = speed(levels=(), parallel=None)
    assert not found.swept
    assert machine(found, DEMAND).service.slots == 1
    assert by_slots(found, DEMAND) == ()
    assert found.basis == "measured on 2026-11-20 with Ollama 0.32.15: benchmark"


def test_that_a_rate_that_the_benchmark_does_not_tell_is_unknown() -> None:
    told = swept.result()
    without = replace(told, parts=(swept.part(1000.0, prefill=None, decode=60.0),))
    found = of_benchmark(without, DEMAND, name="x", measured_at=swept.AT)
    assert isinstance(found.prefill, Unknown)
    assert isinstance(found.decode, Measured)
    assert isinstance(machine(found, DEMAND).service.seconds, Unknown)
    # A prompt of no tokens needs no rate.
    short = replace(DEMAND, input_tokens=0)
    assert middle(machine(found, short).service.seconds) is not None
    nothing = of_benchmark(replace(told, parts=()), DEMAND, name="x", measured_at=swept.AT)
    assert isinstance(nothing.decode, Unknown)


def test_that_a_benchmark_beside_other_work_is_to_be_measured_again() -> None:
    found = swept.result()
    for share, said in ((0.99, "99 % of the processor busy: measure it again"), (0.2, "")):
        told = {**found.conditions, "before": {"cpu": {"logical_cores": 2, "busy_share": share}}}
        busy = replace(found, conditions=told)
        basis = of_benchmark(busy, DEMAND, name="x", measured_at=swept.AT).basis
        assert basis.endswith(said)
        assert ("other programs" in basis) is bool(said)


def test_that_the_prompt_of_nearest_length_is_taken_and_none_counts_as_empty() -> None:
    near, far, bare = (Spread(median=v, low=v, high=v, count=1) for v in (1.0, 2.0, 3.0))
    told = [(900.0, far), (120.0, near), (None, bare), (100.0, None)]
    assert _nearest(told, 100.0) is near
    assert _nearest(told, 5.0) is bare
    assert _nearest(told, 1000.0) is far
    assert _nearest([(100.0, None)], 100.0) is None
