"""What stands behind the Cloud page in its tests: io loop, history, keyring, a provider."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any

import keyring
from keyring.backend import KeyringBackend

from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from landfall.gui.pages.cloud_page import CloudPage
from landfall.gui.preferences import Preferences
from landfall.gui.tasks import TaskRunner
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.history.records import EgressEntry
from landfall.services.io_loop import IoLoop
from landfall.services.keys.key_store import KeyStore, SessionKeys
from landfall.services.keys.system_keyring import SERVICE, SystemKeyring
from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.keyrings import MemoryKeyring

KEY = "sk-proj-PLANTED-9f8e7d6c5b4a-0123456789"


class CloudStage:
    """A real loop, a real file and a provider on loopback at the address of OpenAI."""

    def __init__(self, folder: Path, state: AppState, messages: Messages) -> None:
        self.state, self.messages, self.folder = state, messages, folder
        self.before = keyring.get_keyring()
        self.decided: list[str] = []
        self.keyring = MemoryKeyring()
        self.use(self.keyring)
        self.history = History(folder / "history.db")
        self.system = SystemKeyring()
        self.keys: KeyStore = self.system
        self.transport = Transport(self.history)
        self._stack = AsyncExitStack()
        self._loop = IoLoop(at_end=self._close)
        self.tasks = TaskRunner(self._loop)
        self.preferences = Preferences(state, self.tasks, messages, path=folder / "settings.toml")
        self._loop.start()
        self.run(self.history.open())
        self.api: CloudApi = self.run(self._stack.enter_async_context(serving("openai", KEY)))
        self.set(base_urls=MappingProxyType({"openai": self.api.url}))

    @property
    def host(self) -> str:
        """Of the provider."""
        return self.api.url.split("/")[2]

    def use(self, backend: KeyringBackend) -> None:
        keyring.set_keyring(backend)

    def has_key(self, name: str, key: str = KEY) -> None:
        """A key that was stored before."""
        self.keyring.entries[SERVICE, name] = key

    def was_checked(self, said: str, at: str) -> None:
        """A check of the past."""
        entry = EgressEntry(
            at=at,
            host=self.host,
            workload=None,
            sent_bytes=1,
            received_bytes=1,
            why="key check",
            outcome=said,
        )
        self.run(self.history.record_egress(entry))

    def set(self, **changes: Any) -> None:
        self.state.set_settings(replace(self.state.settings, **changes))

    def cloud(self) -> CloudAccess:
        return CloudAccess(
            self.state.settings,
            keys=self.keys,
            transport=self.transport,
            history=self.history,
            environment={},
        )

    def keep_for_session(self) -> None:
        self.keys = SessionKeys()

    def page(self, *, offers_session: bool = False) -> CloudPage:
        made = CloudPage(
            self.state,
            self.tasks,
            self.messages,
            cloud=self.cloud,
            preferences=self.preferences,
            history=self.history,
            decide_again=partial(self.decided.append, "again"),
            keep_for_session=self.keep_for_session if offers_session else None,
        )
        # As the window does with a jump to this page.
        self.messages.jump_asked.connect(lambda _page, detail: made.open_at(detail))
        return made

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do this on the io loop and wait for it."""
        done: SimpleQueue[asyncio.Task[Any]] = SimpleQueue()
        self._loop.submit(work, done.put)
        return done.get(timeout=20).result()

    def stop(self) -> None:
        assert self._loop.stop(10)
        keyring.set_keyring(self.before)

    async def _close(self) -> None:
        await self.transport.aclose()
        self.system.close()
        await self._stack.aclose()
        await self.history.close()
