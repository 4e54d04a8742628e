"""The Ollama of this machine: what it holds, what it will say of a load, what it decides."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from landfall.cli.asked_machine import calibrated, models_path, profile_of
from landfall.cli.session import Session
from landfall.core.fit.fit import Fit, FitKind
from landfall.core.fit.memory import DEFAULT_BATCH, TWICE_UNMAPPED, batch_logits_bytes
from landfall.core.fit.ollama_defaults import (
    automatic_batch,
    default_context,
    given_context,
    given_parallel,
    guessed_load_bytes,
    shorter_default,
    total_vram_bytes,
)
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget
from landfall.core.models.architecture import ModelSpec
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings
from landfall.core.sizes import gib
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.services.ollama.in_memory import InMemory

_OLLAMA_PORT = 11434
"""As in `services.ollama.address`, which is not imported for it alone."""

_CONNECT_SECONDS = 0.3


Said = dict[str, int | Unknown]
"""Figures of a load by their keys in the document."""


def said(spec: ModelSpec, placed: Fit, budget: MemoryBudget, server: InMemory | Unknown) -> Said:
    """What `/api/ps` will show of the model, and what its process will take."""
    ps, process = _of_load(spec, placed, budget, server)
    return {"ollama_ps_bytes": ps, "ollama_process_bytes": process}


def _of_load(
    spec: ModelSpec, placed: Fit, budget: MemoryBudget, server: InMemory | Unknown
) -> tuple[int | Unknown, int | Unknown]:
    if isinstance(server, Unknown):
        return server, server
    request = placed.request
    rules = late("landfall.core.fit.ollama_memory")
    shown: int | Unknown
    match placed.kind:
        case FitKind.CPU:
            shown = rules.ps_bytes(spec, request, server.version)
            return shown, rules.process_bytes(spec, request, server.version)
        case FitKind.GPU:
            if request.batch is None and not spec.architecture.embedder:
                request = replace(request, batch=_automatic_batch(spec, placed, budget))
            shown = rules.ps_bytes(spec, request, server.version, gpus=placed.gpus)
            return shown, Unknown("what a process takes beside a GPU was not measured")
        case FitKind.PARTIAL:
            none = Unknown("how a server splits a model is known when it is loaded")
            return none, none
        case FitKind.NO:
            none = Unknown("it does not fit")
            return none, none
        case _:
            assert_never(placed.kind)


async def asked(
    name: str | None, session: Session
) -> tuple[HardwareProfile, InMemory | Unknown, tuple[str, ...]]:
    """The machine of that name, or this one as its server leaves it; the server; what to say of it.

    What loaded models hold is free to others, and only a calibration of the server's version holds.

    Raises:
        BadInput: no machine has that name.
    """
    profile = await profile_of(name, session)
    server = await _server_here(profile, session.settings)
    if isinstance(server, Unknown):
        return profile, server, ()
    if profile.calibration is not None:
        profile = calibrated(profile, session, f"Ollama {server.version}")
    room, notes = _room_of(profile, server)
    return room, server, notes


async def _server_here(profile: HardwareProfile, settings: Settings) -> InMemory | Unknown:
    """The Ollama of this machine: its version and what it holds."""
    if models_path(profile) is None:
        return Unknown("no server runs on a machine that is not at hand")
    if await _may_answer(settings):
        module = late("landfall.services.ollama.in_memory")
        found: InMemory | None = await module.seen(settings)
        if found is not None:
            return found
    return Unknown("no Ollama answers on this machine")


def _room_of(profile: HardwareProfile, server: InMemory) -> tuple[HardwareProfile, tuple[str, ...]]:
    """The machine with what loaded models hold given back, and what that was."""
    if not server.loaded:
        return profile, ()
    loads = late("landfall.core.fit.held_memory")
    room: HardwareProfile
    room, notes = loads.given_back(profile, [loads.held_by(model) for model in server.loaded])
    return room, notes


async def store(settings: Settings) -> Path:
    """Where Ollama's models lie here: where the server that answers has them, else its default."""
    found: Path | None = None
    if await _may_answer(settings):
        found = await late("landfall.services.ollama.store").folder(settings)
    default: Path = late("landfall.services.hardware.host").default_models_path(os.environ)
    return found or default


async def _may_answer(settings: Settings) -> bool:
    """Whether an Ollama is worth asking: the HTTP library is loaded only if something listens."""
    given = bool(settings.ollama_url or os.environ.get("OLLAMA_HOST", "").strip())
    return given or await _listens("127.0.0.1", _OLLAMA_PORT)


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


# ---------------------------------------------------------------- what it decides by itself


def server_reasons(
    spec: ModelSpec, placed: Fit, profile: HardwareProfile, budget: MemoryBudget
) -> list[str]:
    """What a server does otherwise than the sum above says."""
    return [
        *_batch_reason(spec, placed, budget),
        *_logits_reason(spec, placed),
        *_unmapped_reason(spec, placed),
        *_decided(spec, placed, profile),
    ]


def _batch_reason(spec: ModelSpec, placed: Fit, budget: MemoryBudget) -> list[str]:
    """That a server sets another batch than the default, where it does."""
    automatic = _automatic_batch(spec, placed, budget)
    if placed.request.batch is not None or spec.architecture.embedder:
        return []
    if automatic == DEFAULT_BATCH:
        return []
    return [
        f"Ollama 0.30 and later sets a batch of {automatic} at this context, with a compute "
        "buffer of its own size (and no buffer for logits of the whole batch); --batch shows it"
    ]


def _automatic_batch(spec: ModelSpec, placed: Fit, budget: MemoryBudget) -> int:
    """The batch that a server would set here: with GPUs it looks at what is free on them.

    On a machine that is not at hand that is all of their memory: nothing else runs there.
    """
    request = placed.request
    gpus = [device.accelerator for device in budget.devices]
    free = [
        (gpu.memory_total_bytes if gpu.memory_free_bytes is None else gpu.memory_free_bytes) or 0
        for gpu in gpus
    ]
    return automatic_batch(
        request.context,
        request.parallel,
        guessed_bytes=guessed_load_bytes(spec, request.context, request.parallel),
        available_bytes=sum(free),
    )


def _decided(spec: ModelSpec, placed: Fit, profile: HardwareProfile) -> list[str]:
    """What a server would decide by itself, where that differs from what was asked for here."""
    request, architecture = placed.request, spec.architecture
    reasons = []
    default = given_context(architecture, default_context(total_vram_bytes(profile.accelerators)))
    if default != request.context:
        shorter = shorter_default(default)
        less = f", or {shorter:,} where those do not fit" if shorter else ""
        reasons.append(
            f"Ollama would take {default:,} tokens of context by itself here{less}; Landfall "
            "always sends num_ctx"
        )
    if given_parallel(architecture, request.parallel) < request.parallel:
        reasons.append(
            f"Ollama runs one sequence at a time of {architecture.name}, whatever it is set to"
        )
    return reasons


def _logits_reason(spec: ModelSpec, placed: Fit) -> list[str]:
    """What the buffer holds that not every runtime asks for."""
    logits = batch_logits_bytes(spec.architecture, placed.request)
    if not logits:
        return []
    return [
        f"{gib(logits)} of the compute buffer are for logits of every token of a batch; Ollama "
        "0.30 and later asks for those of one token a sequence and needs less"
    ]


def _unmapped_reason(spec: ModelSpec, placed: Fit) -> list[str]:
    """What a runtime that does not map the file holds on top."""
    alone = placed.kind is FitKind.CPU
    if not (alone and spec.weights.tied and spec.architecture.name in TWICE_UNMAPPED):
        return []
    return [
        f"read without mapping the file, as Ollama 0.30 and later does, the embedding is there "
        f"twice: {gib(spec.weights.embedding_bytes)} more"
    ]
