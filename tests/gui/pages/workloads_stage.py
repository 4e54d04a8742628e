"""The Workloads page on a real history, with the real catalogue, prices and io loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from landfall.bootstrap.behind import LINE
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.settings import Settings
from landfall.gui.app_state import AppState
from landfall.gui.lookout import Lookout
from landfall.gui.messages import Messages
from landfall.gui.pages.workloads_page import WorkloadsPage
from landfall.gui.tasks import TaskRunner
from landfall.gui.workloads.gate_door import GateDoor
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.transport import Transport
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.io_loop import IoLoop
from landfall.services.keys.key_store import SessionKeys
from landfall.services.models import shipped_catalogue
from landfall.services.ollama.server_in_use import Host
from landfall.services.run.runs import Runs
from landfall.services.verdict.portfolio import Portfolio
from landfall.services.verdict.rounds import Rounds, made_here
from tests.gui.conftest import settle

CASES = Path(__file__).parents[2] / "data/decisions"


def case(name: str) -> str:
    """The text of a worked case."""
    return (CASES / f"{name}.toml").read_text()


async def rtx_4090(_settings: Settings) -> HardwareProfile:
    """What detection finds in these tests."""
    return shipped_catalogue.load().what_if("RTX 4090")


class WorkloadsStage:
    """A page in a window, and what stands behind it."""

    def __init__(self, folder: Path, state: AppState, messages: Messages, qtbot: QtBot) -> None:
        self.state, self.messages, self.qtbot = state, messages, qtbot
        self.toasts: list[tuple[str, Any]] = []
        self.jumps: list[tuple[str, str]] = []
        self.bugs: list[str] = []
        messages.toast_asked.connect(self._on_toast)
        messages.bug_found.connect(self.bugs.append)
        self.history = History(folder / "history.db")
        self.host = Host()
        self._loop = IoLoop(at_end=self._close)
        self.tasks = TaskRunner(self._loop)
        self.portfolio = Portfolio(self.history)
        self.lookout = Lookout(
            state,
            self.tasks,
            messages,
            host=self.host,
            runs=Runs(self.history),
            rounds=Rounds(self.history, line=LINE, make=made_here),
            history=self.history,
        )
        self._loop.start()
        self.run(self.history.open())

    def _on_toast(self, text: str, undo: Any) -> None:
        self.toasts.append((text, undo))

    def keep(self, *texts: tuple[str, str], samples: bool = False) -> None:
        """Store these; the samples only where they are asked for."""
        if not samples:
            self.run(self.history.seed_samples(()))
        for name, text in texts:
            self.run(self.history.save_workload(SavedWorkload(name=name, toml=text)))

    def open(self, *, width: int = 1000) -> WorkloadsPage:
        """Show the page."""
        self.page = WorkloadsPage(
            self.state,
            self.tasks,
            self.messages,
            self.lookout,
            portfolio=self.portfolio,
            gate=GateDoor(
                self.state,
                self.tasks,
                self.messages,
                self.lookout,
                history=self.history,
                host=self.host,
                runs=Runs(self.history),
                cloud=self.cloud,
            ),
        )
        self.page.jump.connect(self._on_jump)
        self.qtbot.addWidget(self.page)
        self.page.resize(width, 760)
        self.page.show()
        self.qtbot.waitUntil(lambda: self.page.settled)
        return self.page

    def cloud(self) -> CloudAccess:
        """Nobody's key is stored."""
        return CloudAccess(
            self.state.settings,
            keys=SessionKeys(),
            transport=Transport(self.history),
            history=self.history,
            environment={},
        )

    def _on_jump(self, page: str, detail: str) -> None:
        self.jumps.append((page, detail))

    def decide(self) -> None:
        """Decide on everything, and wait for it."""
        with self.qtbot.waitSignal(self.lookout.decided, timeout=20_000):
            self.lookout.workloads()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do this on the io loop and wait for it."""
        done: SimpleQueue[asyncio.Task[Any]] = SimpleQueue()
        self._loop.submit(work, done.put)
        return done.get(timeout=20).result()

    def names(self) -> list[str]:
        """What is saved."""
        return [one.name for one in self.run(self.history.workloads())]

    def words(self) -> str:
        """Everything written on what can be seen of the page."""
        settle()
        said = [w.text() for w in self.page.findChildren(QLabel) if w.isVisible()]
        said += [b.text() for b in self.page.findChildren(QAbstractButton) if b.isVisible()]
        return "\n".join(said).replace("\u00a0", " ")

    def named(self, name: str, kind: type[Any] = QAbstractButton) -> Any:
        """The visible one of this name, else any."""
        settle()
        found = self.page.findChildren(kind, name)
        assert found, f"there is no {name}"
        return next((one for one in found if one.isVisible()), found[-1])

    def press(self, name: str) -> None:
        """Click what can be seen and pressed."""
        control = self.named(name)
        assert control.isVisible(), f"{name} cannot be seen"
        assert control.isEnabled(), f"{name} cannot be pressed: {control.toolTip()}"
        control.click()

    def click(self, text: str) -> None:
        """Click the button that can be seen with these words."""
        settle()
        buttons = self.page.findChildren(QAbstractButton)
        next(one for one in buttons if one.isVisible() and one.text() == text).click()

    def stop(self) -> None:
        """End everything."""
        assert self._loop.stop(10)
        assert self.bugs == []

    async def _close(self) -> None:
        await self.host.close()
        await self.history.close()
