"""What it costs to watch fifty hosts, and that a dead one among them delays nobody.

The servers run in another process; what is measured is the processor time of this one, without a
window. With what is kept of the hosts in a real database.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.hosts.hosts import Host, HostKind, HostState
from landfall.services.history.history import History
from landfall.services.hosts.seen import HostsSeen
from landfall.services.hosts.watching import PERIOD_SECONDS, watched
from tests.benchmarks.goals import Goals

SECONDS = max(2 * PERIOD_SECONDS, float(os.environ.get("LANDFALL_BENCH_SECONDS", "60")))
"""In less than two rounds hardly a host is asked again."""

HOSTS = 50
MOST_SHARE = 0.01
"""Of one core, while all of them are watched."""

MOST_SHARE_UNWATCHED = 0.001

ALL_READ_SECONDS = 2.0
"""A silent host is given up after five seconds."""

CHILD = Path(__file__).with_name("hosts_child.py")


@contextmanager
def servers(count: int) -> Iterator[list[int]]:
    """The ports of so many, and of one that is silent."""
    child = subprocess.Popen(
        [sys.executable, str(CHILD), str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        yield json.loads(child.stdout.readline())
    finally:
        child.communicate(timeout=10)


def hosts(ports: list[int]) -> list[Host]:
    return [
        Host(name=f"h{n}", url=f"http://127.0.0.1:{port}", kind=HostKind.OLLAMA)
        for n, port in enumerate(ports)
    ]


async def _watched(ports: list[int], database: Path) -> dict[str, float]:
    """Until all healthy hosts are read, then over so many seconds."""
    kept = hosts(ports)
    history = History(database)
    await history.open()
    seen = await HostsSeen.opened(history)
    healthy = {one.name for one in kept[:-1]}
    figures: dict[str, float] = {}
    begun, readings_counted = time.perf_counter(), 0
    cpu_begun = 0.0
    async with aclosing(watched(kept, seen=seen)) as readings:
        async for reading in readings:
            now = time.perf_counter()
            if not figures:
                assert reading.state is HostState.ANSWERS
                healthy.discard(reading.host.name)
                if not healthy:
                    figures["all_healthy_read_seconds"] = now - begun
                    begun, cpu_begun = now, time.process_time()
                continue
            readings_counted += 1
            if now - begun >= SECONDS:
                break
        figures["share_of_a_core"] = (time.process_time() - cpu_begun) / (
            time.perf_counter() - begun
        )
    figures["readings_a_second"] = readings_counted / SECONDS
    before = time.process_time()
    await asyncio.sleep(min(5.0, SECONDS))
    figures["share_unwatched"] = (time.process_time() - before) / min(5.0, SECONDS)
    await history.close()
    return figures


def test_that_fifty_hosts_are_watched_for_less_than_a_hundredth_of_a_core(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path
) -> None:
    figures: dict[str, float] = {}

    def measure() -> None:
        with servers(HOSTS - 1) as ports:
            figures.update(asyncio.run(_watched(ports, tmp_path / "history.db")))

    benchmark.pedantic(measure, rounds=1)
    benchmark.extra_info.update({name: round(value, 5) for name, value in figures.items()})
    read_seconds = figures["all_healthy_read_seconds"]
    goals.most("until all healthy hosts are read, s", read_seconds, ALL_READ_SECONDS)
    goals.most("share of a core, watched", figures["share_of_a_core"], MOST_SHARE)
    goals.most("share of a core, unwatched", figures["share_unwatched"], MOST_SHARE_UNWATCHED)
    assert figures["readings_a_second"] > 3
