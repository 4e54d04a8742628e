"""What a model is made of, as far as memory and speed depend on it.

A `ModelSpec` comes from a GGUF header (`header_spec.from_header`, exact) or from the catalogue's
numbers (`weights.spec`); everything after it is one path.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_CONTEXT = 1 << 24
"""Tokens; longer than any model was trained for, and the most that can be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheLayers:
    """Layers that own a KV cache of one shape.

    Attributes:
        layers: How many there are.
        key_width: Numbers a token's keys take in one layer: heads x size of a head.
        value_width: The same for values; 0 where keys hold both (MLA).
        window: Tokens that a sliding window sees, or None for full attention.
        own_width: Values keep their width, or their absence, without flash attention too.
    """

    layers: int
    key_width: int
    value_width: int
    window: int | None = None
    own_width: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """The numbers that memory and speed depend on.

    Attributes:
        name: As llama.cpp names it ("qwen3moe"), or the catalogue's kind.
        layers: Blocks; the output is not counted.
        caches: Which layers own a KV cache.
        recurrent_bytes: State of one sequence in all recurrent layers, whatever the context.
        recurrent_layers: How many layers are recurrent.
        vocabulary: Tokens, or None where no logits are computed or it is not known.
        hidden: Width of the residual stream.
        heads: Query heads of the widest layer.
        query_width: Query heads x size of a head.
        feed_forward: Width that is active for one token: experts used x width, plus shared.
        experts: Routed experts of a layer; 0 for a dense model.
        experts_used: Routed experts that a token passes through.
        context_trained: Longest context that the model was trained for, or None.
        encoder: It embeds a text in one go and keeps no cache.
        embedder: It makes embeddings and no text.
        known: Whether its layer rules are known; if not, the answer is an upper guess.
        gated: The feed-forward has a gate beside its way up.
        flash_attention: llama.cpp can use it; if not, it is off whatever is asked.
        recurrent_width: Numbers that are alive for a token in a recurrent layer; 0 without one.
        beside_layer: Numbers of a token that are alive beside a layer: what enters it from aside.
        beside_logits: The same, beside the logits.
        residuals: Vectors of the residual's width that are alive beside the feed-forward.
        logits_residuals: The same, beside the logits.
        new_keys: Numbers that the keys of a new token take, where no cache holds them.
        masks: Attention masks: two where some layers slide and some do not.
    """

    name: str
    layers: int
    caches: tuple[CacheLayers, ...]
    vocabulary: int | None
    hidden: int
    heads: int
    query_width: int
    feed_forward: int
    context_trained: int | None
    recurrent_bytes: int = 0
    recurrent_layers: int = 0
    experts: int = 0
    experts_used: int = 0
    encoder: bool = False
    embedder: bool = False
    known: bool = True
    gated: bool = True
    flash_attention: bool = True
    recurrent_width: int = 0
    beside_layer: int = 0
    beside_logits: int = 0
    residuals: int = 4
    logits_residuals: int = 2
    new_keys: int = 0
    masks: int = 1

    @property
    def is_mixture(self) -> bool:
        """Whether tokens are routed to experts."""
        return self.experts > 0

    @property
    def is_hybrid(self) -> bool:
        """Whether some layers keep a recurrent state in place of a cache."""
        return self.recurrent_layers > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Bytes of the tensors, by what happens to them.

    Attributes:
        total_bytes: Every tensor of the file.
        spread: How far off the total may be, as a share of it; 0 where every tensor is known.
        embedding_bytes: The token embedding; it stays in host memory.
        output_bytes: The output matrix; where it is tied this is the embedding again.
        tied: Whether the file has no output matrix of its own.
        expert_bytes: Routed experts, of which a token reads `experts_used / experts`.
        lookup_bytes: Per-layer embedding tables: looked up, never read as a whole.
        source: Where the numbers are from.
        recalled: Whether nobody was read for the total.
    """

    total_bytes: int
    embedding_bytes: int
    output_bytes: int
    tied: bool
    source: str
    spread: float = 0.0
    expert_bytes: int = 0
    lookup_bytes: int = 0
    recalled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One model in one quantization, ready to be priced in memory and time.

    Attributes:
        name: As the answer should call it.
        projector_bytes: Image or audio projector in a file of its own, on top of the weights.
        download_bytes: What a pull transfers, or None where it is not known.
        reasons: What the reader should know about these numbers.
    """

    name: str
    architecture: Architecture
    weights: Weights
    params_total: int
    params_active: int
    quantization: str
    projector_bytes: int = 0
    download_bytes: int | None = None
    reasons: tuple[str, ...] = ()
