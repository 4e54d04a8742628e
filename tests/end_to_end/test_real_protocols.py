"""The adapters against servers that others wrote: Ollama's /v1 and /v1/messages, llama.cpp's.

Ollama is the one on PATH; the other is there where llama-cpp-python[server] is installed, or where
LANDFALL_LLAMA_CPP_PYTHON names a Python that has it. The model says a known text, token by token.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest

from landfall.core.errors import ModelNotFound
from landfall.core.events import Aborted, Ended, Piece, RunEvent, Sent
from landfall.services import cloud
from landfall.services.cloud import adapters
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.cloud.transport import Transport
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret
from landfall.services.ollama.client import Ollama
from tests.fakes.egress_log import MemoryLog
from tests.fakes.llama_cpp_server import VARIABLE, interpreter, serving_llama_cpp
from tests.fakes.real_ollama import Live, fill
from tests.fakes.tiny_models import CONCLUSION, THOUGHT, TinyModel

ANY_KEY = Secret("sk-of-no-importance-0123")


@dataclass(frozen=True)
class Speaks:
    """A server behind one of our rows.

    Attributes:
        row: Whose adapter asks it. url: Its base address. model: What it serves.
        knows_names: Whether it refuses a model that it does not have.
        counts: Whether it tells the tokens of a stream.
    """

    row: str
    url: str
    model: str
    text: str
    knows_names: bool = True
    counts: bool = True


@pytest.fixture(scope="module")
def llama_cpp(
    tiny: Mapping[str, TinyModel], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Speaks]:
    """llama-cpp-python's server with the model that tells the story."""
    python = interpreter()
    if python is None:
        pytest.skip(f"llama-cpp-python is not installed, and {VARIABLE} names no Python with it")
    story = tiny["tiny-story"]
    log = tmp_path_factory.mktemp("llama_cpp") / "log"
    with serving_llama_cpp(python, story.path, alias="tiny-story", log=log) as url:
        yield Speaks("custom", url, "tiny-story", story.text, knows_names=False, counts=False)


@pytest.fixture(
    params=[
        pytest.param("openai", marks=pytest.mark.real_ollama, id="ollama-v1"),
        pytest.param("custom", marks=pytest.mark.real_ollama, id="ollama-v1-custom"),
        pytest.param("anthropic", marks=pytest.mark.real_ollama, id="ollama-v1-messages"),
        pytest.param("llama_cpp", id="llama-cpp-python"),
    ]
)
async def server(request: pytest.FixtureRequest, tiny: Mapping[str, TinyModel]) -> Speaks:
    """Each server in turn."""
    if request.param == "llama_cpp":
        found: Speaks = request.getfixturevalue("llama_cpp")
        return found
    live: Live = request.getfixturevalue("real_server")
    async with Ollama(live.url) as client:
        await fill(client, tiny)
    return Speaks(request.param, f"{live.url}/v1", "tiny-story", tiny["tiny-story"].text)


@pytest.fixture
async def provider_of() -> AsyncIterator[Callable[[Speaks], Provider]]:
    async with aclosing(Transport(MemoryLog())) as transport:

        def made(server: Speaks) -> Provider:
            where = Address(server.url, "--base-url")
            return adapters.provider(cloud.find(server.row), where, transport)

        yield made


async def ask(
    provider: Provider,
    model: str,
    *,
    prompt: str = "What does the keeper count?",
    max_tokens: int = 300,
    **more: Any,
) -> list[RunEvent]:
    answer = provider.chat(
        ANY_KEY,
        model=model,
        messages=[Message("system", "Be brief."), Message("user", prompt)],
        options=ChatOptions(max_tokens=max_tokens, **more),
        purpose=Purpose(why="answer"),
    )
    async with aclosing(answer) as events:
        return [event async for event in events]


def said(events: list[RunEvent], *, thinking: bool = False) -> str:
    return "".join(e.text for e in events if isinstance(e, Piece) and e.thinking is thinking)


async def test_the_whole_answer_comes_piece_by_piece_with_its_tokens(
    server: Speaks, provider_of: Callable[[Speaks], Provider]
) -> None:
    events = await ask(provider_of(server), server.model, temperature=0.0, seed=1)
    assert isinstance(events[0], Sent)
    assert said(events) == server.text
    pieces = [event for event in events if isinstance(event, Piece)]
    assert len(pieces) > 20
    stamps = [event.at for event in events]
    assert stamps == sorted(stamps)
    end = events[-1]
    assert isinstance(end, Ended)
    assert end.done_reason == "stop"
    if not server.counts:
        assert end.usage is None
        return
    assert end.usage is not None
    assert end.usage.estimated is False
    assert (end.usage.input_tokens or 0) > 5
    # The end of the text is a token too, which some count.
    assert abs((end.usage.output_tokens or 0) - len(pieces)) <= 2


async def test_a_limit_ends_the_answer_and_is_told_as_one(
    server: Speaks, provider_of: Callable[[Speaks], Provider]
) -> None:
    events = await ask(provider_of(server), server.model, max_tokens=5)
    end = events[-1]
    assert isinstance(end, Ended)
    assert end.done_reason == "length"
    assert server.text.startswith(said(events))
    assert len([event for event in events if isinstance(event, Piece)]) <= 5
    told = end.usage.output_tokens if end.usage is not None else None
    assert told == (5 if server.counts else None)


async def test_its_models_are_listed_and_the_check_is_a_yes(
    server: Speaks, provider_of: Callable[[Speaks], Provider]
) -> None:
    provider = provider_of(server)
    listed = await provider.list_models(ANY_KEY, purpose=Purpose(why="model list"))
    assert any(model.id.removesuffix(":latest") == server.model for model in listed)
    accepted = await provider.check(ANY_KEY, purpose=Purpose(why="key check"))
    assert accepted.host in server.url


async def test_a_model_that_is_not_there_is_said(
    server: Speaks, provider_of: Callable[[Speaks], Provider]
) -> None:
    if not server.knows_names:
        pytest.skip("this server answers with the one model it has, whatever the name")
    with pytest.raises(ModelNotFound, match="no-such-model"):
        await ask(provider_of(server), "no-such-model")


async def test_a_stop_closes_the_connection_and_the_server_answers_again(
    server: Speaks, provider_of: Callable[[Speaks], Provider]
) -> None:
    provider = provider_of(server)
    answer = provider.chat(
        ANY_KEY,
        model=server.model,
        messages=[Message("user", "Tell me")],
        options=ChatOptions(max_tokens=300),
        purpose=Purpose(why="answer"),
    )
    async with aclosing(answer) as events:
        async for event in events:
            if isinstance(event, Piece):
                break
    assert said(await ask(provider, server.model)) == server.text


@pytest.mark.real_ollama
@pytest.mark.parametrize("row", ["custom", "anthropic"])
async def test_thinking_is_told_apart_from_the_answer(
    real_server: Live,
    tiny: Mapping[str, TinyModel],
    provider_of: Callable[[Speaks], Provider],
    row: str,
) -> None:
    async with Ollama(real_server.url) as client:
        await fill(client, tiny)
    thinker = tiny["tiny-thinker"]
    server = Speaks(row, f"{real_server.url}/v1", thinker.name, thinker.text)
    provider = provider_of(server)
    events = await ask(provider, thinker.name)
    assert isinstance(events[-1], Ended)
    assert said(events, thinking=True).strip() == THOUGHT
    assert said(events).strip() == CONCLUSION


async def test_a_stream_that_ends_before_it_begins_is_no_answer(
    llama_cpp: Speaks, provider_of: Callable[[Speaks], Provider]
) -> None:
    """A prompt that is too long is told by this server with 200 and no word."""
    events = await ask(provider_of(llama_cpp), llama_cpp.model, prompt="word " * 5_000)
    assert [type(event) for event in events] == [Sent, Aborted]
    assert isinstance(events[-1], Aborted)
    assert "longer than the model takes" in events[-1].reason
