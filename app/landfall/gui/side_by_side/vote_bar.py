"""The vote on the answers to a prompt, by mouse and by keys."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QWidget

from landfall.gui import theme
from landfall.gui.allowed import allow
from landfall.gui.shortcuts import COLUMN_KEYS, bind
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.layout import button, label, row


class Voting(Enum):
    """What can be said about the answers that are shown."""

    OFF = "off"
    OPEN = "open"
    MARKING = "marking"
    CAST = "cast"


class VoteBar(QWidget):
    """Keys act while the focus is not in a field that is typed into.

    Signals:
        voted: The positions of the best answers: one, several or none.
        marking: Whether several are to be marked as equally good.
        next_asked: On to the next prompt.
    """

    voted = Signal(tuple)
    marking = Signal(bool)
    next_asked = Signal()

    def __init__(self, keys_in: QWidget) -> None:
        super().__init__()
        self.setObjectName("vote-bar")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._voting = Voting.OFF
        self._marked: set[int] = set()
        self._ballots: tuple[bool, ...] = ()
        self.words = label("", Text.MEDIUM, wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.words.setObjectName("vote-words")
        self.tie = button(self.tr("Tie (T)"))
        self.tie.setObjectName("vote-tie")
        self.none = button(self.tr("None is good (N)"))
        self.none.setObjectName("vote-none")
        self.keep = button(self.tr("Keep tie (Enter)"), "primary")
        self.keep.setObjectName("vote-keep")
        self.cancel = button(self.tr("Cancel"))
        self.cancel.setObjectName("vote-cancel")
        self.next = button(self.tr("Next prompt"), icon="right")
        self.next.setObjectName("vote-next")
        line = row(spacing=Space.S, margins=(Space.S, 5, 5, 5))
        line.addWidget(self.words, 1)
        for one in (self.tie, self.none, self.cancel, self.keep, self.next):
            line.addWidget(one)
        self.setLayout(line)
        self.tie.clicked.connect(self.on_tie)
        self.none.clicked.connect(self.on_none)
        self.keep.clicked.connect(self.on_keep)
        self.cancel.clicked.connect(self.on_cancel)
        self.next.clicked.connect(self.next_asked)
        self._keys: list[QShortcut] = []
        self._add_keys(keys_in)
        self._show()

    def _add_keys(self, inside: QWidget) -> None:
        digits = bind("column", inside, self._on_digit)
        for i, key in enumerate(digits):
            key.setProperty("position", i)
        self._keys += digits
        for name, slot in (
            ("tie", self.on_tie),
            ("none-good", self.on_none),
            ("keep-votes", self.on_keep),
        ):
            self._keys += bind(name, inside, slot)

    def show_vote(
        self, voting: Voting, *, ballots: tuple[bool, ...], words: str, more: bool = False
    ) -> None:
        """Say what can be said now.

        Args:
            ballots: For each column whether it can be voted for.
            words: The question, or what was said.
            more: Whether another prompt waits for its vote.
        """
        if voting is not self._voting:
            self._marked = set()
        self._voting, self._ballots = voting, ballots
        self.words.setText(words)
        self.setAccessibleName(words)
        self.next.setVisible(voting is Voting.CAST and more)
        self._show()

    def mark(self, position: int) -> None:
        """The answer of this column: the best, or marked as one of the best."""
        if position >= len(self._ballots) or not self._ballots[position]:
            return
        if self._voting is Voting.OPEN:
            self.voted.emit((position,))
        elif self._voting is Voting.MARKING:
            self._marked ^= {position}
            self._show()

    @property
    def marked(self) -> tuple[int, ...]:
        """Those that are marked as equally good."""
        return tuple(sorted(self._marked))

    @property
    def voting(self) -> Voting:
        """What can be said now."""
        return self._voting

    def _show(self) -> None:
        is_open, marking = self._voting is Voting.OPEN, self._voting is Voting.MARKING
        self.setVisible(self._voting is not Voting.OFF)
        for one in (self.tie, self.none):
            one.setVisible(is_open)
        for one in (self.keep, self.cancel):
            one.setVisible(marking)
        allow(self.keep, "" if len(self._marked) > 1 else self.tr("Mark two or more answers"))
        for key in self._keys:
            word = key.key().toString()
            enters = word in ("Return", "Enter")
            key.setEnabled(marking if enters else is_open or (marking and word in COLUMN_KEYS))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            p = QPainter(self)
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(QPen(theme.color("focus"), 2))
            box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)

    @Slot()
    def _on_digit(self) -> None:
        key = self.sender()
        if key is not None:
            self.mark(int(key.property("position")))

    @Slot()
    def on_tie(self) -> None:
        """Several are equally good: both of two, or those that are marked next."""
        if self._voting is not Voting.OPEN:
            return
        both = tuple(i for i, ballot in enumerate(self._ballots) if ballot)
        if len(both) == 2:
            self.voted.emit(both)
        else:
            self.marking.emit(True)

    @Slot()
    def on_none(self) -> None:
        """No answer is good."""
        if self._voting is Voting.OPEN:
            self.voted.emit(())

    @Slot()
    def on_keep(self) -> None:
        """Those that are marked are equally good."""
        if self._voting is Voting.MARKING and len(self._marked) > 1:
            self.voted.emit(self.marked)

    @Slot()
    def on_cancel(self) -> None:
        """One of them is the best after all."""
        if self._voting is Voting.MARKING:
            self.marking.emit(False)
