"""What benchmarks must reach: a missed goal fails, and all figures are told in one table."""

from __future__ import annotations

import pytest

from tests.benchmarks.goals import Goals, table


def _goals() -> Goals:
    goals = Goals("idle: at rest")
    goals.most("memory, MB", 88.0, 90, peer=("a bare window, MB", 61.2))
    return goals


def test_that_a_goal_is_missed_beyond_its_bound_alone() -> None:
    goals = _goals()
    goals.most("at the bound", 90, 90)
    goals.least("rows a second", 300_000, 300_000)
    goals.check()
    goals.least("rows a second", 299_999, 300_000)
    with pytest.raises(AssertionError, match=r"rows a second: 299,999, must be at least 300,000"):
        goals.check()


def test_that_a_figure_that_is_no_number_misses_its_goal() -> None:
    goals = _goals()
    goals.most("CPU, s", float("nan"), 1.0)
    with pytest.raises(AssertionError, match="CPU, s: nan"):
        goals.check()


def test_that_the_table_says_what_was_missed_and_what_stood_beside() -> None:
    goals = _goals()
    goals.most("CPU, s", 0.2, 0.1)
    lines = table(goals.kept).splitlines()
    assert lines[2] == ("| idle: at rest | memory, MB | 88 | ≤ 90 | a bare window, MB: 61.2 |  |")
    assert lines[3] == "|  | CPU, s | 0.2 | ≤ 0.1 |  | **missed** |"
