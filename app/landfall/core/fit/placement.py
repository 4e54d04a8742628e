"""Why a model in a server's memory lies on the processor, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from landfall.core.fit.fit import Fit, FitKind, fit
from landfall.core.fit.held_memory import Held, given_back, held_by
from landfall.core.fit.load_check import RunnerFacts, request_of
from landfall.core.fit.longest_context import max_context
from landfall.core.fit.memory import FitRequest
from landfall.core.hosts.runtime import WHOLE, LoadedModel, gpu_share
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget, memory_budget
from landfall.core.models.architecture import ModelSpec
from landfall.core.provenance import Unknown
from landfall.core.sizes import gib

_CONTEXT_OF_OLD_SERVERS = 4096
"""Of a server that does not tell it: the default of Ollama's documentation, and of small cards."""
_NOT_SEEN = Unknown("its process was not looked at")
_ROOM = 0.05
"""A server reckons with margins of its own: a need that is closer than this to what is usable
may not have fitted for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The answer to "why is it on the CPU?".

    Attributes:
        gpu_share: Of the model's bytes, 0 to 1; None where the server told no size.
        cause: One sentence.
        fix: What to do, one sentence; "" where nothing can be done.
        context: A context at which it would be whole on the GPU if it were loaded anew, or None.
    """

    gpu_share: float | None
    cause: str
    fix: str
    context: int | None = None


def why_on_processor(
    loaded: LoadedModel,
    spec: ModelSpec | None,
    profile: HardwareProfile,
    *,
    others: Sequence[LoadedModel] = (),
    runner: RunnerFacts | None = None,
) -> Placement | None:
    """The cause and the fix, or None where the model is whole on the GPU.

    Args:
        spec: What is known of the model, or None.
        profile: The machine on which the server runs, as it was last looked at.
        others: Models that are loaded beside it.
        runner: What its process tells, where that can be seen.
    """
    share = gpu_share(loaded)
    if share is not None and share >= WHOLE:
        return None
    budget = memory_budget(profile)
    if not budget.devices:
        cause = _without_device(profile, budget.reasons)
        fix = "" if not profile.accelerators else "See the Machine page for what was tried."
        return Placement(gpu_share=share, cause=cause, fix=fix)
    told = _as_told(share, runner)
    if told is not None:
        return told
    if spec is None:
        size = gib(loaded.size_bytes) if loaded.size_bytes > 0 else "It"
        return Placement(
            gpu_share=share,
            cause=f"{size} did not fit what was free on the GPU when it was loaded.",
            fix=_make_room(others),
        )
    context = loaded.context or _CONTEXT_OF_OLD_SERVERS
    request = request_of(context, runner or _NOT_SEEN)
    return _by_size(loaded, spec, profile, others=others, request=request)


def _as_told(share: float | None, runner: RunnerFacts | None) -> Placement | None:
    """Where the server was told how many layers go to the GPU, that is the cause."""
    layers = runner.gpu_layers if runner else None
    if layers is None:
        return None
    told = "to keep it off the GPU" if layers == 0 else f"to put {layers} layers on the GPU"
    return Placement(
        gpu_share=share,
        cause=f"The server was told {told} (num_gpu {layers}).",
        fix="Load it without num_gpu: the option of the request, or PARAMETER num_gpu of the "
        "model's Modelfile.",
    )


def _by_size(
    loaded: LoadedModel,
    spec: ModelSpec,
    profile: HardwareProfile,
    *,
    others: Sequence[LoadedModel],
    request: FitRequest,
) -> Placement:
    """The cause by what fits: with what it holds itself given back, then with all the others'."""
    share = gpu_share(loaded)
    own = held_by(loaded)
    alone = _budget_with(profile, [own])
    placed = fit(spec, alone, request)
    if placed.kind is FitKind.GPU:
        return _would_fit(share, placed, alone)
    among = [model for model in others if model.gpu_bytes > 0]
    emptied = _budget_with(profile, [own, *map(held_by, among)])
    if among and fit(spec, emptied, request).kind is FitKind.GPU:
        names = ", ".join(model.name for model in among)
        return Placement(
            gpu_share=share,
            cause=f"{names} {'takes' if len(among) == 1 else 'take'} "
            f"{gib(sum(model.gpu_bytes for model in among))} of the GPU: without that it would be "
            "whole on it.",
            fix=f"Unload {names}, then load it anew.",
            context=placed.request.context,
        )
    return _too_big(share, spec, placed, budget=emptied, others=others, profile=profile)


def _budget_with(profile: HardwareProfile, held: Sequence[Held]) -> MemoryBudget:
    return memory_budget(given_back(profile, held)[0])


def _would_fit(share: float | None, placed: Fit, budget: MemoryBudget) -> Placement:
    """By its size it belongs on the GPU: what happened is not told, so what can be is said."""
    need, usable = placed.need.total_bytes, budget.total_bytes
    fits = f"By its size it fits the GPU now: {gib(need)} of {gib(usable)} usable."
    if need > usable * (1 - _ROOM):
        why = "It is so close that the server, which keeps a margin of its own, may have split it."
        fix = "Load it anew with a somewhat shorter context."
    elif share == 0:
        why = (
            "Nothing of it is there: the server sees no GPU, or its GPU part broke off and it went "
            "on with the processor."
        )
        fix = "Restart Ollama and load it anew; if it stays there, look at the server's log."
    else:
        why = "Something else took the memory when it was loaded."
        fix = "Load it anew; if it stays there, look at the server's log."
    return Placement(
        gpu_share=share, cause=f"{fits} {why}", fix=fix, context=placed.request.context
    )


def _too_big(
    share: float | None,
    spec: ModelSpec,
    placed: Fit,
    *,
    budget: MemoryBudget,
    others: Sequence[LoadedModel],
    profile: HardwareProfile,
) -> Placement:
    context = placed.request.context
    reason = placed.reasons[0].removeprefix("it ")
    cause = f"At {context:,} tokens of context it {reason}."
    whole = _context_on_gpu(spec, placed, budget)
    if whole is not None:
        fix = f"At {whole:,} tokens of context or fewer it is whole on the GPU."
        return Placement(gpu_share=share, cause=cause, fix=fix, context=whole)
    empty = _without_others(profile)
    if fit(spec, empty, placed.request).kind is FitKind.GPU:
        cause = f"{cause} Other programs hold {gib(empty.total_bytes - budget.total_bytes)} of it."
        fix = "Close what else uses the GPU, then load it anew."
        return Placement(gpu_share=share, cause=cause, fix=fix, context=context)
    return Placement(gpu_share=share, cause=cause, fix=_make_room(others))


def _context_on_gpu(spec: ModelSpec, placed: Fit, budget: MemoryBudget) -> int | None:
    """The longest context below the present one at which it is whole on the GPU."""
    longest = max_context(spec, budget, placed.request)
    if longest is None or longest >= placed.request.context:
        return None
    shorter = fit(spec, budget, replace(placed.request, context=longest, depth=None))
    return longest if shorter.kind is FitKind.GPU else None


def _without_others(profile: HardwareProfile) -> MemoryBudget:
    """What could be used if nothing at all were on the GPUs."""
    everything = sum(a.memory_total_bytes or 0 for a in profile.accelerators)
    return _budget_with(profile, [Held(name="", gpu_bytes=everything, ram_bytes=0)])


def _without_device(profile: HardwareProfile, reasons: tuple[str, ...]) -> str:
    if not profile.accelerators:
        return "This machine has no accelerator: models run on the processor."
    return f"No accelerator can be used: {'; '.join(reasons) or 'none has memory to spare'}."


def _make_room(others: Sequence[LoadedModel]) -> str:
    first = "Unload the other models" if others else "Close what else uses the GPU"
    return f"{first}, or choose a smaller model or a stronger quantization."
