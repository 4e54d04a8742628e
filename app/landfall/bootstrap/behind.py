"""What stands behind the window: history, the server in use, keys, prices, runs.

Imported after the first paint, on a thread: this is where the heavy modules come in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from landfall.core.errors import AppError
from landfall.core.settings import Settings
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.database import DatabaseDamaged
from landfall.services.history import History
from landfall.services.ollama import registry
from landfall.services.ollama.downloads import Downloads
from landfall.services.ollama.host import Host
from landfall.services.paths import Paths
from landfall.services.portfolio import Portfolio
from landfall.services.runs import Runs
from landfall.services.secrets import KeyStore, SessionKeys, SystemKeyring

MEMORY = Path(":memory:")
"""Where the history goes when its file cannot be used: the program works, and says so."""


class Behind:
    """Made in the GUI thread, opened and closed in the io thread.

    Attributes:
        trouble: Why the history is not kept in its file, or None.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.history = History(paths.database)
        self.host = Host()
        self._keyring = SystemKeyring()
        self.keys: KeyStore = self._keyring
        self.trouble: AppError | None = None
        self.runs = Runs(self.history)
        self.cloud_transport = Transport(self.history)
        self.portfolio = Portfolio(self.history)
        self._downloads: Downloads | None = None

    async def open(self) -> int:
        """Open the history; returns how many runs and pulls a crash had cut.

        A damaged file is set aside and a new one begun; one that cannot be used at all is replaced
        by memory. Either is said through `trouble`, and nothing of the file is lost.
        """
        try:
            self.paths.make()
            await self.history.open()
        except DatabaseDamaged as error:
            aside = _set_aside(self.paths.database)
            self.trouble = DatabaseDamaged(
                error.message, f"It was set aside as {aside}; a new history was begun."
            )
            await self.history.reopen(self.paths.database)
        except AppError as error:
            self.trouble = error
            await self.history.reopen(MEMORY)
        return await self.history.mark_interrupted()

    async def close(self) -> None:
        """Close everything, the last first. A server that we started ends; a found one goes on."""
        await self.host.close()
        await self.cloud_transport.aclose()
        self._keyring.close()
        await self.history.close()

    def cloud(self, settings: Settings) -> CloudAccess:
        """Keys, providers and prices under these settings."""
        return CloudAccess(
            settings, keys=self.keys, transport=self.cloud_transport, history=self.history
        )

    def keep_keys_in_memory(self) -> None:
        """Without a keyring the user may keep keys until the program ends, and no longer."""
        self.keys = SessionKeys()

    def downloads(self, models_path: Path | None) -> Downloads:
        """The queue of pulls on the server in use; a new one when another server is used.

        Args:
            models_path: Folder of the server's models where it is on this machine.
        """
        client = self.host.client
        if self._downloads is None or self._downloads.client is not client:
            self._downloads = Downloads(
                client, self.history, read_layers=registry.read_layers, models_path=models_path
            )
        return self._downloads


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
