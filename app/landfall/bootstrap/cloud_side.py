"""What reaches providers: keys and the connections on which they travel. It comes in when a page
asks for it: a keyring, an HTTP client and the price tables are no light load."""

from __future__ import annotations

from landfall.core.settings import Settings
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.history import History
from landfall.services.secrets import KeyStore, SessionKeys
from landfall.services.system_keyring import SystemKeyring


class CloudSide:
    """One for the life of the window.

    Args:
        history: Keeps what was sent, and what it cost.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._keyring = SystemKeyring()
        self._keys: KeyStore = self._keyring
        self._transport = Transport(history)

    def access(self, settings: Settings) -> CloudAccess:
        """Keys, providers and prices under these settings."""
        return CloudAccess(
            settings, keys=self._keys, transport=self._transport, history=self._history
        )

    def keep_keys_in_memory(self) -> None:
        """Without a keyring the user may keep keys until the program ends, and no longer."""
        self._keys = SessionKeys()

    async def close(self) -> None:
        """Close connections and the keyring's thread."""
        try:
            await self._transport.aclose()
        finally:
            self._keyring.close()
