"""What a short command costs, beside an interpreter that does nothing.

CPU time of the whole process, because other work on the machine moves wall time and hardly moves
this. Both are started in turns, with their bytecode cached, and their medians compared. The goals
are of people: what answers within 0.2 s seems to be there at once, and a verdict, which loads the
price table and looks at the machine, is waited for without a thought for a second. Each is about
one and a half times what was reached on two cores of a server.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.goals import Goals

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 7
COMMANDS = {
    "version": (("--version",), 0.060),
    "fit": (("fit", "qwen3:8b", "--machine", "RTX 4090"), 0.180),
    "detect": (("detect",), 0.200),
    "verdict": (("verdict", "workload.toml"), 1.0),
}
"""What is typed, and the most seconds of a processor that it may take."""


def cpu_seconds(words: tuple[str, ...], folder: Path) -> float:
    """Of one start of Python to its end, with what it started itself."""
    environment = os.environ | {
        "LANDFALL_HOME": str(folder / "home"),
        "PYTHONPATH": str(ROOT / "app"),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in {0, 1}, done.stderr.decode()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("name", COMMANDS)
def test_that_a_short_command_is_no_wait(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path, name: str
) -> None:
    shutil.copy(ROOT / "resources" / "workload_template.toml", tmp_path / "workload.toml")
    words, most = COMMANDS[name]
    ours, bare = ("-m", "landfall", *words), ("-c", "pass")
    cpu_seconds(ours, tmp_path)  # compiles the bytecode
    taken: list[float] = []
    nothing: list[float] = []

    def both() -> None:
        nothing.append(cpu_seconds(bare, tmp_path))
        taken.append(cpu_seconds(ours, tmp_path))

    benchmark.pedantic(both, rounds=ROUNDS)
    found, peer = statistics.median(taken), statistics.median(nothing)
    benchmark.extra_info |= {"cpu_seconds": found, "bare_cpu_seconds": peer}
    goals.most("CPU, s", found, most, peer=("python -c pass, s", peer))
