"""What stands behind the window: history, the server in use, runs, workloads.

Imported after the first paint, on a thread. What only some pages need (keys and prices, the queue
of pulls) comes in when it is asked for: a window at rest holds what it shows.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from landfall.bootstrap.key_side import KeySide
from landfall.core.errors import AppError
from landfall.core.settings import Settings
from landfall.services.history.database import MEMORY, DatabaseDamaged
from landfall.services.history.history import History
from landfall.services.late_imports import late
from landfall.services.ollama.server_in_use import Host
from landfall.services.paths import Paths
from landfall.services.run.runs import Runs
from landfall.services.threads import in_thread
from landfall.services.verdict.rounds import Rounds, made_apart

if TYPE_CHECKING:
    from landfall.bootstrap.cloud_side import CloudSide
    from landfall.bootstrap.host_side import HostSide
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.hosts.opening import Server
    from landfall.services.keys.secret import Secret
    from landfall.services.ollama.downloads import Downloads

logger = logging.getLogger(__name__)

QUIET_SECONDS = 30.0
"""So long after the start nobody waits for anything any more."""

UNKEPT = "Until then this window works without it, and forgets at its end what is done in it."
"""What follows for the user, behind what to do."""

LINE = "landfall.gui.summaries:summary"
"""What Home and the sidebar show of a workload."""


class Behind:
    """Made in the GUI thread, opened and closed in the io thread.

    Attributes:
        keys: Where keys and tokens are kept.
        trouble: Why the history is not kept in its file, or None.

    Args:
        language: What the window speaks.
    """

    def __init__(self, paths: Paths, language: str = "") -> None:
        self.paths = paths
        self.history = History(paths.database)
        self.keys = KeySide()
        self.host = Host(self._token_of)
        self.trouble: AppError | None = None
        self.runs = Runs(self.history, open_at=self._open_at)
        self._hosts_settings: Callable[[], Settings] = Settings
        self.rounds = Rounds(self.history, line=LINE, make=made_apart, language=language)
        self._tidying: asyncio.Task[None] | None = None
        self._cloud_side: CloudSide | None = None
        self._one_cloud_side = threading.Lock()
        self._downloads: Downloads | None = None
        self._host_side: HostSide | None = None

    async def open(self) -> int:
        """Open the history; returns how many runs and pulls a crash had cut.

        A damaged file is set aside and a new one begun; one that cannot be used at all is replaced
        by memory: the program works, and says so. Either is said through `trouble`, and nothing of
        the file is lost.
        """
        interrupted = await self._opened()
        self._tidying = asyncio.create_task(self._tidy(), name="old samples")
        return interrupted

    async def _opened(self) -> int:
        try:
            self.paths.make()
            await self.history.open()
            return await self.history.mark_interrupted()
        except DatabaseDamaged as error:
            await self.history.close()
            aside = _set_aside(self.paths.database)
            self.trouble = DatabaseDamaged(
                error.message, f"It was set aside as {aside}; a new history was begun."
            )
            await self.history.reopen(self.paths.database)
        except AppError as error:
            error.hint = f"{error.hint} {UNKEPT}".strip()
            self.trouble = error
            await self.history.reopen(MEMORY)
        return await self.history.mark_interrupted()

    async def _tidy(self) -> None:
        """Once, when the start is long over: samples of old runs become coarser."""
        await asyncio.sleep(QUIET_SECONDS)
        try:
            await self.history.thin_old_samples()
        except AppError as error:
            logger.warning("old samples stay as they are: %s", error)

    async def close(self) -> None:
        """Close everything, the last first. A server that we started ends; a found one goes on."""
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.gather(self._tidying, return_exceptions=True)
        await self.host.close()
        with self._one_cloud_side:
            side = self._cloud_side
        if side is not None:
            await side.close()
        self.keys.close()
        await self.history.close()

    def cloud(self, settings: Settings) -> CloudAccess:
        """Keys, providers and prices under these settings. From any thread."""
        return self._cloud().access(settings)

    def keep_keys_in_memory(self) -> None:
        """Without a keyring the user may keep keys until the program ends, and no longer."""
        self.keys.keep_in_memory()

    def _cloud(self) -> CloudSide:
        with self._one_cloud_side:
            if self._cloud_side is None:
                module = late("landfall.bootstrap.cloud_side")
                self._cloud_side = module.CloudSide(self.history, self.keys.store)
            side: CloudSide = self._cloud_side
        return side

    def use_hosts_of(self, settings: Callable[[], Settings]) -> None:
        """Where the kept hosts stand, whose tokens are shown to them."""
        self._hosts_settings = settings

    async def _token_of(self, url: str, settings: Settings) -> Secret | None:
        opening = await in_thread(late, "landfall.services.hosts.opening")
        token: Secret | None = await opening.token_at(url, settings, self.keys.store)
        return token

    async def _open_at(self, url: str) -> Server:
        """The client of a server that is asked beside the one in use."""
        opening = await in_thread(late, "landfall.services.hosts.opening")
        settings = self._hosts_settings()
        server: Server = await opening.server_at(url, settings, self.keys.store, self.history)
        return server

    def hosts(self) -> HostSide:
        """What answers about hosts. In the window's thread."""
        if self._host_side is None:
            module = late("landfall.bootstrap.host_side")
            self._host_side = module.HostSide(self.history, self.keys.store)
        side: HostSide = self._host_side
        return side

    def downloads(self, models_path: Path | None) -> Downloads:
        """The queue of pulls on the server in use; a new one when another server is used.

        Args:
            models_path: Folder of the server's models where it is on this machine.
        """
        client = self.host.client
        if self._downloads is None or self._downloads.client is not client:
            module = late("landfall.services.ollama.downloads")
            registry = late("landfall.services.ollama.registry")
            self._downloads = module.Downloads(
                client, self.history, read_layers=registry.read_layers, models_path=models_path
            )
        queue: Downloads = self._downloads
        return queue


def _set_aside(path: Path) -> Path:
    """Rename a damaged file and what SQLite keeps beside it; returns the new name."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    return aside
