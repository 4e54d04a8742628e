"""How a comparison stands: how far it is, how it ended; and the vote beside it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import button, row

BAR_HEIGHT = 40
"""Two lines, or a button: the same whatever stands there, lest the columns above change theirs."""


class SideStatusBar(QWidget):
    """Below the columns.

    Signals:
        reveal_asked: Who is who is to be told before every prompt has its vote.
    """

    reveal_asked = Signal()

    def __init__(self, votes: QWidget) -> None:
        super().__init__()
        self.setObjectName("side-status")
        self.line = StateLine(State.RUNNING, "", padding=0)
        self.line.setObjectName("side-line")
        self.reveal = button(self.tr("Show who is who"))
        self.reveal.setObjectName("side-reveal")
        self.reveal.setToolTip(
            self.tr("Votes after that count as votes with the names shown, not as blind ones")
        )
        self.reveal.clicked.connect(self.reveal_asked)
        line = row(spacing=Space.M)
        line.addWidget(self.line, 1)
        line.addWidget(votes, 2)
        line.addWidget(self.reveal)
        self.setLayout(line)
        self.setMinimumHeight(BAR_HEIGHT)

    def show_status(self, state: State, title: str, detail: str = "", *, hidden: bool) -> None:
        """Say how it stands; hidden: whether names are hidden that could be shown."""
        self.line.show_line(state, title, detail)
        self.reveal.setVisible(hidden)
