"""What a look at a server brings, whatever its kind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from landfall.core.hosts.hosts import HostKind, HostModel, HostWarning
from landfall.core.provenance import Figure, Measured
from landfall.services.history.records import now_iso

_NAME_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What answers at an address; the fields are those of `core.hosts.hosts.HostReading`."""

    kind: HostKind
    server: str
    version: str
    models: tuple[HostModel, ...]
    memory_bytes: Figure
    gpu_bytes: Figure
    fingerprint: str
    warnings: tuple[HostWarning, ...] = ()


def told(text: object, most: int = _NAME_MOST) -> str:
    """A word of a server as it may be shown: one line, without control characters, not endless."""
    if not isinstance(text, str):
        return ""
    return "".join(sign if sign.isprintable() else "·" for sign in text[:most]).strip()


def count(value: object) -> int | None:
    """A number of bytes or tokens that a server tells; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1 << 62:
        return None
    return int(value)


def measured(values: Iterable[int], where: str) -> Measured:
    """The sum of what a server tells of its models now."""
    return Measured(float(sum(values)), now_iso(), where)


def print_of(*parts: object) -> str:
    """A short name for what a server told, the same whenever it tells the same."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
