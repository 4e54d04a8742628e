"""Workloads out of what usage suggests, kept as any other, with the usage assigned to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from landfall.core import workload_file
from landfall.core.usage_proposal import Proposal
from landfall.core.usage_workloads import draft, updated
from landfall.core.workload_draft import draft_of
from landfall.core.workload_writer import to_text
from landfall.services.records import SavedWorkload

if TYPE_CHECKING:
    from landfall.services.history import History


def text_of(proposal: Proposal, existing: SavedWorkload | None) -> str:
    """The workload as a file. Of one that is there only what usage tells is changed.

    Raises:
        BadInput: it cannot be a workload.
    """
    fresh = draft(proposal)
    if existing is not None:
        fresh = updated(draft_of(workload_file.parse(existing.toml)), proposal)
    text = to_text(fresh)
    workload_file.parse(text)
    return text


async def keep_workloads(history: History, proposals: Sequence[Proposal]) -> tuple[str, ...]:
    """Keep one a proposal; their names.

    Raises:
        BadInput: one of them cannot be a workload: then none is kept.
    """
    there = {one.name: one for one in await history.workloads()}
    made = [
        SavedWorkload(name=one.name, toml=text_of(one, there.get(one.name))) for one in proposals
    ]
    for workload, proposal in zip(made, proposals, strict=True):
        await history.save_workload(workload)
        await history.usage.assign(proposal)
    return tuple(one.name for one in made)
