"""Pictures of the hosts on the Machine page, with real servers, of which one ends while watched.

Three Ollama servers are started on ports of the loopback, each with a few models of its own from a
folder of GGUF files; the first is the one in use, the others are kept under names as in an office.
All of them stand on this machine, and the pictures say so.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from landfall.core.hosts.hosts import Host, HostKind, HostState
from landfall.core.settings import Settings, ThemeChoice
from landfall.gui.app_state import AppState
from landfall.gui.hosts.card import HostsCard
from landfall.gui.main_window import MainWindow
from landfall.gui.pages.machine_page import MachinePage
from landfall.services import paths
from landfall.services.settings import settings_store

NAMES = ("Workstation", "Rack 1")
_START_SECONDS = 30
_LOOK_MS = 250
_PATIENCE = 1200
"""So many looks a step gets: a silent host is noticed with the next question to it."""

Step = Callable[[], bool]
"""One thing to do or to wait for; whether it is over."""


@dataclass(slots=True)
class Server:
    """A server that runs for the pictures."""

    url: str
    process: subprocess.Popen[bytes]


def start(programs: list[str], gguf: Path, home: Path) -> list[Server]:
    """Start a server of each program, fill and load them, and keep all but the first as hosts.

    Args:
        programs: Paths of `ollama`, of one version or several.
        gguf: A folder of models; each server gets some of them, and loads its largest.
        home: Where the servers keep theirs.
    """
    files = sorted(gguf.glob("*.gguf"), key=_size)
    servers: list[Server] = []
    try:
        for number, program in enumerate(programs):
            folder = home / f"server-{number}"
            folder.mkdir()
            servers.append(_serve(program, folder))
            some = files[number::2]
            for path in some:
                _create(program, servers[-1], path, folder)
            # An embedder is the smallest; the largest answers with words.
            _ask(servers[-1], "/api/generate", {"model": some[-1].stem, "keep_alive": -1})
    except BaseException:
        stop(servers)
        raise
    hosts = tuple(
        Host(name=name, url=server.url, kind=HostKind.OLLAMA)
        for name, server in zip(NAMES, servers[1:], strict=False)
    )
    os.environ["OLLAMA_HOST"] = servers[0].url
    places = paths.of_user()
    places.make()
    settings_store.save(places.settings, replace(Settings(), hosts=hosts))
    return servers


def stop(servers: list[Server]) -> None:
    """End them."""
    for server in servers:
        server.process.terminate()
        server.process.wait(timeout=10)


def _size(path: Path) -> int:
    return path.stat().st_size


def _serve(program: str, folder: Path) -> Server:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    kept = {name: value for name, value in os.environ.items() if "OLLAMA" not in name}
    ours = {
        "OLLAMA_HOST": url,
        "OLLAMA_MODELS": str(folder / "models"),
        "OLLAMA_NO_CLOUD": "1",
        "HOME": str(folder),
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve"], env=kept | ours, stdout=log, stderr=log)
    server = Server(url, process)
    for _ in range(_START_SECONDS * 10):
        try:
            _ask(server, "/api/version")
        except (urllib.error.URLError, ConnectionError):
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
        else:
            return server
    raise SystemExit(f"{program} did not start: {folder / 'log'}")


def _create(program: str, server: Server, path: Path, folder: Path) -> None:
    recipe = folder / "Modelfile"
    recipe.write_text(f"FROM {path}\n", encoding="utf-8")
    environment = os.environ | {"OLLAMA_HOST": server.url, "HOME": str(folder)}
    asked = [program, "create", path.stem, "-f", str(recipe)]
    subprocess.run(asked, env=environment, check=True, capture_output=True)


def _ask(server: Server, path: str, body: Mapping[str, object] | None = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(server.url + path, data, timeout=120) as reply:
        told: bytes = reply.read()
    return told


class HostCamera(QObject):
    """Watches the hosts as a user does, ends one, and takes a picture of each state.

    Signals:
        done: All were taken.
    """

    done = Signal()

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        servers: list[Server],
        *,
        schemes: list[str],
        save: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._state, self._save = window, state, save
        self._servers, self._schemes = servers, schemes
        self._looks = 0
        self._step: Step | None = None
        self._steps: Iterator[Step] = iter(
            (
                self._heard,
                *self._takes("machine-hosts"),
                partial(self._choose, 1),
                *self._takes("machine-host"),
                self._asked,
                *self._takes("machine-host-form", form=True),
                self._closed,
                self._ended,
                partial(self._choose, 2),
                *self._takes("machine-host-gone"),
            )
        )
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self.look)

    @Slot()
    def begin(self) -> None:
        """Go to the page, and through the steps."""
        self._window.open_page("machine", "hosts")
        self._look.start()

    @Slot()
    def look(self) -> None:
        """Go on where the step is over."""
        if self._step is None or self._step():
            self._looks = 0
            self._step = next(self._steps, None)
            if self._step is None:
                self._look.stop()
                self.done.emit()
            return
        self._looks += 1
        if self._looks > _PATIENCE:
            raise SystemExit(f"the hosts are stuck at {self._step}")

    @property
    def _card(self) -> HostsCard | None:
        page = self._window.page("machine")
        return page.hosts if isinstance(page, MachinePage) else None

    def _takes(self, name: str, *, form: bool = False) -> list[Step]:
        return [partial(self._take, name, scheme, form) for scheme in self._schemes]

    def _take(self, name: str, scheme: str, form: bool) -> bool:
        """The picture of what is shown, some looks after the scheme is another."""
        theme = ThemeChoice(scheme)
        if self._looks == 0:
            self._state.set_settings(replace(self._state.settings, theme=theme))
        page, card = self._window.page("machine"), self._card
        if page is not None and card is not None:
            page.ensureWidgetVisible(card, 0, 0)
        if self._looks < 4:
            return False
        if form and card is not None and card.dialog is not None:
            self._save(f"{name}-{scheme}.png", card.dialog)
        else:
            self._save(f"{name}-{scheme}.png")
        return True

    # The steps

    def _heard(self) -> bool:
        page, card = self._window.page("machine"), self._card
        if page is None or card is None or not page.settled:
            return False
        lines = card.desk.lines
        return len(lines) == len(self._servers) and all(
            line.reading is not None and line.reading.state is HostState.ANSWERS for line in lines
        )

    def _choose(self, number: int) -> bool:
        card = self._card
        if card is None or card.table is None:
            return False
        card.table.select(number)
        return True

    def _asked(self) -> bool:
        """The form for a fourth host, with what a look at it found."""
        card = self._card
        if card is None:
            return False
        if card.dialog is None:
            card.on_add()
            return False
        if self._looks == 1:
            card.dialog.name.setText("Reading room")
            card.dialog.address.setText(self._servers[1].url)
            card.dialog.on_typed()
            card.dialog.on_look()
        return card.dialog.reading is not None

    def _closed(self) -> bool:
        if self._card is not None and self._card.dialog is not None:
            self._card.dialog.reject()
        return True

    def _ended(self) -> bool:
        """The last server ends, and that is noticed, for a minute or more."""
        card = self._card
        if self._looks == 0:
            self._servers[-1].process.terminate()
        if card is None or self._looks * _LOOK_MS < 80_000:
            return False
        reading = card.desk.line(len(self._servers) - 1).reading
        return reading is not None and reading.state is HostState.GONE
