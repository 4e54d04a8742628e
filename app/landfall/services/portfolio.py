"""The workloads of the user together: saved, edited, decided. A broken one hides no other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from landfall.core.cost_over_volume import BreakEvenCurves, break_even_curves
from landfall.core.errors import AppError, BadInput, Unavailable
from landfall.core.privacy import Option
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings
from landfall.core.verdict import to_json
from landfall.core.workload import Workload
from landfall.core.workload_writer import renamed
from landfall.services import catalogue, workload_files
from landfall.services.deciding import Decided, Decider
from landfall.services.hardware_offers import Offer, cheapest_that_holds
from landfall.services.history import History, SavedWorkload
from landfall.services.prices import Prices
from landfall.services.workload_files import LoadedWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A saved workload with its verdict, or with what keeps it from one.

    Attributes:
        problem: Why it could not be decided: the text is wrong (BadInput says where), or what
            the decision needs could not be had.
        offer: Where no memory at hand holds the model: the cheapest listed hardware that does.
    """

    saved: SavedWorkload
    decided: Decided | None = None
    problem: AppError | None = None
    offer: Offer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Names to choose from when a workload is written: providers with their models, and so on."""

    models: Mapping[str, tuple[str, ...]]
    local: tuple[str, ...]
    machines: tuple[str, ...]


class Portfolio:
    """Workloads in the history, with the samples of the first start."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._kinds: dict[str, str] = {}
        self._decider: Decider | None = None

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

    async def decide(self, settings: Settings) -> tuple[Entry, ...]:
        """Every workload with its verdict under these settings. A change of verdict is kept."""
        runs = await self._history.runs()
        decider = await asyncio.to_thread(Decider, settings, now=datetime.now(UTC), runs=runs)
        entries = [await _entry(decider, saved) for saved in await self.saved()]
        self._decider = decider
        await self._keep(entries)
        return tuple(entries)

    def again(self, decided: Decided, workload: Workload) -> Decided:
        """The verdict on a changed workload in the world of the last decision: for a slider.

        Pure computation of some milliseconds, without what would flip it. The thread of the window
        may call it.
        """
        return self._again(decided, workload, with_flips=False)

    async def flips_of(self, decided: Decided, workload: Workload) -> Decided:
        """As `again`, with what would flip it: a search that takes its time, on a thread."""
        return await asyncio.to_thread(self._again, decided, workload, with_flips=True)

    def _again(self, decided: Decided, workload: Workload, *, with_flips: bool) -> Decided:
        assert self._decider is not None, "nothing is decided again before it was decided"
        facts = decided.assembler.facts(workload)
        verdict = self._decider.verdict(workload, facts, decided.assembler, with_flips=with_flips)
        loaded = replace(decided.loaded, workload=workload)
        return replace(decided, loaded=loaded, facts=facts, verdict=verdict)

    async def break_even(self, decided: Decided) -> BreakEvenCurves | Unknown:
        """The bills over the volume, or why there is no such picture; on a thread."""
        workload = decided.loaded.workload
        return await asyncio.to_thread(
            break_even_curves, workload, decided.facts, decided.assembler
        )

    async def known(self, settings: Settings) -> Known:
        """Names for the suggestions of an editor."""
        return await asyncio.to_thread(_known, settings)

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


async def _entry(decider: Decider, saved: SavedWorkload) -> Entry:
    try:
        loaded = await asyncio.to_thread(workload_files.from_text, saved.toml)
        decided = await decider.decide(loaded)
    except AppError as error:
        return Entry(saved=saved, problem=error)
    offer = None
    nowhere = decided.verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    machine = decided.facts.machine
    if nowhere and (machine is None or machine.fits is False):
        offer = await asyncio.to_thread(cheapest_that_holds, loaded.workload)
    return Entry(saved=saved, decided=decided, offer=offer)


def _samples() -> tuple[SavedWorkload, ...]:
    return tuple(
        SavedWorkload(name=one.workload.name, toml=one.text, sample=True)
        for one in workload_files.samples()
    )


def _known(settings: Settings) -> Known:
    prices, known = Prices(settings), catalogue.load()
    return Known(
        models={one.id: prices.models(one.id) for one in prices.providers()},
        local=tuple(card.tag for card in known.models),
        machines=tuple(machine.name for machine in known.machines),
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
