"""Saved workloads that name a host: which they are, and how they follow its new name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from landfall.core.errors import AppError
from landfall.core.workload import writer
from landfall.core.workload.file import parse
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.hosts.keeping import same_name
from landfall.services.threads import in_thread


async def naming(name: str, history: History) -> tuple[str, ...]:
    """The saved workloads whose machine or step names a host by this name.

    One that cannot be read names nothing: the Workloads page says what is wrong with it.
    """
    saved = await history.workloads()
    return await in_thread(_naming, name, saved)


def _naming(name: str, saved: Sequence[SavedWorkload]) -> tuple[str, ...]:
    return tuple(one.name for one in saved if _names(one.toml, name))


def _names(text: str, name: str) -> bool:
    try:
        workload = parse(text)
    except AppError:
        return False
    named = (*workload.machine.named_hosts, *(step.host for step in workload.steps))
    return any(same_name(one, name) for one in named if one)


async def follow(before: str, after: str, history: History) -> tuple[str, ...]:
    """Write a host's new name into the saved workloads that name it; which they are."""
    followed = []
    for saved in await history.workloads():
        if _names(saved.toml, before):
            text = await in_thread(writer.host_renamed, saved.toml, before, after)
            await history.save_workload(replace(saved, toml=text))
            followed.append(saved.name)
    return tuple(followed)
