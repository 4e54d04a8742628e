"""What would change a verdict, and how sure it is.

Flips: for each input that a workload file can carry, the value nearest to the present one at which
another verdict holds, in both directions. Confidence: the share of plausible worlds with the same
verdict (see `drawn_worlds`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Figure, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.parts import Part, touches
from landfall.core.verdict.quick_changes import Probe
from landfall.core.verdict.searching import Reader, Search, typed
from landfall.core.verdict.table_words import Ruling
from landfall.core.verdict.turning import Path
from landfall.core.verdict.verdict import Confidence, Flip
from landfall.core.verdict.worlds import Worlds
from landfall.core.workload.contradictions import stands
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
    "tokens.cache_write": 0.3,
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


def flips(tried: Probe, facts: Facts) -> tuple[Flip, ...]:
    """What would change the verdict, the likeliest first, categories after numbers.

    Args:
        tried: The workload in its world, ready to be changed.
        facts: What it is decided on now; the present value of what is not stated comes from here.
    """
    base, spared = tried.lead(tried.now).option, tried.spared()
    numbers: list[tuple[float, Flip]] = []
    for path, spread in NUMBERS.items():
        for flip in _number_flips(tried, facts, path, base, spared):
            distance = abs(flip.relative) if flip.relative is not None else math.inf
            numbers.append((distance / spread, flip))
    numbers.sort(key=_first_of)
    categories = list(_category_flips(tried, facts, base, spared))
    return (*(flip for _, flip in numbers), *categories)


def _first_of(pair: tuple[float, Flip]) -> float:
    return pair[0]


_NEVER_ZERO = frozenset({"volume.calls_per_day", "tokens.input", "tokens.output"})
"""No calls or no tokens are no workload: what would hold then says nothing."""


# Numbers -----------------------------------------------------------------------------------------


def present(workload: Workload, facts: Facts, path: str) -> float | None:
    """What is stated under a key, or what was computed in its place; None where neither is."""
    stated = get(workload, BY_PATH[path])
    if stated is not None:
        return float(stated)
    figure = _FIGURES[path](facts) if path in _FIGURES else None
    return None if figure is None else middle(figure)


def applies(workload: Workload, path: str) -> bool:
    """Whether a value put under this key is looked at, and may stand beside the others."""
    if path.startswith("quotes.machine.") and not workload.machine.available:
        return False
    if path.startswith(("quotes.buy.", "buy.")) and not workload.considers_purchase:
        return False
    if path.startswith(("quotes.buy.", "buy.price")) and not workload.says_what_is_bought:
        # Put into the file it would speak of a machine that nobody names, not of the listed one.
        return False
    if path == "quotes.buy.tco_usd_month":
        return _stands_alone(workload)
    if path == "quality.margin":
        return workload.quality.pairs is not None or workload.quality.pairs_hosted is not None
    if path == "latency.p95_seconds":
        # What may wait for hours is not awaited in seconds: a file may not say both.
        return workload.volume.batch_window_hours is None
    replaced = ("volume.calls_per_day", "volume.history_days")
    return not (workload.volume.series and path in replaced)


def _stands_alone(workload: Workload) -> bool:
    """Whether a whole month may be stated and running costs stay: a computed month holds a set-up,
    a quoted one none, so that beside running costs that are not stated it would count as them."""
    quotes = workload.quotes.buy
    quoted = quotes.tco_usd_month is not None or quotes.opex_usd_month is not None
    return quoted or workload.buy.setup_hours == 0


def _number_flips(
    tried: Probe, facts: Facts, path: str, base: Option, spared: frozenset[Part]
) -> Iterator[Flip]:
    key, workload = BY_PATH[path], tried.workload
    now = present(workload, facts, path)
    parts = touches(path)
    if now is None or not applies(workload, path):
        return
    if path != "tokens.context_p99" and tried.fixed(parts):
        return
    whole = key.kind is Kind.WHOLE
    reader = Reader(tried, key, parts)
    way = Path(reader.read, tried.limits, whole, base, path in _STRAIGHT)
    if get(workload, key) is not None:
        way.know(now, tried.now)
    if way.turned(now):
        # A present value that was computed is not in the file: stating it may end a doubt.
        return
    slim = replace(reader, parts=parts - spared)
    searched = Search(way, reader, way.quicker(slim.read, now), slim)
    for stops in _stops(workload, now, key):
        found = searched.nearest(now, stops)
        # What the file would refuse beside the other values is no way to another verdict.
        if found is not None and stands(put(workload, key, typed(key, found[0]))):
            yield Flip(
                input=path,
                now=typed(key, now),
                at=typed(key, found[0]),
                relative=_relative(found[0], now),
                verdict_then=found[1],
            )


def _relative(at: float, now: float) -> float | None:
    """How far it is, as a share of what is now; None from nothing, or next to it."""
    found = (at - now) / now if now else math.inf
    return found if math.isfinite(found) else None


_GROWTH = (-0.5, 1.0)
"""A volume that halves or doubles every month is no longer called growth."""


def _stops(workload: Workload, now: float, key: Key) -> tuple[tuple[float, ...], ...]:
    """How far a value is followed, downwards and upwards."""
    if key.path == "volume.growth_per_month":
        return tuple((end,) for end in _GROWTH)
    if key.path == "tokens.context_p99":
        tokens = workload.tokens
        mean = sum(part or 0.0 for part in (tokens.input, tokens.cached_input, tokens.output))
        # The longest calls are no shorter than the mean one.
        least = max(key.low, math.ceil(mean))
        return ((float(least),) if least < now else (), _up(now, key))
    return _down(now, key), _up(now, key)


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


def _category_flips(
    tried: Probe, facts: Facts, base: Option, spared: frozenset[Part]
) -> Iterator[Flip]:
    workload = tried.workload
    for path, now, values in _choices(workload, facts):
        for value in values:
            if value == now:
                continue
            changed = put(workload, BY_PATH[path], value)
            then = _verdict_of(tried, changed, touches(path), spared)
            if then is not base and stands(changed):
                yield Flip(
                    input=path,
                    now=_plain_value(now),
                    at=_plain_value(value),
                    relative=None,
                    verdict_then=then,
                )


def _verdict_of(
    tried: Probe, changed: Workload, parts: frozenset[Part], spared: frozenset[Part]
) -> Option:
    """The verdict on a changed workload: read without what changes nothing now, where that changes
    nothing then either. Rent alone is left out, or rent and a purchase, and never a purchase alone:
    what stands of a machine may end a rent."""
    left = parts & spared
    if Part.RENT in left:
        found = tried.read(changed, parts - left)
        if tried.spares(found, left):
            return tried.lead(found).option
    return tried.lead(tried.read(changed, parts)).option


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
    yield from _machine_choices(workload, facts)
    # Last: a rule that does not hold is no doubt, and would turn nearly everything.
    if not has_insiders(workload) and not workload.privacy.approved_vendors:
        now = workload.privacy.privacy_class
        # What is classified stays classified: nobody is told to call it something else.
        if now is not PrivacyClass.CLASSIFIED:
            yield "privacy.class", now, (PrivacyClass.NONE, PrivacyClass.LOCAL_ONLY)
    yield "privacy.offline", workload.privacy.offline, (True, False)


_A_NIGHT = 8.0
"""Hours of a batch window where work may wait: "what if this need not be answered at once"."""


def _machine_choices(
    workload: Workload, facts: Facts
) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    infrastructure = workload.organisation.local_infrastructure
    yield "organisation.local_infrastructure", infrastructure, (True, False)
    if workload.volume.batch_window_hours is None and workload.p95_seconds is None:
        yield "volume.batch_window_hours", None, (_A_NIGHT,)
    if workload.machine.available or workload.quotes.machine.says_all_of_owned:
        # One that is not there was not looked at: what is not quoted of it is not known.
        yield "machine.available", workload.machine.available, (True, False)
    yield "buy.consider", workload.considers_purchase, (True, False)
    for table, host in (("quotes.machine", facts.machine), ("quotes.buy", facts.buy)):
        if host is None or not applies(workload, table + "."):
            continue
        for name in ("fits", "context_ok", "licence_ok", "capability_ok"):
            yield f"{table}.{name}", getattr(host, name), (True, False)


# Confidence --------------------------------------------------------------------------------------

HIGH = 0.9
MEDIUM = 0.7
"""Shares of the drawn worlds from which a verdict is called sure, and fairly sure: our choice. The
word never moves a verdict; see `confidence`."""


def confidence(worlds: Worlds, ruling: Ruling) -> Confidence:
    """How sure a verdict is: high from 0.9 on where nothing is missing, medium from 0.7 on.

    `p_best` is the share of the worlds in which the table leads to it. Low is too close to call,
    and what runs today is kept by the table itself: a change must save a fifth and fifty dollars,
    so the word never moves the verdict.
    """
    share = worlds.p_best.get(ruling.option, 0.0)
    if share >= HIGH and not ruling.provisional:
        word = "high"
    elif share >= MEDIUM:
        word = "medium"
    else:
        word = "low"
    return Confidence(word=word, p_best=share)
