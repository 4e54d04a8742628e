"""A report of thirty workloads: how long it takes and how many bytes it has."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.settings import Settings
from landfall.services.reports.subjects import Told
from landfall.services.reports.writing import Asked, write
from landfall.services.verdict import workload_files
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.workload_files import LoadedWorkload
from tests.benchmarks.goals import Goals
from tests.fakes.html_checker import checked

DATA = Path(__file__).parents[1] / "data"
WORKLOADS = 30
MOST_SECONDS = 3.0
MOST_BYTES = 2_000_000


def thirty() -> list[LoadedWorkload]:
    """The seven of every kind, each at several volumes: all that a report may show is in them."""
    files = sorted((DATA / "verdicts").glob("*.toml"))
    loaded = [workload_files.read(one) for one in files]
    made = []
    for place in range(WORKLOADS):
        one = loaded[place % len(loaded)]
        volume = one.workload.volume
        calls = (volume.calls_per_day or 100.0) * (1 + place / 50)
        workload = replace(
            one.workload,
            name=f"{one.workload.name} {place}",
            volume=replace(volume, calls_per_day=calls),
        )
        made.append(replace(one, workload=workload))
    return made


async def from_workloads_to_file(loaded: list[LoadedWorkload], path: Path) -> int:
    """As the command does it: decide with all that flips, then write."""
    decider = Decider.on("RTX 4090", Settings(), now=datetime.now(UTC))
    decided = await decider.decide_all(loaded)
    asked = Asked(
        told=[Told(decided=one) for one in decided], settings=Settings(), as_of="2026-11-26"
    )
    written = await write(path, asked, overwrite=True)
    return written.size_bytes


@pytest.mark.benchmark(timer=process_time)
@pytest.mark.parametrize("suffix", ["html", "md"])
def test_that_thirty_workloads_are_decided_and_reported_within_three_seconds(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path, suffix: str
) -> None:
    """In seconds of the processor: what else runs on it does not count."""
    loaded, path = thirty(), tmp_path / f"r.{suffix}"

    def whole() -> int:
        return asyncio.run(from_workloads_to_file(loaded, path))

    size_bytes = benchmark.pedantic(whole, rounds=3, warmup_rounds=1)
    goals.most("size, MB", size_bytes / 1e6, MOST_BYTES / 1e6)
    if suffix == "html":
        assert checked(path.read_text(encoding="utf-8")).faults == []
    if benchmark.stats is not None:
        goals.most("CPU, s", benchmark.stats.stats.min, MOST_SECONDS)


def of_children() -> float:
    """Seconds of the processor that processes of ours took which have ended."""
    told = os.times()
    return told.children_user + told.children_system


@pytest.mark.skipif(os.name != "posix", reason="this system does not tell what children took")
@pytest.mark.benchmark(timer=of_children)
def test_that_a_pdf_of_thirty_decided_workloads_is_drawn_within_six_seconds(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path
) -> None:
    """With the start of the process that draws it, in seconds of the processor."""
    pytest.importorskip("PySide6.QtSvg", reason="PySide6 is not installed")
    decider = Decider.on("RTX 4090", Settings(), now=datetime.now(UTC))
    decided = asyncio.run(decider.decide_all(thirty()))
    told = [Told(decided=one) for one in decided]
    asked = Asked(told=told, settings=Settings(), as_of="2026-11-26")

    def drawn() -> int:
        return asyncio.run(write(tmp_path / "r.pdf", asked, overwrite=True)).size_bytes

    size_bytes = benchmark.pedantic(drawn, rounds=2)
    goals.most("size, MB", size_bytes / 1e6, MOST_BYTES / 1e6)
    if benchmark.stats is not None:
        goals.most("CPU, s", benchmark.stats.stats.min, 2 * MOST_SECONDS)
