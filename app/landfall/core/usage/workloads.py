"""Usage becomes workloads: what a grouping proposes, and how a proposal is changed.

A day on which the log of a provider has no row at all is absent; a day on which it has rows of
others only is a day of zero, from the first day of a group on, and so is a day off (`log_days`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from landfall.core.models.model_names import split_tag
from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.log_days import observed_by_provider
from landfall.core.usage.proposal import (
    DayUse,
    Grouping,
    Part,
    Proposal,
    Served,
    sum_of_told,
)
from landfall.core.workload.contradictions import other_size
from landfall.core.workload.draft import Draft
from landfall.core.workload.origins import Origin, usage_of
from landfall.core.workload.workload import Task

__all__ = [
    "Grouping",
    "Part",
    "Proposal",
    "Served",
    "draft",
    "merged",
    "propose",
    "renamed",
    "split",
]

Local = Callable[[datetime], datetime]
"""Turns a moment in UTC into local time."""

WORKING_HOURS = range(8, 18)
WORKING, REST = "working hours", "evenings and weekends"
MOST_NAME = 80
USAGE_KEYS = (
    "volume.calls_per_day",
    "volume.history_days",
    "volume.predictability",
    "volume.growth_per_month",
    "volume.hourly_calls",
    "tokens.input",
    "tokens.cached_input",
    "tokens.cache_write",
    "tokens.cache_write_1h",
    "tokens.output",
    "tokens.context_p99",
    "today.provider",
    "today.model",
    "today.batch_share",
)
"""What usage tells of a workload; the rest is the user's."""

_CODE = re.compile(r"\bcod(e|er|ex|ing)\b|codestral|codellama|devstral", re.IGNORECASE)
_TOOL = re.compile(
    r"\b(?:claude\W?code|cline|cursor|aider|codex|opencode|copilot|roo\W?code|kilo\W?code|zed)\b",
    re.IGNORECASE,
)
"""Tools for programmers, as sources call what asked."""
_EMBEDDING = re.compile(r"embed|\bbge\b|minilm", re.IGNORECASE)


def in_utc(moment: datetime) -> datetime:
    """No other zone than that of the sources."""
    return moment


def propose(
    buckets: Iterable[UsageBucket], *, by: Grouping = Grouping.MODEL, local: Local = in_utc
) -> tuple[Proposal, ...]:
    """A proposal a group, those with the most tokens first.

    "hours" tells Monday to Friday from 8 to 18 in local time from the rest; usage of which the
    hour is not known is a group of its own.

    Args:
        local: For the hours of the day.
    """
    clock = _Clock(local)
    logged: set[tuple[str, str]] = set()
    parts: dict[tuple[str, str, str], _Adding] = {}
    for bucket in buckets:
        logged.add((bucket.provider, bucket.day))
        if not bucket.model and not bucket.tokens:
            continue  # a day that a source lists without any usage: observed, and nobody's
        key = (_value(bucket, by, clock), bucket.provider, bucket.model)
        if key not in parts:
            parts[key] = _Adding()
        parts[key].add(bucket, clock)
    observed = observed_by_provider(logged)
    groups: dict[str, list[Part]] = {}
    for (value, provider, model), adding in parts.items():
        part = adding.part(value, provider, model, observed[provider])
        groups.setdefault(value, []).append(part)
    ordered = sorted(groups.items(), key=lambda group: _rank(group[1]))
    return _named(ordered, by)


def _rank(parts: Sequence[Part]) -> tuple[float, float, str]:
    tokens = sum(part.tokens for part in parts)
    return -tokens, -sum(part.calls or 0.0 for part in parts), parts[0].value


_NAMELESS = {
    Grouping.MODEL: "usage without a model",
    Grouping.KEY: "usage without a key",
    Grouping.PROJECT: "usage without a project",
    Grouping.TAG: "usage without a tag",
    Grouping.HOURS: "usage without hours",
}


def _named(groups: Iterable[tuple[str, list[Part]]], by: Grouping) -> tuple[Proposal, ...]:
    proposals: list[Proposal] = []
    taken: set[str] = set()
    for value, parts in groups:
        name = free_name(value or _NAMELESS[by], taken)
        taken.add(name)
        proposals.append(
            Proposal(
                name=name,
                grouped_by=by,
                parts=_largest_first(parts),
                task=task_of(value, parts),
            )
        )
    return tuple(proposals)


class _Clock:
    """Local weekday and hour of a bucket; each hour of the log is asked for once."""

    def __init__(self, local: Local) -> None:
        self._at = lru_cache(maxsize=10_000)(self._look)
        self._local = local

    def _look(self, hour: str) -> tuple[bool, int]:
        moment = self._local(datetime.fromisoformat(f"{hour}:00:00").replace(tzinfo=UTC))
        return moment.weekday() < 5, moment.hour

    def at(self, bucket: UsageBucket) -> tuple[bool, int]:
        """Whether it is a Monday to Friday there, and the hour."""
        return self._at(bucket.at[:13])


def _value(bucket: UsageBucket, by: Grouping, clock: _Clock) -> str:
    match by:
        case Grouping.MODEL:
            return bucket.model
        case Grouping.KEY:
            return bucket.key_name
        case Grouping.PROJECT:
            return bucket.project
        case Grouping.TAG:
            return bucket.tag
        case Grouping.HOURS:
            if not bucket.knows_hour:
                return ""
            on_working_day, hour = clock.at(bucket)
            return WORKING if on_working_day and hour in WORKING_HOURS else REST


_CALLS, _INPUT, _CACHED, _OUTPUT, _WRITTEN, _WRITTEN_1H = range(6)


class _Adding:
    """Adds up the buckets of one part."""

    def __init__(self) -> None:
        self._days: dict[str, list[float | None]] = {}
        self._uncounted: set[str] = set()
        self._hours: list[float] = [0.0] * 24
        self._knows_hours = True
        self._batch: float | None = None
        self._longest: float | None = None
        self._is_coding = True
        self._billed: float | None = None
        self._recomputed: float | None = None

    def add(self, bucket: UsageBucket, clock: _Clock) -> None:
        day = self._days.setdefault(bucket.day, [None] * 6)
        fresh = sum_of_told([bucket.input_tokens, bucket.cache_write_tokens])
        told = (
            bucket.requests,
            fresh,
            bucket.cached_input_tokens,
            bucket.output_tokens,
            bucket.cache_write_tokens,
            bucket.cache_write_1h_tokens,
        )
        for at, value in enumerate(told):
            day[at] = _plus(day[at], value)
        if bucket.requests is None and bucket.tokens:
            self._uncounted.add(bucket.day)
        self._add_hour(bucket, clock)
        self._is_coding &= _is_of_a_tool((bucket.project, bucket.tag))
        if bucket.batch is not None:
            self._batch = _plus(self._batch, (bucket.requests or 0.0) * bucket.batch)
        if bucket.longest_tokens is not None:
            self._longest = max(self._longest or 0.0, bucket.longest_tokens)
        self._billed = _plus(self._billed, bucket.billed_usd)
        self._recomputed = _plus(self._recomputed, bucket.recomputed_usd)

    def _add_hour(self, bucket: UsageBucket, clock: _Clock) -> None:
        if not bucket.knows_hour or bucket.requests is None:
            self._knows_hours = False
            return
        on_working_day, hour = clock.at(bucket)
        if on_working_day:
            self._hours[hour] += bucket.requests

    def part(self, value: str, provider: str, model: str, log: Iterable[str]) -> Part:
        first = min(self._days)
        return Part(
            value=value,
            provider=provider,
            model=model,
            days=tuple(self._day(day) for day in sorted(log) if day >= first),
            hour_calls=tuple(self._hours) if self._knows_hours else (),
            batch_calls=self._batch,
            longest_tokens=self._longest,
            is_coding=self._is_coding,
            billed_usd=self._billed,
            recomputed_usd=self._recomputed,
        )

    def _day(self, day: str) -> DayUse:
        sums = self._days.get(day)
        if sums is None:
            return DayUse(date=day, calls=0.0, input_tokens=0.0, output_tokens=0.0)
        return DayUse(
            date=day,
            calls=None if day in self._uncounted else sums[_CALLS] or 0.0,
            input_tokens=sums[_INPUT],
            cached_input_tokens=sums[_CACHED],
            output_tokens=sums[_OUTPUT],
            cache_write_tokens=sums[_WRITTEN],
            cache_write_1h_tokens=sums[_WRITTEN_1H],
        )


@lru_cache(maxsize=1024)
def _is_of_a_tool(names: tuple[str, ...]) -> bool:
    return any(_TOOL.search(name) for name in names)


def _plus(one: float | None, other: float | None) -> float | None:
    if other is None:
        return one
    return other if one is None else one + other


# Changes


def renamed(proposal: Proposal, name: str) -> Proposal:
    """The same under another name; an empty one changes nothing."""
    return replace(proposal, name=_name(name) or proposal.name)


def merged(proposals: Sequence[Proposal], *, name: str = "") -> Proposal:
    """One of several; by default under the name of the first."""
    first = proposals[0]
    parts = [part for proposal in proposals for part in proposal.parts]
    return replace(first, name=_name(name) or first.name, parts=_largest_first(parts))


def split(proposal: Proposal) -> tuple[Proposal, ...]:
    """One a part, each under a name that tells it from the others."""
    if len(proposal.parts) == 1:
        return (proposal,)
    named: list[Proposal] = []
    for part in proposal.parts:
        words = dict.fromkeys((proposal.name, part.value, part.model, part.provider))
        name = free_name(" ".join(filter(None, words)), {one.name for one in named})
        task = task_of(part.value, [part])
        named.append(replace(proposal, name=name, parts=(part,), task=task))
    return tuple(named)


def _largest_first(parts: Sequence[Part]) -> tuple[Part, ...]:
    """By tokens, by calls where no tokens are told."""
    return tuple(sorted(parts, key=lambda part: (-part.tokens, -(part.calls or 0.0), part.model)))


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A name that no other has."""
    names = set(taken)
    name, number = _name(wanted) or "usage", 2
    while name in names:
        name = f"{_name(wanted[: MOST_NAME - 6])} {number}"
        number += 1
    return name


def _name(text: str) -> str:
    """What may be the name of a workload: one line of printable text."""
    plain = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(plain.split())[:MOST_NAME].strip()


def task_of(value: str, parts: Sequence[Part]) -> Task:
    """As `guessed_task`; what a tool for programmers asked is code, whatever model answered."""
    if parts and all(part.is_coding for part in parts):
        return Task.CODE
    return guessed_task(value, [part.model for part in parts])


def guessed_task(value: str, models: Sequence[str]) -> Task:
    """Embedding or code where the names say so, else chat; the user knows better."""
    if models and all(_EMBEDDING.search(model) for model in models):
        return Task.EMBEDDING
    return Task.CODE if _CODE.search(" ".join((value, *models))) else Task.CHAT


# Workloads


def draft(proposal: Proposal) -> Draft:
    """A workload of it, that states what the usage tells and leaves the rest open."""
    said, main = proposal.said(), proposal.main
    values: dict[str, Any] = {
        "workload.name": proposal.name,
        "workload.task": str(proposal.task),
        "volume.calls_per_day": said.calls_per_day,
        "volume.history_days": said.history_days,
        "volume.predictability": str(said.predictability),
        "volume.growth_per_month": proposal.growth_per_month,
        "volume.hourly_calls": proposal.hourly_calls or None,
        "tokens.input": said.input,
        "tokens.cached_input": said.cached_input,
        "tokens.cache_write": said.cache_write or None,
        "tokens.cache_write_1h": said.cache_write_1h or None,
        "tokens.output": said.output,
        "tokens.context_p99": proposal.context_p99,
        "today.batch_share": proposal.batch_share,
    }
    if main.served is Served.CLOUD:
        values |= {"today.provider": main.provider, "today.model": main.model}
    elif split_tag(main.model)[1]:
        values["candidates.local"] = (main.model,)
    told = {path: value for path, value in values.items() if value is not None}
    for path in _untold(told):
        told.pop(path, None)
    source = usage_of(proposal.days[-1].date)
    origins = {path: Origin(source, told[path]) for path in USAGE_KEYS if path in told}
    return Draft(values=told, origins=origins)


def _untold(values: Mapping[str, Any]) -> Iterator[str]:
    """What usage tells of too few calls to stand beside the rest: work of weekends has no hours of
    a working day, and where only some rows are single calls the longest of them is not the longest
    of all."""
    hours, calls = values.get("volume.hourly_calls", ()), values.get("volume.calls_per_day")
    if not any(hours) or any(other_size(hours, calls or 0.0, "")):
        yield "volume.hourly_calls"
    parts = ("tokens.input", "tokens.cached_input", "tokens.output")
    if values.get("tokens.context_p99", 0) < sum(values.get(path, 0.0) for path in parts):
        yield "tokens.context_p99"
    if values["workload.task"] == Task.EMBEDDING:
        yield "tokens.cached_input"


def updated(existing: Draft, proposal: Proposal) -> Draft:
    """A workload that is there already, with what the usage tells in place of what it said.

    What the usage does not tell stays, except a series, which would contradict it.
    """
    made = draft(proposal)
    fresh = made.values
    kept = {path: value for path, value in existing.values.items() if path != "volume.series"}
    told = {path: fresh[path] for path in USAGE_KEYS if path in fresh}
    origins = {path: one for path, one in existing.origins.items() if path in kept}
    return replace(existing, values=kept | told, origins=origins | dict(made.origins))


def days_of(buckets: Iterable[UsageBucket], workload: str) -> tuple[DayUse, ...]:
    """The observed days of what was assigned to a workload; none where nothing was."""
    by_workload = propose((replace(one, tag=one.workload) for one in buckets), by=Grouping.TAG)
    return next((one.days for one in by_workload if one.parts[0].value == workload), ())
