"""What goes wrong on the way, made on demand by the twin or said again as it was recorded."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import (
    AppError,
    BadInput,
    Interrupted,
    ModelNotFound,
    NetworkUnavailable,
    OutOfMemory,
    PrivacyBlocked,
    ServerRefused,
)
from landfall.core.events import Aborted, Ended, Piece, RunEvent
from landfall.core.run.metrics import measure
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from tests.fakes.http_wire import Reply, Request, WireServer, lines_reply
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_recordings import NEW, OLD
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import STORY

OPTIONS = Options(num_ctx=2048, num_thread=1)
HELLO = [{"role": "user", "content": "hi"}]


def asked(client: Ollama, model: str = "tiny-story") -> AsyncGenerator[RunEvent, None]:
    return client.chat(model, HELLO, options=OPTIONS)


async def taken(stream: AsyncGenerator[RunEvent, None], into: list[RunEvent]) -> list[RunEvent]:
    async with aclosing(stream) as events:
        async for event in events:
            into.append(event)
    return into


def text_of(events: list[RunEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Piece))


@pytest.mark.parametrize("kind", ["cut", "die"])
async def test_that_a_server_that_dies_in_an_answer_interrupts_it(twin: Twin, kind: str) -> None:
    twin.faults.append(Fault(kind, after=5))  # type: ignore[arg-type]
    seen: list[RunEvent] = []
    async with Ollama(twin.url) as client:
        with pytest.raises(Interrupted) as caught:
            await taken(asked(client), seen)
    assert len(text_of(seen)) > 10  # what came is kept
    assert caught.value.hint
    assert not measure(seen).complete


async def test_that_an_answer_without_its_last_line_is_aborted(twin: Twin) -> None:
    twin.faults.append(Fault("no_done", after=5))
    async with Ollama(twin.url) as client:
        events = await taken(asked(client), [])
    assert isinstance(events[-1], Aborted)
    metrics = measure(events)
    assert not metrics.complete
    assert metrics.decode_tok_s is None
    assert "last line" in metrics.reason("decode_tok_s")


async def test_that_an_error_inside_a_stream_is_raised(twin: Twin) -> None:
    text = "an error was encountered while running the model: CUDA error: out of memory"
    twin.faults.append(Fault("error", after=2, text=text))
    async with Ollama(twin.url) as client:
        with pytest.raises(OutOfMemory, match="out of memory"):
            await taken(asked(client), [])


@pytest.mark.parametrize("kind", ["burst", "dribble"])
async def test_that_the_text_does_not_depend_on_how_it_is_cut_into_reads(
    twin: Twin, kind: str
) -> None:
    twin.faults.append(Fault(kind))  # type: ignore[arg-type]
    async with Ollama(twin.url) as client:
        events = await taken(asked(client), [])
    assert text_of(events) == STORY
    assert isinstance(events[-1], Ended)


async def test_that_a_slow_first_byte_is_waited_for(twin: Twin) -> None:
    twin.faults.append(Fault("slow", seconds=0.6))
    async with Ollama(twin.url, patience_seconds=0.1) as client:
        events = await taken(asked(client), [])
    assert text_of(events) == STORY
    metrics = measure(events)
    assert metrics.ttft_seconds is not None
    assert metrics.ttft_seconds >= 0.6
    # While it waited, it asked whether the server is still there.
    assert [r.path for r in twin.server.requests].count("/api/version") >= 2


async def test_that_a_server_that_is_gone_without_a_word_is_noticed(twin: Twin) -> None:
    twin.faults.append(Fault("stall", after=3, seconds=60))
    twin.faults += [Fault("slow", path="/api/version", seconds=60)] * 3
    async with Ollama(twin.url, patience_seconds=0.1) as client:
        client._http.probe_seconds = 0.1
        with pytest.raises(Interrupted, match="does not answer any more"):
            await taken(asked(client), [])


async def test_that_a_server_that_is_gone_while_it_loads_is_noticed(twin: Twin) -> None:
    twin.faults.append(Fault("slow", path="/api/generate", seconds=60))
    twin.faults += [Fault("slow", path="/api/version", seconds=60)] * 3
    async with Ollama(twin.url, patience_seconds=0.1) as client:
        client._http.probe_seconds = 0.1
        with pytest.raises(Interrupted, match="does not answer any more"):
            await client.load("tiny-story", options=OPTIONS)


async def test_that_the_server_sees_us_leave_within_half_a_second(twin: Twin) -> None:
    twin.pace.token_seconds = 0.005
    async with Ollama(twin.url) as client:
        task = asyncio.create_task(taken(asked(client, "tiny-count"), []))
        await asyncio.sleep(0.2)
        begun = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(twin.server.departed.wait(), 1.0)
    path, at = twin.server.departures[0]
    assert path == "/api/chat"
    assert at - begun < 0.5


async def test_that_the_server_sees_us_leave_before_its_first_byte(twin: Twin) -> None:
    twin.faults.append(Fault("slow", seconds=30))
    async with Ollama(twin.url) as client:
        task = asyncio.create_task(taken(asked(client), []))
        await asyncio.sleep(0.1)
        begun = time.perf_counter()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(twin.server.departed.wait(), 1.0)
        assert twin.server.departures[0][1] - begun < 0.5


async def test_that_every_sampling_option_is_sent(twin: Twin) -> None:
    async with Ollama(twin.url) as client:
        shown = await client.show("tiny-story")
        stream = client.chat(
            "tiny-story", HELLO, options=OPTIONS, model_parameters=shown["parameters"]
        )
        await taken(stream, [])
    sent = twin.server.requests[-1].json()
    assert sent["options"]["num_ctx"] == 2048
    assert sent["options"]["repeat_penalty"] == 1.0
    assert sent["options"]["temperature"] == 0.8
    assert "stop" not in sent["options"]  # the model's own stand
    assert sent["stream"] is True


def test_that_the_models_own_options_are_left_to_it() -> None:
    sent = Options(num_ctx=8, seed=3).as_json('temperature    0.6\nstop   "<|end|>"\n')
    assert "temperature" not in sent
    assert sent["top_k"] == 40
    assert sent["seed"] == 3
    assert Options(num_ctx=8, temperature=0.1).as_json("temperature 0.6")["temperature"] == 0.1


@pytest.mark.parametrize("call", ["chat", "generate"])
async def test_that_an_answer_from_elsewhere_is_stopped_at_its_first_line(
    tmp_path: Path, call: str
) -> None:
    """An alias has any name: only the lines themselves say where they come from."""
    stub = {"model": "my-alias", "remote_host": "https://ollama.com:443", "done": False}
    stub |= {"response": "from afar"} if call == "generate" else {"message": {"content": "afar"}}

    async def lines() -> AsyncGenerator[bytes, None]:
        yield json.dumps(stub).encode() + b"\n"
        await asyncio.sleep(30)

    async def answer(_request: Request) -> Reply:
        return lines_reply(lines())

    seen: list[RunEvent] = []
    async with WireServer(answer) as server, Ollama(server.url) as client:
        if call == "chat":
            stream = client.chat("my-alias", HELLO, options=OPTIONS)
        else:
            stream = client.generate("my-alias", "hi", options=OPTIONS)
        with pytest.raises(PrivacyBlocked, match=r"ollama\.com"):
            await taken(stream, seen)
        await asyncio.wait_for(server.departed.wait(), 1.0)
    assert text_of(seen) == ""


# Recorded failures: label, the call that meets it, what it means.
RECORDED = [
    (OLD, "model needs more memory (llama engine)", OutOfMemory),
    (OLD, "model needs more memory (ollama engine)", OutOfMemory),
    (NEW, "model needs more memory (36 GiB of KV; address space limited to 20 GiB)", OutOfMemory),
    (OLD, "runner SIGKILL mid-stream generate", Interrupted),
    (OLD, "runner SIGKILL before first token (long prompt)", Interrupted),
    (NEW, "runner SIGKILL before first token (long prompt)", Interrupted),
    (NEW, "runner SIGKILL while loading", Interrupted),
    (OLD, "serve SIGTERM during generation", Interrupted),
    (OLD, "serve SIGKILL during generation", Interrupted),
    (OLD, "queue full (OLLAMA_MAX_QUEUE=2)", ServerRefused),
    (NEW, "kv bogus", ServerRefused),
    (OLD, "generate too long truncate false", ServerRefused),
    (NEW, "generate too long truncate false", ServerRefused),
    (OLD, "generate missing", ModelNotFound),
    (OLD, "generate invalid name", BadInput),
    (OLD, "option wrong type", ServerRefused),
    (NEW, "images on text model", ServerRefused),
    (OLD, "NO_CLOUD generate", PrivacyBlocked),
    (OLD, "generate :local missing", PrivacyBlocked),
    (OLD, "chat remote stub", NetworkUnavailable),
]


@pytest.mark.parametrize(("version", "label", "kind"), RECORDED)
async def test_that_a_recorded_failure_is_told_with_a_next_step(
    tmp_path: Path, version: str, label: str, kind: type[AppError]
) -> None:
    twin = Twin(tmp_path / "m", version=version)
    twin.replay(label)
    path = twin.replays[0].path
    async with twin, Ollama(twin.url) as client:
        if path == "/api/generate":
            stream = client.generate("x", "hi", options=OPTIONS)
        else:
            stream = client.chat("x", HELLO, options=OPTIONS)
        with pytest.raises(kind) as caught:
            await taken(stream, [])
    assert not caught.value.message.lstrip().startswith("{")
    if label != "option wrong type":
        assert caught.value.hint


@pytest.mark.parametrize(
    ("version", "label"),
    [
        (OLD, "token repeat limit, stream"),
        (NEW, "invalid byte in the output (stream ends without done)"),
    ],
)
async def test_that_a_recorded_stream_without_an_end_is_no_result(
    tmp_path: Path, version: str, label: str
) -> None:
    twin = Twin(tmp_path / "m", version=version)
    twin.replay(label)
    async with twin, Ollama(twin.url) as client:
        events = await taken(client.generate("x", "hi", options=OPTIONS), [])
    assert isinstance(events[-1], Aborted)
    assert measure(events).decode_tok_s is None


async def test_that_an_empty_500_while_listing_is_tried_again(twin: Twin) -> None:
    twin.faults.append(Fault("refuse", path="/api/ps", status=500, text=""))
    async with Ollama(twin.url) as client:
        assert await client.ps() == ()
