"""Usage becomes workloads: what a grouping proposes, and how a proposal is changed.

Days are those of UTC, as bills count them; hours of the day are local. A day on which its provider's
log has no row at all is absent from a proposal, which is not a day of zero; a day on which the log
has rows of others only is a day of zero from the first day of the group on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from landfall.core.forecast import Predictability
from landfall.core.usage_buckets import UsageBucket
from landfall.core.workload import Task, UsageDay
from landfall.core.workload_draft import Draft


class Grouping(StrEnum):
    """By what usage is told apart."""

    MODEL = "model"
    KEY = "key"
    PROJECT = "project"
    TAG = "tag"
    HOURS = "hours"


class Served(StrEnum):
    """Where the calls were answered, as far as the sources tell."""

    CLOUD = "cloud"
    LOCAL = "local"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The usage of one provider's model under one value of the grouping.

    Attributes:
        value: The value of the grouping: a model, a key's name, a project, a tag, "working hours".
        days: Observed days, by date; their `input_tokens` hold those written to a cache.
        hour_calls: Calls by local hour of Monday to Friday, summed; empty where hours are not told.
        batch_calls: None where no source tells whether a batch interface was used.
        longest_tokens: Of a single call; None where no source tells single calls.
    """

    value: str
    provider: str
    model: str
    days: tuple[UsageDay, ...]
    calls: float
    tokens: float
    hour_calls: tuple[float, ...] = ()
    batch_calls: float | None = None
    longest_tokens: float | None = None
    billed_usd: float | None = None
    recomputed_usd: float | None = None

    @property
    def served(self) -> Served:
        """Where it was answered."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A workload that usage suggests.

    Attributes:
        parts: What it is made of; `split` makes proposals of them.
        task: A guess, for the user to change.
    """

    name: str
    grouped_by: Grouping
    parts: tuple[Part, ...]
    task: Task = Task.CHAT

    # Properties: days, calls_per_day, history_days, predictability, reasons, input, cached_input,
    # output (means a call), context_p99, hourly_calls, growth_per_month, provider, model, served,
    # batch_share, calls, billed_usd, recomputed_usd


def propose(
    buckets: Iterable[UsageBucket],
    *,
    by: Grouping = Grouping.MODEL,
    local: Callable[[datetime], datetime] | None = None,
) -> tuple[Proposal, ...]:
    """A proposal a group, those with the most tokens first.

    Args:
        local: Turns a moment in UTC into local time; UTC where None.
    """
    raise NotImplementedError


def renamed(proposal: Proposal, name: str) -> Proposal:
    """The same under another name."""
    raise NotImplementedError


def merged(proposals: Sequence[Proposal], *, name: str = "") -> Proposal:
    """One of several; by default under the name of the first."""
    raise NotImplementedError


def split(proposal: Proposal) -> tuple[Proposal, ...]:
    """One a part."""
    raise NotImplementedError


def draft(proposal: Proposal) -> Draft:
    """A workload of it, that states what the usage tells and leaves the rest open."""
    raise NotImplementedError


def series_csv(days: Sequence[UsageDay]) -> str:
    """The days as a file for `volume.series`."""
    raise NotImplementedError


def predictability_of(proposal: Proposal) -> Predictability:
    """See `core.forecast`."""
    raise NotImplementedError
