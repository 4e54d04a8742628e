from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.core.machine.hardware import GIB
from landfall.core.provenance import Stated, Unknown, middle
from landfall.services import paths
from landfall.services.machine import known_machines, user_machines
from landfall.services.models import shipped_catalogue
from landfall.services.verdict.hardware_offers import listed_usd

TOWER = {"name": "the tower", "like": "RTX 3090", "count": 2, "price_usd": 1900}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANDFALL_HOME", str(tmp_path))
    return paths.of_user().machines


def rows() -> tuple[shipped_catalogue.Machine, ...]:
    return shipped_catalogue.load().machines


def test_that_without_a_file_the_catalogue_is_all_there_is(file: Path) -> None:
    assert file.name == "machines.toml"
    known = known_machines.load()
    assert known.own == known.problems == ()
    assert known.machines == rows()


def test_that_a_described_machine_is_found_before_the_catalogue(file: Path) -> None:
    user_machines.add(file, TOWER, rows())
    user_machines.add(file, {"name": "RTX 4090", "like": "RTX 4090", "memory_gib": 48}, rows())
    known = known_machines.load()
    assert [machine.name for machine in known.own] == ["the tower", "RTX 4090"]
    assert len(known.machines) == len(rows()) + 1
    profile = known_machines.what_if("RTX 4090")
    assert profile.accelerators[0].memory_total_bytes == 48 * GIB
    tower = known_machines.what_if("the tower")
    assert listed_usd(tower) == Stated(1900, "machines.toml, the tower")


def test_that_a_machine_is_changed_in_its_place_and_removed_with_a_way_back(file: Path) -> None:
    user_machines.add(file, TOWER, rows())
    user_machines.add(file, {"name": "b", "like": "RTX 4090"}, rows())
    user_machines.change(file, "The Tower", {**TOWER, "name": "rig", "count": 3}, rows())
    assert [(m.name, m.count) for m in known_machines.load().own] == [("rig", 3), ("b", 1)]
    removed = user_machines.remove(file, "rig", rows())
    assert [m.name for m in known_machines.load().own] == ["b"]
    user_machines.restore(file, removed, rows())
    assert [m.name for m in known_machines.load().own] == ["rig", "b"]


def test_that_putting_back_keeps_what_was_described_meanwhile(file: Path) -> None:
    user_machines.add(file, TOWER, rows())
    removed = user_machines.remove(file, "the tower", rows())
    user_machines.add(file, {"name": "new", "like": "RTX 4090"}, rows())
    user_machines.restore(file, removed, rows())
    assert [m.name for m in known_machines.load().own] == ["new", "the tower"]
    with pytest.raises(BadInput, match="already"):
        user_machines.restore(file, removed, rows())


def test_that_a_name_is_given_once_and_only_what_is_there_is_changed(file: Path) -> None:
    user_machines.add(file, TOWER, rows())
    user_machines.add(file, {"name": "b", "like": "RTX 4090"}, rows())
    with pytest.raises(BadInput) as taken:
        user_machines.add(file, {**TOWER, "name": "THE TOWER"}, rows())
    assert taken.value.field == "name"
    with pytest.raises(BadInput, match="already"):
        user_machines.change(file, "b", TOWER, rows())
    with pytest.raises(BadInput, match="any more"):
        user_machines.remove(file, "c", rows())
    with pytest.raises(BadInput) as wrong:
        user_machines.add(file, {"name": "x", "like": "RTX 4090", "memory_gib": -1}, rows())
    assert wrong.value.field == "memory_gib"


@pytest.mark.parametrize(
    ("body", "line", "word"),
    [
        (b'[[machine]]\nname = "a"\nlike = "RTX 4091"\n', 3, "RTX 4090"),
        (b"[[machine]]\nname = \n", 2, "TOML"),
        (b"# a\n# \xff\n", 2, "UTF-8"),
        (b"#" * ((1 << 20) + 1), None, "MiB"),
    ],
)
def test_that_a_bad_file_leaves_the_catalogue_and_is_named_where_a_name_is_missing(
    file: Path, body: bytes, line: int | None, word: str
) -> None:
    file.write_bytes(body)
    known = known_machines.load()
    assert known.machines == rows()
    (problem,) = known.problems
    assert (problem.file, problem.line) == (str(file), line)
    assert word in str(problem)
    assert known_machines.what_if("RTX 4090").name == "RTX 4090"
    with pytest.raises(BadInput) as error:
        known_machines.what_if("a")
    assert error.value.field == "machine"
    assert problem.message in error.value.hint
    with pytest.raises(BadInput):
        user_machines.add(file, {**TOWER, "name": "a"}, rows())
    assert file.read_bytes() == body


def test_that_a_folder_in_its_place_is_said(file: Path) -> None:
    file.mkdir()
    (problem,) = known_machines.load().problems
    assert "no regular file" in problem.message
    with pytest.raises(Unavailable):
        user_machines.add(file, TOWER, rows())


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such mode there")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write all")
def test_that_a_folder_without_permission_is_said(file: Path) -> None:
    file.parent.chmod(0o500)
    try:
        with pytest.raises(Unavailable, match="could not be saved"):
            user_machines.add(file, TOWER, rows())
    finally:
        file.parent.chmod(0o700)


def test_that_a_full_disk_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user_machines.add(file, TOWER, rows())
    before = file.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        user_machines.add(file, {**TOWER, "name": "b"}, rows())
    assert file.read_bytes() == before


def test_that_the_parts_of_a_name_are_known_with_their_rows(file: Path) -> None:
    (part,) = known_machines.parts_of("2x RTX 3090")
    assert (part.machine.name, part.count) == ("RTX 3090", 2)


def test_that_a_name_that_means_nothing_keeps_its_own_hint(file: Path) -> None:
    with pytest.raises(BadInput) as error:
        known_machines.what_if("RTX 4091")
    assert "own file" not in error.value.hint


def test_that_a_mix_of_cards_costs_each_of_them_and_one_computer(file: Path) -> None:
    one = middle(listed_usd(known_machines.what_if("RTX 4090")))
    two = middle(listed_usd(known_machines.what_if("2x RTX 4090")))
    other = middle(listed_usd(known_machines.what_if("RTX 3090")))
    mix = middle(listed_usd(known_machines.what_if("2x RTX 4090 + RTX 3090")))
    assert one is not None
    assert two is not None
    assert other is not None
    board = two - one
    assert mix == pytest.approx(two + other - (one - board))
    assert isinstance(listed_usd(known_machines.what_if("RTX 4090 + Titan V")), Unknown)


def test_that_the_mark_of_windows_editors_is_passed_over(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf[[machine]]\r\nname = "t"\r\nlike = "RTX 4090"\r\n')
    known = known_machines.load()
    assert ([machine.name for machine in known.own], known.problems) == (["t"], ())
