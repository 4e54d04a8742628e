"""Graphics devices as the Linux kernel lists them, and the names that the system's tables give.

Source: kernel documentation of /sys/class/drm; formats of pci.ids (pciutils, hwdata) and of
amdgpu.ids (libdrm).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from landfall.services.hardware.kernel_files import line_of, text_of

AMD = "0x1002"
INTEL = "0x8086"
NVIDIA = "0x10de"

_CARD = re.compile(r"card\d+")
_VIRTUAL = {
    "0x1af4": "virtio, a virtual adapter",
    "0x15ad": "VMware, a virtual adapter",
    "0x80ee": "VirtualBox, a virtual adapter",
    "0x1b36": "QXL, a virtual adapter",
    "0x1234": "Bochs, a virtual adapter",
    "0x1414": "Hyper-V, a virtual adapter",
    "0x1a03": "ASPEED, the display of a server's management chip",
    "0x102b": "Matrox, the display of a server's management chip",
}
_PCI_IDS = ("usr/share/hwdata/pci.ids", "usr/share/misc/pci.ids", "var/lib/pciutils/pci.ids")
_AMD_IDS = "usr/share/libdrm/amdgpu.ids"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One device of /sys/class/drm.

    Attributes:
        folder: Its `device` folder.
        driver: The kernel's driver: "amdgpu", "xe", or "".
        bus_id: PCI address, or "" for a device that is not on PCI.
    """

    folder: Path
    vendor: str
    device: str
    revision: str
    driver: str
    bus_id: str

    def number(self, name: str) -> int | None:
        """A number in one of the device's files, or None."""
        text = line_of(self.folder / name)
        return int(text) if text is not None and text.isdecimal() else None

    @property
    def asleep(self) -> bool:
        """Whether the kernel has switched it off; asking this does not wake it."""
        return line_of(self.folder / "power/runtime_status") in {"suspended", "suspending"}


@dataclass(frozen=True, slots=True)
class Listing:
    """Cards, each PCI device once, and what was left out with the reason."""

    cards: tuple[Card, ...]
    left_out: tuple[str, ...]


def listing(sysfs: Path) -> Listing:
    """Every graphics device once; virtual ones and second entries are left out, and said."""
    cards: list[Card] = []
    left_out: list[str] = []
    for folder in _card_folders(sysfs):
        card = _card(folder / "device")
        if card.bus_id and card.bus_id in {known.bus_id for known in cards}:
            left_out.append(f"{folder.name}: {card.bus_id} is listed already")
        elif card.vendor in {AMD, INTEL, NVIDIA}:
            cards.append(card)
        else:
            what = _VIRTUAL.get(card.vendor, "no vendor whose devices run models")
            left_out.append(f"{folder.name}: {what}")
    return Listing(tuple(cards), tuple(left_out))


def _card_folders(sysfs: Path) -> list[Path]:
    try:
        entries = list((sysfs / "class/drm").iterdir())
    except OSError:
        return []
    return sorted(
        (entry for entry in entries if _CARD.fullmatch(entry.name)),
        key=lambda entry: int(entry.name[4:]),
    )


def _card(folder: Path) -> Card:
    uevent = dict(_pairs((text_of(folder / "uevent") or "").splitlines()))
    return Card(
        folder=folder,
        vendor=(line_of(folder / "vendor") or "").lower(),
        device=(line_of(folder / "device") or "").lower(),
        revision=(line_of(folder / "revision") or "0x00").lower(),
        driver=uevent.get("DRIVER", ""),
        bus_id=uevent.get("PCI_SLOT_NAME", "").lower(),
    )


def _pairs(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        key, equals, value = line.partition("=")
        if equals:
            yield key, value.strip()


def names(card: Card, root: Path) -> tuple[str, ...]:
    """What the device can be called, best first: one name, or those of all cards with its chip.

    Args:
        root: Where usr/share lies: "/", or a folder in its place.
    """
    said = line_of(card.folder / "product_name")
    if said:
        return (said,)
    exact = amd_name(text_of(root / _AMD_IDS) or "", card) if card.vendor == AMD else None
    if exact:
        return (exact,)
    for file in _PCI_IDS:
        text = text_of(root / file)
        if text is not None:
            return pci_names(text, vendor=card.vendor[2:], device=card.device[2:])
    return ()


def amd_name(table: str, card: Card) -> str | None:
    """The name in libdrm's table, which knows the revision and so the exact card."""
    wanted = (card.device[2:], card.revision[2:])
    for line in table.splitlines():
        parts = [part.strip() for part in line.split(",", 2)]
        if len(parts) == 3 and (parts[0].lower(), parts[1].lower()) == wanted:
            return parts[2]
    return None


def pci_names(table: str, *, vendor: str, device: str) -> tuple[str, ...]:
    """Names in the PCI table: "Navi 31 [Radeon RX 7900 XT/7900 XTX]" has two."""
    name = _pci_name(table, vendor, device)
    if not name:
        return ()
    bracket = re.search(r"\[([^\]]+)\]", name)
    if bracket is None:
        return (name,)
    inside = re.sub(r"\s*/\s*Mobile", " Mobile", bracket[1])
    first, *others = [part.strip() for part in inside.split("/")]
    return (first, *(_completed(first, other) for other in others))


def _completed(first: str, other: str) -> str:
    """ "7900 XTX" after "Radeon RX 7900 XT" is "Radeon RX 7900 XTX"."""
    if not other[:1].isdigit():
        return other
    head = re.match(r"\D*", first)
    return f"{head[0] if head else ''}{other}"


def _pci_name(table: str, vendor: str, device: str) -> str | None:
    inside = False
    for line in table.splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith("\t"):
            if inside:
                return None
            inside = line[:4].lower() == vendor
        elif inside and not line.startswith("\t\t") and line[1:5].lower() == device:
            return line[5:].strip()
    return None
