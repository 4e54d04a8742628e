"""Windows' list of graphics adapters (DXGI), called through its C interface.

Source: Windows SDK, dxgi.h and dxgi1_4.h: order of methods, structures, interface identifiers.
On 64-bit Windows there is one calling convention, so plain C prototypes serve.
"""

from __future__ import annotations

import ctypes
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_FACTORY1 = uuid.UUID("770aae78-f26f-4dba-a829-253c83d1b387").bytes_le
_ADAPTER3 = uuid.UUID("645967a4-1392-4310-a798-8053ce3e93fd").bytes_le
_SOFTWARE = 2
_MOST_ADAPTERS = 64

_QUERY_INTERFACE = 0
_RELEASE = 2
_GET_DESC1 = 10
_ENUM_ADAPTERS1 = 12
_QUERY_VIDEO_MEMORY = 14


class AdapterDescription(ctypes.Structure):
    """DXGI_ADAPTER_DESC1. Text as 16-bit units, whatever `wchar_t` is where this runs."""

    _fields_ = [
        ("description", ctypes.c_uint16 * 128),
        ("vendor_id", ctypes.c_uint32),
        ("device_id", ctypes.c_uint32),
        ("subsystem_id", ctypes.c_uint32),
        ("revision", ctypes.c_uint32),
        ("dedicated_video_memory", ctypes.c_size_t),
        ("dedicated_system_memory", ctypes.c_size_t),
        ("shared_system_memory", ctypes.c_size_t),
        ("luid_low", ctypes.c_uint32),
        ("luid_high", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
    ]


class VideoMemory(ctypes.Structure):
    """DXGI_QUERY_VIDEO_MEMORY_INFO, bytes."""

    _fields_ = [
        ("budget", ctypes.c_uint64),
        ("current_usage", ctypes.c_uint64),
        ("available_for_reservation", ctypes.c_uint64),
        ("current_reservation", ctypes.c_uint64),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DxgiAdapter:
    """One adapter as DXGI describes it.

    Attributes:
        luid: Changes at each start of the system; the same for two entries of one device.
        budget_bytes: What one program may take of its own memory now, or None on old systems.
    """

    name: str
    vendor_id: int
    device_id: int
    dedicated_bytes: int
    shared_bytes: int
    luid: int
    software: bool
    budget_bytes: int | None


def load() -> Any:
    """dxgi.dll.

    Raises:
        OSError: this is not Windows, or it has no DXGI.
    """
    if sys.platform == "win32":
        return ctypes.WinDLL("dxgi")
    raise OSError("there is no DXGI on this system")


def adapters(library: Any) -> tuple[DxgiAdapter, ...]:
    """Every adapter, in the system's order.

    Raises:
        OSError: DXGI refuses.
    """
    create = library.CreateDXGIFactory1
    create.restype, create.argtypes = ctypes.c_uint32, [ctypes.c_char_p, ctypes.c_void_p]
    factory = ctypes.c_void_p()
    answer = create(_FACTORY1, ctypes.byref(factory))
    if answer or not factory.value:
        raise OSError(f"CreateDXGIFactory1 answered {answer & 0xFFFFFFFF:#010x}")
    try:
        return tuple(_described(adapter) for adapter in _pointers(factory.value))
    finally:
        _release(factory.value)


def _pointers(factory: int) -> list[int]:
    enum = _method(factory, _ENUM_ADAPTERS1, ctypes.c_uint32, ctypes.c_void_p)
    found: list[int] = []
    for index in range(_MOST_ADAPTERS):
        adapter = ctypes.c_void_p()
        answer = enum(factory, index, ctypes.byref(adapter))
        if answer or not adapter.value:
            break
        found.append(adapter.value)
    return found


def _described(adapter: int) -> DxgiAdapter:
    try:
        description = AdapterDescription()
        describe = _method(adapter, _GET_DESC1, ctypes.c_void_p)
        answer = describe(adapter, ctypes.byref(description))
        if answer:
            raise OSError(f"GetDesc1 answered {answer & 0xFFFFFFFF:#010x}")
        return DxgiAdapter(
            name=_text(description.description),
            vendor_id=description.vendor_id,
            device_id=description.device_id,
            dedicated_bytes=description.dedicated_video_memory,
            shared_bytes=description.shared_system_memory,
            luid=(description.luid_high << 32) | description.luid_low,
            software=bool(description.flags & _SOFTWARE),
            budget_bytes=_budget(adapter),
        )
    finally:
        _release(adapter)


def _budget(adapter: int) -> int | None:
    """The budget less what this program itself holds, of the adapter's own memory."""
    query = _method(adapter, _QUERY_INTERFACE, ctypes.c_char_p, ctypes.c_void_p)
    newer = ctypes.c_void_p()
    if query(adapter, _ADAPTER3, ctypes.byref(newer)) or not newer.value:
        return None
    try:
        memory = VideoMemory()
        ask = _method(
            newer.value, _QUERY_VIDEO_MEMORY, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p
        )
        if ask(newer.value, 0, 0, ctypes.byref(memory)):
            return None
        return max(0, int(memory.budget) - int(memory.current_usage))
    finally:
        _release(newer.value)


def _release(pointer: int) -> None:
    _method(pointer, _RELEASE)(pointer)


def _method(pointer: int, index: int, *arguments: Any) -> Callable[..., int]:
    """A method of a COM object: the entry of the table that the object begins with."""
    table = ctypes.cast(pointer, ctypes.POINTER(ctypes.c_void_p))[0]
    entry = ctypes.cast(table or 0, ctypes.POINTER(ctypes.c_void_p))[index]
    prototype = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, *arguments)
    return prototype(entry or 0)


def _text(units: Any) -> str:
    return bytes(units).decode("utf-16-le", "replace").split("\0")[0].strip()
