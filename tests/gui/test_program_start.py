"""Starts of the program that cannot open a window, and the file that a later start brings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from landfall import __main__ as program
from landfall.bootstrap import window
from landfall.core.errors import Unavailable

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


INTERRUPTED = """
import os, signal, sys, time
from landfall import __main__ as program
from landfall.bootstrap import memory
from landfall.services.installation import display

def interrupted():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.2)
    os._exit(7)

display.problem = lambda: None
memory.no_features = interrupted
sys.argv = ["landfall"]
signal.signal(signal.SIGINT, signal.SIG_IGN if IGNORED else signal.default_int_handler)
program.main()
"""
"""Ctrl+C comes where PySide comes in."""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(("ignored", "code"), [(False, -signal.SIGINT), (True, 7)])
def test_that_an_interrupt_ends_a_start_at_once_and_without_a_word(
    ignored: bool, code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED.replace("IGNORED", str(ignored))],
        env=os.environ | {"PYTHONPATH": str(APP)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.fixture
def interrupts() -> Iterator[None]:
    """What the tests' own process does at Ctrl+C stays."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def opened(
    interrupts: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> list[tuple[str, ...]]:
    """The files that the window is started with."""
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(window, "run", lambda files: made.append(files) or 0)
    monkeypatch.setattr("landfall.services.installation.display.problem", lambda: None)
    monkeypatch.chdir(tmp_path)
    return made


def test_files_are_named_whole_wherever_the_program_is_started(
    opened: list[tuple[str, ...]], tmp_path: Path
) -> None:
    assert program._start(["mine.toml"]) == 0
    assert program._start(["mine.LANDFALL", "sub/b.toml"]) == 0
    assert program._start([]) == 0
    mine = str(tmp_path / "mine.toml"), str(tmp_path / "mine.LANDFALL")
    assert opened == [(mine[0],), (mine[1], str(tmp_path / "sub" / "b.toml")), ()]


@pytest.mark.parametrize(
    ("words", "as_json"), [(["--selftest"], False), (["--selftest", "--json"], True)]
)
def test_the_self_test_is_asked_for_by_a_word(
    monkeypatch: pytest.MonkeyPatch, words: list[str], as_json: bool
) -> None:
    asked: list[bool] = []

    def selftest(*, as_json: bool) -> int:
        asked.append(as_json)
        return 1

    monkeypatch.setattr("landfall.bootstrap.selftest.selftest", selftest)
    assert program._start(words) == 1
    assert asked == [as_json]


def test_a_problem_of_the_display_ends_the_start_in_one_line(
    opened: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    lacks = Unavailable("The window needs libx.", "Install it.")
    monkeypatch.setattr("landfall.services.installation.display.problem", lambda: lacks)
    assert program._start([]) == 3
    assert capsys.readouterr().err == "landfall: The window needs libx. Install it.\n"
    assert opened == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            ImportError("libEGL.so.1: cannot open shared object", path="/x/PySide6/QtGui.so"),
            "libegl1",
        ),
        (ModuleNotFoundError("No module", name="PySide6"), "PySide6"),
    ],
)
def test_a_qt_that_cannot_be_imported_is_one_line(
    opened: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    error: ImportError,
    said: str,
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr("landfall.bootstrap.memory.no_features", fail)
    assert program._start([]) == 3
    out = capsys.readouterr().err
    assert said in out
    assert out.count("\n") == 1
    monkeypatch.setattr("landfall.services.installation.display.unloadable", lambda error: None)
    with pytest.raises(ImportError):
        program._start([])
