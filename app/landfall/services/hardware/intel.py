"""Intel GPUs on Linux, by the files of the i915 and xe drivers.

The driver tells neither the memory nor how much of it is free; the catalogue knows the former.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from landfall.core.machine.hardware import Accelerator, AcceleratorKind, Vendor
from landfall.core.provenance import Unknown
from landfall.services.hardware.drm import Card, names
from landfall.services.hardware.finding import Finding, absent, failed, found, joined
from landfall.services.hardware.kernel_files import line_of

PROBE = "Intel (i915, xe)"

_BUILT_IN_SLOT = ":00:02.0"
"""A GPU in an Intel processor is device 2 of the first bus, on every generation."""

_INTEGRATED = "it is in the processor and shares main memory: Ollama does not use it"
_NO_MEMORY = "the driver does not tell how much memory is in use"


def probe(cards: Sequence[Card], *, root: Path) -> Finding:
    """Every Intel GPU among the cards."""
    if not cards:
        return absent(PROBE, "no Intel GPU")
    return joined(_card(card, root) for card in cards)


def _card(card: Card, root: Path) -> Finding:
    probe_name = f"{PROBE} {card.bus_id or card.folder.parent.name}"
    if card.driver not in {"", "i915", "xe"}:
        why = f"an Intel GPU is bound to {card.driver}, not to i915 or xe"
        return failed(probe_name, why, "Install or load the Intel graphics driver.")
    accelerator = _accelerator(card, names(card, root))
    answer = f"{accelerator.name}, {accelerator.kind}, driver {card.driver or 'unknown'}"
    return found(probe_name, answer, accelerators=[accelerator])


def _accelerator(card: Card, called: tuple[str, ...]) -> Accelerator:
    built_in = card.bus_id.endswith(_BUILT_IN_SLOT) and card.bus_id.startswith("0000")
    return Accelerator(
        id=card.bus_id or card.folder.parent.name,
        name=" or ".join(called) or f"Intel GPU {card.device}",
        vendor=Vendor.INTEL,
        kind=AcceleratorKind.INTEGRATED if built_in else AcceleratorKind.DISCRETE,
        memory_total_bytes=None,
        memory_free_bytes=None,
        usable_bytes=0 if built_in else None,
        bandwidth_bytes_per_s=Unknown("the driver does not tell"),
        fp16_flops=Unknown("the driver does not tell"),
        driver=line_of(card.folder / "driver/module/version"),
        source=f"sysfs {card.driver or 'drm'}",
        reasons=(_INTEGRATED,) if built_in else (_NO_MEMORY,),
        pci_bus_id=card.bus_id or None,
    )
