"""What every source says, with all of its raw values and how long each reading took: for a report.

Written for machines that the developers do not have: one command records what their sensors do.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from landfall.core.energy.power import Quality, Scope
from landfall.core.events import PowerSample
from landfall.services.power import Sampler
from landfall.services.power.source import Grouped, PowerSource, Slow

FASTEST_HZ = 50.0
SLOWEST_HZ = 0.1
LONGEST_SECONDS = 3600.0


@runtime_checkable
class RawSource(Protocol):
    """A source whose driver tells the same thing in several ways."""

    def raw(self) -> Mapping[str, float | None]:
        """Each way by its name with its unit, and how long it took in `_ms`; None: no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRow:
    """One reading of one source.

    Attributes:
        seconds: Since the first reading of the trace.
        read_ms: How long the source took to answer; None where it did not.
        raw: What its driver says in other ways, in the unit of each name.
    """

    seconds: float
    source: str
    scope: str
    watts: float | None
    joules: float | None
    reason: str
    read_ms: float | None
    raw: Mapping[str, float | None] = field(default_factory=dict)


class _Timed:
    """A source that is read also where it is not available, and whose readings are timed."""

    available = True
    quality = Quality.NONE
    reason = ""

    def __init__(self, source: PowerSource) -> None:
        self._source = source
        self.name = source.name
        self.scope: Scope = source.scope
        self.settle_seconds = source.settle_seconds
        self.error_share = source.error_share
        self.family = source.family if isinstance(source, Grouped) else source.name
        self._took: dict[float, tuple[float, Mapping[str, float | None]]] = {}

    def read(self) -> PowerSample:
        began = time.perf_counter()
        sample = self._source.read()
        took_ms = (time.perf_counter() - began) * 1000
        raw = self._source.raw() if isinstance(self._source, RawSource) else {}
        self._took[sample.at] = (took_ms, raw)
        return sample

    def close(self) -> None:
        self._source.close()

    def took(self, at: float) -> tuple[float | None, Mapping[str, float | None]]:
        """How long the reading of that time took, and its raw values; once."""
        return self._took.pop(at, (None, {}))


class _TimedSlow(_Timed):
    """One that nothing else waits for."""

    slowest_seconds = LONGEST_SECONDS


def _timed(source: PowerSource) -> _Timed:
    return _TimedSlow(source) if isinstance(source, Slow) else _Timed(source)


async def trace(
    sources: Sequence[PowerSource], *, seconds: float, rate_hz: float
) -> AsyncGenerator[TraceRow, None]:
    """Read every source at a fixed rate for so long, also those that answer with a reason only."""
    timed = {source.name: _timed(source) for source in sources}
    begin: float | None = None
    sampler = Sampler(list(timed.values()), period_seconds=1 / rate_hz)
    async with aclosing(sampler.samples()) as samples:
        async for sample in samples:
            begin = sample.at if begin is None else begin
            if sample.at - begin > seconds:
                return
            read_ms, raw = timed[sample.source].took(sample.at)
            yield TraceRow(
                seconds=sample.at - begin,
                source=sample.source,
                scope=str(sample.scope),
                watts=sample.watts,
                joules=sample.joules,
                reason=sample.reason,
                read_ms=read_ms,
                raw=raw,
            )
