"""An upgrade that is cut short at any moment leaves the old history or the new one, never half."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from landfall.services.history.migrations import MIGRATIONS

ROOT = Path(__file__).parents[3]
ALONE = ("unshare", "--map-root-user", "--mount", "sh", "-c")
"""A shell that may mount, and whose mounts nobody else sees."""
AFTERWARDS = 8
"""Statements from the commit on, most of them of the connection that goes on."""


def stopped(*words: str, before: tuple[str, ...] = ()) -> tuple[int, int]:
    """How many steps there were, and how many of the stops left the old schema."""
    ran = subprocess.run(
        [*before, sys.executable, "-m", "tests.services.upgrade_stops", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "app")},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    steps, old = map(int, ran.stdout.split())
    return steps, old


@pytest.mark.skipif(os.name != "posix", reason="forks")
@pytest.mark.parametrize("name", ["history_v1", "schema-5"])
def test_that_a_kill_at_any_statement_of_an_upgrade_leaves_the_old_history_or_the_new_one(
    name: str, tmp_path: Path
) -> None:
    steps, old = stopped("kill", name, str(tmp_path))
    assert steps >= {"history_v1": 70, "schema-5": 20}[name]
    assert steps - AFTERWARDS <= old <= steps


@pytest.mark.parametrize("name", ["history_v2"])
def test_that_no_room_at_any_statement_of_an_upgrade_leaves_the_old_history_or_the_new_one(
    name: str, tmp_path: Path
) -> None:
    steps, old = stopped("full", name, str(tmp_path))
    assert steps >= 50
    assert steps // 2 < old < steps


def may_mount() -> bool:
    """Whether this user may have a file system of his own."""
    if shutil.which("unshare") is None:
        return False
    ran = subprocess.run([*ALONE, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False)
    return ran.returncode == 0


@pytest.mark.skipif(not may_mount(), reason="no file system of a test's own can be mounted here")
def test_that_a_disk_that_is_really_full_leaves_the_old_history_until_there_is_room(
    tmp_path: Path,
) -> None:
    mount = f'mount -t tmpfs -o size=3m tmpfs {tmp_path} && exec "$@"'
    tries, schema = stopped("room", "history_v1", str(tmp_path), before=(*ALONE, mount, "sh"))
    assert tries > 3
    assert schema == len(MIGRATIONS)
