"""Whether every model of the catalogue fits a machine, where most of them have to be split."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.fit.fit import Fit, FitKind, fit
from landfall.core.fit.memory import FitRequest
from landfall.core.machine.hardware import GIB, HardwareProfile, memory_budget
from landfall.core.models.weights import spec
from landfall.services.machine import known_machines
from landfall.services.models import shipped_catalogue
from tests.benchmarks.goals import Goals

MOST_SECONDS = 0.010


def busy(profile: HardwareProfile) -> HardwareProfile:
    """The machine with half of its cards' memory held by others."""
    cards = tuple(
        replace(
            card,
            memory_free_bytes=(card.memory_total_bytes or 0) // 2,
            usable_bytes=max(0, (card.memory_total_bytes or 0) // 2 - GIB),
        )
        for card in profile.accelerators
    )
    return replace(profile, accelerators=cards)


@pytest.mark.parametrize("name", ["RTX 4060", "RTX 4060 + RTX 3060", "4x RTX 4090"])
@pytest.mark.parametrize("held", [False, True])
def test_that_the_catalogue_is_placed_in_ten_milliseconds(
    name: str, held: bool, benchmark: BenchmarkFixture, goals: Goals
) -> None:
    profile = known_machines.what_if(name)
    budget = memory_budget(busy(profile) if held else profile)
    specs = [spec(card) for card in shipped_catalogue.load().models]
    request = FitRequest(context=32_768)

    def place() -> list[Fit]:
        return [fit(one, budget, request) for one in specs]

    placed = benchmark(place)
    assert len(placed) > 90
    assert len({one.kind for one in placed} - {FitKind.GPU}) >= 1
    if benchmark.stats is not None:
        goals.most("the catalogue, ms", 1000 * benchmark.stats.stats.min, 1000 * MOST_SECONDS)
