"""What the window costs while its Machine page shows fifty hosts that answer, and after that.

The servers run in another process, the program in a third, which is looked at from outside. It has
a window without a screen: its rows are painted as everywhere, into memory.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import psutil
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.settings import Settings
from landfall.services.settings import settings_store
from tests.benchmarks.goals import Goals
from tests.benchmarks.test_hosts_polled import HOSTS, SECONDS, hosts, servers
from tests.end_to_end.window import landfall_window

MOST_SHARE = 0.01
"""Of one core, while all of them are watched."""

MOST_SHARE_UNWATCHED = 0.001

NOBODY = "http://127.0.0.1:9"
ALL_ANSWER = rf"\b{HOSTS} of ({HOSTS}|{HOSTS + 1}) answer\b"
"""Where an Ollama is installed that does not run, it stands in the list with them."""

SETTLE_SECONDS = 8.0
"""Detection, decisions and the first look at every host are through by then."""


async def _watched(home: Path, ports: list[int]) -> dict[str, float]:
    settings_store.save(home / "settings.toml", replace(Settings(), hosts=tuple(hosts(ports))))
    figures: dict[str, float] = {}
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.on("home", "ready", "partial")
        await window.open("machine", "ready", "partial", "empty", text=ALL_ANSWER)
        program = psutil.Process(window.process.pid)
        await asyncio.sleep(SETTLE_SECONDS)
        figures["share_watched"] = await _share(program, SECONDS)
        await window.open("settings", "ready")
        await asyncio.sleep(SETTLE_SECONDS)
        figures["share_elsewhere"] = await _share(program, min(SECONDS, 10.0))
        await window.close()
    return figures


async def _share(program: psutil.Process, seconds: float) -> float:
    before = program.cpu_times()
    await asyncio.sleep(seconds)
    after = program.cpu_times()
    return (after.user + after.system - before.user - before.system) / seconds


def test_that_fifty_hosts_in_sight_take_less_than_a_hundredth_of_a_core(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    figures: dict[str, float] = {}

    def measure() -> None:
        with servers(HOSTS) as ports:
            figures.update(asyncio.run(_watched(home, ports[:HOSTS])))

    benchmark.pedantic(measure, rounds=1)
    benchmark.extra_info.update({name: round(value, 5) for name, value in figures.items()})
    goals.most("share of a core, on the page", figures["share_watched"], MOST_SHARE)
    goals.most("share of a core, elsewhere", figures["share_elsewhere"], MOST_SHARE_UNWATCHED)
