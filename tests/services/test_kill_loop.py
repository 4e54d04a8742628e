"""A program that is killed with `kill -9` loses nothing that it had shown as saved."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.kill_loop import kill_many


def test_that_nothing_that_was_saved_is_lost_when_the_program_is_killed(tmp_path: Path) -> None:
    outcome, saved = kill_many(tmp_path, 5, seed=3)
    assert outcome.wrong == []
    assert outcome.lost == []
    assert saved > 0
