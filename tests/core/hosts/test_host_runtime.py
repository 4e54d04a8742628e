"""A host that speaks the OpenAI protocol as the server in use."""

from __future__ import annotations

import pytest

from landfall.core.hosts.host_runtime import runtime_of
from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState, Stand, Standing
from landfall.core.hosts.runtime import Runtime, RuntimeState

HOST = Host(name="rack", url="http://rack.lan:8000", kind=HostKind.OPENAI)


@pytest.mark.parametrize(
    ("standing", "state"),
    [
        (Standing.THIS_MACHINE, RuntimeState.RUNNING),
        (Standing.OUR_NETWORK, RuntimeState.REMOTE),
        (Standing.UNKNOWN, RuntimeState.REMOTE),
    ],
)
def test_that_it_is_here_where_it_stands_here(standing: Standing, state: RuntimeState) -> None:
    reading = HostReading(
        host=HOST, state=HostState.ANSWERS, stand=Stand(standing=standing), server="vLLM"
    )
    runtime = runtime_of(reading)
    assert (runtime.state, runtime.version, runtime.name) == (state, "", "rack")
    assert (runtime.is_ollama, runtime.words) == (False, "vLLM")


def test_that_one_that_is_silent_has_no_version_and_says_why() -> None:
    reading = HostReading(
        host=HOST, state=HostState.GONE, problem="No connection.", hint="Start it."
    )
    runtime = runtime_of(reading)
    assert (runtime.version, runtime.state) == (None, RuntimeState.REMOTE)
    assert runtime.warnings == ("No connection. Start it.",)
    assert runtime.words == "rack"


def test_that_an_ollama_is_called_by_its_version() -> None:
    ollama = Runtime(kind="ollama", state=RuntimeState.RUNNING, url="", version="0.32.15")
    assert (ollama.is_ollama, ollama.words) == (True, "Ollama 0.32.15")
