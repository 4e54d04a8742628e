"""A Mac's libraries as Python objects: sysctl by table, Metal by one number."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

_DEVICE = 0x1000
_SELECTORS = {b"recommendedMaxWorkingSetSize": 0x2000, b"release": 0x2001}


class Function:
    """A callable that takes `restype` and `argtypes`, as ctypes' functions do."""

    def __init__(self, call: Any) -> None:
        self.call = call
        self.restype: Any = None
        self.argtypes: Any = None

    def __call__(self, *arguments: Any) -> Any:
        assert self.argtypes is not None, "on arm64 every call needs its prototype"
        return self.call(*arguments)


@dataclass(kw_only=True)
class FakeMac:
    """`facts` are sysctl's: texts, or numbers of eight bytes, or bytes as they are."""

    facts: dict[str, str | int | bytes] = field(default_factory=dict)
    working_set: int = 12713 << 20
    has_metal: bool = True
    released: int = 0

    @property
    def system(self) -> Any:
        """libSystem."""
        return _Names({"sysctlbyname": Function(self._sysctl)})

    @property
    def metal(self) -> Any:
        """Metal."""
        device = _DEVICE if self.has_metal else None
        return _Names({"MTLCreateSystemDefaultDevice": Function(lambda: device)})

    @property
    def objc(self) -> Any:
        """libobjc."""
        return _Names(
            {
                "sel_registerName": Function(_SELECTORS.__getitem__),
                "objc_msgSend": Function(self._send),
            }
        )

    def _sysctl(self, name: bytes, out: Any, size: Any, _new: Any, _length: Any) -> int:
        fact = self.facts.get(name.decode())
        if fact is None:
            return -1
        raw = _bytes(fact)
        size._obj.value = len(raw)
        if out is not None:
            ctypes.memmove(out, raw, len(raw))
        return 0

    def _send(self, device: int, selector: int) -> int:
        assert device == _DEVICE
        if selector == _SELECTORS[b"release"]:
            self.released += 1
            return 0
        return self.working_set


def _bytes(fact: str | int | bytes) -> bytes:
    match fact:
        case str():
            return fact.encode() + b"\0"
        case int():
            return fact.to_bytes(8, "little")
        case bytes():
            return fact


class _Names:
    """A library: functions by attribute, and fresh by item."""

    def __init__(self, functions: dict[str, Function]) -> None:
        self._functions = functions

    def __getattr__(self, name: str) -> Function:
        return self._functions[name]

    def __getitem__(self, name: str) -> Function:
        return Function(self._functions[name].call)
