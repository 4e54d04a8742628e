"""What is the case with keys as a whole: the keyring is asked, fails, or holds some or none."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout

from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, row

_BESIDE_FROM = 860
"""Pixels of width from which a second button stands beside the words."""


class KeyTrouble(Card):
    """Said once for all providers, always in the same place: what is below never moves for it.

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
        self.session.hide()
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setSpacing(Space.S)
        self._both.addWidget(self.line, 1)
        self._both.addLayout(row(self.session, None))
        self.add(self._both)
        self.line.show_line(
            State.RUNNING,
            self.tr("Asking the keyring"),
            self.tr("It may wait to be unlocked."),
        )
        theme.theme().text_changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """Room for the longest of what it says: a title and two lines below it."""
        self.line.setMinimumHeight(StateLine.height_of(2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        direction = QBoxLayout.Direction
        beside = self.width() >= theme.roomy(_BESIDE_FROM)
        self._both.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        super().resizeEvent(event)

    def show_keys(
        self, *, trouble: str, usable: int, of: int, in_memory: bool, refused: Sequence[str] = ()
    ) -> None:
        """Say what is the case.

        Args:
            trouble: Why the keyring cannot be used, or "".
            usable: How many providers can be asked, with a key or because they want none.
            refused: The names of those that refused their key when it was last checked.
            of: How many there are.
            in_memory: Whether keys are kept in memory for now.
        """
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
        elif refused:
            self.line.show_line(
                State.PARTIAL,
                self.tr("{0} of {1} providers can be asked").format(usable, of),
                self.tr("A stored key was refused by: {0}.").format(", ".join(refused)),
            )
        elif usable:
            self.line.show_line(
                State.DONE,
                self.tr("{0} of {1} providers can be asked").format(usable, of),
                self.tr("A key goes to its provider alone, and only when you ask."),
            )
        else:
            self.line.show_line(
                State.TODO,
                self.tr("No key is stored: verdicts use published prices"),
                self.tr("With a key a model at a provider can be asked, measured and compared."),
            )
