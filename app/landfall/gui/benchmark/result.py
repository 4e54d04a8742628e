"""What a benchmark of one model has brought: figures with their spread, charts, conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QWidget

from landfall.gui import theme
from landfall.gui.benchmark.outcome import Ending, Outcome
from landfall.gui.benchmark.words import (
    condition_facts,
    embedding_captions,
    embedding_cells,
    load_meters,
    part_captions,
    part_cells,
    people_words,
    prompt_words,
    sustained_words,
    unknown_words,
)
from landfall.gui.dates import when
from landfall.gui.format import Shown, capital, whole
from landfall.gui.run.meters import RunMeters
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.cells import Cell, Title
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, Label, button, column, label, row
from landfall.gui.widgets.picture import picture_button
from landfall.gui.widgets.rate_chart import RateChart
from landfall.gui.widgets.sweep_chart import SweepChart
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import EmbeddingResult, PartResult, Sustained, Sweep

_ROW = 46
_FIGURES = (96, 160)
"""Width of a column of figures, at least and at most."""
_WIDER = {"prefill": 1.13}
"""The spread of a rate of prompts has the most digits: "11,523-11,601, n 3"."""
_NAME = 130
"""What is left for the names, where the table is not very narrow."""


class BenchmarkResultCard(Card):
    """A card for one model. Its sections are made when their part comes, and filled anew.

    Signals:
        people_asked: How many people the model serves, which its sweep can tell.
    """

    people_asked = Signal(str)

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.model, note=" ")
        self.setObjectName(f"benchmark-result-{outcome.model}")
        self._model = outcome.model
        self.line = StateLine(State.TODO, "", padding=0)
        self.line.setObjectName("benchmark-outcome")
        self.add(self.line)
        self._figures: _Figures | None = None
        self._loads: RunMeters | None = None
        self._sustained: _Sustained | None = None
        self._sweep: _Sweep | None = None
        self._facts: RunMeters | None = None
        self.show_outcome(outcome)

    def show_outcome(self, outcome: Outcome) -> None:
        """Show what is known by now."""
        told, at = outcome.result, outcome.at
        if self.note is not None:
            self.note.setText(when(at))
        self._say(outcome)
        # In the order in which they are measured: sections stand in the order in which they come.
        if told.loads is not None:
            if self._loads is None:
                self._loads = RunMeters()
                self.add(self._loads)
            self._loads.show_meters(load_meters(told.loads, at))
        if told.parts or told.embedding:
            self._show_figures(outcome)
        self._show_courses(outcome)
        if outcome.record is not None:
            if self._facts is None:
                self._facts = RunMeters()
                self._facts.setObjectName("benchmark-facts")
                self.add(self._facts)
            self._facts.show_facts(condition_facts(told))

    def _show_courses(self, outcome: Outcome) -> None:
        """What takes its course: the sustained run, the levels of the sweep."""
        told = outcome.result
        if told.sustained is not None:
            if self._sustained is None:
                self._sustained = _Sustained()
                self.add(self._sustained)
            self._sustained.show_run(told.sustained)
        if told.sweep is not None:
            if self._sweep is None:
                self._sweep = _Sweep()
                self._sweep.people.clicked.connect(self._on_people)
                self.add(self._sweep)
            self._sweep.show_sweep(told.sweep, going_on=outcome.ending is Ending.RUNNING)

    @Slot()
    def _on_people(self) -> None:
        self.people_asked.emit(self._model)

    def _show_figures(self, outcome: Outcome) -> None:
        told, at = outcome.result, outcome.at
        if self._figures is None:
            captions = part_captions() if told.parts else embedding_captions()
            name = self.tr("Prompt, tokens") if told.parts else self.tr("In one request")
            self._figures = _Figures(name, captions)
            self.add(self._figures)
        rows = [(_prompt(part), part_cells(part, told, at)) for part in told.parts]
        rows += [(_request(part), embedding_cells(part, at)) for part in told.embedding]
        self._figures.show_rows(rows)

    def _say(self, outcome: Outcome) -> None:
        """How it stands; what was measured is kept, and that is said."""
        kept = self.tr("What was measured stands below and in History.")
        match outcome.ending:
            case Ending.WAITING:
                self.line.show_line(State.TODO, self.tr("Its turn comes later"))
            case Ending.RUNNING:
                self.line.show_line(State.RUNNING, self.tr("Being measured"))
            case Ending.SKIPPED:
                self.line.show_line(State.SKIPPED, self.tr("Not measured"), outcome.why)
            case Ending.DONE:
                self.line.show_line(State.DONE, self.tr("Measured"), self.tr("Kept in History."))
            case Ending.STOPPED:
                nothing = self.tr("Nothing was measured yet.")
                words = kept if outcome.measured else nothing
                self.line.show_line(State.PARTIAL, self.tr("Stopped by you"), words)
            case Ending.FAILED:
                words = f"{outcome.why} {kept}" if outcome.measured else outcome.why
                self.line.show_line(State.FAILED, self.tr("It broke off"), words)


class _FigureTable(DataTable):
    """Columns as wide as there is room for, by whatever the table was made wider or higher."""

    def __init__(self, name: str, captions: Mapping[str, str], accessible: str) -> None:
        self._shares = [_WIDER.get(key, 1.0) for key in captions]
        figures = (Column(text, _FIGURES[0], right=True) for text in captions.values())
        super().__init__([Column(name), *figures], accessible, row_height=_ROW)

    def fit_columns(self) -> None:
        """Wide where there is room: a spread is longer than its figure."""
        least, most = (theme.roomy(width) for width in _FIGURES)
        width = (self.room - theme.roomy(_NAME)) / sum(self._shares)
        head = self.horizontalHeader()
        for i, share in enumerate(self._shares, start=1):
            # Never more than there is: rounded up, six columns would be a pixel or two too wide.
            head.resizeSection(i, int(min(most, max(least, share * width))))
        # What has no room beside the names is scrolled to.
        name, mode = theme.grown(_NAME), QHeaderView.ResizeMode
        figures = sum(head.sectionSize(i) for i in range(1, len(self._shares) + 1))
        fits = name + figures <= self.room
        head.setSectionResizeMode(0, mode.Stretch if fits else mode.Fixed)
        if not fits:
            head.resizeSection(0, name)
        self.scroll_sideways(not fits)


class _Figures(QWidget):
    """A row a prompt, or a row a size of request; below it why something is missing."""

    def __init__(self, name: str, captions: Mapping[str, str]) -> None:
        super().__init__()
        self._captions = captions
        self.table = _FigureTable(name, captions, self.tr("What was measured"))
        self.table.setObjectName("benchmark-table")
        self._why = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._why.setObjectName("benchmark-unknown")
        self.setLayout(column(self.table, self._why, spacing=Space.S))

    def show_rows(self, rows: Sequence[tuple[Title, Mapping[str, Shown]]]) -> None:
        """Show these figures."""
        cells: list[tuple[Cell, ...]] = [(title, *told.values()) for title, told in rows]
        self.table.set_rows(cells)
        lines = unknown_words([(title.text, told) for title, told in rows], self._captions)
        self._why.setText("\n".join(lines))
        self._why.setVisible(bool(lines))


class _Sustained(QWidget):
    """Whether it keeps its speed, and the curve that says so."""

    def __init__(self) -> None:
        super().__init__()
        self._chart = RateChart()
        self._chart.setObjectName("sustained-chart")
        self._words = _words("sustained-words")
        head = row(label(self.tr("Sustained run"), Text.STRONG), None)
        head.addWidget(picture_button(self._chart, "sustained"))
        self.setLayout(column(head, self._words, self._chart, spacing=Space.XS))

    def show_run(self, told: Sustained) -> None:
        """Show this run."""
        self._words.setText(sustained_words(told))
        self._chart.show_points(told.points)


class _Sweep(QWidget):
    """How many it serves, and the levels that say so."""

    def __init__(self) -> None:
        super().__init__()
        self._chart = SweepChart()
        self._chart.setObjectName("sweep-chart")
        self._words = _words("sweep-words")
        self.people = button(self.tr("How many people?"), "link")
        self.people.setObjectName("sweep-people")
        head = row(label(self.tr("Several answers at once"), Text.STRONG), None, self.people)
        head.addWidget(picture_button(self._chart, "sweep"))
        self.setLayout(column(head, self._words, self._chart, spacing=Space.XS))

    def show_sweep(self, told: Sweep, *, going_on: bool) -> None:
        """Show these levels; more may come."""
        later = self.tr("How many people it serves is known when all levels are through.")
        self._words.setText(later if going_on and told.people is None else people_words(told))
        self.people.setVisible(not going_on)
        self._chart.show_sweep(told)


def _words(name: str) -> Label:
    made = label("", wrap=True)
    made.setObjectName(name)
    return made


def _prompt(part: PartResult) -> Title:
    counts = []
    if part.prompt_tokens is not None:
        counts.append(_tr("{0} in").format(whole(round(part.prompt_tokens))))
    if part.output_tokens is not None:
        counts.append(_tr("{0} out").format(whole(round(part.output_tokens))))
    if part.failed:
        counts.append(_tr("{0} broke off").format(whole(part.failed)))
    return Title(capital(prompt_words(part.name)), ", ".join(counts))


def _request(part: EmbeddingResult) -> Title:
    texts = _tr("{0} texts measured").format(whole(part.texts))
    if part.failed:
        texts = f"{texts}, {_tr('{0} broke off').format(whole(part.failed))}"
    return Title(_tr("Texts: {0}").format(whole(part.batch)), texts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("benchmark", text)
