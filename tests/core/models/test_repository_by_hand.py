"""What a repository holds, on files of some thousand bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from landfall.core.models.architecture import ModelSpec, Weights
from landfall.core.models.gguf import Header
from landfall.core.models.repository import (
    LISTED_SPREAD,
    Quantization,
    RepositoryFile,
    contents,
    quantized,
    read_listing,
)
from tests.core.models.bare_models import BARE


def listed(**entry: Any) -> tuple[RepositoryFile, ...]:
    return read_listing(json.dumps([{"type": "file", "path": "a.gguf", **entry}]).encode(), "x")


def test_that_an_entry_has_a_size_a_path_and_perhaps_a_digest() -> None:
    assert listed(size=0) == (RepositoryFile(path="a.gguf", size_bytes=0),)
    assert listed(size=(1 << 50) - 1)[0].size_bytes == (1 << 50) - 1
    assert listed(size=1 << 50) == listed(size=-1) == listed(size="7") == listed() == ()
    assert listed(size=1, path="a" * 1024)[0].path == "a" * 1024
    assert listed(size=1, path="a" * 1025) == listed(size=1, path="") == ()
    assert listed(size=1, lfs={"size": 9, "oid": "ab" * 32})[0] == RepositoryFile(
        path="a.gguf", size_bytes=9, sha256="ab" * 32
    )
    assert listed(size=1, lfs={"oid": "AB" * 32})[0].sha256 == ""
    assert listed(size=1, lfs="no")[0].size_bytes == 1
    assert listed(size=1, type="directory") == ()


def test_that_parts_are_one_file_and_the_smallest_stands_first() -> None:
    held = contents(
        [
            RepositoryFile(path="m-Q8_0.gguf", size_bytes=9, sha256="d"),
            RepositoryFile(path="x/m-F16-00002-of-00003.gguf", size_bytes=2, sha256="e"),
            RepositoryFile(path="x/m-F16-00001-of-00003.gguf", size_bytes=2, sha256="f"),
            RepositoryFile(path="readme.md", size_bytes=1),
            RepositoryFile(path="gguf", size_bytes=1),
        ]
    )
    split, whole = held.quantizations
    assert split == Quantization(
        label="F16",
        family="m",
        path="x/m-F16-00001-of-00003.gguf",
        size_bytes=4,
        parts=3,
        sha256="",
        tag="F16",
    )
    assert (split.split, split.title) == (True, "F16")
    assert (whole.parts, whole.sha256, whole.split) == (1, "d", False)
    assert not held.other_weights
    assert contents([RepositoryFile(path="a.SAFETENSORS", size_bytes=1)]).other_weights
    plain = Quantization(label="", family="m", path="x/m.gguf", size_bytes=1, tag="m.gguf")
    assert plain.title == "m.gguf"


def reference(**weights: Any) -> ModelSpec:
    told: dict[str, Any] = {
        "total_bytes": 10_000,
        "embedding_bytes": 1000,
        "output_bytes": 2000,
        "tied": False,
        "source": "",
        "expert_bytes": 3500,
        "lookup_bytes": 700,
    }
    return ModelSpec(
        name="m",
        architecture=BARE,
        weights=Weights(**(told | weights)),
        params_total=1,
        params_active=1,
        quantization="Q4_K_M",
        download_bytes=10_500,
        reasons=("first", "second"),
    )


HEADER = Header(version=3, metadata={}, array_lengths={}, tensors=(), data_offset=400)


def wanted(label: str, size: int) -> Quantization:
    return Quantization(label=label, family="m", path="m.gguf", size_bytes=size, tag=label)


def test_that_another_file_is_scaled_between_its_matrices() -> None:
    """20,400 less a header of 400; both matrices 1000 numbers of 16 bits: 2000. What is between
    them grows from 7000 to 16,000."""
    found = quantized(reference(), HEADER, wanted("F16", 20_400), 10_400)
    weights = found.weights
    assert (weights.total_bytes, weights.spread) == (20_000, LISTED_SPREAD)
    assert (weights.embedding_bytes, weights.output_bytes) == (2000, 2000)
    assert (weights.expert_bytes, weights.lookup_bytes) == (8000, 1600)
    assert found.download_bytes == 10_500 - 10_400 + 20_400
    assert found.reasons[1:] == ("second",)
    assert found.quantization == "F16"
    assert LISTED_SPREAD == 0.005
    assert "±0.5 %" in found.reasons[0]
    tied = quantized(reference(tied=True, output_bytes=1000), HEADER, wanted("F16", 20_400), 10_400)
    # Tied: 18,000 of 9000.
    assert (tied.weights.expert_bytes, tied.weights.output_bytes) == (7000, 2000)
    mixed = quantized(reference(), HEADER, wanted("Q4_K_M", 20_400), 0).weights
    assert (mixed.embedding_bytes, mixed.output_bytes) == (611, 820)
    assert (
        quantized(
            replace(reference(), download_bytes=None), HEADER, wanted("F16", 20_400), 0
        ).download_bytes
        is None
    )


def test_that_bits_that_are_not_known_scale_the_matrices_with_the_file() -> None:
    found = quantized(reference(), HEADER, wanted("NVFP4", 20_400), 0).weights
    assert (found.embedding_bytes, found.output_bytes) == (2000, 4000)
    bare = replace(reference(), architecture=replace(BARE, vocabulary=None))
    assert quantized(bare, HEADER, wanted("F16", 20_400), 0).weights.embedding_bytes == 2000
    tiny = quantized(reference(), HEADER, wanted("F16", 2400), 0).weights
    assert (tiny.embedding_bytes, tiny.output_bytes) == (1000, 1000), "half of all at most"
    assert quantized(reference(), HEADER, wanted("F16", 300), 0).weights.total_bytes == 0
