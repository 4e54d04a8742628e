"""All columns beside each other. What came is shown a column at a time, so that ten streams at
once leave the window its turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from landfall.gui import theme
from landfall.gui.before_paint import finish_layouts
from landfall.gui.side_by_side.column import LEAST_WIDTH, AnswerColumn
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import row

if TYPE_CHECKING:
    from landfall.gui.side_by_side.answer import Answer
    from landfall.gui.side_by_side.targets import Asked

TURN_SECONDS = 0.002
"""Columns are shown for so long, then the rest of the window has a turn: as a rule one, of 3 ms."""

COLUMN_SECONDS = 0.012
"""What a column may take of the time: each is shown anew once in so long for each column there is.
Two are shown with every delivery, ten eight times a second, which is read as well."""

LEAST_HEIGHT, BAR_HEIGHT = 264, 16
"""Of the columns, and of the bar below them where they do not all fit beside each other."""

WAIT_MS = 200
"""How often a column says how long it waits for its first token."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What a column is to show."""

    position: int
    asked: Asked | None
    answer: Answer
    figures: bool
    veiled: bool
    no_watts: str


class AnswerColumns(QScrollArea):
    """As wide as the page; scrolls sideways where the columns need more.

    Signals:
        stop_asked, voted: Of a column, by its position.
        placed: All columns of a prompt stand there.
    """

    stop_asked = Signal(int)
    voted = Signal(int)
    placed = Signal()

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
        self._spare: list[AnswerColumn] = []
        self._to_place: list[_Place] = []
        self._queue: list[AnswerColumn] = []
        theme.theme().text_changed.connect(self._on_text)
        self._fit()
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._on_turn)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.catch_up)
        self._wait = QTimer(self)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._on_wait)

    def prepare(self, count: int) -> None:
        """So many may be wanted soon: make one more of them now, while nothing waits for it."""
        if len(self.columns) + len(self._spare) < count:
            self._spare.append(self._made())

    def _made(self) -> AnswerColumn:
        made = AnswerColumn()
        made.stop_asked.connect(self.stop_asked)
        made.voted.connect(self.voted)
        return made

    def show_prompt(
        self,
        shown: Sequence[tuple[Asked | None, Answer]],
        *,
        figures: bool,
        veiled: bool,
        no_watts: str,
    ) -> None:
        """The answers to a prompt from the left, each with who makes it; None is not to be told.

        They come a column a turn: to make ten of them takes longer than a frame.

        Args:
            figures: Whether their figures may be told.
            veiled: Whether their texts are held back.
            no_watts: Why this machine has no watts, or "".
        """
        self._shrink(len(shown))
        # Each has its width from the beginning: one more would lay out the texts of all others.
        for _ in range(self._row.count(), len(shown)):
            self._row.addWidget(_blank(), 1)
        self._fit()
        self._queue = []
        self._to_place = [
            _Place(i, asked, answer, figures, veiled, no_watts)
            for i, (asked, answer) in enumerate(shown)
        ]
        self._turn.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _on_text(self) -> None:
        """Text has another size: what the columns need is known once they are laid out with it."""
        finish_layouts()
        self._fit()

    def _fit(self) -> None:
        """Be high enough for the columns, and for the bar where there is one."""
        needs = self._row.count() * (LEAST_WIDTH + Space.M) - Space.M
        # A name in two lines makes a column higher; what does not fit scrolls with the page.
        inner = self.widget()
        tallest = inner.minimumSizeHint().height() if inner is not None else 0
        bar = BAR_HEIGHT if needs > self.width() else 0
        self.setMinimumHeight(max(LEAST_HEIGHT, tallest) + bar)

    def _put(self, place: _Place) -> None:
        if place.position == len(self.columns):
            self._add_column()
        shown = self.columns[place.position]
        shown.show_target(place.asked, figures=place.figures, no_watts=place.no_watts)
        shown.show_answer(place.answer, veiled=place.veiled)
        shown.offer_vote("", marking=False, best=False)
        shown.flush()

    def _add_column(self) -> None:
        """The next column from the left, in the place that was kept for it."""
        made = self._spare.pop() if self._spare else self._made()
        made.place_at(len(self.columns))
        item = self._row.itemAt(made.position)
        blank = item.widget() if item is not None else None
        if blank is not None:
            self._row.replaceWidget(blank, made)
            blank.deleteLater()
        made.show()
        self.columns.append(made)

    def _shrink(self, count: int) -> None:
        """Put away the columns that are too many."""
        while self._row.count() > count:
            item = self._row.takeAt(self._row.count() - 1)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
            if isinstance(widget, AnswerColumn):
                widget.show_answer(None)
                self._spare.append(widget)
            elif widget is not None:
                widget.deleteLater()
        del self.columns[count:]

    @Slot()
    def catch_up(self) -> None:
        """Show what came; each column in its turn, the one that waits longest first."""
        if self._to_place:
            return
        pause = COLUMN_SECONDS * len(self.columns)
        now, queued = perf_counter(), set(self._queue)
        dirty = [one for one in self.columns if one.dirty and one not in queued]
        self._queue += [one for one in dirty if one.ended or now - one.shown_at >= pause]
        if self._queue:
            self._turn.start()
        elif dirty:
            self._later.start(round(pause * 1000))

    @property
    def settled(self) -> bool:
        """Whether everything that came is shown."""
        waits = self._to_place or self._queue
        return not waits and not any(one.dirty for one in self.columns)

    def set_running(self, running: bool) -> None:
        """Whether answers are under way: then columns say how long they wait."""
        if running:
            self._wait.start()
        else:
            self._wait.stop()

    @Slot()
    def _on_turn(self) -> None:
        if self._to_place:
            self._put(self._to_place.pop(0))
            if not self._to_place:
                self._fit()
                self.placed.emit()
            self.catch_up()
            self._turn.start()
            return
        turn_ends = perf_counter() + TURN_SECONDS
        while self._queue:
            self._queue.pop(0).flush()
            if perf_counter() >= turn_ends:
                break
        if self._queue:
            self._turn.start()
        else:
            self.catch_up()

    @Slot()
    def _on_wait(self) -> None:
        for one in self.columns:
            one.tick()


def _blank() -> QWidget:
    """Keeps the place of a column."""
    out = QWidget()
    out.setMinimumWidth(LEAST_WIDTH)
    return out
