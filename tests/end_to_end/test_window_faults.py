"""What may go wrong around the window: a second start, signals, broken files of an earlier time."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from landfall.services.ending_signals import PATIENCE_SECONDS
from tests.end_to_end.process import start
from tests.end_to_end.window import landfall_window
from tests.fakes.ollama_twin import Twin

NOBODY = "http://127.0.0.1:9"
SAVE_SECONDS = 5.0
SECOND_SECONDS = 30.0
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "OLLAMA_HOST": NOBODY}


async def test_that_a_second_start_raises_the_first_and_ends(home: Path) -> None:
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.on("home", "partial", "ready")
        await window.do("minimize")
        second = await start(home=home, **OFFSCREEN)
        # As long as it may wait for a busy window, and its own start.
        out, err = await asyncio.wait_for(second.communicate(), SECOND_SECONDS)
        assert second.returncode == 0, err
        assert (out, err) == (b"", b""), "it was told that the window does not answer"
        await window.do("in_front")
        workload = home / "mine.toml"
        workload.write_text('[workload]\nname = "Brought"\ntask = "chat"\n')
        third = await start(str(workload), home=home, **OFFSCREEN)
        out, err = await asyncio.wait_for(third.communicate(), SECOND_SECONDS)
        assert (out, err) == (b"", b""), "it was told that the window does not answer"
        await window.on("workloads", "ready", "partial", seconds=30.0)
        await window.see("workload-name", "Brought")
        await window.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_that_a_signal_in_an_answer_saves_what_came_and_ends_in_time(
    twin: Twin, home: Path
) -> None:
    twin.pace.token_seconds = 0.02
    async with landfall_window(home, OLLAMA_HOST=twin.url) as window:
        await window.open("run", "ready", "partial")
        await window.do("choose", "run-model", text="^tiny-count")
        await window.type("prompt", "Count")
        await window.click("send")
        await window.see("answer-text", r"\w")
        asked = time.perf_counter()
        window.process.send_signal(signal.SIGTERM)
        assert await window.ended(SAVE_SECONDS) == 0
        assert time.perf_counter() - asked < SAVE_SECONDS
        assert not window.complaints
    async with landfall_window(home, OLLAMA_HOST=twin.url) as window:
        await window.open("history")
        await window.do("pick", "runs-table", text="tiny-count")
        assert await window.see("detail-answer", r"\w")
        await window.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_that_a_signal_ends_a_window_that_is_held_up_and_saves_what_came(
    twin: Twin, home: Path
) -> None:
    """As by a page that it builds on a busy machine."""
    twin.pace.token_seconds = 0.02
    async with landfall_window(home, OLLAMA_HOST=twin.url) as window:
        await window.open("run", "ready", "partial")
        await window.do("choose", "run-model", text="^tiny-count")
        await window.type("prompt", "Count")
        await window.click("send")
        await window.see("answer-text", r"\w")
        await window.do("hold", for_seconds=60.0)
        window.process.send_signal(signal.SIGTERM)
        assert await window.ended(PATIENCE_SECONDS + SAVE_SECONDS) == 0
    with sqlite3.connect(home / "history.db") as connection:
        (run,) = connection.execute("SELECT state, answer FROM runs JOIN run_texts ON run = id")
    connection.close()
    assert run[0] == "aborted"
    assert run[1]
    # Its lock is that of a process that is gone.
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.on("home", "partial", "ready")
        await window.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_that_a_signal_asks_nobody_about_a_workload_half_written(home: Path) -> None:
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.open("workloads", "ready", "partial")
        await window.click("new-workload")
        await window.type("field-workload.name", "Half")
        window.process.send_signal(signal.SIGTERM)
        assert await window.ended(SAVE_SECONDS) == 0
        assert not window.complaints


async def test_that_broken_settings_are_said_and_the_window_opens(home: Path) -> None:
    settings = home / "settings.toml"
    settings.write_text('version = 1\nelectricity_usd_per_kwh = "cheap"\n')
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.on("home", "partial", "ready")
        await window.see("Banner", "settings")
        await window.close()
    assert 'electricity_usd_per_kwh = "cheap"' in settings.read_text()


async def test_that_a_history_of_a_newer_version_is_said_and_left_alone(home: Path) -> None:
    database = home / "history.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = database.read_bytes()
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.on("home", "partial", "ready")
        await window.see("Banner", "newer")
        await window.close()
    assert database.read_bytes() == before


def set_aside(home: Path) -> list[Path]:
    return list(home.glob("history.damaged-*.db"))


async def test_that_a_damaged_history_is_set_aside_and_a_new_one_begun(home: Path) -> None:
    (home / "history.db").write_bytes(b"This is no database. " * 400)
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.on("home", "partial", "ready")
        await window.see("Banner", "set aside")
        await window.close()
    (aside,) = set_aside(home)
    assert aside.read_bytes().startswith(b"This is no database.")
    with sqlite3.connect(home / "history.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
