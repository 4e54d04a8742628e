"""NVIDIA GPUs by NVML: every device, also when one of them is lost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from landfall.core.machine.hardware import (
    Accelerator,
    AcceleratorKind,
    ProbeResult,
    Ram,
    Vendor,
    usable_discrete_bytes,
)
from landfall.core.provenance import Figure, Measured, Unknown
from landfall.services import nvml
from landfall.services.hardware.finding import ASLEEP, Finding, absent, failed, found, joined

PROBE = "NVIDIA (NVML)"

_CLOCK_MEMORY = 2
_MEMORY_WITH_RESERVED = 0x02000028  # nvmlMemory_v2
_TRANSFERS_PER_CLOCK = 2
"""NVML gives the memory clock at which two bits leave each pin: 10501 MHz for a 21 Gbit/s card."""

_NOT_HERE = "NVIDIA cards are not used on a Mac"
_MIG = "MIG is on: figures are those of the whole card, of which a model gets one part"


def probe(*, sysfs: Path, procfs: Path, ram: Ram, platform_name: str = sys.platform) -> Finding:
    """Every NVIDIA GPU of the machine.

    Args:
        sysfs: /sys, or a folder in its place.
        procfs: /proc, or a folder in its place.
        ram: Main memory, which is the memory of devices that have none of their own.
    """
    if platform_name == "darwin":
        return absent(PROBE, _NOT_HERE)
    if nvml.gpus_asleep(sysfs):
        return _sleeping(sysfs, procfs)
    try:
        with nvml.session():
            return _devices(ram)
    except nvml.NvmlUnavailable as error:
        return _unusable(error.refusal, len(nvml.gpus_on_bus(sysfs)))


def _unusable(refusal: nvml.Refusal, on_bus: int) -> Finding:
    """Without a card a missing driver is no failure; with one it is."""
    nothing = refusal.code in {nvml.LIBRARY_NOT_FOUND, nvml.DRIVER_NOT_LOADED}
    if nothing and not on_bus:
        return absent(PROBE, refusal.meaning)
    if not on_bus:
        return failed(PROBE, refusal.meaning, refusal.hint)
    cards = "an NVIDIA card is" if on_bus == 1 else f"{on_bus} NVIDIA cards are"
    hint = refusal.hint or "Install the NVIDIA driver for this system, then look again."
    return failed(PROBE, f"{cards} in the machine, but {refusal.meaning}", hint)


def _devices(ram: Ram) -> Finding:
    handles = nvml.handles()
    if isinstance(handles, nvml.Refusal):
        return failed(PROBE, handles.meaning, handles.hint)
    driver = nvml.text(nvml.ask("nvmlSystemGetDriverVersion"))
    if not handles:
        return absent(PROBE, f"driver {driver or 'of unknown version'}, no GPU")
    return joined(_device(index, handle, driver, ram) for index, handle in enumerate(handles))


def _device(index: int, handle: Any | nvml.Refusal, driver: str | None, ram: Ram) -> Finding:
    probe_name = f"{PROBE} GPU {index}"
    if isinstance(handle, nvml.Refusal):
        return failed(probe_name, handle.meaning, handle.hint)
    name = nvml.ask("nvmlDeviceGetName", handle)
    if isinstance(name, nvml.Refusal) and name.code == nvml.GPU_IS_LOST:
        return failed(probe_name, name.meaning, name.hint)
    memory = nvml.ask("nvmlDeviceGetMemoryInfo", handle)
    if isinstance(memory, nvml.Refusal) and memory.code == nvml.GPU_IS_LOST:
        return failed(probe_name, memory.meaning, memory.hint)
    accelerator = _accelerator(
        index, handle, name=nvml.text(name) or "NVIDIA GPU", memory=memory, driver=driver, ram=ram
    )
    answer = f"{accelerator.name}, {_memory_words(accelerator)}, driver {driver or 'unknown'}"
    return found(probe_name, answer, accelerators=[accelerator])


def _memory_words(accelerator: Accelerator) -> str:
    total, free = accelerator.memory_total_bytes, accelerator.memory_free_bytes
    if total is None or free is None:
        return "memory unknown"
    return f"{free / (1 << 30):.1f} of {total / (1 << 30):.1f} GiB free"


def _accelerator(
    index: int, handle: Any, *, name: str, memory: Any, driver: str | None, ram: Ram
) -> Accelerator:
    reasons: list[str] = []
    kind = AcceleratorKind.DISCRETE
    total: int | None
    free: int | None
    if isinstance(memory, nvml.Refusal) and memory.code != nvml.NOT_SUPPORTED:
        total, free = None, None
        reasons.append(f"memory: {memory.meaning}")
    elif isinstance(memory, nvml.Refusal) or not memory.total:
        kind, total, free = AcceleratorKind.UNIFIED, ram.total_bytes, ram.available_bytes
        reasons.append("it has no memory of its own: main memory is counted")
    else:
        total, free = int(memory.total), int(memory.free)
    own_memory = kind is AcceleratorKind.DISCRETE and free is not None
    mig = nvml.ask("nvmlDeviceGetMigMode", handle)
    if not isinstance(mig, nvml.Refusal) and mig[0] == 1:
        reasons.append(_MIG)
    bus_id = nvml.pci_bus_id(handle)
    limit = nvml.whole(nvml.ask("nvmlDeviceGetEnforcedPowerLimit", handle))
    return Accelerator(
        id=nvml.text(nvml.ask("nvmlDeviceGetUUID", handle)) or bus_id or f"nvidia-{index}",
        name=name,
        vendor=Vendor.NVIDIA,
        kind=kind,
        memory_total_bytes=total,
        memory_free_bytes=free,
        usable_bytes=None if free is None else usable_discrete_bytes(free),
        bandwidth_bytes_per_s=_bandwidth(handle),
        fp16_flops=Unknown("the driver does not tell"),
        driver=driver,
        source="NVML",
        reasons=tuple(reasons),
        memory_reserved_bytes=_reserved_bytes(handle) if own_memory else 0,
        power_limit_watts=limit / 1000 if limit else None,
        pci_bus_id=bus_id,
    )


def _reserved_bytes(handle: Any) -> int:
    """What the driver keeps of a board's memory: the plain answer counts it as used.

    480 MiB of an H100 and 615 MiB of an H200 on which nothing ran (driver 580.159.04, 2026-11-27).
    0 where the driver does not tell it apart (before 510).
    """
    memory = nvml.ask("nvmlDeviceGetMemoryInfo", handle, _MEMORY_WITH_RESERVED)
    return 0 if isinstance(memory, nvml.Refusal) else int(memory.reserved)


def _bandwidth(handle: Any) -> Figure:
    clock = nvml.ask("nvmlDeviceGetMaxClockInfo", handle, _CLOCK_MEMORY)
    if isinstance(clock, nvml.Refusal):
        return Unknown(f"memory clock: {clock.meaning}")
    width = nvml.ask("nvmlDeviceGetMemoryBusWidth", handle)
    if isinstance(width, nvml.Refusal):
        return Unknown(f"width of the memory bus: {width.meaning}")
    if not clock or not width:
        return Unknown("the driver gives no memory clock or no bus width")
    value = clock * 1e6 * _TRANSFERS_PER_CLOCK * width / 8
    return Measured(
        value, "", f"NVML, {clock} MHz \u00d7 {_TRANSFERS_PER_CLOCK} \u00d7 {width} bit"
    )


def _sleeping(sysfs: Path, procfs: Path) -> Finding:
    """Cards that the kernel has switched off: named by files that can be read without waking."""
    cards = [_asleep(folder, procfs) for folder in nvml.gpus_on_bus(sysfs)]
    names = ", ".join(card.name for card in cards)
    return Finding(
        accelerators=tuple(cards),
        probes=(ProbeResult(probe=PROBE, ok=True, answer=f"{names}: asleep, not woken"),),
    )


def _asleep(folder: Path, procfs: Path) -> Accelerator:
    bus_id = folder.name.lower()
    facts = nvml.read_line(procfs / "driver/nvidia/gpus" / bus_id / "information") or ""
    read = {
        key.strip(): value.strip()
        for key, _, value in (line.partition(":") for line in facts.splitlines())
    }
    return Accelerator(
        id=read.get("GPU UUID") or bus_id,
        name=read.get("Model") or "NVIDIA GPU",
        vendor=Vendor.NVIDIA,
        kind=AcceleratorKind.DISCRETE,
        memory_total_bytes=None,
        memory_free_bytes=None,
        usable_bytes=None,
        bandwidth_bytes_per_s=Unknown(ASLEEP),
        fp16_flops=Unknown("the driver does not tell"),
        driver=None,
        source="sysfs nvidia",
        reasons=(ASLEEP,),
        pci_bus_id=bus_id,
    )
