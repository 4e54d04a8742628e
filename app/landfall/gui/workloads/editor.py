"""Writes a workload: as a form or as text, the same words of the file's reader in both."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.errors import AppError, BadInput
from landfall.core.workload import file as workload_file
from landfall.core.workload.draft import Draft, draft_in, draft_of, half_typed
from landfall.core.workload.origins import has_own_comments
from landfall.core.workload.writer import to_text
from landfall.gui.dates import when
from landfall.gui.hints import failure_words
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.feedback import Banner
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import Card, Swap, button, column, label, row
from landfall.gui.widgets.toml_editor import TomlEditor
from landfall.gui.workloads.form import WorkloadForm

if TYPE_CHECKING:
    from landfall.services.history.records import WorkloadDraft
    from landfall.services.verdict.known_names import Known

FORM, TEXT = range(2)


class WorkloadEditor(QWidget):
    """Edits one workload until it is saved or given up; nothing is lost without a question.

    Signals:
        save_asked: The text should be stored.
        edited: Something was typed.
        closed: Nothing was typed that could be lost.
        left, put_aside, stayed: Answers to `ask_to_leave`: what was typed is given up, is kept as a
            draft, or is typed on.
        revealed: A widget that should be scrolled to.
    """

    save_asked = Signal(str)
    closed = Signal()
    edited = Signal()
    left = Signal()
    put_aside = Signal()
    stayed = Signal()
    revealed = Signal(QWidget)

    def __init__(
        self,
        heading: str,
        text: str,
        *,
        was: str | None,
        as_text: bool = False,
        draft: WorkloadDraft | None = None,
    ) -> None:
        """Make it.

        Args:
            heading: What is edited.
            text: The file to begin with; may be wrong, then it is shown as text.
            was: The name under which it is stored, or None for a new one.
            as_text: Begin with the text.
            draft: What was typed before and never saved, to go on with.
        """
        super().__init__()
        self.setObjectName("editor")
        self.was = was
        self._leaving = False
        self._form = WorkloadForm()
        self._toml = TomlEditor()
        self._heading = label(heading, Text.HEADING, wrap=True)
        self._note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._problem = label("", tone="danger", wrap=True)
        self._problem.setObjectName("editor-problem")
        self._ask = Swap()
        self._text_card = Card().add(self._toml)
        self._build()
        self._open(text, as_text=as_text)
        if draft is not None:
            self._take_up(draft)
        self._form.edited.connect(self._on_form)
        self._toml.textChanged.connect(self._on_text)

    def _build(self) -> None:
        self._kind = SegmentedControl((self.tr("Form"), self.tr("Text")))
        self._kind.setObjectName("editor-kind")
        self._kind.chosen.connect(self._on_kind)
        cancel = button(self.tr("Cancel"))
        cancel.setObjectName("cancel")
        cancel.clicked.connect(self._on_cancel)
        self._save = button(self.tr("Save and decide"), "primary")
        self._save.setObjectName("save")
        self._save.clicked.connect(self._on_save)
        words = column(self._heading, self._note, spacing=0)
        head = row(spacing=Space.S)
        head.addLayout(words, 1)
        actions = FlowLayout(middle=True)
        actions.setSpacing(Space.S)
        for part in (self._kind, cancel, self._save):
            actions.addWidget(part)
        head.addLayout(actions)
        self._problem.hide()
        self._ask.hide()
        self._taken = Swap()
        self._taken.hide()
        parts = (head, self._ask, self._taken, self._problem, self._form, self._text_card, None)
        self.setLayout(column(*parts, spacing=Space.M))

    def _open(self, text: str, *, as_text: bool) -> None:
        """A text that cannot be read can only be edited as text."""
        self._toml.setPlainText(text)
        error = self._error_of(text)
        wrong = error is not None and bool(text.strip())
        self._original = text
        if as_text or wrong:
            self._show_kind(TEXT)
            if error is not None and wrong:
                self.show_error(error)
        else:
            self._fill_form(text)
            self._show_kind(FORM)
        self._original_draft = to_text(self._form.draft())

    def _fill_form(self, text: str) -> None:
        self._form.set_draft(draft_in(text) if text.strip() else Draft())
        comments = has_own_comments(text)
        said = self.tr("Its text has comments: saving from the form leaves them out.")
        self._note.setText(said if comments else "")
        self._note.setVisible(comments)

    def _take_up(self, draft: WorkloadDraft) -> None:
        """Go on where it was left; the way back to what is saved stands above."""
        half = half_typed(draft.toml)
        if half is None:
            self._toml.setPlainText(draft.toml)
            self._show_kind(TEXT)
        else:
            self._form.set_draft(half)
            self._show_kind(FORM)
        back = button(self.tr("Begin with what is saved") if self.was else self.tr("Begin anew"))
        back.setObjectName("begin-saved")
        back.clicked.connect(self._on_begin_saved)
        words = self.tr("Taken up from what was typed, {0}").format(when(draft.changed_at))
        self._taken.hold(Banner("accent", words, self.tr("It is not saved yet."), back))
        self._taken.show()

    @Slot()
    def _on_begin_saved(self) -> None:
        self._taken.hide()
        self._say("")
        if self._kind.current == TEXT:
            self._toml.setPlainText(self._original)
        else:
            self._form.set_draft(half_typed(self._original) or Draft())
        self.edited.emit()

    # What is typed

    @property
    def text(self) -> str:
        """What would be stored."""
        if self._kind.current == TEXT:
            return self._toml.toPlainText()
        draft = to_text(self._form.draft())
        # An untouched form stores the text as it came, with its comments.
        return self._original if draft == self._original_draft and self.was else draft

    @property
    def dirty(self) -> bool:
        """Whether something would be lost."""
        if self._kind.current == TEXT:
            text = self._toml.toPlainText()
            # Of a new one that nobody filled in the form writes its first lines, which is no loss.
            begun = self.was is None and text == self._original_draft
            return text != self._original and not begun
        return to_text(self._form.draft()) != self._original_draft

    def offer(self, known: Known) -> None:
        """Suggest these names."""
        self._form.offer(known)

    def fill(self, path: str, value: str | float) -> None:
        """Put a value into a field at once, as if it had been typed."""
        draft = self._form.draft()
        self._form.set_draft(dataclasses.replace(draft, values={**draft.values, path: value}))
        self.edited.emit()

    def replace(self, text: str) -> None:
        """Put another right text in the place of what is there, as if it had been typed."""
        if self._kind.current == TEXT:
            self._toml.setPlainText(text)
        else:
            self._form.set_draft(
                dataclasses.replace(
                    draft_of(workload_file.parse(text)), origins=self._form.draft().origins
                )
            )
        self.edited.emit()

    def begin_with(self, text: str) -> None:
        """Fill in what somebody else tells, as if it had been typed; its sources are shown."""
        self._form.set_draft(half_typed(text) or Draft())
        self.edited.emit()

    def begin(self, path: str = "") -> None:
        """Put the focus where the work is: at a key, or at the name."""
        if self._kind.current == TEXT:
            self._toml.setFocus()
            return
        found = self._form.reveal(path) if path else None
        if found is None:
            self._form.focus_first()
        else:
            self.revealed.emit(found)

    # Form and text

    @Slot(int)
    def _on_kind(self, kind: int) -> None:
        self._say("")
        if kind == TEXT:
            draft = to_text(self._form.draft())
            untouched = draft == self._original_draft
            self._toml.setPlainText(self._original if untouched and self.was else draft)
            self._show_kind(TEXT)
            return
        text = self._toml.toPlainText()
        error = self._error_of(text)
        half = half_typed(text) if error is not None else None
        if half is not None and to_text(half) == text:
            # Not finished, and nothing in it that a form would lose: it goes on there.
            self._form.set_draft(half)
        elif error is not None:
            self._show_kind(TEXT)
            self.show_error(error)
            return
        else:
            self._fill_form(text)
        self._show_kind(FORM)

    def _show_kind(self, kind: int) -> None:
        self._kind.group.button(kind).setChecked(True)
        self._form.setVisible(kind == FORM)
        self._text_card.setVisible(kind == TEXT)

    def _error_of(self, text: str) -> BadInput | None:
        try:
            workload_file.parse(text)
        except BadInput as error:
            return error
        return None

    @Slot()
    def _on_form(self) -> None:
        """Say at once what is wrong with what was typed, and nothing of what was not."""
        self._form.clear_problems()
        self._say("")
        error = self._error_of(to_text(self._form.draft()))
        if error is not None:
            self._form.hint_problem(error.field, self._form.words(error))
        self.edited.emit()

    @Slot()
    def _on_text(self) -> None:
        if self._toml.marked_line is not None:
            self._toml.mark(None)
        self._say("")
        self.edited.emit()

    # Saving and leaving

    @Slot()
    def _on_save(self) -> None:
        error = self._error_of(self.text)
        if error is not None:
            self.show_error(error)
            return
        self.save_asked.emit(self.text)

    def show_error(self, error: AppError) -> None:
        """Say what is wrong at its field, or at its line of the text."""
        said = failure_words(error)
        if not isinstance(error, BadInput):
            self._say(said)
            return
        if self._kind.current == TEXT:
            where = self.tr("Line {0}: {1}").format(error.line, said) if error.line else said
            self._toml.mark(error.line)
            self._say(where)
            return
        self._form.clear_problems()
        said = self._form.words(error)
        found = self._form.show_problem(error.field, said)
        if found is None:
            self._say(said)
        else:
            self.revealed.emit(found)

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    @Slot()
    def _on_cancel(self) -> None:
        if self.dirty:
            self.ask_to_leave()
        else:
            self.closed.emit()

    def ask_to_leave(self) -> None:
        """Ask what shall become of what was typed; `left`, `save_asked` or nothing follows."""
        save = button(self.tr("Save"))
        save.setObjectName("leave-save")
        save.clicked.connect(self._on_save)
        discard = button(self.tr("Discard"), "destructive")
        discard.setObjectName("leave-discard")
        discard.clicked.connect(self.left)
        aside = button(self.tr("Keep draft"))
        aside.setObjectName("leave-draft")
        aside.clicked.connect(self.put_aside)
        stay = button(self.tr("Keep editing"))
        stay.setObjectName("leave-stay")
        stay.clicked.connect(self._on_stay)
        title = self.tr("There are changes that are not saved.")
        self._ask.hold(Banner("caution", title, "", stay, discard, aside, save))
        self._ask.show()
        self.revealed.emit(self._ask)

    @Slot()
    def _on_stay(self) -> None:
        self._ask.hide()
        self.stayed.emit()
