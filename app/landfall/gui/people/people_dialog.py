"""How many people? Fields at the left, the answer and its chart at the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from landfall.core.demand.arrangements import CALLS_PER_HOUR, DemandProfile
from landfall.gui import grown
from landfall.gui.hints import failure_words
from landfall.gui.people import words
from landfall.gui.people.people_chart import PeopleChart
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.number_edit import NumberEdit
from landfall.gui.widgets.numbers import FigureLabel
from landfall.gui.widgets.picture import picture_button
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.models import shipped_catalogue
from landfall.services.people.people_asked import (
    KnownRuns,
    PeopleFound,
    PeopleQuestion,
    asked,
    known_runs,
)

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.gui.app_state import AppState
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History

_FIELDS_WIDTH = 232
_SIZE, _LEAST_WIDTH = (1060, 700), 976
_BESIDE = 880
"""From which width on the fields stand beside the answer, at the usual size of text."""
_TWO_FIGURES, _FOUR_FIGURES = 260, 560
_CHART_HEIGHT = 180
_PEOPLE, _INPUT, _OUTPUT, _TARGET = 10, 1000, 300, 30.0


class PeopleDialog(Dialog):
    """Shown with `open()`. Every change is answered at once, the last one wins.

    Signals:
        measure_asked: The model should be measured with several answers at once.
    """

    measure_asked = Signal(str)

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        *,
        history: History,
        cache: Path,
        model: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("people-dialog")
        self.setWindowTitle(self.tr("How many people?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._state, self._tasks, self._cache = state, tasks, cache
        self._wanted_model = model
        self._known: KnownRuns | None = None
        self._places: list[tuple[str, Host | None, HardwareProfile | None]] = []
        self._task: Task | None = None
        self._again = False
        self._model_shown = ""
        self._make_fields()
        self._make_answer()
        self._build()
        self._fill_places()
        self._connect()
        self._read(history)

    # Building

    def _make_fields(self) -> None:
        width = _FIELDS_WIDTH
        self.model = Choice(self.tr("Model"), [], width=width)
        self.model.setObjectName("people-model")
        self.where = Choice(self.tr("Machine"), [], width=width)
        self.where.setObjectName("people-where")
        self.people = self._number("people", self.tr("People"), _PEOPLE, low=1, high=1e7)
        self.calls = self._number(
            "calls", self.tr("Calls an hour of each"), CALLS_PER_HOUR, low=0.01, high=1e5, digits=2
        )
        self.prompt = self._number("prompt", self.tr("Tokens of a prompt"), _INPUT, low=0, high=1e7)
        self.answer = self._number(
            "answer", self.tr("Tokens of an answer"), _OUTPUT, low=1, high=1e7
        )
        self.target = self._number(
            "target",
            self.tr("Whole answer within, seconds"),
            _TARGET,
            low=0.01,
            high=1e6,
            digits=2,
            empty=self.tr("no target"),
        )
        self.machines = self._number("machines", self.tr("Machines"), 1, low=1, high=1000)
        self.slots = self._number(
            "slots",
            self.tr("Answers at once on each"),
            None,
            low=1,
            high=512,
            empty=self.tr("as seen"),
        )

    def _number(
        self,
        name: str,
        caption: str,
        value: float | None,
        *,
        low: float,
        high: float,
        digits: int = 0,
        empty: str | None = None,
    ) -> NumberEdit:
        made = NumberEdit(caption, low=low, high=high, digits=digits, empty=empty, bare=True)
        made.edit.setObjectName(f"people-{name}")
        made.set_value(value)
        self.keep_enter_in(made.edit)
        return made

    def _make_answer(self) -> None:
        self.sentence = label(self.tr("Reading what was measured…"), Text.HEADING, wrap=True)
        self.sentence.setObjectName("people-sentence")
        self.origin = StateLine(State.RUNNING, self.tr("Reading what was measured"), padding=0)
        self.origin.setObjectName("people-origin")
        captions = (
            ("served", self.tr("People served, pooled")),
            ("p95", self.tr("19 of 20 answers within")),
            ("busy", self.tr("Slots busy")),
            ("needed", self.tr("Machines needed")),
        )
        self.figures = {key: FigureLabel(caption, words.unread()) for key, caption in captions}
        for key, figure in self.figures.items():
            figure.setObjectName(f"people-{key}")
        self.chart = PeopleChart()
        self.chart.setObjectName("people-chart")
        grown.least_height(self.chart, _CHART_HEIGHT)
        # What the words leave of the height, before anything is scrolled.
        self.chart.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        heads = (
            Column(self.tr("Who is served where")),
            Column(self.tr("Serves"), 104, right=True),
            Column(self.tr("People"), 80, right=True),
            Column(self.tr("19 of 20 within"), 148, right=True),
            Column(self.tr("Busy"), 128, right=True),
            Column(self.tr("Overflow"), 92, right=True),
        )
        self.table = DataTable(heads, self.tr("Pooled, split, ten times"), row_height=40)
        self.table.setObjectName("people-table")
        self.other_slots = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.other_slots.setObjectName("people-slots-words")

    def _build(self) -> None:
        close = button(self.tr("Close"))
        close.setObjectName("people-close")
        close.clicked.connect(self.accept)
        both = SideBySide(
            holder(self._answers()),
            self._questions(),
            side_width=_FIELDS_WIDTH,
            needs=_BESIDE,
            level=True,
            first=True,
        )
        inside = holder(row(both, margins=(Space.XL, Space.XL, Space.XL, 0)))
        area = QScrollArea()
        area.setObjectName("people-area")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        layout = column(spacing=Space.M)
        layout.addWidget(area, 1)
        layout.addLayout(row(None, close, margins=(Space.XL, 0, Space.XL, Space.L)))
        self.setLayout(layout)
        self.setMinimumWidth(_LEAST_WIDTH)
        self.resize(*_SIZE)
        self.people.edit.setFocus()

    def _questions(self) -> QWidget:
        fields = column(spacing=Space.S)
        for caption, widget in (
            (self.tr("Model"), self.model),
            (self.tr("Machine"), self.where),
        ):
            fields.addWidget(label(caption, Text.CAPTION, tone="text_2"))
            fields.addWidget(widget)
        for field in self.fields:
            fields.addWidget(field)
        fields.addStretch(1)
        return holder(fields)

    def _answers(self) -> QVBoxLayout:
        head = row(label(self.tr("Slowest of twenty answers"), Text.STRONG), None)
        head.addWidget(picture_button(self.chart, "people"))
        self.charted = holder(column(head, self.chart, spacing=0))
        overflow = label(
            self.tr(
                "Overflow: calls that find no free slot, where such calls go elsewhere at once. "
                "A call counts as slow as with every slot busy: where few are, answers come sooner."
            ),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        served, late, busy, needed = self.figures.values()
        figures = SideBySide(
            SideBySide(served, late, needs=_TWO_FIGURES),
            SideBySide(busy, needed, needs=_TWO_FIGURES),
            needs=_FOUR_FIGURES,
        )
        right = column(
            self.sentence,
            self.origin,
            Card().add(figures),
            self.charted,
            self.table,
            spacing=Space.S,
        )
        right.addWidget(self.other_slots)
        right.addWidget(overflow)
        right.addStretch(0)
        right.setStretchFactor(self.charted, 1)
        return right

    @property
    def settled(self) -> bool:
        """Whether what is shown answers what stands in the fields."""
        return self._known is not None and self._task is None

    @property
    def fields(self) -> tuple[NumberEdit, ...]:
        """The numbers, in the order in which they are asked."""
        return (
            self.people,
            self.calls,
            self.prompt,
            self.answer,
            self.target,
            self.machines,
            self.slots,
        )

    def _fill_places(self) -> None:
        """This machine, the user's hosts, and one that is asked about elsewhere."""
        self._places = [(self.tr("this machine"), None, self._state.profile)]
        self._places += [(host.name, host, None) for host in self._state.settings.hosts]
        if self._state.what_if is not None:
            self._places.append((self._state.what_if.name, None, self._state.what_if))
        self.where.addItems([name for name, _, _ in self._places])
        if self._state.what_if is not None:
            self.where.setCurrentIndex(len(self._places) - 1)

    def _connect(self) -> None:
        self.model.currentIndexChanged.connect(self.on_changed)
        self.where.currentIndexChanged.connect(self.on_changed)
        for field in self.fields:
            field.changed.connect(self.on_changed)
        self.origin.triggered.connect(self._on_measure)
        self.finished.connect(self._on_closed)

    # Asking

    def _read(self, history: History) -> None:
        self._task = self._tasks.run(known_runs(history))
        self._task.succeeded.connect(self._on_known)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)

    @Slot(object)
    def _on_known(self, known: KnownRuns) -> None:
        self._known = known
        installed = [one.name for one in self._state.installed or () if not one.remote]
        listed = [card.tag for card in shipped_catalogue.load().models]
        first = [self._wanted_model] if self._wanted_model else []
        names = dict.fromkeys([*first, *known.models, *installed, *listed])
        self.model.blockSignals(True)  # filling it is no choice of the user
        self.model.addItems(list(names))
        self.model.setCurrentIndex(0)
        self.model.blockSignals(False)
        self._again = True

    @Slot()
    def on_changed(self) -> None:
        """Another number: ask again, or say what is wrong with it."""
        if self._task is not None:
            self._again = True
            return
        self._ask()

    def _ask(self) -> None:
        problem = next((field.problem for field in self.fields if field.problem), "")
        if problem:
            self.origin.show_line(State.FAILED, self.tr("A number is missing or wrong"), problem)
            return
        if self._known is None or not self.model.currentText():
            return
        question = self._question()
        self._task = self._tasks.run(asked(question, self._known, cache=self._cache))
        self._task.succeeded.connect(self._on_found)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)

    def _question(self) -> PeopleQuestion:
        where, host, profile = self._places[max(0, self.where.currentIndex())]
        settings = self._state.settings
        slots = self.slots.value
        return PeopleQuestion(
            model=self.model.currentText(),
            demand=DemandProfile(
                people=int(self.people.value or 1),
                calls_per_hour=self.calls.value or CALLS_PER_HOUR,
                input_tokens=self.prompt.value or 0.0,
                output_tokens=self.answer.value or 0.0,
                target_seconds=self.target.value,
                most_busy=settings.thresholds.utilisation_max,
            ),
            where=where,
            host=host,
            profile=profile,
            measured_here=self.where.currentIndex() == 0,
            machines=int(self.machines.value or 1),
            slots=None if slots is None else int(slots),
            context=settings.context_length,
        )

    @Slot(object)
    def _on_found(self, found: PeopleFound) -> None:
        if self._again:
            return  # another answer is on its way
        self._model_shown = found.question.model
        self.sentence.setText(words.sentence(found))
        state, title, detail = words.origin_line(found)
        here = found.question.host is None and found.question.measured_here
        action = self.tr("Measure…") if here and not found.swept else ""
        self.origin.show_line(state, title, detail, action=action)
        told = words.figures(found)
        for key, one in told.items():
            self.figures[key].set_shown(one)
        drawn = words.picture(found)
        self.chart.show_picture(drawn)
        self.charted.setVisible(drawn is not None)
        self.table.set_rows(words.table_rows(found))
        self.other_slots.setText(words.slots_words(found))
        self.other_slots.setVisible(bool(self.other_slots.text()))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.origin.show_line(
            State.FAILED, self.tr("It could not be reckoned"), failure_words(error)
        )

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        if self._again:
            self._again = False
            self._ask()

    @Slot()
    def _on_measure(self) -> None:
        self.accept()
        self.measure_asked.emit(self._model_shown)

    @Slot()
    def _on_closed(self) -> None:
        self._again = False
        if self._task is not None:
            self._task.cancel()
