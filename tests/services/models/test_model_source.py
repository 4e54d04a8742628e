from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.errors import AppError, BadInput, ModelNotFound, NetworkUnavailable
from landfall.core.models.gguf import Header, read_header
from landfall.services.models.header_cache import (
    HeaderCache,
    Layer,
    Manifest,
    blob_path,
    parse_reference,
)
from landfall.services.models.model_source import Fetch, Places, resolve
from landfall.services.models.repository_models import models_of
from landfall.services.ollama.registry import may_be_plain
from tests.fakes.closed_folder import closed
from tests.fakes.gguf_files import header_bytes, small
from tests.fakes.model_registry import Registry, serving

DIGEST = "sha256:" + "ab" * 32
CONFIG = Layer(media_type="config", digest="sha256:" + "cd" * 32, size_bytes=500)
MANIFEST = Manifest(
    layers=(
        Layer(media_type="application/vnd.ollama.image.model", digest=DIGEST, size_bytes=10_000),
        Layer(media_type="application/vnd.ollama.image.projector", digest=DIGEST, size_bytes=77),
    ),
    config=CONFIG,
    fetched_at="2026-11-20T10:00:00+00:00",
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(cache=tmp_path / "cache", models_path=tmp_path / "models")


def forbidden() -> Fetch:
    async def fetch(name: str, cache: HeaderCache) -> tuple[Manifest, Header]:
        raise AssertionError(f"the registry was asked for {name}")

    return fetch


def answering(asked: list[str]) -> Fetch:
    async def fetch(name: str, cache: HeaderCache) -> tuple[Manifest, Header]:
        asked.append(name)
        return MANIFEST, read_header(small())

    return fetch


def failing(error: Exception) -> Fetch:
    async def fetch(name: str, cache: HeaderCache) -> tuple[Manifest, Header]:
        raise error

    return fetch


@pytest.mark.parametrize("name", ["qwen3:8b", "qwen3-8b", "Qwen/Qwen3-8B"])
async def test_that_a_catalogue_name_needs_no_network(places: Places, name: str) -> None:
    spec = await resolve(name, places, fetch=forbidden())
    assert spec.name == "qwen3:8b"
    assert spec.quantization == "Q4_K_M"


async def test_that_a_quantisation_is_taken_from_the_option_or_the_tag(places: Places) -> None:
    by_option = await resolve("qwen3-8b", places, quantization="q8_0", fetch=forbidden())
    by_tag = await resolve("qwen3:8b-q8_0", places, fetch=forbidden())
    assert by_option.weights == by_tag.weights
    assert by_option.quantization == "Q8_0"


async def test_that_online_asks_even_for_a_catalogue_name(places: Places) -> None:
    asked: list[str] = []
    spec = await resolve("Qwen/Qwen3-8B", places, online=True, fetch=answering(asked))
    assert asked == ["qwen3:8b"]
    assert spec.projector_bytes == 77
    assert spec.download_bytes == 10_577


async def test_that_a_name_known_nowhere_asks_the_registry(places: Places) -> None:
    asked: list[str] = []
    spec = await resolve("hf.co/user/repo:Q4_K_M", places, fetch=answering(asked))
    assert asked == ["hf.co/user/repo:Q4_K_M"]
    assert "registry" in spec.weights.source


async def test_that_a_header_in_the_cache_is_enough(places: Places) -> None:
    cache = HeaderCache(places.cache)
    cache.keep_header("registry.ollama.ai", DIGEST, read_header(small()))
    cache.keep_manifest(parse_reference("qwen3:8b"), MANIFEST)
    spec = await resolve("Qwen/Qwen3-8B", places, fetch=forbidden())
    assert spec.architecture.hidden == 64
    assert "2026-11-20" in spec.reasons[0]


@pytest.mark.parametrize("damage", ["nonsense", "{}", "[]", '{"manifest": {}}'])
async def test_that_a_damaged_cache_is_as_good_as_none(places: Places, damage: str) -> None:
    cache = HeaderCache(places.cache)
    cache.keep_header("registry.ollama.ai", DIGEST, read_header(small()))
    cache.keep_manifest(parse_reference("qwen3:8b"), MANIFEST)
    for path in places.cache.rglob("*.json"):
        path.write_text(damage)
    spec = await resolve("qwen3:8b", places, fetch=forbidden())
    assert spec.architecture.hidden == 4096


def install(models: Path, header: bytes, *, name: str = "mine", tag: str = "latest") -> None:
    manifest = models.joinpath("manifests", "registry.ollama.ai", "library", name, tag)
    manifest.parent.mkdir(parents=True)
    manifest.write_text(
        json.dumps(
            {
                "config": {"mediaType": "c", "digest": CONFIG.digest, "size": 500},
                "layers": [
                    {
                        "mediaType": "application/vnd.ollama.image.model",
                        "digest": DIGEST,
                        "size": len(header),
                    }
                ],
            }
        )
    )
    blob = blob_path(models, DIGEST)
    blob.parent.mkdir()
    blob.write_bytes(header)


async def test_that_an_installed_model_is_read_from_ollamas_own_store(places: Places) -> None:
    assert places.models_path is not None
    install(places.models_path, small())
    spec = await resolve("mine", places, fetch=forbidden())
    assert "installed" in spec.weights.source
    elsewhere = replace(places, here=False)
    assert (await resolve("mine", elsewhere, fetch=forbidden())).weights == spec.weights
    blob_path(places.models_path, DIGEST).unlink()
    with pytest.raises(BadInput):
        await resolve("mine", places, fetch=failing(NetworkUnavailable("no network")))


async def test_that_weights_that_may_not_be_looked_at_are_as_good_as_not_there(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places.models_path is not None
    install(places.models_path, small())
    closed(monkeypatch, places.models_path / "blobs")
    with pytest.raises(BadInput, match="could not be asked"):
        await resolve("mine", places, fetch=failing(NetworkUnavailable("no network")))


@pytest.mark.parametrize(
    ("name", "tag", "asked"),
    [
        ("smollm2", "latest", "smollm2"),
        ("smollm2", "latest", "smollm2:latest"),
        ("llama3.1", "8b-instruct-q8_0", "llama3.1:8b-instruct-q8_0"),
    ],
)
async def test_that_an_installed_model_is_itself_whatever_the_catalogue_calls_so(
    places: Places, name: str, tag: str, asked: str
) -> None:
    assert places.models_path is not None
    install(places.models_path, small(), name=name, tag=tag)
    spec = await resolve(asked, places, fetch=forbidden())
    assert "installed" in spec.weights.source
    assert spec.weights.total_bytes < 1e6
    elsewhere = await resolve(asked, replace(places, here=False), fetch=forbidden())
    assert elsewhere.weights.source.startswith("catalogue")


async def test_that_online_asks_for_the_quantisation_that_is_named(places: Places) -> None:
    asked: list[str] = []
    for name in ("qwen3:8b-q8_0", "qwen3:8b-q4_K_M", "qwen3-8b"):
        await resolve(name, places, online=True, fetch=answering(asked))
    assert asked == ["qwen3:8b-q8_0", "qwen3:8b", "qwen3:8b"]


async def test_that_what_is_installed_here_says_nothing_of_another_machine(places: Places) -> None:
    assert places.models_path is not None
    install(places.models_path, small(), name="qwen3", tag="8b")
    here = await resolve("qwen3:8b", places, fetch=forbidden())
    assert "installed" in here.weights.source
    there = await resolve("qwen3:8b", replace(places, here=False), fetch=forbidden())
    assert there.weights.source.startswith("catalogue")


async def test_that_a_file_with_its_header_alone_is_enough(places: Places, tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(small())
    spec = await resolve(str(path), places, fetch=forbidden())
    assert spec.name == str(path)
    assert any("holds its header" in reason for reason in spec.reasons)
    path.write_bytes(small() + bytes(spec.weights.total_bytes))
    whole = await resolve(str(path), places, fetch=forbidden())
    assert not any("holds its header" in reason for reason in whole.reasons)


async def test_that_a_long_header_of_a_file_is_read_to_its_end(
    places: Places, tmp_path: Path
) -> None:
    metadata = {
        "general.architecture": "llama",
        "llama.block_count": 2,
        "llama.embedding_length": 64,
        "tokenizer.ggml.tokens": [f"a long token number {i:06d}" for i in range(80_000)],
    }
    path = tmp_path / "model.gguf"
    path.write_bytes(header_bytes(metadata, [("token_embd.weight", [64, 320], "F16")]))
    spec = await resolve(str(path), places, fetch=forbidden())
    assert spec.architecture.vocabulary == 320


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "cannot be read"),
        (small()[:100], "ends after"),
        (b"PK\x03\x04", "GGUF"),
        (b"", "ends"),
    ],
)
async def test_that_a_file_that_is_no_model_is_refused_by_name(
    places: Places, tmp_path: Path, content: bytes | None, word: str
) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=word) as error:
        await resolve(str(path), places, fetch=forbidden())
    assert error.value.file == str(path)
    assert error.value.field == "model"


async def test_that_a_quantisation_goes_with_a_catalogue_name_only(
    places: Places, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(small())
    assert places.models_path is not None
    install(places.models_path, small())
    cases = ((str(path), False), ("qwen3:8b", True), ("hf.co/u/r", False), ("mine", False))
    for name, online in cases:
        with pytest.raises(BadInput) as error:
            await resolve(name, places, quantization="Q8_0", online=online, fetch=forbidden())
        assert error.value.field == "quant"


@pytest.mark.parametrize(
    "error", [ModelNotFound("no such model."), NetworkUnavailable("no network")]
)
async def test_that_an_unknown_plain_name_is_bad_input_with_suggestions(
    places: Places, error: Exception
) -> None:
    with pytest.raises(BadInput, match="qwen3:72b") as refused:
        await resolve("qwen3:72b", places, fetch=failing(error))
    assert refused.value.field == "model"
    assert "qwen3:" in refused.value.hint


async def test_that_an_outage_of_a_named_registry_is_said_as_one(places: Places) -> None:
    with pytest.raises(NetworkUnavailable):
        await resolve("hf.co/user/repo", places, fetch=failing(NetworkUnavailable("gone")))


@pytest.mark.parametrize("name", ["", "  ", "a b c", "x/y/z/w:1", "é:1", "..", "a" * 200])
async def test_that_what_cannot_be_a_name_is_refused(places: Places, name: str) -> None:
    with pytest.raises(BadInput) as error:
        await resolve(name, places, fetch=failing(NetworkUnavailable("gone")))
    assert error.value.field == "model"


async def test_that_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    HeaderCache(blocked).keep_header("hf.co", DIGEST, read_header(small()))
    assert HeaderCache(blocked).header("hf.co", DIGEST) is None


def test_that_the_port_of_a_registry_is_no_tag() -> None:
    reference = parse_reference("localhost:5050/library/tiny")
    assert reference.parts == ("localhost:5050", "library", "tiny", "latest")
    assert parse_reference("user/model:q4").parts[0] == "registry.ollama.ai"


@pytest.mark.parametrize(
    ("text", "asked_for"),
    [
        ("ollama run hf.co/user/repo:Q8_0", "hf.co/user/repo:Q8_0"),
        ("https://huggingface.co/user/repo/blob/main/x/m-Q8_0.gguf", "hf.co/user/repo:Q8_0"),
        ("hf.co/user/repo:odd-name.gguf", "hf.co/user/repo:odd-name.gguf"),
        ("user/some-model-GGUF", "hf.co/user/some-model-GGUF"),
        ("https://ollama.com/user/model:7b", "user/model:7b"),
    ],
)
async def test_that_what_people_paste_is_asked_for_by_its_name(
    places: Places, text: str, asked_for: str
) -> None:
    asked: list[str] = []
    spec = await resolve(text, places, fetch=answering(asked))
    assert asked == [asked_for]
    assert spec.name == asked_for


async def test_that_a_second_question_asks_nobody_and_online_only_for_the_manifest(
    places: Places,
) -> None:
    async with serving(Registry()) as registry:
        name = registry.add("tiny", small())
        first = await resolve(name, places)
        asked = len(registry.asked)
        again = await resolve(name, places)
        assert len(registry.asked) == asked
        assert again.weights.total_bytes == first.weights.total_bytes
        await resolve(name, places, online=True)
        assert [request.path.split("/")[-2] for request in registry.asked[asked:]] == ["manifests"]


@pytest.mark.parametrize("online", [False, True])
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hf.co/user/repo", "tag"),
        ("user/model", "hf.co/user/model"),
        ("qwen3:72b", "qwen3:"),
    ],
)
async def test_that_a_name_that_its_registry_does_not_know_is_bad_input(
    places: Places, name: str, hint: str, online: bool
) -> None:
    refuses = failing(ModelNotFound(f"there is no {name}.", "Check the name and its tag."))
    with pytest.raises(BadInput, match=name) as error:
        await resolve(name, places, online=online, fetch=refuses)
    assert error.value.field == "model"
    assert hint in error.value.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("hf.co/Qwen/Qwen3-8B", "qwen3:8b"),
        ("hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M", "qwen3:8b"),
        ("hf.co/user/of-its-own-GGUF:Q4_K_M", "as it was"),
    ],
)
async def test_that_an_outage_of_a_repository_names_the_model_of_the_catalogue(
    places: Places, name: str, hint: str
) -> None:
    outage = failing(NetworkUnavailable("gone", "as it was"))
    with pytest.raises(NetworkUnavailable, match="gone") as error:
        await resolve(name, places, fetch=outage)
    assert hint in error.value.hint


async def test_that_an_outage_is_said_as_one_where_a_catalogue_model_was_to_be_asked_for(
    places: Places,
) -> None:
    with pytest.raises(NetworkUnavailable):
        await resolve("qwen3:8b", places, online=True, fetch=failing(NetworkUnavailable("gone")))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("~nobody-of-that-name/x.gguf", "No such file"),
        ("./zero\0.gguf", "zero"),
        ("/dev/zero", "no file"),
        ("/", "no file"),
    ],
)
async def test_that_a_path_that_is_no_file_is_refused_at_once(
    places: Places, name: str, word: str
) -> None:
    with pytest.raises(BadInput, match=word) as error:
        await resolve(name, places, fetch=forbidden())
    assert error.value.file == name


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
async def test_that_a_pipe_is_not_waited_for(places: Places, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gguf"
    os.mkfifo(pipe)
    with pytest.raises(BadInput, match="no file"):
        await resolve(str(pipe), places, fetch=forbidden())


@pytest.mark.parametrize(
    "name", ["a" * 5000, "x\0y", "a:b:c", "hf.co/u:1/r", "localhost:99999/a/b", "ho st/a/b"]
)
async def test_that_what_is_neither_path_nor_name_is_refused(places: Places, name: str) -> None:
    with pytest.raises(BadInput) as error:
        await resolve(name, places, fetch=failing(NetworkUnavailable("gone")))
    assert error.value.field == "model"
    assert len(error.value.message) < 300


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".com", "-.-", "[::1]:1", "[1:2]"])
async def test_that_a_host_that_cannot_be_looked_up_is_an_error_in_words(
    places: Places, host: str
) -> None:
    with pytest.raises(AppError) as error:
        await resolve(f"{host}/a/b", places)
    assert error.value.message
    assert error.value.hint


@pytest.mark.parametrize("host", ["[1:2]", "9.9.9.999"])
async def test_that_a_host_that_is_none_is_bad_input_for_lists_too(
    places: Places, host: str
) -> None:
    with pytest.raises(BadInput, match="cannot be the name of a registry") as error:
        await models_of(f"{host}/a/b", places)
    assert error.value.field == "model"
    assert not may_be_plain("9.9.9.999/a/b")
