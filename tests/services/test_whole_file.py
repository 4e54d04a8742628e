"""Files of the user are replaced whole, and no other file of theirs is touched for it."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from landfall.core.errors import DiskFull, Unavailable
from landfall.services import chart_file, whole_file
from landfall.services.history.export import NewFile

needs_posix = pytest.mark.skipif(os.name != "posix", reason="POSIX files")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Empty, unlike the one in which the home of each test stands."""
    made = tmp_path / "folder"
    made.mkdir()
    return made


def full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def by_text(path: Path) -> None:
    whole_file.replaced(path, "new", what="It")


def by_bytes(path: Path) -> None:
    whole_file.write(path, b"new")


def new_bytes() -> bytes:
    return b"new"


def names(of: Path) -> set[str]:
    return {one.name for one in of.iterdir()}


async def exported(path: Path) -> None:
    async with NewFile(path) as out:
        await out.add("new")


@pytest.mark.parametrize("write", [by_text, by_bytes])
def test_that_no_other_file_of_the_user_is_touched(
    folder: Path, write: Callable[[Path], None]
) -> None:
    path = folder / "it.toml"
    others = {folder / name: name for name in ("it.new", ".it.toml.new", "it.part")}
    for other, text in others.items():
        other.write_text(text)
    write(path)
    assert path.read_text() == "new"
    assert {other: other.read_text() for other in others} == others
    assert len(list(folder.iterdir())) == 1 + len(others)


async def test_that_a_chart_and_an_export_touch_no_other_file(folder: Path) -> None:
    other = folder / ".it.csv.new"
    other.write_text("mine")
    await chart_file.write_chart(folder / "it.csv", new_bytes)
    await exported(folder / "it.csv")
    assert other.read_text() == "mine"
    assert names(folder) == {"it.csv", ".it.csv.new"}


@needs_posix
def test_that_a_symbolic_link_stays_and_what_it_leads_to_is_replaced(folder: Path) -> None:
    (folder / "far").mkdir()
    target, link = folder / "far" / "it", folder / "link"
    target.write_text("old")
    link.symlink_to(target)
    by_text(link)
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert len(list((folder / "far").iterdir())) == 1


@needs_posix
def test_that_who_may_read_the_old_file_may_read_the_new_one_and_nobody_else(
    folder: Path,
) -> None:
    path = folder / "it"
    path.write_text("old")
    path.chmod(0o600)
    by_text(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@needs_posix
async def test_that_a_pipe_is_not_replaced_and_nothing_is_left(folder: Path) -> None:
    path = folder / "pipe"
    os.mkfifo(path)
    with pytest.raises(Unavailable, match="no regular file"):
        by_text(path)
    with pytest.raises(Unavailable, match="no regular file"):
        await exported(path)
    assert names(folder) == {"pipe"}
    assert path.is_fifo()


def test_that_a_full_disk_leaves_the_old_file_and_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "it"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="It could not be saved"):
        by_text(path)
    assert [one.read_text() for one in folder.iterdir()] == ["old"]


def test_that_a_name_that_came_to_be_there_is_not_replaced(folder: Path) -> None:
    path = folder / "it"
    path.write_text("old")
    with pytest.raises(FileExistsError):
        whole_file.write(path, b"new", overwrite=False)
    assert [one.read_text() for one in folder.iterdir()] == ["old"]


@pytest.mark.parametrize("there", [True, False])
def test_that_where_there_are_no_links_a_name_is_looked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", none)
    path = folder / "it"
    if there:
        path.write_text("old")
        with pytest.raises(FileExistsError):
            whole_file.write(path, b"new", overwrite=False)
    else:
        whole_file.write(path, b"new", overwrite=False)
    assert [one.read_text() for one in folder.iterdir()] == ["old" if there else "new"]


def test_that_what_a_kill_left_half_written_goes_when_it_is_old(folder: Path) -> None:
    left = [folder / f".landfall-{'0123456789abcde'}{number}.part" for number in range(2)]
    for one in left:
        one.write_text("half")
    mine = folder / ".landfall-mine.part"
    mine.write_text("a user's")
    long_ago = time.time() - 2 * whole_file.LEFT_SECONDS
    for one in (left[0], mine):
        os.utime(one, (long_ago, long_ago))
    whole_file.write(folder / "settings.toml", b"x")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        (left[1].name, mine.name, "settings.toml")
    )
