"""In which ways a board of NVIDIA tells its power, and what it says in each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from landfall.services import nvml

_INSTANT_FIELD = 186
_AVERAGE_FIELD = 185
_AMPERE = 7
_GA100_NAMES = ("A100", "A30", "A800")
_BOARD, MODULE = 0, 1
COSTLY_SECONDS = 0.0005
"""More of a processor than this a call of the energy counter may not take: at ten calls a second
it is half of what measuring may cost. Measured: 5 ms on an H200, driver 580.159.04, 2026-11-26."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a board can tell; asked once, of the board and never of its name.

    Attributes:
        field_scope: Scope of field 186 that answers; None for the plain function.
        averaged: Whether the value is the mean of one second.
        counter: Whether it has an energy counter that is asked.
        costly: Whether it has one that is not, for what it costs.
        shared: Whether it is cut into parts (MIG), which have no power of their own.
    """

    field_scope: int | None
    averaged: bool
    counter: bool
    costly: bool
    shared: bool
    limit_watts: float | None
    uuid: str | None


def abilities(handle: Any) -> Abilities | nvml.Refusal:
    """What a board can tell of itself, or why it tells no watts."""
    way = _way(handle)
    if isinstance(way, nvml.Refusal):
        return way
    averaged = way is None and _averages(handle)
    # The counter covers the board, so a module's power has none.
    counted = way != MODULE and not isinstance(counter_millijoules(handle), nvml.Refusal)
    # Beside a mean of one second the counter is worth its price.
    costly = counted and not averaged and _counter_seconds(handle) > COSTLY_SECONDS
    return Abilities(
        field_scope=way,
        averaged=averaged,
        counter=counted and not costly,
        costly=costly,
        shared=_is_mig(handle),
        limit_watts=enforced_limit_watts(handle),
        uuid=nvml.text(nvml.ask("nvmlDeviceGetUUID", handle)),
    )


def _way(handle: Any) -> int | nvml.Refusal | None:
    """The scope of field 186 that answers, None for the plain function, or why neither does.

    A way that answers 0 W is taken only where no other answers more: some drivers serve one only.
    """
    answers: dict[int | None, float | nvml.Refusal] = {
        _BOARD: field_milliwatts(handle, _BOARD),
        None: plain_milliwatts(handle),
        MODULE: field_milliwatts(handle, MODULE),
    }
    told = {way: watts for way, watts in answers.items() if not isinstance(watts, nvml.Refusal)}
    for way, watts in told.items():
        if watts > 0:
            return way
    if told:
        return next(iter(told))
    plain = answers[None]
    assert isinstance(plain, nvml.Refusal)
    return plain


def counter_millijoules(handle: Any) -> int | nvml.Refusal:
    """Millijoules since the driver was loaded."""
    told: int | nvml.Refusal = nvml.ask("nvmlDeviceGetTotalEnergyConsumption", handle)
    return told


def _counter_seconds(handle: Any) -> float:
    """What a call of the energy counter takes of a processor; the least of three."""
    taken = []
    for _ in range(3):
        began = time.thread_time()
        counter_millijoules(handle)
        taken.append(time.thread_time() - began)
    return min(taken)


def plain_milliwatts(handle: Any) -> float | nvml.Refusal:
    """What `nvmlDeviceGetPowerUsage` answers."""
    milliwatts = nvml.ask("nvmlDeviceGetPowerUsage", handle)
    return milliwatts if isinstance(milliwatts, nvml.Refusal) else float(milliwatts)


def enforced_limit_watts(handle: Any) -> float | None:
    """What the board may draw at most, or None where the driver does not say."""
    milliwatts = nvml.whole(nvml.ask("nvmlDeviceGetEnforcedPowerLimit", handle))
    return milliwatts / 1000 if milliwatts else None


def field_milliwatts(handle: Any, scope: int, field: int = _INSTANT_FIELD) -> float | nvml.Refusal:
    """What a field of the board or of its module answers."""
    values = nvml.ask("nvmlDeviceGetFieldValues", handle, [(field, scope)])
    return values if isinstance(values, nvml.Refusal) else nvml.field_value(values[0])


def raw(handle: Any) -> dict[str, float | None]:
    """What the driver says in each of its ways, unchecked, and how long each took; None: refused.

    Columns: the instant value (field 186), the average (field 185), `nvmlDeviceGetPowerUsage` and
    the energy counter, each in its unit and with the milliseconds of the call in `*_ms`.
    """
    ways: dict[str, Callable[[], Any]] = {
        "instant_watts": lambda: field_milliwatts(handle, 0, _INSTANT_FIELD),
        "average_watts": lambda: field_milliwatts(handle, 0, _AVERAGE_FIELD),
        "usage_watts": lambda: nvml.ask("nvmlDeviceGetPowerUsage", handle),
        "counter_joules": lambda: counter_millijoules(handle),
    }
    columns: dict[str, float | None] = {}
    for name, way in ways.items():
        began = time.perf_counter()
        answer = way()
        took_ms = (time.perf_counter() - began) * 1000
        columns[name] = None if isinstance(answer, nvml.Refusal) else float(answer) / 1000
        columns[f"{name.partition('_')[0]}_ms"] = round(took_ms, 4)
    return columns


def _averages(handle: Any) -> bool:
    """Whether the plain function is a mean. NVML has no number of the chip: GA100 is a name."""
    architecture = nvml.whole(nvml.ask("nvmlDeviceGetArchitecture", handle))
    if architecture is None or architecture < _AMPERE:
        return False
    name = nvml.text(nvml.ask("nvmlDeviceGetName", handle)) or ""
    return not any(board in name for board in _GA100_NAMES)


def _is_mig(handle: Any) -> bool:
    mode = nvml.ask("nvmlDeviceGetMigMode", handle)
    return not isinstance(mode, nvml.Refusal) and mode[0] == 1
