from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from landfall.core.errors import AppError, BadInput, ModelNotFound, NetworkUnavailable, Unavailable
from landfall.services.models import hugging_face
from landfall.services.models.header_cache import Reference, parse_reference
from landfall.services.models.hugging_face import list_files
from tests.fakes.gguf_files import small
from tests.fakes.model_registry import Faults, Registry, serving

FILES = {f"m-Q{n}_0.gguf": (small(), n * 1_000_000_000) for n in (4, 5, 8)}


@pytest.fixture
async def hub() -> AsyncIterator[Registry]:
    async with serving(Registry()) as running:
        yield running


def reference(hub: Registry, repository: str = "user/repo") -> Reference:
    return parse_reference(f"{hub.address}/{repository}")


async def test_that_files_are_listed_with_sizes_and_digests(hub: Registry) -> None:
    hub.add_repository("user/repo", FILES)
    files = await list_files(reference(hub), "user/repo")
    assert [file.path for file in files] == ["README.md", *FILES]
    assert files[1].size_bytes == 4_000_000_000
    assert f"sha256:{files[1].sha256}" in hub.blobs
    (asked,) = hub.asked
    assert asked.path == "/api/models/user/repo/tree/main?recursive=true"


async def test_that_every_page_of_a_long_list_is_read(hub: Registry) -> None:
    hub.add_repository("user/repo", FILES)
    hub.page_size = 2
    files = await list_files(reference(hub), "user/repo")
    assert [file.path for file in files] == ["README.md", *FILES]
    assert len(hub.asked) == 3


async def test_that_a_list_without_end_is_given_up(
    hub: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hugging_face, "_MAX_PAGES", 3)
    hub.add_repository("user/repo", FILES)
    hub.faults = Faults(next_page="/api/models/user/repo/tree/main?recursive=true")
    with pytest.raises(BadInput, match="too many files"):
        await list_files(reference(hub), "user/repo")
    assert len(hub.asked) == 3


@pytest.mark.parametrize(
    ("faults", "kind", "word"),
    [
        (Faults(status=401), ModelNotFound, "does not show"),
        (Faults(status=404), ModelNotFound, "no model"),
        (Faults(status=429), Unavailable, "too many"),
        (Faults(status=500), Unavailable, "500"),
        (Faults(html=True), Unavailable, "web page"),
        (Faults(redirect_loop=True), NetworkUnavailable, "without end"),
        (Faults(silent=True), NetworkUnavailable, "silent"),
        (Faults(next_page="http://127.0.0.1:1/api"), Unavailable, "elsewhere"),
        (Faults(next_page="https://example.com/api"), Unavailable, "elsewhere"),
        (Faults(next_page="http://[::1"), NetworkUnavailable, "broke off"),
    ],
)
async def test_that_every_fault_of_a_hub_is_said_in_words(
    hub: Registry, faults: Faults, kind: type[AppError], word: str
) -> None:
    hub.add_repository("user/repo", FILES)
    hub.faults = faults
    with pytest.raises(kind, match=word) as error:
        await list_files(reference(hub), "user/repo", silence_seconds=0.4)
    assert error.value.hint


async def test_that_the_hub_itself_is_asked_by_its_long_name_and_encrypted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, bool]] = []

    def session(host: str, *, insecure: bool, silence_seconds: float) -> None:
        asked.append((host, insecure))
        raise NetworkUnavailable("no network here")

    monkeypatch.setattr(hugging_face, "session", session)
    for name in ("hf.co/user/repo", "huggingface.co/user/repo:Q4_K_M"):
        with pytest.raises(NetworkUnavailable):
            await list_files(parse_reference(name), name)
    assert asked == [("huggingface.co", False)] * 2
