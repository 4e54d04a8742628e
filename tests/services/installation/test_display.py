"""Whether a window can be shown, told without Qt."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from landfall.services.installation import display

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux displays")


LOADS = display._loads


@pytest.fixture(autouse=True)
def _all_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_loads", lambda library: True)


@pytest.fixture
def wayland(tmp_path: Path) -> Iterator[dict[str, str]]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        yield {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}


def said(environment: Mapping[str, str]) -> str:
    return str(display.problem(environment) or "")


def test_without_a_display_it_is_said() -> None:
    found = display.problem({})
    assert isinstance(found, display.NoDisplay)
    assert "no display" in str(found)


@pytest.mark.parametrize(
    "name", [":987", "nonsense", ":", ":x", "localhost:", "localhost:99999999", ":²"]
)
def test_a_display_that_does_not_answer_is_named(name: str) -> None:
    assert isinstance(display.problem({"DISPLAY": name}), display.NoDisplay)
    assert name in said({"DISPLAY": name})
    assert f"nope or {name}" in said({"DISPLAY": name, "WAYLAND_DISPLAY": "nope"})


def test_a_wayland_socket_that_answers_is_a_display(
    wayland: dict[str, str], tmp_path: Path
) -> None:
    assert display.problem(wayland) is None
    assert display.problem(wayland | {"DISPLAY": ":987"}) is None
    assert display.problem({"WAYLAND_DISPLAY": str(tmp_path / "wayland-0")}) is None


def test_the_usual_name_counts_where_the_session_says_wayland(wayland: dict[str, str]) -> None:
    del wayland["WAYLAND_DISPLAY"]
    assert display.problem(wayland) is not None
    assert display.problem(wayland | {"XDG_SESSION_TYPE": "wayland"}) is None
    assert display.problem(wayland | {"QT_QPA_PLATFORM": "wayland-egl"}) is None


def test_a_platform_that_is_asked_for_and_silent_is_said_where_another_answers(
    wayland: dict[str, str],
) -> None:
    found = display.problem(wayland | {"QT_QPA_PLATFORM": "xcb:option", "DISPLAY": ":987"})
    assert found is not None
    assert not isinstance(found, display.NoDisplay)
    assert "asks for xcb" in str(found)
    assert "Unset QT_QPA_PLATFORM" in str(found)
    assert found.exit_code == 3
    assert display.problem(wayland | {"QT_QPA_PLATFORM": "xcb;wayland"}) is None


@pytest.mark.parametrize("name", ["offscreen", "minimal", "vnc", "nonsense", "nonsense;offscreen"])
def test_what_needs_no_display_or_means_nothing_is_left_to_qt(name: str) -> None:
    assert display.problem({"QT_QPA_PLATFORM": name}) is None


def test_a_missing_library_is_named_with_the_line_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, wayland: dict[str, str]
) -> None:
    monkeypatch.setattr(display, "_loads", lambda library: library != "libEGL.so.1")
    found = display.problem({"QT_QPA_PLATFORM": "offscreen"})
    assert found is not None
    assert found.exit_code == 3
    assert "libEGL.so.1, which is not on this system" in str(found)
    assert "apt-get install libegl1." in str(found)
    assert "landfall --help" in str(found)
    assert str(found) == said(wayland)
    assert "\n" not in str(found)


def test_one_of_two_displays_with_its_libraries_is_enough(
    monkeypatch: pytest.MonkeyPatch, wayland: dict[str, str]
) -> None:
    monkeypatch.setattr(display, "_x11_answers", lambda shown: True)
    monkeypatch.setattr(display, "_loads", lambda library: "xcb" not in library)
    assert display.problem(wayland) is None
    assert "libxcb-cursor0" in said({"DISPLAY": ":1"})
    monkeypatch.setattr(display, "_loads", lambda library: "wayland" not in library)
    assert display.problem(wayland) is None
    assert "libwayland-client0" in said(wayland | {"QT_QPA_PLATFORM": "wayland"})


def test_the_system_is_asked_for_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_loads", LOADS)
    assert display._missing({"libc.so.6": "libc6", "libno-such-thing.so.9": "none"}) == [
        "libno-such-thing.so.9"
    ]


def missing(text: str, name: str = "", path: str = "/x/PySide6/QtGui.abi3.so") -> str | None:
    found = display.unloadable(ImportError(text, name=name, path=path))
    return None if found is None else str(found)


def test_a_library_that_qt_cannot_load_is_named() -> None:
    text = "{0}: cannot open shared object file: No such file or directory"
    assert "apt-get install libgl1." in (missing(text.format("libGL.so.1")) or "")
    other = missing(text.format("libother-2.0.so.7")) or ""
    assert "libother-2.0.so.7" in other
    assert "apt-get" not in other


def test_that_qt_is_not_installed_is_said() -> None:
    found = display.unloadable(ModuleNotFoundError("No module", name="PySide6.QtGui"))
    assert "PySide6.QtGui, which is not installed" in str(found)


def test_what_is_not_qts_fault_is_no_such_problem() -> None:
    assert display.unloadable(ModuleNotFoundError("No module", name="landfall.gui.x")) is None
    assert missing("cannot import name 'x'") is None
    assert missing("libx.so.1: cannot open", name="_x", path="/x/_x.so") is None
