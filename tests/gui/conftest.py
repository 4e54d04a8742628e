"""The window without a screen: one application, the theme installed, nothing left behind."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# Before the first QApplication of this process.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QTimer
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from landfall.core.settings import Settings
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from landfall.services.paths import Paths
from tests.gui.speechless import speechless
from tests.qt_imports import ImportsOnThreads

Resize = Callable[[float], None]
HARMLESS = "This plugin does not support"
HERE = os.path.dirname(__file__)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A warning of Qt fails a test of the window."""
    for item in items:
        if str(item.path).startswith(HERE):
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(HARMLESS))


@pytest.fixture(autouse=True)
def qt_only_here() -> Iterator[None]:
    """No class of Qt is made on a thread."""
    seen = ImportsOnThreads()
    sys.meta_path.insert(0, seen)  # type: ignore[arg-type]  # it finds nothing
    yield
    sys.meta_path.remove(seen)  # type: ignore[arg-type]
    assert not seen.with_classes_of_qt()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Whatever is shown when a test ends: what is disabled there says why."""
    yield
    if str(item.path).startswith(HERE) and QApplication.instance() is not None:
        assert speechless(QApplication.allWidgets()) == []


@pytest.fixture(scope="session")
def themed(qapp: QApplication) -> theme.Theme:
    """Installed once, as in the program; without fonts every test would pass on empty boxes."""
    assert len(QFontDatabase.families()) > 0, "no fonts: text would be boxes"
    assert QFontInfo(qapp.font()).family()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    return theme.install(qapp, "light")


@pytest.fixture(autouse=True)
def light(themed: theme.Theme) -> Iterator[None]:
    """Each test starts in the light scheme, and leaves no widget and no running timer."""
    if themed.choice != "light":
        themed.use("light")
    yield
    for window in QApplication.topLevelWidgets():
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    left = [t for w in QApplication.allWidgets() for t in w.findChildren(QTimer) if t.isActive()]
    assert not left, "a timer was left running"


@pytest.fixture
def state() -> AppState:
    """A window that knows nothing yet."""
    return AppState(Settings())


@pytest.fixture
def messages() -> Messages:
    """The real message API; what it says is read from its signals."""
    return Messages()


def settle() -> None:
    """Let what was added to a visible window become visible."""
    QCoreApplication.sendPostedEvents()


def active_timers() -> list[QTimer]:
    """Every QTimer that would fire."""
    found = {id(thing): thing for thing in gc.get_objects() if isinstance(thing, QTimer)}
    for widget in QApplication.allWidgets():
        found |= {id(timer): timer for timer in widget.findChildren(QTimer)}
    return [timer for timer in found.values() if isValid(timer) and timer.isActive()]


@pytest.fixture
def places(tmp_path: Path) -> Paths:
    """A home of its own."""
    return Paths(
        settings=tmp_path / "settings.toml",
        database=tmp_path / "history.db",
        logs=tmp_path / "logs",
        cache=tmp_path / "cache",
    )


@pytest.fixture
def text_times(qapp: QApplication, themed: theme.Theme) -> Iterator[Resize]:
    """Gives text so many times its size, as the system does while the program runs."""
    system = qapp.font()

    def use(times: float) -> None:
        font = QFont(system)
        font.setPointSizeF(10.0 * times)
        qapp.setFont(font)
        themed.refresh_fonts()
        settle()

    yield use
    qapp.setFont(system)
    themed.refresh_fonts()
