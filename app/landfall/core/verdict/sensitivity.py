"""What would change a verdict, and how sure it is.

Flips: for each input that a workload file can carry, the value nearest to the present one at which
another verdict holds, in both directions, by search on a grid and bisection. Confidence: the share
of plausible worlds (volume, prices and costs drawn within their bands) with the same verdict.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Figure, Stated, band, middle
from landfall.core.quality.gate import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.evidence import Assembler
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.probing import Part, Probe, probe, touches
from landfall.core.verdict.reading import Reading, reading
from landfall.core.verdict.table import rule
from landfall.core.verdict.turning import Path
from landfall.core.verdict.verdict import Confidence, Flip
from landfall.core.workload.keys import BY_PATH, Key, Kind, get, put
from landfall.core.workload.privacy import Option, has_insiders
from landfall.core.workload.workload import Organisation, PrivacyClass, Workload

MOST = 20.0
"""A flip at more than so many times the present value is absurd and not shown: electricity that
would have to cost 70 times as much decides nothing. As far as a slider reaches."""
_LEAST = 2600.0
"""Downwards a value is followed to this share of itself, and then to the smallest it may be."""
_STRAIGHT = frozenset(
    {
        "today.batch_share",
        "today.retry_share",
        "organisation.ops_hours_per_month",
        "organisation.hourly_rate",
        "buy.price",
        "buy.residual_share",
        "buy.setup_hours",
        "quotes.cloud_frontier_usd_month",
        "quotes.hosted_open_usd_month",
        "quotes.rent_gpu_usd_month",
        "quotes.machine.marginal_usd_month",
        "quotes.machine.absorbed_share",
        "quotes.buy.tco_usd_month",
        "quotes.buy.opex_usd_month",
        "quotes.buy.price",
        "quotes.buy.absorbed_share",
    }
)
"""Money and shares that every bill follows in a straight line."""
_ANY_MULTIPLE = frozenset({"volume.history_days"})
"""A day of history becomes a month of it by waiting."""

NUMBERS: dict[str, float] = {
    "volume.calls_per_day": 0.3,
    "volume.history_days": 0.3,
    "volume.growth_per_month": 0.5,
    "tokens.input": 0.2,
    "tokens.cached_input": 0.3,
    "tokens.output": 0.3,
    "tokens.context_p99": 0.3,
    "latency.p95_seconds": 0.3,
    "volume.batch_window_hours": 0.3,
    "today.batch_share": 0.5,
    "today.retry_share": 0.5,
    "quality.margin": 0.5,
    "organisation.ops_hours_per_month": 0.5,
    "organisation.hourly_rate": 0.3,
    "buy.price": 0.2,
    "buy.residual_share": 0.5,
    "buy.months": 0.3,
    "buy.setup_hours": 0.5,
    "quotes.cloud_frontier_usd_month": 0.2,
    "quotes.hosted_open_usd_month": 0.3,
    "quotes.rent_gpu_usd_month": 0.3,
    "quotes.machine.marginal_usd_month": 0.5,
    "quotes.machine.peak_utilisation": 0.3,
    "quotes.machine.absorbed_share": 0.2,
    "quotes.buy.tco_usd_month": 0.3,
    "quotes.buy.opex_usd_month": 0.3,
    "quotes.buy.price": 0.2,
    "quotes.buy.peak_utilisation": 0.3,
    "quotes.buy.absorbed_share": 0.2,
}
"""Numeric inputs and how uncertain each usually is, as a share: a flip counts by its distance over
this, not by its distance alone. Our judgement."""

_FIGURES: dict[str, Callable[[Facts], Figure | None]] = {
    "quotes.cloud_frontier_usd_month": lambda facts: facts.frontier,
    "quotes.hosted_open_usd_month": lambda facts: facts.hosted,
    "quotes.rent_gpu_usd_month": lambda facts: facts.rent,
    "quotes.machine.marginal_usd_month": lambda facts: _of(facts.machine, "usd_month"),
    "quotes.machine.peak_utilisation": lambda facts: _of(facts.machine, "peak_utilisation"),
    "quotes.machine.absorbed_share": lambda facts: _of(facts.machine, "absorbed_share"),
    "quotes.buy.tco_usd_month": lambda facts: _of(facts.buy, "usd_month"),
    "quotes.buy.opex_usd_month": lambda facts: _of(facts.buy, "opex_usd_month"),
    "quotes.buy.price": lambda facts: _of(facts.buy, "price_usd"),
    "quotes.buy.peak_utilisation": lambda facts: _of(facts.buy, "peak_utilisation"),
    "quotes.buy.absorbed_share": lambda facts: _of(facts.buy, "absorbed_share"),
}


def _of(host: HostFacts | None, name: str) -> Figure | None:
    figure: Figure | None = None if host is None else getattr(host, name)
    return figure


def flips(
    workload: Workload, facts: Facts, assembler: Assembler, limits: Thresholds
) -> tuple[Flip, ...]:
    """What would change the verdict, the likeliest first, categories after numbers.

    Args:
        workload: As stated.
        facts: What it is decided on now; the present value of what is not stated comes from here.
        assembler: Of the world in which it was decided.
        limits: Where the rules turn.
    """
    tried = probe(workload, assembler, limits)
    base = tried.lead(reading(tried.facts)).option
    numbers: list[tuple[float, Flip]] = []
    for path, spread in NUMBERS.items():
        for flip in _number_flips(tried, facts, path, base):
            distance = abs(flip.relative) if flip.relative is not None else math.inf
            numbers.append((distance / spread, flip))
    numbers.sort(key=_first_of)
    categories = list(_category_flips(tried, facts, base))
    return (*(flip for _, flip in numbers), *categories)


def _first_of(pair: tuple[float, Flip]) -> float:
    return pair[0]


_NEVER_ZERO = frozenset({"volume.calls_per_day", "tokens.input", "tokens.output"})
"""No calls or no tokens are no workload: what would hold then says nothing."""


# Numbers -----------------------------------------------------------------------------------------


def _present(workload: Workload, facts: Facts, path: str) -> float | None:
    stated = get(workload, BY_PATH[path])
    if stated is not None:
        return float(stated)
    figure = _FIGURES[path](facts) if path in _FIGURES else None
    return None if figure is None else middle(figure)


def _applies(workload: Workload, path: str) -> bool:
    """Whether a value put under this key is looked at, and may stand beside the others."""
    if path.startswith("quotes.machine.") and not workload.machine.available:
        return False
    if path.startswith(("quotes.buy.", "buy.")) and not workload.considers_purchase:
        return False
    if path == "quality.margin":
        return workload.quality.pairs is not None or workload.quality.pairs_hosted is not None
    replaced = ("volume.calls_per_day", "volume.history_days")
    return not (workload.volume.series and path in replaced)


def _number_flips(tried: Probe, facts: Facts, path: str, base: Option) -> Iterator[Flip]:
    key, workload = BY_PATH[path], tried.workload
    now = _present(workload, facts, path)
    parts = touches(path)
    if now is None or not _applies(workload, path):
        return
    if path != "tokens.context_p99" and tried.fixed(parts):
        return
    whole = key.kind is Kind.WHOLE
    way = Path(_Reader(tried, key, parts).read, tried.limits, whole, base, path in _STRAIGHT)
    if way.turned(now):
        # A present value that was computed is not in the file: stating it may end a doubt.
        return
    for stops in (_down(now, key), _up(now, key)):
        at = _nearest(way, now, stops)
        if at is not None:
            yield Flip(
                input=path,
                now=_typed(key, now),
                at=_typed(key, at),
                relative=(at - now) / now if now else None,
                verdict_then=way.option(at),
            )


@dataclass(frozen=True, slots=True)
class _Reader:
    tried: Probe
    key: Key
    parts: frozenset[Part]

    def read(self, value: float) -> Reading:
        typed = _typed(self.key, value)
        return self.tried.read(put(self.tried.workload, self.key, typed), self.parts)


def _nearest(way: Path, now: float, stops: tuple[float, ...]) -> float | None:
    """The first value on the way from stop to stop at which the verdict is another one."""
    near = now
    for far in stops:
        turn = way.first(near, far) if far != near else None
        if turn is not None:
            return way.closed_in(turn)
        near = far
    return None


def _typed(key: Key, value: float) -> float:
    return round(value) if key.kind is Kind.WHOLE else value


def _down(now: float, key: Key) -> tuple[float, ...]:
    """Values below the present one, ending at the smallest that the key may hold."""
    lowest = key.low if not key.above else max(key.low, now * 1e-9)
    stops = []
    if now / _LEAST > lowest:
        stops.append(float(round(now / _LEAST)) if key.kind is Kind.WHOLE else now / _LEAST)
    if now > lowest and key.path not in _NEVER_ZERO:
        stops.append(lowest)
    return tuple(stops)


def _up(now: float, key: Key) -> tuple[float, ...]:
    """Values above the present one, as far as the key may go and sense goes."""
    stops = []
    if not now:
        start = min(1.0, key.high) * 1e-3
        stops = [max(1.0, start) if key.kind is Kind.WHOLE else start]
        now = stops[0]
    elif key.path not in _ANY_MULTIPLE and key.high > 1.0:
        return (min(now * MOST, key.high),)
    most = now * _LEAST * _LEAST
    if not (key.below and most >= key.high):
        stops.append(min(most, key.high))
    return tuple(stops)


# Categories --------------------------------------------------------------------------------------


def _category_flips(tried: Probe, facts: Facts, base: Option) -> Iterator[Flip]:
    workload = tried.workload
    for path, now, values in _choices(workload, facts):
        for value in values:
            if value == now:
                continue
            changed = put(workload, BY_PATH[path], value)
            then = tried.lead(tried.read(changed, touches(path))).option
            if then is not base:
                yield Flip(
                    input=path,
                    now=_plain_value(now),
                    at=_plain_value(value),
                    relative=None,
                    verdict_then=then,
                )


def _plain_value(value: Any) -> Any:
    return value.value if hasattr(value, "value") else value


def _choices(workload: Workload, facts: Facts) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Keys with a few values each: (path, present value, values that may be written there)."""
    gates = (GateResult.PASS, GateResult.FAIL, GateResult.INCONCLUSIVE)
    if workload.quality.pairs is None:
        yield "quality.gate", facts.gate, gates
    if workload.quality.pairs_hosted is None:
        yield "quality.gate_hosted", facts.gate_hosted, gates
    if not workload.volume.series:
        classes = (
            Predictability.PREDICTABLE,
            Predictability.VARIABLE,
            Predictability.UNPREDICTABLE,
        )
        yield "volume.predictability", facts.predictability, classes
    yield (
        "organisation.kind",
        facts.organisation,
        (Organisation.STARTUP, Organisation.ESTABLISHED),
    )
    yield "organisation.hosted_allowed", facts.hosted_allowed, (True, False)
    if not has_insiders(workload) and not workload.privacy.approved_vendors:
        now = workload.privacy.privacy_class
        # What is classified stays classified: nobody is told to call it something else.
        if now is not PrivacyClass.CLASSIFIED:
            yield "privacy.class", now, (PrivacyClass.NONE, PrivacyClass.LOCAL_ONLY)
    yield "privacy.offline", workload.privacy.offline, (True, False)
    yield from _machine_choices(workload, facts)


_A_NIGHT = 8.0
"""Hours of a batch window where work may wait: "what if this need not be answered at once"."""


def _machine_choices(
    workload: Workload, facts: Facts
) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    infrastructure = workload.organisation.local_infrastructure
    yield "organisation.local_infrastructure", infrastructure, (True, False)
    if workload.volume.batch_window_hours is None and workload.p95_seconds is None:
        yield "volume.batch_window_hours", None, (_A_NIGHT,)
    yield "machine.available", workload.machine.available, (True, False)
    yield "buy.consider", workload.considers_purchase, (True, False)
    for table, host in (("quotes.machine", facts.machine), ("quotes.buy", facts.buy)):
        if host is None:
            continue
        for name in ("fits", "context_ok", "licence_ok", "capability_ok"):
            yield f"{table}.{name}", getattr(host, name), (True, False)


# Confidence --------------------------------------------------------------------------------------

DRAWS = 200
_Z_80 = 1.2815515655446004
"""Half of a band that holds eight of ten cases, in standard deviations."""
_VOLUME_SPREAD = {
    Predictability.PREDICTABLE: math.log(1.2) / _Z_80,
    Predictability.VARIABLE: math.log(1.4) / _Z_80,
    Predictability.UNPREDICTABLE: math.log(2.0) / _Z_80,
    Predictability.UNKNOWN: math.log(2.0) / _Z_80,
}
"""Spread of the logarithm of the volume: the limits of the classes (20 %, 40 %) are taken as the
ends of an 80 % band; beyond them a factor of two."""
HIGH = 0.9
MEDIUM = 0.7


def confidence(facts: Facts, limits: Thresholds, *, seed: int = 2026) -> Confidence:
    """How sure the verdict is: high from 0.9 on where nothing is missing, medium from 0.7 on.

    `p_best` is the share of draws in which the table leads to the same option. Drawn are the volume
    (common to all bills that follow it) and every estimate within its band; what is stated or
    measured stands, but its bill follows the volume too.
    """
    base = rule(facts, limits)
    random = Random(seed)
    same = sum(rule(_drawn(facts, random), limits).option is base.option for _ in range(DRAWS))
    share = same / DRAWS
    if share >= HIGH and not base.provisional:
        word = "high"
    elif share >= MEDIUM:
        word = "medium"
    else:
        word = "low"
    return Confidence(word=word, p_best=share)


def _drawn(facts: Facts, random: Random) -> Facts:
    spread = _VOLUME_SPREAD[facts.predictability]
    volume = math.exp(random.gauss(0.0, spread))
    return replace(
        facts,
        frontier=_draw(facts.frontier, random, volume),
        hosted=_draw(facts.hosted, random, volume),
        rent=_draw(facts.rent, random, volume),
        machine=_drawn_host(facts.machine, random, volume),
        buy=_drawn_host(facts.buy, random, volume),
    )


def _drawn_host(host: HostFacts | None, random: Random, volume: float) -> HostFacts | None:
    """Most of what an own machine costs does not follow the volume; how busy it is does."""
    if host is None:
        return None
    return replace(
        host,
        usd_month=_draw(host.usd_month, random, 1.0),
        opex_usd_month=_draw(host.opex_usd_month, random, 1.0),
        peak_utilisation=_draw(host.peak_utilisation, random, volume),
    )


def _draw(figure: Figure, random: Random, factor: float) -> Figure:
    """One value within the band: a split normal through its ends, times the factor."""
    ends = band(figure)
    if ends is None:
        return figure
    low, mid, high = ends
    z = random.gauss(0.0, 1.0)
    side = (high - mid) if z > 0 else (mid - low)
    return Stated(max(0.0, mid + z / _Z_80 * side) * factor, "drawn")
