"""Starts of the program that cannot open a window, and the file that a later start brings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from landfall import __main__ as program
from landfall.bootstrap import window

APP = Path(__file__).parents[2] / "app"


def start(home: bytes | str) -> subprocess.CompletedProcess[str]:
    ours = {"PYTHONPATH": str(APP), "QT_QPA_PLATFORM": "offscreen", "LANDFALL_HOME": home}
    return subprocess.run(
        [sys.executable, "-m", "landfall"],
        env=os.environ | ours,  # type: ignore[operator]
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="names of Linux")
def test_a_home_that_cannot_be_made_is_said_and_no_window_opens() -> None:
    done = start("/dev/null/home")
    assert done.returncode == 3
    assert "cannot be created" in done.stderr
    assert "LANDFALL_HOME" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="names of Linux")
def test_a_home_in_which_there_can_be_no_lock_is_said(tmp_path: Path) -> None:
    home = os.fsencode(tmp_path) + b"/h\xff"
    done = start(os.fsdecode(home))
    assert done.returncode == 3
    assert "lock" in done.stderr


def test_a_file_is_named_whole_wherever_the_program_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(window, "run", lambda file: opened.append(file) or 0)
    monkeypatch.setattr("landfall.services.display.problem", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert program._start(["mine.toml"]) == 0
    assert program._start([]) == 0
    assert opened == [str(tmp_path / "mine.toml"), ""]
