"""Changed workloads in the same world, read quickly: only what a key touches is made out anew.

Bands are left out (every figure stands at its middle, which is all that the table looks at), so
that a bill is one sum and not one for each end of each input.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import Enum, auto
from itertools import product
from typing import Any

from landfall.core.hardware import HardwareProfile
from landfall.core.provenance import Estimated
from landfall.core.settings import Thresholds
from landfall.core.verdict.ability import Ability
from landfall.core.verdict.evidence import Assembler
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.reading import HostNumbers, Lead, Reading, lead, reading
from landfall.core.verdict.world import World
from landfall.core.workload.workload import Workload


class Part(Enum):
    """A part of the facts that a key of the workload file may touch."""

    FRONTIER = auto()
    HOSTED = auto()
    RENT = auto()
    OWN = auto()
    BUY = auto()
    LOAD = auto()
    REST = auto()
    """Rules, gates and words: everything is made out anew."""


ALL = frozenset(Part)
_BILLS = frozenset({Part.FRONTIER, Part.HOSTED})
_HOSTS = frozenset({Part.OWN, Part.BUY})
_NUMBERS = ALL - {Part.REST}

_TOUCHES: dict[str, frozenset[Part]] = {
    "volume.calls_per_day": _NUMBERS,
    "volume.growth_per_month": _NUMBERS,
    "volume.history_days": frozenset({Part.LOAD}),
    "volume.predictability": frozenset({Part.LOAD}),
    "volume.batch_window_hours": _HOSTS,
    "tokens.input": _NUMBERS,
    "tokens.cached_input": _NUMBERS,
    "tokens.output": _NUMBERS,
    "tokens.context_p99": _HOSTS | {Part.RENT},
    "latency.p95_seconds": _HOSTS,
    "today.batch_share": _BILLS,
    "today.retry_share": _BILLS,
    "organisation.ops_hours_per_month": _HOSTS | {Part.RENT},
    "organisation.hourly_rate": _HOSTS | {Part.RENT},
    "organisation.local_infrastructure": _HOSTS | {Part.RENT},
    "quotes.cloud_frontier_usd_month": frozenset({Part.FRONTIER}),
    "quotes.rent_gpu_usd_month": frozenset({Part.RENT}),
}
_TABLES = {"buy": Part.BUY, "quotes.buy": Part.BUY, "quotes.machine": Part.OWN}


_NO_BILLS = frozenset({Part.OWN, Part.BUY, Part.RENT})
_IDEAL = HostNumbers(usd=0.0, peak=0.0, share=1.0, opex=0.0, price=0.0)
_EXTREMES = (_IDEAL, _IDEAL._replace(peak=2.0), _IDEAL._replace(peak=2.0, usd=None))


def touches(path: str) -> frozenset[Part]:
    """The parts of the facts that a key may change; all of them where that is not known."""
    part = _TABLES.get(path.rpartition(".")[0])
    return frozenset({part}) if part is not None else _TOUCHES.get(path, ALL)


@dataclass(frozen=True, slots=True)
class _Certain(Assembler):
    """Assembles facts without bands."""

    _plain: dict[int, tuple[Ability, Ability]] = field(default_factory=dict)

    def ability(self, which: str, profile: HardwareProfile, workload: Workload) -> Ability:
        able = Assembler.ability(self, which, profile, workload)
        known = self._plain.get(id(able))
        if known is None:
            # The first of the pair keeps the id from being given away.
            known = self._plain[id(able)] = (able, _without_bands(able))
        return known[1]


def certain(assembler: Assembler) -> Assembler:
    """The same world with every figure at its middle."""
    world = assembler.world
    assumed = world.assumptions
    if assumed is not None:
        assumed = _without_bands(assumed)
    plain: World = replace(_without_bands(world), assumptions=assumed)
    return _Certain(plain)


def _without_bands(whole: Any) -> Any:
    """A value whose estimates have no width any more; everything else of it stays."""
    flat = {}
    for one in fields(whole):
        value = getattr(whole, one.name)
        if isinstance(value, Estimated) and value.low != value.high:
            flat[one.name] = Estimated(value.mid, value.mid, value.mid, value.formula)
    return replace(whole, **flat) if flat else whole


@dataclass(frozen=True, slots=True)
class Probe:
    """One workload in one world, and what the table says of it when something is changed.

    Attributes:
        workload: As it is.
        assembler: Of the world without bands.
        facts: Of the workload, without bands.
        limits: Where the rules turn.
    """

    workload: Workload
    assembler: Assembler
    facts: Facts
    limits: Thresholds

    def facts_of(self, changed: Workload, parts: frozenset[Part] = ALL) -> Facts:
        """The facts of a changed workload, of which only these parts can differ."""
        if Part.REST in parts:
            return self.assembler.facts(changed)
        at = self.assembler
        load = at.load(changed)
        fresh: dict[str, Any] = {}
        if Part.LOAD in parts:
            fresh["calls_per_day"] = load.calls_per_day
            fresh["history_days"] = load.history_days
            fresh["predictability"] = load.predictability
        if Part.FRONTIER in parts:
            fresh["frontier"] = at.frontier(changed, load)
        if Part.HOSTED in parts:
            fresh["hosted"] = at.hosted(changed, load)[0]
        if Part.RENT in parts:
            fresh["rent"] = at.rent(changed, load)
        if Part.OWN in parts:
            fresh["machine"] = at.owned(changed, load)
        if Part.BUY in parts:
            fresh["buy"] = at.purchase(changed, load)
        return replace(self.facts, **fresh)

    def read(self, changed: Workload, parts: frozenset[Part] = ALL) -> Reading:
        """The same as plain numbers."""
        return reading(self.facts_of(changed, parts))

    def fixed(self, parts: frozenset[Part]) -> bool:
        """Whether no numbers at all of these machines and this rent could change the verdict.

        What a machine's numbers can lead to is led to by one that costs nothing and is idle, by one
        that costs nothing and overflows, or by one that is not there; in the same way for rent.
        """
        if not parts <= _NO_BILLS:
            return False
        standing, numbers = reading(self.facts)
        own = _EXTREMES if Part.OWN in parts else (numbers.own,)
        buy = _EXTREMES if Part.BUY in parts else (numbers.buy,)
        rent = (0.0, None) if Part.RENT in parts else (numbers.rent,)
        found = {
            lead(standing, numbers._replace(own=a, buy=b, rent=c), self.limits).option
            for a, b, c in product(own, buy, rent)
        }
        return len(found) == 1

    def lead(self, found: Reading) -> Lead:
        """Where the table leads."""
        return lead(found.standing, found.numbers, self.limits)


def probe(workload: Workload, assembler: Assembler, limits: Thresholds) -> Probe:
    """A workload ready to be changed."""
    at = certain(assembler)
    return Probe(workload, at, at.facts(workload), limits)
