"""The ways in and out of imported usage: files, a provider, and workloads made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QDateTime, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.cloud.usage_fetch import UsageFetch
from landfall.gui.cloud.usage_import_dialog import UsageImportDialog
from landfall.gui.cloud.usage_picking import choose_files
from landfall.gui.cloud.usage_workloads import UsageWorkloads
from landfall.gui.format import whole
from landfall.services.cloud.usage import fetch_usage, last_whole_day
from landfall.services.usage.gathered import Gathered
from landfall.services.usage.imports import FileSource, ReadSource

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess, KeyState
    from landfall.services.cloud.provider import ProviderRow
    from landfall.services.history.history import History
    from landfall.services.pricing.prices import Prices
    from landfall.services.usage.imports import Source


class UsageDoings(QObject):
    """Opens the dialogs, one at a time of each kind.

    Signals:
        imported: The history holds more usage now.
        workload_made: Workloads were stored; the name of the first.
        key_wanted: The id of a provider whose key is to be entered.
    """

    imported = Signal()
    workload_made = Signal(str)
    key_wanted = Signal(str)

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        *,
        cloud: Callable[[], CloudAccess],
        over: QWidget,
    ) -> None:
        """Make it; `over` is the widget over which dialogs open."""
        super().__init__(over)
        self._tasks, self._messages, self._history = tasks, messages, history
        self._cloud, self._over = cloud, over

    # Files

    @Slot()
    def choose(self) -> None:
        """Ask for files, and look at them."""
        choose_files(self._over, self.bring)

    def bring(self, paths: Sequence[str]) -> None:
        """Look at these files and folders."""
        self._look([FileSource(path=Path(path)) for path in paths])

    def _look(self, sources: Sequence[Source]) -> None:
        dialog = UsageImportDialog(
            self._tasks, self._messages, self._history, prices=self._prices, parent=self._over
        )
        dialog.kept.connect(self.imported)
        dialog.open()
        dialog.add(sources)

    def _prices(self) -> Prices:
        return self._cloud().prices

    # A provider

    @Slot()
    def fetch(self) -> None:
        """Ask whom to ask; the keyring says whose keys are there."""
        task = self._tasks.run(self._cloud().states())
        task.succeeded.connect(self._on_keys)
        task.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_keys(self, keys: tuple[KeyState, ...]) -> None:
        today: QDate = QDateTime.currentDateTimeUtc().date()
        dialog = UsageFetch(keys, today=today, parent=self._over)
        dialog.asked.connect(self._on_asked)
        dialog.key_wanted.connect(self.key_wanted)
        dialog.open()

    @Slot(object, str, str)
    def _on_asked(self, row: ProviderRow, since: str, until: str) -> None:
        begin, end = date.fromisoformat(since), date.fromisoformat(until)
        reads = fetch_usage(self._cloud(), row, since=begin, until=end)
        source = self.tr("{0} usage interface").format(row.name)
        told = ReadSource(
            name=row.id,
            format=source,
            reads=Gathered(reads),
            last_day=last_whole_day(begin, end),
        )
        self._look([told])

    # Workloads

    @Slot()
    def make_workloads(self) -> None:
        """Show what the usage suggests."""
        dialog = UsageWorkloads(self._tasks, self._history, parent=self._over)
        dialog.made.connect(self._on_made)
        dialog.broken.connect(self._messages.report_bug)
        dialog.open()

    @Slot(object)
    def _on_made(self, made: tuple[str, ...]) -> None:
        said = self.tr("Made {0} workloads of the usage").format(whole(len(made)))
        if len(made) == 1:
            said = self.tr("Made {0} of the usage").format(made[0])
        self._messages.toast(said)
        self.workload_made.emit(made[0])
