"""A conversation: what was asked, and one answer or two beside each other.

Each message is a widget with a text of its own, so that a long conversation costs no more than its
last answer.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QScrollArea, QSizePolicy, QWidget

from landfall.gui import grown, paint, theme
from landfall.gui.allowed import allow
from landfall.gui.colours import Role
from landfall.gui.format import duration, whole
from landfall.gui.run.stream_text import StreamText
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.feedback import Spinner, State, StateLine
from landfall.gui.widgets.layout import (
    Button,
    Glyph,
    Swap,
    button,
    clear,
    column,
    holder,
    icon_button,
    label,
    row,
)

THINKING_HEIGHT = 160


class Question(QWidget):
    """What was asked, in a well; it can be selected."""

    def __init__(self, who: str, text: str) -> None:
        super().__init__()
        self.setObjectName("question")
        words = label(text, wrap=True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        flag = Qt.TextInteractionFlag
        words.setTextInteractionFlags(flag.TextSelectableByMouse | flag.TextSelectableByKeyboard)
        self.setAccessibleName(f"{who}: {text}")
        name = label(who, Text.CAPTION_STRONG, tone="text_2")
        self.setLayout(column(name, words, spacing=3, margins=(12, 10, 12, 10)))
        theme.repaint_on_change(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        box = QRectF(self.rect())
        paint.fill_round(QPainter(self), box, Radius.CONTROL, theme.color("sunken"))


class AnswerBubble(QWidget):
    """One answer: waiting, thinking apart, text, and how it ended.

    bare: without its name and without the way to ask again, where what holds it has its own.

    Signals:
        again_asked: The same question is to be asked again.
        workload_asked: A workload is to be made whose calls are like this kept run.
    """

    again_asked = Signal()
    workload_asked = Signal(int)

    def __init__(self, who: str, place: Role, *, bare: bool = False) -> None:
        super().__init__()
        self.setObjectName("answer")
        self.who = who
        self._bare = bare
        self._thought: list[str] = []
        self._pieces_of_thinking = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._name = label(who, Text.CAPTION_STRONG, tone="text_2", wrap=True)
        self._dot = Glyph("run" if place == "here" else "cloud", place, size=14)
        self._build()

    def _build(self) -> None:
        self.wait = QWidget()
        self._waited = label("", Text.CAPTION, tone="text_2")
        self.wait.setLayout(row(Spinner(size=16), self._waited, None))
        self.wait.hide()
        self.long_wait = label("", Text.CAPTION, tone="caution", wrap=True)
        self.long_wait.setObjectName("long-wait")
        self.long_wait.hide()
        self._make_thinking()
        self.text = StreamText(self.tr("Answer of {0}").format(self.who))
        self.text.setObjectName("answer-text")
        self.trouble = Swap()
        self.trouble.hide()
        self._make_actions()
        head = holder(row(self._dot, self._name, spacing=Space.XS))
        self.setLayout(
            column(
                head,
                self.wait,
                row(self.thinking, None),
                self.thought,
                self.text,
                self.long_wait,
                self.trouble,
                self._actions,
                spacing=3,
            )
        )
        if self._bare:
            head.hide()
            self.again.hide()
            self.workload.hide()

    def _make_thinking(self) -> None:
        self.thinking = button(self.tr("Thinking"), "quiet", icon="right")
        self.thinking.setObjectName("thinking")
        self.thinking.setCheckable(True)
        self.thinking.hide()
        self.thinking.toggled.connect(self._on_thinking_toggled)
        self.thought = QPlainTextEdit()
        self.thought.setObjectName("thought")
        self.thought.setReadOnly(True)
        self.thought.setUndoRedoEnabled(False)
        self.thought.setAccessibleName(self.tr("What the model thought first"))
        grown.fix_height(self.thought, THINKING_HEIGHT)
        self.thought.hide()

    def _make_actions(self) -> None:
        self.copy = icon_button("copy", self.tr("Copy answer"))
        self.copy.setObjectName("copy-answer")
        self.again = icon_button("retry", self.tr("Run again"))
        self.again.setObjectName("run-again")
        self._run = 0
        self.workload = icon_button("workloads", self.tr("Make a workload of this"))
        self.workload.setObjectName("workload-of-run")
        self.tell_run(0)
        self.workload.clicked.connect(self._on_workload)
        self.footnote = label("", Text.CAPTION, tone="text_3", wrap=True)
        self.footnote.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._actions = QWidget()
        actions = row(self.copy, self.again, self.workload, spacing=0)
        actions.addWidget(self.footnote, 1)
        self._actions.setLayout(actions)
        # Its place is kept: where answers stand beside each other another width of one would lay
        # out the whole text of all of them again, which takes longer the longer they are.
        policy = self._actions.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._actions.setSizePolicy(policy)
        self._actions.hide()
        self.copy.clicked.connect(self._on_copy)
        self.again.clicked.connect(self.again_asked)

    def tell_run(self, run_id: int) -> None:
        """It is kept as this run of the history; 0 where it is not, or not yet."""
        self._run = run_id
        allow(self.workload, "" if run_id > 0 else self.tr("It is not kept in History."))

    @Slot()
    def _on_workload(self) -> None:
        self.workload_asked.emit(self._run)

    # While it comes

    def show_waiting(self, seconds: float) -> None:
        """Nothing came yet since so long."""
        self.wait.show()
        self._waited.setText(
            self.tr("Waiting for the first token, {0}").format(duration(round(seconds, 1)))
        )

    def tell_long_wait(self, words: str) -> None:
        """That nothing has come for long, and why that may be, until something comes."""
        self.long_wait.setText(words)
        self.long_wait.show()

    def _end_wait(self) -> None:
        self.wait.hide()
        self.long_wait.hide()

    def add(self, text: str) -> None:
        """More of the answer."""
        self._end_wait()
        self.text.add(text)

    def add_thinking(self, texts: list[str]) -> None:
        """More of what is thought before the answer."""
        self._end_wait()
        self._thought += texts
        self._pieces_of_thinking += len(texts)
        self.thinking.show()
        self.thinking.setText(self.tr("Thinking, {0}").format(whole(self._pieces_of_thinking)))
        if self.thinking.isChecked():
            self._append_thought("".join(texts))

    def show_thinking(self, tokens: int | None, seconds: float | None) -> None:
        """How much was thought, when it is known."""
        if not self._pieces_of_thinking:
            return
        count = self.tr("about {0} tokens").format(whole(self._pieces_of_thinking))
        if tokens is not None:
            count = self.tr("{0} tokens").format(whole(tokens))
        parts = [self.tr("Thinking"), count]
        if seconds is not None:
            parts.append(duration(seconds))
        self.thinking.setText(", ".join(parts))

    def restart(self) -> None:
        """The same question is asked again: empty, as at first."""
        self._thought, self._pieces_of_thinking = [], 0
        self.text.start_over()
        self.thought.clear()
        for one in (self.thinking, self.trouble, self._actions, self.thought, self.long_wait):
            one.hide()
        self.thinking.setChecked(False)

    # How it ended

    def finish(self, footnote: str) -> None:
        """It came to its end, or was stopped."""
        self._end_wait()
        self.text.end()
        self.footnote.setText(footnote)
        allow(self.copy, "" if self.text.raw else self.tr("There is nothing to copy."))
        self._actions.show()

    def fail(self, cause: str, saved: str) -> None:
        """It broke off: why, what of it is saved, and the way to try again."""
        self.finish("")
        self._actions.hide()
        action = "" if self._bare else self.tr("Run again")
        line = StateLine(State.FAILED, cause, saved, action=action)
        line.setObjectName("run-error")
        line.triggered.connect(self.again_asked)
        self.trouble.hold(line)
        self.trouble.show()

    def forbid_again(self, reason: str) -> None:
        """Something else runs, or the conversation went on from here; "" allows it again."""
        for one in (self.again, *self.trouble.findChildren(Button)):
            allow(one, reason, tip=self.tr("Run again"))

    @Slot(bool)
    def _on_thinking_toggled(self, shown: bool) -> None:
        self.thinking.set_icon("down" if shown else "right")
        self.thought.setVisible(shown)
        if shown:
            self.thought.setPlainText("".join(self._thought))

    def _append_thought(self, text: str) -> None:
        bar = self.thought.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 4
        cursor = self.thought.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        cursor.insertText(text)
        if follows:
            bar.setValue(bar.maximum())

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.raw)


class ChatView(QScrollArea):
    """Questions and answers from top to bottom. It follows the end while the user is there."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("conversation")
        self.setAccessibleName(self.tr("Conversation"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        self._column = column(None, spacing=Space.L, margins=(0, 0, Space.S, 0))
        inner.setLayout(self._column)
        # The card below shows through. The viewport is ours because to ask Qt for its own makes
        # PySide look through all its widget classes, which costs tens of milliseconds once.
        ground = QWidget()
        ground.setAutoFillBackground(False)
        self.setViewport(ground)
        self.setWidget(inner)
        inner.setAutoFillBackground(False)
        self._follows = True
        self._answers: list[AnswerBubble] = []
        self.setMinimumHeight(180)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        self.verticalScrollBar().valueChanged.connect(self._on_value)

    @property
    def answers(self) -> list[AnswerBubble]:
        """All answers, oldest first."""
        return list(self._answers)

    def ask(self, question: str, answers: list[AnswerBubble]) -> None:
        """Show a question and the places of its answers."""
        asked = Question(self.tr("You"), question)
        self._column.insertWidget(self._column.count() - 1, asked)
        beside = row(spacing=Space.L)
        self._answers += answers
        for answer in answers:
            beside.addWidget(answer, 1, Qt.AlignmentFlag.AlignTop)
        self._column.insertLayout(self._column.count() - 1, beside)
        self._follows = True

    def start_over(self) -> None:
        """Empty the conversation."""
        clear(self._column)
        self._column.addStretch(1)
        self._answers = []

    @Slot(int, int)
    def _on_range(self, _low: int, high: int) -> None:
        if self._follows:
            self.verticalScrollBar().setValue(high)

    @Slot(int)
    def _on_value(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - 8
