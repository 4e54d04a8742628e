"""The rows of resources/models.json, as model cards."""

from __future__ import annotations

from typing import Any

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import MIB
from landfall.core.models.architecture import Architecture, CacheLayers
from landfall.core.models.catalogue import Evidence, ModelCard
from landfall.core.models.weights import caches_from_numbers
from landfall.services.models.checked_rows import Fields, read_rows

MODELS = "models.json"

_RECALLED_SPREAD = 0.05
"""Band of a size that no list of the library states: our choice."""


def read_models(document: Any) -> tuple[tuple[ModelCard, ...], tuple[BadInput, ...]]:
    """The rows that can be used, and what is wrong with the others."""
    return read_rows(document, MODELS, "tag", _card)


_METRICS = {
    "aa_index_v4_1_1": "AA Intelligence Index v4.1.1",
    "mmlu_pro": "MMLU-Pro",
    "gpqa_diamond": "GPQA Diamond",
    "livecodebench_v6": "LiveCodeBench v6",
}


_ENCODER_RESIDUALS = 3
"""As for an encoder's header (`layers.py`)."""


_MAY_BE_RECALLED = ("size_gb", "architecture")
"""What a row may say that nobody was read for."""


def _card(fields: Fields) -> ModelCard:
    size_gb = fields.optional_number("size_gb")
    recalled = fields.named_among("recalled", _MAY_BE_RECALLED)
    return ModelCard(
        tag=fields.text("tag"),
        aliases=fields.texts("aliases"),
        architecture=_architecture(fields),
        architecture_source=fields.text("arch_source"),
        tied_embeddings=fields.flag("tied_embeddings"),
        params_total=fields.positive("params_total"),
        params_active=fields.positive("params_active"),
        quantization=fields.text("quantization"),
        size_bytes=None if size_gb is None else round(size_gb * 1e9),
        architecture_recalled="architecture" in recalled,
        size_spread=_spread(size_gb, recalled="size_gb" in recalled),
        size_source=fields.optional_text("size_source"),
        size_recalled="size_gb" in recalled,
        capabilities=frozenset(fields.texts("capabilities")),
        licence=fields.text("licence"),
        evidence=_evidence(fields),
        notes=fields.optional_text("notes"),
        date=fields.text("date"),
    )


def _spread(size_gb: float | None, *, recalled: bool) -> float:
    """Half of the last digit that the library prints: 43 is 42.5 to 43.5, 4.9 is 4.85 to 4.95."""
    if not size_gb:
        return 0.0
    step = 1.0 if size_gb >= 10 else 0.1 if size_gb >= 1 else 0.001
    return max(step / 2 / size_gb, _RECALLED_SPREAD if recalled else 0.0)


def _architecture(fields: Fields) -> Architecture:
    kind = fields.text("arch_type")
    heads = fields.positive("heads") if fields.row.get("heads") is not None else None
    encoder = kind == "embedding-encoder"
    head_dim = int(fields.number("head_dim_k"))
    hidden = fields.positive("hidden")
    caches, certain = _caches(fields)
    heads = heads or max(1, hidden // max(1, head_dim))
    vocabulary = fields.optional_number("vocab")
    if vocabulary is None and not encoder:
        raise fields.problem("vocab", "is missing")
    return Architecture(
        name=kind,
        layers=fields.positive("layers"),
        caches=() if encoder else caches,
        vocabulary=None if encoder or vocabulary is None else int(vocabulary),
        hidden=hidden,
        heads=heads,
        query_width=heads * head_dim,
        feed_forward=fields.count("feed_forward_active") or 4 * hidden,
        context_trained=fields.positive("context_max"),
        recurrent_bytes=int((fields.optional_number("recurrent_state_mib") or 0.0) * MIB),
        recurrent_layers=fields.count("recurrent_layers"),
        experts=fields.count("experts"),
        experts_used=fields.count("experts_used"),
        encoder=encoder,
        embedder=kind.startswith("embedding"),
        known=certain and fields.row.get("unverified") is not True,
        gated=fields.row.get("feed_forward_gated") is not False,
        residuals=_ENCODER_RESIDUALS if encoder else 4,
        logits_residuals=_logits_residuals(kind, fields.count("experts_used")),
        new_keys=int((fields.optional_number("kv_heads") or heads) * head_dim) if encoder else 0,
    )


def _logits_residuals(kind: str, experts_used: int) -> int:
    """As for the headers of such models (`layers.py`)."""
    if kind == "mla+moe":
        return 4 + experts_used
    return 3 if kind.startswith("hybrid") else 2


def _caches(fields: Fields) -> tuple[tuple[CacheLayers, ...], bool]:
    """Cache layers, and whether the numbers are certain.

    Where the KV heads of full attention are not known those of the sliding layers are taken: no
    architecture of the catalogue has more on its full layers.
    """
    sliding_heads = fields.optional_number("swa_kv_heads")
    full_heads = fields.optional_number("kv_heads")
    certain = full_heads is not None
    heads = full_heads if full_heads is not None else sliding_heads
    if heads is None:
        raise fields.problem("kv_heads", "is missing")
    full = (
        int(fields.number("kv_layers_full")),
        int(heads * fields.number("head_dim_k")),
        int(heads * fields.number("head_dim_v")),
    )
    window = fields.optional_number("swa_window")
    if window is None or sliding_heads is None:
        return caches_from_numbers(full=full), certain
    width = int(sliding_heads * fields.number("swa_head_dim"))
    return (
        caches_from_numbers(
            full=full,
            sliding=(int(fields.number("kv_layers_swa")), width, width),
            window=int(window),
        ),
        certain,
    )


def _evidence(fields: Fields) -> tuple[Evidence, ...]:
    scores = fields.row.get("quality", {})
    if not isinstance(scores, dict):
        raise fields.problem("quality", "is not an object")
    found = []
    for key, score in scores.items():
        if isinstance(score, bool) or not isinstance(score, int | float):
            raise fields.problem(f"quality.{key}", "is not a number")
        metric = _METRICS.get(key) or fields.optional_text("embedding_metric") or key
        found.append(
            Evidence(
                metric=metric,
                score=float(score),
                source=fields.text("quality_source"),
                date=fields.text("date"),
            )
        )
    return tuple(found)
