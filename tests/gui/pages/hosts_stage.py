"""What stands behind the hosts of the Machine page in its tests: real loop, history, servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from landfall.bootstrap.host_side import HostSide
from landfall.core.hosts.hosts import (
    Host,
    HostKind,
    HostModel,
    HostReading,
    HostState,
    HostWarning,
    Stand,
    Standing,
)
from landfall.core.hosts.runtime import Runtime, RuntimeState
from landfall.core.provenance import Measured
from landfall.core.settings import Settings
from landfall.gui.app_state import AppState
from landfall.gui.hosts.desk import HostDesk
from landfall.gui.messages import Messages
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.preferences import Preferences
from landfall.gui.tasks import TaskRunner
from landfall.services.history.history import History
from landfall.services.hosts.watching import Rhythm
from landfall.services.io_loop import IoLoop
from landfall.services.keys.key_store import KeyStore, SessionKeys
from landfall.services.keys.secret import Secret
from tests.fakes.ollama_twin import NEW, Twin

PERIOD_SECONDS = 0.1
QUICK = Rhythm(period_seconds=PERIOD_SECONDS, silent_most_seconds=0.2, whole_every=6)
ANSWERED_AT = "2026-11-26T14:02:00Z"
IN_USE = "http://127.0.0.1:11434"


def ollama(name: str, url: str) -> Host:
    return Host(name=name, url=url, kind=HostKind.OLLAMA)


class HostsStage:
    """Real services, asked ten times a second instead of every ten seconds."""

    def __init__(
        self, folder: Path, state: AppState, messages: Messages, *, rhythm: Rhythm = QUICK
    ) -> None:
        self.state, self.messages, self.folder = state, messages, folder
        self.history = History(folder / "history.db")
        self.keys: KeyStore = SessionKeys()
        self.twins: list[Twin] = []
        self._loop = IoLoop(at_end=self._close)
        self.tasks = TaskRunner(self._loop)
        self.preferences = Preferences(state, self.tasks, messages, path=folder / "settings.toml")
        self.behind = HostSide(self.history, self.store, rhythm=rhythm)
        self._loop.start()
        self.run(self.history.open())

    def store(self) -> KeyStore:
        return self.keys

    def serve(self, version: str = NEW) -> Twin:
        """A twin of Ollama that answers from now on."""
        twin = Twin(self.folder / f"twin-{len(self.twins)}", version=version)
        self.twins.append(twin)
        self.run(twin.server.start())
        return twin

    def keep(self, *hosts: Host, **more: Any) -> None:
        self.state.set_settings(replace(self.state.settings, hosts=hosts, **more))

    def use(self, url: str) -> None:
        """The server in use."""
        found = Runtime(kind="ollama", state=RuntimeState.RUNNING, url=url, version=NEW)
        self.state.set_runtimes((found,))

    def desk(self, behind: Any = None) -> HostDesk:
        return HostDesk(
            self.state,
            self.tasks,
            self.messages,
            behind=behind or self.behind,
            preferences=self.preferences,
            parent=self.state,
        )

    def page(self, behind: Any = None) -> MachinePage:
        """Held here as the window holds it."""
        self.shown = MachinePage(self.state, self.messages, hosts=self.desk(behind))
        return self.shown

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do this on the io loop and wait for it."""
        done: SimpleQueue[asyncio.Task[Any]] = SimpleQueue()
        self._loop.submit(work, done.put)
        return done.get(timeout=20).result()

    def stop(self) -> None:
        assert self._loop.stop(10)

    async def _close(self) -> None:
        for twin in self.twins:
            await twin.server.stop()
        await self.history.close()


class Told:
    """Tells readings that are given, and no others.

    Attributes:
        watches: How many watches run.
    """

    trouble = ""

    def __init__(self, *readings: HostReading) -> None:
        self.readings = list(readings)
        self.watches = 0
        self._more: list[asyncio.Queue[HostReading]] = []

    async def watched(
        self, hosts: Sequence[Host], settings: Settings
    ) -> AsyncGenerator[HostReading, None]:
        more: asyncio.Queue[HostReading] = asyncio.Queue()
        self._more.append(more)
        self.watches += 1
        try:
            for reading in self.readings:
                if reading.host in hosts:
                    yield reading
            while True:
                yield await more.get()
        finally:
            self.watches -= 1
            self._more.remove(more)

    async def tell(self, *readings: HostReading) -> None:
        for more in self._more:
            for reading in readings:
                more.put_nowait(reading)

    async def looked_at(self, host: Host, settings: Settings, **_: Any) -> HostReading:
        return next(one for one in self.readings if one.host.url == host.url)

    async def stored_token(self, url: str) -> Secret | None:
        return None

    async def keep_token(self, url: str, token: Secret | str) -> None: ...

    async def forget(self, url: str) -> None: ...

    async def naming(self, name: str) -> tuple[str, ...]:
        return ()

    async def follow(self, before: str, after: str) -> tuple[str, ...]:
        return ()

    async def take_token(self, url: str) -> Secret | None:
        return None


def office() -> tuple[HostReading, ...]:
    """One host in each state, as in an office; the first is the server in use."""
    network = Stand(
        standing=Standing.OUR_NETWORK, addresses=("192.168.1.5",), words="our network (192.168.1.5)"
    )
    here = Stand(
        standing=Standing.THIS_MACHINE, addresses=("127.0.0.1",), words="this machine (127.0.0.1)"
    )
    stranger = Stand(
        standing=Standing.THIRD_PARTY, addresses=("203.0.113.9",), words="a third party"
    )
    answers = HostReading(
        host=ollama("This machine", IN_USE),
        state=HostState.ANSWERS,
        stand=here,
        server="Ollama",
        version="0.32.15",
        models=(
            HostModel(name="qwen3:8b", size_bytes=5_200_000_000, loaded=True,
                      memory_bytes=6 << 30, gpu_bytes=6 << 30, context=8192),
            HostModel(name="llama3.2:1b", size_bytes=1_300_000_000, loaded=False),
        ),
        memory_bytes=Measured(6 * 2.0**30, at=ANSWERED_AT, where="/api/ps"),
        gpu_bytes=Measured(6 * 2.0**30, at=ANSWERED_AT, where="/api/ps"),
        latency_seconds=0.0004,
        answered_at=ANSWERED_AT,
    )  # fmt: skip
    old = replace(
        answers,
        host=ollama("Workstation under the desk", "http://192.168.1.5:11434"),
        stand=network,
        version="0.16.3",
        latency_seconds=0.0042,
        warnings=(
            HostWarning(
                id="open",
                text="It answers anybody in its network, without a token.",
                hint="Put a proxy with a password before it, or a firewall.",
            ),
            HostWarning(
                id="version",
                text="Version 0.16.3 has a known hole (CVE-2026-5757).",
                hint="Update Ollama there to 0.17.1 or newer.",
            ),
        ),
    )
    silent = HostReading(
        host=ollama("Rack 1", "https://rack-1.office.example:11434"),
        state=HostState.GONE,
        stand=network,
        problem="No connection to https://rack-1.office.example:11434: nothing answers there.",
        hint="Is the machine on, the server started, and its port open in the firewall?",
        answered_at=ANSWERED_AT,
        gone_since=ANSWERED_AT,
    )
    locked = HostReading(
        host=Host(name="vLLM", url="http://203.0.113.9:8000", kind=HostKind.OPENAI),
        state=HostState.REFUSED,
        stand=stranger,
        problem="http://203.0.113.9:8000 asks for a token (status 401).",
        hint="Store it with `landfall hosts token vLLM`, which reads it without echo.",
    )
    printer = HostReading(
        host=ollama("Old studio", "http://192.168.1.9:80"),
        state=HostState.SOMETHING_ELSE,
        stand=network,
        server="a web page",
        problem="What answers at http://192.168.1.9:80 is no server of models: a web page.",
        hint="Check the port and the path of the address.",
    )
    forged = HostReading(
        host=ollama("Lab", "https://lab.office.example:11434"),
        state=HostState.BAD_CERTIFICATE,
        stand=network,
        problem="The certificate of https://lab.office.example:11434 is not trusted: it expired.",
        hint="Give it one for this name.",
    )
    return answers, old, silent, locked, printer, forged
