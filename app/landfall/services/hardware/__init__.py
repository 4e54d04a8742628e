"""What this machine is made of: accelerators, processor, memory, the disk with the models."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

from landfall.core.errors import BadInput
from landfall.core.machine import overrides
from landfall.core.machine.hardware import (
    Accelerator,
    Failure,
    HardwareProfile,
    ProbeResult,
    Ram,
    Vendor,
)
from landfall.core.machine.hardware_match import CatalogueRow
from landfall.core.settings import Settings
from landfall.services.hardware import amd, apple, drm, host, intel, known, nvidia
from landfall.services.hardware.finding import Finding, failed, joined
from landfall.services.sensor_thread import SensorThread

PROBE_SECONDS = 10.0
"""A driver that has not answered by then is taken for hung."""

_ONLY_WINDOWS = "NVIDIA's own library does not answer: install NVIDIA's driver to run models on it"
_GRAPHICS = "graphics devices (sysfs)"
_HUNG_HINT = "Restart the machine or the driver; the rest of the program works without it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where detection looks. A test gives folders of its own.

    Attributes:
        root: The file system, "/".
        environment: Variables of the process, read for Ollama's.
    """

    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    platform_name: str = sys.platform
    timeout_seconds: float = PROBE_SECONDS

    @property
    def sysfs(self) -> Path:
        """/sys, or the folder in its place."""
        return self.root / "sys"

    @property
    def procfs(self) -> Path:
        """/proc, or the folder in its place."""
        return self.root / "proc"


async def detect(
    settings: Settings,
    models_path: Path | None = None,
    *,
    surroundings: Surroundings | None = None,
) -> HardwareProfile:
    """Look at this machine. What cannot be read is a value with a reason, never an exception.

    Drivers are called on threads of their own: one that hangs is a `Failure` after ten seconds. A
    laptop card that sleeps is not woken.

    Args:
        settings: Its `overrides` correct what was detected.
        models_path: Where models lie, if known better (a server that was asked).

    Raises:
        BadInput: an override names a field that does not exist, or has the wrong type.
        Unavailable: main memory cannot be read, which no system refuses.
    """
    overrides.check(settings.overrides)
    around = surroundings or Surroundings()
    machine = await _host(around, models_path)
    finding = _without_doubles(await _accelerators(around, machine.ram))
    profile = HardwareProfile(
        name="This machine",
        system=machine.system,
        cpu=machine.cpu,
        ram=machine.ram,
        disk=machine.disk,
        accelerators=finding.accelerators,
        failures=(*machine.failures, *finding.failures),
        probes=(*machine.probes, *finding.probes),
    )
    return _corrected(profile, settings)


def _corrected(profile: HardwareProfile, settings: Settings) -> HardwareProfile:
    """The user's names first, as they decide the catalogue's row; then the other corrections."""
    catalogue: tuple[CatalogueRow, ...] = ()
    bad_rows: tuple[Failure, ...] = ()
    try:
        if profile.accelerators:
            catalogue, bad_rows = known.rows()
    except BadInput as error:
        bad_rows = (Failure(probe="catalogue", reason=error.message, hint=error.hint),)
    names = overrides.names_only(settings.overrides)
    others = {path: value for path, value in settings.overrides.items() if path not in names}
    named = overrides.apply(profile, names)
    filled = known.filled(replace(named, failures=(*named.failures, *bad_rows)), catalogue)
    return overrides.apply(filled, others)


async def _host(around: Surroundings, models_path: Path | None) -> host.Host:
    machine = await asyncio.to_thread(
        host.probe,
        sysfs=around.sysfs,
        procfs=around.procfs,
        environment=around.environment,
        models_path=models_path,
        platform_name=around.platform_name,
    )
    chip = apple.chip_name_here() if around.platform_name == "darwin" else None
    return replace(machine, cpu=replace(machine.cpu, name=chip)) if chip else machine


async def _accelerators(around: Surroundings, ram: Ram) -> Finding:
    """All probes at once, each on its own thread, in a fixed order."""
    name = around.platform_name
    probes: list[tuple[str, Callable[[], Finding]]] = [
        (
            nvidia.PROBE,
            lambda: nvidia.probe(
                sysfs=around.sysfs, procfs=around.procfs, ram=ram, platform_name=name
            ),
        )
    ]
    match name:
        case "darwin":
            probes.append((apple.PROBE, lambda: apple.probe(ram=ram, platform_name=name)))
        case "win32":
            windows = import_module("landfall.services.hardware.windows")
            probes.append((windows.PROBE, lambda: _windows(windows, around, ram)))
        case _:
            probes.append((_GRAPHICS, lambda: _linux(around, ram)))
    return joined(
        await asyncio.gather(
            *(_patiently(name, probe, around.timeout_seconds) for name, probe in probes)
        )
    )


def _windows(windows: ModuleType, around: Surroundings, ram: Ram) -> Finding:
    found: Finding = windows.probe(
        ram=ram, environment=around.environment, platform_name=around.platform_name
    )
    return found


def _linux(around: Surroundings, ram: Ram) -> Finding:
    listing = drm.listing(around.sysfs)
    found = f"{len(listing.cards)} found" if listing.cards else "none found"
    words = [found, *(f"left out: {why}" for why in listing.left_out)]
    devices = ProbeResult(probe=_GRAPHICS, ok=bool(listing.cards), answer="; ".join(words))
    return joined(
        (
            Finding(probes=(devices,)),
            amd.probe(
                [card for card in listing.cards if card.vendor == drm.AMD],
                root=around.root,
                ram=ram,
                environment=around.environment,
            ),
            intel.probe(
                [card for card in listing.cards if card.vendor == drm.INTEL], root=around.root
            ),
        )
    )


async def _patiently(name: str, probe: Callable[[], Finding], timeout_seconds: float) -> Finding:
    thread = SensorThread(f"probe {name}")
    try:
        return await thread.call(probe, timeout_seconds=timeout_seconds)
    except TimeoutError:
        reason = f"the driver did not answer within {timeout_seconds:g} s"
        return failed(name, reason, _HUNG_HINT)
    except OSError as error:
        return failed(name, str(error), "Copy the doctor's text into a report.")
    finally:
        thread.close()


def _without_doubles(finding: Finding) -> Finding:
    """Each device once: what NVML answered for is not counted again from Windows' list."""
    by_nvml = any(a.source == "NVML" for a in finding.accelerators)
    kept, doubles, seen = [], [], set[str]()
    for accelerator in finding.accelerators:
        second = accelerator.pci_bus_id is not None and accelerator.pci_bus_id in seen
        again = by_nvml and accelerator.vendor is Vendor.NVIDIA and accelerator.source == "DXGI"
        if second or again:
            doubles.append(f"{accelerator.name} ({accelerator.source})")
            continue
        kept.append(accelerator if by_nvml else _without_nvml(accelerator))
        if accelerator.pci_bus_id:
            seen.add(accelerator.pci_bus_id)
    probes = finding.probes
    if doubles:
        answer = f"counted once: {', '.join(doubles)}"
        probes = (*probes, ProbeResult(probe="devices seen twice", ok=False, answer=answer))
    return replace(finding, accelerators=tuple(kept), probes=probes)


def _without_nvml(accelerator: Accelerator) -> Accelerator:
    """An NVIDIA card that only Windows lists: its driver is old, broken or not NVIDIA's."""
    if accelerator.vendor is not Vendor.NVIDIA or accelerator.source not in {"DXGI", "registry"}:
        return accelerator
    return replace(accelerator, reasons=(*accelerator.reasons, _ONLY_WINDOWS))
