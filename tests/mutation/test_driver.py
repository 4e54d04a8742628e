"""The driver on a package of its own: what it must find, it finds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants are forked")

CODE = '''\
"""Sums."""

from __future__ import annotations

LIMIT = 3
UNSEEN = 5


def grown(number: int) -> int:
    """One more, up to the limit."""
    return min(number + 1, LIMIT)


def unseen(number: int) -> int:
    return number * UNSEEN


def counted(number: int) -> int:
    steps = 0
    while steps != number:
        steps += 1
    return steps


def never(number: int) -> int:
    return number - 1


def asked_at_import() -> str:
    return "a" if LIMIT == 3 else "b"


class Refused(ValueError):
    def __init__(self, why: str) -> None:
        super().__init__(f"refused: {why}")
'''
CHECKS = """\
from toy.core import sums

ASKED = sums.asked_at_import()


def test_grown():
    assert (sums.grown(1), sums.grown(2), sums.grown(7)) == (2, 3, 3)


def test_unseen():
    sums.unseen(2)


def test_counted():
    assert sums.counted(2) == 2


def test_asked():
    assert ASKED == "a"


def test_refused():
    assert str(sums.Refused("no")) == "refused: no"
"""
BROKEN = """\
from toy.core import sums


def test_that_fails_anyway():
    assert sums.unseen(2) == 11
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the driver prints of all mutants of the package."""
    root = tmp_path_factory.mktemp("toy")
    for folder in ("toy", "toy/core", "checks"):
        (root / folder).mkdir()
        (root / folder / "__init__.py").write_text("")
    (root / "toy/core/sums.py").write_text(CODE)
    (root / "checks/test_sums.py").write_text(CHECKS)
    (root / "checks/test_broken.py").write_text(BROKEN)
    repository = Path(__file__).resolve().parents[2]
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "tests.mutation", "--root", str(root)),
            *("--sources", "toy/core", "--package", "toy.core", "--tests", "checks"),
            *("--sample", "0", "--workers", "1", "--grace-seconds", "1", "--least", "99"),
            *("--cache", str(root / "cache"), "--list-survivors", "--list-killers"),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(repository), str(root)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == 1, ended.stdout  # less than 99 % are killed
    # What is told on the way is told again at the end.
    return "\n".join(one for one in ended.stdout.splitlines() if not one.startswith("lives: "))


def line(told: str, change: str) -> str:
    (found,) = [one for one in told.splitlines() if change in one]
    return found


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ("sums.py:11: number + 1  =>  number - 1", "checks/test_sums.py::test_grown"),
        ("sums.py:11: min(number + 1, LIMIT)  =>  max", "checks/test_sums.py::test_grown"),
        ("sums.py:5: 3  =>  4", "checks/test_sums.py::test_"),  # a constant, imported anew
        ("sums.py:30: LIMIT == 3  =>  LIMIT != 3", "checks/test_sums.py::test_asked"),
        ("sums.py:21: steps += 1  =>  steps -= 1", "time"),
        # Without it the method has no cell for its class: its code fits no function that is alive.
        ("sums.py:35: super().__init__(", "checks/test_sums.py::test_refused"),
    ],
)
def test_that_a_mutant_is_killed_by(told: str, change: str, by: str) -> None:
    assert f"   [{by}" in line(told, change)


@pytest.mark.parametrize(
    "change",
    [
        "sums.py:15: number * UNSEEN  =>  number / UNSEEN",  # only a test that fails anyway sees it
        "sums.py:6: 5  =>  6",
        "sums.py:26: number - 1  =>  number + 1   [no test]",
    ],
)
def test_that_a_planted_survivor_is_found(told: str, change: str) -> None:
    assert "[checks" not in line(told, change)
    assert line(told, change).endswith(change.rpartition("  =>  ")[2])


def test_that_a_test_that_fails_anyway_is_told_and_kills_nothing(told: str) -> None:
    assert "left out, since it fails without any mutant: checks/test_broken.py" in told
    assert "test_that_fails_anyway]" not in told


def test_that_the_score_is_that_of_its_list(told: str) -> None:
    killed = sum(one.endswith("]") and "[no test]" not in one for one in told.splitlines())
    listed = sum("  =>  " in one for one in told.splitlines())
    assert f"score {killed / listed:.1%} of {listed} mutants killed, 95 % interval" in told
    assert f"{killed:5}/{listed:<5} sums.py" in told
