"""A model's speed on a machine, out of a benchmark whose numbers are round."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.demand.arrangements import DemandProfile
from landfall.core.demand.served_speed import ServedSpeed, by_slots, machine, of_benchmark
from landfall.core.demand.serving import Serves, Stream
from landfall.core.provenance import Measured, Unknown, middle
from tests.fakes import swept

AT = swept.AT
DEMAND = DemandProfile(people=10, input_tokens=1000, output_tokens=100)


def speed(slots: int = 1, *streams: Stream, measured_at: str = AT) -> ServedSpeed:
    return ServedSpeed(
        name="box",
        prefill=Measured(1000.0, AT, "a run"),
        decode=Measured(100.0, AT, "a run"),
        serves=Serves(slots=slots, streams=streams, measured_at=AT),
        measured_at=measured_at,
        basis="a benchmark",
    )


ONE, FOUR = (Stream(at_once=n, decode_tok_s=100.0 / n) for n in (1, 4))


def test_that_a_machine_is_its_calls_under_the_demand() -> None:
    found = machine(speed(), DEMAND)
    assert (found.name, found.measured_at, found.basis) == ("box", AT, "a benchmark")
    assert middle(found.service.seconds) == pytest.approx(2.0)
    assert found.service.prompt_share == 0.5
    assert machine(speed(), DEMAND, slots=1).service.says == found.service.says
    four = machine(speed(1, ONE, FOUR), DEMAND, slots=4)
    assert (four.service.slots, four.service.says) == (4, "as stated")
    assert four.basis == "a benchmark"
    # 100 tokens at 25, and the prompt as much slower.
    assert middle(four.service.seconds) == pytest.approx(4.0 + 4.0)
    two = machine(speed(1, ONE, FOUR), DEMAND, slots=2)
    assert two.basis == "a benchmark; 2 at once estimated from it"
    guessed = machine(speed(2, measured_at=""), DEMAND)
    assert guessed.basis == "a benchmark", "nothing was measured that it could rest on"
    assert machine(speed(2), DEMAND).basis.endswith("2 at once estimated from it")


def test_that_a_sweep_is_of_more_than_one_number() -> None:
    assert not speed().swept
    assert not speed(1, ONE).swept
    assert speed(1, ONE, FOUR).swept
    assert [one.service.slots for one, _ in by_slots(speed(1, ONE, FOUR), DEMAND)] == [1, 4]
    people = [middle(one) for _, one in by_slots(speed(1, ONE, FOUR), DEMAND)]
    # 0.8 of a slot of 2 s, and of four of 8 s: 0.4 calls a second, 180 people ask one.
    assert people == [72, 72]


def told(**changes: Any) -> ServedSpeed:
    conditions = changes.pop("conditions", {"parallel": 4})
    found = replace(swept.result(), conditions=conditions, **changes)
    return of_benchmark(found, DEMAND, name="box", measured_at=AT)


@pytest.mark.parametrize(("parallel", "slots"), [(2, 2), (0, 8), (-1, 8), ("4", 8), (1, 1)])
def test_that_slots_are_told_by_the_process_or_seen(parallel: object, slots: int) -> None:
    assert told(conditions={"parallel": parallel}).serves.slots == slots


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ({"cpu": {"busy_share": 0.5}}, True),
        ({"cpu": {"busy_share": 0.49}}, False),
        ({"cpu": {"busy_share": 1}}, False),
        ({"cpu": {}}, False),
        ({"cpu": 3}, False),
        ({}, False),
        (3, False),
        (None, False),
    ],
)
def test_that_a_machine_that_was_half_busy_is_to_be_measured_again(
    before: object, said: bool
) -> None:
    found = told(conditions={"parallel": 4, "before": before})
    assert ("50 % of the processor busy: measure it again" in found.basis) is said


def test_that_what_a_benchmark_tells_is_said() -> None:
    found = told()
    assert found.basis == (
        "measured on 2026-11-20 with Ollama 0.32.15: benchmark of 1, 2, 4 and 8 at once"
    )
    assert told(engine=None).basis.startswith("measured on 2026-11-20: benchmark of")
    assert told(sweep=None).basis == "measured on 2026-11-20 with Ollama 0.32.15: benchmark"
    assert isinstance(told(parts=()).prefill, Unknown)
    assert isinstance(told(parts=()).decode, Unknown)
    assert (found.name, found.measured_at) == ("box", AT)
    zero = swept.part(1000.0, prefill=0.0, decode=1.0)
    assert isinstance(told(parts=(zero,)).prefill, Unknown), "a rate of 0 is none"
