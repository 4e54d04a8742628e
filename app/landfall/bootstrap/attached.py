"""Joins the window to what stands behind it, once that is warm, and makes the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from landfall.bootstrap.behind import Behind
from landfall.gui.application import Application
from landfall.gui.lookout import Lookout
from landfall.gui.messages import Notice
from landfall.gui.pages.cloud_page import CloudPage
from landfall.gui.pages.history_page import HistoryPage
from landfall.gui.pages.machine_page import MachinePage
from landfall.gui.pages.models_page import ModelsPage
from landfall.gui.pages.run_page import RunPage
from landfall.gui.pages.settings_page import SettingsPage
from landfall.gui.pages.workloads_page import WorkloadsPage
from landfall.gui.preferences import Preferences
from landfall.gui.tasks import TaskRunner
from landfall.services.io_loop import IoLoop
from landfall.services.paths import Paths

if TYPE_CHECKING:
    from landfall.gui.page import Page


class Attached(QObject):
    """The io loop, the services and the pages of one window."""

    def __init__(self, application: Application, paths: Paths) -> None:
        super().__init__(application)
        self._application = application
        self._state = application.state
        self._messages = application.messages
        self._paths = paths
        self._behind = Behind(paths)
        self._loop = IoLoop(at_end=self._behind.close)
        self._tasks = TaskRunner(self._loop, self)
        self._preferences = Preferences(
            self._state, self._tasks, self._messages, path=paths.settings
        )
        self._lookout = Lookout(
            self._state,
            self._tasks,
            self._messages,
            host=self._behind.host,
            runs=self._behind.runs,
            portfolio=self._behind.portfolio,
        )

    def start(self) -> None:
        """Open the history, then look at the world."""
        self._loop.start()
        opening = self._tasks.run(self._behind.open())
        opening.succeeded.connect(self._on_open)
        opening.failed.connect(self._messages.fail)

    def close(self, timeout_seconds: float) -> bool:
        """End all work and close what it used. False where something hangs."""
        return self._loop.stop(timeout_seconds)

    @Slot(object)
    def _on_open(self, interrupted: int) -> None:
        if self._behind.trouble is not None:
            self._messages.tell(self._behind.trouble, tone="caution")
        if interrupted:
            self._messages.show(
                Notice(
                    key="interrupted",
                    tone="caution",
                    title=self.tr("The last session ended in the middle of its work."),
                    text=self.tr(
                        "Runs and pulls that it cut: {0}. They are marked in History and"
                        " Downloads, with what had come."
                    ).format(interrupted),
                )
            )
        self._lookout.start()

    # Pages

    def page(self, name: str) -> Page:
        """Make a page with exactly what it uses."""
        makers: dict[str, Callable[[], Page]] = {
            "machine": self._machine,
            "models": self._models,
            "run": self._run,
            "cloud": self._cloud,
            "workloads": self._workloads,
            "history": self._history,
            "settings": self._settings,
        }
        return makers[name]()
