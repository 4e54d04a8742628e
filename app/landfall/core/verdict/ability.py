"""What a machine can do with a workload's local candidates: fit, context, capability, speed, watts.

Everything here is an estimate; a quote of the user or a measurement stands above it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from landfall.core.demand import queueing
from landfall.core.fit.fit import Fit, FitKind, FitRequest
from landfall.core.fit.ollama_defaults import given_parallel
from landfall.core.fit.recommend import price
from landfall.core.machine.hardware import AcceleratorKind, HardwareProfile, memory_budget
from landfall.core.models import catalogue
from landfall.core.models.catalogue import ModelCard
from landfall.core.models.model_names import is_cloud_name
from landfall.core.provenance import Estimated, Figure, Unknown, middle
from landfall.core.workload.workload import Need, Task, Workload

DEFAULT_CONTEXT = 8192
"""Tokens, where a workload says nothing of its longest calls: our choice, the default of the
settings too. A longer one needs more memory and slows decoding; it never lets a model fit."""
SLOTS = 1
"""Requests at once: Ollama's own default (OLLAMA_NUM_PARALLEL)."""

_PERMISSIVE = ("apache", "mit")
_EXCLUDING = ("non-commercial", "non-production")
_LOAD_SHARE = (0.6, 0.8, 1.0)
"""Draw while a model runs, as a share of the board's limit: decode waits for memory. Our choice; a
measurement replaces it. Electricity is the smallest part of most bills, so that the band matters
little (worked case X1: the price of a kWh would have to rise 70 times)."""
_WAITING_SHARE = (0.15, 0.3, 0.5)
"""Draw of a card that waits for another one, as a share of its limit: a model that is split by
layers works on one card at a time, and the others keep their clocks. Our judgement, and therefore
wide; measuring replaces it."""
_DRAW_WATTS = {
    AcceleratorKind.DISCRETE: (100.0, 220.0, 400.0),
    AcceleratorKind.UNIFIED: (15.0, 50.0, 150.0),
    AcceleratorKind.INTEGRATED: (15.0, 35.0, 80.0),
}
_PROCESSOR_WATTS = (25.0, 65.0, 150.0)
"""Above idle, where not even a limit is known: our choice, the range of what such parts are sold
with. A measurement replaces it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """One machine with one candidate.

    Attributes:
        fits, context_ok, capability_ok, licence_ok: None where it is not known; see `notes`.
        prefill_tok_s, decode_tok_s: Of one request alone.
        watts: Above idle, while it works.
        slots: Requests at once.
        whole: All of it lies in the memory of the accelerators.
        size_bytes: Of the model's file; 0 where it is not known.
        notes: Key or rule to words.
    """

    machine: str
    model: str
    fits: bool | None
    context_ok: bool | None
    capability_ok: bool | None
    licence_ok: bool | None
    prefill_tok_s: Figure
    decode_tok_s: Figure
    watts: Figure
    slots: int = SLOTS
    whole: bool = False
    size_bytes: int = 0
    notes: tuple[tuple[str, str], ...] = ()


def context_of(workload: Workload) -> int:
    """The context that must fit: the p99 stated, else the mean call with room, else the default.

    The longest calls are no shorter than the mean one, whatever is stated.
    """
    mean = mean_call_tokens(workload)
    if workload.tokens.context_p99 is not None:
        return max(workload.tokens.context_p99, mean)
    return max(DEFAULT_CONTEXT, 2 * mean)


def mean_call_tokens(workload: Workload) -> int:
    """Tokens of a mean call, prompt and answer together, rounded up; what is not stated is none."""
    tokens = workload.tokens
    parts = (tokens.input, tokens.cached_input, tokens.output)
    return math.ceil(sum(part or 0.0 for part in parts))


def ability(
    workload: Workload,
    names: Iterable[str],
    profile: HardwareProfile,
    cards: tuple[ModelCard, ...],
    slots: Mapping[str, int] | None = None,
) -> Ability:
    """The first candidate that no hard rule takes out on this machine, else the first of all.

    Names that a server forwards to a cloud are no local candidates and are passed over.

    Args:
        slots: Catalogue tag to calls at once, where known: each keeps its own cache (H3).
    """
    local = tuple(name for name in names if not is_cloud_name(name))
    if not local:
        return _without_candidate(profile, "no local candidate is named (candidates.local)")
    found = [_of_one(workload, name, profile, cards, slots or {}) for name in local]
    return next((one for one in found if _stands(one)), found[0])


def _stands(one: Ability) -> bool:
    """No hard rule takes it out, as far as is known."""
    flags = (one.context_ok, one.capability_ok, one.licence_ok)
    return bool(one.fits) and False not in flags


def holds(one: Ability) -> bool:
    """Whether a machine that would be got for it is worth it: all of the model in fast memory."""
    return one.whole and _stands(one)


def _without_candidate(profile: HardwareProfile, why: str, model: str = "") -> Ability:
    return _nothing_of(profile.name, why, model)


def _nothing_of(machine: str, why: str, model: str = "") -> Ability:
    keys = ("fits", "context_ok", "capability_ok", "licence_ok")
    return Ability(
        machine=machine,
        model=model,
        fits=None,
        context_ok=None,
        capability_ok=None,
        licence_ok=None,
        prefill_tok_s=Unknown(why),
        decode_tok_s=Unknown(why),
        watts=Unknown(why),
        notes=tuple((key, why) for key in keys),
    )


def _of_one(
    workload: Workload,
    name: str,
    profile: HardwareProfile,
    cards: tuple[ModelCard, ...],
    slots: Mapping[str, int],
) -> Ability:
    plain, quantization = catalogue.split_quantization(name)
    card = catalogue.find(plain, cards)
    if card is None:
        return _without_candidate(profile, f"{name} is not in the catalogue", name)
    if quantization is not None and quantization != card.quantization:
        return _without_candidate(
            profile, f"the catalogue knows {card.tag} as {card.quantization}", name
        )
    wanted = context_of(workload)
    trained = card.architecture.context_trained
    shown = min(wanted, trained) if trained else wanted
    parallel = given_parallel(card.architecture, slots.get(card.tag, SLOTS))
    request = FitRequest(context=min(shown, 1 << 24), parallel=parallel)
    priced = price(card, profile, memory_budget(profile), request)
    notes = [("H3", f"{card.tag}: {priced.fit.reasons[0]}")]
    context_ok = None if trained is None else wanted <= trained
    if context_ok is None:
        notes.append(("context_ok", f"the trained context of {card.tag} is not known"))
    notes.append(("H4", f"calls of {wanted:,} tokens exceed the {trained or 0:,} of {card.tag}"))
    licence_ok = licence_allows(card)
    notes.append(("licence_ok", f"{card.licence}: confirm that it allows this use"))
    notes.append(("H8", f"the licence of {card.tag} ({card.licence}) excludes this use"))
    lacks = lacking(workload, card)
    notes.append(("H7", f"{card.tag} lacks {', '.join(lacks)}"))
    return Ability(
        machine=profile.name,
        model=card.tag,
        fits=priced.fit.fits,
        context_ok=context_ok,
        capability_ok=not lacks,
        licence_ok=licence_ok,
        prefill_tok_s=priced.prefill_tok_s,
        decode_tok_s=priced.decode_tok_s,
        watts=watts_above_idle(profile, priced.fit),
        slots=parallel,
        whole=priced.fit.kind is FitKind.GPU,
        size_bytes=card.size_bytes or 0,
        notes=tuple(notes),
    )


def ability_there(
    workload: Workload,
    names: Iterable[str],
    *,
    machine: str,
    cards: tuple[ModelCard, ...],
    measured: Mapping[str, tuple[Figure, Figure]],
    slots: Mapping[str, int],
) -> Ability:
    """What a host can do of which nobody said what machine it is: what was measured on it.

    A model that ran there fits there; of one that did not, nothing is known.

    Args:
        machine: What the host is called.
        measured: Catalogue tag to (prefill, decode) rates of kept runs there.
    """
    local = tuple(name for name in names if not is_cloud_name(name))
    found = [
        _of_measured(workload, name, machine=machine, cards=cards, measured=measured, slots=slots)
        for name in local
    ]
    if not found:
        return _nothing_of(machine, "no local candidate is named (candidates.local)")
    return next((one for one in found if _stands(one)), found[0])


def _of_measured(
    workload: Workload,
    name: str,
    *,
    machine: str,
    cards: tuple[ModelCard, ...],
    measured: Mapping[str, tuple[Figure, Figure]],
    slots: Mapping[str, int],
) -> Ability:
    card = catalogue.find(catalogue.split_quantization(name)[0], cards)
    if card is None:
        return _nothing_of(machine, f"{name} is not in the catalogue", name)
    unknown = f"nobody said what machine {machine} is (machine.name)"
    prefill, decode = measured.get(card.tag, (Unknown(unknown), Unknown(unknown)))
    fits = True if card.tag in measured else None
    wanted, trained = context_of(workload), card.architecture.context_trained
    lacks = lacking(workload, card)
    return Ability(
        machine=machine,
        model=card.tag,
        fits=fits,
        context_ok=None if trained is None else wanted <= trained,
        capability_ok=not lacks,
        licence_ok=licence_allows(card),
        prefill_tok_s=prefill,
        decode_tok_s=decode,
        watts=Unknown(f"the electricity of {machine} is not measured here, and {unknown}"),
        slots=given_parallel(card.architecture, slots.get(card.tag, SLOTS)),
        whole=False,
        size_bytes=card.size_bytes or 0,
        notes=(
            ("fits", f"{unknown}, and no run of {card.tag} there is kept"),
            ("H3", f"{card.tag} ran on {machine}; whether a longer context fits is not known"),
            ("context_ok", f"the trained context of {card.tag} is not known"),
            ("H4", f"calls of {wanted:,} tokens exceed the {trained or 0:,} of {card.tag}"),
            ("licence_ok", f"{card.licence}: confirm that it allows this use"),
            ("H8", f"the licence of {card.tag} ({card.licence}) excludes this use"),
            ("H7", f"{card.tag} lacks {', '.join(lacks)}"),
        ),
    )


def licence_allows(card: ModelCard) -> bool | None:
    """H8: permissive licences allow it, others must be confirmed by the user; None for those."""
    licence = card.licence.lower()
    if any(word in licence for word in _EXCLUDING):
        return False
    return True if licence in _PERMISSIVE or licence.startswith("apache") else None


def lacking(workload: Workload, card: ModelCard) -> tuple[str, ...]:
    """H7: what the work needs and the card does not have. JSON is enforced by the engine."""
    needs = {need.value for need in workload.candidates.needs if need is not Need.JSON}
    if workload.task is Task.VISION:
        needs.add("vision")
    if workload.task is Task.EMBEDDING:
        needs.add("embedding")
    elif "embedding" in card.capabilities:
        return ("text output",)
    return tuple(sorted(needs - card.capabilities))


def watts_above_idle(profile: HardwareProfile, placed: Fit) -> Figure:
    """Draw while a model runs, from the boards' limits where they are known, else a wide band."""
    if not placed.gpus or not profile.accelerators:
        return Estimated(*_PROCESSOR_WATTS, "range of processors above idle; not measured here")
    used = profile.accelerators[: placed.gpus]
    limits = [one.power_limit_watts for one in used]
    turns = " for each of them in turn, and less while it waits" if len(used) > 1 else ""
    if all(limit is not None for limit in limits):
        total = sum(limit or 0.0 for limit in limits)
        low, mid, high = (
            total * _in_turn(share, waiting, len(used))
            for share, waiting in zip(_LOAD_SHARE, _WAITING_SHARE, strict=True)
        )
        says = f"60 to 100 % of a power limit of {total:.0f} W{turns}"
        return Estimated(low, mid, high, says)
    low, mid, high = (
        watts * len(used) * _in_turn(share, waiting, len(used)) / share
        for watts, share, waiting in zip(
            _DRAW_WATTS[used[0].kind], _LOAD_SHARE, _WAITING_SHARE, strict=True
        )
    )
    return Estimated(low, mid, high, f"range of such parts{turns}; not measured here")


def _in_turn(working: float, waiting: float, cards: int) -> float:
    """Mean share of its limit that a card draws, of several that work one after another."""
    return (working + waiting * (cards - 1)) / cards


def with_rates(one: Ability, prefill: Figure, decode: Figure) -> Ability:
    """The ability with measured rates in place of predicted ones, where they were measured."""
    return replace(
        one,
        prefill_tok_s=one.prefill_tok_s if isinstance(prefill, Unknown) else prefill,
        decode_tok_s=one.decode_tok_s if isinstance(decode, Unknown) else decode,
    )


def service_seconds(one: Ability, uncached: float, output: float) -> Figure:
    """Seconds a request keeps its slot, with the band of both rates."""
    if isinstance(one.prefill_tok_s, Unknown):
        return one.prefill_tok_s
    if output > 0 and isinstance(one.decode_tok_s, Unknown):
        return one.decode_tok_s
    reads, writes = _ends(one.prefill_tok_s), _ends(one.decode_tok_s)
    says = f"tokens / predicted rates of {one.model} on {one.machine}"
    mid = _seconds_at(reads[1], writes[1], uncached, output)
    if reads[0] == reads[2] and writes[0] == writes[2]:
        return Estimated(mid, mid, mid, says)
    slow = _seconds_at(reads[0], writes[0], uncached, output)
    return Estimated(_seconds_at(reads[2], writes[2], uncached, output), mid, slow, says)


def _seconds_at(prefill: float, decode: float, uncached: float, output: float) -> float:
    return queueing.service_seconds(
        uncached_tokens=uncached,
        output_tokens=output,
        prefill_tok_s=prefill,
        decode_tok_s=decode,
    )


def _ends(rate: Figure) -> tuple[float, float, float]:
    match rate:
        case Estimated(low=low, mid=mid, high=high):
            return low, mid, high
        case _:
            value = middle(rate) or 0.0
            return value, value, value
