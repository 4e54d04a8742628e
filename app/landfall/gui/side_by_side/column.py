"""One target beside the others: who it is, its figures, its text, how it ended, the vote for it."""

from __future__ import annotations

import re
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from landfall.core.run.long_wait import LongWait
from landfall.gui import paint, theme
from landfall.gui.hints import waiting_words, window_hint
from landfall.gui.run.chat_view import AnswerBubble
from landfall.gui.side_by_side.answer import Answer, Stage
from landfall.gui.side_by_side.words import column_meters, footnote, letter
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import (
    Glyph,
    button,
    clear,
    column,
    hairline,
    icon_button,
    label,
    row,
)
from landfall.gui.widgets.numbers import FigureLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landfall.gui.run.words import Meter
    from landfall.gui.side_by_side.targets import Asked

LEAST_WIDTH = 244
LEAST_TEXT_HEIGHT = 56
"""Of what an answer is read through: three lines."""

METERS_EVERY_SECONDS = 1.0
_BREAKS = re.compile(r"([/:_.@-]|\S{20}(?=\S))")
"""Where the name of a model may be broken: a column is narrower than many of them."""


class AnswerColumn(QFrame):
    """Shows an `Answer` as far as it has come; what was shown before stays where it is.

    Signals:
        stop_asked: This target is not to go on.
        voted: Its answer is the best, or one of the best.
    """

    stop_asked = Signal(int)
    voted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.position = 0
        self.setMinimumWidth(LEAST_WIDTH)
        self.asked: Asked | None = None
        self._answer: Answer | None = None
        self._veiled = self._figures = False
        self._no_watts = self._named = ""
        self.shown_at = 0.0
        self._version = -1
        self._parts = self._thoughts = 0
        self._meters_at = 0.0
        self._stage = Stage.WAITING
        self._best = False
        self._offer = self._offered = ("", False, False)
        self._build()
        theme.repaint_on_change(self)

    def _build(self) -> None:
        self.glyph = Glyph("todo", "text_3", size=14)
        self.name = label("", Text.STRONG, wrap=True)
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.where = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.stop = icon_button("stop", self.tr("Stop"))
        self.stop.setObjectName("stop-column")
        self.stop.clicked.connect(self._on_stop)
        self.stop.hide()
        self.meters = ColumnMeters()
        self.veil = StateLine(State.TODO, "", padding=0)
        self.veil.setObjectName("veil")
        self.veil.hide()
        self.bubble = AnswerBubble("", "here", bare=True)
        self.area = _scroll(self.bubble)
        self.area.verticalScrollBar().rangeChanged.connect(self._on_range)
        self.area.verticalScrollBar().valueChanged.connect(self._on_value)
        self._follows = True
        self.vote = button("")
        self.vote.setObjectName("vote")
        self.vote.clicked.connect(self._on_vote)
        # Its place is kept: ten that come at once would lay out and paint all texts again.
        policy = self.vote.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.vote.setSizePolicy(policy)
        self.vote.hide()
        head = row(self.glyph, spacing=Space.XS + 2)
        head.setAlignment(self.glyph, Qt.AlignmentFlag.AlignTop)
        head.addLayout(column(self.name, self.where, spacing=0), 1)
        head.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignTop)
        layout = column(
            head, self.meters, hairline(), self.veil, spacing=Space.S, margins=(12, 10, 12, 10)
        )
        layout.addWidget(self.area, 1)
        layout.addWidget(self.vote)
        self.setLayout(layout)

    # What it shows

    def place_at(self, position: int) -> None:
        """Which of the columns it is, from the left."""
        self.position = position
        self.setObjectName(f"column-{position}")

    def show_target(self, asked: Asked | None, *, figures: bool, no_watts: str = "") -> None:
        """Who answers here; None while that is not to be told. figures: whether they may be."""
        self.asked, self._no_watts, self._figures = asked, no_watts, figures
        named = letter(self.position) if asked is None else asked.model
        self._named = named
        self.name.setText(_BREAKS.sub("\\1\u200b", named))
        self.where.setText("" if asked is None else asked.where)
        self.where.setVisible(asked is not None)
        if asked is None:
            self.glyph.show_icon("todo", "text_3")
        else:
            self.glyph.show_icon(asked.icon, asked.role)
        self.stop.setToolTip(self.tr("Stop {0}").format(named))
        self.stop.setAccessibleName(self.tr("Stop {0}").format(named))
        self.bubble.text.setAccessibleName(self.tr("Answer of {0}").format(named))
        self.setAccessibleName(asked.label if asked is not None else named)
        self.meters.setVisible(figures)
        self._version = -1

    def show_answer(self, answer: Answer | None, *, veiled: bool = False) -> None:
        """Another answer from here on: that of another prompt, or none yet.

        Args:
            veiled: Its text is held back until all answers are there: how fast it comes would tell
                who makes it.
        """
        self._answer, self._veiled = answer, veiled
        self._version, self._parts, self._thoughts = -1, 0, 0
        self._stage, self._meters_at = Stage.WAITING, 0.0
        # What comes is followed; what is there already is read from its top.
        self._follows = answer is None or not answer.stage.over
        self.bubble.restart()
        self.bubble.wait.hide()
        if veiled:
            words = self.tr("Shown when all answers are there, so that speed tells nothing")
            self.veil.show_line(State.RUNNING, self.tr("Answers"), words)
        else:
            self.veil.show_line(
                State.TODO,
                self.tr("Its turn comes"),
                self.tr("Models of one server run one after the other"),
            )
        self.veil.setVisible(veiled or (answer is not None and answer.stage is Stage.WAITING))

    @property
    def answer(self) -> Answer | None:
        """What is shown."""
        return self._answer

    @property
    def dirty(self) -> bool:
        """Whether something is to be shown that is not."""
        came = self._answer is not None and self._answer.version != self._version
        return came or self._offer != self._offered

    @property
    def ended(self) -> bool:
        """Whether the answer is over and that is not shown yet."""
        return self.dirty and (self._answer is None or self._answer.stage.over)

    def flush(self) -> None:
        """Show what came since the last time."""
        if self._offer != self._offered:
            self._show_offer()
        answer = self._answer
        if answer is None or answer.version == self._version:
            return
        self._version, self.shown_at = answer.version, perf_counter()
        if self._veiled:
            return
        self.veil.setVisible(answer.stage is Stage.WAITING)
        self.stop.setVisible(not answer.stage.over)
        self._write(answer)
        if answer.long_wait is not None and not answer.stage.over:
            self.bubble.tell_long_wait(waiting_words(self._unnamed(answer.long_wait)))
        turned = self._stage is not answer.stage
        self._stage = answer.stage
        if turned and answer.stage.over:
            self._show_end(answer)
        now = perf_counter()
        if turned or now - self._meters_at >= METERS_EVERY_SECONDS or not self._meters_at:
            self._meters_at = now
            self._show_meters(answer)

    def tick(self) -> None:
        """A while passed in which nothing may have come: the waiting goes on."""
        answer = self._answer
        waits = answer is not None and answer.stage is Stage.RUNNING and answer.first_at is None
        if waits and answer is not None and not self._veiled:
            self.bubble.show_waiting(perf_counter() - answer.sent_at)

    def _unnamed(self, waiting: LongWait) -> LongWait:
        """Who answers is called as in this column; what a server tells of a model would name it."""
        known = None if self.asked is None else waiting.in_memory
        return replace(waiting, model=self._named, in_memory=known)

    def _write(self, answer: Answer) -> None:
        thoughts, self._thoughts = answer.thinking[self._thoughts :], len(answer.thinking)
        if thoughts:
            self.bubble.add_thinking(thoughts)
        fresh, self._parts = answer.parts[self._parts :], len(answer.parts)
        if fresh:
            self.bubble.add("".join(fresh))

    def _show_end(self, answer: Answer) -> None:
        if answer.record is not None:
            self.bubble.show_thinking(answer.record.thinking_tokens, None)
        if answer.stage is not Stage.FAILED:
            self.bubble.finish(footnote(answer))
            return
        why = window_hint(answer.hint)
        if answer.pieces:
            why = f"{why} {self.tr('What had come is saved in History.')}".strip()
        self.bubble.fail(answer.cause, why)

    def _show_meters(self, answer: Answer) -> None:
        if self.asked is not None and self._figures:
            self.meters.show_meters(column_meters(answer, self.asked, no_watts=self._no_watts))

    # The vote

    def offer_vote(self, key: str, *, marking: bool, best: bool) -> None:
        """What can be voted for it, and was; shown with the next `flush`.

        Args:
            key: The key that votes for it; "" where no vote can be cast.
            marking: It is marked as one of several instead of being the best alone.
            best: Whether it was voted best.
        """
        self._offer = (key, marking, best)

    def _show_offer(self) -> None:
        self._offered = key, marking, self._best = self._offer
        self.vote.setCheckable(marking)
        words = self.tr("As good as another") if marking else self.tr("Best")
        self.vote.setText(f"{words} ({key})")
        self.vote.setAccessibleName(self.tr("{0} is the best").format(self._named))
        self.vote.setVisible(bool(key))
        self.update()

    @Slot()
    def _on_vote(self) -> None:
        self.voted.emit(self.position)

    @Slot()
    def _on_stop(self) -> None:
        self.stop_asked.emit(self.position)

    # Inside

    @Slot(int, int)
    def _on_range(self, _low: int, high: int) -> None:
        if self._follows:
            self.area.verticalScrollBar().setValue(high)

    @Slot(int)
    def _on_value(self, value: int) -> None:
        self._follows = value >= self.area.verticalScrollBar().maximum() - 8

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        box = QRectF(self.rect())
        p = QPainter(self)
        edge = theme.color("accent" if self._best else "border")
        paint.surface(p, box, Radius.CARD, inside=theme.color("surface"), edge=edge)
        if self._best:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            p.setPen(QPen(edge, 2))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(box.adjusted(1, 1, -1, -1), Radius.CARD, Radius.CARD)


class ColumnMeters(QWidget):
    """Four figures in two lines; their widgets stay while the figures change."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("column-meters")
        self.labels: dict[str, FigureLabel] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.S)
        self._grid.setVerticalSpacing(Space.XS)
        for i in range(2):
            self._grid.setColumnStretch(i, 1)
        self.setLayout(self._grid)

    def show_meters(self, meters: Sequence[Meter]) -> None:
        """Show these figures."""
        if self.labels and [meter.key for meter in meters] != list(self.labels):
            clear(self._grid)
            self.labels = {}
        for i, meter in enumerate(meters):
            figure = self.labels.get(meter.key)
            if figure is None:
                figure = FigureLabel(meter.caption, meter.shown, style=Text.STRONG)
                figure.setObjectName(f"meter-{meter.key}")
                self.labels[meter.key] = figure
                self._grid.addWidget(figure, i // 2, i % 2)
            figure.set_shown(meter.shown)


def _scroll(inside: QWidget) -> QScrollArea:
    out = QScrollArea()
    out.setObjectName("column-scroll")
    out.setWidgetResizable(True)
    out.setFrameShape(QFrame.Shape.NoFrame)
    out.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    # Its place is kept: another width would lay out the whole text again.
    out.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    out.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    out.setProperty("reads", True)
    out.setMinimumHeight(LEAST_TEXT_HEIGHT)
    ground = QWidget()
    ground.setAutoFillBackground(False)
    out.setViewport(ground)
    holder = QWidget()
    holder.setLayout(column(inside, None, margins=(0, 0, Space.XS, 0)))
    out.setWidget(holder)
    holder.setAutoFillBackground(False)
    return out
