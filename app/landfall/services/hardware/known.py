"""What the catalogue knows of a device that the driver does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from landfall.core.machine.hardware import (
    Accelerator,
    AcceleratorKind,
    Failure,
    HardwareProfile,
    usable_discrete_bytes,
)
from landfall.core.machine.hardware_match import CatalogueRow, common_figure, match
from landfall.core.provenance import Figure, Unknown
from landfall.services.hardware.finding import ASLEEP
from landfall.services.hardware.host import NO_BANDWIDTH
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.core.errors import BadInput
    from landfall.core.machine.machines import Machine

_CORES = re.compile(r"(\d+)-core")


def rows() -> tuple[tuple[CatalogueRow, ...], tuple[Failure, ...]]:
    """The catalogue's rows; one that misses something is left out, and said.

    Raises:
        BadInput: the catalogue is missing or no JSON.
    """
    machines, problems = late("landfall.services.machine.machine_rows").load()
    return tuple(map(_row, machines)), tuple(map(_failure, problems))


def _row(machine: Machine) -> CatalogueRow:
    return CatalogueRow(
        name=machine.name,
        vendor=machine.vendor,
        memory_bytes=machine.memory_sizes,
        bandwidth_bytes_per_s=machine.figure("bandwidth_bytes_per_s"),
        fp16_flops=machine.figure("fp16_flops"),
        fp32_flops=machine.figure("fp32_flops"),
        architecture=machine.architecture,
    )


def _failure(problem: BadInput) -> Failure:
    where = f"catalogue {problem.file}, {problem.field}"
    return Failure(probe=where, reason=problem.message, hint=problem.hint)


def filled(profile: HardwareProfile, catalogue: Sequence[CatalogueRow]) -> HardwareProfile:
    """The profile with the catalogue's figures where the driver told none."""
    accelerators = tuple(_filled(a, catalogue) for a in profile.accelerators)
    return _with_unified_bandwidth(replace(profile, accelerators=accelerators))


def _filled(accelerator: Accelerator, catalogue: Sequence[CatalogueRow]) -> Accelerator:
    name, found = _found(accelerator, catalogue)
    names = [row.name for row in found]
    architectures = {row.architecture for row in found}
    return _with_memory(
        replace(
            accelerator,
            name=name,
            catalogue_name=names[0] if len(names) == 1 else None,
            bandwidth_bytes_per_s=_better(
                accelerator.bandwidth_bytes_per_s, [r.bandwidth_bytes_per_s for r in found], names
            ),
            fp16_flops=_better(accelerator.fp16_flops, [r.fp16_flops for r in found], names),
            fp32_flops=_better(accelerator.fp32_flops, [r.fp32_flops for r in found], names),
            architecture=architectures.pop() if len(architectures) == 1 else "",
        ),
        found,
    )


def _found(
    accelerator: Accelerator, catalogue: Sequence[CatalogueRow]
) -> tuple[str, tuple[CatalogueRow, ...]]:
    """Rows by name; of several possible names the one that has a row of this memory size."""
    own_memory = accelerator.kind is AcceleratorKind.DISCRETE
    cores = _CORES.search(accelerator.name)
    by_name = {
        name: match(
            name,
            catalogue,
            vendor=accelerator.vendor,
            memory_bytes=accelerator.memory_total_bytes if own_memory else None,
            gpu_cores=int(cores[1]) if cores else None,
        )
        for name in accelerator.name.split(" or ")
    }
    hits = {name: found for name, found in by_name.items() if found}
    if len(hits) == 1:
        return next(iter(hits.items()))
    return accelerator.name, _unique(row for found in hits.values() for row in found)


def _unique(candidates: Iterable[CatalogueRow]) -> tuple[CatalogueRow, ...]:
    return tuple({row.name: row for row in candidates}.values())


def _better(figure: Figure, candidates: Sequence[Figure], names: Sequence[str]) -> Figure:
    """What the driver told stays; a catalogue's word replaces silence."""
    return common_figure(candidates, names) if isinstance(figure, Unknown) else figure


def _with_memory(accelerator: Accelerator, found: Sequence[CatalogueRow]) -> Accelerator:
    """The catalogue's memory size, for a driver that tells none; a sleeping card's is free."""
    sizes = {size for row in found for size in row.memory_bytes}
    own = accelerator.kind is AcceleratorKind.DISCRETE
    if accelerator.memory_total_bytes is not None or len(sizes) != 1 or not own:
        return accelerator
    size = sizes.pop()
    reasons = (*accelerator.reasons, "its memory size is the catalogue's")
    if ASLEEP not in accelerator.reasons:
        return replace(accelerator, memory_total_bytes=size, reasons=reasons)
    return replace(
        accelerator,
        memory_total_bytes=size,
        memory_free_bytes=size,
        usable_bytes=usable_discrete_bytes(size),
        reasons=(*reasons, "as it sleeps, nobody holds its memory"),
    )


def _with_unified_bandwidth(profile: HardwareProfile) -> HardwareProfile:
    """Where GPU and processor share one memory, its bandwidth is that of main memory too."""
    shared = [a for a in profile.accelerators if a.kind is AcceleratorKind.UNIFIED]
    unknown = isinstance(profile.ram.bandwidth_bytes_per_s, Unknown)
    if len(shared) != 1 or not unknown:
        return profile
    figure = shared[0].bandwidth_bytes_per_s
    if isinstance(figure, Unknown):
        figure = Unknown(NO_BANDWIDTH)
    return replace(profile, ram=replace(profile.ram, bandwidth_bytes_per_s=figure))
