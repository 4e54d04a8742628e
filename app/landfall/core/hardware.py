"""What a machine is made of, and how much of it a model may use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from landfall.core.provenance import Figure

MIB = 1 << 20
GIB = 1 << 30

FREE_MARGIN_BYTES = 1024 * MIB
"""What llama.cpp keeps free on each device by default (`--fit-target`, pin b10488)."""


class Vendor(StrEnum):
    """Who made an accelerator."""

    NVIDIA = "nvidia"
    AMD = "amd"
    INTEL = "intel"
    APPLE = "apple"
    OTHER = "other"


class AcceleratorKind(StrEnum):
    """Where an accelerator's memory is."""

    DISCRETE = "discrete"
    INTEGRATED = "integrated"
    UNIFIED = "unified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """One GPU, or the GPU part of a chip with unified memory.

    Attributes:
        id: Stable name: the UUID or the PCI address, or "metal-0".
        memory_total_bytes: VRAM, or the unified memory; None where it is not known.
        memory_free_bytes: Free at the time of reading; None where it is not known.
        usable_bytes: What a model may take now; None where it is not known.
        bandwidth_bytes_per_s: Memory bandwidth.
        fp16_flops: Dense half-precision operations a second.
        driver: Driver version as the driver says it, or None.
        source: Which probe saw it: "NVML", "sysfs amdgpu", "DXGI", "Metal", "catalogue".
        reasons: What is missing or odd about it, in words.
        power_limit_watts: The board's limit now, or None.
        pci_bus_id: "0000:01:00.0", or None.
        catalogue_name: The row of resources/hardware.json it was matched to, or None.
    """

    id: str
    name: str
    vendor: Vendor
    kind: AcceleratorKind
    memory_total_bytes: int | None
    memory_free_bytes: int | None
    usable_bytes: int | None
    bandwidth_bytes_per_s: Figure
    fp16_flops: Figure
    driver: str | None
    source: str
    reasons: tuple[str, ...] = ()
    power_limit_watts: float | None = None
    pci_bus_id: str | None = None
    catalogue_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The operating system: os is "linux", "macos" or "windows"."""

    os: str
    version: str
    arch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """The processor; core counts are None where the system does not tell."""

    name: str
    physical_cores: int | None
    logical_cores: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ram:
    """Main memory: all of it, what can be had now, and how fast it is."""

    total_bytes: int
    available_bytes: int
    bandwidth_bytes_per_s: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The volume on which the models lie; None where it could not be read."""

    models_path: str
    free_bytes: int | None
    total_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A probe that failed: what was tried, what it answered, what to do."""

    probe: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """A probe that was tried: for the doctor. `ok` says whether it found what it looks for."""

    probe: str
    ok: bool
    answer: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A field that the user corrected: its path, what was detected, what stands now."""

    field: str
    detected: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareProfile:
    """A machine: the detected one, or a row of the what-if catalogue.

    Attributes:
        name: "This machine", or the catalogue's name.
        failures: Probes that failed and why.
        probes: Every probe that was tried, in order.
        overrides: Fields that the user corrected.
    """

    name: str
    system: System
    cpu: Cpu
    ram: Ram
    disk: Disk
    accelerators: tuple[Accelerator, ...]
    failures: tuple[Failure, ...] = ()
    probes: tuple[ProbeResult, ...] = ()
    overrides: tuple[Override, ...] = ()


def usable_discrete_bytes(free_bytes: int) -> int:
    """What a model may take of a card: free memory less the margin that llama.cpp keeps."""
    return max(0, free_bytes - FREE_MARGIN_BYTES)
