"""The conditions of a benchmark as they are kept, and what to know before one compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from landfall.core.benchmark.benchmark import BUSY_SHARE, BenchPlan, PartResult
from landfall.core.costs.energy_cost import keep_loaded_per_day
from landfall.core.energy.idle import IdleDraw
from landfall.core.energy.power import Scope
from landfall.core.fit.load_check import clamped
from landfall.core.hosts.runtime import WHOLE
from landfall.core.percent import percent
from landfall.core.provenance import Estimated, Unknown
from landfall.core.sizes import gib
from landfall.services.benchmark.answers import WAS_CUT
from landfall.services.run.conditions import MachineLook

if TYPE_CHECKING:
    from landfall.services.benchmark.work import Work

OTHERS_BYTES = 256 << 20
"""A desktop holds a little of a GPU; from here on another program is worth a word."""

SHORT_ANSWER_TOKENS = 128
"""A shorter answer says little of a decode rate."""


def conditions(work: Work, about: Mapping[str, Any]) -> dict[str, Any]:
    """All that held, as plain data.

    Args:
        about: Of the model: quantization, parameters, what it was trained for.
    """
    plan, server, before = work.plan, work.answers.server, work.before
    told: dict[str, Any] = {
        **about,
        "context": plan.context,
        "seed": plan.seed,
        "temperature": plan.temperature,
        "repeat_penalty": plan.repeat_penalty,
        "num_thread": plan.num_thread,
        **server.told,
    }
    if before.told:
        told["before"] = dict(before.told)
    if under_load := _extremes(work.looks):
        told["under_load"] = under_load
    reasons = {**before.reasons, **server.reasons}
    for name, draw in work.idle.items():
        if isinstance(draw, Unknown):
            reasons[f"idle_{name}_watts"] = draw.reason
        else:
            told[f"idle_{name}_watts"] = round(draw.watts, 2)
            told["idle_scope"] = draw.scope
    told |= _kept_loaded(work)
    told["reasons"] = reasons
    return told


def _kept_loaded(work: Work) -> dict[str, Any]:
    """What it costs to keep the model in memory, where that was measured and has a price."""
    tariff = work.answers.runs.tariff
    missing = Unknown("it was not measured")
    loaded, without = work.idle.get("loaded", missing), work.idle.get("unloaded", missing)
    cost = keep_loaded_per_day(loaded, without, tariff)
    if tariff is None or not isinstance(cost, Estimated):
        return {}
    return {
        "keep_loaded_per_day": {
            "low": cost.low,
            "mid": cost.mid,
            "high": cost.high,
            "currency": tariff.currency,
        }
    }


def _extremes(looks: Sequence[MachineLook]) -> dict[str, Any]:
    """What was seen of each GPU while it worked: the hottest, the slowest, the fastest."""
    cards: Sequence[Any] = max((look.told.get("gpus", []) for look in looks), key=len, default=[])
    found = [
        _of_card([look.told["gpus"][i] for look in looks if i < len(look.told.get("gpus", []))])
        for i in range(len(cards))
    ]
    told: dict[str, Any] = {"gpus": found} if found else {}
    loads = [
        look.told["cpu"]["load_average"]
        for look in looks
        if "load_average" in look.told.get("cpu", {})
    ]
    if loads:
        told["load_average_max"] = max(loads)
    return told


def _of_card(seen: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {"name": next((one["name"] for one in seen if "name" in one), None)}
    for name in ("temperature_c", "graphics_clock_mhz", "memory_clock_mhz"):
        values = [one[name] for one in seen if name in one]
        if values:
            told[f"{name}_min"], told[f"{name}_max"] = min(values), max(values)
    told["clocks_event_reasons"] = sorted(
        {reason for one in seen for reason in one.get("clocks_event_reasons", ())}
    )
    return told


def notes(work: Work, *, trained_context: int | None) -> list[str]:
    """What to know before these numbers are compared with others, each one sentence."""
    plan, server, before = work.plan, work.answers.server, work.before
    told: list[str] = []
    if before.told.get("on_battery"):
        told.append("The machine ran on its battery: many are slower then.")
    told += _others(before)
    told += [
        f"{note[:1].upper()}{note[1:]}."
        for note in clamped(plan.context, server.told.get("context_given"), trained_context)
    ]
    share = server.told.get("gpu_share")
    if share is not None and 1 - WHOLE < share < WHOLE:
        told.append(f"Only {percent(share)} of the model is on the GPU, the rest on the processor.")
    told += _not_metered(work, share)
    if server.seen_here is False:
        told.append(
            "No process of this machine was seen to hold the model: if the address leads to "
            "another machine or into a container elsewhere, watts of this machine are not the "
            f"model's ({server.reasons.get('parallel', 'unknown')})."
        )
    told += [
        f"The draw with the model {name} was not steady: net energy is rough."
        for name, draw in work.idle.items()
        if isinstance(draw, IdleDraw) and not draw.steady
    ]
    for part in work.parts:
        if part.failed:
            whole = len(part.runs) + part.failed
            told.append(f"{part.failed} of {whole} answers to the {part.name} prompt broke off.")
    return told + _not_whole(work) + _cut(work.parts) + _early(plan, work.parts)


def _not_whole(work: Work) -> list[str]:
    """What was under way when it was cut: a benchmark that came to its end has none."""
    planned = work.plan.repetitions
    begun = [(f"the {part.name} prompt", len(part.runs) + part.failed) for part in work.parts] + [
        (_texts(one.batch), len(one.runs) + one.failed) for one in work.embeddings
    ]
    told = [
        f"Of {planned} repetitions of {what} {count} came to an end: its figures rest on these."
        for what, count in begun
        if count < planned
    ]
    if (level := work.level_under_way) is not None:
        told.append(
            f"The step with {level} at once was cut: those of its answers that had ended stand in"
            " the history, and in no figure."
        )
    return told


def _texts(batch: int) -> str:
    return "1 text in a request" if batch == 1 else f"{batch} texts in a request"


def _not_metered(work: Work, gpu_share: float | None) -> list[str]:
    """Where only the board of a GPU is read, and the model is not on it."""
    metered = {draw.scope for draw in work.idle.values() if isinstance(draw, IdleDraw)}
    if gpu_share is None or gpu_share > 1 - WHOLE or metered != {Scope.GPU}:
        return []
    return ["The model ran on the processor: the energy is that of a GPU board that only waited."]


def _others(before: MachineLook) -> list[str]:
    told = []
    busy = before.told.get("cpu", {}).get("busy_share")
    if busy is not None and busy >= BUSY_SHARE:
        told.append(f"Other programs kept {percent(busy)} of the processor busy before it began.")
    for gpu in before.told.get("gpus", ()):
        others = gpu.get("others") or {}
        if others.get("bytes", 0) >= OTHERS_BYTES:
            told.append(
                f"{others['count']} other programs held {gib(others['bytes'])} of "
                f"{gpu.get('name', 'the GPU')}."
            )
    return told


def _cut(parts: Sequence[PartResult]) -> list[str]:
    """Prompts that the server cut without a word."""
    names = [part.name for part in parts if part.reasons.get("prefill_tok_s") == WAS_CUT]
    if not names:
        return []
    return [
        f"The context was too short for a prompt ({', '.join(names)}): the server cut it, and the "
        "first token may have come sooner than it would."
    ]


def _early(plan: BenchPlan, parts: Sequence[PartResult]) -> list[str]:
    """Answers that ended by themselves before they said enough."""
    asked = {prompt.name: prompt.num_predict for prompt in plan.prompts}
    early = [
        f"{part.output_tokens:.0f} tokens ({part.name})"
        for part in parts
        if part.output_tokens is not None
        and part.output_tokens < min(SHORT_ANSWER_TOKENS, asked.get(part.name, 0))
        and part.runs
    ]
    if not early:
        return []
    return [
        f"Answers ended by themselves after {', '.join(early)}: the rates are those of short ones."
    ]
