"""Whether a router's log shows the split that was exported: what was asked of each alias, how much
of it the own machines answered, and whether anything private was answered outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from landfall.core.percent import percent
from landfall.core.quality.paired_tests import wilson
from landfall.core.routing.plan import Place
from landfall.core.usage.buckets import LOCAL_PROVIDERS

FEWEST_CALLS = 30
"""Of fewer, the error of a share is wider than any plan: nothing is said of them."""

BUSIER = 1.25
"""So many times the planned calls a day is more than a plan's doubt: then the volume explains a
share that is too low, for what finds no slot leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An alias as it was exported.

    Attributes:
        exported_at: ISO time, UTC: calls before it were answered by other rules.
        private: Whether a lock binds it; allowed: the providers that the lock allows.
        share: Low, mid and high of the calls that stay here, or None where it is no split.
        places: Deployment to whose machine it is. providers: deployment to provider, "" of own.
    """

    alias: str
    workload: str
    exported_at: str
    step: str = ""
    private: bool = False
    allowed: frozenset[str] = frozenset()
    overflow_alias: str = ""
    share: tuple[float, float, float] | None = None
    calls_per_day: float | None = None
    places: Mapping[str, Place] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """Answered calls of one hour or day that a router logged.

    Attributes:
        at: ISO time, UTC. alias, deployment, provider, model: As of `UsageRow`.
    """

    at: str
    alias: str
    deployment: str
    provider: str
    model: str
    calls: float


class Outcome(StrEnum):
    """What the log says of a plan."""

    LEAK = "leak"
    AS_PLANNED = "as_planned"
    LESS_HERE = "less_here"
    MORE_HERE = "more_here"
    TOO_FEW = "too_few"
    NO_SPLIT = "no_split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What came of one alias.

    Attributes:
        calls: Answered since the export; local_calls of them on own machines.
        first_day, last_day: Of those, ISO, UTC. days: on how many there were any.
        seen: Share that stayed here with the ends of its 95 % interval (Wilson); None without
            calls. The calls of a busy hour are not independent of each other: the true interval
            is somewhat wider.
        outside: Of a private alias: where calls went that no lock allows, and how many.
        silent: Own deployment to the days on which it answered nothing while calls came.
    """

    expected: Expected
    outcome: Outcome
    calls: float = 0.0
    local_calls: float = 0.0
    first_day: str = ""
    last_day: str = ""
    days: int = 0
    seen: tuple[float, float, float] | None = None
    outside: Mapping[str, float] = field(default_factory=dict)
    silent: Mapping[str, int] = field(default_factory=dict)

    @property
    def calls_per_day(self) -> float | None:
        """Mean of the days with calls."""
        return self.calls / self.days if self.days else None


def splits(exported: Iterable[Expected], routed: Iterable[Routed]) -> tuple[Split, ...]:
    """What came of each alias that has calls: leaks first, then in the order of the aliases.

    A call belongs to the newest export at or before its hour that names its alias.

    Args:
        exported: Of all exports.
        routed: What routers logged, in any order.
    """
    by_name: dict[str, list[Expected]] = {}
    for one in sorted(exported, key=_when):
        for name in (one.alias, one.overflow_alias):
            if name:
                by_name.setdefault(name, []).append(one)
    calls: dict[tuple[str, str], list[Routed]] = {}
    whose: dict[tuple[str, str], Expected] = {}
    for call in routed:
        found = _of(call, by_name.get(call.alias, ()))
        if found is not None:
            key = (found.alias, found.exported_at)
            whose[key] = found
            calls.setdefault(key, []).append(call)
    newest: dict[str, Split] = {}
    for key in sorted(calls, key=_exported):
        split = _split(whose[key], calls[key])
        earlier = newest.get(key[0])
        # A leak of an earlier export stays one, whatever came after.
        if earlier is None or earlier.outcome is not Outcome.LEAK:
            newest[key[0]] = split
    return tuple(sorted(newest.values(), key=_leaks_first))


def _when(one: Expected) -> str:
    return one.exported_at


def _exported(key: tuple[str, str]) -> str:
    return key[1]


def _leaks_first(one: Split) -> bool:
    return one.outcome is not Outcome.LEAK


_HOUR = len("2026-11-26T13")


def _of(call: Routed, exports: Sequence[Expected]) -> Expected | None:
    before = [one for one in exports if one.exported_at[:_HOUR] <= call.at[:_HOUR]]
    return before[-1] if before else None


def is_own(call: Routed, expected: Expected) -> bool:
    """Whether a machine of the user's own answered: as the export says of the deployment, else as
    the log says of the provider."""
    place = expected.places.get(call.deployment)
    if place is None:
        return call.provider.lower() in LOCAL_PROVIDERS
    return place is Place.OWN


def _is_outside(call: Routed, expected: Expected) -> bool:
    if not expected.private or is_own(call, expected):
        return False
    provider = expected.providers.get(call.deployment) or call.provider
    return provider not in expected.allowed


def _split(expected: Expected, calls: Sequence[Routed]) -> Split:
    whole = sum(call.calls for call in calls)
    own = [call for call in calls if is_own(call, expected)]
    local = sum(call.calls for call in own)
    outside: dict[str, float] = {}
    for call in calls:
        if _is_outside(call, expected):
            where = " ".join(filter(None, (call.model, f"at {call.provider or 'unknown'}")))
            outside[where] = outside.get(where, 0.0) + call.calls
    days = sorted({call.at[:10] for call in calls})
    seen = None
    if whole > 0:
        low, high = wilson(round(local), round(whole))
        seen = (low, local / whole, high)
    return Split(
        expected=expected,
        outcome=_outcome(expected, whole, seen, leaked=bool(outside)),
        calls=whole,
        local_calls=local,
        first_day=days[0],
        last_day=days[-1],
        days=len(days),
        seen=seen,
        outside=outside,
        silent=_silent(expected, own, days),
    )


def _outcome(
    expected: Expected, calls: float, seen: tuple[float, float, float] | None, *, leaked: bool
) -> Outcome:
    if leaked:
        return Outcome.LEAK
    if expected.share is None or not expected.overflow_alias:
        return Outcome.NO_SPLIT
    if seen is None or calls < FEWEST_CALLS:
        return Outcome.TOO_FEW
    low, _, high = expected.share
    if seen[2] < low:
        return Outcome.LESS_HERE
    return Outcome.MORE_HERE if seen[0] > high else Outcome.AS_PLANNED


def _silent(expected: Expected, own: Sequence[Routed], days: Sequence[str]) -> dict[str, int]:
    answered = {(call.deployment, call.at[:10]) for call in own}
    found = {}
    for name, place in expected.places.items():
        missing = sum((name, day) not in answered for day in days)
        if place is Place.OWN and missing:
            found[name] = missing
    return found


# Words ------------------------------------------------------------------------------------------


def says(split: Split) -> str:
    """One sentence or more of a split, for people."""
    expected = split.expected
    name = f"{expected.alias} (exported {expected.exported_at[:10]})"
    one_day = split.first_day == split.last_day
    since = f"on {split.first_day}" if one_day else f"from {split.first_day} to {split.last_day}"
    if split.outcome is Outcome.LEAK:
        where = ", ".join(f"{_count(n)} to {place}" for place, n in split.outside.items())
        return (
            f"LEAK: of {_count(split.calls)} private calls of {name}, {where}, {since}. Stop that"
            " proxy, look for the guard in its configuration (`landfall export litellm --check`),"
            " and change what those calls held"
        )
    told = f"{_count(split.calls)} calls of {name} {since}"
    if split.seen is not None:
        low, mid, high = split.seen
        told += f": {percent(mid, 1)} stayed here ({percent(low, 1)} to {percent(high, 1)})"
    if expected.share is not None and expected.overflow_alias:
        low, mid, high = expected.share
        told += f", planned {percent(mid, 1)} ({percent(low, 1)} to {percent(high, 1)})"
    return f"{told}: {_verdict(split)}"


def _verdict(split: Split) -> str:
    match split.outcome:
        case Outcome.AS_PLANNED:
            return "the split went as planned"
        case Outcome.TOO_FEW:
            return f"fewer than {FEWEST_CALLS} calls say nothing of a split yet"
        case Outcome.LESS_HERE:
            return f"more overflowed than planned; {_why_less(split)}"
        case Outcome.MORE_HERE:
            return "less overflowed than planned; re-check the verdict with this usage"
        case _:
            inside = "; nothing of it was answered outside its rule"
            return "it is no split between here and elsewhere" + (
                inside if split.expected.private else ""
            )


def _why_less(split: Split) -> str:
    reasons = []
    planned, seen = split.expected.calls_per_day, split.calls_per_day
    if planned and seen and seen > BUSIER * planned:
        reasons.append(
            f"{_count(seen)} calls a day came instead of {_count(planned)}: import this usage into"
            " the workload and decide again"
        )
    if split.silent:
        listed = ", ".join(
            f"{name} answered nothing on {days} of {split.days} days"
            for name, days in split.silent.items()
        )
        reasons.append(f"{listed}: see whether that machine was down")
    if not reasons:
        reasons.append(
            "the busiest hours are busier or the answers longer than planned: measure the service"
            " time under load (`landfall bench --concurrency`) and export again"
        )
    return "; ".join(reasons)


def _count(calls: float) -> str:
    return f"{calls:,.0f}"


def to_json(split: Split) -> dict[str, object]:
    """A split for a program."""
    expected = split.expected

    def ends(band: tuple[float, float, float] | None) -> dict[str, float] | None:
        return None if band is None else dict(zip(("low", "mid", "high"), band, strict=True))

    return {
        "alias": expected.alias,
        "step": expected.step or None,
        "exported_at": expected.exported_at,
        "private": expected.private,
        "outcome": split.outcome.value,
        "calls": split.calls,
        "local_calls": split.local_calls,
        "from": split.first_day,
        "to": split.last_day,
        "seen_local_share": ends(split.seen),
        "planned_local_share": ends(expected.share),
        "outside": dict(split.outside),
        "silent_days": dict(split.silent),
        "text": says(split),
    }
