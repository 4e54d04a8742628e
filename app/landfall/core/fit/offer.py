"""A model offered on a machine: need, fit, speed and evidence, whether of the catalogue or typed.

A model of the catalogue comes ranked from `recommend`; one that was typed comes as a `ModelSpec`
from its GGUF header. From here on both are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from landfall.core.fit import offered_contexts
from landfall.core.fit.fit import Fit, fit
from landfall.core.fit.longest_context import max_context
from landfall.core.fit.memory import FitRequest, memory_need, need_band_bytes
from landfall.core.fit.recommend import Priced, Recommendation, evidence_for
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import Evidence, ModelCard
from landfall.core.models.model_names import shortest
from landfall.core.provenance import Estimated, Figure, Measured
from landfall.core.speed.speed import decode_rate, prefill_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One model on one machine at one context.

    Attributes:
        name: What a pull asks for.
        decode_tok_s: Measured where it was run here, else estimated.
        left_out: Whether it is not recommended; the first reason says why.
        licence: As the catalogue has it, or "" where it is not known.
        evidence: Published scores, the one that decides first.
    """

    name: str
    spec: ModelSpec
    fit: Fit
    need_bytes: Figure
    decode_tok_s: Figure
    prefill_tok_s: Figure
    reasons: tuple[str, ...]
    licence: str = ""
    evidence: tuple[Evidence, ...] = ()
    left_out: bool = False

    @property
    def tight(self) -> bool:
        """Whether it fits with less than a twentieth to spare."""
        return self.fit.need.total_bytes > 0.95 * self.fit.budget_bytes


def offers(
    answer: Recommendation, measured: Mapping[str, Measured] | None = None
) -> tuple[Offer, ...]:
    """What was recommended, best first, then what was left out, with its reasons.

    Args:
        measured: Decode rates of runs here, by `name_key`.
    """
    rates = measured or {}
    good = (_of_priced(priced, rates, left_out=False) for priced in answer.models)
    bad = (_of_priced(priced, rates, left_out=True) for priced in answer.left_out)
    return (*good, *bad)


@lru_cache(maxsize=1 << 15)
def name_key(name: str) -> str:
    """One spelling for names that a server takes for the same model."""
    return shortest(name).lower()


def _of_priced(priced: Priced, measured: Mapping[str, Measured], *, left_out: bool) -> Offer:
    reasons = priced.reasons
    if left_out and not priced.fit.fits:
        reasons = (*priced.fit.reasons[:1], *(r for r in reasons if r not in priced.fit.reasons))
    return Offer(
        name=priced.card.tag,
        spec=priced.spec,
        fit=priced.fit,
        need_bytes=need_figure(priced.spec, priced.fit),
        decode_tok_s=measured.get(name_key(priced.card.tag), priced.decode_tok_s),
        prefill_tok_s=priced.prefill_tok_s,
        reasons=reasons,
        licence=priced.card.licence,
        evidence=priced.quality,
        left_out=left_out,
    )


def offer(
    spec: ModelSpec,
    profile: HardwareProfile,
    budget: MemoryBudget,
    request: FitRequest,
    *,
    name: str,
    card: ModelCard | None = None,
    measured: Measured | None = None,
) -> Offer:
    """A model that somebody named, on a machine.

    Args:
        name: What a pull asks for.
        card: Its row of the catalogue, for licence and evidence, or None.
        measured: Its decode rate of a run here, or None.
    """
    placed = fit(spec, budget, request)
    return Offer(
        name=name,
        spec=spec,
        fit=placed,
        need_bytes=need_figure(spec, placed),
        decode_tok_s=measured or decode_rate(spec, placed, profile, budget),
        prefill_tok_s=prefill_rate(spec, placed, profile, budget),
        reasons=placed.reasons,
        licence=card.licence if card else "",
        evidence=evidence_for(card) if card else (),
        left_out=not placed.fits,
    )


def need_figure(spec: ModelSpec, placed: Fit) -> Estimated:
    """The memory that it takes, with what is uncertain about weights and formula."""
    low, high = need_band_bytes(spec, placed.need)
    return Estimated(
        low,
        placed.need.total_bytes,
        high,
        f"weights + KV cache + compute + overhead at context {placed.request.context:,}; "
        f"{spec.weights.source}",
    )


def bytes_per_1k(priced: Offer) -> int:
    """What 1,024 more tokens of context take; 0 where nothing grows with the context."""
    request = priced.fit.request
    more = replace(request, context=request.context + 1024, depth=None)
    gpus = max(1, priced.fit.gpus)
    before = memory_need(priced.spec, replace(request, depth=None), gpus=gpus)
    return memory_need(priced.spec, more, gpus=gpus).total_bytes - before.total_bytes


def longest_context(priced: Offer, budget: MemoryBudget) -> int | None:
    """The longest context at which it runs as well as it can; None where it never fits."""
    return max_context(priced.spec, budget, priced.fit.request)


def better_context(priced: Offer, budget: MemoryBudget) -> tuple[int, Fit] | None:
    """The longest shorter step of context at which it stands better, and how; or None."""
    return offered_contexts.better_context(priced.spec, priced.fit, budget)


def missing_bytes(placed: Fit, budget: MemoryBudget) -> int:
    """How much memory is short, over devices and main memory together; 0 where it fits.

    Layers are not divided between a device and main memory: what does not fit for that reason
    lacks at least one layer.
    """
    if placed.fits:
        return 0
    need = placed.need.total_bytes
    if not budget.devices:
        return need - budget.ram_bytes
    devices = sum(device.usable_bytes for device in budget.devices)
    room = max(devices, budget.ram_bytes) if budget.shared else devices + budget.ram_bytes
    return max(need - room, need // max(1, placed.layers))


def nearest_miss(priced: Iterable[Offer], budget: MemoryBudget) -> tuple[Offer, int] | None:
    """The model that lacks least memory, and how much; None where nothing lacks any."""
    short = [(missing_bytes(p.fit, budget), p) for p in priced if not p.fit.fits]
    if not short:
        return None
    gap, nearest = min(short, key=lambda pair: pair[0])
    return nearest, gap
