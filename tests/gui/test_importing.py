"""Modules behind the window: where each is imported, in what portions, and how it ends."""

from __future__ import annotations

import sys
import threading
from importlib import import_module

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from landfall.gui import importing
from landfall.gui.importing import Importing, every_class_of_qt, is_of_qt

QT = "landfall.gui.widgets.picture"
PLAIN = "landfall.core.durations"


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Notes where each module is imported."""
    seen: dict[str, str] = {}

    def note(name: str) -> object:
        seen[name] = threading.current_thread().name
        return import_module(name)

    monkeypatch.setattr(importing, "late", note)
    monkeypatch.setattr(importing, "import_module", note)
    return seen


def test_that_what_has_no_class_of_qt_comes_on_a_thread(
    qtbot: QtBot, apart: dict[str, str]
) -> None:
    imports = Importing((QT, PLAIN))
    with qtbot.waitSignal(imports.done):
        imports.start()
    assert apart == {PLAIN: "imports", QT: threading.main_thread().name}
    assert list(apart) == [PLAIN, QT]


def test_that_each_module_of_qt_is_a_turn_where_it_takes_long(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PORTION_SECONDS", 0.0)
    done: list[str] = []
    imports = Importing((), before=(done.append(one) for one in "abc"))
    ended: list[bool] = []
    imports.done.connect(lambda: ended.append(True))
    imports.start()
    imports.join(5)
    turns = 0
    while not ended:
        turns += 1
        before = len(done)
        QCoreApplication.processEvents()
        assert len(done) <= before + 1
        assert turns < 100
    assert done == ["a", "b", "c"]


@pytest.mark.parametrize("at", ["on the thread", "in the window"])
def test_that_after_the_end_nothing_more_comes(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    came: list[str] = []
    ended: list[bool] = []

    def stopping(name: str) -> None:
        came.append(name)
        imports.stop()

    monkeypatch.setattr(importing, "late", stopping)
    monkeypatch.setattr(importing, "import_module", stopping)
    names = ("a", "b") if at == "on the thread" else ("landfall.gui.a", "landfall.gui.b")
    imports = Importing(names)
    imports.done.connect(lambda: ended.append(True))
    imports.start()
    imports.join(5)
    for _ in range(5):
        QCoreApplication.processEvents()
    assert came == [names[0]]
    assert not ended


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_that_what_cannot_be_imported_is_known_as_failed(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_thread, here = Importing(("landfall.nowhere",)), Importing(("landfall.gui.nowhere",))
    on_thread.start()
    on_thread.join(5)
    assert on_thread.has_failed
    with qtbot.captureExceptions() as caught:
        here.start()
        qtbot.waitUntil(lambda: here.has_failed)
    assert [one[0] for one in caught] == [ModuleNotFoundError]


def test_that_all_of_qt_and_what_imports_it_is_told_from_the_rest() -> None:
    for name in ("PySide6.QtSvg", "pyqtgraph", "landfall.gui.tasks", "landfall.bootstrap.attached"):
        assert is_of_qt(name)
    for name in ("numpy", "landfall.guide", "landfall.bootstrap.behind", "PySide66"):
        assert not is_of_qt(name)


def test_that_each_class_of_qt_can_be_made_apart() -> None:
    made = list(every_class_of_qt())
    assert sys.modules["PySide6.QtWidgets"].QWizard in made
    assert len(made) > 600
