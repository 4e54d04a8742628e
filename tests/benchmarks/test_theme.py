"""How long the window stands still while all its pages take another scheme or size of text."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.goals import Goals
from tests.end_to_end.process import environment
from tests.fakes.ollama_thread import TwinThread

MOST_CPU_SECONDS = 0.25
LEAST_WIDGETS = 1000
"""With fewer, not all pages are open."""


def test_that_all_pages_take_another_scheme_or_size_of_text_in_a_quarter_of_a_second(
    benchmark: BenchmarkFixture, goals: Goals, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    found: list[dict[str, Any]] = []

    def once() -> None:
        with TwinThread(tmp_path / "models") as ollama:
            ours = {
                "QT_QPA_PLATFORM": "offscreen",
                "OLLAMA_HOST": ollama.twin.url,
                "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            }
            child = Path(__file__).with_name("theme_child.py")
            done = subprocess.run(
                [sys.executable, str(child)],
                env=environment(home, **ours),
                capture_output=True,
                text=True,
                timeout=120,
                check=True,
            )
        found.append(json.loads(done.stdout.splitlines()[-1]))

    benchmark.pedantic(once, rounds=1)
    scheme, text = (statistics.median(found[0][what]) for what in ("scheme", "text"))
    benchmark.extra_info |= {"scheme_ms": round(1000 * scheme), "text_ms": round(1000 * text)}
    assert found[0]["widgets"] >= LEAST_WIDGETS
    goals.most("CPU of another scheme, s", scheme, MOST_CPU_SECONDS)
    goals.most("CPU of another size of text, s", text, MOST_CPU_SECONDS)
