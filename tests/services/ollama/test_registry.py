from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from landfall.core.errors import AppError, BadInput, ModelNotFound, NetworkUnavailable, Unavailable
from landfall.services.models import registry_session
from landfall.services.models.header_cache import HeaderCache, parse_reference
from landfall.services.ollama.registry import fetch, may_be_plain, on_this_machine, read_layers
from tests.fakes.gguf_files import header_bytes, small
from tests.fakes.model_registry import Faults, Registry, serving

SPLIT = b'{"error":"The specified tag is a sharded GGUF. Ollama does not support this yet."}'

BIG = header_bytes(
    {
        "general.architecture": "llama",
        "llama.block_count": 2,
        "llama.embedding_length": 64,
        "tokenizer.ggml.tokens": [f"token number {i:08d}" for i in range(90_000)],
    },
    [("token_embd.weight", [64, 320], "F16")],
)
"""A header of 2.5 MB: longer than the first read."""


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with serving(Registry()) as running:
        yield running


@pytest.fixture
def cache(tmp_path: Path) -> HeaderCache:
    return HeaderCache(tmp_path / "cache")


async def test_that_sizes_and_header_are_read_without_the_weights(
    registry: Registry, cache: HeaderCache
) -> None:
    name = registry.add("tiny", small() + bytes(8 << 20), projector=b"p" * 1000)
    manifest, header = await fetch(name, cache)
    assert header.architecture == "llama"
    assert manifest.download_bytes == sum(map(len, registry.blobs.values()))
    assert registry.sent_bytes <= 1 << 20
    assert manifest.fetched_at


async def test_that_a_long_header_is_read_in_growing_parts(
    registry: Registry, cache: HeaderCache
) -> None:
    name = registry.add("big", BIG + bytes(9 << 20))
    _, header = await fetch(name, cache)
    assert header.array_lengths["tokenizer.ggml.tokens"] == 90_000
    ranges = [asked.headers["range"] for asked in registry.asked_for("/blobs/")]
    assert ranges[0] == "bytes=0-1048575"
    assert ranges[1].startswith("bytes=1048576-")
    assert registry.sent_bytes < 5 << 20


async def test_that_a_registry_without_range_is_hung_up_on_in_time(
    registry: Registry, cache: HeaderCache
) -> None:
    name = registry.add("whole", BIG + bytes(64 << 20))
    registry.faults = Faults(ignore_range=True)
    _, header = await fetch(name, cache)
    assert header.array_lengths["tokenizer.ggml.tokens"] == 90_000
    assert registry.sent_bytes < 48 << 20


async def test_that_a_header_is_read_once_a_digest(registry: Registry, cache: HeaderCache) -> None:
    data = small(metadata={"llama.pattern": [True, False], "general.name": "Tiny"})
    first = await fetch(registry.add("tiny", data), cache)
    asked = len(registry.asked_for("/blobs/"))
    second = await fetch(registry.add("other", data, tag="v2"), cache)
    assert len(registry.asked_for("/blobs/")) == asked
    assert second[1].tensors == first[1].tensors
    assert second[1].metadata["llama.pattern"] == (True, False)
    kept = cache.manifest(parse_reference(f"{registry.address}/library/other:v2"))
    assert kept is not None
    assert kept.download_bytes == second[0].download_bytes


async def test_that_layers_are_those_of_a_pull(registry: Registry) -> None:
    name = registry.add("tiny", small())
    layers = await read_layers(name)
    assert dict(layers) == {digest: len(data) for digest, data in registry.blobs.items()}


async def test_that_the_manifest_is_asked_for_as_ollama_asks(
    registry: Registry, cache: HeaderCache
) -> None:
    await fetch(registry.add("tiny", small(), namespace="user", tag="q4"), cache)
    manifest = registry.asked[0]
    assert manifest.path == "/v2/user/tiny/manifests/q4"
    assert "manifest.v2+json" in manifest.headers["accept"]


@pytest.mark.parametrize(
    ("faults", "kind", "word"),
    [
        (Faults(status=404), ModelNotFound, "no model"),
        (Faults(status=401), ModelNotFound, "does not show"),
        (Faults(status=429), Unavailable, "too many"),
        (Faults(status=412), Unavailable, "newer Ollama"),
        (Faults(status=503), Unavailable, "503"),
        (Faults(html=True), Unavailable, "web page"),
        (Faults(redirect_loop=True), NetworkUnavailable, "without end"),
        (Faults(cut_after_bytes=100), NetworkUnavailable, "broke off"),
        (Faults(stall_after_bytes=100), NetworkUnavailable, "does not answer"),
        (Faults(silent=True), NetworkUnavailable, "silent for 0.4 seconds"),
        (Faults(status=403), ModelNotFound, "does not show"),
        (Faults(status=400), ModelNotFound, "no model"),
        (Faults(status=500), Unavailable, "status 500"),
        (Faults(status=400, refusal=SPLIT), BadInput, "several parts"),
        (Faults(status=400, refusal=b"x" * 90_000), ModelNotFound, "no model"),
        (Faults(status=204), Unavailable, "status 204"),
        (Faults(redirect_to="http://registry.example.com/x"), Unavailable, "not encrypted"),
        (Faults(redirect_to="file:///etc/passwd"), Unavailable, "an address that is none"),
        (Faults(redirect_to="http://[::1"), NetworkUnavailable, "broke off"),
        (Faults(wrong_part=True), Unavailable, "another part"),
        (Faults(pack="everything"), Unavailable, "packed file"),
        (Faults(pack="damaged"), Unavailable, "damaged data"),
    ],
)
async def test_that_every_fault_of_a_registry_is_said_in_words(
    registry: Registry, cache: HeaderCache, faults: Faults, kind: type[AppError], word: str
) -> None:
    name = registry.add("tiny", small())
    registry.faults = faults
    with pytest.raises(kind, match=word) as error:
        await fetch(name, cache, silence_seconds=0.4)
    assert error.value.hint


async def test_that_a_port_where_nobody_listens_is_no_network(cache: HeaderCache) -> None:
    async with serving(Registry()) as gone:
        address = gone.address
    with pytest.raises(NetworkUnavailable):
        await fetch(f"{address}/library/tiny", cache)


async def test_that_a_blob_that_is_gone_is_not_found(
    registry: Registry, cache: HeaderCache
) -> None:
    name = registry.add("tiny", small())
    registry.blobs.clear()
    with pytest.raises(ModelNotFound, match="tiny"):
        await fetch(name, cache)


async def test_that_weights_that_end_inside_their_header_are_said_to_be_damaged(
    registry: Registry, cache: HeaderCache
) -> None:
    with pytest.raises(Unavailable, match="end inside"):
        await fetch(registry.add("short", small()[:200]), cache)


@pytest.mark.parametrize(
    ("config", "layer", "word"),
    [
        ({"remote_host": "https://ollama.com:443"}, None, "ollama.com"),
        ({}, "application/vnd.ollama.image.tensor", "tensors"),
        ({}, "application/vnd.ollama.image.adapter", "adapter"),
        ({}, None, "no weights"),
    ],
)
async def test_that_a_name_without_gguf_weights_says_what_it_is(
    registry: Registry, cache: HeaderCache, config: dict[str, str], layer: str | None, word: str
) -> None:
    extra = ((layer, b"x"),) if layer else ()
    name = registry.add("odd", None, chat=False, config=config, extra_layers=extra)
    with pytest.raises(BadInput, match=word) as error:
        await fetch(name, cache)
    assert error.value.field == "model"


@pytest.mark.parametrize(
    "manifest",
    [b"{}", b"[]", b"nonsense", b'{"config": 1, "layers": []}']
    + [
        json.dumps(
            {"config": {"mediaType": "c", "digest": digest, "size": size}, "layers": []}
        ).encode()
        for digest, size in (
            ("sha256:../../etc", 1),
            ("sha256:" + "A" * 64, 1),
            ("sha512:" + "a" * 64, 1),
            ("a" * 64, 1),
            (7, 1),
            ("sha256:" + "a" * 64, -1),
            ("sha256:" + "a" * 64, 1 << 60),
            ("sha256:" + "a" * 64, True),
            ("sha256:" + "a" * 64, "1"),
        )
    ],
)
async def test_that_a_manifest_that_is_none_is_refused(
    registry: Registry, cache: HeaderCache, manifest: bytes
) -> None:
    registry.manifests["library/odd:latest"] = manifest
    with pytest.raises(BadInput, match="manifest"):
        await fetch(f"{registry.address}/library/odd", cache)


async def test_that_a_giant_manifest_is_not_read_to_its_end(
    registry: Registry, cache: HeaderCache
) -> None:
    registry.manifests["library/odd:latest"] = b" " * (5 << 20)
    with pytest.raises(Unavailable, match="more than"):
        await fetch(f"{registry.address}/library/odd", cache)


async def test_that_plain_http_is_refused_outside_the_own_network(cache: HeaderCache) -> None:
    with pytest.raises(BadInput) as error:
        await fetch("registry.example.com/library/tiny", cache, insecure=True)
    assert error.value.field == "insecure"


@pytest.mark.parametrize(
    ("name", "plain", "here"),
    [
        ("localhost:5000/library/x", True, True),
        ("127.0.0.1:5000/library/x:1b", True, True),
        ("192.168.1.7:5000/library/x", True, False),
        ("box.lan/library/x", True, False),
        ("hf.co/user/repo:Q4_K_M", False, False),
        ("qwen3:8b", False, False),
    ],
)
def test_plain_http_is_for_the_own_network(name: str, plain: bool, here: bool) -> None:
    assert may_be_plain(name) is plain
    assert on_this_machine(name) is here


async def test_that_a_server_that_sends_less_at_once_is_asked_again(
    registry: Registry, cache: HeaderCache
) -> None:
    name = registry.add("big", BIG)
    registry.faults = Faults(part_limit_bytes=700_000)
    _, header = await fetch(name, cache)
    assert header.array_lengths["tokenizer.ggml.tokens"] == 90_000
    begins = [asked.headers["range"].split("-")[0] for asked in registry.asked_for("/blobs/")]
    assert begins[:3] == ["bytes=0", "bytes=700000", "bytes=1048576"]


async def test_that_a_packed_manifest_is_unpacked(registry: Registry, cache: HeaderCache) -> None:
    name = registry.add("tiny", small())
    registry.faults = Faults(pack="documents")
    manifest, _ = await fetch(name, cache)
    assert manifest.layers
    assert {asked.headers["accept-encoding"] for asked in registry.asked} == {"identity"}


async def test_that_a_small_packed_answer_that_unpacks_to_a_giant_is_refused(
    registry: Registry, cache: HeaderCache
) -> None:
    registry.manifests["library/odd:latest"] = b" " * (64 << 20)
    registry.faults = Faults(pack="documents")
    with pytest.raises(Unavailable, match="more than"):
        await fetch(f"{registry.address}/library/odd", cache)


async def test_that_an_encoding_that_was_not_asked_for_is_refused(cache: HeaderCache) -> None:
    async with answering(b"HTTP/1.1 200 X\r\nContent-Encoding: br\r\n\r\n{}") as host:
        with pytest.raises(Unavailable, match="encoding"):
            await fetch(f"{host}/library/tiny", cache)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00" * 90_000])
async def test_that_what_does_not_speak_http_breaks_off(cache: HeaderCache, answer: bytes) -> None:
    async with answering(answer) as host:
        with pytest.raises(NetworkUnavailable, match="broke off"):
            await fetch(f"{host}/library/tiny", cache)


@pytest.mark.parametrize(
    "head",
    [
        b"200 X\r\nContent-Length: -5",
        b"200 X\r\nContent-Length: 5\r\nContent-Length: 6",
        b"200 X\r\nTransfer-Encoding: chunked",
        b"200 X\r\nLink: <<>;;rel=next,,;",
        b"200 X\r\nLink: <http://[::1>; rel=next",
        b"200 X\r\nContent-Type: \xff\xfe; charset=\xff",
        b"200 X\r\nX: " + b"x" * 200_000,
        b"200 X\r\nSet-Cookie: \xff=;;;=\x80; Path=",
        b"999 X",
        b"307 X\r\nLocation: ",
        b"307 X\r\nLocation: \xff\xfe\x80",
        b"307 X\r\nLocation: http://" + b"a" * 70_000,
        b"307 X\r\nLocation: http://127.0.0.1:99999/",
        b"307 X\r\nLocation: http://user:pass@\xe9\xe9/",
        b"307 X\r\nLocation: //\\\\evil",
        b"200 X\r\nContent-Encoding: gzip, gzip",
        b"200 X\r\nContent-Encoding: \xff",
    ],
)
async def test_that_no_head_of_an_answer_is_more_than_an_error_in_words(
    cache: HeaderCache, head: bytes
) -> None:
    async with answering(b"HTTP/1.1 " + head + b"\r\n\r\n{nonsense") as host:
        with pytest.raises(AppError) as error:
            await fetch(f"{host}/library/tiny", cache, silence_seconds=1)
    assert error.value.message
    assert error.value.hint


async def test_that_a_registry_that_trickles_ends_with_its_time(
    registry: Registry, cache: HeaderCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_session, "_WHOLE_SECONDS", 0.5)
    name = registry.add("big", BIG)
    registry.faults = Faults(rate_bytes_per_s=200_000)
    with pytest.raises(NetworkUnavailable, match="not done after"):
        await fetch(name, cache)


async def test_that_a_redirect_to_another_host_in_the_own_network_is_followed(
    registry: Registry, cache: HeaderCache
) -> None:
    registry.add("tiny", small())
    manifest = f"http://{registry.address}/v2/library/tiny/manifests/latest"
    async with serving(Registry()) as front:
        front.faults = Faults(redirect_to=manifest)
        layers = await read_layers(f"{front.address}/library/tiny")
    assert dict(layers) == {digest: len(data) for digest, data in registry.blobs.items()}


@pytest.mark.parametrize(
    ("location", "word"),
    [
        ("http://cdn.example.com/x", "not encrypted"),
        ("https://127.0.0.1:9/x", "own network"),
        ("https://router/x", "own network"),
        ("https://10.0.0.1/x", "own network"),
        ("ftp://cdn.example.com/x", "none"),
    ],
)
async def test_that_a_registry_outside_leads_neither_inside_nor_to_plain_http(
    location: str, word: str
) -> None:
    outside = registry_session.Session("registry.example.com", plain=False)
    request = httpx.Request("GET", "https://registry.example.com/v2/x")
    answer = httpx.Response(307, headers={"Location": location}, request=request)
    with pytest.raises(Unavailable, match=word):
        await outside.refuse_way_out(answer)
    fine = {"Location": "https://cdn.example.com/x"}
    await outside.refuse_way_out(httpx.Response(307, headers=fine, request=request))
    await outside.refuse_way_out(
        httpx.Response(200, headers={"Location": location}, request=request)
    )


async def test_that_a_header_of_one_registry_is_never_taken_for_anothers(
    registry: Registry, cache: HeaderCache
) -> None:
    """The digest of a blob that was not read whole is only a claim."""
    name = registry.add("tiny", small())
    async with serving(Registry()) as hostile:
        claimed = hostile.add("tiny", small("qwen2"))
        digest = json.loads(registry.manifests["library/tiny:latest"])["layers"][0]["digest"]
        wrong = json.loads(hostile.manifests["library/tiny:latest"])["layers"][0]["digest"]
        hostile.blobs[digest] = hostile.blobs[wrong]
        hostile.manifests["library/tiny:latest"] = registry.manifests["library/tiny:latest"]
        _, poisoned = await fetch(claimed, cache)
    _, header = await fetch(name, cache)
    assert poisoned.architecture == "qwen2"
    assert header.architecture == "llama"


async def test_that_the_place_where_a_model_runs_is_quoted_only_if_it_is_one(
    registry: Registry, cache: HeaderCache
) -> None:
    config = {"remote_host": "\x1b[2Jhttps://ollama.com"}
    name = registry.add("odd", None, chat=False, config=config)
    with pytest.raises(BadInput, match="no weights"):
        await fetch(name, cache)
    for data in list(registry.blobs):
        registry.blobs[data] = b"no document"
    with pytest.raises(BadInput, match="no weights"):
        await fetch(name, cache)


@contextlib.asynccontextmanager
async def answering(data: bytes) -> AsyncIterator[str]:
    """Something that sends these bytes to whoever asks, and hangs up; its address."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
