"""What a source of watts is, and what all of them share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from landfall.core.energy.power import LIMIT_FACTOR, Meter, Quality, Scope, plausible
from landfall.core.events import PowerSample
from landfall.core.provenance import Figure

Clock = Callable[[], float]

INSTANT_SETTLE_SECONDS = 0.3
AVERAGED_SETTLE_SECONDS = 1.3
"""How long a value lags: measured on recorded traces of four cards against an external meter."""

_PAGE_BYTES = 4096
"""No file of the kernel that holds one value is longer."""

STANDING_SECONDS = 10.0
"""A counter of something that runs moves many times a second, in batches each 2.2 s at most."""

STANDS = "the energy counter stands still"

UNRELIABLE_AFTER = 3
"""So many impossible readings in a row make a source unreliable."""


class PowerSource(Protocol):
    """One thing that can be asked for its power. `read` blocks: call it on a sensor thread."""

    @property
    def name(self) -> str:
        """Stable and unique: samples carry it."""

    @property
    def scope(self) -> Scope:
        """What it covers."""

    @property
    def available(self) -> bool:
        """Whether it can be read now."""

    @property
    def quality(self) -> Quality:
        """How far it can be believed."""

    @property
    def reason(self) -> str:
        """Why it is not available, or what to know of it; may be empty."""

    @property
    def settle_seconds(self) -> float:
        """How long its value lags behind the load."""

    @property
    def error_share(self) -> float:
        """Typical error of its gain, as a share."""

    def read(self) -> PowerSample:
        """One reading; what cannot be read is a gap with its reason, never a number."""

    def close(self) -> None:
        """Let go of the driver; the next `read` takes it again."""


@runtime_checkable
class Grouped(Protocol):
    """A source that shares its driver with others: they hang as one.

    A source that does not say so is a family of its own.
    """

    @property
    def family(self) -> str:
        """Name of the driver."""


@runtime_checkable
class Slow(Protocol):
    """A source that takes its time, as those over a network do: nothing else waits for it."""

    @property
    def slowest_seconds(self) -> float:
        """How long a reading may take."""


@runtime_checkable
class Sparing(Protocol):
    """A source whose reading keeps hardware awake."""

    def read_spared(self) -> PowerSample:
        """A reading while nothing runs: on battery the hardware is let go instead."""


@runtime_checkable
class Supplied(Protocol):
    """A source that knows the supply between the plug and what it covers."""

    @property
    def supply_efficiency(self) -> float | None:
        """What comes through of what the plug gives, or None."""


def meter(source: PowerSource) -> Meter:
    """What `core.energy.energy` must know of the source."""
    return Meter(
        name=source.name,
        scope=source.scope,
        settle_seconds=source.settle_seconds,
        error_share=source.error_share,
    )


class Missing:
    """A source that is known to be there, and cannot be read now."""

    quality = Quality.NONE
    available = False
    settle_seconds = 0.0
    error_share = 0.0

    def __init__(
        self, name: str, scope: Scope, reason: str, *, clock: Clock = time.perf_counter
    ) -> None:
        self.name = name
        self.scope = scope
        self.reason = reason
        self._clock = clock

    def read(self) -> PowerSample:
        """A gap with the reason."""
        return PowerSample(self._clock(), self.name, self.scope, None, self.reason)

    def close(self) -> None:
        """Nothing is held."""


class KeptReading(Missing):
    """A reading that was kept, and is none of now.

    Attributes:
        figure: What was read, and who says so.
    """

    def __init__(self, name: str, scope: Scope, reason: str, figure: Figure) -> None:
        super().__init__(name, scope, reason)
        self.figure = figure


class Plausibility:
    """Lets through what a board can draw, and remembers how often a reading was impossible.

    After three impossible readings running it is unreliable, until the next possible one.

    Attributes:
        limit_watts: What the board may draw, or None where nobody tells.
    """

    def __init__(self, limit_watts: float | None, *, limit_factor: float = LIMIT_FACTOR) -> None:
        self.limit_watts = limit_watts
        self._limit_factor = limit_factor
        self._bad = 0

    @property
    def unreliable(self) -> bool:
        """Whether the last readings were all impossible."""
        return self._bad >= UNRELIABLE_AFTER

    def within(self, watts: float) -> bool:
        """Whether it is a possible reading, without counting it."""
        return self._tried(watts)[0] is not None

    def checked(self, watts: float) -> tuple[float | None, str]:
        """The reading, or None and why it cannot be one."""
        value, reason = self._tried(watts)
        self._bad = 0 if value is not None else self._bad + 1
        return value, f"unreliable: {reason}" if value is None and self.unreliable else reason

    def _tried(self, watts: float) -> tuple[float | None, str]:
        return plausible(watts, limit_watts=self.limit_watts, limit_factor=self._limit_factor)


class OfCounter:
    """What a source says of itself that reads an energy counter of the processor's own."""

    _counter: Counter

    @property
    def available(self) -> bool:
        """Whether its counter moves; some virtual machines show one that does not."""
        return not self._counter.stands

    @property
    def quality(self) -> Quality:
        """A counter of the processor's own."""
        return Quality.GOOD if self.available else Quality.NONE

    @property
    def reason(self) -> str:
        """Why it cannot be believed, or ""."""
        return "" if self.available else STANDS


class Counter:
    """An energy counter that wraps or starts again, as joules that only go up.

    Some counters move in batches: watts are those between two movements.

    Attributes:
        joules: Since the first reading, or None before it.
    """

    def __init__(self, *, range_joules: float | None, longest_gap_seconds: float) -> None:
        self._range_joules = range_joules
        self._longest_gap_seconds = longest_gap_seconds
        self._moved_at: tuple[float, float] | None = None
        self._read_at = 0.0
        self.joules: float | None = None

    @property
    def stands(self) -> bool:
        """Whether it has not moved for so long that it does not work."""
        since = self._moved_at[0] if self._moved_at else self._read_at
        return self._read_at - since > STANDING_SECONDS

    def step(self, at: float, raw_joules: float) -> tuple[float | None, str]:
        """Mean watts since the last movement, or None and why there is no such number."""
        if self._moved_at is None or self.joules is None:
            return self._begin(at, raw_joules, "first reading of a counter")
        since, before = self._moved_at
        if at <= self._read_at:
            return None, "read twice at one time"
        moved = self._difference(before, raw_joules)
        if moved is None or at - self._read_at > self._longest_gap_seconds:
            return self._begin(at, raw_joules, "the counter started again or was not read for long")
        self._read_at = at
        if moved == 0:
            return None, STANDS
        self._moved_at = (at, raw_joules)
        self.joules += moved
        return moved / (at - since), ""

    def _begin(self, at: float, raw_joules: float, reason: str) -> tuple[None, str]:
        self._moved_at, self._read_at, self.joules = (at, raw_joules), at, 0.0
        return None, reason

    def _difference(self, before: float, now: float) -> float | None:
        if now >= before:
            return now - before
        if self._range_joules is None or before > self._range_joules:
            return None
        return self._range_joules - before + now


def line_of(path: Path | str) -> str | None:
    """The text of a small file of the kernel, or None where it cannot be read.

    By the system's own calls: this is done dozens of times a second.
    """
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return None
    try:
        return os.read(file, _PAGE_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return None
    finally:
        os.close(file)


def number_of(path: Path | str) -> int | None:
    """The number in a small file of the kernel, or None."""
    text = line_of(path)
    if text is None:
        return None
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() else None
