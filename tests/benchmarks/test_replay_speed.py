"""A million recorded calls through the slots of machines: under 2 s of CPU each, all of it told."""

from __future__ import annotations

from random import Random
from time import process_time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.demand.arrangements import Arrangement
from landfall.core.demand.crowd_replay import Calls, Slots, replayed
from landfall.core.demand.queueing import replay
from tests.benchmarks.goals import Goals

CALLS = 1_000_000
MOST_SECONDS = 2.0
LOAD = 0.8


@pytest.fixture(scope="module")
def calls() -> Calls:
    """A call a second by chance, sizes as wide as their mean, forty people."""
    dice = Random(8)
    now, at = 0.0, []
    for _ in range(CALLS):
        now += dice.expovariate(1.0)
        at.append(now)
    sizes = [dice.expovariate(1.0) for _ in at]
    return Calls(at=at, prompts=sizes, answers=sizes, persons=[dice.randrange(40) for _ in at])


@pytest.mark.parametrize("slots", [1, 2, 4, 16, 64, 512])
def test_that_a_million_calls_are_replayed_in_time(
    calls: Calls, slots: int, benchmark: BenchmarkFixture, goals: Goals
) -> None:
    """Waits alone, as the verdict uses them."""
    seconds = [LOAD * slots * size for size in calls.answers]
    benchmark.pedantic(replay, (calls.at, seconds), {"slots": slots}, rounds=3)
    began = process_time()
    waits = replay(calls.at, seconds, slots=slots)
    took = process_time() - began
    assert len(waits) == CALLS
    goals.most("CPU, s", took, MOST_SECONDS)


@pytest.mark.parametrize("how", list(Arrangement))
@pytest.mark.parametrize("other_seconds", [3.2, 5.0])
def test_that_all_that_is_said_of_a_million_calls_is_in_time(
    calls: Calls,
    how: Arrangement,
    other_seconds: float,
    benchmark: BenchmarkFixture,
    goals: Goals,
) -> None:
    """Waits, p95, late share and both overflows, of two machines, alike and unlike."""
    machines = [Slots(slots=4, seconds=3.2), Slots(slots=4, seconds=other_seconds)]
    benchmark.pedantic(replayed, (calls, machines, how), {"target_seconds": 20.0}, rounds=1)
    began = process_time()
    found = replayed(calls, machines, how, target_seconds=20.0)
    took = process_time() - began
    assert found.calls == CALLS
    goals.most("CPU, s", took, MOST_SECONDS)
