"""The workloads of the user together: saved, edited, decided. A broken one hides no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.core.verdict import to_json
from landfall.services import workload_files
from landfall.services.deciding import Decided, Decider
from landfall.services.history import History, SavedWorkload
from landfall.services.workload_files import LoadedWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A saved workload with its verdict, or with what keeps it from one."""

    saved: SavedWorkload
    decided: Decided | None = None
    problem: BadInput | None = None


class Portfolio:
    """Workloads in the history, with the samples of the first start."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._kinds: dict[str, str] = {}

    async def saved(self) -> tuple[SavedWorkload, ...]:
        """What is saved, in the user's order; the samples are put in at the very first time."""
        await self._history.seed_samples(
            SavedWorkload(name=one.workload.name, toml=one.text, sample=True)
            for one in await asyncio.to_thread(workload_files.samples)
        )
        return await self._history.workloads()

    async def decide(self, settings: Settings) -> tuple[Entry, ...]:
        """Every workload with its verdict under these settings. A change of verdict is kept."""
        decider = Decider(settings, now=datetime.now(UTC), runs=await self._history.runs())
        entries = [await _entry(decider, saved) for saved in await self.saved()]
        await self._keep(entries)
        return tuple(entries)

    async def _keep(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.decided is None:
                continue
            verdict = entry.decided.verdict
            if self._kinds.get(entry.saved.name) != verdict.option.value:
                self._kinds[entry.saved.name] = verdict.option.value
                await self._history.save_verdict(
                    entry.saved.name, verdict.option.value, to_json(verdict)
                )

    async def save(self, text: str, *, was: str | None = None) -> SavedWorkload:
        """Check and store a workload; `was` is the name under which it was stored before.

        Raises:
            BadInput: the text is wrong (nothing is stored), or the name is taken.
        """
        loaded = await asyncio.to_thread(workload_files.from_text, text)
        saved = SavedWorkload(name=loaded.workload.name, toml=text)
        names = {one.name for one in await self._history.workloads()}
        if was is None and saved.name in names:
            raise BadInput(
                f"There is already a workload named {saved.name!r}.",
                "Choose another name, or edit the one that is there.",
                field="workload.name",
            )
        await self._history.save_workload(saved, was=was)
        return saved

    async def bring(self, path: Path) -> SavedWorkload:
        """Store a workload from a file; one of the same name is replaced.

        Raises:
            BadInput: the file is wrong: says file, line and key.
        """
        loaded = await asyncio.to_thread(workload_files.read, path)
        saved = SavedWorkload(name=loaded.workload.name, toml=_anchored(loaded, path))
        await self._history.save_workload(saved)
        return saved

    async def remove(self, name: str) -> SavedWorkload | None:
        """Forget a workload; returns it, so that the removal can be undone."""
        found = next((one for one in await self._history.workloads() if one.name == name), None)
        await self._history.delete_workload(name)
        return found

    async def restore(self, saved: SavedWorkload) -> None:
        """Undo a removal."""
        await self._history.save_workload(saved)


async def _entry(decider: Decider, saved: SavedWorkload) -> Entry:
    try:
        loaded = await asyncio.to_thread(workload_files.from_text, saved.toml)
        return Entry(saved=saved, decided=await decider.decide(loaded))
    except BadInput as error:
        return Entry(saved=saved, problem=error)


def _anchored(loaded: LoadedWorkload, path: Path) -> str:
    """The text with a series named from the root: stored, it has no folder of its own any more."""
    series = loaded.workload.volume.series
    if not series or Path(series).expanduser().is_absolute():
        return loaded.text
    whole = (path.expanduser().parent / series).resolve()
    return loaded.text.replace(f'"{series}"', f'"{whole.as_posix()}"', 1)
