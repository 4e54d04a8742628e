"""One window a home: the second start finds the first and asks it to come forward."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from landfall.gui import raise_line
from landfall.gui.raise_line import Asked, RaiseLine, ask_to_raise
from landfall.gui.single_instance import SingleInstance

SECOND_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from landfall.gui.single_instance import SingleInstance
application = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
assert not instance.acquire()
assert instance.holder_pid() == int(sys.argv[2])
print(instance.ask_other_to_raise(("my workload.toml", "ü.landfall")))
"""


def test_a_second_start_raises_the_first_and_hands_it_its_file(
    qtbot: QtBot, tmp_path: Path
) -> None:
    lock = tmp_path / "window.lock"
    first = SingleInstance(lock)
    assert first.acquire()
    first.listen()
    app = Path(__file__).resolve().parents[2] / "app"
    second = subprocess.Popen(
        [sys.executable, "-c", SECOND_START, str(lock), str(os.getpid())],
        env=os.environ | {"PYTHONPATH": str(app), "XDG_ACTIVATION_TOKEN": "a right"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with qtbot.waitSignal(first.raise_asked, timeout=20_000) as asked:
        pass
    said, _ = second.communicate(timeout=20)
    files = ("my workload.toml", "ü.landfall")
    assert asked.args == [Asked(files=files, token="a right")]
    assert said.strip() == "True"
    first.release()


def test_the_lock_is_free_again_after_the_first_has_ended(tmp_path: Path) -> None:
    lock = tmp_path / "window.lock"
    first, second = SingleInstance(lock), SingleInstance(lock)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


@pytest.mark.parametrize(
    "left",
    [
        b"",
        b"\xff no number\n",
        b"\n\n\n",
        # The machine had another name then, or a number is another process's by now.
        b"12345\nlandfall\nan-old-name\n" + b"0" * 32 + b"\n",
        f"{os.getppid()}\nlandfall\nan-old-name\n".encode(),
        f"{os.getpid()}\nlandfall\n{socket.gethostname()}\n".encode(),
    ],
    # Numbers of processes differ from worker to worker, and names of tests may not.
    ids=["empty", "no-text", "no-words", "other-machine", "other-process", "this-process"],
)
def test_a_lock_that_nobody_holds_is_taken(tmp_path: Path, left: bytes) -> None:
    lock = tmp_path / "window.lock"
    lock.write_bytes(left)
    first = SingleInstance(lock)
    assert first.acquire()
    assert not SingleInstance(lock).acquire()
    first.release()


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_a_lock_that_names_nobody_and_is_held_stays(tmp_path: Path) -> None:
    lock = tmp_path / "window.lock"
    first = SingleInstance(lock)
    assert first.acquire()
    held = lock.read_bytes()
    lock.write_bytes(b"")
    assert not SingleInstance(lock).acquire()
    assert lock.exists()
    lock.write_bytes(held)
    first.release()


def test_a_first_instance_that_does_not_listen_is_said(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raise_line, "PATIENCE_SECONDS", 0.2)
    lock = tmp_path / "window.lock"
    first, second = SingleInstance(lock), SingleInstance(lock)
    assert first.acquire()
    assert second.ask_other_to_raise() is False
    assert not second.is_first
    first.release()


def test_a_start_beside_one_that_ends_becomes_the_first_itself(
    qtbot: QtBot, tmp_path: Path
) -> None:
    """Its line takes the call, and it is gone before it reads what is asked."""
    lock = tmp_path / "window.lock"
    first, second = SingleInstance(lock), SingleInstance(lock)
    assert first.acquire()
    first.listen()
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(second.ask_other_to_raise()))
    asking.start()
    asking.join(0.3)  # it waits: nobody here turns an event loop
    assert not answers
    first.release()
    asking.join(5)
    assert answers == [False]
    assert second.is_first
    second.release()


def test_one_that_is_busy_is_asked_once_and_waited_for(qtbot: QtBot, tmp_path: Path) -> None:
    lock = tmp_path / "window.lock"
    first, second = SingleInstance(lock), SingleInstance(lock)
    assert first.acquire()
    first.listen()
    told: list[Asked] = []
    first.raise_asked.connect(told.append)
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(second.ask_other_to_raise(("a",))))
    asking.start()
    asking.join(2.5)  # longer than a line may take
    qtbot.waitUntil(lambda: bool(answers))
    asking.join()
    assert answers == [True]
    assert [one.files for one in told] == [("a",)]
    first.release()


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[RaiseLine]:
    line = RaiseLine(tmp_path / "window.lock")
    yield line
    line.close()


def place(folder: Path) -> Path:
    return folder / "window.line"


def say(folder: Path, *pieces: bytes) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.settimeout(5)
    caller.connect(str(place(folder)))
    for piece in pieces:
        caller.sendall(piece)
    return caller


@pytest.mark.skipif(sys.platform == "win32", reason="a Unix socket")
@pytest.mark.parametrize(
    "words",
    [
        b'{"word": "other", "files": ["x"], "token": ""}\n',
        b'{"word": "\\ud800", "files": ["x"], "token": ""}\n',
        b'{"word": "", "files": ["x", 3], "token": ""}\n',
        b'{"word": "", "files": "x", "token": ""}\n',
        b"[" * 16000 + b"\n",
        b"nonsense\n",
        b'{"file": 3}\n',
        b"\xff\xfe\n",
        b"x" * ((1 << 16) + 1),
    ],
)
def test_who_does_not_know_what_to_say_is_hung_up_on(
    qtbot: QtBot, tmp_path: Path, listening: RaiseLine, words: bytes
) -> None:
    with qtbot.assertNotEmitted(listening.raise_asked):
        caller = say(tmp_path, words)
        qtbot.waitUntil(lambda: not listening.children()[1:])
    caller.close()
    with qtbot.waitSignal(listening.raise_asked) as asked:
        say(tmp_path, b'{"word": "", ', b'"files": ["a\\udcffb.toml"], "token": "t"}\n').close()
    assert asked.args == [Asked(files=("a\udcffb.toml",), token="t")]


@pytest.mark.skipif(sys.platform == "win32", reason="a Unix socket")
def test_the_line_is_this_users_alone_and_goes_with_its_silent_callers(
    qtbot: QtBot, tmp_path: Path
) -> None:
    place(tmp_path).write_text("left by a crash")
    line = RaiseLine(tmp_path / "window.lock")
    assert stat.S_IMODE(place(tmp_path).stat().st_mode) == 0o600
    silent = say(tmp_path)
    qtbot.waitUntil(lambda: len(line.children()) > 1)
    line.close()
    assert silent.recv(1) == b""
    assert not place(tmp_path).exists()
    silent.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a Unix socket")
def test_a_home_with_a_long_name_has_a_line_too(qtbot: QtBot, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    line = RaiseLine(deep / "window.lock")
    wanted = Asked(files=("é.toml",))
    thread = threading.Thread(target=ask_to_raise, args=(deep / "window.lock", wanted))
    with qtbot.waitSignal(line.raise_asked) as asked:
        thread.start()
    thread.join()
    assert asked.args == [wanted]
    line.close()
