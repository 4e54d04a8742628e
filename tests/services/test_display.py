from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from landfall.services import display

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux displays")


def test_without_a_display_it_is_said() -> None:
    assert "no display" in (display.problem({}) or "")


def test_a_display_that_does_not_answer_is_named() -> None:
    assert ":987" in (display.problem({"DISPLAY": ":987"}) or "")


@pytest.mark.parametrize("name", ["nonsense", ":", ":x", "localhost:"])
def test_a_nonsense_display_is_no_display(name: str) -> None:
    assert display.problem({"DISPLAY": name}) is not None


def test_a_wayland_socket_that_answers_is_a_display(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        found = display.problem({"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)})
    assert found is None or "libraries" in found


def test_a_missing_library_is_named_with_the_line_that_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(display, "_LIBRARIES", {"libno-such-thing.so.9": "libno-such-thing9"})
    found = display.problem({"QT_QPA_PLATFORM": "offscreen"})
    assert "apt-get install libno-such-thing9" in (found or "")
