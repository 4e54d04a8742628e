"""How long a verdict takes: with everything that may flip it, under a slider, and two hundred."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.settings import Settings
from landfall.core.verdict.drawn_worlds import DRAWS, QUICK_DRAWS
from landfall.core.verdict.swings import swings
from landfall.core.workload.keys import BY_PATH, put
from landfall.services.machine import known_machines
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided, judge
from landfall.services.verdict.deciding import Decider
from tests.benchmarks.goals import Goals

WHOLE_SECONDS = 0.050
SLIDER_SECONDS = 0.016
TWO_HUNDRED_SECONDS = 2.0
_CALLS = BY_PATH["volume.calls_per_day"]


@pytest.fixture(scope="module")
def decided() -> Decided:
    """The workload of the template, which names a cloud, a hosted model and a machine to buy."""
    loaded = workload_files.from_text(workload_files.template())
    decider = Decider.on("RTX 4090", Settings(), now=datetime.now(UTC))
    world = decider.world(loaded, known_machines.what_if("RTX 4090"))
    return first_of(loaded, world)


def first_of(loaded: workload_files.LoadedWorkload, world: object) -> Decided:
    from landfall.core.settings import Thresholds
    from landfall.core.verdict.assembling import Assembler

    assembler = Assembler(world)  # type: ignore[arg-type]
    facts, limits = assembler.facts(loaded.workload), Thresholds()
    verdict = judge(
        loaded.workload,
        facts,
        assembler,
        limits=limits,
        as_of="2026-11-26",
        with_flips=False,
    )
    return Decided(loaded=loaded, verdict=verdict, facts=facts, assembler=assembler, limits=limits)


def test_that_a_verdict_with_all_its_sensitivity_takes_fifty_milliseconds(
    benchmark: BenchmarkFixture, goals: Goals, decided: Decided
) -> None:
    volumes = count(19_000)

    def whole() -> int:
        work = put(decided.loaded.workload, _CALLS, float(next(volumes)))
        found = decided.again(work, with_flips=True)
        verdict = found.verdict
        bars = swings(work, found.assembler, found.limits, verdict.option, flips=verdict.flips)
        assert verdict.flips
        assert bars
        assert verdict.worlds is not None
        return verdict.worlds.draws

    assert benchmark(whole) == DRAWS
    if benchmark.stats is not None:
        goals.most("a verdict, ms", 1000 * benchmark.stats.stats.min, 1000 * WHOLE_SECONDS)


def test_that_a_slider_decides_sixty_times_a_second(
    benchmark: BenchmarkFixture, goals: Goals, decided: Decided
) -> None:
    volumes = count(19_000)

    def moved() -> int:
        work = put(decided.loaded.workload, _CALLS, float(next(volumes)))
        worlds = decided.again(work).verdict.worlds
        assert worlds is not None
        return worlds.draws

    assert benchmark(moved) == QUICK_DRAWS
    if benchmark.stats is not None:
        goals.most("a verdict, ms", 1000 * benchmark.stats.stats.min, 1000 * SLIDER_SECONDS)


def test_that_two_hundred_workloads_are_decided_anew_in_two_seconds(
    benchmark: BenchmarkFixture, goals: Goals, decided: Decided
) -> None:
    work = decided.loaded.workload
    volumes = [put(work, _CALLS, 100.0 * (place + 1)) for place in range(200)]
    works = [replace(one, name=f"w{place}") for place, one in enumerate(volumes)]

    def all_of_them() -> int:
        return len({decided.again(one).verdict.workload for one in works})

    assert benchmark.pedantic(all_of_them, rounds=3) == 200
    if benchmark.stats is not None:
        goals.most("all, s", benchmark.stats.stats.min, TWO_HUNDRED_SECONDS)
