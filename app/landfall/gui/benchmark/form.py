"""What a benchmark shall measure: models, prompts, repetitions, sustained run, sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QScrollArea, QVBoxLayout, QWidget

from landfall.core.benchmark.benchmark import BenchKind, BenchPlan, BenchPrompt
from landfall.core.errors import BadInput
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.benchmark.words import OWN
from landfall.gui.format import whole
from landfall.gui.hints import failure_words
from landfall.gui.run.prompt_form import CONTEXT_MAX
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.check_box import CheckBox
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import button, clear, column, holder, label, row
from landfall.gui.widgets.number_edit import NumberEdit
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.benchmark.plan import LENGTHS, lengths_within, standard_plan

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = (1, 2, 4, 8)
_LIST_HEIGHT = 216
_LINE = 28


class Prompts(IntEnum):
    """Where prompts come from, in the order of the segments."""

    STANDARD = 0
    FILE = 1
    TYPED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model that may be chosen; `refused` says why it may not, or ""."""

    name: str
    kind: BenchKind
    refused: str = ""


class BenchmarkForm(QWidget):
    """Gives a plan, or says what is missing for one.

    Signals:
        changed: Something else is chosen now.
        file_wanted: A file of prompts is to be picked.
    """

    changed = Signal()
    file_wanted = Signal()

    def __init__(self, context: int) -> None:
        super().__init__()
        self._candidates: tuple[Candidate, ...] = ()
        self._boxes: dict[str, QCheckBox] = {}
        self._typed = ""
        self._file: tuple[str, tuple[BenchPrompt, ...]] | None = None
        self._file_problem = ""
        self._build(context)
        self._connect()
        self._tell()

    # Building

    def _build(self, context: int) -> None:
        self._make_controls(context)
        self._models = column(spacing=0)
        inner = holder(self._models)
        inner.setObjectName("benchmark-model-list")
        self._list = QScrollArea()
        self._list.setObjectName("benchmark-models")
        self._list.setAccessibleName(self.tr("Models"))
        self._list.setFrameShape(QScrollArea.Shape.NoFrame)
        self._list.setWidgetResizable(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # One of ours: see `DataTable.room` for what it costs to ask Qt for its own.
        shows_card = QWidget()
        self._list.setViewport(shows_card)
        self._list.setWidget(inner)
        shows_card.setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.no_models = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.no_models.setObjectName("benchmark-no-models")
        left = column(
            _heading(self.tr("Models")), self.no_models, self._list, None, spacing=Space.XS
        )
        right = column(spacing=Space.M)
        for item in (self._asked(), self._further(), self._several()):
            right.addLayout(item)
        right.addStretch(1)
        sides = SideBySide(holder(left), holder(right), needs=760)
        self.setLayout(column(sides))

    def _make_controls(self, context: int) -> None:
        self.prompts = SegmentedControl(
            (self.tr("Three lengths"), self.tr("Own file"), self.tr("Typed now"))
        )
        self.prompts.setObjectName("benchmark-prompts")
        self.prompts.setAccessibleName(self.tr("Prompts"))
        self.pick = button(self.tr("Choose a file\u2026"))
        self.pick.setObjectName("benchmark-file")
        self.prompt_note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.prompt_note.setObjectName("benchmark-prompt-note")
        self.repetitions = NumberEdit(self.tr("Repetitions"), low=1, high=20)
        self.repetitions.set_value(3)
        self.context = NumberEdit(self.tr("Context"), low=256, high=CONTEXT_MAX)
        self.context.set_value(context)
        self.sustained = NumberEdit(
            self.tr("Sustained run, minutes"), low=0.5, high=240, digits=1, empty=self.tr("no")
        )
        self.target = NumberEdit(
            self.tr("First token within, seconds"), low=0.1, high=600, digits=1
        )
        self.target.set_value(2)
        for name, field in (
            ("repetitions", self.repetitions),
            ("context", self.context),
            ("sustained", self.sustained),
            ("target", self.target),
        ):
            field.edit.setObjectName(f"benchmark-{name}")
        self.cold = CheckBox(self.tr("Take the model out of memory first, to time a cold load"))
        self.cold.setObjectName("benchmark-cold")
        self.cold.setChecked(True)
        self.levels = {level: CheckBox(whole(level)) for level in LEVELS}
        for level, box in self.levels.items():
            box.setObjectName(f"benchmark-level-{level}")
            box.setAccessibleName(self.tr("{0} answers at once").format(level))
        for box in (self.cold, *self.levels.values()):
            grown.least_height(box, _LINE)

    def _asked(self) -> QVBoxLayout:
        what = FlowLayout()
        what.addWidget(self.prompts)
        what.addWidget(self.pick)
        numbers = row(spacing=Space.M)
        numbers.addWidget(self.repetitions, 1)
        numbers.addWidget(self.context, 1)
        heading = _heading(self.tr("Prompts"))
        return column(heading, what, self.prompt_note, numbers, spacing=Space.S)

    def _further(self) -> QVBoxLayout:
        heading = _heading(self.tr("Load and endurance"))
        numbers = row(spacing=Space.M)
        numbers.addWidget(self.sustained, 1)
        numbers.addStretch(1)
        return column(heading, self.cold, numbers, spacing=Space.S)

    def _several(self) -> QVBoxLayout:
        heading = _heading(self.tr("Several answers at once"))
        levels = row(*self.levels.values(), None, spacing=Space.L)
        numbers = row(spacing=Space.M)
        numbers.addWidget(self.target, 1)
        numbers.addStretch(1)
        words = self.tr(
            "Tells how many can ask at once so that 95 of 100 get the first token in time."
        )
        note = label(words, Text.CAPTION, tone="text_2", wrap=True)
        return column(heading, levels, numbers, note, spacing=Space.S)

    def _connect(self) -> None:
        self.prompts.chosen.connect(self._on_changed)
        self.pick.clicked.connect(self.file_wanted)
        for field in (self.repetitions, self.context, self.sustained, self.target):
            field.changed.connect(self._on_changed)
        for box in (self.cold, *self.levels.values()):
            box.toggled.connect(self._on_changed)

    # What it holds

    @property
    def chosen(self) -> tuple[Candidate, ...]:
        """The models that are checked, in the order of the list."""
        return tuple(one for one in self._candidates if self._boxes[one.name].isChecked())

    @property
    def source(self) -> Prompts:
        """Where prompts come from."""
        return Prompts(self.prompts.current)

    @property
    def problem(self) -> str:
        """Why there is no plan, or ""."""
        if not self._candidates:
            return self.tr("No model is installed yet.")
        if not self.chosen:
            return self.tr("No model is chosen.")
        fields = (self.repetitions, self.context, self.sustained, self.target)
        wrong = next((field.problem for field in fields if field.problem), "")
        return wrong or self._prompt_problem() or self._plan_problem()

    def plan(self) -> BenchPlan:
        """What is chosen, as a plan.

        Raises:
            BadInput: the context holds no prompt and answer.
        """
        made = standard_plan(
            context=int(self.context.value or 0),
            repetitions=int(self.repetitions.value or 1),
            concurrency=tuple(level for level, box in self.levels.items() if box.isChecked()),
            ttft_target_seconds=self.target.value or 0.0,
            sustained_seconds=60 * (self.sustained.value or 0.0),
            cold_load=self.cold.isChecked(),
        )
        own = self._own()
        return replace(made, prompts=own) if own else made

    def _own(self) -> tuple[BenchPrompt, ...]:
        if self.source is Prompts.FILE and self._file is not None:
            return self._file[1]
        if self.source is Prompts.TYPED and self._typed:
            return (BenchPrompt(name=OWN, text=self._typed),)
        return ()

    def _prompt_problem(self) -> str:
        if self.source is Prompts.FILE and self._file is None:
            return self._file_problem or self.tr("No file of prompts is chosen.")
        if self.source is Prompts.TYPED and not self._typed:
            return self.tr("Nothing is typed in the conversation yet.")
        return ""

    def _plan_problem(self) -> str:
        try:
            self.plan()
        except BadInput as error:
            return failure_words(error)
        return ""

    # What it shows

    def offer(self, candidates: Sequence[Candidate], *, first: str, none: str = "") -> None:
        """These models are there; what was checked stays so, else `first` is.

        Args:
            first: The model that is chosen on the page, or "".
            none: Why there is none.
        """
        self.no_models.setText(none or self.tr("No model is installed yet."))
        self.no_models.setVisible(not candidates)
        fresh = tuple(candidates)
        if fresh == self._candidates:
            return
        before = {one.name for one in self.chosen} if self._candidates else {first}
        self._candidates = fresh
        clear(self._models)
        self._boxes = {one.name: self._box(one, before) for one in fresh}
        for box in self._boxes.values():
            self._models.addWidget(box)
        self._models.addStretch(1)
        grown.fix_height(self._list, min(_LIST_HEIGHT, _LINE * max(1, len(fresh)) + 4))
        self._on_changed()

    def _box(self, one: Candidate, before: set[str]) -> QCheckBox:
        words = one.name
        if one.refused:
            words = f"{one.name}: {one.refused}"
        elif one.kind is BenchKind.EMBEDDING:
            words = self.tr("{0}, makes vectors").format(one.name)
        box = CheckBox(words.replace("&", "&&"))
        box.setObjectName(f"benchmark-model-{one.name}")
        grown.least_height(box, _LINE)
        allow(box, one.refused)
        box.setChecked(one.name in before and not one.refused)
        box.toggled.connect(self._on_changed)
        return box

    def set_typed(self, text: str) -> None:
        """What stands in the prompt of the page."""
        if text != self._typed:
            self._typed = text
            self._on_changed()

    def set_file(self, path: Path, prompts: Sequence[BenchPrompt]) -> None:
        """A file of prompts was read."""
        self._file, self._file_problem = (path.name, tuple(prompts)), ""
        self._on_changed()

    def refuse_file(self, why: str) -> None:
        """It could not be."""
        self._file, self._file_problem = None, why
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self.pick.setVisible(self.source is Prompts.FILE)
        self.prompt_note.setText(self._prompt_words())
        self.prompt_note.set_tone("danger" if self._file_problem and self._lacks_file else "text_2")
        sweeps = any(box.isChecked() for box in self.levels.values())
        allow(self.target, "" if sweeps else self.tr("Choose how many ask at once first."))

    @property
    def _lacks_file(self) -> bool:
        return self.source is Prompts.FILE and self._file is None

    def _prompt_words(self) -> str:
        match self.source:
            case Prompts.FILE if self._file is not None:
                name, prompts = self._file
                words = self.tr("{0}: {1} prompts")
                if len(prompts) == 1:
                    words = self.tr("{0}: one prompt")
                return words.format(name, whole(len(prompts)))
            case Prompts.FILE:
                form = self.tr("One prompt on each line, or JSON lines with a key prompt.")
                return self._file_problem or form
            case Prompts.TYPED:
                how = self.tr(
                    "What is written in the conversation and not sent. Go back to it, write the"
                    " prompt there, and come here again."
                )
                return _cut(self._typed) or how
            case _:
                context = self.context.value
                given = lengths_within(int(context)) if context else LENGTHS
                lengths = ", ".join(whole(tokens) for tokens in given.values())
                words = self.tr("Texts of about {0} tokens, the same on every machine.")
                return words.format(lengths)


def _heading(text: str) -> QWidget:
    return label(text, Text.STRONG)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:119]}\u2026"
