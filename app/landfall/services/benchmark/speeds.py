"""What is known of the speed of models before they are benchmarked: their last runs, or what is
predicted for this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from landfall.core.benchmark.benchmark import kind_of
from landfall.core.benchmark.duration import ModelSpeed
from landfall.core.errors import AppError
from landfall.core.fit.fit import fit
from landfall.core.fit.memory import FitRequest
from landfall.core.hosts.runtime import InstalledModel
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models.model_names import same
from landfall.core.provenance import Estimated, Figure, Measured, Unknown
from landfall.core.speed.speed import decode_rate, prefill_rate
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord
from landfall.services.models import shipped_catalogue
from landfall.services.models.model_source import Places, no_registry, resolve

DISK_BYTES_PER_S = (0.3e9, 3e9)
"""From a worn SATA disk with a cold cache to an NVMe disk: the ends of a load never measured."""


async def known_speeds(
    history: History,
    models: Sequence[InstalledModel],
    *,
    host: str,
    context: int,
    profile: HardwareProfile | None,
    cache: Path,
) -> tuple[ModelSpeed, ...]:
    """What is known of each model, in the order given.

    Args:
        host: The server that holds them, as its runs are kept.
        profile: The machine that the server runs on, for what was never measured; None where it is
            another machine, of which nothing can be predicted.
    """
    runs = [run for run in await history.latest_runs() if run.host == host and run.state == "done"]
    places = Places(cache=cache, models_path=_models_path(profile))
    machine = None if profile is None else shipped_catalogue.load().enriched(profile)
    found = []
    for model in models:
        run = next((run for run in runs if same(run.model, model.name)), None)
        decode, prefill = _measured(run)
        if isinstance(decode, Unknown) and machine is not None:
            decode, prefill = await _predicted(model.name, machine, places, context)
        found.append(
            ModelSpeed(
                model=model.name,
                kind=kind_of(model.capabilities),
                decode_tok_s=decode,
                prefill_tok_s=prefill,
                load_seconds=_load(run, model.size_bytes),
            )
        )
    return tuple(found)


def _models_path(profile: HardwareProfile | None) -> Path | None:
    return None if profile is None else Path(profile.disk.models_path)


def _measured(run: RunRecord | None) -> tuple[Figure, Figure]:
    never = Unknown("it was never run on this server")
    if run is None:
        return never, never
    decode, prefill = run.decode_tok_s, run.prefill_tok_s
    return (
        never if decode is None else Measured(decode, run.started_at, "its last run"),
        never if prefill is None else Measured(prefill, run.started_at, "its last run"),
    )


async def _predicted(
    name: str, machine: HardwareProfile, places: Places, context: int
) -> tuple[Figure, Figure]:
    try:
        spec = await resolve(name, places, fetch=no_registry)
    except AppError as error:
        return Unknown(error.message), Unknown(error.message)
    budget = memory_budget(machine)
    placed = fit(spec, budget, FitRequest(context=context))
    return (
        decode_rate(spec, placed, machine, budget),
        prefill_rate(spec, placed, machine, budget),
    )


def _load(run: RunRecord | None, size_bytes: int) -> Figure:
    """By its last load, where the run was one; else by its size, as a disk reads it."""
    if run is not None and run.load_seconds is not None and run.load_seconds > 1.0:
        return Measured(run.load_seconds, run.started_at, "its last load")
    slow, fast = (size_bytes / speed for speed in DISK_BYTES_PER_S)
    middle = size_bytes / (DISK_BYTES_PER_S[0] * DISK_BYTES_PER_S[1]) ** 0.5
    return Estimated(fast, middle, slow, "the size of the model, as a disk reads it")
