"""The same real server and models as everywhere; and all figures as a table at the end of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.goals import Goal, Goals, table
from tests.services.ollama.conftest import real_server, tiny

__all__ = ["real_server", "tiny"]

TOLD = pytest.StashKey[list[Goal]]()


@pytest.fixture
def goals(request: pytest.FixtureRequest) -> Iterator[Goals]:
    """What the benchmark must reach: told figure by figure, checked when it ended."""
    file = request.path.stem.removeprefix("test_").replace("_", " ")
    name = request.node.name.removeprefix("test_").removeprefix("that_").replace("_", " ")
    made = Goals(f"{file}: {name}")
    yield made
    request.config.stash.setdefault(TOLD, []).extend(made.kept)
    made.check()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """One table of everything that was measured, with what it had to be."""
    told = config.stash.get(TOLD, [])
    if not told:
        return
    terminalreporter.section("figures and goals")
    terminalreporter.write_line(table(told))
    if out := os.environ.get("LANDFALL_BENCH_TABLE"):
        Path(out).write_text(table(told) + "\n", encoding="utf-8")
