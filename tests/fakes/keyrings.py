"""Keyring back ends that behave, and that do not. Also named in PYTHON_KEYRING_BACKEND."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import InitError, PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Keeps what it is given, and counts the threads that come."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.threads: set[str] = set()

    def _note(self, call: str, service: str, username: str) -> None:
        self.calls.append((call, service, username))
        self.threads.add(threading.current_thread().name)

    def get_password(self, service: str, username: str) -> str | None:
        self._note("get", service, username)
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._note("set", service, username)
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._note("delete", service, username)
        if (service, username) not in self.entries:
            raise PasswordDeleteError("not there")
        del self.entries[service, username]


class ForgetfulKeyring(MemoryKeyring):
    """Takes everything and has nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        self._note("set", service, username)


class StickyKeyring(MemoryKeyring):
    """Says that it removes, and does not."""

    def delete_password(self, service: str, username: str) -> None:
        self._note("delete", service, username)


class LockedKeyring(MemoryKeyring):
    """What a secret service without a display does when its collection is locked."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise InitError("Failed to create the collection: Prompt dismissed..")

    def get_password(self, service: str, username: str) -> str | None:
        raise InitError("Failed to create the collection: Prompt dismissed..")


class CrashingKeyring(MemoryKeyring):
    """Raises what no keyring should, with the secret in its words."""

    class Broken(Exception):
        pass

    def set_password(self, service: str, username: str, password: str) -> None:
        if not username.startswith("canary"):
            raise self.Broken(f"cannot write {password!r}")
        super().set_password(service, username, password)


class PlaintextKeyring(MemoryKeyring):
    """By its name, writes a readable file."""


class BlockedKeyring(MemoryKeyring):
    """Shows a prompt that nobody answers until `answered` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()

    def set_password(self, service: str, username: str, password: str) -> None:
        self.answered.wait(30)
        super().set_password(service, username, password)


class FileKeyring(KeyringBackend):
    """Shared by programs that run one after another, in the file that LANDFALL_TEST_KEYRING names.

    Stands for the keyring of the system, which outlives each of them.
    """

    priority = 1.0

    @property
    def _path(self) -> Path:
        return Path(os.environ["LANDFALL_TEST_KEYRING"])

    def _entries(self) -> dict[str, str]:
        text = self._path.read_text() if self._path.exists() else "{}"
        found: dict[str, str] = json.loads(text)
        return found

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps(self._entries() | {f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        entries = self._entries()
        if entries.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("not there")
        self._path.write_text(json.dumps(entries))
