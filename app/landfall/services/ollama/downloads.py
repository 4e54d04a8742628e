"""Pulls as the user sees them: one at a time, checked against the disk, kept across a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from landfall.core.errors import AppError, NetworkUnavailable
from landfall.core.events import PullProgress
from landfall.services.history.history import History
from landfall.services.history.records import PullRecord, now_iso
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.pulls import require_room

SAVE_EVERY_SECONDS = 2.0

Layers = Sequence[tuple[str, int]]
"""Digest and size in bytes of each layer of a model, its configuration among them."""

ReadLayers = Callable[[str, bool], Awaitable[Layers]]
"""Asks the registry for a model's layers: its name, and whether plain http is allowed."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The download waits for the one before it."""

    model: str


DownloadStep = Queued | PullProgress


class Downloads:
    """The queue of pulls on one server.

    Attributes:
        client: That server.
    """

    def __init__(
        self, client: Ollama, history: History, *, read_layers: ReadLayers, models_path: Path | None
    ) -> None:
        """Remember what is needed.

        Args:
            client: The server that pulls.
            history: Keeps where each pull is.
            read_layers: Asks the registry.
            models_path: Folder of the server's models where it is on this machine, else None; what
                the server itself says of it counts more.
        """
        self.client = client
        self._history = history
        self._read_layers = read_layers
        self._here = is_this_machine(client.url)
        self._models_path = models_path
        self._turn = asyncio.Lock()

    async def pull(
        self, model: str, *, insecure: bool = False
    ) -> AsyncGenerator[DownloadStep, None]:
        """Pull a model when its turn comes. Cancelling pauses it: what came is kept.

        Raises:
            DiskFull: the disk has no room; nothing was loaded.
            AppError: as `pulls.pull` does; the reason is kept with the pull.
        """
        started = now_iso()
        record = PullRecord(
            host=self.client.url,
            model=model,
            started_at=started,
            changed_at=started,
            state="running",
        )
        await self._history.save_pull(record)
        if self._turn.locked():
            yield Queued(model)
        try:
            async with self._turn:
                whole = await self._check_room(model, insecure=insecure)
                record = replace(record, total_bytes=whole)
                steps = self.client.pull(model, insecure=insecure, whole_total_bytes=whole)
                saved_at = float("-inf")
                async with aclosing(steps):
                    async for step in steps:
                        record = _advanced(record, step)
                        if step.at - saved_at >= SAVE_EVERY_SECONDS:
                            saved_at = step.at
                            await self._save(record)
                        yield step
            record = replace(record, state="done")
        except AppError as error:
            record = replace(record, state="failed", reason=f"{error.message} {error.hint}".strip())
            raise
        finally:
            if record.state == "running":
                record = replace(record, state="paused")
            await self._save(record)

    async def _save(self, record: PullRecord) -> None:
        await self._history.save_pull(replace(record, changed_at=now_iso()))

    async def _check_room(self, model: str, *, insecure: bool) -> int | None:
        """The size of the whole model, where the registry tells it; the disk is checked by it.

        A registry that does not answer us may still answer the server: the pull is tried.
        """
        try:
            layers = await self._read_layers(model, insecure)
        except NetworkUnavailable:
            return None
        folder = await self._told_folder() or self._models_path if self._here else None
        if folder is not None:
            await require_room(layers, folder / "blobs")
        return sum(size for _, size in layers)

    async def _told_folder(self) -> Path | None:
        """Where the server says that its models lie; None where it cannot tell."""
        try:
            return await self.client.models_folder()
        except AppError:
            return None


def _advanced(record: PullRecord, step: PullProgress) -> PullRecord:
    return replace(
        record,
        completed_bytes=step.whole_completed_bytes
        if step.whole_completed_bytes is not None
        else record.completed_bytes,
        total_bytes=step.whole_total_bytes or record.total_bytes,
    )
