"""The nets under every test: nothing leaks, nothing reaches out, nothing of the user is touched."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow, which says nothing of a property. Loaded here, before plugins' own.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_LOOPBACK = ("127.", "::1", "localhost")
_SECRET_NAMES = (
    "API_KEY",
    "TOKEN",
    "OLLAMA_",
    "OPENAI_",
    "ANTHROPIC_",
    "LANDFALL_",
    "_PROXY",
    "_proxy",
)


def pytest_configure() -> None:
    """A shell starts what it puts into the background deaf to Ctrl+C, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, history and logs of this test alone; no address, key or proxy of the user's."""
    for name in list(os.environ):
        if any(part in name for part in _SECRET_NAMES):
            monkeypatch.delenv(name)
    home = tmp_path / "landfall-home"
    home.mkdir()
    monkeypatch.setenv("LANDFALL_HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return home


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine fails the test."""
    connect = socket.socket.connect
    connect_ex = socket.socket.connect_ex

    def check(peer: socket.socket, address: Any) -> None:
        outside = peer.family in (socket.AF_INET, socket.AF_INET6) and not str(
            address[0]
        ).startswith(_LOOPBACK)
        if outside:
            pytest.fail(f"the test tried to reach {address}")

    def guarded(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_ex)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """A thread that was started in a test ends in it."""
    before = set(threading.enumerate())
    yield
    left = _new(before)
    if not left:
        return
    # Only now, since it costs a tenth of a second: an owner that is garbage may end its thread, and
    # the default executor of a test's own event loop ends with the loop, one turn later.
    gc.collect()
    for thread in left:
        thread.join(timeout=2.0)
    assert not _new(before), f"threads were left running: {[t.name for t in _new(before)]}"


def _new(before: set[threading.Thread]) -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t not in before and t.is_alive()]


@pytest.fixture(autouse=True)
def no_unexpected_error_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Errors in the log fail a test unless it takes them out with `caplog.clear()`."""
    yield
    errors = [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR]
    assert not errors, [r.getMessage() for r in errors]
