"""Who runs a quality run, told from what the system keeps for a living process."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from landfall.services.history import owner
from tests.on_wine import wine_lacks
from tests.services.quality.conftest import another_program


@pytest.fixture
def history(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        connection.execute("CREATE TABLE some (x)")
        yield connection


@pytest.mark.parametrize("step_seconds", [-86_400, 3600])
def test_that_a_clock_that_is_set_makes_no_living_owner_dead(
    history: sqlite3.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step_seconds: int,
) -> None:
    began, now = psutil.Process.create_time, time.time
    with another_program(tmp_path / "history.db") as (child, theirs):
        monkeypatch.setattr(psutil.Process, "create_time", lambda p: began(p) + step_seconds)
        monkeypatch.setattr(time, "time", lambda: now() + step_seconds)
        assert owner.is_alive(history, theirs)
        assert owner.is_alive(history, theirs)  # to look leaves it as it was
        child.kill()
        child.wait()
        assert not owner.is_alive(history, theirs)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at a zombie")
def test_that_one_that_was_killed_is_dead_before_anybody_noticed(
    history: sqlite3.Connection, tmp_path: Path
) -> None:
    with another_program(tmp_path / "history.db") as (child, theirs):
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
        assert not owner.is_alive(history, theirs)


def test_that_a_number_used_again_is_not_its_owner(
    history: sqlite3.Connection, tmp_path: Path
) -> None:
    with another_program(tmp_path / "history.db") as (_, theirs):
        number, _, place = theirs.partition(":")
        assert not owner.is_alive(history, f"{number}:{int(place) + 1}")


def test_that_this_program_lives_and_what_is_no_owner_does_not(
    history: sqlite3.Connection,
) -> None:
    assert owner.is_alive(history, owner.this_program(history))
    for nobody in ("", "12", "x:1", "12:1.5"):
        assert not owner.is_alive(history, nobody)
    with closing(sqlite3.connect(":memory:")) as memory:
        assert owner.this_program(memory) == f"{os.getpid()}:0"
        assert owner.is_alive(memory, owner.this_program(memory))
        assert not owner.is_alive(memory, "1:5")


@wine_lacks("PssCaptureSnapshot, by which Python finds its parent")
def test_that_the_number_counts_where_a_file_system_knows_no_locks(
    history: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int, _place: int) -> None:
        raise OSError("No locks available")

    monkeypatch.setattr(owner, "_take", refuse)
    assert owner.this_program(history) == f"{os.getpid()}:0"
    assert owner.is_alive(history, f"{os.getppid()}:0")
    assert not owner.is_alive(history, "4194999:0")
