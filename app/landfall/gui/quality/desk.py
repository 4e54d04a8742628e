"""What stands behind the panels of quality runs: one session, and what can be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from shiboken6 import isValid

from landfall.core.errors import AppError
from landfall.gui.app_values import shown_name
from landfall.gui.quality.doings import GateDoings
from landfall.gui.quality.panel import GatePanel
from landfall.gui.quality.session import GateSession

if TYPE_CHECKING:
    from landfall.core.workload.workload import Workload
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import SavedWorkload
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.run.asking import Access
    from landfall.services.run.runs import Runs


class GateDesk(QObject):
    """Makes panels; a run goes on while none is shown, and its end is said then."""

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        history: History,
        host: Host,
        runs: Runs,
        cloud: Access,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._state, self._tasks, self._messages = state, tasks, messages
        self._lookout, self._history, self._cloud = lookout, history, cloud
        self._panel: GatePanel | None = None
        self._shown_name = ""
        self.session = GateSession(
            state, tasks, messages, host=host, runs=runs, cloud=cloud, parent=self
        )
        self.doings = GateDoings(tasks, messages, lookout, history=history, parent=self)
        self.session.ended.connect(self._on_ended)
        self.session.refused.connect(self._on_refused)

    def panel(self, saved: SavedWorkload, workload: Workload, looked_at: str) -> GatePanel:
        """The panel of a workload; the one before is not asked any more.

        Args:
            looked_at: The local model that its verdict speaks of, or "".
        """
        self._shown_name = saved.name
        self._panel = GatePanel(
            self.session,
            self.doings,
            self._state,
            self._tasks,
            self._messages,
            history=self._history,
            cloud=self._cloud,
            name=saved.name,
            title=shown_name(saved.name, sample=saved.sample),
            workload=workload,
            looked_at=looked_at,
        )
        return self._panel

    @property
    def _is_watched(self) -> bool:
        """Whether the workload of the session has its panel in sight."""
        panel = self._panel
        if panel is None or self._shown_name != self.session.workload:
            return False
        return isValid(panel) and panel.isVisible()

    @Slot(str)
    def _on_ended(self, uid: str) -> None:
        self._lookout.workloads()
        if uid and not self._is_watched:
            words = self.tr("The quality run of {0} has ended")
            self._messages.toast(words.format(self.session.workload))

    @Slot(object)
    def _on_refused(self, error: AppError) -> None:
        if not self._is_watched:
            self._messages.tell(error)
