"""Why there is no connection is said without a number of an error."""

from __future__ import annotations

import errno
import os
import socket

import httpx
import pytest

from landfall.core.errors import OllamaUnavailable
from landfall.services.failed_connection import causes, why
from landfall.services.ollama import address, server
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.short_questions import ShortQuestions


def from_(cause: BaseException) -> BaseException:
    """As httpx raises it, three layers above what the system said."""
    outer, middle = httpx.ConnectError("All connection attempts failed"), OSError("failed")
    middle.__context__, outer.__cause__ = cause, middle
    return outer


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (ConnectionRefusedError(111, "Connect call failed"), "nobody listens on its port"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "its name is not found"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "there is no way to it"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "there is no way to it"),
        (
            ExceptionGroup("all", [OSError(errno.EIO, "x"), ConnectionRefusedError(111, "y")]),
            "nobody listens on its port",
        ),
        (OSError(errno.EACCES, "Permission denied"), "All connection attempts failed"),
    ],
)
def test_that_a_reason_is_found_below_what_was_raised(cause: BaseException, words: str) -> None:
    assert why(from_(cause)) == words


def test_that_all_that_an_error_came_from_is_looked_at() -> None:
    cause = ConnectionRefusedError(111, "x")
    assert list(causes(from_(cause)))[-1] is cause
    assert list(causes(None)) == []


async def test_that_each_way_to_ollama_says_the_same() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    said = f"No connection to Ollama at {url}: nobody listens on its port."
    async with Ollama(url) as client:
        with pytest.raises(OllamaUnavailable) as caught:
            await client.version()
    assert caught.value.message == said
    with pytest.raises(OllamaUnavailable) as caught:
        await ShortQuestions(url, answer_seconds=1.0).json("GET", "/api/version")
    assert caught.value.message == said
    _, error = await server.look(address.chosen(url, {}), {})
    assert error is not None
    assert error.message == said


def test_that_what_the_system_says_is_told_without_its_number_and_once() -> None:
    denied = PermissionError(errno.EACCES, "Connect call failed ('127.0.0.1', 1)")
    assert why(denied) == os.strerror(errno.EACCES).lower()
    two = OSError(f"Multiple exceptions: [Errno {errno.EACCES}] Connect call failed, {denied}")
    assert why(two) == os.strerror(errno.EACCES).lower()
    nameless = socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution")
    assert why(nameless) == "Non-recoverable failure in name resolution"
    assert why(OSError(f"{nameless}")) == "Non-recoverable failure in name resolution"
    assert why(OSError("box has no address")) == "box has no address"


def test_that_an_offline_machine_on_linux_is_told_in_words() -> None:
    offline = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    assert why(from_(offline)) == "no name server answers"


def test_that_what_windows_says_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    out_of_reach = OSError("The network location cannot be reached")
    out_of_reach.winerror = 1231  # type: ignore[attr-defined,unused-ignore]
    assert why(from_(out_of_reach)) == "there is no way to it"
    assert why(OSError("[WinError 10013] It is forbidden")) == "It is forbidden"
    monkeypatch.setattr(os, "strerror", lambda _number: "Unknown error")
    assert why(OSError(10013, "It is forbidden by its permissions")) == (
        "It is forbidden by its permissions"
    )
