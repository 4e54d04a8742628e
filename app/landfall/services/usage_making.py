"""Workloads out of what usage suggests: stored as any other, with the usage assigned to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from landfall.core.usage_proposal import Grouping, Proposal
from landfall.core.usage_workloads import draft, updated
from landfall.core.workload_draft import draft_of
from landfall.core.workload_writer import to_text
from landfall.services.threads import in_thread
from landfall.services.workload_files import from_text

if TYPE_CHECKING:
    from landfall.services.history import History
    from landfall.services.portfolio import Portfolio
    from landfall.services.records import SavedWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """What usage suggests, and which workloads there are already."""

    by: Grouping
    proposals: tuple[Proposal, ...]
    names: frozenset[str]


async def suggested(history: History, by: Grouping) -> Suggested:
    """Proposals of all usage that is kept; hours of the day are this machine's."""
    proposals = await history.usage.proposals(by, local=datetime.astimezone)
    names = frozenset(one.name for one in await history.workloads())
    return Suggested(by=by, proposals=proposals, names=names)


async def make_workloads(
    portfolio: Portfolio, history: History, proposals: Sequence[Proposal]
) -> tuple[SavedWorkload, ...]:
    """Store one a proposal. Of one that is there already only what the usage tells is changed.

    Raises:
        BadInput: one of them cannot be a workload; those before it are stored.
    """
    made = []
    for proposal in proposals:
        there = {one.name: one for one in await history.workloads()}
        old = there.get(proposal.name)
        fresh = draft(proposal)
        if old is not None:
            loaded = await in_thread(from_text, old.toml)
            fresh = updated(draft_of(loaded.workload), proposal)
        was = old.name if old is not None else None
        made.append(await portfolio.save(to_text(fresh), was=was))
        await history.usage.assign(proposal)
    return tuple(made)
