"""One look at a load, on the servers of both generations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from landfall.core.fit.load_check import RunnerFacts
from landfall.core.provenance import Unknown
from landfall.services.history.history import History
from landfall.services.models import load_check
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options
from landfall.services.run.answering import Ask, Kept, Turn
from landfall.services.run.runs import Runs
from landfall.services.run.targets import OllamaTarget
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.real_ollama import Live
from tests.services.ollama.conftest import client, live, real_server, tiny

__all__ = ["client", "live", "real_server", "tiny"]

OPTIONS = Options(num_ctx=2048, num_thread=1, temperature=0.0)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def test_that_a_load_is_looked_at_and_kept(
    client: Ollama, live: Live, history: History
) -> None:
    await client.load("tiny-story", options=OPTIONS)
    check = await load_check.record(
        client, "tiny-story", history, prompt_tokens=0, asked_context=2048
    )
    assert check is not None
    assert check.model.context == 2048
    assert isinstance(check.predicted_ps_bytes, int)
    (kept,) = await history.loads()
    assert kept.model == "tiny-story:latest"
    assert kept.engine == f"Ollama {live.version}"
    assert kept.predicted_ps_bytes == check.predicted_ps_bytes
    assert kept.ps_bytes == check.model.size_bytes
    if live.twin is None:
        assert isinstance(check.runner, RunnerFacts)
        assert kept.process_bytes == check.runner.memory_bytes
        assert abs(check.predicted_ps_bytes - check.model.size_bytes) < 4 << 20
        assert any("process_bytes is" in reason for reason in kept.reasons)
    else:
        assert isinstance(check.runner, Unknown)
        assert kept.process_bytes is None
    await client.unload("tiny-story")


async def test_that_a_model_that_has_left_is_no_load(client: Ollama, history: History) -> None:
    assert await load_check.record(client, "tiny-story", history) is None
    assert await history.loads() == ()


async def test_that_all_that_is_loaded_is_looked_at(client: Ollama) -> None:
    await client.load("tiny-story", options=OPTIONS)
    await client.load("tiny-embedder", options=OPTIONS)
    names = {check.model.name for check in await load_check.look_at_all(client)}
    assert names >= {"tiny-story:latest", "tiny-embedder:latest"}
    await client.unload("tiny-story")
    await client.unload("tiny-embedder")


async def test_that_a_run_keeps_the_load_that_it_brought_about_and_no_other(
    client: Ollama, live: Live, history: History
) -> None:
    await client.unload("tiny-story")
    runs = Runs(history)

    async def run(context: int) -> Kept:
        target = OllamaTarget(client, "tiny-story", num_thread=1, temperature=0.0)
        ask = Ask(turns=(Turn("user", "hi"),), context=context, num_predict=3)
        updates = [update async for update in runs.stream(target, ask)]
        last = updates[-1]
        assert isinstance(last, Kept)
        return last

    first = await run(2048)
    assert first.record.conditions["context_trained"] == 4096
    assert isinstance(first.record.conditions["memory_predicted_bytes"], int)
    again = await run(2048)
    assert "memory_predicted_bytes" not in again.record.conditions
    assert len(await history.loads()) == 1
    wider = await run(16384)
    assert wider.record.conditions["context_given"] == 4096
    newest, _ = await history.loads()
    assert newest.context == 4096
    assert any("trained for no more" in reason for reason in newest.reasons)
    await client.unload("tiny-story")


async def test_that_a_server_that_does_not_name_the_file_leaves_it_unknown() -> None:
    answers: Mapping[str, object] = {
        "/api/version": {"version": "0.32.15"},
        "/api/show": {"modelfile": "FROM elsewhere"},
        "/api/ps": {"models": [{"name": "x:latest", "size": 5, "context_length": 8}]},
    }

    async def answer(request: Request) -> Reply:
        return json_reply(answers[request.path])

    async with WireServer(answer) as server, Ollama(server.url) as asked:
        (check,) = await load_check.look_at_all(asked)
    assert isinstance(check.predicted_ps_bytes, Unknown)
    assert "does not tell which file" in check.predicted_ps_bytes.reason


@pytest.mark.parametrize("written", [None, b"no GGUF at all"])
async def test_that_a_file_that_cannot_be_read_is_a_reason(
    tmp_path: Path, written: bytes | None
) -> None:
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    blob = blobs / ("sha256-" + "cd" * 32)
    if written is not None:
        blob.write_bytes(written)

    async def answer(request: Request) -> Reply:
        loaded = {"name": "x:latest", "size": 5, "context_length": 8}
        answers: Mapping[str, object] = {
            "/api/version": {"version": "0.32.15"},
            "/api/show": {"modelfile": f"# made\nFROM {blob}\nTEMPLATE x"},
            "/api/ps": {"models": [loaded]},
        }
        return json_reply(answers[request.path])

    async with WireServer(answer) as server, Ollama(server.url) as asked:
        (check,) = await load_check.look_at_all(asked)
    assert isinstance(check.predicted_ps_bytes, Unknown)
    assert "cannot be read here" in check.predicted_ps_bytes.reason


async def test_that_a_server_elsewhere_is_not_looked_into(
    client: Ollama, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_check, "is_this_machine", lambda _url: False)
    await client.load("tiny-story", options=OPTIONS)
    loaded = await client.loaded("tiny-story")
    assert loaded is not None
    check = await load_check.look(client, loaded)
    assert isinstance(check.predicted_ps_bytes, Unknown)
    assert "another machine" in check.predicted_ps_bytes.reason
    kept = load_check.record_of(check, client.url)
    assert kept.predicted_ps_bytes is None
    assert any("predicted_ps_bytes is not known" in reason for reason in kept.reasons)
    await client.unload("tiny-story")
