"""AMD GPUs on Linux, by the files of the amdgpu driver.

Source: kernel documentation, amdgpu: "mem_info_vram_total", "mem_info_gtt_total".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from landfall.core.machine.hardware import (
    GIB,
    Accelerator,
    AcceleratorKind,
    Ram,
    Vendor,
    usable_discrete_bytes,
)
from landfall.core.provenance import Unknown
from landfall.services.hardware.amd_chips import kind_of
from landfall.services.hardware.drm import Card, names
from landfall.services.hardware.finding import (
    ASLEEP,
    IGPU_LEFT_OUT,
    Finding,
    absent,
    failed,
    found,
    igpu_allowed,
    joined,
)
from landfall.services.hardware.kernel_files import line_of

PROBE = "AMD (amdgpu)"

_SHARED = "it shares main memory: carve-out and what the driver may map (GTT) are counted"


def probe(
    cards: Sequence[Card], *, root: Path, ram: Ram, environment: Mapping[str, str]
) -> Finding:
    """Every AMD GPU among the cards.

    Args:
        root: Where usr/share lies, with the tables of names.
        environment: Says whether Ollama may use a GPU in the processor.
    """
    if not cards:
        return absent(PROBE, "no AMD GPU")
    return joined(_card(card, root, ram, environment) for card in cards)


def _card(card: Card, root: Path, ram: Ram, environment: Mapping[str, str]) -> Finding:
    probe_name = f"{PROBE} {card.bus_id or card.folder.parent.name}"
    if card.driver not in {"", "amdgpu"}:
        why = f"an AMD GPU is bound to {card.driver}, not to amdgpu"
        return failed(probe_name, why, "Install or load the amdgpu driver; others run no models.")
    total = card.number("mem_info_vram_total")
    if total is None:
        why = "the amdgpu driver does not tell the card's memory"
        return failed(probe_name, why, "Update the kernel or the amdgpu driver.")
    accelerator = _accelerator(card, names(card, root), total, ram, environment)
    answer = f"{accelerator.name}, {accelerator.kind}, {total / GIB:.1f} GiB VRAM"
    return found(probe_name, answer, accelerators=[accelerator])


def _accelerator(
    card: Card,
    called: tuple[str, ...],
    vram_total: int,
    ram: Ram,
    environment: Mapping[str, str],
) -> Accelerator:
    kind = kind_of(card, vram_total)
    total, free = _memory(card, kind, vram_total, ram)
    reasons: list[str] = []
    usable = None if free is None else usable_discrete_bytes(free)
    if kind is not AcceleratorKind.DISCRETE:
        reasons.append(_SHARED)
    if kind is AcceleratorKind.INTEGRATED and not igpu_allowed(environment):
        reasons.append(IGPU_LEFT_OUT)
        usable = 0
    if free is None:
        reasons.append("the driver does not tell how much memory is in use")
    if card.asleep:
        reasons.append(ASLEEP)
    return Accelerator(
        id=line_of(card.folder / "unique_id") or card.bus_id or card.folder.parent.name,
        name=" or ".join(called) or f"AMD GPU {card.device}",
        vendor=Vendor.AMD,
        kind=kind,
        memory_total_bytes=total,
        memory_free_bytes=free,
        usable_bytes=usable,
        bandwidth_bytes_per_s=Unknown("the driver does not tell"),
        fp16_flops=Unknown("the driver does not tell"),
        driver=_driver_version(card),
        source="sysfs amdgpu",
        reasons=tuple(reasons),
        power_limit_watts=_limit(card),
        pci_bus_id=card.bus_id or None,
    )


def _memory(card: Card, kind: AcceleratorKind, vram_total: int, ram: Ram) -> tuple[int, int | None]:
    used = card.number("mem_info_vram_used")
    free = None if used is None else max(0, vram_total - used)
    if kind is AcceleratorKind.DISCRETE:
        return vram_total, free
    mappable = card.number("mem_info_gtt_total") or 0
    mapped = card.number("mem_info_gtt_used") or 0
    mappable_free = min(max(0, mappable - mapped), ram.available_bytes)
    return vram_total + mappable, None if free is None else free + mappable_free


def _driver_version(card: Card) -> str | None:
    return line_of(card.folder / "driver/module/version")


def _limit(card: Card) -> float | None:
    for file in sorted(card.folder.glob("hwmon/hwmon*/power1_cap")):
        text = line_of(file)
        if text is not None and text.isdecimal() and int(text):
            return int(text) / 1e6
    return None
