"""Pulls from a registry on loopback: twin and real alike where no fault is made."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace

import pytest

from landfall.core.errors import (
    BadInput,
    DiskFull,
    Interrupted,
    ModelNotFound,
    NetworkUnavailable,
    ServerRefused,
)
from landfall.core.events import PullProgress
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.pulls import require_room
from tests.fakes.closed_folder import closed
from tests.fakes.model_registry import Registry, serving
from tests.fakes.ollama_faults import Fault
from tests.fakes.ollama_recordings import NEW, OLD
from tests.fakes.ollama_twin import Twin
from tests.fakes.tiny_models import TinyModel, cut, write_speaker
from tests.services.ollama.conftest import Live


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with serving(Registry()) as opened:
        yield opened


@pytest.fixture
def fresh(tmp_path: Path) -> TinyModel:
    """A model that no server has: its text is this test's own."""
    text = f"Fresh words of {tmp_path.name} for one test alone, and no more."
    pieces = cut(text)
    path = tmp_path / "tiny-fresh.gguf"
    write_speaker(path, pieces=pieces)
    return TinyModel("tiny-fresh", path, text, pieces)


async def steps_of(stream: AsyncGenerator[PullProgress, None]) -> list[PullProgress]:
    async with aclosing(stream) as steps:
        return [step async for step in steps]


async def test_that_a_pulled_model_is_there(
    client: Ollama, registry: Registry, fresh: TinyModel
) -> None:
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    steps = await steps_of(client.pull(name, insecure=True))
    assert steps[0].phase == "manifest"
    assert steps[-1].phase == "done"
    assert [s.phase for s in steps[-3:]] == ["verify", "write", "done"]
    assert name in {model.name for model in await client.tags()}
    again = await steps_of(client.pull(name, insecure=True))
    assert {s.completed_bytes == s.total_bytes for s in again if s.phase == "download"} == {True}
    weights = fresh.path.stat().st_size
    assert max(s.whole_completed_bytes or 0 for s in again) >= weights
    await client.delete(name)


async def test_that_a_pull_that_was_left_goes_on_where_it_was(
    client: Ollama, registry: Registry, fresh: TinyModel, tmp_path: Path
) -> None:
    big = tmp_path / "big.gguf"
    big.write_bytes(fresh.path.read_bytes() + bytes(6_000_000))
    registry.faults.rate_bytes_per_s = 3_000_000
    name = registry.add("tiny-big", big.read_bytes())
    async with aclosing(client.pull(name, insecure=True)) as steps:
        async for step in steps:
            if step.completed_bytes and step.completed_bytes > 1_500_000:
                break
    await asyncio.sleep(0.3)
    registry.faults.rate_bytes_per_s = 12_000_000
    resumed = await steps_of(client.pull(name, insecure=True))
    first = next(s for s in resumed if s.digest == step.digest)
    assert first.completed_bytes
    assert first.completed_bytes >= 1_000_000
    assert resumed[-1].phase == "done"
    await client.delete(name)


async def test_that_a_model_that_the_registry_lacks_is_not_found(
    client: Ollama, registry: Registry
) -> None:
    with pytest.raises(ModelNotFound):
        await steps_of(client.pull(f"{registry.address}/library/nope", insecure=True))


async def test_that_a_registry_that_is_gone_is_a_matter_of_the_network(
    client: Ollama, registry: Registry
) -> None:
    dead = f"127.0.0.1:{_free_port()}"
    with pytest.raises(NetworkUnavailable):
        await steps_of(client.pull(f"{dead}/library/x", insecure=True))


async def test_that_plain_http_must_be_asked_for(client: Ollama) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    plain = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = plain.sockets[0].getsockname()[1]
    async with plain:
        with pytest.raises(ServerRefused) as caught:
            await steps_of(client.pull(f"127.0.0.1:{port}/library/x"))
    assert "--insecure" in caught.value.hint


async def test_that_a_registry_without_locations_is_refused(
    client: Ollama, registry: Registry, fresh: TinyModel
) -> None:
    registry.faults.no_location = True
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    with pytest.raises(ServerRefused, match="Location"):
        await steps_of(client.pull(name, insecure=True))


@pytest.mark.parametrize("left", ["", '{"N":0,"Off'])
async def test_that_a_damaged_part_file_is_told_with_its_remedy(
    client: Ollama, live: Live, registry: Registry, fresh: TinyModel, left: str
) -> None:
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    blob = live.models / "blobs" / fresh.digest.replace(":", "-")
    part = blob.with_name(blob.name + "-partial")
    note = blob.with_name(blob.name + "-partial-0")
    part.write_bytes(b"")
    note.write_text(left)
    try:
        with pytest.raises(Interrupted) as caught:
            await steps_of(client.pull(name, insecure=True))
        assert "-partial" in caught.value.hint
    finally:
        part.unlink(missing_ok=True)
        note.unlink(missing_ok=True)
    assert (await steps_of(client.pull(name, insecure=True)))[-1].phase == "done"
    await client.delete(name)


async def test_that_a_name_that_is_none_is_bad_input(client: Ollama) -> None:
    with pytest.raises(BadInput):
        await steps_of(client.pull("bad name"))


# Faults that only the twin makes on demand


async def test_that_a_full_disk_ends_a_pull(
    twin: Twin, registry: Registry, fresh: TinyModel
) -> None:
    twin.free_bytes = 300_000
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    async with Ollama(twin.url) as client:
        with pytest.raises(DiskFull) as caught:
            await steps_of(client.pull(name, insecure=True))
    assert caught.value.hint


async def test_that_progress_may_go_down(twin: Twin, registry: Registry, fresh: TinyModel) -> None:
    twin.faults.append(Fault("down", path="/api/pull"))
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    async with Ollama(twin.url) as client:
        steps = await steps_of(client.pull(name, insecure=True, whole_total_bytes=2_000_000))
    counts = [s.completed_bytes for s in steps if s.phase == "download"]
    assert counts != sorted(c for c in counts if c is not None)
    assert steps[-1].phase == "done"
    assert {s.whole_total_bytes for s in steps} == {2_000_000}


async def test_that_a_server_that_dies_in_a_pull_interrupts_it(
    twin: Twin, registry: Registry, fresh: TinyModel
) -> None:
    twin.faults.append(Fault("die", path="/api/pull", after=1))
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    async with Ollama(twin.url) as client:
        with pytest.raises(Interrupted):
            await steps_of(client.pull(name, insecure=True))


async def test_that_a_pull_without_the_word_success_is_not_done(
    twin: Twin, registry: Registry, fresh: TinyModel
) -> None:
    twin.faults.append(Fault("no_done", path="/api/pull", after=1))
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    async with Ollama(twin.url) as client:
        with pytest.raises(Interrupted, match="before its end"):
            await steps_of(client.pull(name, insecure=True))


@pytest.mark.parametrize("times", [1, 2])
async def test_that_a_pull_cancelled_with_another_is_tried_once_more(
    twin: Twin, registry: Registry, fresh: TinyModel, times: int
) -> None:
    fault = Fault("error", path="/api/pull", after=1, text="context canceled")
    twin.faults += [fault] * times
    name = registry.add("tiny-fresh", fresh.path.read_bytes())
    async with Ollama(twin.url) as client:
        if times == 1:
            assert (await steps_of(client.pull(name, insecure=True)))[-1].phase == "done"
        else:
            with pytest.raises(Interrupted):
                await steps_of(client.pull(name, insecure=True))


RECORDED = [
    (OLD, "pull, disk full", DiskFull),
    (OLD, "pull, registry dies in the middle", NetworkUnavailable),
    (OLD, "pull big, server SIGKILL", Interrupted),
    (OLD, "pull with empty part file", Interrupted),
    (OLD, "pull corrupt", Interrupted),
    (NEW, "pull corrupt", Interrupted),
    (OLD, "pull status412", ServerRefused),
    (OLD, "pull status401foreign", ServerRefused),
    (OLD, "pull garbage", ServerRefused),
    (OLD, "pull noblob", ServerRefused),
    (OLD, "pull default registry", NetworkUnavailable),
]


@pytest.mark.parametrize(("version", "label", "kind"), RECORDED)
async def test_that_a_recorded_failure_of_a_pull_is_told_with_a_next_step(
    tmp_path: Path, version: str, label: str, kind: type[Interrupted]
) -> None:
    twin = Twin(tmp_path / "m", version=version)
    twin.replay(label)
    async with twin, Ollama(twin.url) as client:
        with pytest.raises(kind) as caught:
            await steps_of(client.pull("127.0.0.1:1/library/x", insecure=True))
    assert caught.value.hint


async def test_that_plain_http_is_asked_of_no_registry_outside_the_own_network(
    tmp_path: Path,
) -> None:
    twin = Twin(tmp_path / "m", version=OLD)
    async with twin, Ollama(twin.url) as client:
        with pytest.raises(BadInput, match="not in your own network"):
            await steps_of(client.pull("qwen3:0.6b", insecure=True))
    assert not [one for one in twin.server.requests if one.path == "/api/pull"]


async def test_that_layers_that_are_there_count_as_complete(tmp_path: Path) -> None:
    twin = Twin(tmp_path / "m", version=OLD)
    twin.replay("pull")
    async with twin, Ollama(twin.url) as client:
        steps = await steps_of(client.pull("127.0.0.1:1/library/x", insecure=True))
    assert steps[-1].whole_completed_bytes == 2800224 + 102 + 38 + 429
    assert steps[-1].whole_total_bytes == steps[-1].whole_completed_bytes
    counts = [s.whole_completed_bytes or 0 for s in steps]
    assert counts == sorted(counts)


# Room


def _usage(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))


async def test_that_a_disk_too_small_is_told_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _usage(monkeypatch, 1 << 30)
    layers = [("sha256:" + "a" * 64, 3 << 30)]
    with pytest.raises(DiskFull, match=r"3\.2 GB more") as caught:
        await require_room(layers, tmp_path / "not" / "there" / "blobs")
    assert "OLLAMA_MODELS" in caught.value.hint
    assert "1.1 GB are free, and" in caught.value.message
    assert "must stay so" in caught.value.message


async def test_that_layers_on_the_disk_need_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _usage(monkeypatch, 0)
    digest = "sha256:" + "a" * 64
    (tmp_path / digest.replace(":", "-")).write_bytes(b"x")
    assert await require_room([(digest, 3 << 30)], tmp_path) == 0


async def test_that_a_store_that_may_not_be_looked_into_holds_no_pull_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(monkeypatch, tmp_path / "service")
    layers = [("sha256:" + "a" * 64, 3 << 30)]
    assert await require_room(layers, tmp_path / "service" / "models" / "blobs") is None


async def test_that_a_sparse_part_file_counts_by_its_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = "sha256:" + "b" * 64
    part = tmp_path / (digest.replace(":", "-") + "-partial")
    with part.open("wb") as file:
        file.truncate(1 << 30)
        file.write(b"x" * (1 << 20))
    _usage(monkeypatch, 2 << 30)
    missing = await require_room([(digest, 1 << 30)], tmp_path)
    assert (1 << 30) - (2 << 20) <= missing <= (1 << 30) - (1 << 20)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
