"""What may not stand side by side in a workload: each value is right alone, and not together.

Told apart from what is only missing: a workload that leaves something out is decided all the same
and its verdict is provisional; one that says two things at once is refused, because no verdict
could honour both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from landfall.core.workload.keys import ATTENTION_SECONDS
from landfall.core.workload.workload import PrivacyClass, Workload

MOST_OF_A_DAY = 7.0
"""Calls of a working day over those of a mean day, at most: all of a week on one day of it. The
other way round, as much again for work that runs at weekends."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two keys that exclude one another.

    Attributes:
        path: The key that is to be looked at first.
        message: What contradicts what.
        hint: What to enter.
    """

    path: str
    message: str
    hint: str


def contradictions(workload: Workload) -> Iterator[Contradiction]:
    """Everything that contradicts something else, in the order of the file."""
    yield from _of_time(workload)
    yield from _of_hours(workload)
    yield from _of_tokens(workload)
    yield from _of_privacy(workload)


def stands(workload: Workload) -> bool:
    """Whether nothing in it contradicts anything else."""
    return next(contradictions(workload), None) is None


def _of_time(workload: Workload) -> Iterator[Contradiction]:
    window, target = workload.volume.batch_window_hours, workload.p95_seconds
    if target is None or target > ATTENTION_SECONDS:
        return
    if window is not None:
        yield Contradiction(
            "latency.p95_seconds",
            f"Somebody awaits answers within {target:g} s, but `volume.batch_window_hours` ="
            f" {window:g} says that the work may wait.",
            "Leave one of them out: the window where nobody waits, else the target.",
        )
    elif workload.today.batch_share == 1.0:
        yield Contradiction(
            "today.batch_share",
            f"All calls in batches and an answer within {target:g} s (`latency.p95_seconds`)"
            " contradict one another.",
            "A batch is answered within hours: give the share that really goes in batches.",
        )


def _of_hours(workload: Workload) -> Iterator[Contradiction]:
    volume = workload.volume
    if volume.calls_per_day and not volume.series:
        yield from other_size(volume.hourly_calls, volume.calls_per_day, "`volume.calls_per_day`")


def other_size(
    hourly_calls: Sequence[float], calls_per_day: float, of: str
) -> Iterator[Contradiction]:
    """Where the hours of a day add up to a day of quite another size.

    Args:
        hourly_calls: 24 values, or none.
        calls_per_day: Of a mean day.
        of: What says so, for the message.
    """
    total = sum(hourly_calls)
    if not hourly_calls or not calls_per_day:
        return
    if calls_per_day / MOST_OF_A_DAY <= total <= calls_per_day * MOST_OF_A_DAY:
        return
    yield Contradiction(
        "volume.hourly_calls",
        f"`volume.hourly_calls` adds up to {total:,.10g} calls a day, and {of} says"
        f" {calls_per_day:,.10g}.",
        "Give the mean calls of each hour, not shares or sums of many days, or leave it out.",
    )


def _of_tokens(workload: Workload) -> Iterator[Contradiction]:
    tokens = workload.tokens
    mean = sum(part or 0.0 for part in (tokens.input, tokens.cached_input, tokens.output))
    if tokens.input == 0 and not mean and tokens.output is not None:
        yield Contradiction(
            "tokens.input",
            "A call of no tokens asks nothing and costs nothing: there is nothing to decide.",
            "Give the mean tokens of a call, or leave `tokens.input` and `tokens.output` out"
            " where they are not known.",
        )
    for path, part, whole, of in (
        ("tokens.cache_write", tokens.cache_write, tokens.input, "tokens.input"),
        ("tokens.cache_write_1h", tokens.cache_write_1h, tokens.cache_write, "tokens.cache_write"),
    ):
        if part is not None and whole is not None and part > whole:
            yield Contradiction(
                path,
                f"`{path}` is {part:,.10g}, and `{of}`, of which it is a part, is {whole:,.10g}.",
                f"Give at most what `{of}` says.",
            )


def _of_privacy(workload: Workload) -> Iterator[Contradiction]:
    privacy = workload.privacy
    named = privacy.privacy_class.value
    vendors_allowed = privacy.privacy_class in (PrivacyClass.PHI, PrivacyClass.ATTORNEY_CLIENT)
    if privacy.approved_vendors and not vendors_allowed:
        yield Contradiction(
            "privacy.approved_vendors",
            f"The class {named} knows no approved vendors.",
            "They go with phi and attorney_client only.",
        )
    for path, given in (
        ("privacy.region", privacy.region),
        ("privacy.in_region", privacy.in_region),
    ):
        if given and privacy.privacy_class is not PrivacyClass.REGION:
            yield Contradiction(
                path,
                f"`{path}` goes with the class region, not with {named}.",
                'Set privacy.class = "region", or leave it out.',
            )
