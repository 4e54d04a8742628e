"""Quality runs of a workload that were cut or stopped: offered on its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from landfall.gui.dates import when
from landfall.gui.format import whole
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card

if TYPE_CHECKING:
    from landfall.services.quality.records import QualityRecord


class GateOffer(Card):
    """Says how far the latest of them came; hidden where there is none.

    Signals:
        asked: The panel is wanted.
    """

    asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gate-offer")
        self._line = StateLine(State.PARTIAL, "", padding=0)
        self._line.setObjectName("gate-offer-line")
        self._line.triggered.connect(self.asked)
        self.add(self._line)
        self.hide()

    def show_records(self, records: Sequence[QualityRecord]) -> None:
        """Offer the latest of these."""
        self.setVisible(bool(records))
        if not records:
            return
        latest = records[0]
        title = self.tr("A quality run was stopped: {0}")
        if latest.state == "interrupted":
            title = self.tr("A quality run was cut when the program ended: {0}")
        far = self.tr("{0} of {1} answers are there, begun {2}.").format(
            whole(latest.answered), whole(latest.asked), when(latest.started_at)
        )
        if len(records) > 1:
            far = f"{far} {self.tr('{0} more can go on.').format(whole(len(records) - 1))}"
        title = title.format(latest.title)
        self._line.show_line(State.PARTIAL, title, far, action=self.tr("Look and go on"))
