"""What the user knows better about the machine: "ram.total_bytes", "accelerators.0.name"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, assert_never

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import (
    Accelerator,
    AcceleratorKind,
    Failure,
    HardwareProfile,
    Override,
    Ram,
    Vendor,
    usable_discrete_bytes,
)
from landfall.core.provenance import Figure, Stated, provenance


class _Shape(Enum):
    """What a field may hold."""

    TEXT = "a text"
    COUNT = "a whole number above 0"
    COUNT_OR_ZERO = "a whole number, 0 or more"
    WATTS = "a number of watts above 0"
    FIGURE = "a number above 0"
    VENDOR = f"one of {', '.join(Vendor)}"
    KIND = f"one of {', '.join(AcceleratorKind)}"


_ACCELERATOR = {
    "name": _Shape.TEXT,
    "vendor": _Shape.VENDOR,
    "kind": _Shape.KIND,
    "memory_total_bytes": _Shape.COUNT,
    "memory_free_bytes": _Shape.COUNT_OR_ZERO,
    "usable_bytes": _Shape.COUNT_OR_ZERO,
    "bandwidth_bytes_per_s": _Shape.FIGURE,
    "fp16_flops": _Shape.FIGURE,
    "driver": _Shape.TEXT,
    "power_limit_watts": _Shape.WATTS,
}

_PARTS = {
    "system": {"os": _Shape.TEXT, "version": _Shape.TEXT, "arch": _Shape.TEXT},
    "cpu": {
        "name": _Shape.TEXT,
        "physical_cores": _Shape.COUNT,
        "logical_cores": _Shape.COUNT,
    },
    "ram": {
        "total_bytes": _Shape.COUNT,
        "available_bytes": _Shape.COUNT_OR_ZERO,
        "bandwidth_bytes_per_s": _Shape.FIGURE,
    },
    "disk": {
        "models_path": _Shape.TEXT,
        "free_bytes": _Shape.COUNT_OR_ZERO,
        "total_bytes": _Shape.COUNT,
    },
}

_FIELD = "overrides.{}"


@dataclass(frozen=True, slots=True)
class _Path:
    """A path that was read: the part, which accelerator (or None), the field, what it may hold."""

    text: str
    part: str
    index: int | None
    field: str
    shape: _Shape


def check(overrides: Mapping[str, Any]) -> None:
    """Say what is wrong with overrides, without a machine.

    Raises:
        BadInput: a path names no field, or its value has the wrong type.
    """
    for text, value in overrides.items():
        path = _read(text)
        _value(path, value)


def apply(profile: HardwareProfile, overrides: Mapping[str, Any]) -> HardwareProfile:
    """The profile with corrected fields; each becomes an `Override`, each figure `Stated`.

    Memory that follows from a corrected field follows it: free memory from the total, what is
    usable from what is free. An accelerator that is not there (unplugged) makes a `Failure`.

    Raises:
        BadInput: a path names no field, or its value has the wrong type.
    """
    read = [(path, _value(path, value)) for path, value in map(_read_pair, overrides.items())]
    changed = profile
    for path, value in read:
        changed = _applied(changed, path, value)
    given_ram = {path.field for path, _ in read if path.part == "ram"}
    changed = replace(changed, ram=_consistent_ram(profile.ram, changed.ram, given_ram))
    for index in sorted({path.index for path, _ in read if path.index is not None}):
        if index < len(profile.accelerators):
            given = {path.field for path, _ in read if path.index == index}
            before = profile.accelerators[index]
            changed = _with_accelerator(
                changed, index, _consistent(before, changed.accelerators[index], given)
            )
    return changed


def names_only(overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Those that say what an accelerator is: they decide which catalogue row is looked up."""
    return {
        text: value
        for text, value in overrides.items()
        if text.startswith("accelerators.") and text.endswith((".name", ".vendor"))
    }


def _read_pair(pair: tuple[str, Any]) -> tuple[_Path, Any]:
    return _read(pair[0]), pair[1]


def _read(text: str) -> _Path:
    match text.split("."):
        case ["accelerators", index, name] if name in _ACCELERATOR and index.isdecimal():
            return _Path(text, "accelerators", int(index), name, _ACCELERATOR[name])
        case [part, name] if part in _PARTS and name in _PARTS[part]:
            return _Path(text, part, None, name, _PARTS[part][name])
        case _:
            raise BadInput(
                f"There is no field {text} of the machine that can be corrected.",
                f"These can: {', '.join(_known())}.",
                field=_FIELD.format(text),
            )


def _known() -> list[str]:
    plain = [f"{part}.{name}" for part, names in _PARTS.items() for name in names]
    return [*plain, *(f"accelerators.N.{name}" for name in _ACCELERATOR)]


def _value(path: _Path, value: Any) -> Any:
    made = _made(path, value)
    if made is None:
        raise BadInput(
            f"{path.text} cannot be {value!r}.",
            f"Give {path.shape.value}.",
            field=_FIELD.format(path.text),
        )
    return made


def _made(path: _Path, value: Any) -> Any:
    """The value as the field holds it, or None where it does not fit."""
    match path.shape:
        case _Shape.TEXT:
            return value.strip() or None if isinstance(value, str) else None
        case _Shape.COUNT:
            return _whole(value, least=1)
        case _Shape.COUNT_OR_ZERO:
            return _whole(value, least=0)
        case _Shape.WATTS:
            return _positive(value)
        case _Shape.FIGURE:
            number = _positive(value)
            return None if number is None else Stated(number, _FIELD.format(path.text))
        case _Shape.VENDOR:
            return Vendor(value) if value in tuple(Vendor) else None
        case _Shape.KIND:
            return AcceleratorKind(value) if value in tuple(AcceleratorKind) else None
        case _:
            assert_never(path.shape)


def _whole(value: Any, *, least: int) -> int | None:
    number = _finite(value)
    if number is None or number != int(number) or number < least:
        return None
    return int(value)


def _positive(value: Any) -> float | None:
    number = _finite(value)
    return number if number is not None and number > 0 else None


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _applied(profile: HardwareProfile, path: _Path, value: Any) -> HardwareProfile:
    if path.index is None:
        part = getattr(profile, path.part)
        detected = getattr(part, path.field)
        noted = _noted(profile, path, detected, value)
        return replace(noted, **{path.part: replace(part, **{path.field: value})})
    if path.index >= len(profile.accelerators):
        return replace(profile, failures=(*profile.failures, _absent(profile, path)))
    before = profile.accelerators[path.index]
    noted = _noted(profile, path, getattr(before, path.field), value)
    return _with_accelerator(noted, path.index, replace(before, **{path.field: value}))


def _noted(profile: HardwareProfile, path: _Path, detected: Any, value: Any) -> HardwareProfile:
    entry = Override(field=path.text, detected=_said(detected), value=_said(value))
    return replace(profile, overrides=(*profile.overrides, entry))


def _said(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, Figure):
        return f"{value.value:g}" if isinstance(value, Stated) else provenance(value)
    return str(value)


def _absent(profile: HardwareProfile, path: _Path) -> Failure:
    count = len(profile.accelerators)
    return Failure(
        probe=_FIELD.format(path.text),
        reason=f"accelerator {path.index} is not there: {count} found",
        hint="Remove the correction, or connect the device again.",
    )


def _with_accelerator(
    profile: HardwareProfile, index: int, accelerator: Accelerator
) -> HardwareProfile:
    rest = profile.accelerators
    return replace(profile, accelerators=(*rest[:index], accelerator, *rest[index + 1 :]))


def _consistent_ram(before: Ram, after: Ram, given: set[str]) -> Ram:
    """Let what is available follow a corrected total: what is in use stays in use."""
    if "total_bytes" not in given or "available_bytes" in given:
        return after
    used = before.total_bytes - before.available_bytes
    return replace(after, available_bytes=max(0, after.total_bytes - used))


def _consistent(before: Accelerator, after: Accelerator, given: set[str]) -> Accelerator:
    """Let free and usable memory follow a corrected total or a corrected free amount."""
    if "memory_total_bytes" in given and "memory_free_bytes" not in given:
        after = replace(after, memory_free_bytes=_free_after(before, after))
    if "usable_bytes" in given or not given & {"memory_total_bytes", "memory_free_bytes"}:
        return after
    if after.kind is AcceleratorKind.INTEGRATED:
        return after
    if after.kind is AcceleratorKind.UNIFIED and after.usable_bytes is not None:
        most = after.memory_total_bytes or after.usable_bytes
        return replace(after, usable_bytes=min(after.usable_bytes, most))
    room = after.memory_free_bytes
    if room is None and after.memory_total_bytes is not None:
        reason = "free memory is not known: all of the stated memory, less the margin, is counted"
        after = replace(after, reasons=(*after.reasons, reason))
        room = after.memory_total_bytes
    return after if room is None else replace(after, usable_bytes=usable_discrete_bytes(room))


def _free_after(before: Accelerator, after: Accelerator) -> int | None:
    """What others hold stays; it is what lay between the detected total and the free amount."""
    if before.memory_free_bytes is None or after.memory_total_bytes is None:
        return before.memory_free_bytes
    if before.memory_total_bytes is None:
        return min(before.memory_free_bytes, after.memory_total_bytes)
    used = before.memory_total_bytes - before.memory_free_bytes
    return max(0, after.memory_total_bytes - used)
