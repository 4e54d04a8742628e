"""Which layers keep a recurrent state, and how large it is.

Source: llama.cpp b10488, `llama_hparams::n_embd_r` and `n_embd_s` (size of the convolution's and
of the recurrence's state) and the hyper-parameters of each architecture.
"""

from __future__ import annotations

from landfall.core.models.header_keys import Keys, names

RECURRENT = names("mamba mamba2 rwkv6 rwkv6qwen2 rwkv7 arwkv7")
"""Every layer keeps a state, none a cache."""

HYBRIDS = names(
    "qwen35 qwen35moe qwen3next minimax-01 nemotron_h nemotron_h_moe granitehybrid jamba falcon-h1 "
    "lfm2 lfm2moe plamo2 kimi-linear kimi-k3 bailingmoe3"
)
_INTERVAL = {"qwen35": 4, "qwen35moe": 4, "qwen3next": 4, "minimax-01": 8}
"""One layer of so many attends, where the header does not list the recurrent ones."""

_STATE_BYTES = 4
"""F32."""


def recurrent_layers(keys: Keys, layers: int) -> tuple[bool, ...]:
    """Whether each layer keeps a state."""
    name = keys.prefix
    if name in RECURRENT or name == "falcon-h1":
        return (True,) * layers
    if name in _INTERVAL:
        listed = keys.numbers("attention.recurrent_layers")
        if listed:
            flags = keys.per_layer("attention.recurrent_layers", layers, listed)
            return tuple(bool(flag) for flag in flags)
        interval = keys.number("full_attention_interval", _INTERVAL[name]) or _INTERVAL[name]
        return tuple((layer + 1) % interval != 0 for layer in range(layers))
    if name in HYBRIDS:
        kv_heads = keys.per_layer("attention.head_count_kv", layers, (0,))
        if name.startswith("nemotron_h"):
            widths = keys.per_layer("feed_forward_length", layers, (0,))
            return tuple(kv == 0 and width == 0 for kv, width in zip(kv_heads, widths, strict=True))
        return tuple(kv == 0 for kv in kv_heads)
    return (False,) * layers


def state_bytes(keys: Keys, hidden: int) -> int:
    """State of one recurrent layer and one sequence."""
    return _state_numbers(keys, hidden) * _STATE_BYTES


def _state_numbers(keys: Keys, hidden: int) -> int:
    heads = (keys.numbers("attention.head_count") or (1,))[0]
    if head := keys.number("wkv.head_size"):
        return (keys.number("token_shift_count", 2) + head) * hidden
    if short := keys.number("shortconv.l_cache"):
        return (short - 1) * hidden
    kernel = keys.number("ssm.conv_kernel")
    if head := keys.number("kda.head_dim"):
        shifts = kernel - 1 if kernel else 3
        return 3 * shifts * heads * head + head * head * heads
    if keys.prefix == "minimax-01":
        head = keys.number("attention.key_length", hidden // max(1, heads))
        return head * head * heads
    inner, state = keys.number("ssm.inner_size"), keys.number("ssm.state_size")
    convolved = inner + 2 * keys.number("ssm.group_count") * state
    return max(0, kernel - 1) * convolved + state * inner
