"""Which layers keep what, by the keys of a header, on a model of twelve layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from landfall.core.models.architecture import Architecture, CacheLayers
from landfall.core.models.gguf import Tensor, Value
from landfall.core.models.header_keys import Keys
from landfall.core.models.layers import architecture_of
from tests.core.models.short_headers import PLAIN, WINDOW, header, read


def tensor(name: str, *shape: int) -> Tensor:
    return Tensor(name, shape, 0, 0)


def test_that_a_plain_model_has_one_cache_in_all_layers() -> None:
    """A head is 64 / 4 = 16 wide: two of them for keys and for values, four for queries."""
    assert read("llama") == Architecture(
        name="llama",
        layers=12,
        caches=(CacheLayers(layers=12, key_width=32, value_width=32),),
        vocabulary=1000,
        hidden=64,
        heads=4,
        query_width=64,
        feed_forward=100,
        context_trained=8192,
    )


def test_that_stated_widths_stand_above_those_of_a_head() -> None:
    more = {"attention.key_length": 20, "attention.value_length": 10}
    found = read("llama", more)
    assert found.caches == (CacheLayers(layers=12, key_width=40, value_width=20),)
    assert found.query_width == 80
    wide = read("llama", {**more, "attention.key_length_mla": 30})
    assert wide.query_width == 120
    assert wide.caches[0].value_width == 20, "only both widths mean that keys hold everything"
    latent = {"attention.key_length_mla": 30, "attention.value_length_mla": 7}
    held = read("deepseek2", {**more, **latent})
    assert held.caches == (CacheLayers(layers=12, key_width=40, value_width=0, own_width=True),)


def test_that_layers_of_unlike_heads_are_groups_of_their_own() -> None:
    listed = (4, 4, 2, *(1,) * 9)
    found = read("llama", {"attention.head_count": listed, "attention.head_count_kv": listed})
    assert found.heads == 4
    assert [(group.layers, group.key_width) for group in found.caches] == [
        (2, 64),
        (1, 32),
        (9, 16),
    ]
    silent = {key: value for key, value in PLAIN.items() if key != "attention.head_count_kv"}
    whole = architecture_of(Keys(header("llama", plain=silent), "m"))
    assert whole.caches[0].key_width == 64, "as many as there are queries, where it is not said"


def test_that_layers_that_predict_further_tokens_are_not_run() -> None:
    found = read("glm4moe", {"nextn_predict_layers": 2})
    assert (found.layers, found.caches[0].layers) == (12, 10)
    assert read("glm4moe", {"nextn_predict_layers": 99}).caches[0].layers == 1


def test_that_the_active_feed_forward_is_that_of_the_experts_used() -> None:
    mixture: dict[str, Value] = {
        "expert_count": 8,
        "expert_used_count": 2,
        "expert_feed_forward_length": 30,
    }
    found = read("qwen3moe", mixture)
    assert (found.experts, found.experts_used, found.feed_forward) == (8, 2, 60)
    assert read("qwen3moe", {**mixture, "expert_used_count": 9}).experts_used == 8
    assert read("qwen3moe", {**mixture, "expert_shared_count": 1}).feed_forward == 90
    shared = {**mixture, "expert_shared_feed_forward_length": 7}
    assert read("qwen3moe", shared).feed_forward == 67
    dense_first = {**mixture, "leading_dense_block_count": 1}
    assert read("deepseek2", dense_first).feed_forward == 100
    assert read("deepseek2", {**dense_first, "expert_used_count": 4}).feed_forward == 120
    unsaid = {key: value for key, value in mixture.items() if "length" not in key}
    assert read("qwen3moe", unsaid).feed_forward == 200, "as wide as a dense layer"
    assert read("llama", {"expert_used_count": 5}).feed_forward == 100
    assert not read("llama").is_mixture
    assert found.is_mixture


def test_that_the_vocabulary_is_that_of_the_output_then_the_embedding_then_the_words() -> None:
    output, embedding = tensor("output.weight", 64, 500), tensor("token_embd.weight", 64, 400)
    assert read("llama", tensors=(embedding, output)).vocabulary == 500
    assert read("llama", tensors=(embedding,)).vocabulary == 400
    assert read("llama", tensors=(tensor("output.weight", 64), embedding)).vocabulary == 400
    assert read("bert", tensors=(embedding,)).vocabulary is None
    silent = {key: value for key, value in PLAIN.items() if key != "vocab_size"}
    listed = replace(header("llama", plain=silent), array_lengths={"tokenizer.ggml.tokens": 77})
    assert architecture_of(Keys(listed, "m")).vocabulary == 77
    assert architecture_of(Keys(header("llama", plain=silent), "m")).vocabulary is None


@pytest.mark.parametrize(
    ("tensors", "gated"),
    [
        ((), True),
        ((tensor("blk.0.ffn_up.weight", 64, 100),), False),
        ((tensor("blk.0.ffn_up.weight", 64, 200),), True),
        ((tensor("blk.0.ffn_up.bias", 200),), True),
        ((tensor("blk.0.ffn_up.weight", 64, 100), tensor("blk.0.ffn_gate.weight", 64, 100)), True),
        ((tensor("blk.0.ffn_gate_inp.weight", 64, 8), tensor("blk.0.ffn_up.weight", 64, 9)), False),
    ],
)
def test_that_a_gate_is_a_matrix_of_its_own_or_half_of_the_way_up(
    tensors: tuple[Tensor, ...], gated: bool
) -> None:
    assert read("llama", tensors=tensors).gated is gated


def test_that_an_encoder_keeps_no_cache_and_embeds() -> None:
    found = read("bert")
    assert (found.encoder, found.embedder, found.caches, found.residuals) == (True, True, (), 3)
    assert read("nomic-bert").residuals == 2
    assert read("nomic-bert-moe").residuals == 2
    pooled = read("qwen3", {"pooling_type": 3})
    assert (pooled.encoder, pooled.embedder, pooled.residuals) == (False, True, 4)
    assert not read("qwen3", {"pooling_type": 0}).embedder
    assert not read("qwen3").embedder
    assert read("llada").caches == ()
    assert not read("llada").encoder


def test_that_new_keys_of_an_encoder_are_those_of_its_heads_and_with_one_matrix_its_values() -> (
    None
):
    assert read("bert").new_keys == 2 * 16
    fused = tensor("blk.0.attn_qkv.weight", 64, 192)
    assert read("bert", tensors=(fused,)).new_keys == 2 * 32
    assert read("llama", tensors=(fused,)).new_keys == 0
    unlike = (1, 3, *(2,) * 10)
    assert read("bert", {"attention.head_count_kv": unlike}).new_keys == 3 * 16, "the widest"


def test_that_what_is_not_known_is_said_and_flash_attention_is_off_for_grok() -> None:
    assert not read("made-up").known
    assert read("mamba").known
    assert read("llama").flash_attention
    assert not read("grok").flash_attention


@pytest.mark.parametrize(
    ("name", "more", "residuals"),
    [
        ("llama", {}, 2),
        ("gpt2", {}, 3),
        ("granitehybrid", {}, 4),
        ("qwen3vl", {}, 6),
        ("qwen3vlmoe", {}, 6),
        ("deepseek2", {"expert_count": 8, "expert_used_count": 3}, 7),
        ("deepseek2", {}, 2),
        ("llama", {"expert_count": 8, "expert_used_count": 3}, 2),
    ],
)
def test_that_what_is_alive_beside_the_logits_is_that_of_llama_cpps_graphs(
    name: str, more: Mapping[str, Value], residuals: int
) -> None:
    assert read(name, more).logits_residuals == residuals


def test_that_embeddings_of_each_layer_and_features_of_an_image_are_alive_beside_it() -> None:
    per_layer: Mapping[str, Value] = {"embedding_length_per_layer_input": 5}
    four, three = read("gemma4", per_layer), read("gemma3n", per_layer)
    assert (four.beside_layer, four.beside_logits) == (60, 60)
    assert (three.beside_layer, three.beside_logits) == (60 + 3 * 64, 0)
    seen = read("qwen3vl", {"n_deepstack_layers": 3})
    assert (seen.beside_layer, seen.beside_logits) == (2 * 3 * 64, 384)
    assert read("llama", per_layer).beside_layer == 0


def test_that_gemma_shares_the_caches_of_its_last_layers() -> None:
    many = read("gemma3n", {"block_count": 30})
    assert sum(group.layers for group in many.caches) == 20
    assert sum(group.layers for group in read("gemma3n").caches) == 12
    shared = read("gemma4", {"attention.shared_kv_layers": 5})
    assert sum(group.layers for group in shared.caches) == 7
    assert sum(g.layers for g in read("gemma4", {"attention.shared_kv_layers": 12}).caches) == 1
    assert sum(g.layers for g in read("llama", {"attention.shared_kv_layers": 5}).caches) == 12


@pytest.mark.parametrize(
    ("name", "more", "layers", "value"),
    [
        ("deepseek32", {}, 12, 0),
        ("minimax-m3", {"leading_dense_block_count": 3}, 9, 16),
        ("glm-dsa", {}, 12, 0),
        ("glm-dsa", {"attention.indexer.types": (1, 0, 1)}, 11, 0),
        ("glm-dsa", {"context_length": (1 << 20) - 1}, 12, 0),
        # On the first two, then every fourth: 0, 1, 2, 6, 10.
        ("glm-dsa", {"context_length": 1 << 20}, 5, 0),
    ],
)
def test_that_an_index_of_keys_comes_on_top(
    name: str, more: Mapping[str, Value], layers: int, value: int
) -> None:
    found = read(name, {**more, "attention.indexer.key_length": 8})
    plain = CacheLayers(layers=12, key_width=32, value_width=32)
    index = CacheLayers(layers=layers, key_width=8, value_width=value, own_width=True)
    assert found.caches == (plain, index)


def test_that_there_is_no_index_without_its_width_or_layers() -> None:
    assert len(read("deepseek32").caches) == 1
    width: Mapping[str, Value] = {"attention.indexer.key_length": 8}
    assert len(read("minimax-m3", {**width, "leading_dense_block_count": 12}).caches) == 1
    assert len(read("minimax-m3", {**width, "leading_dense_block_count": 99}).caches) == 1
    assert len(read("llama", width).caches) == 1


def test_that_layers_that_slide_have_a_cache_of_their_own_and_their_own_widths() -> None:
    more = {**WINDOW, "attention.key_length_swa": 6, "attention.value_length_swa": 5}
    found = read("gemma3", more)
    assert set(found.caches) == {
        CacheLayers(layers=10, key_width=12, value_width=10, window=512),
        CacheLayers(layers=2, key_width=32, value_width=32),
    }
    assert found.masks == 2
    assert read("llama").masks == 1
    assert read("lfm2", WINDOW).masks == 1


def test_that_heads_are_those_of_the_layers_that_see_everything() -> None:
    listed = (8, 8, 8, 8, 8, 4, 8, 8, 8, 8, 8, 4)
    assert read("gemma3", {**WINDOW, "attention.head_count": listed}).heads == 4
    assert read("gemma3", {"attention.head_count": listed}).heads == 8
    assert read("lfm2", {**WINDOW, "attention.head_count": listed}).heads == 8


def test_that_a_hybrid_keeps_both() -> None:
    ssm: Mapping[str, Value] = {
        "ssm.conv_kernel": 4,
        "ssm.inner_size": 128,
        "ssm.state_size": 16,
        "ssm.group_count": 2,
        "ssm.time_step_rank": 8,
    }
    both = read("falcon-h1", ssm)
    assert both.recurrent_layers == 12
    assert both.caches == (CacheLayers(layers=12, key_width=32, value_width=32),)
    assert both.recurrent_bytes == 12 * 4 * (3 * 192 + 2048)
    # Input, what is convolved four times (192 each), a time step for each head, output.
    assert both.recurrent_width == 128 + 192 + 8 + 3 * 192 + 128
    hybrid = read("qwen3next", ssm)
    assert (hybrid.recurrent_layers, hybrid.caches[0].layers) == (9, 3)
    assert read("mamba2", ssm).caches == ()
    assert read("llama", ssm).recurrent_width == 0
    assert read("llama").recurrent_bytes == 0
    idle = read("jamba", {"attention.head_count_kv": (0,) * 12})
    assert (idle.recurrent_layers, idle.caches) == (12, ())
