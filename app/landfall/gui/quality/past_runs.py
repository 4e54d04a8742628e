"""Quality runs of a workload that are kept: what was cut is offered first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal

from landfall.gui.format import whole
from landfall.gui.gate_words import gate_word
from landfall.gui.quality.words import gate_state, how_far, record_words, state_of
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, clear, column, label

if TYPE_CHECKING:
    from landfall.services.quality.records import QualityRecord

MOST = 6
"""Runs that are listed; older ones are counted."""


class PastRuns(Card):
    """One line a run with its button; hidden where there is none.

    Signals:
        show_asked: The uid of a run that is to be shown.
    """

    show_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("quality", "Earlier runs"))
        self.setObjectName("gate-past-runs")
        self._lines = column(spacing=Space.XS)
        self.add(self._lines)
        self.hide()

    def show_records(self, records: Sequence[QualityRecord], *, running: str = "") -> None:
        """Show these, those that can go on first; `running` is the uid of one under way."""
        clear(self._lines)
        there = sorted(records, key=_is_whole)
        for one in there[:MOST]:
            self._lines.addWidget(self._line(one, is_running=one.uid == running))
        if len(there) > MOST:
            more = self.tr("And {0} older ones.").format(whole(len(there) - MOST))
            self._lines.addWidget(label(more, tone="text_3"))
        self.setVisible(bool(there))

    def _line(self, record: QualityRecord, *, is_running: bool) -> StateLine:
        state, said = gate_state(state_of(record)), gate_word(state_of(record))
        action = self.tr("Show")
        if is_running:
            state, said = State.RUNNING, self.tr("It is under way.")
        elif record.can_resume:
            words = {
                "interrupted": self.tr("The program ended in the middle of it. {0}."),
                "running": self.tr("It was begun elsewhere. {0}."),
            }
            stopped = self.tr("It was stopped. {0}.")
            state = State.PARTIAL
            said = words.get(record.state, stopped).format(how_far(record))
            action = self.tr("Look and go on")
        line = StateLine(state, record_words(record), said, action=action)
        line.setObjectName(f"gate-run-{record.uid}")
        line.triggered.connect(partial(self.show_asked.emit, record.uid))
        return line


def _is_whole(record: QualityRecord) -> bool:
    return not record.can_resume
