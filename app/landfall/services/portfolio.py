"""The workloads of the user together: saved, edited, decided."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from landfall.core.cost_over_volume import BreakEvenCurves, break_even_curves
from landfall.core.errors import BadInput, Unavailable
from landfall.core.hardware import HardwareProfile
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings
from landfall.core.verdict import to_json
from landfall.core.workload import Workload
from landfall.core.workload_writer import renamed
from landfall.services import apart, workload_files
from landfall.services.decided import Decided, Entry, Known, Question
from landfall.services.history import History, SavedWorkload
from landfall.services.workload_files import LoadedWorkload

logger = logging.getLogger(__name__)

_ROUND = "landfall.services.decision_round"
_PRICES = "landfall.services.prices"

Decide = Callable[[Question], Awaitable[tuple[Entry, ...]]]


async def decide_here(question: Question) -> tuple[Entry, ...]:
    """Decide in this process; catalogue and price tables come in with it, and stay."""
    entries: tuple[Entry, ...] = await (await _round()).decide(question)
    return entries


async def decide_apart(question: Question) -> tuple[Entry, ...]:
    """Decide in a process of its own that ends with its answer; here where the prices are anyway.

    The price tables take 20 MB and half a second, and what would flip a verdict is searched for a
    second: a window in which nobody looks at prices has neither.
    """
    if _PRICES not in sys.modules:
        try:
            entries: tuple[Entry, ...] = await apart.call(f"{_ROUND}:decide", question)
        except apart.Failed as error:
            logger.warning("deciding in this process: %s", error)
        else:
            return entries
    return await decide_here(question)


class Portfolio:
    """Workloads in the history, with the samples of the first start.

    Args:
        history: Where they are saved.
        decide: How they are decided: `decide_here`, or `decide_apart` in the window.
    """

    def __init__(self, history: History, *, decide: Decide = decide_here) -> None:
        self._history = history
        self._decide = decide
        self._kinds: dict[str, str] = {}

    async def saved(self) -> tuple[SavedWorkload, ...]:
        """What is saved, in the user's order; the samples are put in at the very first time."""
        await self._history.seed_samples(await asyncio.to_thread(_samples))
        return await self._history.workloads()

    async def bring_samples(self) -> tuple[SavedWorkload, ...]:
        """Store those samples that are not there any more; returns all of them."""
        samples = await asyncio.to_thread(_samples)
        there = {one.name for one in await self._history.workloads()}
        for sample in samples:
            if sample.name not in there:
                await self._history.save_workload(sample)
        return samples

    async def decide(
        self, settings: Settings, *, machine: HardwareProfile | None = None
    ) -> tuple[Entry, ...]:
        """Every workload with its verdict under these settings. A change of verdict is kept.

        Args:
            settings: Thresholds, electricity price, hourly rate, typed prices.
            machine: This machine as it was detected, or None to detect it where it matters.
        """
        question = Question(
            settings=settings,
            now=datetime.now(UTC),
            machine=machine,
            runs=await self._history.runs(),
            saved=await self.saved(),
        )
        entries = await self._decide(question)
        await self._keep(entries)
        return entries

    async def flips_of(self, decided: Decided, workload: Workload) -> Decided:
        """The verdict on a changed workload with what would flip it: a search, on a thread."""
        return await asyncio.to_thread(decided.again, workload, with_flips=True)

    async def break_even(self, decided: Decided) -> BreakEvenCurves | Unknown:
        """The bills over the volume, or why there is no such picture; on a thread."""
        workload = decided.loaded.workload
        return await asyncio.to_thread(
            break_even_curves, workload, decided.facts, decided.assembler
        )

    async def known(self, settings: Settings) -> Known:
        """Names for the suggestions of an editor."""
        return await asyncio.to_thread((await _round()).known, settings)

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

    async def rename(self, saved: SavedWorkload, name: str) -> SavedWorkload:
        """Give a workload another name, in its text too. A renamed sample is the user's own.

        Raises:
            BadInput: the name is empty or taken, or the text is wrong.
        """
        text = await asyncio.to_thread(renamed, saved.toml, name.strip())
        return await self.save(text, was=saved.name)

    async def duplicate(self, saved: SavedWorkload) -> SavedWorkload:
        """Store a copy under the next free name.

        Raises:
            BadInput: the text is wrong.
        """
        taken = {one.name for one in await self._history.workloads()}
        copies = (f"{saved.name} (copy{f' {n}' if n > 1 else ''})" for n in count(1))
        name = next(one for one in copies if one not in taken)
        return await self.save(await asyncio.to_thread(renamed, saved.toml, name))

    async def text_of(self, path: Path) -> str:
        """The text of a workload file as it stands, right or wrong.

        Raises:
            BadInput: it cannot be read as text.
        """
        return await asyncio.to_thread(
            workload_files.read_text, path, str(path), workload_files.MOST_BYTES
        )

    async def write(self, saved: SavedWorkload, path: Path) -> None:
        """Write a workload to a file, which is replaced if it is there.

        Raises:
            Unavailable: the file cannot be written.
        """
        await asyncio.to_thread(_write, path, saved.toml)

    async def remove(self, name: str) -> SavedWorkload | None:
        """Forget a workload; returns it, so that the removal can be undone."""
        found = next((one for one in await self._history.workloads() if one.name == name), None)
        await self._history.delete_workload(name)
        # Its verdicts went with it: one that is brought back begins to keep them anew.
        self._kinds.pop(name, None)
        return found

    async def restore(self, saved: SavedWorkload) -> None:
        """Undo a removal."""
        await self._history.save_workload(saved)


async def _round() -> Any:
    return await asyncio.to_thread(import_module, _ROUND)


def _samples() -> tuple[SavedWorkload, ...]:
    return tuple(
        SavedWorkload(name=one.workload.name, toml=one.text, sample=True)
        for one in workload_files.samples()
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error


def _anchored(loaded: LoadedWorkload, path: Path) -> str:
    """The text with a series named from the root: stored, it has no folder of its own any more."""
    series = loaded.workload.volume.series
    if not series or Path(series).expanduser().is_absolute():
        return loaded.text
    whole = (path.expanduser().parent / series).resolve()
    return loaded.text.replace(f'"{series}"', f'"{whole.as_posix()}"', 1)
