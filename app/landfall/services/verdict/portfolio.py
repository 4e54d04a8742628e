"""The workloads of the user: saved, edited, brought from files and written to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from landfall.core.errors import BadInput, Unavailable
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings
from landfall.core.verdict.over_volume import BreakEvenCurves, break_even_curves
from landfall.core.verdict.swings import InputSwing, swings
from landfall.core.workload.workload import Workload
from landfall.core.workload.writer import renamed
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload, WorkloadDraft
from landfall.services.late_imports import late
from landfall.services.paths import expanded
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.workload_files import LoadedWorkload

if TYPE_CHECKING:
    from landfall.core.workload.privacy_check import PrivacyCheck
    from landfall.services.reports.from_window import Wanted
    from landfall.services.reports.writing import Making, WrittenReport
    from landfall.services.verdict.known_names import Known


class Portfolio:
    """Workloads in the history."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def bring_samples(self) -> tuple[SavedWorkload, ...]:
        """Store those samples that are not there any more; returns all of them."""
        samples = await asyncio.to_thread(workload_files.saved_samples)
        await self._bring(samples)
        return samples

    async def bring_sample_portfolio(self) -> tuple[SavedWorkload, ...]:
        """Store the workloads of the sample portfolio, marked as samples; returns them."""
        found = await asyncio.to_thread(workload_files.sample_portfolio)
        samples = workload_files.saved_samples(found)
        await self._bring(samples)
        return samples

    async def _bring(self, samples: Iterable[SavedWorkload]) -> None:
        there = {one.name for one in await self._history.workloads()}
        for sample in samples:
            if sample.name not in there:
                await self._history.save_workload(sample)

    async def flips_of(self, decided: Decided, workload: Workload) -> Decided:
        """The verdict on a changed workload with what would flip it: a search, on a thread."""
        return await asyncio.to_thread(decided.again, workload, with_flips=True)

    async def break_even(self, decided: Decided) -> tuple[Decided, BreakEvenCurves | Unknown]:
        """The bills over the volume, or why there is no such picture; on a thread.

        With the verdict that was asked about: by then another one may be shown.
        """
        workload = decided.placed
        found = await asyncio.to_thread(
            break_even_curves, workload, decided.facts, decided.assembler
        )
        return decided, found

    async def swings_of(self, decided: Decided) -> tuple[Decided, tuple[InputSwing, ...]]:
        """What each input does to the saving within its usual doubt; on a thread.

        With the verdict that was asked about: by then another one may be shown.
        """
        found = await asyncio.to_thread(
            swings,
            decided.placed,
            decided.assembler,
            decided.limits,
            decided.verdict.option,
            flips=decided.verdict.flips,
        )
        return decided, found

    async def check_privacy(
        self, decided: Decided, settings: Settings
    ) -> tuple[Decided, PrivacyCheck]:
        """Where each step of a workload leads now: its hosts are resolved, the model server asked.

        With the verdict that was asked about: by then another one may be shown.
        """
        module = await asyncio.to_thread(late, "landfall.services.verdict.privacy_checks")
        found: PrivacyCheck = await module.check_decided(decided, settings)
        return decided, found

    async def on_machine(
        self, decided: Decided, name: str, *, owned: bool, price_usd: float | None, as_of: str
    ) -> tuple[Decided, Decided]:
        """The verdict if a machine of this name were owned, or bought at this price.

        Behind the verdict that was asked about: by then another one may be shown.

        Raises:
            BadInput: no machine has that name.
        """
        module = await asyncio.to_thread(late, "landfall.services.verdict.other_machines")
        other = module.OtherMachine(name=name, owned=owned, price_usd=price_usd, as_of=as_of)
        return decided, await asyncio.to_thread(module.with_machine, decided, other)

    async def report(self, wanted: Wanted) -> AsyncGenerator[Making | WrittenReport]:
        """A report of decided workloads as a file, telling how far it is; what was written comes
        last.

        Raises:
            AppError: see `reports.writing.write`.
        """
        module = await asyncio.to_thread(late, "landfall.services.reports.from_window")
        async with aclosing(module.reported(wanted, self._history)) as steps:
            async for step in steps:
                yield step

    async def known(self, settings: Settings) -> Known:
        """Names for the suggestions of an editor."""
        module = await asyncio.to_thread(late, "landfall.services.verdict.known_names")
        names: Known = await asyncio.to_thread(module.known, settings)
        return names

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

    async def bring_each(self, paths: Sequence[Path]) -> tuple[SavedWorkload | BadInput, ...]:
        """Store workloads from files, one after the other; what is wrong with one stops no other.

        Returns:
            For each path what was stored, or why nothing was.
        """
        found: list[SavedWorkload | BadInput] = []
        for path in paths:
            try:
                found.append(await self.bring(path))
            except BadInput as error:
                found.append(error)
        return tuple(found)

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
        return found

    async def drafts(self) -> tuple[WorkloadDraft, ...]:
        """What was half typed and never saved, the latest first."""
        return await self._history.workload_drafts()

    async def keep_draft(self, draft: WorkloadDraft) -> None:
        """Keep what is typed by now."""
        await self._history.keep_workload_draft(draft)

    async def forget_draft(self, key: str) -> None:
        """Drop a draft."""
        await self._history.forget_workload_draft(key)

    async def of_measured(self, kind: str, row: int) -> str:
        """The beginning of a workload out of a "run" or a "benchmark" of the history.

        Raises:
            BadInput: it is not there any more.
        """
        module = await asyncio.to_thread(late, "landfall.services.run.workload_of_run")
        make = module.text_of_run if kind == "run" else module.text_of_benchmark
        text: str = await make(self._history, row)
        return text

    async def restore(self, saved: SavedWorkload) -> None:
        """Undo a removal."""
        await self._history.save_workload(saved)


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
    if not series or expanded(series).is_absolute():
        return loaded.text
    whole = (expanded(path).parent / series).resolve()
    return loaded.text.replace(f'"{series}"', f'"{whole.as_posix()}"', 1)
