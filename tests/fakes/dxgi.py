"""DXGI as a table of C functions made here, called as the real one is."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

from landfall.services.hardware import dxgi

_NOT_FOUND = 0x887A0002
_NO_INTERFACE = 0x80004002
_METHODS = 15

_QUERY = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
_PLAIN = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p)
_ENUM = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p)
_DESCRIBE = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p)
_MEMORY = ctypes.CFUNCTYPE(
    ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p
)


@dataclass(kw_only=True)
class Adapter:
    """One adapter; without a budget it is one of an old system."""

    name: str
    vendor_id: int = 0x1002
    device_id: int = 0x744C
    dedicated: int = 24 << 30
    shared: int = 32 << 30
    luid: int = 1
    flags: int = 0
    budget: int | None = 22 << 30
    usage: int = 1 << 30
    refuses: bool = False
    released: int = 0


@dataclass(kw_only=True)
class FakeDxgi:
    """The library: `CreateDXGIFactory1` writes a pointer to an object made of callbacks."""

    adapters: list[Adapter] = field(default_factory=list)
    refuses: bool = False
    released: int = 0
    _kept: list[Any] = field(default_factory=list)

    @property
    def CreateDXGIFactory1(self) -> _Create:
        """The exported function."""
        return _Create(self)

    def build(self) -> int:
        """Objects of all adapters, and the factory's address."""
        objects = [self._adapter(adapter) for adapter in self.adapters]

        def enum(_: Any, index: int, out: Any) -> int:
            if index >= len(objects):
                return _NOT_FOUND
            _store(out, objects[index])
            return 0

        def release(_: Any) -> int:
            self.released += 1
            return 0

        return self._object({2: _PLAIN(release), 12: _ENUM(enum)})

    def _adapter(self, adapter: Adapter) -> int:
        def release(_: Any) -> int:
            adapter.released += 1
            return 0

        def query(this: int, _: Any, out: Any) -> int:
            if adapter.budget is None:
                return _NO_INTERFACE
            _store(out, this)
            return 0

        def describe(_: Any, out: Any) -> int:
            if adapter.refuses:
                return 0x887A0005
            wanted = dxgi.AdapterDescription.from_address(out)
            units = adapter.name.encode("utf-16-le")
            ctypes.memmove(ctypes.addressof(wanted), units, len(units))
            wanted.vendor_id, wanted.device_id = adapter.vendor_id, adapter.device_id
            wanted.dedicated_video_memory = adapter.dedicated
            wanted.shared_system_memory = adapter.shared
            wanted.luid_low, wanted.flags = adapter.luid, adapter.flags
            return 0

        def memory(_: Any, node: int, segment: int, out: Any) -> int:
            info = dxgi.VideoMemory.from_address(out)
            info.budget, info.current_usage = adapter.budget or 0, adapter.usage
            return 0

        return self._object(
            {0: _QUERY(query), 2: _PLAIN(release), 10: _DESCRIBE(describe), 14: _MEMORY(memory)}
        )

    def _object(self, methods: dict[int, Any]) -> int:
        table = (ctypes.c_void_p * _METHODS)()
        for index, method in methods.items():
            table[index] = ctypes.cast(method, ctypes.c_void_p).value
        pointer = ctypes.c_void_p(ctypes.addressof(table))
        self._kept += [methods, table, pointer]
        return ctypes.addressof(pointer)


class _Create:
    """A function with the attributes that ctypes' own have."""

    def __init__(self, library: FakeDxgi) -> None:
        self._library = library
        self.restype: Any = None
        self.argtypes: Any = None

    def __call__(self, interface: bytes, out: Any) -> int:
        assert len(interface) == 16
        if self._library.refuses:
            return 0x80004005
        out._obj.value = self._library.build()
        return 0


def _store(out: int, value: int) -> None:
    ctypes.c_void_p.from_address(out).value = value
