"""Workload files come to the real window: at its start, by a second start, from the desktop."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.end_to_end.process import start
from tests.end_to_end.window import landfall_window

OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen", "OLLAMA_HOST": "http://127.0.0.1:9"}


def workload(path: Path, name: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'[workload]\nname = "{name}"\ntask = "chat"\n', encoding="utf-8")
    return path


async def second_start(home: Path, *words: str) -> tuple[int | None, str]:
    second = await start(*words, home=home, **OFFSCREEN)
    _, err = await asyncio.wait_for(second.communicate(), 20)
    return second.returncode, err.decode()


async def test_that_a_start_with_files_shows_the_last_and_keeps_all(home: Path) -> None:
    files = [
        workload(home / "my stuff" / "über.LANDFALL", "One"),
        workload(home / "b.toml", "Two"),
    ]
    async with landfall_window(home, *map(str, files), **OFFSCREEN) as window:
        await window.on("workloads")
        await window.see("workload-name", "Two")
        await window.see("Toast", "Imported 2 workloads")
        await window.on("workloads", text="One")
        await window.close()


async def test_that_a_second_start_hands_over_files_by_whatever_name(home: Path) -> None:
    file = workload(home / "my stuff" / "über uns.landfall", "Brought")
    async with landfall_window(home, **OFFSCREEN) as window:
        await window.on("home", "partial", "ready")
        # `home` is the folder it is started in.
        assert await second_start(home, "my stuff/über uns.landfall") == (0, "")
        await window.see("workload-name", "Brought")
        workload(file, "By URL")
        assert await second_start(home, file.as_uri()) == (0, "")
        await window.see("workload-name", "By URL")
        assert await second_start(home, "nothing.landfall") == (0, "")
        await window.see("Banner", "nothing.landfall cannot be read")
        wrong = home / "wrong.landfall"
        wrong.write_text('[workload]\nname = 3\ntask = "chat"\n')
        assert await second_start(home, str(wrong)) == (0, "")
        assert "line 2" in await window.see("Banner", "wrong.landfall")
        assert await second_start(home, "nothing.landfall", str(wrong), str(file)) == (0, "")
        assert "2 of 3 files were not imported" in await window.see("Banner", "nothing.landfall")
        await window.close()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_that_a_start_after_a_kill_is_the_first_again(home: Path) -> None:
    file = workload(home / "a.landfall", "After all")
    async with landfall_window(home, **OFFSCREEN) as window:
        await window.on("home", "partial", "ready")
        window.process.send_signal(signal.SIGKILL)
        await window.ended(10)
    assert (home / "window.lock").exists()
    async with landfall_window(home, str(file), **OFFSCREEN) as window:
        await window.see("workload-name", "After all")
        assert await second_start(home) == (0, "")
        await window.close()


async def test_that_two_homes_have_a_window_each_to_which_a_desktop_brings_files(
    home: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    file = workload(home / "asked ü.landfall", "Asked for")
    async with (
        landfall_window(home, **OFFSCREEN) as first,
        landfall_window(other, **OFFSCREEN) as second,
    ):
        await first.on("home", "partial", "ready")
        await second.on("home", "partial", "ready")
        await first.do("file_event", path=str(file))
        await first.see("workload-name", "Asked for")
        await second.on("home", "partial", "ready")
        await second.close()
        await first.close()
