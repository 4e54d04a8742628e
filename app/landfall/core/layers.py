"""Which layers keep what: the rules of each architecture, read from the keys of a GGUF header.

Source: llama.cpp's model loader (hyper-parameters, sliding-window patterns, recurrent layers),
checked against what llama.cpp itself reported for 25 architectures; see `fit.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from landfall.core.architecture import Architecture, CacheLayers
from landfall.core.errors import BadInput
from landfall.core.gguf import Header

_F32_BYTES = 4
_MAX_NUMBER = 1 << 32
_MAX_LAYERS = 4096
"""Far above any model; a header that claims more would only cost memory here."""


class Keys:
    """The metadata of one architecture: `<architecture>.<key>`."""

    def __init__(self, header: Header, name: str) -> None:
        self.header = header
        self.prefix = header.architecture
        self.model = name
        if not self.prefix:
            raise self._missing("general.architecture")

    def _missing(self, key: str) -> BadInput:
        return BadInput(
            f"The header of {self.model} has no usable {key}.",
            "Only language and embedding models can be judged.",
            field="model",
        )

    def numbers(self, key: str) -> tuple[int, ...] | None:
        """A value or an array as integers, or None.

        Raises:
            BadInput: a number that no model can have.
        """
        value = self.header.metadata.get(f"{self.prefix}.{key}")
        values = value if isinstance(value, tuple) else (value,)
        numbers = tuple(int(v) for v in values if isinstance(v, int | bool))
        if any(not 0 <= number <= _MAX_NUMBER for number in numbers):
            raise self._missing(f"{self.prefix}.{key}")
        return numbers or None

    def number(self, key: str, default: int = 0) -> int:
        """A value, the largest of an array, or the default."""
        values = self.numbers(key)
        return max(values) if values else default

    def needed(self, key: str, limit: int) -> int:
        """A positive value, not above the limit.

        Raises:
            BadInput: it is missing or absurd.
        """
        value = self.number(key)
        if not 0 < value <= limit:
            raise self._missing(f"{self.prefix}.{key}")
        return value

    def per_layer(self, key: str, layers: int, default: int) -> tuple[int, ...]:
        """One value a layer: an array as it is, a single value repeated."""
        values = self.numbers(key) or (default,)
        if len(values) >= layers:
            return values[:layers]
        return values + (values[-1],) * (layers - len(values))


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENCODERS = _names(
    "bert nomic-bert nomic-bert-moe jina-bert-v2 jina-bert-v3 modern-bert neo-bert eurobert "
    "gemma-embedding t5encoder"
)
_RECURRENT = _names("mamba mamba2 rwkv6 rwkv6qwen2 rwkv7 arwkv7")
_MLA = _names("deepseek2 deepseek32 glm-dsa mistral4 kimi-linear minicpm3 plm")

# Every n-th layer attends to everything, the others to a window; the last of each n unless "first".
_PATTERNS: Mapping[str, tuple[int, bool]] = MappingProxyType(
    {
        "gemma2": (2, False),
        "gemma3": (6, False),
        "gemma3n": (5, False),
        "gemma4": (6, False),
        "gpt-oss": (2, False),
        "cohere2": (4, False),
        "llama4": (4, False),
        "olmo2": (4, False),
        "exaone4": (4, False),
        "exaone-moe": (4, False),
        "afmoe": (4, False),
        "smallthinker": (4, True),
        "modern-bert": (3, True),
        "gemma-embedding": (6, False),
    }
)
_PLAIN = _names(
    "llama qwen2 qwen2moe qwen2vl qwen3 qwen3moe qwen3vl qwen3vlmoe gemma phi2 phi3 phimoe "
    "mistral3 granite granitemoe starcoder2 command-r stablelm internlm2 minicpm olmo olmoe "
    "exaone glm4 glm4moe deepseek dots1 ernie4_5 ernie4_5-moe hunyuan-dense hunyuan-moe smollm3 "
    "baichuan falcon gpt2 gptneox mpt bloom orion xverse nemotron deci arcee bailingmoe "
    "bailingmoe2 seed_oss apertus minimax-m2 grok dbrx cogvlm pangu-embedded laguna mimo2 step35"
)
_HYBRIDS = _names(
    "qwen35 qwen35moe qwen3next nemotron_h nemotron_h_moe granitehybrid jamba falcon-h1 lfm2 "
    "lfm2moe plamo2 kimi-linear"
)
_KNOWN = _ENCODERS | _RECURRENT | _MLA | _PLAIN | _HYBRIDS | frozenset(_PATTERNS)


def architecture_of(keys: Keys) -> Architecture:
    """The numbers of the header's architecture.

    Raises:
        BadInput: a number without which nothing can be said is missing or absurd.
    """
    layers = keys.needed("block_count", _MAX_LAYERS)
    hidden = keys.needed("embedding_length", _MAX_NUMBER)
    heads = max(1, keys.number("attention.head_count", 1))
    head_size = keys.number("attention.key_length", hidden // heads)
    recurrent = _recurrent_layers(keys, layers)
    encoder = keys.prefix in _ENCODERS
    return Architecture(
        name=keys.prefix,
        layers=layers,
        caches=() if encoder else _caches(keys, layers, hidden=hidden, recurrent=recurrent),
        recurrent_bytes=sum(recurrent) * _recurrent_bytes(keys, hidden),
        recurrent_layers=sum(recurrent),
        vocabulary=None if encoder else _vocabulary(keys),
        hidden=hidden,
        heads=heads,
        query_width=heads * max(head_size, keys.number("attention.key_length_mla")),
        feed_forward=_feed_forward(keys),
        experts=keys.number("expert_count"),
        experts_used=min(keys.number("expert_used_count"), keys.number("expert_count")),
        context_trained=keys.number("context_length") or None,
        encoder=encoder,
        embedder=encoder or keys.number("pooling_type") > 0,
        known=keys.prefix in _KNOWN,
    )


def _vocabulary(keys: Keys) -> int | None:
    """Rows of the output, else of the embedding, else the length of the token list."""
    shapes = {tensor.name: tensor.shape for tensor in keys.header.tensors}
    for name in ("output.weight", "token_embd.weight"):
        if name in shapes and len(shapes[name]) > 1:
            return shapes[name][1]
    return keys.number("vocab_size") or keys.header.array_lengths.get("tokenizer.ggml.tokens")


def _feed_forward(keys: Keys) -> int:
    """Width that is active for a token: the dense layers' or the experts used, the larger."""
    dense = keys.number("feed_forward_length")
    expert = keys.number("expert_feed_forward_length", dense if keys.number("expert_count") else 0)
    routed = expert * keys.number("expert_used_count")
    shared = keys.number(
        "expert_shared_feed_forward_length", expert * keys.number("expert_shared_count")
    )
    if keys.number("expert_count") and keys.number("leading_dense_block_count") == 0:
        return routed + shared
    return max(dense, routed + shared)


def _recurrent_layers(keys: Keys, layers: int) -> tuple[bool, ...]:
    """Which layers keep a recurrent state, by llama.cpp's rule for each architecture."""
    name = keys.prefix
    if name in _RECURRENT or name == "falcon-h1":
        return (True,) * layers
    if name in ("qwen35", "qwen35moe", "qwen3next"):
        interval = keys.number("full_attention_interval", 4) or 4
        return tuple((layer + 1) % interval != 0 for layer in range(layers))
    if name in _HYBRIDS:
        kv_heads = keys.per_layer("attention.head_count_kv", layers, 0)
        widths = keys.per_layer("feed_forward_length", layers, 0)
        if name.startswith("nemotron_h"):
            return tuple(kv == 0 and width == 0 for kv, width in zip(kv_heads, widths, strict=True))
        return tuple(kv == 0 for kv in kv_heads)
    return (False,) * layers


def _recurrent_bytes(keys: Keys, hidden: int) -> int:
    """State of one recurrent layer and one sequence, kept in F32."""
    if short := keys.number("shortconv.l_cache"):
        return (short - 1) * hidden * _F32_BYTES
    if head := keys.number("wkv.head_size"):
        shifts = keys.number("token_shift_count", 2)
        return (shifts * hidden + head * hidden) * _F32_BYTES
    if head := keys.number("kda.head_dim"):
        width = head * keys.number("attention.head_count", 1)
        return (3 * (keys.number("ssm.conv_kernel", 1) - 1) * width + head * width) * _F32_BYTES
    inner = keys.number("ssm.inner_size")
    state = keys.number("ssm.state_size")
    kernel = max(1, keys.number("ssm.conv_kernel", 1))
    groups = keys.number("ssm.group_count")
    return ((kernel - 1) * (inner + 2 * groups * state) + state * inner) * _F32_BYTES


def _caches(
    keys: Keys, layers: int, *, hidden: int, recurrent: tuple[bool, ...]
) -> tuple[CacheLayers, ...]:
    if keys.prefix in _RECURRENT:
        return ()
    heads = max(1, keys.number("attention.head_count", 1))
    kv_heads = keys.per_layer("attention.head_count_kv", layers, heads)
    sliding = _sliding(keys, layers)
    shape = _mla_shape(keys) or _head_shape(keys, hidden // heads)
    owners = _owners(keys, layers)
    groups: dict[tuple[int, int, int | None], int] = {}
    for layer in range(owners):
        keeps_both = keys.prefix == "falcon-h1"
        if kv_heads[layer] == 0 or (recurrent[layer] and not keeps_both):
            continue
        entry = shape(kv_heads[layer], sliding[layer] is not None)
        groups[*entry, sliding[layer]] = groups.get((*entry, sliding[layer]), 0) + 1
    return tuple(
        CacheLayers(layers=count, key_width=key, value_width=value, window=window)
        for (key, value, window), count in groups.items()
    )


def _owners(keys: Keys, layers: int) -> int:
    """The first layers that own a cache.

    The last of Gemma 3n and of Gemma 4's E-series share theirs; layers that predict more tokens at
    once are not run.
    """
    shared = keys.number("attention.shared_kv_layers")
    if not shared and keys.prefix == "gemma3n":
        return min(layers, 20)
    return max(1, layers - shared - keys.number("nextn_predict_layers"))


def _head_shape(keys: Keys, default: int) -> Callable[[int, bool], tuple[int, int]]:
    """Key and value width of a layer, by its KV heads and whether it slides."""
    key = keys.number("attention.key_length", default)
    value = keys.number("attention.value_length", default)
    key_sliding = keys.number("attention.key_length_swa", key)
    value_sliding = keys.number("attention.value_length_swa", value)

    def shape(kv_heads: int, slides: bool) -> tuple[int, int]:
        if slides:
            return kv_heads * key_sliding, kv_heads * value_sliding
        return kv_heads * key, kv_heads * value

    return shape


def _mla_shape(keys: Keys) -> Callable[[int, bool], tuple[int, int]] | None:
    """Latent attention keeps one compressed row a token and no values.

    Older files of these models lack the keys of the compressed form and get a full cache.
    """
    rank = keys.number("attention.kv_lora_rank")
    if not rank or not keys.number("attention.key_length_mla"):
        return None
    width = rank + keys.number("rope.dimension_count")
    return lambda _kv_heads, _slides: (width, 0)


def _sliding(keys: Keys, layers: int) -> tuple[int | None, ...]:
    """The window of each layer, or None where it attends to everything."""
    window = keys.number("attention.sliding_window") or keys.number("attention.chunk_size")
    if keys.prefix == "llama4" and not window:
        window = 8192
    if not window or (keys.prefix not in _PATTERNS and not _has_pattern(keys)):
        return (None,) * layers
    pattern = keys.numbers("attention.sliding_window_pattern") or ()
    if len(pattern) >= layers:
        return tuple(window if slides else None for slides in pattern[:layers])
    every, first = _PATTERNS.get(keys.prefix, (1, False))
    if pattern:
        every = max(1, pattern[0])
    full = 0 if first else every - 1
    return tuple(None if layer % every == full else window for layer in range(layers))


def _has_pattern(keys: Keys) -> bool:
    return keys.numbers("attention.sliding_window_pattern") is not None
