"""The client against both generations of the twin, and against the real program where it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

import ollama
import pytest

from landfall.core.errors import BadInput, ModelNotFound, PrivacyBlocked, ServerRefused
from landfall.core.events import Ended, Piece, RunEvent, Sent
from landfall.core.run.metrics import measure
from landfall.services.ollama import generation
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import CONCLUSION, STORY, THOUGHT, TinyModel
from tests.services.ollama.conftest import Live

OPTIONS = Options(num_ctx=2048, num_thread=1, temperature=0.0, seed=1)
QUESTION = [{"role": "user", "content": "Which ship came last tonight, and why?"}]


async def gathered(stream: AsyncGenerator[RunEvent, None]) -> list[RunEvent]:
    # 0.32.15 has been seen to hold a model for ever after an answer was left: who wrote it waited
    # for a reader that was gone.
    async with asyncio.timeout(30), aclosing(stream) as events:
        return [event async for event in events]


def text_of(events: list[RunEvent], *, thinking: bool = False) -> str:
    return "".join(e.text for e in events if isinstance(e, Piece) and e.thinking is thinking)


async def test_that_the_server_says_what_it_is(client: Ollama, live: Live) -> None:
    assert await client.version() == live.version


async def test_that_models_on_the_disk_are_listed_as_the_server_says(
    client: Ollama, live: Live, tiny: Mapping[str, TinyModel]
) -> None:
    models = {model.name: model for model in await client.tags()}
    story = models["tiny-story:latest"]
    assert story.family == "llama"
    assert story.parameter_size == "558K"
    assert story.quantization == "F16"
    assert story.size_bytes > tiny["tiny-story"].path.stat().st_size
    assert len(story.digest) == 64
    assert not story.remote
    assert models["tiny-embedder:latest"].family == "bert"
    assert story.capabilities == (("completion",) if live.new else ())


async def test_that_show_keeps_every_field(client: Ollama) -> None:
    shown = await client.show("tiny-story")
    assert shown["model_info"]["llama.context_length"] == 4096
    assert shown["model_info"]["tokenizer.ggml.tokens"] is None
    assert shown["capabilities"] == ["completion"]
    assert "<|im_end|>" in shown["parameters"]
    assert {"name", "type", "shape"} == set(shown["tensors"][0])


async def test_that_the_folder_of_the_models_is_known_from_a_model(
    client: Ollama, live: Live
) -> None:
    assert await client.models_folder() == live.models


async def test_that_an_answer_comes_whole_and_in_order(client: Ollama) -> None:
    events = await gathered(client.chat("tiny-story", QUESTION, options=OPTIONS))
    assert isinstance(events[0], Sent)
    assert text_of(events) == STORY
    end = events[-1]
    assert isinstance(end, Ended)
    assert end.done_reason == "stop"
    stamps = [event.at for event in events]
    assert stamps == sorted(stamps)


async def test_that_the_server_counts_one_token_more_than_pieces(
    client: Ollama, tiny: Mapping[str, TinyModel]
) -> None:
    events = await gathered(client.generate("tiny-story", "hi", options=OPTIONS))
    pieces = [event.text for event in events if isinstance(event, Piece)]
    assert pieces == list(tiny["tiny-story"].pieces)
    metrics = measure(events, prompt_cache="cold")
    assert metrics.output_tokens == len(pieces) + 1
    assert metrics.decode_tok_s is not None
    assert metrics.load_seconds is not None
    assert metrics.load_seconds > 0


async def test_that_thinking_stands_apart(client: Ollama) -> None:
    events = await gathered(client.chat("tiny-thinker", QUESTION, options=OPTIONS))
    assert text_of(events, thinking=True).strip() == THOUGHT
    assert text_of(events).strip() == CONCLUSION


async def test_that_thinking_stays_in_the_text_where_it_is_switched_off(client: Ollama) -> None:
    events = await gathered(client.chat("tiny-thinker", QUESTION, options=OPTIONS, think=False))
    assert text_of(events, thinking=True) == ""
    assert text_of(events).startswith("<think>")


async def test_that_an_answer_ends_at_the_number_of_tokens_asked_for(client: Ollama) -> None:
    options = Options(num_ctx=2048, num_thread=1, num_predict=7)
    events = await gathered(client.generate("tiny-count", "go", options=options))
    assert text_of(events) == "001 002 003 004 005 006 007 "
    end = events[-1]
    assert isinstance(end, Ended)
    assert end.done_reason == "length"
    assert end.counters is not None
    assert end.counters.output_tokens == 7


async def test_that_a_second_identical_prompt_has_no_prefill_rate(client: Ollama) -> None:
    await client.unload("tiny-story")
    prompt = "the harbour " * 80
    first = measure(await gathered(client.generate("tiny-story", prompt, options=OPTIONS)))
    again = measure(await gathered(client.generate("tiny-story", prompt, options=OPTIONS)))
    assert first.prefill_tok_s is not None
    assert again.prefill_tok_s is None
    assert "cache" in again.reason("prefill_tok_s")


async def test_that_a_model_is_loaded_and_unloaded(client: Ollama) -> None:
    await client.load("tiny-story", options=OPTIONS, keep_alive=-1)
    loaded = await client.loaded("tiny-story")
    assert loaded is not None
    assert loaded.context == 2048
    assert loaded.expires_at == "forever"
    assert loaded.gpu_bytes <= loaded.size_bytes
    assert await client.unload("tiny-story")
    assert await client.loaded("tiny-story") is None


async def test_that_an_embedding_model_can_be_unloaded_too(client: Ollama) -> None:
    await client.embed("tiny-embedder", ["the ship"], options=OPTIONS)
    assert await client.loaded("tiny-embedder") is not None
    assert await client.unload("tiny-embedder")


async def test_that_texts_become_vectors_of_length_one(client: Ollama) -> None:
    made = await client.embed("tiny-embedder", ["the ship", "bread"], options=OPTIONS)
    assert len(made.vectors) == 2
    assert sum(x * x for x in made.vectors[0]) == pytest.approx(1.0, abs=1e-3)
    assert made.vectors[0] != made.vectors[1]
    assert made.prompt_tokens
    with pytest.raises(BadInput):
        await client.embed("tiny-embedder", [""], options=OPTIONS)


async def test_that_a_loaded_model_is_unloaded_before_it_is_deleted(client: Ollama) -> None:
    await client.copy("tiny-story", "tiny-doomed")
    await client.load("tiny-doomed", options=OPTIONS, keep_alive=-1)
    await client.delete("tiny-doomed")
    assert "tiny-doomed:latest" not in {model.name for model in await client.tags()}
    assert await client.loaded("tiny-doomed") is None
    with pytest.raises(ModelNotFound):
        await client.delete("tiny-doomed")


async def test_that_layers_on_the_disk_are_known(
    client: Ollama, live: Live, tiny: Mapping[str, TinyModel]
) -> None:
    assert await client.has_blob(tiny["tiny-story"].digest)
    assert not await client.has_blob("sha256:" + "0" * 64)


async def test_that_a_missing_model_is_named_with_the_way_to_get_it(client: Ollama) -> None:
    for call in (
        gathered(client.chat("no-such-model", QUESTION, options=OPTIONS)),
        client.show("no-such-model"),
        client.embed("no-such-model", ["x"], options=OPTIONS),
        client.copy("no-such-model", "other"),
    ):
        with pytest.raises(ModelNotFound) as caught:
            await call
        assert "no-such-model" in caught.value.hint


async def test_that_what_a_model_cannot_do_is_said(client: Ollama) -> None:
    with pytest.raises(ServerRefused, match="does not support chat"):
        await gathered(client.chat("tiny-embedder", QUESTION, options=OPTIONS))
    with pytest.raises(ServerRefused, match="does not support thinking"):
        await gathered(client.chat("tiny-story", QUESTION, options=OPTIONS, think=True))
    with pytest.raises(BadInput):
        await gathered(client.chat("no such name!", QUESTION, options=OPTIONS))


async def test_that_nothing_is_asked_of_a_cloud_name(client: Ollama, live: Live) -> None:
    if live.twin:
        live.twin.server.requests.clear()
    for call in (
        gathered(client.chat("gpt-oss:120b-cloud", QUESTION, options=OPTIONS)),
        gathered(client.generate("x:cloud", "secret", options=OPTIONS)),
        client.show("gpt-oss:120b-cloud"),
        client.embed("x:cloud", ["secret"], options=OPTIONS),
        client.load("x:cloud", options=OPTIONS),
        client.unload("x:cloud"),
    ):
        with pytest.raises(PrivacyBlocked):
            await call
    if live.twin:
        assert live.twin.server.requests == []


async def test_that_a_switched_off_cloud_is_said(client: Ollama) -> None:
    with pytest.raises(PrivacyBlocked, match="disabled"):
        await gathered(
            client.chat("gpt-oss:120b-cloud", QUESTION, options=OPTIONS, allow_remote=True)
        )


async def test_that_leaving_an_answer_frees_the_server_within_half_a_second(
    client: Ollama,
) -> None:
    endless = Options(num_ctx=2048, num_thread=1)
    await client.load("tiny-count", options=endless)
    async with aclosing(client.generate("tiny-count", "go", options=endless)) as events:
        async for event in events:
            if isinstance(event, Piece):
                break
    begun = time.perf_counter()
    short = Options(num_ctx=2048, num_thread=1, num_predict=2)
    await gathered(client.generate("tiny-count", "again", options=short))
    assert time.perf_counter() - begun < 0.5


async def test_that_cancelling_the_task_frees_the_server_too(client: Ollama) -> None:
    endless = Options(num_ctx=2048, num_thread=1)
    await client.load("tiny-count", options=endless)
    task = asyncio.create_task(gathered(client.generate("tiny-count", "go", options=endless)))
    await asyncio.sleep(0.1)
    task.cancel()
    begun = time.perf_counter()
    with pytest.raises(asyncio.CancelledError):
        await task
    short = Options(num_ctx=2048, num_thread=1, num_predict=2)
    await gathered(client.generate("tiny-count", "again", options=short))
    assert time.perf_counter() - begun < 0.5


async def test_that_the_official_client_reads_the_same_answer(live: Live) -> None:
    official = ollama.AsyncClient(host=live.url, trust_env=False)
    async with official._client:
        await _read_by(official)


async def _read_by(official: ollama.AsyncClient) -> None:
    listed = await official.list()
    assert "tiny-story:latest" in {model.model for model in listed.models}
    options = {"num_thread": 1, "num_ctx": 2048, "temperature": 0}
    reply = await official.chat("tiny-story", messages=QUESTION, options=options)
    assert reply.message.content == STORY
    parts = await official.chat("tiny-story", messages=QUESTION, options=options, stream=True)
    assert "".join([part.message.content or "" async for part in parts]) == STORY


async def test_that_whatever_may_load_a_model_names_the_context(twin: Twin) -> None:
    """What a server takes by itself depends on its memory; leaving it out loads anew."""
    async with Ollama(twin.url) as client:
        await gathered(client.chat("tiny-story", QUESTION, options=OPTIONS))
        await gathered(client.generate("tiny-story", "hi", options=OPTIONS))
        await client.embed("tiny-embedder", ["the ship"], options=OPTIONS)
        await client.load("tiny-story", options=OPTIONS)
        await client.load("tiny-embedder", options=OPTIONS)
        await client.unload("tiny-story")
        await client.unload("tiny-embedder")
    asked = [r for r in twin.server.requests if r.path in LOADING]
    assert {r.path for r in asked} == LOADING
    for request in asked:
        body = request.json()
        unloads = body.get("keep_alive") == 0
        assert unloads or body["options"]["num_ctx"] == 2048, (request.path, body)
    # Nothing in the program asks a server for an answer but through these calls.
    services = Path(generation.__file__).parents[1]
    sources = {
        path.name
        for path in services.rglob("*.py")
        if any(f'"{call}"' in path.read_text(encoding="utf-8") for call in LOADING)
    }
    assert sources == {"generation.py", "client.py"}


LOADING = {"/api/chat", "/api/generate", "/api/embed"}
