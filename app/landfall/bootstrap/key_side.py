"""Where the window keeps keys: the system's keyring, asked from one thread, made when it is needed.

A keyring is no light load, and a window that calls no provider and keeps no host does without.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from landfall.services.keys.key_store import KeyStore, SessionKeys
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.services.keys.system_keyring import SystemKeyring


class KeySide:
    """One for the life of the window; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keyring: SystemKeyring | None = None
        self._session: SessionKeys | None = None

    def store(self) -> KeyStore:
        """The store in use now."""
        if self._session is not None:
            return self._session
        with self._lock:
            if self._keyring is None:
                self._keyring = late("landfall.services.keys.system_keyring").SystemKeyring()
            return self._keyring

    def keep_in_memory(self) -> None:
        """Without a keyring the user may keep keys until the program ends, and no longer."""
        self._session = SessionKeys()

    def close(self) -> None:
        """End the keyring's thread."""
        if self._keyring is not None:
            self._keyring.close()
