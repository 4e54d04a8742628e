"""What a machine is made of, and how much of it a model may use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from landfall.core.provenance import Figure, Unknown
from landfall.core.speed.calibration import Calibration
from landfall.core.speed.speed_constants import SpeedModel

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


_UNMATCHED = Unknown("no row of the catalogue was matched")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """One GPU, or the GPU part of a chip with unified memory.

    Attributes:
        id: Stable name: the UUID or the PCI address, or "metal-0".
        memory_total_bytes: VRAM, or the unified memory; None where it is not known.
        memory_free_bytes: Free at the time of reading; None where it is not known.
        memory_reserved_bytes: Neither free nor anybody's: the driver keeps it for itself.
        usable_bytes: What a model may take now; None where it is not known.
        bandwidth_bytes_per_s: Memory bandwidth.
        fp16_flops: Dense half-precision operations a second.
        driver: Driver version as the driver says it, or None.
        source: Which probe saw it: "NVML", "sysfs amdgpu", "DXGI", "Metal", "catalogue".
        reasons: What is missing or odd about it, in words.
        power_limit_watts: The board's limit now, or None.
        pci_bus_id: "0000:01:00.0", or None.
        catalogue_name: The row of resources/hardware.json it was matched to, or None.
        fp32_flops: Single-precision operations a second.
        architecture: Generation as the catalogue names it ("Ada Lovelace"), or "".
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
    fp32_flops: Figure = _UNMATCHED
    architecture: str = ""
    memory_reserved_bytes: int = 0

    @property
    def memory_used_bytes(self) -> int | None:
        """What programs hold of it; None where that is not known."""
        total, free = self.memory_total_bytes, self.memory_free_bytes
        if total is None or free is None:
            return None
        return max(0, total - free - self.memory_reserved_bytes)


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
    """Main memory: all of it, what can be had now, and how fast it is.

    `assumed` says so where its size is a guess, in words; "" where it was read or told.
    """

    total_bytes: int
    available_bytes: int
    bandwidth_bytes_per_s: Figure
    assumed: str = ""


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
        calibration: What runs on it say about predicted speed; None where nothing was run.
        price_usd: What a what-if machine cost when it came out, or what its owner says it costs;
            None for this machine.
        speed: The constants with which speed is predicted on it; None where they were not read.
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
    calibration: Calibration | None = None
    speed: SpeedModel | None = field(default=None, repr=False)
    price_usd: Figure | None = None

    @property
    def is_here(self) -> bool:
        """Whether it is this machine: one that is not at hand has no folder of models."""
        return bool(self.disk.models_path)


SYSTEM_RESERVE_BYTES = 1024 * MIB
"""Main memory that is left to everything else, as llama.cpp leaves it on a device."""

_OVERHEAD_BYTES = 457 * MIB
_METAL_OVERHEAD_BYTES = 512 * MIB
"""See `overhead_bytes` for the source."""


def overhead_bytes(vendor: Vendor) -> int:
    """What a runtime's own context takes on one device.

    Source: Ollama v0.24.0 ml/device.go, MinimumMemory: 457 MiB, on Metal 512 MiB.
    """
    return _METAL_OVERHEAD_BYTES if vendor is Vendor.APPLE else _OVERHEAD_BYTES


def usable_discrete_bytes(free_bytes: int) -> int:
    """What a model may take of a card: free memory less the margin that llama.cpp keeps."""
    return max(0, free_bytes - FREE_MARGIN_BYTES)


def usable_ram_bytes(available_bytes: int) -> int:
    """What a model may take of main memory that is available now."""
    return max(0, available_bytes - SYSTEM_RESERVE_BYTES)


def apple_working_set_bytes(total_bytes: int) -> int:
    """Metal's recommended working set on a Mac of that memory, for a Mac that is not at hand.

    On the machine itself read `recommendedMaxWorkingSetSize`: `iogpu.wired_limit_mb` moves it.
    Source: values observed on recent macOS: 16 GiB 0.74, 32 to 48 GiB 0.78, 64 GiB 0.81, 128 GiB
    0.84; for 8 GiB only an older system's two thirds are known.
    """
    steps = ((16, 2 / 3), (32, 0.74), (64, 0.78), (128, 0.81))
    share = next((share for below, share in steps if total_bytes < below * GIB), 0.84)
    return int(total_bytes * share)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceBudget:
    """What a model may take of one device, and what the runtime itself takes there.

    Attributes:
        order: Its place among the machine's accelerators: llama.cpp keeps it.
        held_bytes: What others hold of it now; 0 where nobody does, or it is not known.
    """

    accelerator: Accelerator
    usable_bytes: int
    overhead_bytes: int
    order: int = 0
    held_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryBudget:
    """Where a model can go.

    Attributes:
        devices: Largest first; empty where everything runs on the processor.
        ram_bytes: Main memory for what no device takes.
        shared: Whether the devices' memory is the main memory.
        reasons: Accelerators that were left out, and why.
        ram_held_bytes: What others hold of main memory now.
        ram_assumed: That its size is a guess, in words, or "".
    """

    devices: tuple[DeviceBudget, ...]
    ram_bytes: int
    shared: bool
    reasons: tuple[str, ...] = ()
    ram_held_bytes: int = 0
    ram_assumed: str = ""

    @property
    def total_bytes(self) -> int:
        """What can be used of all devices, or of main memory where there is none."""
        if self.devices:
            return sum(device.usable_bytes for device in self.devices)
        return self.ram_bytes

    @property
    def held_bytes(self) -> int:
        """What others hold of all devices now."""
        return sum(device.held_bytes for device in self.devices)

    @property
    def cleared(self) -> MemoryBudget:
        """What there would be if nobody else held any of it."""
        devices = sorted(
            (
                replace(d, usable_bytes=d.usable_bytes + d.held_bytes, held_bytes=0)
                for d in self.devices
            ),
            key=_size_of,
            reverse=True,
        )
        return replace(
            self,
            devices=tuple(devices),
            ram_bytes=self.ram_bytes + self.ram_held_bytes,
            ram_held_bytes=0,
        )


def _size_of(device: DeviceBudget) -> int:
    return device.usable_bytes


_IGPU = (
    "is counted as if OLLAMA_IGPU_ENABLE=1 were set: by itself Ollama leaves graphics in the "
    "processor out"
)


def memory_budget(profile: HardwareProfile) -> MemoryBudget:
    """The memory that a model may take on a machine now.

    A chip's integrated graphics is left out where there is a card of its own, and of cards of
    several makers those of the one with most memory are used. Source: Ollama v0.32.15,
    server/sched.go: a model goes to the devices of one library, discrete ones first.
    """
    reasons: list[str] = []
    devices: list[DeviceBudget] = []
    cards = any(a.kind is not AcceleratorKind.INTEGRATED for a in profile.accelerators)
    for order, accelerator in enumerate(profile.accelerators):
        usable = _usable_bytes(accelerator)
        if cards and accelerator.kind is AcceleratorKind.INTEGRATED:
            reasons.append(f"{accelerator.name} is not used beside a card of its own")
        elif usable == 0 and accelerator.kind is AcceleratorKind.INTEGRATED:
            reasons.append(f"{accelerator.name} is not used: {'; '.join(accelerator.reasons)}")
        elif usable is None:
            reasons.append(f"{accelerator.name} is not counted: its free memory is not known")
        else:
            if accelerator.kind is AcceleratorKind.INTEGRATED and not profile.is_here:
                reasons.append(f"{accelerator.name} {_IGPU}")
            devices.append(
                DeviceBudget(
                    accelerator=accelerator,
                    usable_bytes=usable,
                    overhead_bytes=overhead_bytes(accelerator.vendor),
                    order=order,
                    held_bytes=_held_bytes(accelerator, usable),
                )
            )
    devices, left = _of_one_maker(devices)
    devices.sort(key=_size_of, reverse=True)
    shared = bool(devices) and devices[0].accelerator.kind is not AcceleratorKind.DISCRETE
    ram = profile.ram
    held = usable_ram_bytes(ram.total_bytes) - usable_ram_bytes(ram.available_bytes)
    return MemoryBudget(
        devices=tuple(devices),
        ram_bytes=usable_ram_bytes(ram.available_bytes),
        shared=shared,
        reasons=(*reasons, *left),
        ram_held_bytes=max(0, held) if profile.is_here else 0,
        ram_assumed=ram.assumed,
    )


def _of_one_maker(devices: list[DeviceBudget]) -> tuple[list[DeviceBudget], list[str]]:
    """The devices that one model can lie on together, and why the others cannot."""
    totals: dict[tuple[bool, Vendor], int] = {}
    for device in devices:
        key = _library(device)
        totals[key] = totals.get(key, 0) + device.usable_bytes
    if len(totals) < 2:
        return devices, []
    best = max(totals, key=lambda key: (key[0], totals[key]))
    names = [d.accelerator.name for d in devices if _library(d) == best]
    left = [
        f"{d.accelerator.name} is not used beside {names[0]}: Ollama lays a model on cards of one "
        "maker"
        for d in devices
        if _library(d) != best
    ]
    return [d for d in devices if _library(d) == best], left


def _library(device: DeviceBudget) -> tuple[bool, Vendor]:
    """Whether it is a card of its own, and whose library computes on it."""
    accelerator = device.accelerator
    return accelerator.kind is AcceleratorKind.DISCRETE, accelerator.vendor


def _held_bytes(accelerator: Accelerator, usable_bytes: int) -> int:
    """What others hold of a device, as far as a model could have it.

    A Mac's working set does not shrink with what others hold: macOS makes room.
    """
    total, used = accelerator.memory_total_bytes, accelerator.memory_used_bytes
    if total is None or used is None or accelerator.vendor is Vendor.APPLE:
        return 0
    most = usable_discrete_bytes(total - accelerator.memory_reserved_bytes)
    return max(0, min(used, most - usable_bytes))


def _usable_bytes(accelerator: Accelerator) -> int | None:
    if accelerator.usable_bytes is not None:
        return accelerator.usable_bytes
    if accelerator.memory_free_bytes is not None:
        return usable_discrete_bytes(accelerator.memory_free_bytes)
    return None
