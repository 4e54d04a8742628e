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
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table import rule
from landfall.core.verdict.verdict import Confidence, Flip
from landfall.core.workload.keys import BY_PATH, Key, Kind, get, put
from landfall.core.workload.privacy import Option, has_insiders
from landfall.core.workload.workload import Organisation, PrivacyClass, Workload

Decide = Callable[[Workload], Option]

TOLERANCE = 1e-9
"""Relative width at which a bisection ends: well inside the 1e-6 that a flip promises."""
_STEP = 1.3
_STEPS = 30
"""The grid reaches from a 2,600th of a value to 2,600 times of it."""

NUMBERS: dict[str, float] = {
    "volume.calls_per_day": 0.3,
    "volume.history_days": 0.3,
    "tokens.input": 0.2,
    "tokens.cached_input": 0.3,
    "tokens.output": 0.3,
    "tokens.context_p99": 0.3,
    "latency.p95_seconds": 0.3,
    "volume.batch_window_hours": 0.3,
    "today.batch_share": 0.5,
    "today.retry_share": 0.5,
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


def flips(workload: Workload, facts: Facts, decide: Decide) -> tuple[Flip, ...]:
    """What would change the verdict, the likeliest first, categories after numbers.

    Args:
        workload: As stated.
        facts: What it is decided on now; the present value of what is not stated comes from here.
        decide: The verdict of a changed workload, by the whole way from the file to the table.
    """
    base = decide(workload)
    numbers: list[tuple[float, Flip]] = []
    for path, spread in NUMBERS.items():
        for flip in _number_flips(workload, facts, decide, path, base):
            distance = abs(flip.relative) if flip.relative is not None else math.inf
            numbers.append((distance / spread, flip))
    numbers.sort(key=lambda pair: pair[0])
    categories = list(_category_flips(workload, facts, decide, base))
    return (*(flip for _, flip in numbers), *categories)


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
    replaced = ("volume.calls_per_day", "volume.history_days")
    return not (workload.volume.series and path in replaced)


def _number_flips(
    workload: Workload, facts: Facts, decide: Decide, path: str, base: Option
) -> Iterator[Flip]:
    key = BY_PATH[path]
    now = _present(workload, facts, path)
    if now is None or not _applies(workload, path):
        return
    search = _Search(workload, key, decide, base)
    for ladder in (_down(now, key), _up(now, key)):
        at = search.first(now, ladder)
        if at is not None:
            yield Flip(
                input=path,
                now=_typed(key, now),
                at=_typed(key, at),
                relative=(at - now) / now if now else None,
                verdict_then=search.verdict(at),
            )


def _typed(key: Key, value: float) -> float:
    return int(value) if key.kind is Kind.WHOLE else value


def _down(now: float, key: Key) -> Iterator[float]:
    """Values below the present one, ending at the smallest that the key may hold."""
    lowest = key.low if not key.above else max(key.low, now * 1e-9)
    value = now
    for _ in range(_STEPS):
        value /= _STEP
        if value <= lowest:
            break
        yield value
    if now > lowest and key.path not in _NEVER_ZERO:
        yield lowest


def _up(now: float, key: Key) -> Iterator[float]:
    """Values above the present one, as far as the key may go."""
    value = now or min(1.0, key.high) * 1e-3
    steps = _STEPS if now else 3 * _STEPS
    for _ in range(steps):
        value *= _STEP
        if value >= key.high:
            break
        yield value
    if key.high <= 1.0 and now < key.high and not key.below:
        yield key.high


@dataclass(frozen=True, slots=True)
class _Search:
    workload: Workload
    key: Key
    decide: Decide
    base: Option

    def verdict(self, value: float) -> Option:
        whole = self.key.kind is Kind.WHOLE
        return self.decide(put(self.workload, self.key, round(value) if whole else value))

    def changed(self, value: float) -> bool:
        return self.verdict(value) is not self.base

    def first(self, now: float, ladder: Iterator[float]) -> float | None:
        """The first value on the way along the ladder at which the verdict is another one."""
        if self.changed(now):
            # A present value that was computed is not in the file: stating it may end a doubt.
            return None
        near = now
        for far in ladder:
            value = float(round(far)) if self.key.kind is Kind.WHOLE else far
            if value != near and self.changed(value):
                return self.close_in(near, value)
            near = value
        return None

    def close_in(self, same: float, other: float) -> float:
        """Between a value with the old verdict and one with another: the first of the others."""
        if self.key.kind is Kind.WHOLE:
            return float(self.close_in_whole(round(same), round(other)))
        for _ in range(200):
            if abs(other - same) <= TOLERANCE * max(abs(other), abs(same)):
                break
            middle_value = (same + other) / 2
            if self.changed(middle_value):
                other = middle_value
            else:
                same = middle_value
        return self.plain(other)

    def close_in_whole(self, same: int, other: int) -> int:
        while abs(other - same) > 1:
            middle_value = (same + other) // 2
            if self.changed(middle_value):
                other = middle_value
            else:
                same = middle_value
        return other

    def plain(self, value: float) -> float:
        """The shortest number within the tolerance that has the same verdict: 1000, not
        1000.0000004."""
        wanted = self.verdict(value)
        for digits in range(1, 13):
            short = float(f"{value:.{digits}g}")
            close = abs(short - value) <= 10 * TOLERANCE * max(abs(value), 1e-12)
            if close and self.verdict(short) is wanted:
                return short
        return value


# Categories --------------------------------------------------------------------------------------


def _category_flips(
    workload: Workload, facts: Facts, decide: Decide, base: Option
) -> Iterator[Flip]:
    for path, now, values in _choices(workload, facts):
        for value in values:
            if value == now:
                continue
            then = decide(put(workload, BY_PATH[path], value))
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


def _machine_choices(
    workload: Workload, facts: Facts
) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
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
