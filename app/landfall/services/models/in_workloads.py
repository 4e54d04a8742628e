"""Saved workloads that name a model: whoever deletes it is told which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from landfall.core.errors import AppError
from landfall.core.fit.offer import name_key
from landfall.core.usage.buckets import LOCAL_PROVIDERS
from landfall.core.workload.file import parse
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.threads import in_thread


async def naming(history: History) -> Mapping[str, tuple[str, ...]]:
    """By `name_key` of a model: the user's workloads that name it, as a candidate or as what their
    work runs on today. Samples are nobody's, and one that cannot be read names nothing."""
    return await in_thread(_naming, await history.workloads())


def _naming(saved: Sequence[SavedWorkload]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in saved:
        for key in sorted(_keys(one)):
            found[key] = (*found.get(key, ()), one.name)
    return found


def _keys(saved: SavedWorkload) -> frozenset[str]:
    if saved.sample:
        return frozenset()
    try:
        workload = parse(saved.toml)
    except AppError:
        return frozenset()
    today = workload.today
    here = today.model if today.provider.lower() in LOCAL_PROVIDERS else ""
    return frozenset(name_key(name) for name in (*workload.candidates.local, here) if name)
