"""NVIDIA's management library, asked so that each refusal is a value with words.

The one place that touches `pynvml` (nvidia-ml-py), which has no types and raises for everything;
it comes in only where the library is there. Initialising the library may wake a sleeping laptop
card: `gpus_asleep` is asked before.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landfall.core.errors import Unavailable
from landfall.services.late_imports import late

PCI_VENDOR = "0x10de"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The library said no: its code, what that means, what to do."""

    code: int
    meaning: str
    hint: str = ""


class NvmlUnavailable(Unavailable):
    """The library cannot be used at all."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.meaning, refusal.hint)
        self.refusal = refusal


NOT_SUPPORTED = 3
DRIVER_NOT_LOADED = 9
LIBRARY_NOT_FOUND = 12
FUNCTION_NOT_FOUND = 13
GPU_IS_LOST = 15

_REPORT = "Copy the doctor's text into a report."
_MEANINGS = {
    1: ("the library was closed in between", "Look again."),
    2: ("the device went away while it was asked", "Look again."),
    NOT_SUPPORTED: ("the device does not support this", ""),
    4: ("this user may not read it", "Ask the administrator for access to the NVIDIA devices."),
    6: ("the device was not found", "Look again."),
    8: ("a power cable of the card is missing", "Connect the card's power cables."),
    DRIVER_NOT_LOADED: (
        "the NVIDIA driver is installed but not loaded",
        "Restart the machine, or load the driver (on Linux: sudo modprobe nvidia).",
    ),
    10: ("the driver did not answer in time", "Look again; if it stays so, restart the machine."),
    LIBRARY_NOT_FOUND: ("no NVIDIA driver is installed", ""),
    FUNCTION_NOT_FOUND: ("the driver is too old to tell", "Update the NVIDIA driver."),
    GPU_IS_LOST: (
        "the GPU is lost: it fell off the bus",
        "Restart the machine; if it happens again, check power cables and slot.",
    ),
    16: ("the GPU must be reset", "Restart the machine."),
    18: (
        "the driver was updated, and the old one is still loaded",
        "Restart the machine, so that driver and library have the same version.",
    ),
}


def refusal(code: int) -> Refusal:
    """What a return code means to a user."""
    meaning, hint = _MEANINGS.get(code, (f"NVML error {code}", _REPORT))
    return Refusal(code, meaning, hint)


@contextmanager
def session() -> Iterator[None]:
    """The library, initialised as long as the block runs. Counted: sessions may overlap.

    Raises:
        NvmlUnavailable: no library, no driver, or both of different versions.
    """
    opened = ask("nvmlInit") if _may_be_there() else refusal(LIBRARY_NOT_FOUND)
    if isinstance(opened, Refusal):
        raise NvmlUnavailable(opened)
    try:
        yield
    finally:
        ask("nvmlShutdown")


def ask(function: str, *arguments: Any) -> Any | Refusal:
    """The answer of a function of the library, or why there is none."""
    pynvml = _binding()
    try:
        return getattr(pynvml, function)(*arguments)
    except pynvml.NVMLError as error:
        return refusal(int(error.value))
    except AttributeError:
        return refusal(FUNCTION_NOT_FOUND)
    except (UnicodeDecodeError, ctypes.ArgumentError) as error:
        return Refusal(-1, f"the answer cannot be read: {error}", _REPORT)


def _binding() -> Any:
    # Not out of the table of modules: a module stands there from when its import begins.
    return late("pynvml")


def _may_be_there(platform_name: str = sys.platform) -> bool:
    """Whether the library may be there. Only then is its binding, of 2 MB, imported."""
    if platform_name != "linux" or "pynvml" in sys.modules:
        return True
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    return True


def text(answer: Any) -> str | None:
    """A text of the library: bytes in old releases, str in new ones; None for a refusal."""
    match answer:
        case bytes():
            return answer.split(b"\0")[0].decode("utf-8", "replace").strip() or None
        case str():
            return answer.strip() or None
        case _:
            return None


def whole(answer: Any) -> int | None:
    """A number of the library, or None for a refusal."""
    return answer if isinstance(answer, int) else None


def handles() -> tuple[Any | Refusal, ...] | Refusal:
    """A handle for every device; a refusal in the place of one that cannot be had."""
    count = ask("nvmlDeviceGetCount")
    if isinstance(count, Refusal):
        return count
    return tuple(ask("nvmlDeviceGetHandleByIndex", index) for index in range(int(count)))


def pci_bus_id(handle: Any) -> str | None:
    """The device's address as the system writes it: "0000:01:00.0"."""
    info = ask("nvmlDeviceGetPciInfo", handle)
    return None if isinstance(info, Refusal) else short_bus_id(text(info.busId))


def short_bus_id(long: str | None) -> str | None:
    """NVML writes the PCI domain with eight digits, everybody else with four."""
    if not long:
        return None
    domain, _, rest = long.lower().partition(":")
    return f"{domain[-4:]}:{rest}"


def field_value(value: Any) -> float | Refusal:
    """The number of one entry of `nvmlDeviceGetFieldValues`: each has its own code and type."""
    if value.nvmlReturn:
        return refusal(int(value.nvmlReturn))
    names = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")
    if not 0 <= value.valueType < len(names):
        return Refusal(-1, f"unknown type {value.valueType} of a field value", _REPORT)
    return float(getattr(value.value, names[value.valueType]))


def gpus_on_bus(sysfs: Path) -> tuple[Path, ...]:
    """Folders of NVIDIA display devices on the PCI bus, by the kernel; none of them is woken."""
    found = []
    for folder in sorted((sysfs / "bus/pci/devices").glob("*")):
        vendor, kind = read_line(folder / "vendor"), read_line(folder / "class")
        if vendor == PCI_VENDOR and (kind or "0x03").startswith("0x03"):
            found.append(folder)
    return tuple(found)


def asleep(folder: Path) -> bool:
    """Whether the kernel has switched the device off to save power."""
    state = read_line(folder / "power_state")
    status = read_line(folder / "power/runtime_status")
    return state == "D3cold" or status in {"suspended", "suspending"}


def gpus_asleep(sysfs: Path) -> bool:
    """Whether there are NVIDIA GPUs and all of them sleep: then the library is not touched."""
    folders = gpus_on_bus(sysfs)
    return bool(folders) and all(asleep(folder) for folder in folders)


def read_line(path: Path) -> str | None:
    """The text of a small file of the kernel, or None where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
