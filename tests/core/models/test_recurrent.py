"""Which layers keep a state, and how large it is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from landfall.core.models.gguf import Value
from landfall.core.models.recurrent import recurrent_layers, state_bytes
from tests.core.models.short_headers import PLAIN, keys, read


@pytest.mark.parametrize(
    ("name", "more", "attends"),
    [
        ("mamba", {}, set()),
        ("rwkv7", {}, set()),
        ("falcon-h1", {}, set()),
        ("qwen3next", {}, {3, 7, 11}),
        ("qwen35", {}, {3, 7, 11}),
        ("qwen35moe", {"full_attention_interval": 6}, {5, 11}),
        ("qwen35moe", {"full_attention_interval": 0}, {3, 7, 11}),
        ("minimax-01", {}, {7}),
        ("qwen35", {"attention.recurrent_layers": (1, 0, 1, 1)}, {1}),
        ("jamba", {"attention.head_count_kv": (0, 0, 2, 0)}, {2}),
        ("granitehybrid", {"attention.head_count_kv": (0, 3, *(0,) * 10)}, {1}),
        ("llama", {}, set(range(12))),
    ],
)
def test_that_layers_that_keep_a_state_are_told(
    name: str, more: Mapping[str, Value], attends: set[int]
) -> None:
    found = recurrent_layers(keys(name, more), 12)
    assert found == tuple(layer not in attends for layer in range(12))


def test_that_a_layer_of_nemotron_that_is_a_feed_forward_keeps_no_state() -> None:
    more: Mapping[str, Value] = {
        "block_count": 4,
        "attention.head_count_kv": (0, 2, 0, 0),
        "feed_forward_length": (0, 0, 100, 0),
    }
    for name in ("nemotron_h", "nemotron_h_moe"):
        assert recurrent_layers(keys(name, more), 4) == (True, False, False, True)
        found = read(name, {**more, "ssm.conv_kernel": 4, "ssm.inner_size": 10})
        assert found.recurrent_layers == 2
        assert found.is_hybrid
        assert sum(group.layers for group in found.caches) == 1


@pytest.mark.parametrize(
    ("name", "more", "numbers"),
    [
        # RWKV: two shifts of the residual (or as told) and a head's square for each head.
        ("rwkv7", {"wkv.head_size": 8}, (2 + 8) * 64),
        ("rwkv6qwen2", {"wkv.head_size": 8, "token_shift_count": 1}, (1 + 8) * 64),
        # LFM: a convolution less one step.
        ("lfm2", {"shortconv.l_cache": 3}, 2 * 64),
        # Kimi: three convolutions of all heads and a square of each.
        ("kimi-linear", {"kda.head_dim": 8}, 3 * 3 * 4 * 8 + 8 * 8 * 4),
        ("kimi-linear", {"kda.head_dim": 8, "ssm.conv_kernel": 3}, 3 * 2 * 4 * 8 + 8 * 8 * 4),
        ("minimax-01", {}, 16 * 16 * 4),
        ("minimax-01", {"attention.key_length": 5}, 5 * 5 * 4),
        # Mamba: kernel - 1 steps of what is convolved, and state x inner.
        (
            "mamba2",
            {
                "ssm.conv_kernel": 4,
                "ssm.inner_size": 128,
                "ssm.state_size": 16,
                "ssm.group_count": 2,
            },
            3 * (128 + 2 * 2 * 16) + 16 * 128,
        ),
        ("mamba", {"ssm.inner_size": 128, "ssm.state_size": 16}, 16 * 128),
    ],
)
def test_that_a_state_has_its_numbers_in_four_bytes(
    name: str, more: Mapping[str, Value], numbers: int
) -> None:
    assert state_bytes(keys(name, more), 64) == 4 * numbers


def test_that_a_state_without_told_heads_has_one() -> None:
    silent = {key: value for key, value in PLAIN.items() if key != "attention.head_count"}
    found = keys("minimax-01", {"attention.key_length": 5}, plain=silent)
    assert state_bytes(found, 64) == 4 * 25
