"""How a comparison stands: how far it is, how it ended, and what to do with what came."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import button, row


class SideStatusBar(QWidget):
    """Below the columns.

    Signals:
        history_asked, export_asked: What to do with what came.
        reveal_asked: Who is who is to be told before every prompt has its vote.
    """

    history_asked = Signal()
    export_asked = Signal()
    reveal_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("side-status")
        self.line = StateLine(State.RUNNING, "", padding=0)
        self.line.setObjectName("side-line")
        self.reveal = button(self.tr("Show who is who"))
        self.reveal.setObjectName("side-reveal")
        self.reveal.setToolTip(
            self.tr("Votes after that count as votes with the names shown, not as blind ones")
        )
        self.history = button(self.tr("Open in History"))
        self.history.setObjectName("side-history")
        self.export = button(self.tr("Export\u2026"), icon="export")
        self.export.setObjectName("side-export")
        line = row(spacing=Space.S)
        line.addWidget(self.line, 1)
        for made, signal in (
            (self.reveal, self.reveal_asked),
            (self.history, self.history_asked),
            (self.export, self.export_asked),
        ):
            made.clicked.connect(signal)
            line.addWidget(made)
        self.setLayout(line)

    def show_status(
        self, state: State, title: str, detail: str = "", *, kept: bool, hidden: bool
    ) -> None:
        """Say how it stands.

        Args:
            kept: Whether there is something to open and to export.
            hidden: Whether names are hidden that could be shown.
        """
        self.line.show_line(state, title, detail)
        self.history.setVisible(kept)
        self.export.setVisible(kept and not hidden)
        self.reveal.setVisible(hidden)
