"""What reaches providers: keys and the connections on which they travel. It comes in when a page
asks for it: an HTTP client and the price tables are no light load."""

from __future__ import annotations

from collections.abc import Callable

from landfall.core.settings import Settings
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.keys.key_store import KeyStore


class CloudSide:
    """One for the life of the window.

    Args:
        history: Keeps what was sent, and what it cost.
        keys: The store of keys in use now.
    """

    def __init__(self, history: History, keys: Callable[[], KeyStore]) -> None:
        self._history, self._keys = history, keys
        self._transport = Transport(history)

    def access(self, settings: Settings) -> CloudAccess:
        """Keys, providers and prices under these settings."""
        return CloudAccess(
            settings, keys=self._keys(), transport=self._transport, history=self._history
        )

    async def close(self) -> None:
        """Close connections."""
        await self._transport.aclose()
