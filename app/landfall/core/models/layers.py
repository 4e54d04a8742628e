"""Which layers keep what: the rules of each architecture, read from the keys of a GGUF header.

Source: llama.cpp's model loader and caches (b10488), checked against what llama.cpp itself
reported for the headers of `tests/data/memory_llamacpp.jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from landfall.core.models.architecture import MAX_CONTEXT, Architecture, CacheLayers
from landfall.core.models.header_keys import MAX_NUMBER, Keys, names
from landfall.core.models.recurrent import HYBRIDS, RECURRENT, recurrent_layers, state_bytes
from landfall.core.models.windows import windows

_MAX_LAYERS = 4096
"""Far above any model; a header that claims more would only cost memory here."""

_ENCODERS = names(
    "bert nomic-bert nomic-bert-moe jina-bert-v2 jina-bert-v3 modern-bert neo-bert eurobert "
    "gemma-embedding"
)
_DIFFUSION = names("dream llada llada-moe rnd1")
"""They make text without a cache: every step sees the whole batch."""

_INDEXED = names("deepseek32 glm-dsa minimax-m3")
"""Sparse attention: an index of keys beside the cache."""

_WITH_CACHE = names(
    "llama llama4 llama-embed deci falcon grok gpt2 gptj gptneox mpt baichuan starcoder starcoder2 "
    "refact bloom stablelm qwen qwen2 qwen2moe qwen2vl qwen3 qwen3moe qwen3vl qwen3vlmoe phi2 phi3 "
    "phimoe plamo plamo3 codeshell orion internlm2 minicpm minicpm3 gemma gemma2 gemma3 gemma3n "
    "gemma4 xverse command-r cohere2 cohere2moe dbrx olmo olmo2 olmoe muse-glimmer openelm arctic "
    "deepseek deepseek2 deepseek2-ocr chatglm glm4 glm4moe bitnet jais jais2 nemotron exaone "
    "exaone4 exaone-moe granite granitemoe chameleon plm bailingmoe bailingmoe2 dots1 arcee afmoe "
    "laguna ernie4_5 ernie4_5-moe hunyuan-moe hunyuan-dense hunyuan_vl hy_v3 smollm3 gpt-oss "
    "smallthinker seed_oss grovemoe apertus minimax-m2 cogvlm pangu-embedded mistral3 mistral4 "
    "paddleocr mimo2 step35 maincoder talkie mellum"
)
_KNOWN = _ENCODERS | _DIFFUSION | _INDEXED | _WITH_CACHE | RECURRENT | HYBRIDS

_WITHOUT_FLASH_ATTENTION = names("grok")
"""llama.cpp switches it off for these, whatever is asked."""

_RESIDUALS = {"nomic-bert": 2, "nomic-bert-moe": 2}
_LOGITS_RESIDUALS = {
    **dict.fromkeys(
        names(
            "qwen35 qwen35moe qwen3next gemma4 llama4 nemotron_h gpt-oss glm4moe dots1 exaone-moe "
            "bailingmoe2 step35 laguna muse-glimmer cohere2moe minicpm3 mamba gpt2 deci minimax-m3"
        ),
        3,
    ),
    **dict.fromkeys(names("granitehybrid nemotron_h_moe"), 4),
    "qwen3vl": 6,
    "qwen3vlmoe": 6,
}
"""What the buffers that llama.cpp reported leave beside the logits; two where nothing is said."""

_EXPERTS_BESIDE_LOGITS = names(
    "qwen2moe deepseek deepseek2 mistral4 ernie4_5-moe hunyuan-moe bailingmoe afmoe"
)
"""The output of every expert that a token used is alive there too."""

_GEMMA3N_OWNERS = 20
"""Layers of Gemma 3n that own a cache; the header does not say."""

_GLM_5_2_CONTEXT = 1 << 20
_GLM_INDEX_EVERY = 4
"""GLM from 5.2 on, known by its context: an index on the first two layers, then on every fourth."""


def architecture_of(keys: Keys) -> Architecture:
    """The numbers of the header's architecture.

    Raises:
        BadInput: a number without which nothing can be said is missing or absurd.
    """
    layers = keys.needed("block_count", _MAX_LAYERS)
    hidden = keys.needed("embedding_length", MAX_NUMBER)
    attention = _attention(keys, layers, hidden)
    recurrent = recurrent_layers(keys, attention.run)
    encoder = keys.prefix in _ENCODERS
    sliding = windows(keys, attention.run)
    return Architecture(
        name=keys.prefix,
        layers=layers,
        caches=_caches(keys, attention, recurrent=recurrent, sliding=sliding),
        recurrent_bytes=sum(recurrent) * state_bytes(keys, hidden),
        recurrent_layers=sum(recurrent),
        vocabulary=None if encoder else _vocabulary(keys),
        hidden=hidden,
        heads=attention.widest_heads(sliding),
        query_width=attention.widest_heads(sliding)
        * max(attention.key, keys.number("attention.key_length_mla")),
        feed_forward=_feed_forward(keys),
        experts=keys.number("expert_count"),
        experts_used=min(keys.number("expert_used_count"), keys.number("expert_count")),
        context_trained=min(keys.number("context_length"), MAX_CONTEXT) or None,
        encoder=encoder,
        embedder=encoder or keys.number("pooling_type") > 0,
        known=keys.prefix in _KNOWN,
        gated=_gated(keys),
        flash_attention=keys.prefix not in _WITHOUT_FLASH_ATTENTION,
        recurrent_width=_recurrent_width(keys) if any(recurrent) else 0,
        beside_layer=_beside_layer(keys, hidden, layers),
        beside_logits=0 if keys.prefix == "gemma3n" else _beside_layer(keys, hidden, layers),
        residuals=_RESIDUALS.get(keys.prefix, 3 if encoder else 4),
        logits_residuals=_logits_residuals(keys),
        new_keys=_new_keys(keys, attention),
        masks=1 + (len({window is None for window in sliding}) > 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attention:
    """Heads of each layer and the size of one.

    Attributes:
        run: Layers that are run; those that predict further tokens are not.
        latent: The keys hold everything, in one compressed row.
    """

    run: int
    heads: tuple[int, ...]
    kv_heads: tuple[int, ...]
    key: int
    value: int
    key_sliding: int
    value_sliding: int
    latent: bool

    def widths(self, layer: int, *, slides: bool) -> tuple[int, int]:
        """Numbers a token's keys and values take in one layer."""
        kv_heads = self.kv_heads[layer]
        key = self.key_sliding if slides else self.key
        value = self.value_sliding if slides else self.value
        return kv_heads * key, 0 if self.latent else kv_heads * value

    def widest_heads(self, sliding: tuple[int | None, ...]) -> int:
        """Query heads where attention spans the context; of all layers where none does."""
        full = [n for n, window in zip(self.heads, sliding, strict=True) if window is None]
        return max(1, *(full or self.heads))


def _attention(keys: Keys, layers: int, hidden: int) -> _Attention:
    heads = keys.per_layer("attention.head_count", layers, (1,))
    size = hidden // max(1, heads[0])
    key = keys.number("attention.key_length", size)
    value = keys.number("attention.value_length", size)
    return _Attention(
        run=max(1, layers - keys.number("nextn_predict_layers")),
        heads=heads[: max(1, layers - keys.number("nextn_predict_layers"))],
        kv_heads=keys.per_layer("attention.head_count_kv", layers, heads),
        key=key,
        value=value,
        key_sliding=keys.number("attention.key_length_swa", key),
        value_sliding=keys.number("attention.value_length_swa", value),
        latent=bool(
            keys.number("attention.key_length_mla") and keys.number("attention.value_length_mla")
        ),
    )


def _caches(
    keys: Keys,
    attention: _Attention,
    *,
    recurrent: tuple[bool, ...],
    sliding: tuple[int | None, ...],
) -> tuple[CacheLayers, ...]:
    if keys.prefix in RECURRENT | _ENCODERS | _DIFFUSION:
        return ()
    groups: dict[tuple[int, int, int | None], int] = {}
    for layer in _owners(keys, attention, recurrent):
        window = sliding[layer]
        group = (*attention.widths(layer, slides=window is not None), window)
        groups[group] = groups.get(group, 0) + 1
    return (
        *(
            CacheLayers(
                layers=count,
                key_width=key,
                value_width=value,
                window=window,
                own_width=attention.latent,
            )
            for (key, value, window), count in groups.items()
        ),
        *_index(keys, attention),
    )


def _owners(keys: Keys, attention: _Attention, recurrent: tuple[bool, ...]) -> Iterator[int]:
    """The layers that own a cache: the last of Gemma 3n and of Gemma 4's E-series share theirs."""
    owners = attention.run
    if keys.prefix == "gemma3n":
        owners = min(owners, _GEMMA3N_OWNERS)
    elif keys.prefix == "gemma4":
        owners = max(1, owners - keys.number("attention.shared_kv_layers"))
    both = keys.prefix == "falcon-h1"
    hybrid = keys.prefix in HYBRIDS
    for layer in range(owners):
        if (both or not recurrent[layer]) and (attention.kv_heads[layer] or not hybrid):
            yield layer


def _index(keys: Keys, attention: _Attention) -> tuple[CacheLayers, ...]:
    """The keys that sparse attention chooses by: one head, on top of the cache."""
    if keys.prefix not in _INDEXED:
        return ()
    width = keys.number("attention.indexer.key_length")
    layers, value = attention.run, 0
    if keys.prefix == "minimax-m3":
        layers -= min(layers, keys.number("leading_dense_block_count"))
        value = attention.value
    elif keys.prefix == "glm-dsa":
        listed = keys.numbers("attention.indexer.types")
        if listed:
            layers = sum(keys.per_layer("attention.indexer.types", layers, listed))
        elif keys.number("context_length") >= _GLM_5_2_CONTEXT:
            layers = sum(n < 2 or (n - 2) % _GLM_INDEX_EVERY == 0 for n in range(layers))
    group = CacheLayers(layers=layers, key_width=width, value_width=value, own_width=True)
    return (group,) if width and layers else ()


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


def _gated(keys: Keys) -> bool:
    """Whether the feed-forward has a gate, in a matrix of its own or in one with `ffn_up`."""
    width = keys.number("feed_forward_length")
    ups = 0
    for tensor in keys.header.tensors:
        if "ffn_gate" in tensor.name and "ffn_gate_inp" not in tensor.name:
            return True
        if "ffn_up" in tensor.name and len(tensor.shape) > 1:
            ups += 1
            if tensor.shape[1] == 2 * width:
                return True
    return ups == 0


def _recurrent_width(keys: Keys) -> int:
    """Numbers that are alive for a token in a Mamba-2 layer: input, convolutions, output."""
    inner = keys.number("ssm.inner_size")
    convolved = inner + 2 * keys.number("ssm.group_count") * keys.number("ssm.state_size")
    return inner + convolved + keys.number("ssm.time_step_rank") + 3 * convolved + inner


def _beside_layer(keys: Keys, hidden: int, layers: int) -> int:
    """Numbers that stay alive beside every layer: embeddings per layer, features of an image.

    Gemma 3n also carries three more copies of its residual stream.
    """
    per_layer = keys.number("embedding_length_per_layer_input") * layers
    if keys.prefix == "gemma4":
        return per_layer
    if keys.prefix == "gemma3n":
        return per_layer + 3 * hidden
    return 2 * keys.number("n_deepstack_layers") * hidden


def _logits_residuals(keys: Keys) -> int:
    if keys.prefix in _EXPERTS_BESIDE_LOGITS and keys.number("expert_count"):
        return 4 + keys.number("expert_used_count")
    return _LOGITS_RESIDUALS.get(keys.prefix, 2)


def _new_keys(keys: Keys, attention: _Attention) -> int:
    """Numbers that the keys of a new token take; from one matrix for all three, the values too."""
    if keys.prefix not in _ENCODERS:
        return 0
    fused = any(".attn_qkv." in tensor.name for tensor in keys.header.tensors)
    return max(attention.kv_heads) * (attention.key + attention.value * fused)
