"""What stands behind the window when its history cannot be used."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from landfall.bootstrap.behind import Behind
from landfall.core.errors import Unavailable
from landfall.services.history.database import DatabaseDamaged
from landfall.services.history.records import SavedWorkload
from landfall.services.paths import Paths


@pytest.fixture
async def used(places: Paths) -> Paths:
    """A home with a history in which there is something."""
    behind = Behind(places)
    await behind.open()
    for number in range(200):
        await behind.history.save_workload(SavedWorkload(name=f"w{number}", toml="x" * 500))
    await behind.close()
    return places


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
async def test_a_history_that_another_program_holds_is_replaced_by_memory(
    used: Paths, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    monkeypatch.setattr("landfall.services.history.database.BUSY_TIMEOUT_SECONDS", 0.05)
    with closing(sqlite3.connect(used.database)) as holder:
        holder.execute(f"BEGIN {lock}")
        behind = Behind(used)
        assert await behind.open() == 0
        assert isinstance(behind.trouble, Unavailable)
        assert await behind.history.workloads() == ()
        await behind.close()
    again = Behind(used)
    await again.open()
    assert len(await again.history.workloads()) == 200
    await again.close()


async def test_a_history_that_is_damaged_behind_its_first_page_is_set_aside(used: Paths) -> None:
    whole = used.database.read_bytes()
    used.database.write_bytes(whole[:4096] + b"\xaa" * (len(whole) - 4096))
    behind = Behind(used)
    await behind.open()
    assert isinstance(behind.trouble, DatabaseDamaged)
    assert await behind.history.workloads() == ()
    await behind.close()
    assert [path.stat().st_size for path in used.database.parent.glob("*damaged*")] == [len(whole)]
