"""Processor packages on Windows 11 by its Energy Meter Interface; no administrator, no driver.

Awaits hardware: written against the interface's documentation and others' recordings, run here with
a fake device. Not there in virtual machines, and on Windows 10 only on special devices.
Source: Windows driver kit, emi.h; channel names as the inbox driver for RAPL gives them.
"""

from __future__ import annotations

import ctypes
import re
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from landfall.core.energy.power import Scope, plausible
from landfall.core.events import PowerSample
from landfall.services.power.source import Clock, Counter, Missing, OfCounter, PowerSource

_GET_VERSION = 0x224000
_GET_METADATA_SIZE = 0x224004
_GET_METADATA = 0x224008
_GET_MEASUREMENT = 0x22400C

_PICOWATT_HOURS = 0
_JOULES_PER_PICOWATT_HOUR = 3.6e-9
_TICK_SECONDS = 1e-7
_PACKAGE = re.compile(r"RAPL_Package\d+_PKG", re.IGNORECASE)
_LONGEST_GAP_SECONDS = 60.0
_ERROR_SHARE = 0.07
"""The counters are those of RAPL: see `linux_sysfs.py`."""
_NOT_HERE = "Windows offers no energy meter of the processor: that takes Windows 11 on hardware"


class Device(Protocol):
    """An open energy meter."""

    def control(self, code: int, size: int) -> bytes:
        """Ask, with room for `size` bytes of answer. Raises OSError."""

    def close(self) -> None:
        """Close it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One measured quantity of a device: its place in a measurement, name and unit."""

    index: int
    name: str
    unit: int


def channels(version: int, metadata: bytes) -> tuple[Channel, ...]:
    """The channels of a device, of either version of the interface.

    Raises:
        ValueError: the text of the metadata is cut, or the version unknown.
    """
    try:
        match version:
            case 1:
                return (_only_channel(metadata),)
            case 2:
                return _all_channels(metadata)
    except struct.error as error:
        raise ValueError(f"the meter's description is cut: {error}") from error
    raise ValueError(f"version {version} of the energy meter is not known")


def _only_channel(metadata: bytes) -> Channel:
    (unit,) = struct.unpack_from("<i", metadata, 0)
    (size,) = struct.unpack_from("<H", metadata, 70)
    return Channel(0, _name(metadata, 72, size), unit)


def _all_channels(metadata: bytes) -> tuple[Channel, ...]:
    (count,) = struct.unpack_from("<H", metadata, 66)
    found, at = [], 68
    for index in range(count):
        unit, size = struct.unpack_from("<iH", metadata, at)
        found.append(Channel(index, _name(metadata, at + 6, size), unit))
        at += 6 + size
    return tuple(found)


def _name(metadata: bytes, at: int, size: int) -> str:
    return metadata[at : at + size].decode("utf-16-le", "replace").split("\0")[0]


def measurement(answer: bytes, channel: int) -> tuple[float, float]:
    """Joules and the device's own time in seconds, of one channel.

    Raises:
        ValueError: the answer is cut.
    """
    try:
        energy, ticks = struct.unpack_from("<QQ", answer, 16 * channel)
    except struct.error as error:
        raise ValueError(f"the meter's answer is cut: {error}") from error
    return energy * _JOULES_PER_PICOWATT_HOUR, ticks * _TICK_SECONDS


def discover(
    *,
    list_devices: Callable[[], tuple[str, ...]] | None = None,
    open_device: Callable[[str], Device] | None = None,
    clock: Clock = time.perf_counter,
) -> tuple[PowerSource, ...]:
    """Every processor package that Windows measures, or one source that says why there is none."""
    opener = open_device or open_path
    found: list[PowerSource] = []
    try:
        paths = (list_devices or device_paths)()
    except OSError as error:
        return (Missing("EMI", Scope.CPU_PACKAGE, f"no energy meter: {error}", clock=clock),)
    for path in paths:
        found += _packages(path, opener, clock)
    return tuple(found) or (Missing("EMI", Scope.CPU_PACKAGE, _NOT_HERE, clock=clock),)


def _packages(path: str, opener: Callable[[str], Device], clock: Clock) -> list[PowerSource]:
    try:
        device = opener(path)
    except OSError as error:
        reason = f"the energy meter cannot be opened: {error}"
        return [Missing("EMI", Scope.CPU_PACKAGE, reason, clock=clock)]
    try:
        known = _described(device)
    except (OSError, ValueError) as error:
        return [Missing("EMI", Scope.CPU_PACKAGE, str(error), clock=clock)]
    finally:
        device.close()
    return [
        EmiPackage(path, channel, len(known), opener, clock=clock)
        for channel in known
        if channel.unit == _PICOWATT_HOURS and _PACKAGE.fullmatch(channel.name)
    ]


def _described(device: Device) -> tuple[Channel, ...]:
    version = int.from_bytes(device.control(_GET_VERSION, 2)[:2], "little")
    size = int.from_bytes(device.control(_GET_METADATA_SIZE, 4)[:4], "little")
    return channels(version, device.control(_GET_METADATA, size))


class EmiPackage(OfCounter):
    """One package. Power is by the device's own time, which is that of its energy."""

    family = "EMI"
    scope = Scope.CPU_PACKAGE
    settle_seconds = 0.0
    error_share = _ERROR_SHARE

    def __init__(
        self,
        path: str,
        channel: Channel,
        count: int,
        opener: Callable[[str], Device],
        *,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.name = f"EMI {channel.name}"
        self._path = path
        self._channel = channel
        self._size = 16 * count
        self._opener = opener
        self._clock = clock
        self._device: Device | None = None
        self._counter = _new_counter()

    def read(self) -> PowerSample:
        """Mean watts since the last reading, and the counter."""
        try:
            if self._device is None:
                self._device = self._opener(self._path)
            answer = self._device.control(_GET_MEASUREMENT, self._size)
            joules, seconds = measurement(answer, self._channel.index)
        except (OSError, ValueError) as error:
            self.close()
            return PowerSample(self._clock(), self.name, self.scope, None, str(error))
        at = self._clock()
        watts, reason = self._counter.step(seconds, joules)
        if watts is not None:
            watts, reason = plausible(watts)
        return PowerSample(at, self.name, self.scope, watts, reason, self._counter.joules)

    def close(self) -> None:
        """Let go of the device; the next reading starts anew."""
        if self._device is not None:
            with suppress(OSError):
                self._device.close()
        self._device = None
        self._counter = _new_counter()


def _new_counter() -> Counter:
    return Counter(range_joules=None, longest_gap_seconds=_LONGEST_GAP_SECONDS)


_INTERFACE = struct.pack(
    "<IHH8B", 0x45BD8344, 0x7ED6, 0x49CF, 0xA4, 0x40, 0xC2, 0x76, 0xC9, 0x33, 0xB0, 0x53
)
_PRESENT_INTERFACES = 0x12
_GENERIC_READ = 0x80000000
_SHARE_READ_WRITE = 3
_OPEN_EXISTING = 3


class _InterfaceData(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_uint32),
        ("guid", ctypes.c_ubyte * 16),
        ("flags", ctypes.c_uint32),
        ("reserved", ctypes.c_void_p),
    ]


if sys.platform == "win32":
    _INVALID = ctypes.c_void_p(-1).value

    def device_paths() -> tuple[str, ...]:
        """Paths of the energy meters. Raises OSError where the list cannot be had."""
        setup = ctypes.WinDLL("setupapi", use_last_error=True)
        begin = setup.SetupDiGetClassDevsW
        begin.restype = ctypes.c_void_p
        begin.argtypes = [ctypes.c_char_p, ctypes.c_wchar_p, ctypes.c_void_p, ctypes.c_uint32]
        end = setup.SetupDiDestroyDeviceInfoList
        end.restype, end.argtypes = ctypes.c_int, [ctypes.c_void_p]
        listing = begin(_INTERFACE, None, None, _PRESENT_INTERFACES)
        if listing in {None, _INVALID}:
            raise ctypes.WinError(ctypes.get_last_error())
        try:
            return tuple(_listed(setup, listing))
        finally:
            end(listing)

    def _listed(setup: Any, listing: int) -> list[str]:
        enum = setup.SetupDiEnumDeviceInterfaces
        enum.restype = ctypes.c_int
        enum.argtypes = [
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
        ]
        detail = setup.SetupDiGetDeviceInterfaceDetailW
        detail.restype = ctypes.c_int
        detail.argtypes = [
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        found: list[str] = []
        data = _InterfaceData(size=ctypes.sizeof(_InterfaceData))
        while enum(listing, None, _INTERFACE, len(found), ctypes.byref(data)):
            room = ctypes.create_string_buffer(2048)
            # The structure's size is 8 on a 64-bit system; the path begins after its first four.
            struct.pack_into("<I", room, 0, 8 if ctypes.sizeof(ctypes.c_void_p) == 8 else 6)
            if not detail(listing, ctypes.byref(data), room, len(room), None, None):
                raise ctypes.WinError(ctypes.get_last_error())
            found.append(room.raw[4:].decode("utf-16-le", "replace").split("\0")[0])
        return found

    def open_path(path: str) -> Device:
        """The meter at a path. Raises OSError."""
        return _File(path)

    class _File:
        """A device by CreateFileW and DeviceIoControl."""

        def __init__(self, path: str) -> None:
            self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
            create = self._kernel.CreateFileW
            create.restype = ctypes.c_void_p
            create.argtypes = [
                ctypes.c_wchar_p,
                ctypes.c_uint32,
                ctypes.c_uint32,
                ctypes.c_void_p,
                ctypes.c_uint32,
                ctypes.c_uint32,
                ctypes.c_void_p,
            ]
            self._handle = create(
                path, _GENERIC_READ, _SHARE_READ_WRITE, None, _OPEN_EXISTING, 0, None
            )
            if self._handle in {None, _INVALID}:
                raise ctypes.WinError(ctypes.get_last_error())

        def control(self, code: int, size: int) -> bytes:
            ask = self._kernel.DeviceIoControl
            ask.restype = ctypes.c_int
            ask.argtypes = [
                ctypes.c_void_p,
                ctypes.c_uint32,
                ctypes.c_void_p,
                ctypes.c_uint32,
                ctypes.c_void_p,
                ctypes.c_uint32,
                ctypes.c_void_p,
                ctypes.c_void_p,
            ]
            room = ctypes.create_string_buffer(size)
            got = ctypes.c_uint32()
            if not ask(self._handle, code, None, 0, room, size, ctypes.byref(got), None):
                raise ctypes.WinError(ctypes.get_last_error())
            return room.raw[: got.value]

        def close(self) -> None:
            shut = self._kernel.CloseHandle
            shut.restype, shut.argtypes = ctypes.c_int, [ctypes.c_void_p]
            shut(self._handle)

else:

    def device_paths() -> tuple[str, ...]:
        """There are no energy meters of Windows here."""
        return ()

    def open_path(path: str) -> Device:
        """Always an OSError here."""
        raise OSError(f"{path}: this is not Windows")
