"""What is measured on the Run page: the chart of the answer, and its figures below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from landfall.gui.run.live_panel import RunChart
from landfall.gui.run.live_watts import LiveWatts, Watched
from landfall.gui.run.reasons import is_remote, no_watts
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import Card, Swap, column

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime
    from landfall.gui.app_values import PowerSensor
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner


class Measured(QWidget):
    """Beside the conversation; a session of runs fills it.

    Args:
        power: The sensors that the chart watches while nothing runs, or None.

    Attributes:
        chart: Of speed and watts. meters: The figures of an answer.
    """

    def __init__(
        self, tasks: TaskRunner, messages: Messages, *, power: Callable[[], Watched | None]
    ) -> None:
        super().__init__()
        self.chart = RunChart()
        self.chart.allow_export(tasks, messages)
        self.meters = Swap()
        self._card = Card(self.tr("Measured"), note=" ")
        self._card.add(self.meters).fill()
        self.setLayout(column(self.chart, self._card, spacing=Space.L))
        self._watts = LiveWatts(tasks, messages, chart=self.chart, power=power)

    def note(self, note: str) -> None:
        """Whose figures these are."""
        if self._card.note is not None:
            self._card.note.setText(note)

    def watch(self, runtime: Runtime | None, *, idle: bool) -> None:
        """Watts of this machine on the chart while nothing runs, and only where it would run."""
        self._watts.allow(idle and not is_remote(runtime))

    def tell_here(self, runtime: Runtime | None, sensors: Sequence[PowerSensor] | None) -> None:
        """An answer of this server is next: say why it has no watts, where it has none."""
        self.chart.tell_no_power(no_watts(runtime, sensors))

    def tell_hosted(self) -> None:
        """An answer of a provider is next, which has no watts."""
        self.chart.tell_no_power(self.tr("a provider does not tell them"))
