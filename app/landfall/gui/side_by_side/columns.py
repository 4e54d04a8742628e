"""All columns beside each other. What came is shown a column at a time, so that ten streams at
once leave the window its turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from landfall.gui.side_by_side.column import AnswerColumn
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import clear, row

if TYPE_CHECKING:
    from landfall.gui.side_by_side.answer import Answer
    from landfall.gui.side_by_side.targets import Asked

TURN_SECONDS = 0.005
"""Columns are shown for so long, then the rest of the window has a turn."""

WAIT_MS = 200
"""How often a column says how long it waits for its first token."""


class AnswerColumns(QScrollArea):
    """As wide as the page; scrolls sideways where the columns need more.

    Signals:
        stop_asked, voted: Of a column, by its position.
    """

    stop_asked = Signal(int)
    voted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("answer-columns")
        self.setAccessibleName(self.tr("Answers beside each other"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        ground = QWidget()
        ground.setAutoFillBackground(False)
        self.setViewport(ground)
        inner = QWidget()
        self._row = row(spacing=Space.M)
        inner.setLayout(self._row)
        self.setWidget(inner)
        inner.setAutoFillBackground(False)
        self.columns: list[AnswerColumn] = []
        self._queue: list[AnswerColumn] = []
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._on_turn)
        self._wait = QTimer(self)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._on_wait)

    def begin(self, count: int) -> None:
        """So many columns, empty."""
        if len(self.columns) != count:
            clear(self._row)
            self.columns = []
            for position in range(count):
                made = AnswerColumn(position)
                made.stop_asked.connect(self.stop_asked)
                made.voted.connect(self.voted)
                self._row.addWidget(made, 1)
                self.columns.append(made)
        self._queue = []

    def show_prompt(
        self,
        shown: Sequence[tuple[Asked | None, Answer]],
        *,
        figures: bool,
        veiled: bool,
        no_watts: str,
    ) -> None:
        """The answers to a prompt from the left, each with who makes it; None is not to be told.

        Args:
            figures: Whether their figures may be told.
            veiled: Whether their texts are held back.
            no_watts: Why this machine has no watts, or "".
        """
        self.begin(len(shown))
        for one, (asked, answer) in zip(self.columns, shown, strict=True):
            one.show_target(asked, figures=figures, no_watts=no_watts)
            one.show_answer(answer, veiled=veiled)
            one.show_best(False)
        self.catch_up()

    @Slot()
    def catch_up(self) -> None:
        """Show what came; each column in its turn, the one that waits longest first."""
        queued = set(self._queue)
        self._queue += [one for one in self.columns if one.dirty and one not in queued]
        if self._queue and not self._turn.isActive():
            self._turn.start()

    @property
    def settled(self) -> bool:
        """Whether everything that came is shown."""
        return not self._queue and not any(one.dirty for one in self.columns)

    def set_running(self, running: bool) -> None:
        """Whether answers are under way: then columns say how long they wait."""
        if running:
            self._wait.start()
        else:
            self._wait.stop()

    @Slot()
    def _on_turn(self) -> None:
        turn_ends = perf_counter() + TURN_SECONDS
        while self._queue:
            self._queue.pop(0).flush()
            if perf_counter() >= turn_ends:
                break
        if self._queue:
            self._turn.start()

    @Slot()
    def _on_wait(self) -> None:
        for one in self.columns:
            one.tick()
