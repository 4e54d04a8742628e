"""The way from a workload to its quality gate; what is behind it is imported when it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from landfall.gui.workloads.gate_offer import GateOffer
from landfall.gui.workloads.next_step import local_model
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.quality.desk import GateDesk
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.quality.records import QualityRecord
    from landfall.services.run.asking import Access
    from landfall.services.run.runs import Runs
    from landfall.services.verdict.decided import Entry

_SERVICES = (
    "landfall.services.run.asking",
    "landfall.services.run.one_run",
    "landfall.core.energy.run_energy",
    "landfall.services.quality.quoting",
    "landfall.services.quality.opening",
    "landfall.services.quality.showing",
    "landfall.services.quality.export",
    "landfall.services.quality.use",
)
"""What a panel needs, which takes half a second: imported on a thread. Widgets are not."""


class GateDoor(QObject):
    """Opens the panel of one workload at a time, and looks for runs of it that were cut.

    Signals:
        opened: The panel, for the page to hold.

    Attributes:
        offer: A card that offers runs that were cut, for the page to hold above a verdict.
    """

    opened = Signal(object)

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
    ) -> None:
        super().__init__()
        self._state, self._tasks, self._messages = state, tasks, messages
        self._lookout, self._history = lookout, history
        self._host, self._runs, self._cloud = host, runs, cloud
        self._desk: GateDesk | None = None
        self._entry: Entry | None = None
        self._looked_at = ""
        self.offer = GateOffer()

    def open(self, entry: Entry) -> None:
        """Bring the panel of this workload; `opened` follows."""
        self._entry = entry
        task = self._tasks.run(in_thread(_fetch))
        task.succeeded.connect(self._on_fetched)
        task.failed.connect(self._messages.fail)

    def forget(self) -> None:
        """Something else is wanted by now."""
        self._entry = None

    @Slot(object)
    def _on_fetched(self, _nothing: object) -> None:
        entry, self._entry = self._entry, None
        if entry is None or entry.decided is None:
            return
        if self._desk is None:
            self._desk = late("landfall.gui.quality.desk").GateDesk(
                self._state,
                self._tasks,
                self._messages,
                self._lookout,
                history=self._history,
                host=self._host,
                runs=self._runs,
                cloud=self._cloud,
                parent=self,
            )
        assert self._desk is not None, "it was just made"
        decided = entry.decided
        panel = self._desk.panel(entry.saved, decided.loaded.workload, local_model(decided))
        self.opened.emit(panel)

    # Runs that were cut

    def look(self, name: str) -> None:
        """Offer what can go on of this workload's runs; nothing for ""."""
        self._looked_at = name
        if not name:
            self.offer.hide()
            return
        task = self._tasks.run(_unfinished(self._history, name))
        task.succeeded.connect(self._on_unfinished)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_unfinished(self, found: tuple[str, tuple[QualityRecord, ...]]) -> None:
        name, records = found
        if name == self._looked_at:
            self.offer.show_records(records)


async def _unfinished(history: History, name: str) -> tuple[str, tuple[QualityRecord, ...]]:
    return name, await history.quality.unfinished(name)


def _fetch() -> None:
    for name in _SERVICES:
        late(name)
