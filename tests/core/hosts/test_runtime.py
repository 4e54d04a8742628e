"""What is known of a server and of the models in its memory."""

from __future__ import annotations

import pytest

from landfall.core.hosts.runtime import WHOLE, LoadedModel, Runtime, RuntimeState, gpu_share


@pytest.mark.parametrize(
    ("size", "gpu", "share"),
    [
        (100, 0, 0.0),
        (100, 25, 0.25),
        (100, 100, 1.0),
        (100, 101, 1.0),  # a server may count more on the board than in all
        (1, 1, 1.0),
        (0, 0, None),
        (-1, 5, None),
    ],
)
def test_that_the_part_on_gpus_is_a_share(size: int, gpu: int, share: float | None) -> None:
    loaded = LoadedModel(
        name="m", digest="", size_bytes=size, gpu_bytes=gpu, context=None, expires_at=""
    )
    assert gpu_share(loaded) == share
    assert WHOLE == 0.995


def test_that_a_server_is_called_by_its_name_and_version() -> None:
    bare = Runtime(kind="ollama", state=RuntimeState.ABSENT, url="http://x")
    assert (bare.words, bare.is_ollama, bare.version) == ("Ollama", True, None)
    assert (bare.warnings, bare.executable, bare.name) == ((), None, "")
    other = Runtime(
        kind="openai_compatible", state=RuntimeState.REMOTE, url="", server="vLLM", version="0.9"
    )
    assert (other.words, other.is_ollama) == ("vLLM 0.9", False)
