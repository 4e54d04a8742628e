"""The calls into macOS behind `apple`: SMC through IOKit, and IOReport.

Awaits hardware. On arm64 every function needs its prototype: pointers have 64 bits. Everything
that a function called Create or Copy returns is released.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import Any, Protocol

_POINTER = ctypes.c_void_p
_UINT = ctypes.c_uint32

_UTF8 = 0x08000100
_SMC_READ = 5
_SMC_KEY_INFO = 9
_SMC_SELECTOR = 2
_SMC_STRUCT_BYTES = 80
_AT_KEY, _AT_SIZE, _AT_TYPE, _AT_RESULT, _AT_COMMAND, _AT_BYTES = 0, 28, 32, 40, 42, 48
_FLOAT = int.from_bytes(b"flt ", "big")
_NAME_BYTES = 128


class IoKit(Protocol):
    """IOKit and this process's task port."""

    @property
    def iokit(self) -> Any:
        """Functions by item, fresh each time."""

    @property
    def task(self) -> int:
        """mach_task_self()."""


class MacIoKit:
    """The real IOKit. Raises OSError where it cannot be loaded."""

    def __init__(self) -> None:
        self.iokit: Any = ctypes.CDLL("/System/Library/Frameworks/IOKit.framework/IOKit")
        system = ctypes.CDLL("/usr/lib/libSystem.B.dylib")
        self.task = _UINT.in_dll(system, "mach_task_self_").value


def _call(library: Any, name: str, result: Any, kinds: Sequence[Any], *arguments: Any) -> Any:
    """Call a C function with a prototype of its own."""
    function = library[name]
    function.restype, function.argtypes = result, list(kinds)
    return function(*arguments)


class MacSmc:
    """A connection to the controller. Raises OSError where it cannot be had."""

    def __init__(self, libraries: IoKit | None = None) -> None:
        self._kit = libraries or MacIoKit()
        self._connection = self._opened()

    def watts(self) -> float:
        """PSTR in watts. Raises OSError where the key is missing or no float."""
        info = self._asked(_SMC_KEY_INFO, size=0)
        (size,) = struct.unpack_from("<I", info, _AT_SIZE)
        (kind,) = struct.unpack_from("<I", info, _AT_TYPE)
        if (size, kind) != (4, _FLOAT):
            raise OSError("the system's power (PSTR) has an unknown form")
        (watts,) = struct.unpack_from("<f", self._asked(_SMC_READ, size=size), _AT_BYTES)
        return float(watts)

    def close(self) -> None:
        """Close the connection."""
        _call(self._kit.iokit, "IOServiceClose", ctypes.c_int, [_UINT], self._connection)

    def _asked(self, command: int, *, size: int) -> bytes:
        question = bytearray(_SMC_STRUCT_BYTES)
        struct.pack_into("<I", question, _AT_KEY, int.from_bytes(b"PSTR", "big"))
        struct.pack_into("<I", question, _AT_SIZE, size)
        question[_AT_COMMAND] = command
        room = ctypes.create_string_buffer(_SMC_STRUCT_BYTES)
        length = ctypes.c_size_t(_SMC_STRUCT_BYTES)
        code = _call(
            self._kit.iokit,
            "IOConnectCallStructMethod",
            ctypes.c_int,
            [_UINT, _UINT, ctypes.c_char_p, ctypes.c_size_t, _POINTER, _POINTER],
            self._connection,
            _SMC_SELECTOR,
            bytes(question),
            _SMC_STRUCT_BYTES,
            room,
            ctypes.byref(length),
        )
        if code or room.raw[_AT_RESULT]:
            raise OSError("this Mac does not tell its power (PSTR)")
        return room.raw

    def _opened(self) -> int:
        kit = self._kit.iokit
        matching = _call(kit, "IOServiceMatching", _POINTER, [ctypes.c_char_p], b"AppleSMC")
        services = _UINT()
        kinds = [_UINT, _POINTER, _POINTER]
        if _call(
            kit,
            "IOServiceGetMatchingServices",
            ctypes.c_int,
            kinds,
            0,
            matching,
            ctypes.byref(services),
        ):
            raise OSError("the system management controller was not found")
        try:
            return self._endpoint(services.value)
        finally:
            self._release(services.value)

    def _endpoint(self, services: int) -> int:
        while service := _call(self._kit.iokit, "IOIteratorNext", _UINT, [_UINT], services):
            try:
                if self._name(service) == b"AppleSMCKeysEndpoint":
                    return self._connected(service)
            finally:
                self._release(service)
        raise OSError("the system management controller was not found")

    def _name(self, service: int) -> bytes:
        room = ctypes.create_string_buffer(_NAME_BYTES)
        kinds = [_UINT, ctypes.c_char_p]
        _call(self._kit.iokit, "IORegistryEntryGetName", ctypes.c_int, kinds, service, room)
        return room.value

    def _connected(self, service: int) -> int:
        connection = _UINT()
        kinds = [_UINT, _UINT, _UINT, _POINTER]
        code = _call(
            self._kit.iokit,
            "IOServiceOpen",
            ctypes.c_int,
            kinds,
            service,
            self._kit.task,
            0,
            ctypes.byref(connection),
        )
        if code:
            raise OSError(f"the system management controller refuses: {code:#x}")
        return connection.value

    def _release(self, thing: int) -> None:
        _call(self._kit.iokit, "IOObjectRelease", ctypes.c_int, [_UINT], thing)


class Reports(Protocol):
    """IOReport and CoreFoundation, functions by item."""

    @property
    def reports(self) -> Any:
        """libIOReport."""

    @property
    def foundation(self) -> Any:
        """CoreFoundation."""


class MacReports:
    """The real ones; they lie in a cache, so only loading tells. Raises OSError."""

    def __init__(self) -> None:
        self.reports: Any = ctypes.CDLL("/usr/lib/libIOReport.dylib")
        folder = "/System/Library/Frameworks/CoreFoundation.framework"
        self.foundation: Any = ctypes.CDLL(f"{folder}/CoreFoundation")


class MacEnergyModel:
    """A subscription to the channels of "Energy Model". Raises OSError where there is none."""

    def __init__(self, libraries: Reports | None = None) -> None:
        self._use = libraries or MacReports()
        self._kept: list[int] = []
        self._last: int | None = None
        group = self._text("Energy Model")
        channels = self._report(
            "IOReportCopyChannelsInGroup",
            [_POINTER, _POINTER, ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint64],
            group,
            None,
            0,
            0,
            0,
        )
        self._channels = self._foundation(
            "CFDictionaryCreateMutableCopy",
            [_POINTER, ctypes.c_ssize_t, _POINTER],
            None,
            0,
            channels,
        )
        subscribed = _POINTER()
        self._subscription = self._report(
            "IOReportCreateSubscription",
            [_POINTER, _POINTER, _POINTER, ctypes.c_uint64, _POINTER],
            None,
            self._channels,
            ctypes.byref(subscribed),
            0,
            None,
        )
        if subscribed.value:
            self._kept.append(subscribed.value)

    def read(self) -> list[tuple[str, str, int]]:
        """Energy by channel since the last reading. Raises OSError."""
        kinds = [_POINTER, _POINTER, _POINTER]
        now = self._sampled("IOReportCreateSamples", kinds, self._subscription, self._channels)
        before, self._last = self._last, now
        if before is None:
            return []
        try:
            delta = self._sampled("IOReportCreateSamplesDelta", kinds, before, now)
        finally:
            self._release(before)
        try:
            return self._listed(delta)
        finally:
            self._release(delta)

    def close(self) -> None:
        """Let go of every object."""
        for thing in (*self._kept, *((self._last,) if self._last else ())):
            self._release(thing)
        self._kept, self._last = [], None

    def _sampled(self, name: str, kinds: Sequence[Any], one: int, other: int) -> int:
        made: int | None = _call(self._use.reports, name, _POINTER, kinds, one, other, None)
        if not made:
            raise OSError("IOReport gives no sample")
        return made

    def _listed(self, delta: int) -> list[tuple[str, str, int]]:
        foundation, key = self._use.foundation, self._text("IOReportChannels")
        kinds = [_POINTER, _POINTER]
        items = _call(foundation, "CFDictionaryGetValue", _POINTER, kinds, delta, key)
        self._kept.remove(key)
        self._release(key)
        if not items:
            return []
        count = _call(foundation, "CFArrayGetCount", ctypes.c_ssize_t, [_POINTER], items)
        return [self._channel(self._item(items, index)) for index in range(count)]

    def _item(self, items: int, index: int) -> int:
        kinds = [_POINTER, ctypes.c_ssize_t]
        item: int = _call(
            self._use.foundation, "CFArrayGetValueAtIndex", _POINTER, kinds, items, index
        )
        return item

    def _channel(self, item: int) -> tuple[str, str, int]:
        reports = self._use.reports
        name = _call(reports, "IOReportChannelGetChannelName", _POINTER, [_POINTER], item)
        unit = _call(reports, "IOReportChannelGetUnitLabel", _POINTER, [_POINTER], item)
        kinds = [_POINTER, ctypes.c_int32]
        value = _call(reports, "IOReportSimpleGetIntegerValue", ctypes.c_int64, kinds, item, 0)
        return self._string(name), self._string(unit), int(value)

    def _string(self, text: int | None) -> str:
        if not text:
            return ""
        room = ctypes.create_string_buffer(_NAME_BYTES)
        kinds = [_POINTER, ctypes.c_char_p, ctypes.c_ssize_t, _UINT]
        _call(
            self._use.foundation,
            "CFStringGetCString",
            ctypes.c_bool,
            kinds,
            text,
            room,
            _NAME_BYTES,
            _UTF8,
        )
        return room.value.decode("utf-8", "replace")

    def _text(self, text: str) -> int:
        kinds = [_POINTER, ctypes.c_char_p, _UINT]
        return self._foundation("CFStringCreateWithCString", kinds, None, text.encode(), _UTF8)

    def _report(self, name: str, kinds: Sequence[Any], *arguments: Any) -> int:
        return self._made(self._use.reports, name, kinds, *arguments)

    def _foundation(self, name: str, kinds: Sequence[Any], *arguments: Any) -> int:
        return self._made(self._use.foundation, name, kinds, *arguments)

    def _made(self, library: Any, name: str, kinds: Sequence[Any], *arguments: Any) -> int:
        """An object to be released by `close`."""
        made: int | None = _call(library, name, _POINTER, kinds, *arguments)
        if not made:
            self.close()
            raise OSError(f"{name} gives nothing: this Mac has no energy model")
        self._kept.append(made)
        return made

    def _release(self, thing: int) -> None:
        _call(self._use.foundation, "CFRelease", None, [_POINTER], thing)
