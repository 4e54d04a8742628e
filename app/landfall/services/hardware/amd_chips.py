"""Which AMD GPUs are part of a processor. Source: device numbers in pci.ids."""

from __future__ import annotations

from landfall.core.machine.hardware import GIB, AcceleratorKind
from landfall.services.hardware.drm import Card

_STRIX_HALO = "0x1586"
_BUILT_IN = frozenset(
    {
        _STRIX_HALO,
        "0x1114",
        "0x13c0",
        "0x1435",
        "0x1506",
        "0x150e",
        "0x15bf",
        "0x15c8",
        "0x15d8",
        "0x15dd",
        "0x15e7",
        "0x1636",
        "0x1638",
        "0x163f",
        "0x164c",
        "0x164d",
        "0x164e",
        "0x1681",
        "0x1900",
        "0x1901",
    }
)
_LARGEST_BUILT_IN_VRAM = 4 * GIB


def kind_of(card: Card, vram_total: int) -> AcceleratorKind:
    """Built into the processor: by the device's number, or little VRAM beside much mappable."""
    if card.device == _STRIX_HALO:
        return AcceleratorKind.UNIFIED
    if card.device in _BUILT_IN:
        return AcceleratorKind.INTEGRATED
    mappable = card.number("mem_info_gtt_total") or 0
    no_cap = next(card.folder.glob("hwmon/hwmon*/power1_cap"), None) is None
    if vram_total <= _LARGEST_BUILT_IN_VRAM and mappable > vram_total and no_cap:
        return AcceleratorKind.INTEGRATED
    return AcceleratorKind.DISCRETE
