from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, ModelNotFound, NetworkUnavailable, Unavailable
from landfall.core.models.gguf import Header
from landfall.core.models.repository import RepositoryFile
from landfall.services.models.header_cache import Manifest
from landfall.services.models.model_source import Places
from landfall.services.models.repository_models import lists_files, models_of, no_list_words
from tests.fakes.gguf_files import measured_headers
from tests.fakes.model_registry import Faults, Registry, serving

HEADER = measured_headers()["qwen3-8b.gguf"]
GB = 1_000_000_000
Files = Mapping[str, tuple[bytes, int]]
FILES: Files = {
    "Qwen3-8B-Q8_0.gguf": (HEADER, 8_700_000_000),
    "Qwen3-8B-Q4_K_M.gguf": (HEADER, 5_000_000_000),
    "Qwen3-8B-BF16-00001-of-00002.gguf": (HEADER, 9_000_000_000),
    "Qwen3-8B-BF16-00002-of-00002.gguf": (HEADER, 7_000_000_000),
    "Qwen3-0.6B-Q4_0.gguf": (HEADER, 400_000_000),
    "mmproj-F16.gguf": (b"", GB),
}


@pytest.fixture
async def hub() -> AsyncIterator[Registry]:
    async with serving(Registry()) as running:
        yield running


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(cache=tmp_path / "cache")


async def test_that_every_quantisation_is_a_model_with_its_own_size(
    hub: Registry, places: Places
) -> None:
    name = hub.add_repository(
        "user/repo", FILES, default="Qwen3-8B-Q4_K_M.gguf", projector_bytes=GB
    )
    found = await models_of(name, places)
    assert found.chosen.name == name
    assert found.chosen.weights.spread == 0
    other, read, q8, split = found.variants
    assert (read.name, q8.name) == (f"{name}:Q4_K_M", f"{name}:Q8_0")
    assert read.spec is not None
    assert read.spec.weights == found.chosen.weights
    assert q8.spec is not None
    assert q8.spec.weights.total_bytes == pytest.approx(8_700_000_000, rel=1e-3)
    assert q8.spec.projector_bytes == GB
    assert q8.spec.download_bytes == pytest.approx(9_700_000_000, rel=1e-6)
    assert other.spec is None
    assert "another model" in other.reason
    assert split.spec is not None
    assert split.quantization.size_bytes == 16 * GB
    assert "2 parts" in split.reason
    assert split.spec.reasons[0] == split.reason


async def test_that_one_list_one_manifest_and_the_start_of_one_file_are_asked_for(
    hub: Registry, places: Places
) -> None:
    name = hub.add_repository("user/repo", FILES, default="Qwen3-8B-Q4_K_M.gguf")
    await models_of(name, places)
    paths = [asked.path.split("/")[1:] for asked in hub.asked]
    assert [path[0] for path in paths] == ["api", "v2", "v2"]
    await models_of(name, places)
    assert [asked.path.split("/")[1] for asked in hub.asked[3:]] == ["api", "v2"]
    assert hub.sent_bytes <= 1 << 20


async def test_that_a_tag_is_the_one_that_was_asked_for(hub: Registry, places: Places) -> None:
    name = hub.add_repository("user/repo", FILES, tags={"Q8_0": "Qwen3-8B-Q8_0.gguf"})
    found = await models_of(f"{name}:Q8_0", places)
    assert found.chosen.name == f"{name}:Q8_0"
    exact = [v.name for v in found.variants if v.spec and v.spec.weights.spread == 0]
    assert exact == [f"{name}:Q8_0"]


async def test_that_where_the_usual_one_comes_in_parts_a_whole_one_is_read(
    hub: Registry, places: Places
) -> None:
    files: Files = {
        "m-F16.gguf": (HEADER, 16 * GB),
        "m-odd.gguf": (HEADER, 5 * GB),
        "m-Q5_K_M.gguf": (HEADER, 6 * GB),
        "m-Q4_K_M-00001-of-00002.gguf": (HEADER, 3 * GB),
        "m-Q4_K_M-00002-of-00002.gguf": (HEADER, 2 * GB),
    }
    name = hub.add_repository("user/repo", files, tags={"Q5_K_M": "m-Q5_K_M.gguf"})
    found = await models_of(name, places)
    assert found.chosen.name == f"{name}:Q5_K_M"
    with pytest.raises(BadInput, match="several parts"):
        await models_of(f"{name}:Q4_K_M", places)


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"model.safetensors": (b"", GB)}, "in another form"),
        ({"README.txt": (b"", 1)}, "no model files"),
        ({"mmproj-F16.gguf": (b"", GB)}, "no model files"),
        ({"m-Q8_0-00001-of-00002.gguf": (HEADER, GB)}, "Every quantization of .* several parts"),
    ],
)
async def test_that_a_repository_without_anything_to_pull_says_so(
    hub: Registry, places: Places, files: Files, word: str
) -> None:
    name = hub.add_repository("user/repo", files)
    with pytest.raises(BadInput, match=word) as error:
        await models_of(name, places)
    assert error.value.field == "model"
    assert error.value.hint
    assert not hub.asked_for("/v2/")


async def test_that_a_repository_that_is_not_there_is_bad_input(
    hub: Registry, places: Places
) -> None:
    with pytest.raises(BadInput, match="has no model") as error:
        await models_of(f"{hub.address}/user/nothing", places)
    assert error.value.field == "model"


async def test_that_a_file_that_is_not_in_the_list_leaves_every_size_to_the_list(
    hub: Registry, places: Places
) -> None:
    name = hub.add_repository("user/repo", FILES, default="Qwen3-8B-Q4_K_M.gguf")
    del hub.listings["user/repo"][3]
    found = await models_of(name, places)
    assert all(v.spec is not None and v.spec.weights.spread for v in found.variants)


async def test_that_a_registry_that_is_no_hub_lists_nothing_and_is_asked_all_the_same(
    hub: Registry, places: Places
) -> None:
    name = hub.add("tiny", HEADER)
    found = await models_of(name, places)
    assert found.variants == ()
    assert found.chosen.name == name
    assert hub.address in no_list_words(name)


async def test_that_the_hub_itself_is_believed_that_there_is_no_repository(places: Places) -> None:
    async def nothing(*_: object) -> tuple[RepositoryFile, ...]:
        raise ModelNotFound("huggingface.co has no model hf.co/user/nothing.", "Check the name.")

    async def forbidden(*_: object) -> tuple[Manifest, Header]:
        raise AssertionError("the registry was asked")

    with pytest.raises(BadInput, match="has no model"):
        await models_of("hf.co/user/nothing", places, fetch=forbidden, list_files=nothing)


@pytest.mark.parametrize(
    ("faults", "kind"),
    [(Faults(status=500), Unavailable), (Faults(redirect_loop=True), NetworkUnavailable)],
)
async def test_that_a_hub_that_fails_is_said_as_such(
    hub: Registry, places: Places, faults: Faults, kind: type[Unavailable]
) -> None:
    name = hub.add_repository("user/repo", FILES)
    hub.faults = faults
    with pytest.raises(kind):
        await models_of(name, places)


async def test_that_ollamas_own_library_lists_nothing_and_its_page_is_named(
    places: Places,
) -> None:
    assert not lists_files("qwen3:8b")
    assert lists_files("https://huggingface.co/user/repo/tree/main")
    said = no_list_words("qwen3:8b")
    assert "https://ollama.com/library/qwen3/tags" in said
    assert "qwen3:8b, " in said
    assert "catalogue" not in no_list_words("nothing-of-that-name")
    assert "https://ollama.com/user/model/tags" in no_list_words("user/model")
    with pytest.raises(BadInput, match=r"ollama\.com"):
        await models_of("qwen3:8b", places)
