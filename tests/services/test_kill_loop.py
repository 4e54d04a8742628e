"""A program that is killed with `kill -9` loses nothing that it had shown as saved."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import kill_commands
from tests.benchmarks.kill_loop import kill_many


def test_that_nothing_that_was_saved_is_lost_when_the_program_is_killed(tmp_path: Path) -> None:
    outcome, saved = kill_many(tmp_path, 5, seed=3)
    assert outcome.wrong == []
    assert outcome.lost == []
    assert saved > 0


def test_that_whatever_command_is_killed_the_next_one_finds_all_in_order(tmp_path: Path) -> None:
    phases = ("pull", "run", "import usage", "upgrade")
    assert kill_commands.kill_many(tmp_path / "all", len(phases), seed=3, only=phases) == []
