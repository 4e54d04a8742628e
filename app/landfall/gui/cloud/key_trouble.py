"""What is the case with keys as a whole: none is stored, the keyring fails, memory stands in."""

from __future__ import annotations

from PySide6.QtCore import Signal

from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, row


class KeyTrouble(Card):
    """Said once for all providers; not there where there is nothing to say.

    Signals:
        try_again_asked: The keyring should be asked again.
        session_asked: Keys shall be kept in memory instead.
    """

    try_again_asked = Signal()
    session_asked = Signal()

    def __init__(self, *, offers_session: bool) -> None:
        super().__init__()
        self._offers_session = offers_session
        self.line = StateLine(State.FAILED, "", padding=0)
        self.line.setObjectName("keyring-line")
        self.line.triggered.connect(self.try_again_asked)
        self.session = button(self.tr("Keep until Landfall ends"))
        self.session.setObjectName("session-keys")
        self.session.setToolTip(self.tr("In memory; to be entered again after the next start."))
        self.session.clicked.connect(self.session_asked)
        self.add(row(self.line, self.session))
        self.hide()

    def show_keys(self, *, trouble: str, any_stored: bool, in_memory: bool) -> None:
        """Say what is the case.

        Args:
            trouble: Why the keyring cannot be used, or "".
            any_stored: Whether any provider has a key.
            in_memory: Whether keys are kept in memory for now.
        """
        self.setVisible(bool(trouble) or in_memory or not any_stored)
        self.session.setVisible(bool(trouble) and self._offers_session)
        if trouble:
            works = self.tr(
                "Prices, verdicts by published prices and models on your own machines work."
            )
            self.line.show_line(
                State.FAILED,
                self.tr("Keys cannot be stored or used now"),
                f"{trouble} {works}",
                action=self.tr("Try again"),
            )
        elif in_memory:
            self.line.show_line(
                State.PARTIAL,
                self.tr("Keys are kept in memory until Landfall ends"),
                self.tr("They have to be entered again after the next start."),
            )
        else:
            self.line.show_line(
                State.TODO,
                self.tr("No key is stored: verdicts use published prices"),
                self.tr("With a key a model at a provider can be asked, measured and compared."),
            )
