"""A signal ends a program whose main thread runs no instruction of Python, within its patience."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from landfall.services import ending_signals
from landfall.services.ending_signals import PATIENCE_SECONDS, EndingSignals

APP = Path(ending_signals.__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

PROGRAM = """
import sys, threading, time
sys.path.insert(0, {app!r})
from landfall.services import ending_signals
ending_signals.PATIENCE_SECONDS = {patience}
told = threading.Event()
def say(what):
    print(what, threading.current_thread() is threading.main_thread(), flush=True)
def begin():
    say("begin"){begin}
def came():
    say("came")
    told.set()
def finish():
    say("finish"){finish}
signals = ending_signals.EndingSignals(came=came, begin_end=begin, finish_end=finish)
print("ready", flush=True)
"""
"""A program that takes the signals; what its main thread does then is put after it."""

HELD_UP = """
while True:
    time.sleep(60)
"""
ENDS = """
told.wait(60)
signals.close()
print("closed", flush=True)
sys.exit(7)
"""


def ended_by(
    number: signal.Signals,
    then: str,
    *,
    patience: float = 0.2,
    begin: str = "",
    finish: str = "",
    times: int = 1,
) -> tuple[int, list[str]]:
    """Exit status and what the program said after it was ready."""
    text = PROGRAM.format(
        app=str(APP),
        patience=patience,
        begin=f"; {begin}" if begin else "",
        finish=f"; {finish}" if finish else "",
    )
    with subprocess.Popen(
        [sys.executable, "-c", text + then],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            for _ in range(times):
                child.send_signal(number)
            said, _ = child.communicate(timeout=30)
            return child.returncode, said.splitlines()
        finally:
            child.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("times", [1, 3])
def test_that_a_program_that_is_held_up_stores_what_it_has_and_ends(
    number: signal.Signals, times: int
) -> None:
    status, said = ended_by(number, HELD_UP, times=times)
    assert (status, said) == (0, ["begin False", "came False", "finish False"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_that_a_program_that_ends_in_time_ends_in_its_own_way(number: signal.Signals) -> None:
    status, said = ended_by(number, ENDS, patience=30.0)
    assert (status, said) == (7, ["begin False", "came False", "closed"])


def test_that_the_main_thread_has_its_time() -> None:
    asked = time.monotonic()
    ended_by(signal.SIGTERM, HELD_UP, patience=1.0)
    assert time.monotonic() - asked >= 1.0
    assert 2.0 <= PATIENCE_SECONDS <= 5.0, "what ends a session of a desktop waits no longer"


@pytest.mark.parametrize("part", ["begin", "finish"])
def test_that_a_program_ends_though_nothing_could_be_stored(part: str) -> None:
    status, said = ended_by(signal.SIGTERM, HELD_UP, **{part: "raise OSError"})  # type: ignore[arg-type]
    assert status == 0
    assert said[0] == "begin False"
    assert ("finish False" in said) == (part == "finish")


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "signals"]


def test_that_what_was_there_before_is_given_back_and_nothing_is_called() -> None:
    called: list[str] = []
    here, there = socket.socketpair()
    there.setblocking(False)
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    woken = signal.set_wakeup_fd(there.fileno())
    try:
        signals = EndingSignals(
            came=lambda: called.append("came"),
            begin_end=lambda: called.append("begin"),
            finish_end=lambda: called.append("finish"),
        )
        assert len(threads()) == 1
        assert threads()[0].daemon, "a program that ends otherwise does not wait for it"
        assert [signal.getsignal(number) for number in numbers] != before
        begun = time.monotonic()
        signals.close()
        assert time.monotonic() - begun < PATIENCE_SECONDS, "nothing was waited for"
        assert threads() == []
        assert [signal.getsignal(number) for number in numbers] == before
        assert signal.set_wakeup_fd(woken) == there.fileno()
        assert called == []
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        here.close()
        there.close()


def test_that_its_sockets_are_closed() -> None:
    signals = EndingSignals(came=int, begin_end=int, finish_end=int)
    pair = signals._here, signals._there
    signals.close()
    assert [one.fileno() for one in pair] == [-1, -1]
