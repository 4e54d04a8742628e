"""Trees in the shape of /sys, /proc and /usr/share under a folder, for probes that take a root."""

from __future__ import annotations

from pathlib import Path

PCI_IDS = """\
# a piece of the table of PCI devices
1002  Advanced Micro Devices, Inc. [AMD/ATI]
\t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]
\t\t1002 0e3b  a subsystem
\t150e  Strix [Radeon 880M / 890M]
\t1586  Strix Halo [Radeon Graphics / Radeon 8050S Graphics / Radeon 8060S Graphics]
10de  NVIDIA Corporation
\t28e0  AD107M [GeForce RTX 4060 Max-Q / Mobile]
8086  Intel Corporation
\t56a0  DG2 [Arc A770]
\te20b  Battlemage G21 [Arc B580]
\ta7a0  Raptor Lake-P [Iris Xe Graphics]
"""

AMD_IDS = """\
1.0.0
744C,\tC8,\tAMD Radeon RX 7900 XTX
744C,\tCC,\tAMD Radeon RX 7900 XT
"""


def write(path: Path, text: object, mode: int = 0o644) -> Path:
    """A file with a line of text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")
    path.chmod(mode)
    return path


def card(
    root: Path,
    number: int,
    *,
    vendor: str,
    device: str,
    driver: str,
    bus_id: str,
    revision: str = "0x00",
    files: dict[str, object] | None = None,
    status: str = "active",
) -> Path:
    """A graphics device, with its connectors beside it as in the real tree; its device folder."""
    folder = root / f"sys/class/drm/card{number}/device"
    write(folder / "vendor", vendor)
    write(folder / "device", device)
    write(folder / "revision", revision)
    write(folder / "uevent", f"DRIVER={driver}\nPCI_SLOT_NAME={bus_id}")
    write(folder / "power/runtime_status", status)
    for name, value in (files or {}).items():
        write(folder / name, value)
    write(root / f"sys/class/drm/card{number}-DP-1/status", "connected")
    return folder


def nvidia_on_bus(root: Path, bus_id: str, *, status: str, model: str | None = None) -> Path:
    """An NVIDIA card as the PCI bus lists it, and the driver's text about it."""
    folder = root / "sys/bus/pci/devices" / bus_id
    write(folder / "vendor", "0x10de")
    write(folder / "class", "0x030000")
    write(folder / "power/runtime_status", status)
    if model:
        write(
            root / "proc/driver/nvidia/gpus" / bus_id / "information",
            f"Model: \t\t {model}\nGPU UUID: \t GPU-1234\nBus Location: \t {bus_id}",
        )
    return folder


def rapl(
    root: Path, zone: str, *, name: str, energy_uj: int, most_uj: int = 262_143_328_850
) -> Path:
    """A powercap zone."""
    folder = root / "sys/class/powercap" / zone
    write(folder / "name", name)
    write(folder / "energy_uj", energy_uj)
    write(folder / "max_energy_range_uj", most_uj)
    return folder


def battery(root: Path, name: str, files: dict[str, object]) -> Path:
    """A power supply."""
    folder = root / "sys/class/power_supply" / name
    for file, value in ({"type": "Battery"} | files).items():
        write(folder / file, value)
    return folder


def names(root: Path) -> None:
    """The system's tables of names."""
    write(root / "usr/share/hwdata/pci.ids", PCI_IDS)
    write(root / "usr/share/libdrm/amdgpu.ids", AMD_IDS)
