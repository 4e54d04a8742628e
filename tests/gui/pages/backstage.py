"""What really stands behind a page in the tests: io loop, history, a twin of Ollama, a provider."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any

from landfall.bootstrap.behind import LINE
from landfall.core.events import PowerSample
from landfall.core.settings import Settings
from landfall.gui.app_state import AppState
from landfall.gui.lookout import Lookout
from landfall.gui.messages import Messages
from landfall.gui.tasks import TaskRunner
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.io_loop import IoLoop
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import clean
from landfall.services.ollama.server_in_use import Host
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs
from landfall.services.verdict.rounds import Rounds, made_here
from tests.fakes.cloud_api import CloudApi, serving
from tests.fakes.ollama_twin import Twin
from tests.fakes.ollama_world import TwinModel
from tests.fakes.power import FakeSource

KEY = "sk-fake-0123456789abcdef"


class FakePower(Metering):
    """A GPU that draws what it is told, read ten times a second."""

    def __init__(self, watts: float | None = 120.0, *, period: float = 0.02) -> None:
        super().__init__([FakeSource(watts)])
        self._period = period

    async def samples(self) -> AsyncGenerator[PowerSample, None]:
        while True:
            yield self.sources[0].read()
            await asyncio.sleep(self._period)


class Backstage:
    """Everything that a page is given, on real sockets and a real file."""

    def __init__(self, folder: Path, state: AppState, messages: Messages) -> None:
        self.state, self.messages = state, messages
        self.history = History(folder / "history.db")
        self.host = Host()
        self.runs = Runs(self.history)
        self.keys = SessionKeys()
        self.transport = Transport(self.history)
        self.twin = Twin(folder / "models")
        self.api: CloudApi | None = None
        self._stack = AsyncExitStack()
        self._loop = IoLoop(at_end=self._close)
        self.tasks = TaskRunner(self._loop)
        self.lookout = Lookout(
            state,
            self.tasks,
            messages,
            host=self.host,
            runs=self.runs,
            rounds=Rounds(self.history, line=LINE, make=made_here),
            history=self.history,
        )

    def start(self, *models: TwinModel, server: bool = True) -> None:
        """Open the history; start the twin with these models, and look at it."""
        self._loop.start()
        self.run(self.history.open())
        for model in models:
            self.twin.recorded_models[model.name.short] = model
        if server:
            self.run(self._stack.enter_async_context(self.twin))
            self.connect(self.twin.url)

    def connect(self, url: str) -> None:
        """Use the server at this address."""
        self._set(ollama_url=url)
        self.state.set_runtimes((self.run(self.host.look(self.state.settings)),))
        self.state.set_models(*self.run(self.host.models()))

    def offer_cloud(self, *, price_usd_per_mtok: float | None = None) -> CloudApi:
        """A provider at the address of OpenAI whose key is stored."""
        self.api = self.run(self._stack.enter_async_context(serving("openai", KEY)))
        assert self.api is not None
        prices = {}
        if price_usd_per_mtok is not None:
            rates = {"input": price_usd_per_mtok, "output": price_usd_per_mtok}
            prices["openai/m-1"] = MappingProxyType(rates)
        self._set(
            base_urls=MappingProxyType({"openai": self.api.url}), prices=MappingProxyType(prices)
        )
        self.run(self.keys.store("openai", clean(KEY)))
        return self.api

    def cloud(self) -> CloudAccess:
        return CloudAccess(
            self.state.settings,
            keys=self.keys,
            transport=self.transport,
            history=self.history,
            environment={},
        )

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do this on the io loop and wait for it."""
        done: SimpleQueue[asyncio.Task[Any]] = SimpleQueue()
        self._loop.submit(work, done.put)
        return done.get(timeout=20).result()

    def stop(self) -> None:
        assert self._loop.stop(10)

    def _set(self, **changes: Any) -> None:
        settings: Settings = replace(self.state.settings, **changes)
        self.state.set_settings(settings)

    async def _close(self) -> None:
        await self.host.close()
        await self.transport.aclose()
        await self._stack.aclose()
        await self.history.close()
