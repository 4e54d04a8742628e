"""Why a model in a server's memory lies on the processor, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from landfall.core.architecture import ModelSpec
from landfall.core.fit import FitKind, fit, gib, max_context
from landfall.core.hardware import HardwareProfile, memory_budget, usable_discrete_bytes
from landfall.core.memory import FitRequest
from landfall.core.runtime import LoadedModel

WHOLE = 0.995
"""From this share on a model counts as whole on the GPU: servers round."""

_CONTEXT_OF_OLD_SERVERS = 4096


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


def gpu_share(loaded: LoadedModel) -> float | None:
    """The part of the model that is on GPUs, 0 to 1; None where the server told no size."""
    if loaded.size_bytes <= 0:
        return None
    return min(1.0, loaded.gpu_bytes / loaded.size_bytes)


def why_on_processor(
    loaded: LoadedModel, spec: ModelSpec | None, profile: HardwareProfile, *, others: int = 0
) -> Placement | None:
    """The cause and the fix, or None where the model is whole on the GPU.

    Args:
        spec: What is known of the model, or None.
        profile: The machine on which the server runs, as it was last looked at.
        others: Models that are loaded beside it.
    """
    share = gpu_share(loaded)
    if share is not None and share >= WHOLE:
        return None
    budget = memory_budget(profile)
    if not budget.devices:
        return Placement(
            gpu_share=share,
            cause=_without_device(profile, budget.reasons),
            fix="" if not profile.accelerators else "See the Machine page for what was tried.",
        )
    if spec is None:
        return Placement(
            gpu_share=share,
            cause=f"{gib(loaded.size_bytes)} did not fit what was free on the GPU when it was "
            "loaded.",
            fix=_make_room(others),
        )
    context = loaded.context or _CONTEXT_OF_OLD_SERVERS
    # What the model itself holds on the GPU is free to it.
    own = _with_own_memory(profile, loaded.gpu_bytes)
    budget = memory_budget(own)
    placed = fit(spec, budget, FitRequest(context=context))
    if placed.kind is FitKind.GPU:
        return Placement(
            gpu_share=share,
            cause=f"By its size it fits the GPU now: {gib(placed.need.total_bytes)} of "
            f"{gib(budget.total_bytes)} usable. Something else took the memory when it was loaded, "
            "or the server sees no GPU.",
            fix="Load it anew; if it stays there, look at the server's log.",
            context=context,
        )
    longest = max_context(spec, budget, placed.request)
    whole = None
    if longest is not None and longest < context:
        shorter = fit(spec, budget, replace(placed.request, context=longest, depth=None))
        whole = longest if shorter.kind is FitKind.GPU else None
    cause = placed.reasons[0]
    cause = f"At {placed.request.context} tokens of context it {cause.removeprefix('it ')}."
    if whole is not None:
        fix = f"At {whole} tokens of context or fewer it is whole on the GPU."
    else:
        fix = _make_room(others)
    return Placement(gpu_share=share, cause=cause, fix=fix, context=whole)


def _with_own_memory(profile: HardwareProfile, held_bytes: int) -> HardwareProfile:
    """The machine as it would be without the model; with several GPUs nobody says on which."""
    if len(profile.accelerators) != 1:
        return profile
    first = profile.accelerators[0]
    total = first.memory_total_bytes
    if first.usable_bytes is None or total is None:
        return profile
    usable = min(usable_discrete_bytes(total), first.usable_bytes + held_bytes)
    return replace(profile, accelerators=(replace(first, usable_bytes=usable),))


def _without_device(profile: HardwareProfile, reasons: tuple[str, ...]) -> str:
    if not profile.accelerators:
        return "This machine has no accelerator: models run on the processor."
    return f"No accelerator can be used: {'; '.join(reasons) or 'none has memory to spare'}."


def _make_room(others: int) -> str:
    first = "Unload the other models" if others else "Close what else uses the GPU"
    return f"{first}, or choose a smaller model or a stronger quantization."
