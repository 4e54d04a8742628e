"""NVIDIA's library as a Python object under `pynvml`: any number of boards, any refusal.

`pynvml` calls C functions with references to its own structures; here the functions are methods
that write through the references. Works on every system, without a compiler.
"""

from __future__ import annotations

import ctypes
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pynvml

OK = 0
UNINITIALIZED = 1
INVALID = 2
NOT_SUPPORTED = 3
INSUFFICIENT_SIZE = 7
DRIVER_NOT_LOADED = 9
LIBRARY_NOT_FOUND = 12
GPU_IS_LOST = 15
VERSION_MISMATCH = 18

_FIRST_HANDLE = 1000
_UNSIGNED_INT = 1


@dataclass(kw_only=True)
class FakeGpu:
    """One board. `refusals` maps a function or `field.ID` to the code it answers."""

    name: str = "NVIDIA GeForce RTX 4090"
    uuid: str = "GPU-00000000-0000-0000-0000-000000000000"
    bus: int = 1
    memory_total: int = 24564 << 20
    memory_used: int = 2 << 30
    memory_reserved: int = 0
    memory_clock_mhz: int = 10501
    bus_width: int = 384
    limit_milliwatts: int = 450_000
    instant_milliwatts: int = 182_500
    average_milliwatts: int = 180_000
    module_milliwatts: int | None = None
    energy_millijoules: Callable[[], int] | int = 1_000_000
    energy_cpu_seconds: float = 0.0
    architecture: int = 8
    mig: int | None = None
    event_reasons: int = 0
    temperature: int = 61
    clocks_mhz: tuple[int, int, int] = (2520, 2520, 10501)
    busy_percent: int = 97
    compute: dict[int, int] = field(default_factory=dict)
    graphics: dict[int, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)


@dataclass(kw_only=True)
class FakeNvml:
    """The library. `missing` names functions that an old driver does not have."""

    gpus: list[FakeGpu] = field(default_factory=list)
    driver: str = "580.95.05"
    init_code: int = OK
    missing: set[str] = field(default_factory=set)
    refusals: dict[str, int] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    opened: int = 0

    def __getattr__(self, name: str) -> Callable[..., int]:
        if not name.startswith("nvml") or name in self.missing:
            raise AttributeError(name)
        method = _METHODS.get(name)
        if method is None:
            raise AttributeError(name)

        def called(*arguments: Any) -> int:
            self.calls[name] += 1
            refused = self.refusals.get(name, OK)
            return refused or method(self, *arguments)

        return called


def _of(fake: FakeNvml, handle: Any) -> FakeGpu:
    return fake.gpus[(ctypes.cast(handle, ctypes.c_void_p).value or 0) - _FIRST_HANDLE]


_METHODS: dict[str, Callable[..., int]] = {}


def _answers(
    name: str, *, device: bool = True
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Register a function of the library; one on a device looks at the board's refusals first."""

    def register(function: Callable[..., int]) -> Callable[..., int]:
        def guarded(fake: FakeNvml, *arguments: Any) -> int:
            if name != "nvmlInitWithFlags" and not fake.opened:
                return UNINITIALIZED
            if not device:
                return function(fake, *arguments)
            gpu = _of(fake, arguments[0])
            return gpu.refusals.get(name, OK) or function(gpu, *arguments[1:])

        _METHODS[name] = guarded
        return function

    return register


@_answers("nvmlInitWithFlags", device=False)
def _init(fake: FakeNvml, flags: int) -> int:
    if fake.init_code == OK:
        fake.opened += 1
    return fake.init_code


@_answers("nvmlShutdown", device=False)
def _shutdown(fake: FakeNvml) -> int:
    fake.opened -= 1
    return OK


@_answers("nvmlDeviceGetCount_v2", device=False)
def _count(fake: FakeNvml, count: Any) -> int:
    count._obj.value = len(fake.gpus)
    return OK


@_answers("nvmlSystemGetDriverVersion", device=False)
def _driver(fake: FakeNvml, buffer: Any, length: Any) -> int:
    buffer.value = fake.driver.encode()
    return OK


@_answers("nvmlDeviceGetHandleByIndex_v2", device=False)
def _handle(fake: FakeNvml, index: Any, handle: Any) -> int:
    if index.value >= len(fake.gpus):
        return INVALID
    refused = fake.gpus[index.value].refusals.get("nvmlDeviceGetHandleByIndex_v2", OK)
    ctypes.cast(handle, ctypes.POINTER(ctypes.c_void_p))[0] = _FIRST_HANDLE + index.value
    return refused


@_answers("nvmlDeviceGetName")
def _name(gpu: FakeGpu, buffer: Any, length: Any) -> int:
    buffer.value = gpu.name.encode()
    return OK


@_answers("nvmlDeviceGetUUID")
def _uuid(gpu: FakeGpu, buffer: Any, length: Any) -> int:
    buffer.value = gpu.uuid.encode()
    return OK


@_answers("nvmlDeviceGetPciInfo_v3")
def _pci(gpu: FakeGpu, info: Any) -> int:
    info._obj.bus = gpu.bus
    info._obj.busId = f"00000000:{gpu.bus:02X}:00.0".encode()
    return OK


@_answers("nvmlDeviceGetMemoryInfo")
def _memory(gpu: FakeGpu, info: Any) -> int:
    info._obj.total = gpu.memory_total
    info._obj.used = gpu.memory_used
    info._obj.free = max(0, gpu.memory_total - gpu.memory_used)
    return OK


@_answers("nvmlDeviceGetMemoryInfo_v2")
def _memory_v2(gpu: FakeGpu, info: Any) -> int:
    """Here what is used does not have in it what the driver keeps for itself."""
    _memory(gpu, info)
    info._obj.reserved = gpu.memory_reserved
    info._obj.used -= gpu.memory_reserved
    return OK


@_answers("nvmlDeviceGetMaxClockInfo")
def _clock(gpu: FakeGpu, kind: Any, clock: Any) -> int:
    clock._obj.value = gpu.memory_clock_mhz
    return OK


@_answers("nvmlDeviceGetMemoryBusWidth")
def _width(gpu: FakeGpu, width: Any) -> int:
    width._obj.value = gpu.bus_width
    return OK


@_answers("nvmlDeviceGetEnforcedPowerLimit")
def _limit(gpu: FakeGpu, limit: Any) -> int:
    limit._obj.value = gpu.limit_milliwatts
    return OK


@_answers("nvmlDeviceGetPowerUsage")
def _power(gpu: FakeGpu, power: Any) -> int:
    power._obj.value = gpu.average_milliwatts
    return OK


@_answers("nvmlDeviceGetTotalEnergyConsumption")
def _energy(gpu: FakeGpu, energy: Any) -> int:
    until = time.thread_time() + gpu.energy_cpu_seconds
    while time.thread_time() < until:
        pass
    value = gpu.energy_millijoules
    energy._obj.value = value() if callable(value) else value
    return OK


@_answers("nvmlDeviceGetArchitecture")
def _architecture(gpu: FakeGpu, architecture: Any) -> int:
    architecture._obj.value = gpu.architecture
    return OK


@_answers("nvmlDeviceGetMigMode")
def _mig(gpu: FakeGpu, current: Any, pending: Any) -> int:
    if gpu.mig is None:
        return NOT_SUPPORTED
    current._obj.value = pending._obj.value = gpu.mig
    return OK


@_answers("nvmlDeviceGetFieldValues")
def _fields(gpu: FakeGpu, count: Any, values: Any) -> int:
    for value in values._obj:
        module = value.scopeId == 1
        by_field = {186: gpu.instant_milliwatts, 185: gpu.average_milliwatts}
        milliwatts = gpu.module_milliwatts if module else by_field.get(value.fieldId)
        refused = gpu.refusals.get(f"field.{value.fieldId}", OK) if not module else OK
        if value.fieldId not in by_field or milliwatts is None or refused:
            value.nvmlReturn = refused or NOT_SUPPORTED
            continue
        value.nvmlReturn, value.valueType, value.value.uiVal = OK, _UNSIGNED_INT, milliwatts
    return OK


@_answers("nvmlDeviceGetCurrentClocksEventReasons")
def _event_reasons(gpu: FakeGpu, bits: Any) -> int:
    bits._obj.value = gpu.event_reasons
    return OK


@_answers("nvmlDeviceGetCurrentClocksThrottleReasons")
def _throttle_reasons(gpu: FakeGpu, bits: Any) -> int:
    bits._obj.value = gpu.event_reasons
    return OK


@_answers("nvmlDeviceGetTemperatureV")
def _temperature(gpu: FakeGpu, value: Any) -> int:
    value._obj.temperature = gpu.temperature
    return OK


@_answers("nvmlDeviceGetTemperature")
def _old_temperature(gpu: FakeGpu, sensor: Any, value: Any) -> int:
    value._obj.value = gpu.temperature
    return OK


@_answers("nvmlDeviceGetClockInfo")
def _clock_now(gpu: FakeGpu, kind: Any, clock: Any) -> int:
    clock._obj.value = gpu.clocks_mhz[kind.value]
    return OK


@_answers("nvmlDeviceGetUtilizationRates")
def _utilisation(gpu: FakeGpu, rates: Any) -> int:
    rates._obj.gpu = gpu.busy_percent
    return OK


@_answers("nvmlDeviceGetComputeRunningProcesses_v3")
def _compute(gpu: FakeGpu, count: Any, processes: Any) -> int:
    return _listed(gpu.compute, count, processes)


@_answers("nvmlDeviceGetGraphicsRunningProcesses_v3")
def _graphics(gpu: FakeGpu, count: Any, processes: Any) -> int:
    return _listed(gpu.graphics, count, processes)


def _listed(held: dict[int, int], count: Any, processes: Any) -> int:
    """As the library does it: asked without room it says how much it wants."""
    if not held:
        count._obj.value = 0
        return OK
    count._obj.value = len(held)
    if processes is None:
        return INSUFFICIENT_SIZE
    for entry, (pid, size) in zip(processes, held.items(), strict=False):
        entry.pid, entry.usedGpuMemory = pid, size
    return OK


@contextmanager
def installed(fake: FakeNvml | None) -> Iterator[FakeNvml | None]:
    """The library in the place of the real one; None is a machine without any."""
    before = pynvml.nvmlLib, pynvml._LoadNvmlLibrary
    pynvml._nvmlGetFunctionPointer_cache.clear()
    pynvml.nvmlLib = fake
    if fake is None:
        pynvml._LoadNvmlLibrary = _no_library
    try:
        yield fake
    finally:
        pynvml.nvmlLib, pynvml._LoadNvmlLibrary = before
        pynvml._nvmlGetFunctionPointer_cache.clear()


def _no_library() -> None:
    raise pynvml.NVMLError(LIBRARY_NOT_FOUND)
