"""Workloads out of what usage suggests, kept as any other, with the usage assigned to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.core.errors import BadInput
from landfall.core.usage.proposal import Proposal
from landfall.core.usage.workloads import draft, updated
from landfall.core.workload import file as workload_file
from landfall.core.workload.draft import draft_in
from landfall.core.workload.writer import to_text
from landfall.services.history.records import SavedWorkload

if TYPE_CHECKING:
    from landfall.services.history.history import History


def text_of(proposal: Proposal, existing: SavedWorkload | None) -> str:
    """The workload as a file. Of one that is there only what usage tells is changed.

    Raises:
        BadInput: it cannot be a workload.
    """
    fresh = draft(proposal)
    if existing is not None:
        fresh = updated(draft_in(existing.toml), proposal)
    text = to_text(fresh)
    workload_file.parse(text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWorkloads:
    """What became of proposals.

    Attributes:
        names: Of the workloads that were kept.
        refused: Name and reason of each proposal that cannot be a workload.
    """

    names: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()


async def keep_able(history: History, proposals: Sequence[Proposal]) -> KeptWorkloads:
    """Keep one a proposal; one that cannot be a workload does not hold up the others."""
    there = {one.name: one for one in await history.workloads()}
    names: list[str] = []
    refused: list[tuple[str, str]] = []
    for proposal in proposals:
        try:
            text = text_of(proposal, there.get(proposal.name))
        except BadInput as error:
            refused.append((proposal.name, error.message))
            continue
        await history.save_workload(SavedWorkload(name=proposal.name, toml=text))
        await history.usage.assign(proposal)
        names.append(proposal.name)
    return KeptWorkloads(names=tuple(names), refused=tuple(refused))


async def keep_workloads(history: History, proposals: Sequence[Proposal]) -> tuple[str, ...]:
    """Keep one a proposal; their names.

    Raises:
        BadInput: one of them cannot be a workload: then none is kept.
    """
    there = {one.name: one for one in await history.workloads()}
    for proposal in proposals:
        try:
            text_of(proposal, there.get(proposal.name))
        except BadInput as error:
            raise BadInput(
                f"{proposal.name} cannot be a workload: {error.message}",
                error.hint,
                field=error.field,
            ) from error
    return (await keep_able(history, proposals)).names
