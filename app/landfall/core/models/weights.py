"""How many bytes the weights of a model of the catalogue take, by its quantization."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from landfall.core.errors import BadInput
from landfall.core.models.architecture import CacheLayers, ModelSpec, Weights
from landfall.core.models.catalogue import ModelCard
from landfall.core.models.quantization_names import one_spelling
from landfall.core.percent import percent
from landfall.core.provenance import RECALLED, Estimated, Figure, Published, Unknown

BITS_PER_WEIGHT: Mapping[str, float] = MappingProxyType(
    {
        "IQ1_S": 2.00,
        "IQ1_M": 2.15,
        "IQ2_XXS": 2.38,
        "IQ2_XS": 2.59,
        "IQ2_S": 2.74,
        "IQ2_M": 2.93,
        "Q2_K_S": 2.97,
        "Q2_K": 3.16,
        "Q2_K_XL": 3.15,
        "IQ3_XXS": 3.25,
        "IQ3_XS": 3.50,
        "Q3_K_S": 3.64,
        "IQ3_S": 3.66,
        "IQ3_M": 3.76,
        "Q3_K_M": 4.00,
        "Q3_K_L": 4.30,
        "Q3_K_XL": 4.00,
        "MXFP4": 4.25,
        "IQ4_XS": 4.46,
        "Q4_0": 4.64,
        "Q4_K_S": 4.67,
        "IQ4_NL": 4.68,
        "Q4_K_M": 4.89,
        "Q4_K_XL": 4.95,
        "Q4_1": 5.10,
        "Q5_K_S": 5.57,
        "Q5_0": 5.57,
        "Q5_K_M": 5.70,
        "Q5_1": 6.02,
        "Q5_K_XL": 5.90,
        "Q6_K": 6.56,
        "Q6_K_XL": 7.00,
        "Q8_0": 8.50,
        "Q8_K_XL": 9.10,
        "F16": 16.0,
        "BF16": 16.0,
        "F32": 32.0,
    }
)
"""Mean bits of a weight in a whole file. Source: llama.cpp tools/quantize/README.md (Llama 3.1 8B);
types missing there by their block size, the "XL" ones by the median of published files."""
_AS_TRAINED = "MXFP4"
"""The quantisation in which experts were trained; files of any other keep them as they are."""
_REQUANTIZED_SPREAD = 0.08
"""Band of a size that is reckoned from that of another quantization. Our choice: makers of files
mix types by layer as they see fit, and one header replaces it."""
_PARAMETERS_ONLY_SPREAD = 0.15
"""The same where only the number of parameters is known."""


def bits_per_weight(quantization: str) -> float:
    """Mean bits of a weight.

    Raises:
        BadInput: no quantization has that name.
    """
    name = one_spelling(quantization)
    if name in BITS_PER_WEIGHT:
        return BITS_PER_WEIGHT[name]
    close = difflib.get_close_matches(name, list(BITS_PER_WEIGHT), n=3, cutoff=0.4)
    raise BadInput(
        f"No quantization is known as {quantization!r}.",
        f"Did you mean {', '.join(close)}?" if close else "For example Q4_K_M, Q8_0 or F16.",
        field="quant",
    )


def spec(card: ModelCard, quantization: str | None = None) -> ModelSpec:
    """The card as the formula needs it.

    Args:
        quantization: Another than the card's own: the weights are scaled by bits per weight.

    Raises:
        BadInput: no quantization has that name.
    """
    wanted = one_spelling(quantization or card.quantization)
    total, projector, spread, reason = _weight_bytes(card, wanted)
    architecture = card.architecture
    matrix = (architecture.vocabulary or 0) * architecture.hidden
    embedding = int(matrix * embedding_bits(wanted, tied=card.tied_embeddings) / 8)
    output = embedding if card.tied_embeddings else int(matrix * output_bits(wanted) / 8)
    own = wanted == card.quantization
    reasons = [reason]
    recalled = card.size_bytes is not None and card.size_recalled
    if recalled:
        reasons.append(f"the size of the tag was {RECALLED}")
    if not architecture.known:
        reasons.append(f"its architecture is not certain: {card.notes or card.architecture_source}")
    elif card.architecture_recalled:
        reasons.append("architecture numbers are recalled, not read from a published configuration")
    return ModelSpec(
        name=card.tag,
        architecture=architecture,
        weights=Weights(
            total_bytes=total,
            spread=spread,
            embedding_bytes=min(embedding, total // 2),
            output_bytes=min(output, total // 2),
            tied=card.tied_embeddings,
            expert_bytes=_expert_bytes(card, total, embedding),
            lookup_bytes=_lookup_bytes(card, total, wanted),
            source=f"catalogue: {card.size_source or 'parameters'}, {card.date}",
            recalled=recalled,
        ),
        params_total=card.params_total,
        params_active=card.params_active,
        quantization=wanted,
        projector_bytes=projector,
        download_bytes=card.size_bytes if own else None,
        reasons=tuple(reasons),
    )


def download_size(spec: ModelSpec) -> Figure:
    """What a pull transfers, in bytes, with its origin."""
    size, weights = spec.download_bytes, spec.weights
    if size is None:
        return Unknown("no manifest was read")
    if not weights.recalled:
        return Published(size, weights.source, "")
    doubt = size * weights.spread
    return Estimated(size - doubt, size, size + doubt, RECALLED)


def _weight_bytes(card: ModelCard, wanted: str) -> tuple[int, int, float, str]:
    """Bytes of the weights and of a projector, their uncertainty as a share, where they are from.

    The library's size is that of the whole tag. A model that sees has a projector in it, which no
    token of a text reads and no quantization makes smaller: what the parameters do not explain.
    """
    text = _text_bytes(card, card.params_total, wanted)
    if card.size_bytes is None:
        spread = _PARAMETERS_ONLY_SPREAD
        reason = (
            f"from the catalogue: weights by parameters x {wanted}: ±{percent(spread)}, no file was"
            " seen"
        )
        return text, 0, spread, reason
    own = _text_bytes(card, card.params_total, card.quantization)
    projector = max(0, card.size_bytes - own) if _has_projector(card) else 0
    weights = card.size_bytes - projector
    if wanted == card.quantization:
        inside = f" (a projector of about {projector / 1e9:.1f} GB included)" if projector else ""
        reason = (
            f"from the catalogue: weights are the size of the tag{inside}, "
            f"{card.size_bytes / 1e9:g} GB, known to ±{percent(card.size_spread, 1)}; no header was"
            " read"
        )
        return weights, projector, card.size_spread, reason
    total = int(max(text * 0.9, weights + text - own))
    spread = max(_REQUANTIZED_SPREAD, card.size_spread)
    reason = (
        f"from the catalogue: weights scaled from {card.quantization} to {wanted} by bits per "
        f"weight: ±{percent(spread)}"
    )
    return total, projector, spread, reason


def _has_projector(card: ModelCard) -> bool:
    """Per-layer embedding tables are kept as they are too, and cannot be told from it by size."""
    return "vision" in card.capabilities and card.architecture.name != "ple"


def _text_bytes(card: ModelCard, params: int, quantization: str) -> int:
    """A file of so many parameters: the embedding and the output have bits of their own.

    What is between them has the bits that Llama 3.1 8B's file leaves for it. Experts that were
    trained in MXFP4 stay so whatever the rest is made of, BF16 as it was trained in the
    tag. Source: gpt-oss:20b has 12.1 GB with the rest in Q8_0 (llama.cpp benches/dgx-spark.md).
    """
    if card.quantization == _AS_TRAINED:
        experts = int(_expert_params(card))
        kept = int(experts * BITS_PER_WEIGHT[_AS_TRAINED] / 8)
        others = "BF16" if quantization == _AS_TRAINED else quantization
        return kept + _plain_bytes(card, params - experts, others)
    return _plain_bytes(card, params, quantization)


def _plain_bytes(card: ModelCard, params: int, quantization: str) -> int:
    """A file whose layers are all of one quantisation."""
    matrix = (card.architecture.vocabulary or 0) * card.architecture.hidden
    matrix = min(matrix, params // 3)
    bits = matrix * embedding_bits(quantization, tied=card.tied_embeddings)
    if not card.tied_embeddings:
        bits += matrix * output_bits(quantization)
    inside = params - matrix * (1 if card.tied_embeddings else 2)
    return int((bits + inside * _inner_bits(quantization)) / 8)


_LLAMA_8B = 8.03e9
_LLAMA_8B_MATRIX = 128_256 * 4096


@cache
def _inner_bits(quantization: str) -> float:
    """Mean bits of a weight in the layers, without embedding and output."""
    whole = bits_per_weight(quantization)
    ends = _LLAMA_8B_MATRIX * (embedding_bits(quantization, tied=False) + output_bits(quantization))
    return (whole * _LLAMA_8B - ends) / (_LLAMA_8B - 2 * _LLAMA_8B_MATRIX)


def embedding_bits(quantization: str, *, tied: bool) -> float:
    """Bits of a number of the embedding; K-quants keep a tied one as they keep an output."""
    return output_bits(quantization) if tied else bits_per_weight(quantization)


@cache
def output_bits(quantization: str) -> float:
    """Bits of a number of the output matrix: at least 6, by llama.cpp's rules of quantization."""
    return max(BITS_PER_WEIGHT["Q6_K"], bits_per_weight(quantization))


def _expert_bytes(card: ModelCard, total: int, embedding: int) -> int:
    """Routed experts: what is left when the tensors that every token reads are taken away.

    In proportion to their parameters.
    """
    return int(max(0, total - embedding) * min(0.99, _expert_params(card) / card.params_total))


def _expert_params(card: ModelCard) -> float:
    """Parameters of routed experts, solved from both counts: active = rest + experts x share."""
    architecture = card.architecture
    if not architecture.experts or card.params_active >= card.params_total:
        return 0.0
    share = architecture.experts_used / architecture.experts
    return (card.params_total - card.params_active) / (1 - share)


def _lookup_bytes(card: ModelCard, total: int, quantization: str) -> int:
    """Per-layer embedding tables: all that the active parameters do not explain."""
    if card.architecture.name != "ple":
        return 0
    return max(0, total - _text_bytes(card, card.params_active, quantization))


def caches_from_numbers(
    *,
    full: tuple[int, int, int],
    sliding: tuple[int, int, int] | None = None,
    window: int | None = None,
) -> tuple[CacheLayers, ...]:
    """Cache layers from (layers, key width, value width) of full and of sliding attention."""
    groups = []
    if full[0]:
        groups.append(CacheLayers(layers=full[0], key_width=full[1], value_width=full[2]))
    if sliding is not None and sliding[0]:
        groups.append(
            CacheLayers(
                layers=sliding[0], key_width=sliding[1], value_width=sliding[2], window=window
            )
        )
    return tuple(groups)
