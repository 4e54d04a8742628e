"""Graphics adapters on Windows: DXGI for what is there, the registry for drivers and as a fallback.

Win32_VideoController is not asked: its memory size has 32 bits and ends at 4 GiB.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from landfall.core.machine.hardware import (
    GIB,
    Accelerator,
    AcceleratorKind,
    ProbeResult,
    Ram,
    Vendor,
    usable_discrete_bytes,
)
from landfall.core.provenance import Unknown
from landfall.services.hardware import dxgi
from landfall.services.hardware.finding import (
    IGPU_LEFT_OUT,
    Finding,
    absent,
    failed,
    igpu_allowed,
)

if sys.platform == "win32":
    import winreg

PROBE = "Windows (DXGI)"

_CLASS = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
_VENDORS = {
    0x10DE: Vendor.NVIDIA,
    0x1002: Vendor.AMD,
    0x8086: Vendor.INTEL,
    0x5143: Vendor.OTHER,
    0x4D4F4351: Vendor.OTHER,
}
_VIRTUAL_NAME = re.compile(
    r"virtual|indirect|remote|parsec|sunshine|idd|mirror|displaylink|citrix|basic render|vmware"
    r"|virtualbox|hyper-v|spacedesk",
    re.IGNORECASE,
)
_UNIFIED_NAME = re.compile(r"\b80[56]0S\b")
_BUILT_IN_AMD = re.compile(r"\b\d{3}M\b|Radeon(\(TM\))?( RX)? (Vega \d+ )?Graphics", re.IGNORECASE)
_LEAST_DEDICATED = 1 * GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryAdapter:
    """A display driver's entry: its name, version, memory, and the device it is for."""

    name: str
    driver: str | None
    memory_bytes: int | None
    device: str


def probe(
    *,
    ram: Ram,
    environment: Mapping[str, str],
    list_adapters: Callable[[], tuple[dxgi.DxgiAdapter, ...]] | None = None,
    read_registry: Callable[[], tuple[RegistryAdapter, ...]] | None = None,
    platform_name: str = sys.platform,
) -> Finding:
    """Every real adapter; virtual ones and second entries are left out, and said."""
    if platform_name != "win32":
        return absent(PROBE, "not Windows")
    registry = (read_registry or registry_adapters)()
    try:
        listed = list_adapters() if list_adapters else dxgi.adapters(dxgi.load())
    except OSError as error:
        return _from_registry(registry, str(error))
    real, left_out = real_adapters(listed)
    accelerators = tuple(_accelerator(adapter, registry, ram, environment) for adapter in real)
    said = [f"{a.name}, {a.kind}" for a in accelerators] or ["no accelerator"]
    said += [f"left out: {reason}" for reason in left_out]
    return Finding(
        accelerators=accelerators,
        probes=(ProbeResult(probe=PROBE, ok=bool(accelerators), answer="; ".join(said)),),
    )


def real_adapters(
    listed: tuple[dxgi.DxgiAdapter, ...],
) -> tuple[tuple[dxgi.DxgiAdapter, ...], tuple[str, ...]]:
    """Adapters of real devices, each once, and why each of the others was left out.

    A GPU in the processor is there once, whatever its number of entries; two equal cards are two
    if their identifiers differ.
    """
    kept: list[dxgi.DxgiAdapter] = []
    left_out: list[str] = []
    for adapter in listed:
        if adapter.software or adapter.vendor_id not in _VENDORS:
            left_out.append(f"{adapter.name} is drawn by software or virtual")
        elif _VIRTUAL_NAME.search(adapter.name):
            left_out.append(f"{adapter.name} is virtual")
        elif any(_same(adapter, known) for known in kept):
            left_out.append(f"{adapter.name} is listed already")
        else:
            kept.append(adapter)
    return tuple(kept), tuple(left_out)


def _same(one: dxgi.DxgiAdapter, other: dxgi.DxgiAdapter) -> bool:
    if one.luid == other.luid:
        return True
    device = (one.vendor_id, one.device_id) == (other.vendor_id, other.device_id)
    return device and _kind(one) is not AcceleratorKind.DISCRETE


def _kind(adapter: dxgi.DxgiAdapter) -> AcceleratorKind:
    if _UNIFIED_NAME.search(adapter.name):
        return AcceleratorKind.UNIFIED
    vendor = _VENDORS[adapter.vendor_id]
    small = adapter.dedicated_bytes < _LEAST_DEDICATED
    built_in = vendor is Vendor.AMD and _BUILT_IN_AMD.search(adapter.name) is not None
    if small or built_in or vendor is Vendor.OTHER:
        return AcceleratorKind.INTEGRATED
    return AcceleratorKind.DISCRETE


def _accelerator(
    adapter: dxgi.DxgiAdapter,
    registry: tuple[RegistryAdapter, ...],
    ram: Ram,
    environment: Mapping[str, str],
) -> Accelerator:
    kind = _kind(adapter)
    total, free = _memory(adapter, kind, ram)
    usable = None if free is None else usable_discrete_bytes(free)
    reasons = []
    if kind is AcceleratorKind.INTEGRATED and not igpu_allowed(environment):
        usable = 0
        reasons.append(IGPU_LEFT_OUT)
    if free is None:
        reasons.append("this version of Windows does not tell how much memory is free")
    device = f"ven_{adapter.vendor_id:04x}&dev_{adapter.device_id:04x}"
    driver = next((r.driver for r in registry if device in r.device.lower()), None)
    return Accelerator(
        id=f"dxgi-{adapter.luid:x}",
        name=adapter.name,
        vendor=_VENDORS[adapter.vendor_id],
        kind=kind,
        memory_total_bytes=total,
        memory_free_bytes=free,
        usable_bytes=usable,
        bandwidth_bytes_per_s=Unknown("Windows does not tell"),
        fp16_flops=Unknown("Windows does not tell"),
        driver=driver,
        source="DXGI",
        reasons=tuple(reasons),
    )


def _memory(adapter: dxgi.DxgiAdapter, kind: AcceleratorKind, ram: Ram) -> tuple[int, int | None]:
    """Own memory; for a GPU in the processor the part of main memory that it may map on top."""
    if kind is AcceleratorKind.DISCRETE:
        return adapter.dedicated_bytes, adapter.budget_bytes
    total = adapter.dedicated_bytes + adapter.shared_bytes
    return total, adapter.dedicated_bytes + min(adapter.shared_bytes, ram.available_bytes)


def _from_registry(registry: tuple[RegistryAdapter, ...], why: str) -> Finding:
    """DXGI refuses: the registry still knows names and sizes, but not what is free."""
    hint = "Update the graphics driver; over a remote session, look again at the screen."
    refused = failed(PROBE, f"DXGI does not answer: {why}", hint)
    accelerators = tuple(
        Accelerator(
            id=f"registry-{index}",
            name=entry.name,
            vendor=vendor,
            kind=AcceleratorKind.DISCRETE,
            memory_total_bytes=entry.memory_bytes,
            memory_free_bytes=None,
            usable_bytes=None,
            bandwidth_bytes_per_s=Unknown("Windows does not tell"),
            fp16_flops=Unknown("Windows does not tell"),
            driver=entry.driver,
            source="registry",
            reasons=("read from the registry: free memory is not known",),
        )
        for index, entry in enumerate(registry)
        if (vendor := _vendor_of(entry.device)) is not None
        and (entry.memory_bytes or 0) >= _LEAST_DEDICATED
    )
    return Finding(accelerators=accelerators, probes=refused.probes, failures=refused.failures)


def _vendor_of(device: str) -> Vendor | None:
    code = re.search(r"ven_([0-9a-f]{4})", device.lower())
    return _VENDORS.get(int(code[1], 16)) if code else None


if sys.platform == "win32":

    def registry_adapters() -> tuple[RegistryAdapter, ...]:
        """The display drivers in the registry; none where it cannot be read."""
        found = []
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _CLASS) as key:
                for index in range(winreg.QueryInfoKey(key)[0]):
                    name = winreg.EnumKey(key, index)
                    if name.isdecimal() and (entry := _entry(rf"{_CLASS}\{name}")):
                        found.append(entry)
        except OSError:
            return tuple(found)
        return tuple(found)

    def _entry(path: str) -> RegistryAdapter | None:
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
                name = winreg.QueryValueEx(key, "DriverDesc")[0]
                device = winreg.QueryValueEx(key, "MatchingDeviceId")[0]
                memory = _value(key, "HardwareInformation.qwMemorySize")
                driver = _value(key, "DriverVersion")
        except OSError:
            return None
        return RegistryAdapter(
            name=str(name),
            driver=driver if isinstance(driver, str) else None,
            memory_bytes=memory if isinstance(memory, int) else None,
            device=str(device),
        )

    def _value(key: winreg.HKEYType, name: str) -> object:
        try:
            return winreg.QueryValueEx(key, name)[0]
        except OSError:
            return None

else:

    def registry_adapters() -> tuple[RegistryAdapter, ...]:
        """There is no registry on this system."""
        return ()
