"""From a header to a model, on some small tensors."""

from __future__ import annotations

from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.models.gguf import Header, Tensor
from landfall.core.models.header_spec import from_header


def made(*tensors: Tensor, offset: int = 1000, **metadata: Any) -> Header:
    told = {
        "general.architecture": "llama",
        "llama.block_count": 2,
        "llama.embedding_length": 64,
        "llama.attention.head_count": 4,
        **{key.replace("__", "."): value for key, value in metadata.items()},
    }
    return Header(version=3, metadata=told, array_lengths={}, tensors=tensors, data_offset=offset)


EMBEDDING = Tensor("token_embd.weight", (64, 100), 1, 12_800)

OUTPUT = Tensor("output.weight", (64, 100), 0, 25_600)

EXPERTS = Tensor("blk.0.ffn_up_exps.weight", (64, 10, 8), 1, 10_240)

TABLES = Tensor("per_layer_token_embd.weight", (16, 100), 1, 3200)

LAYER = Tensor("blk.0.attn_q.weight", (64, 64), 1, 8192)


def test_that_the_tensors_are_told_apart_by_what_happens_to_them() -> None:
    header = made(
        EMBEDDING,
        OUTPUT,
        EXPERTS,
        TABLES,
        LAYER,
        llama__expert_count=8,
        llama__expert_used_count=2,
        general__file_type=15,
    )
    found = from_header(header, "m", projector_bytes=5, download_bytes=6, source="here")
    weights = found.weights
    assert weights.total_bytes == 12_800 + 25_600 + 10_240 + 3200 + 8192
    assert (weights.embedding_bytes, weights.output_bytes) == (12_800, 25_600)
    assert (weights.expert_bytes, weights.lookup_bytes) == (10_240, 3200)
    assert (weights.tied, weights.spread, weights.source) == (False, 0.0, "here")
    assert (found.name, found.projector_bytes, found.download_bytes) == ("m", 5, 6)
    assert (found.quantization, found.reasons) == ("Q4_K_M", ())
    # Numbers: 6400, 6400, 5120, 1600, 4096. A token looks up the embedding and the tables, and
    # uses two of eight experts: 23,616 - 5120 - 1600 - 6400 + 1280.
    assert found.params_total == 23_616
    assert found.params_active == 11_776


def test_that_a_tied_embedding_is_the_output_and_is_read() -> None:
    found = from_header(made(EMBEDDING, LAYER), "m")
    assert found.weights.tied
    assert found.weights.output_bytes == found.weights.embedding_bytes == 12_800
    assert found.params_active == found.params_total == 10_496
    assert (found.weights.source, found.projector_bytes) == ("GGUF header", 0)
    assert found.download_bytes is None
    assert from_header(made(OUTPUT), "m").params_active == 6400
    assert made(LAYER, general__file_type=999).quantization == "F16"
    bare = from_header(made(LAYER), "m").weights
    assert (bare.embedding_bytes, bare.output_bytes) == (0, 0)


def test_that_the_file_stands_for_weights_of_an_unknown_type() -> None:
    odd = Tensor("blk.0.ffn_up.weight", (64, 64), 250, None)
    with pytest.raises(BadInput, match="type of numbers"):
        from_header(made(EMBEDDING, odd), "m")
    found = from_header(made(EMBEDDING, odd), "m", file_bytes=50_000)
    assert (found.weights.total_bytes, found.weights.spread) == (49_000, 0.02)
    assert len(found.reasons) == 1
    assert "unknown type" in found.reasons[0]
    assert from_header(made(EMBEDDING, odd), "m", file_bytes=10).weights.total_bytes == 0


@pytest.mark.parametrize(
    ("metadata", "word"),
    [
        ({"general__type": "adapter"}, "adapter"),
        ({"general__type": "mmproj"}, "projector"),
        ({"general__architecture": "clip"}, "projector"),
        ({"split__count": 2}, "2 parts"),
    ],
)
def test_that_what_is_no_whole_model_is_refused(metadata: dict[str, Any], word: str) -> None:
    with pytest.raises(BadInput, match=word) as error:
        from_header(made(EMBEDDING, **metadata), "m")
    assert error.value.field == "model"


def test_that_one_part_is_a_whole_model_and_none_of_weights_is_none() -> None:
    assert from_header(made(EMBEDDING, split__count=1), "m").params_total == 6400
    assert from_header(made(EMBEDDING, general__type="model"), "m").name == "m"
    with pytest.raises(BadInput, match="no weights"):
        from_header(made(), "m")


def test_that_an_unknown_architecture_says_that_it_may_be_too_much() -> None:
    told = {"x.block_count": 2, "x.embedding_length": 64, "general__architecture": "x"}
    found = from_header(made(EMBEDDING, **told), "m")
    assert len(found.reasons) == 1
    assert "'x' is not known" in found.reasons[0]
