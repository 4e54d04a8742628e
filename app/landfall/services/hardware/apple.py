"""Apple Silicon: the chip, its unified memory, and what Metal lets a program use of it.

Awaits hardware: written against recorded answers of Macs, run here only with fake libraries.
Sources: sysctl(3); Metal "recommendedMaxWorkingSetSize"; IOKit class AGXAccelerator.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Protocol

from landfall.core.machine.hardware import (
    GIB,
    MIB,
    Accelerator,
    AcceleratorKind,
    Ram,
    Vendor,
    usable_discrete_bytes,
)
from landfall.core.provenance import Unknown
from landfall.services.hardware.finding import Finding, absent, failed, found

PROBE = "Apple (sysctl, Metal)"

_IOREG = ("/usr/sbin/ioreg", "-r", "-d", "1", "-w", "0", "-c", "IOAccelerator")
_IOREG_SECONDS = 5.0
_CORES = re.compile(r'"gpu-core-count"\s*=\s*(\d+)')
_UNKNOWN = "the system does not tell; the catalogue knows it by chip and GPU cores"


class Libraries(Protocol):
    """The system's libraries: attributes and items are C functions."""

    @property
    def system(self) -> Any:
        """libSystem: sysctlbyname."""

    @property
    def objc(self) -> Any:
        """libobjc: sel_registerName, and objc_msgSend by item, fresh for each prototype."""

    @property
    def metal(self) -> Any:
        """Metal: MTLCreateSystemDefaultDevice."""


class MacLibraries:
    """The real ones. They lie in a cache and not on the disk, so only loading them tells.

    Raises:
        OSError: a library cannot be loaded.
    """

    def __init__(self) -> None:
        # Without CoreGraphics in the process Metal answers that there is no device.
        self.graphics = ctypes.CDLL(
            "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
        )
        self.system: Any = ctypes.CDLL("/usr/lib/libSystem.B.dylib")
        self.objc: Any = ctypes.CDLL("/usr/lib/libobjc.A.dylib")
        self.metal: Any = ctypes.CDLL("/System/Library/Frameworks/Metal.framework/Metal")


def probe(
    *,
    ram: Ram,
    load: Callable[[], Libraries] = MacLibraries,
    ioreg: Callable[[], str] | None = None,
    platform_name: str = sys.platform,
) -> Finding:
    """The chip's GPU, or why there is none."""
    if platform_name != "darwin":
        return absent(PROBE, "not a Mac")
    try:
        libraries = load()
    except OSError as error:
        return failed(PROBE, f"a system library cannot be loaded: {error}", "Report this.")
    if sysctl_number(libraries.system, "sysctl.proc_translated") == 1:
        hint = "Install the version of this program for Apple Silicon."
        return failed(PROBE, "this program runs translated for Intel (Rosetta)", hint)
    chip = chip_name(libraries.system) or ""
    if not chip.startswith("Apple"):
        return absent(PROBE, f"{chip or 'unknown processor'}: Ollama uses the processor alone")
    return _chip(chip, libraries, ram, (ioreg or _run_ioreg)())


def chip_name(system: Any) -> str | None:
    """The processor's name, also on an Intel Mac and in a virtual machine."""
    return sysctl_text(system, "machdep.cpu.brand_string")


def chip_name_here() -> str | None:
    """The processor's name on this Mac, or None where the system library cannot be loaded."""
    try:
        return chip_name(ctypes.CDLL("/usr/lib/libSystem.B.dylib"))
    except OSError:
        return None


def _chip(chip: str, libraries: Libraries, ram: Ram, registry: str) -> Finding:
    cores = gpu_cores(registry)
    total = sysctl_number(libraries.system, "hw.memsize") or ram.total_bytes
    working_set = metal_working_set_bytes(libraries)
    reasons = []
    if "virtual" in chip.lower():
        reasons.append("this is a virtual machine: its GPU is not the chip's own")
    if working_set is None:
        reasons.append("Metal does not tell how much memory a program may use on the GPU")
    wired = sysctl_number(libraries.system, "iogpu.wired_limit_mb") or 0
    if wired:
        reasons.append(f"the limit of GPU memory was set by hand to {wired * MIB / GIB:.1f} GiB")
    accelerator = Accelerator(
        id="metal-0",
        name=chip if cores is None else f"{chip} {cores}-core GPU",
        vendor=Vendor.APPLE,
        kind=AcceleratorKind.UNIFIED,
        memory_total_bytes=total,
        memory_free_bytes=ram.available_bytes,
        usable_bytes=None if working_set is None else usable_discrete_bytes(working_set),
        bandwidth_bytes_per_s=Unknown(_UNKNOWN),
        fp16_flops=Unknown(_UNKNOWN),
        driver=sysctl_text(libraries.system, "kern.osproductversion"),
        source="Metal",
        reasons=tuple(reasons),
    )
    of_total = f"{total / GIB:.0f} GiB unified"
    budget = "" if working_set is None else f", {working_set / GIB:.1f} GiB for Metal"
    model = sysctl_text(libraries.system, "hw.model") or "unknown model"
    return found(
        PROBE, f"{accelerator.name}, {model}, {of_total}{budget}", accelerators=[accelerator]
    )


def sysctl_text(system: Any, name: str) -> str | None:
    """A text of sysctl; None where there is none, or an empty one."""
    raw = _sysctl(system, name)
    return None if raw is None else raw.split(b"\0")[0].decode("utf-8", "replace").strip() or None


def sysctl_number(system: Any, name: str) -> int | None:
    """A number of sysctl, four or eight bytes wide; None where there is none."""
    raw = _sysctl(system, name)
    return int.from_bytes(raw, sys.byteorder) if raw is not None and len(raw) in {4, 8} else None


def _sysctl(system: Any, name: str) -> bytes | None:
    function = system.sysctlbyname
    function.argtypes = [
        ctypes.c_char_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_size_t,
    ]
    function.restype = ctypes.c_int
    size = ctypes.c_size_t(0)
    if function(name.encode(), None, ctypes.byref(size), None, 0) or not size.value:
        return None
    answer = ctypes.create_string_buffer(size.value)
    if function(name.encode(), answer, ctypes.byref(size), None, 0):
        return None
    return answer.raw[: size.value]


def metal_working_set_bytes(libraries: Libraries) -> int | None:
    """recommendedMaxWorkingSetSize of the default device; follows a limit set by hand."""
    create = libraries.metal.MTLCreateSystemDefaultDevice
    create.restype, create.argtypes = ctypes.c_void_p, []
    device = create()
    if not device:
        return None
    register = libraries.objc.sel_registerName
    register.restype, register.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    send = libraries.objc["objc_msgSend"]
    send.restype, send.argtypes = ctypes.c_uint64, [ctypes.c_void_p, ctypes.c_void_p]
    size = int(send(device, register(b"recommendedMaxWorkingSetSize")))
    release = libraries.objc["objc_msgSend"]
    release.restype, release.argtypes = None, [ctypes.c_void_p, ctypes.c_void_p]
    release(device, register(b"release"))
    return size or None


def gpu_cores(registry: str) -> int | None:
    """GPU cores in the text of `ioreg -c IOAccelerator`: they tell the bins of a chip apart."""
    cores = _CORES.search(registry)
    return int(cores[1]) if cores else None


def _run_ioreg() -> str:
    try:
        answer = subprocess.run(
            _IOREG, capture_output=True, text=True, timeout=_IOREG_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout
