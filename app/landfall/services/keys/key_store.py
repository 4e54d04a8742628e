"""What keeps keys: the keyring of the system (`system_keyring`), or memory for one session."""

from __future__ import annotations

from typing import Protocol

from landfall.core.errors import KeyringUnavailable
from landfall.services.keys.secret import Secret


class NoKeyring(KeyringUnavailable):
    """The system has none at all, so no key of ours can be in one."""


class KeyStore(Protocol):
    """Where keys are kept. An entry is named by its provider, "openai"."""

    async def describe(self) -> str:
        """Which store this is, for people."""
        ...

    async def get(self, entry: str) -> Secret | None:
        """The key, or None where there is none."""
        ...

    async def store(self, entry: str, secret: Secret) -> None:
        """Keep the key, in place of one that was there."""
        ...

    async def remove(self, entry: str) -> bool:
        """Forget the key. False where there was none."""
        ...


class SessionKeys:
    """Keys in memory until the program ends: for a user who chose so where no keyring is."""

    def __init__(self) -> None:
        self._keys: dict[str, Secret] = {}

    async def describe(self) -> str:
        """Which store this is, for people."""
        return "memory, until Landfall ends"

    async def get(self, entry: str) -> Secret | None:
        """The key, or None where there is none."""
        return self._keys.get(entry)

    async def store(self, entry: str, secret: Secret) -> None:
        """Keep the key, in place of one that was there."""
        self._keys[entry] = secret

    async def remove(self, entry: str) -> bool:
        """Forget the key. False where there was none."""
        return self._keys.pop(entry, None) is not None
