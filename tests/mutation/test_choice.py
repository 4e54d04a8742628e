"""Samples that can be repeated, shares that sum up, intervals that hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.choice import Mutant, Names, met_by, sample, shared_out, wilson
from tests.mutation.operators import Place, places
from tests.mutation.reach import Reach


def test_that_shares_are_by_number_and_sum_to_the_size() -> None:
    assert shared_out({"a": 50, "b": 30, "c": 20}, 10) == {"a": 5, "b": 3, "c": 2}
    assert shared_out({"a": 1, "b": 1, "c": 1}, 2) == {"a": 1, "b": 1, "c": 0}
    assert shared_out({"a": 5, "b": 0}, 0) == {"a": 5, "b": 0}
    assert shared_out({"a": 5}, 9) == {"a": 5}


def test_that_a_seed_gives_its_sample_again_and_another_gives_another(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("".join(f"a{n} = {n}\n" for n in range(40)))
    (tmp_path / "b.py").write_text("".join(f"b{n} = {n}\n" for n in range(10)))
    first = sample(tmp_path, ["a.py", "b.py"], 20, seed=1)
    assert first == sample(tmp_path, ["b.py", "a.py"], 20, seed=1)
    assert first != sample(tmp_path, ["a.py", "b.py"], 20, seed=2)
    assert [one.module for one in first] == ["a.py"] * 16 + ["b.py"] * 4
    assert len(set(first)) == 20


def test_that_the_interval_is_that_of_wilson() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def place(source: str, text: str) -> Place:
    return next(one for one in places(source) if one.before == text)


SOURCE = "A = 3\nB = A * 2\ndef f():\n    return B\ndef g():\n    return 7\n"


@pytest.fixture
def reach() -> Reach:
    found = Reach()
    found.seconds = {"x/test_m.py::slow": 5.0, "x/test_m.py::own": 1.0, "x/test_o.py::other": 0.1}
    found.lines = {
        "m.py": {
            4: {"x/test_m.py::slow", "x/test_o.py::other"},
            6: {"x/test_m.py::own", "x/test_o.py::other", "x/test_m.py::slow"},
        }
    }
    return found


@pytest.fixture
def names(tmp_path: Path) -> Names:
    (tmp_path / "m.py").write_text(SOURCE)
    return Names(tmp_path, [])


def test_that_its_own_tests_come_first_and_the_quick_before_the_slow(
    reach: Reach, names: Names
) -> None:
    mutant = Mutant("m.py", place(SOURCE, "7"))
    met = ["x/test_m.py::own", "x/test_m.py::slow", "x/test_o.py::other"]
    assert met_by(mutant, reach, names, seconds=10) == met
    assert met_by(mutant, reach, names, seconds=2) == [met[0], met[2]]
    assert met_by(mutant, reach, names, seconds=0) == [met[0]]
    reach.failed = {met[0]}
    assert met_by(mutant, reach, names, seconds=10) == met[1:]


def test_that_a_constant_meets_the_tests_of_what_is_made_of_it(reach: Reach, names: Names) -> None:
    mutant = Mutant("m.py", place(SOURCE, "3"))
    assert met_by(mutant, reach, names, seconds=10) == ["x/test_m.py::slow", "x/test_o.py::other"]


def test_that_a_constant_meets_the_files_that_name_it(reach: Reach, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("LONELY = 3\n")
    (tmp_path / "test_o.py").write_text("assert m.LONELY == 3\n")
    named = Names(tmp_path, [tmp_path / "test_o.py"])
    mutant = Mutant("m.py", place("LONELY = 3\n", "3"))
    assert met_by(mutant, reach, named, seconds=10) == ["x/test_o.py::other"]
