"""What was used, added up: in all, told apart, and over time.

A day without a log is absent: it is not a day of nothing. What no row tells stays None, and a sum
that lacks a part says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

LOCAL = "local"
DAYS_AS_DAYS = 92
DAYS_AS_WEEKS = 2 * 366
"""Longer times are shown in weeks, then in months, so that a bar stays wide enough to be seen."""


class Used(Protocol):
    """Usage of a span of time, as `usage_buckets` keeps it."""

    @property
    def at(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def key_name(self) -> str: ...
    @property
    def tag(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def requests(self) -> float | None: ...
    @property
    def input_tokens(self) -> float | None: ...
    @property
    def cached_input_tokens(self) -> float | None: ...
    @property
    def cache_write_tokens(self) -> float | None: ...
    @property
    def output_tokens(self) -> float | None: ...
    @property
    def billed_usd(self) -> float | None: ...
    @property
    def recomputed_usd(self) -> float | None: ...
    @property
    def unpriced_rows(self) -> int: ...


class By(StrEnum):
    """By what usage is told apart."""

    MODEL = "model"
    PROVIDER = "provider"
    KEY = "key"
    PROJECT = "project"
    TAG = "tag"
    DAY = "day"


class Measure(StrEnum):
    """What is shown over time."""

    BILLED = "billed_usd"
    RECOMPUTED = "recomputed_usd"
    REQUESTS = "requests"
    INPUT = "input_tokens"
    OUTPUT = "output_tokens"


@dataclass(slots=True, kw_only=True)
class UsageSum:
    """A sum of usage; each amount is None where no row tells it.

    Attributes:
        name: What its parts have in common; "" where the source does not tell.
        provider: Of all its parts, or "" where they differ.
        days: Days with a log (UTC).
        rows: Rows of the sources.
        input_tokens: Neither read from a cache nor written to one.
        billed_usd: What sources say was charged, of the parts that say it.
        recomputed_usd: Tokens at the prices of their day, of the rows that have a price.
        unpriced_rows: Rows that have none.
        unbilled_rows: Rows of parts that do not say what was charged.
    """

    name: str = ""
    provider: str = ""
    days: set[str] = field(default_factory=set)
    rows: int = 0
    requests: float | None = None
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    cache_write_tokens: float | None = None
    output_tokens: float | None = None
    billed_usd: float | None = None
    recomputed_usd: float | None = None
    unpriced_rows: int = 0
    unbilled_rows: int = 0

    def add(self, used: Used) -> None:
        """Take a part in."""
        same = not self.rows or self.provider == used.provider
        self.provider = used.provider if same else ""
        self.days.add(used.at[:10])
        self.rows += used.rows
        self.unpriced_rows += used.unpriced_rows
        if used.billed_usd is None:
            self.unbilled_rows += used.rows
        for name in _AMOUNTS:
            amount = getattr(used, name)
            if amount is not None:
                setattr(self, name, (getattr(self, name) or 0.0) + amount)


_AMOUNTS = (
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "billed_usd",
    "recomputed_usd",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageStep:
    """A day, a week or a month of usage.

    Attributes:
        begin, end: First and last day of it, ISO 8601.
        logged_days: How many of its days have a log; with 0 nothing is known of it.
        own: On machines of the user's; None where nothing is known.
        cloud: At providers.
        lacks: Whether a part of it does not tell.
    """

    begin: str
    end: str
    logged_days: int
    own: float | None
    cloud: float | None
    lacks: bool


def total(used: Iterable[Used]) -> UsageSum:
    """All of it."""
    out = UsageSum()
    for one in used:
        out.add(one)
    return out


def sums_by(used: Iterable[Used], by: By) -> tuple[UsageSum, ...]:
    """Told apart; the dearest first, days in their order."""
    name_of = _NAMES[by]
    found: dict[tuple[str, str], UsageSum] = {}
    for one in used:
        name = name_of(one)
        # The same name at two providers is two things.
        key = (name, "" if by is By.DAY else one.provider)
        if key not in found:
            found[key] = UsageSum(name=name)
        found[key].add(one)
    if by is By.DAY:
        return tuple(found[key] for key in sorted(found))
    return tuple(sorted(found.values(), key=_dearest_first))


def over_time(used: Sequence[Used], measure: Measure) -> tuple[UsageStep, ...]:
    """From the first day with a log to the last, without a gap; days that lack a log are told."""
    days: dict[str, list[Used]] = {}
    for one in used:
        days.setdefault(one.at[:10], []).append(one)
    if not days:
        return ()
    first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
    return tuple(_step(days, begin, end, measure) for begin, end in _spans(first, last))


def _step(days: dict[str, list[Used]], begin: date, end: date, measure: Measure) -> UsageStep:
    names = [_plus(begin, i).isoformat() for i in range((end - begin).days + 1)]
    parts = [one for name in names for one in days.get(name, ())]
    amounts = [(one.provider == LOCAL, getattr(one, measure)) for one in parts]
    own = [amount for is_own, amount in amounts if is_own and amount is not None]
    cloud = [amount for is_own, amount in amounts if not is_own and amount is not None]
    unpriced = measure is Measure.RECOMPUTED and any(one.unpriced_rows for one in parts)
    return UsageStep(
        begin=begin.isoformat(),
        end=end.isoformat(),
        logged_days=sum(name in days for name in names),
        own=sum(own) if own else None,
        cloud=sum(cloud) if cloud else None,
        lacks=unpriced or any(amount is None for _, amount in amounts),
    )


def _spans(first: date, last: date) -> list[tuple[date, date]]:
    length = (last - first).days + 1
    out = []
    begin = first
    while begin <= last:
        if length <= DAYS_AS_DAYS:
            end = begin
        elif length <= DAYS_AS_WEEKS:
            end = _plus(begin, 6 - begin.weekday())
        else:
            end = _plus(_plus(begin.replace(day=1), 31).replace(day=1), -1)
        out.append((begin, min(end, last)))
        begin = _plus(end, 1)
    return out


def _plus(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _dearest_first(one: UsageSum) -> tuple[float, float, str]:
    cost = one.billed_usd if one.billed_usd is not None else one.recomputed_usd
    return -(cost or 0.0), -float(one.rows), one.name


def _model(used: Used) -> str:
    return used.model


def _provider(used: Used) -> str:
    return used.provider


def _key(used: Used) -> str:
    return used.key_name


def _project(used: Used) -> str:
    return used.project


def _tag(used: Used) -> str:
    return used.tag


def _day(used: Used) -> str:
    return used.at[:10]


_NAMES: dict[By, Callable[[Used], str]] = {
    By.MODEL: _model,
    By.PROVIDER: _provider,
    By.KEY: _key,
    By.PROJECT: _project,
    By.TAG: _tag,
    By.DAY: _day,
}
