"""Models of the protocol twin that say what a test wants."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from tests.fakes.ollama_world import TwinModel, name_of

DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "qwen3",
    "families": ["qwen3"],
    "parameter_size": "8.2B",
    "quantization_level": "Q4_K_M",
}


def speaker(name: str, pieces: Sequence[str], **more: Any) -> TwinModel:
    """A model that says these pieces; further fields as in TwinModel."""
    named = name_of(name)
    assert named is not None
    return TwinModel(
        name=named,
        digest=hashlib.sha256(name.encode()).hexdigest(),
        size=5_200_000_000,
        details=DETAILS,
        modified_at="2026-01-01T00:00:00Z",
        pieces=tuple(pieces),
        **more,
    )
