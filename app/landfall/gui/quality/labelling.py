"""Two answers that differ, side by side and without names: which is right? Mostly by keys."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QTextEdit, QWidget

from landfall.gui import grown, theme
from landfall.gui.allowed import allow
from landfall.gui.format import whole
from landfall.gui.models.pull_row import ProgressBar
from landfall.gui.quality.marks import Span, marks
from landfall.gui.shortcuts import bind
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import EmptyState, State, StateLine
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import Button, Card, Swap, button, column, holder, label, row
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.quality.labelling import BlindPair, Choice, to_label
from landfall.services.quality.labelling import label as keep_label
from landfall.services.quality.labelling import undo as take_back
from landfall.services.quality.plan import Candidate

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History

ANSWER_HEIGHT = 210
PROMPT_HEIGHT = 64
BESIDE_FROM = 420
"""Width in px from which the answers stand beside each other."""
Pair = tuple[int, Candidate]
"""A pair by the place of its prompt and the candidate that is in it."""
CHOICES: tuple[Choice, ...] = ("first", "second", "both", "neither")


class AnswerText(QPlainTextEdit):
    """An answer as it came; what the other one has not is underlined on a ground of its own."""

    def __init__(self, name: str, object_name: str) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self._spans: tuple[Span, ...] = ()
        theme.theme().changed.connect(self._mark)

    def show_answer(self, text: str, spans: tuple[Span, ...]) -> None:
        """Show an answer with these places marked."""
        self.setPlainText(text)
        self._spans = spans
        self._mark()

    @Slot()
    def _mark(self) -> None:
        look = QTextCharFormat()
        look.setBackground(theme.color("caution_soft"))
        look.setFontUnderline(True)
        found = []
        for start, end in self._spans:
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            one = QTextEdit.ExtraSelection()
            one.cursor, one.format = cursor, look
            found.append(one)
        self.setExtraSelections(found)


class LabelView(QWidget):
    """Each label is stored at once: closing it loses nothing.

    Attributes:
        pair: What is shown, or None.

    Signals:
        done: Back to the result.
    """

    done = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        uid: str,
        *,
        labelled: int,
    ) -> None:
        """Make it.

        Args:
            labelled: Pairs that have a label of a person already.
        """
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Which answer is right?"))
        self._labelled = labelled
        self.setObjectName("gate-labelling")
        self._tasks, self._messages, self._history, self._uid = tasks, messages, history, uid
        self.pair: BlindPair | None = None
        self._work: Task | None = None
        self._skipped: set[Pair] = set()
        self.place = Swap(StateLine(State.RUNNING, self.tr("Reading the answers")))
        self._build()
        self._add_keys()
        self._run(to_label(history, uid))

    # Building

    def _build(self) -> None:
        self.count = label("", Text.STRONG)
        self.count.setObjectName("gate-label-count")
        self.bar = ProgressBar()
        self.back = button(self.tr("See the result"))
        self.back.setObjectName("gate-labels-done")
        self.back.clicked.connect(self.done)
        head = row(self.count, spacing=Space.M)
        head.addWidget(self.bar, 1)
        head.addWidget(self.back)
        self.buttons: dict[str, Button] = {}
        bar = FlowLayout()
        for key, name, words in (
            ("1", "first", self.tr("First is right (1)")),
            ("2", "second", self.tr("Second is right (2)")),
            ("3", "both", self.tr("Both, or a tie (3)")),
            ("4", "neither", self.tr("Neither (4)")),
            ("S", "skip", self.tr("Skip (S)")),
            ("U", "undo", self.tr("Undo (U)")),
        ):
            one = button(words)
            one.setObjectName(f"gate-label-{name}")
            one.setProperty("key", key)
            self.buttons[name] = one
            bar.addWidget(one)
        for choice in CHOICES:
            self.buttons[choice].clicked.connect(partial(self.choose, choice))
        self.buttons["skip"].clicked.connect(self.on_skip)
        self.buttons["undo"].clicked.connect(self.on_undo)
        hint = label(
            self.tr(
                "Who gave which answer stays hidden, and changes places by chance. Underlined is"
                " what the other answer has not."
            ),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        self._bar = holder(bar)
        card = Card().add(head, self.place, self._bar, hint)
        self.setLayout(column(card, None))

    def _pair_place(self) -> QWidget:
        self._prompt = AnswerText(self.tr("Prompt"), "gate-label-prompt")
        self._expected = label("", tone="text_2", wrap=True)
        self._expected.setObjectName("gate-label-expected")
        self._expected.setTextFormat(Qt.TextFormat.PlainText)
        self.first = AnswerText(self.tr("First answer"), "gate-first-answer")
        self.second = AnswerText(self.tr("Second answer"), "gate-second-answer")
        answers = SideBySide(
            _titled(self.tr("First answer"), self.first, ANSWER_HEIGHT),
            _titled(self.tr("Second answer"), self.second, ANSWER_HEIGHT),
            needs=BESIDE_FROM,
        )
        prompt = _titled(self.tr("Prompt"), self._prompt, PROMPT_HEIGHT)
        return holder(column(prompt, self._expected, answers, spacing=Space.M))

    def _add_keys(self) -> None:
        for name in (*CHOICES, "skip", "undo"):
            bind(name, self, self.buttons[name].click)

    # What can be said

    @property
    def busy(self) -> bool:
        """Whether a label is being stored: no key may mean a pair that was not seen."""
        return self._work is not None

    def choose(self, choice: Choice, _checked: bool = False) -> None:
        """Say which of the two is right."""
        if self.pair is not None and not self.busy:
            skipped, self._skipped = self._skipped, self._skipped - {_key_of(self.pair)}
            self._run(self._keep(self.pair, choice, frozenset(skipped)))

    async def _keep(
        self, pair: BlindPair, choice: Choice, skipped: frozenset[Pair]
    ) -> BlindPair | None:
        await keep_label(self._history, self._uid, pair, choice)
        return await to_label(self._history, self._uid, skipped=skipped)

    @Slot()
    def on_skip(self) -> None:
        """Later: it comes again when no other is left."""
        if self.pair is not None and not self.busy:
            self._skipped.add(_key_of(self.pair))
            if self.pair.done + len(self._skipped) >= self.pair.of:
                self._skipped = {_key_of(self.pair)}
            skipped = frozenset(self._skipped)
            self._run(to_label(self._history, self._uid, skipped=skipped))

    @Slot()
    def on_undo(self) -> None:
        """The latest label is taken back, and its pair shown again."""
        if not self.busy:
            self._run(self._undone())

    async def _undone(self) -> BlindPair | None:
        found = await take_back(self._history, self._uid)
        return found if found is not None else await to_label(self._history, self._uid)

    def _run(self, work: Coroutine[Any, Any, BlindPair | None]) -> None:
        self._work = self._tasks.run(work)
        self._work.succeeded.connect(self._on_pair)
        self._work.failed.connect(self._messages.fail)
        self._work.finished.connect(self._on_finished)

    @Slot()
    def _on_finished(self) -> None:
        self._work = None

    # What is shown

    @Slot(object)
    def _on_pair(self, pair: BlindPair | None) -> None:
        was, self.pair = self.pair, pair
        if pair is None:
            self._show_done(was)
            return
        if self.place.content is None or self.place.content.objectName() != "gate-pair":
            content = self._pair_place()
            content.setObjectName("gate-pair")
            self.place.hold(content)
        in_first, in_second = marks(pair.first, pair.second)
        self._prompt.show_answer(pair.prompt, ())
        self._expected.setText(self.tr("Expected: {0}").format(pair.expected or ""))
        self._expected.setVisible(bool(pair.expected))
        self.first.show_answer(pair.first, in_first)
        self.second.show_answer(pair.second, in_second)
        self.count.setText(self.tr("{0} of {1}").format(whole(pair.done + 1), whole(pair.of)))
        self.bar.set_progress(pair.done / pair.of)
        self.bar.setAccessibleName(
            self.tr("{0} of {1} pairs have a label").format(whole(pair.done), whole(pair.of))
        )
        self._allow(open_=True, any_labelled=pair.done > 0)
        focus = QApplication.focusWidget()
        if focus is None or not self.isAncestorOf(focus):
            # Here keys mean a label; on a button the space bar would mean one too.
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_done(self, was: BlindPair | None) -> None:
        title = self.tr("Every pair that differs has a label")
        if was is None:
            title = self.tr("No pair waits for a label")
        says = self.tr("The gate was read with them. The latest label can still be taken back.")
        self.place.hold(EmptyState("ok", title, says))
        self.count.setText(self.tr("Done"))
        self.bar.set_progress(1.0)
        self._allow(open_=False, any_labelled=was is not None or self._labelled > 0)
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _allow(self, *, open_: bool, any_labelled: bool) -> None:
        waits = "" if open_ else self.tr("No pair waits for a label")
        nothing = "" if any_labelled else self.tr("There is no label to take back.")
        for name, one in self.buttons.items():
            allow(one, nothing if name == "undo" else waits)


def _titled(words: str, edit: QWidget, height: int) -> QWidget:
    """The style sheet sets a least height of its own on inputs; it does not on what holds them."""
    place = holder(column(edit))
    grown.fix_height(place, height)
    return holder(column(label(words, Text.CAPTION, tone="text_2"), place, spacing=3))


def _key_of(pair: BlindPair) -> Pair:
    return pair.place, pair.side
