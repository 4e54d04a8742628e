"""Whether a verdict that was kept still stands on what it rested on (S51: figures are dated).

A verdict rests on grounds: prices, models, measurements, the machine, thresholds, quality evidence,
and the workload as it was stated. Each is a name and a value; two lists of them are compared, so
that what is said is which one changed, and from what to what.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from landfall.core.machine.hardware import HardwareProfile
from landfall.core.models import catalogue
from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Figure, Measured, days_old, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.world import World, hourly
from landfall.core.workload.workload import Workload

MEASURED_ALIKE = 0.10
"""Two measurements that differ by no more are the same: a run varies as much from
one time to the next, and the confidence of a verdict counts the same ten per cent."""


class GroundKind(StrEnum):
    """What a verdict rests on."""

    PRICE = "price"
    MODEL = "model"
    MEASUREMENT = "measurement"
    MACHINE = "machine"
    VOLUME = "volume"
    THRESHOLD = "threshold"
    QUALITY = "quality"
    WORKLOAD = "workload"


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that a verdict rests on.

    Attributes:
        what: Its name, as it reads after "the price of": "gpt-5.5 at openai".
        value: As a person reads it; two grounds are alike where it is the same.
    """

    kind: GroundKind
    what: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A verdict as it was kept.

    Attributes:
        as_of: ISO date of the decision.
        option: Its JSON name.
        grounds: What it rested on; none for one that was kept before that was written down.
    """

    as_of: str
    option: str
    grounds: tuple[Ground, ...]


_AMOUNT = re.compile(r"\$(?P<whole>\d+)(?P<part>\.\d+)?(?![\d.e])")
_WORDS = {
    GroundKind.PRICE: "the price of {0}",
    GroundKind.MODEL: "the model {0}",
    GroundKind.MEASUREMENT: "the measured speed of {0}",
    GroundKind.MACHINE: "the machine {0}",
    GroundKind.VOLUME: "the observed {0}",
    GroundKind.THRESHOLD: "the threshold {0}",
    GroundKind.QUALITY: "the quality evidence on {0}",
    GroundKind.WORKLOAD: "the workload {0}",
}


def grounds(
    workload: Workload, facts: Facts, world: World, limits: Thresholds
) -> tuple[Ground, ...]:
    """Everything that a verdict on these facts rests on.

    Args:
        workload: Of which only a digest is kept: what is stated, however it is written.
        facts: What the decision table looked at.
        world: What is known apart from the workload.
        limits: Where the rules turned.
    """
    stated = json.dumps(asdict(workload), default=sorted, sort_keys=True)
    return (
        *_prices(facts, world),
        *_machines(world),
        *_models(facts, world),
        *_quality(facts),
        *(
            Ground(GroundKind.THRESHOLD, one.name, f"{getattr(limits, one.name):g}")
            for one in fields(limits)
        ),
        *_volume(facts, world),
        Ground(GroundKind.WORKLOAD, "as it is stated", _digest(stated)[:12]),
    )


def digest(found: Iterable[Ground]) -> str:
    """One short word for all grounds together: the same as long as none of them changes."""
    lines = sorted(f"{one.kind}\n{one.what}\n{one.value}" for one in found)
    return _digest("\n\n".join(lines))[:16]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def stale(kept: Kept, now: Iterable[Ground], today: str, limits: Thresholds) -> tuple[Caution, ...]:
    """Why a kept verdict is to be checked again; empty where it still stands.

    Args:
        kept: The verdict as it was kept.
        now: What the same verdict would rest on today.
        today: ISO date.
        limits: How old a verdict may become.
    """
    found = []
    age = days_old(kept.as_of, today)
    if age is not None and age >= limits.verdict_stale_days:
        found.append(f"it is {age} days old, and {limits.verdict_stale_days} are the most")
    if age is not None and age < 0:
        found.append(f"it is of {kept.as_of[:10]}, which is not yet: a clock was wrong")
    if kept.grounds:
        found += _changes(kept.grounds, tuple(now))
    return tuple(Caution("S51", f"re-check: {text}") for text in found)


def changed_workload(kept: Kept, now: Iterable[Ground]) -> bool:
    """Whether the user stated the workload anew since: then the verdict is a new one."""
    before = {one.value for one in kept.grounds if one.kind is GroundKind.WORKLOAD}
    after = {one.value for one in now if one.kind is GroundKind.WORKLOAD}
    return before != after


def to_json(found: Iterable[Ground]) -> dict[str, Any]:
    """Grounds as they are kept beside a verdict."""
    listed = tuple(found)
    return {
        "digest": digest(listed),
        "grounds": [[one.kind.value, one.what, one.value] for one in listed],
    }


def kept_of(document: Mapping[str, Any]) -> Kept | None:
    """A kept verdict out of its document; None where it does not tell its day."""
    as_of, option = document.get("as_of"), document.get("verdict")
    if not isinstance(as_of, str) or not isinstance(option, str):
        return None
    rests = document.get("rests_on")
    listed = rests.get("grounds") if isinstance(rests, Mapping) else None
    found = []
    for one in listed if isinstance(listed, list) else ():
        match one:
            case [str(kind), str(what), str(value)] if kind in set(GroundKind):
                found.append(Ground(GroundKind(kind), what, value))
    return Kept(as_of=as_of, option=option, grounds=tuple(found))


# What there is -----------------------------------------------------------------------------------


def _prices(facts: Facts, world: World) -> list[Ground]:
    rows = [one.row for one in (world.frontier, *world.hosted) if one is not None]
    found = [
        Ground(GroundKind.PRICE, f"{row.model} at {row.provider}", _row_words(row))
        for row in rows
        if row is not None
    ]
    hour = hourly(facts.rented.machine if facts.rented else "", world)
    if hour is not None:
        name = f"{hour.profile.name} by the hour"
        found.append(Ground(GroundKind.PRICE, name, _usd(hour.usd)))
    if facts.buy is not None and facts.buy.machine:
        found.append(Ground(GroundKind.PRICE, facts.buy.machine, _usd(facts.buy.price_usd)))
    found.append(Ground(GroundKind.PRICE, "a kilowatt-hour", _usd(world.usd_per_kwh)))
    found.append(Ground(GroundKind.PRICE, "an hour of work", f"${world.hourly_rate_usd:g}"))
    return found


def _row_words(row: PriceRow) -> str:
    text = _rates_words(row.rates)
    return f"{text}; batch {_rates_words(row.batch)}" if row.batch else text


def _rates_words(rates: Rates) -> str:
    """USD per million tokens of each kind, tiers included."""
    named = (
        ("input {0}", rates.input),
        ("cached {0}", rates.cached),
        ("cache write {0}", rates.cache_write),
        ("cache write for an hour {0}", rates.cache_write_1h),
        ("output {0}", rates.output),
    )
    parts = [words.format(_rate_words(rate)) for words, rate in named if rate is not None]
    if rates.per_call_usd:
        parts.append(f"a call ${rates.per_call_usd:g}")
    return ", ".join(parts)


def _rate_words(rate: Rate) -> str:
    text = f"${rate.usd_per_mtok:g}"
    for tokens, usd in rate.tiers:
        text = f"{text} (${usd:g} above {tokens})"
    return text


def _usd(figure: Figure) -> str:
    value = middle(figure)
    return "not known" if value is None else f"${value:.6g}"


def _machines(world: World) -> list[Ground]:
    """Names and whole memory: what is free changes by the minute and is no other machine."""
    found = []
    for profile in (world.machine, world.purchase):
        if profile is not None:
            found.append(Ground(GroundKind.MACHINE, profile.name, _profile_words(profile)))
    return found


def _profile_words(profile: HardwareProfile) -> str:
    boards = [f"{one.name} with {_gib(one.memory_total_bytes)}" for one in profile.accelerators]
    return ", ".join(boards) or f"no accelerator, {_gib(profile.ram.total_bytes)}"


def _gib(size: int | None) -> str:
    return "unknown memory" if size is None else f"{size / 2**30:.0f} GiB"


def _models(facts: Facts, world: World) -> list[Ground]:
    """The local candidate that was looked at: its build in the catalogue, and its speed here."""
    names = dict.fromkeys(
        host.model for host in (facts.machine, facts.buy) if host is not None and host.model
    )
    found = []
    for name in names:
        card = catalogue.find(name, world.cards)
        if card is not None:
            words = f"{card.quantization}, {card.params_total / 1e9:.4g} B, {card.licence}"
            found.append(Ground(GroundKind.MODEL, card.tag, words))
        for what, rate in zip(("reading", "writing"), world.measured.get(name, ()), strict=False):
            if isinstance(rate, Measured):
                text = f"{rate.value:.4g} tokens/s"
                found.append(Ground(GroundKind.MEASUREMENT, f"{name} {what}", text))
    return found


def _quality(facts: Facts) -> list[Ground]:
    evidence = "; ".join(text for text in (facts.tested, facts.voted) if text)
    local = f"{facts.gate.value}{f' ({evidence})' if evidence else ''}"
    return [
        Ground(GroundKind.QUALITY, "the local candidate", local),
        Ground(GroundKind.QUALITY, "the hosted candidate", facts.gate_hosted.value),
    ]


def _volume(facts: Facts, world: World) -> list[Ground]:
    """Of a series, which grows by itself; a stated volume is part of the workload."""
    if world.series is None or facts.calls_per_day is None:
        return []
    text = f"{facts.calls_per_day:.4g} calls a day, {facts.predictability.value}"
    return [Ground(GroundKind.VOLUME, "volume", text)]


# What changed ------------------------------------------------------------------------------------


def _changes(before: tuple[Ground, ...], after: tuple[Ground, ...]) -> list[str]:
    old = {(one.kind, one.what): one.value for one in before}
    new = {(one.kind, one.what): one.value for one in after}
    found = []
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        if was != now and not _alike(key[0], was, now):
            found.append(_change(*key, was, now))
    return found


def _alike(kind: GroundKind, was: str | None, now: str | None) -> bool:
    if kind not in (GroundKind.MEASUREMENT, GroundKind.VOLUME) or was is None or now is None:
        return False
    (first_text, _, unit), (second_text, _, other) = was.partition(" "), now.partition(" ")
    first, second = float(first_text), float(second_text)
    return unit == other and abs(second - first) <= MEASURED_ALIKE * abs(first)


def _change(kind: GroundKind, what: str, was: str | None, now: str | None) -> str:
    if kind is GroundKind.WORKLOAD:
        return "the workload is stated anew"
    name = what.replace("_", " ") if kind is GroundKind.THRESHOLD else what
    named = _WORDS[kind].format(name)
    if was is None:
        return f"{named} is {_written(now or '')} now and was not known"
    if now is None:
        return f"{named} was {_written(was)} and is not looked at any more"
    return f"{named} changed from {_written(was)} to {_written(now)}"


def _written(value: str) -> str:
    """Amounts as they are written elsewhere; they are kept in another form, to be compared."""
    return _AMOUNT.sub(_amount, value)


def _amount(found: re.Match[str]) -> str:
    part = found["part"] or ""
    return f"${int(found['whole']):,}{part and part.ljust(3, '0')}"
