"""What a window costs in which nothing happens: processor, timers, memory.

The program runs as its user starts it, without a driver inside, and is looked at from outside; only
the timers are asked for inside, of a second one.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.goals import Goals
from tests.end_to_end.process import SOURCE, environment
from tests.end_to_end.window import landfall_window
from tests.fakes.ollama_thread import TwinThread

SECONDS = float(os.environ.get("LANDFALL_BENCH_SECONDS", "10"))
MOST_CPU_SECONDS_A_MINUTE = 0.1
MOST_RSS_MEGABYTES = 90
"""All that is resident before a page but Home was opened. A bare window of the same Qt has 52, Home
painted 75, asyncio without OpenSSL brings 5. More than half are pages of libraries, which any other
program with Qt shares."""

MOST_OWN_MEGABYTES = 45
"""Without what lies in files."""

NOBODY = "http://127.0.0.1:9"
LOOK_SECONDS = 0.5
CALM_LOOKS = 4


@contextmanager
def running(home: Path, ollama: str = NOBODY) -> Iterator[psutil.Popen]:
    """The program with an empty home; its bytecode is kept for the next start."""
    ours = {
        "QT_QPA_PLATFORM": "offscreen",
        "OLLAMA_HOST": ollama,
        "PYTHONPATH": str(SOURCE),
        "PYTHONPYCACHEPREFIX": str(home.parent / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    process = psutil.Popen([sys.executable, "-m", "landfall"], env=environment(home, **ours))
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(timeout=10) == 0


def let_pass(process: psutil.Popen, seconds: float) -> None:
    """Time, in which the program must not end."""
    with pytest.raises((psutil.TimeoutExpired, subprocess.TimeoutExpired)):
        process.wait(timeout=seconds)


def cpu_seconds(process: psutil.Popen) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def calm(process: psutil.Popen) -> None:
    """Wait until it has found and decided everything."""
    quiet, before = 0, cpu_seconds(process)
    for _ in range(120):
        let_pass(process, LOOK_SECONDS)
        now = cpu_seconds(process)
        rests = now == before and now > 0.2 and not process.children()
        quiet = quiet + 1 if rests else 0
        before = now
        if quiet == CALM_LOOKS:
            return
    pytest.fail("the program does not come to rest")


@pytest.mark.parametrize("server", ["no Ollama", "Ollama runs"])
def test_an_idle_window_costs_nothing(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path, server: str
) -> None:
    if server == "no Ollama":
        measure(benchmark, goals, tmp_path, NOBODY)
        return
    with TwinThread(tmp_path / "models") as ollama:
        measure(benchmark, goals, tmp_path, ollama.twin.url)


def measure(benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path, ollama: str) -> None:
    """Start, let it come to rest, look at it from outside."""
    for name in ("first", "home"):
        (tmp_path / name).mkdir()
    with running(tmp_path / "first", ollama) as process:
        calm(process)  # compiles the bytecode, which takes memory that later starts do not
    figures: dict[str, float] = {}

    def rest() -> None:
        with running(tmp_path / "home", ollama) as process:
            calm(process)
            before = cpu_seconds(process)
            let_pass(process, SECONDS)
            figures["cpu_seconds"] = cpu_seconds(process) - before
            memory = process.memory_info()
            figures["rss_mb"] = memory.rss / 1e6
            figures["own_mb"] = (memory.rss - getattr(memory, "shared", 0)) / 1e6

    benchmark.pedantic(rest, rounds=1)
    benchmark.extra_info |= {name: round(value, 3) for name, value in figures.items()}
    most_seconds = MOST_CPU_SECONDS_A_MINUTE * max(SECONDS, 60) / 60
    goals.most(f"CPU in {SECONDS:.0f} s, s", figures["cpu_seconds"], most_seconds)
    goals.most("memory, MB", figures["rss_mb"], MOST_RSS_MEGABYTES)
    goals.most("memory shared with nobody, MB", figures["own_mb"], MOST_OWN_MEGABYTES)


def test_no_timer_runs_in_an_idle_window(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path
) -> None:
    """On no page, once each was opened and what it asked for has come."""
    pages = ("machine", "models", "run", "cloud", "workloads", "history", "settings", "home")

    async def every_page() -> dict[str, list[str]]:
        left = {}
        async with landfall_window(tmp_path, OLLAMA_HOST=NOBODY) as window:
            await window.on("home", "ready", "partial")
            for page in pages:
                await window.open(page, "ready", "partial", "empty")
                await asyncio.sleep(1.0)
                left[page] = (await window.do("process"))["timers"]
            await window.close()
        return left

    left: list[dict[str, list[str]]] = []
    benchmark.pedantic(lambda: left.append(asyncio.run(every_page())), rounds=1)
    assert left[0] == {page: [] for page in pages}
    goals.most("timers that would fire", sum(map(len, left[0].values())), 0)
