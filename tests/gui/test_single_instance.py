"""One window a home: the second start finds the first and asks it to come forward."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

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
print(instance.ask_other_to_raise("my workload.toml"))
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
        env=os.environ | {"PYTHONPATH": str(app)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with qtbot.waitSignal(first.raise_asked, timeout=20_000) as asked:
        pass
    said, _ = second.communicate(timeout=20)
    assert asked.args == ["my workload.toml"]
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


def test_a_first_instance_that_does_not_listen_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    lock = tmp_path / "window.lock"
    first, second = SingleInstance(lock), SingleInstance(lock)
    assert first.acquire()
    assert second.ask_other_to_raise() is False
    first.release()
