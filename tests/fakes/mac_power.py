"""IOKit's SMC, and IOReport with CoreFoundation, as Python objects; leaks are counted."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.mac import Function

Channel = tuple[str, str, int]

_SERVICES = 11
_SMC, _OTHER = 21, 22
_CONNECTION = 31


class _Library:
    def __init__(self, functions: dict[str, Callable[..., Any]]) -> None:
        self._functions = functions

    def __getitem__(self, name: str) -> Function:
        return Function(self._functions[name])


@dataclass(kw_only=True)
class FakeIoKit:
    """A controller with one key. `result` 132 is a key that is not there."""

    watts: float = 41.25
    kind: bytes = b"flt "
    result: int = 0
    matching: int = 0
    opening: int = 0
    endpoints: tuple[bytes, ...] = (b"AppleSMC", b"AppleSMCKeysEndpoint")
    task: int = 7
    held: list[int] = field(default_factory=list)
    connections: int = 0

    @property
    def iokit(self) -> Any:
        """Functions by name."""
        return _Library(
            {
                "IOServiceMatching": lambda name: 1,
                "IOServiceGetMatchingServices": self._services,
                "IOIteratorNext": self._next,
                "IORegistryEntryGetName": self._name,
                "IOObjectRelease": self.held.remove,
                "IOServiceOpen": self._open,
                "IOServiceClose": self._close,
                "IOConnectCallStructMethod": self._ask,
            }
        )

    def _services(self, port: int, matching: int, out: Any) -> int:
        if self.matching:
            return self.matching
        out._obj.value = _SERVICES
        self.held.append(_SERVICES)
        self._left = list(enumerate(self.endpoints))
        return 0

    def _next(self, services: int) -> int:
        if not self._left:
            return 0
        index, self._current = self._left.pop(0)
        self.held.append(_SMC + index)
        return _SMC + index

    def _name(self, service: int, room: Any) -> int:
        room.value = self._current
        return 0

    def _open(self, service: int, task: int, kind: int, out: Any) -> int:
        assert task == self.task
        if self.opening:
            return self.opening
        out._obj.value = _CONNECTION
        self.connections += 1
        return 0

    def _close(self, connection: int) -> int:
        assert connection == _CONNECTION
        self.connections -= 1
        return 0

    def _ask(self, _connection: int, selector: int, asked: bytes, *rest: Any) -> int:
        size, out, _ = rest
        assert (selector, size, len(asked)) == (2, 80, 80)
        (key,) = struct.unpack_from("<I", asked, 0)
        assert key.to_bytes(4, "big") == b"PSTR"
        answer = bytearray(80)
        answer[40] = self.result
        if asked[42] == 9:
            struct.pack_into("<II", answer, 28, 4, int.from_bytes(self.kind, "big"))
        else:
            assert asked[42] == 5
            struct.pack_into("<f", answer, 48, self.watts)
        ctypes.memmove(out, bytes(answer), 80)
        return 0


@dataclass(kw_only=True)
class FakeReports:
    """Each reading takes the next list of channels. `held` maps each object to what it is."""

    script: list[list[Channel]] = field(default_factory=list)
    without: str = ""
    held: dict[int, Any] = field(default_factory=dict)
    _next_id: int = 100
    _borrowed: dict[int, Any] = field(default_factory=dict)

    @property
    def reports(self) -> Any:
        """libIOReport."""
        return _Library(
            {
                "IOReportCopyChannelsInGroup": self._channels,
                "IOReportCreateSubscription": self._subscribe,
                "IOReportCreateSamples": self._sample,
                "IOReportCreateSamplesDelta": self._delta,
                "IOReportChannelGetChannelName": lambda item: self._lent(self._of(item)[0]),
                "IOReportChannelGetUnitLabel": lambda item: self._lent(self._of(item)[1]),
                "IOReportSimpleGetIntegerValue": lambda item, _: self._of(item)[2],
            }
        )

    @property
    def foundation(self) -> Any:
        """CoreFoundation."""
        return _Library(
            {
                "CFStringCreateWithCString": lambda _a, text, _e: self._made(text.decode()),
                "CFDictionaryCreateMutableCopy": lambda _a, _n, one: self._made(self.held[one]),
                "CFDictionaryGetValue": self._value,
                "CFArrayGetCount": lambda items: len(self._of(items)),
                "CFArrayGetValueAtIndex": lambda items, i: self._lent(self._of(items)[i]),
                "CFStringGetCString": self._string,
                "CFRelease": self.held.pop,
            }
        )

    def _made(self, thing: Any) -> int:
        self._next_id += 1
        self.held[self._next_id] = thing
        return self._next_id

    def _lent(self, thing: Any) -> int | None:
        self._next_id += 1
        self._borrowed[self._next_id] = thing
        return self._next_id if thing is not None else None

    def _of(self, thing: int) -> Any:
        return self._borrowed[thing]

    def _channels(self, group: int, *_: Any) -> int | None:
        assert self.held[group] == "Energy Model"
        return None if self.without == "channels" else self._made("channels")

    def _subscribe(self, _a: Any, channels: int, out: Any, *_: Any) -> int | None:
        if self.without == "subscription":
            return None
        out._obj.value = self._made("subscribed")
        return self._made("subscription")

    def _sample(self, subscription: int, channels: int, _: Any) -> int | None:
        return None if self.without == "samples" else self._made("sample")

    def _delta(self, before: int, now: int, _: Any) -> int:
        assert {self.held[before], self.held[now]} == {"sample"}
        return self._made(self.script.pop(0))

    def _value(self, dictionary: int, key: int) -> int | None:
        assert self.held[key] == "IOReportChannels"
        return None if self.without == "items" else self._lent(self.held[dictionary])

    def _string(self, text: int, room: Any, size: int, encoding: int) -> bool:
        room.value = self._of(text).encode()
        return True
