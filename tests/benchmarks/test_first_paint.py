"""From `landfall` to the first painted window, beside a bare window of the same Qt.

CPU time, because other work on the machine moves wall time and hardly moves this. Both are started
in turns, each in a fresh process with its bytecode cached, and their medians compared.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.goals import Goals

CHILD = Path(__file__).with_name("first_paint_child.py")
ROUNDS = 9
MOST_CPU_SECONDS = 0.250
MOST_TIMES_A_BARE_WINDOW = 1.5


def start(which: str, home: Path) -> dict[str, Any]:
    """One start to the first frame: `{cpu_seconds, modules, qt, icons, styles, dark, style}`."""
    app = Path(__file__).resolve().parents[2] / "app"
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "LANDFALL_HOME": str(home / "landfall"),
        "PYTHONPATH": str(app),
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    done = subprocess.run(
        [sys.executable, str(CHILD), which],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    first, *after = done.stdout.splitlines()
    found: dict[str, Any] = json.loads(first)
    return found | {"style": "".join(after)}


def test_the_first_frame_costs_little_more_than_a_bare_window(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path
) -> None:
    for which in ("bare", "landfall"):
        start(which, tmp_path)  # compiles the bytecode
    bare: list[float] = []

    def both() -> float:
        bare.append(start("bare", tmp_path)["cpu_seconds"])
        return float(start("landfall", tmp_path)["cpu_seconds"])

    taken: list[float] = []
    benchmark.pedantic(lambda: taken.append(both()), rounds=ROUNDS)
    ours, theirs = statistics.median(taken), statistics.median(bare)
    benchmark.extra_info |= {"cpu_seconds": ours, "bare_cpu_seconds": theirs}
    goals.most("CPU to the first frame, s", ours, MOST_CPU_SECONDS)
    times, bare_window = ours / theirs, ("bare window, s", theirs)
    goals.most("times a bare window", times, MOST_TIMES_A_BARE_WINDOW, peer=bare_window)
