"""What counts as good: the metric with what it means, the margin, how many prompts, and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit, QWidget

from landfall.core import json_text
from landfall.core.errors import AppError, BadInput
from landfall.core.quality.gate import look_sizes
from landfall.core.quality.scoring import METRICS, Metric, Options, check
from landfall.gui import grown
from landfall.gui.format import whole
from landfall.gui.hints import failure_words
from landfall.gui.quality.words import looks_words, points, reach_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.check_box import CheckBox
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.number_edit import NumberEdit
from landfall.services.quality.opening import proposed_metric
from landfall.services.quality.plan import ANSWER_TOKENS, CONTEXT, MOST_PROMPTS
from landfall.services.threads import in_thread
from landfall.services.verdict.workload_files import read_text

if TYPE_CHECKING:
    from landfall.core.quality.sets import QualitySet
    from landfall.core.workload.workload import Workload
    from landfall.gui.tasks import TaskRunner

USUAL_SAMPLE = 300
"""Prompts that are proposed of a larger file: enough for a margin of three points."""
SYSTEM_HEIGHT = 56
_SCHEMA_BYTES = 1 << 20


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


class MeasureCard(Card):
    """Proposes the metric and the margin of the workload's task.

    Signals:
        changed: Something else is stated now.
    """

    changed = Signal()

    def __init__(self, tasks: TaskRunner, workload: Workload) -> None:
        super().__init__(_tr("What counts"))
        self._tasks, self._workload = tasks, workload
        self._found: QualitySet | None = None
        self._schema: Mapping[str, Any] | None = None
        self._schema_name = ""
        self._schema_problem = ""
        self._chose = False
        self._proposed_sample: int | None = None
        self._build()
        self._connect()
        self.margin.set_value(100 * workload.margin)
        self.show_set(None)

    def _build(self) -> None:
        self._make_metric()
        self._make_numbers()
        self.looks = CheckBox(self.tr("End early where it is decided"))
        self.looks.setObjectName("gate-looks")
        self.looks.setChecked(True)
        self.looks_note = label("", Text.CAPTION, tone="text_3", wrap=True)
        self.how = Disclosure(
            self.tr("How it is asked"), self.tr("System prompt, length, seed"), self._how_body
        )
        self._make_how()
        numbers = row(spacing=Space.M)
        numbers.addWidget(self.margin, 1)
        numbers.addWidget(self.sample, 1)
        self.add(
            column(self.choice, self.means, self.weak, spacing=Space.XS),
            self.pattern,
            self.schema,
            self.first,
            numbers,
            self.reach,
            column(self.looks, self.looks_note, spacing=2),
            self.how,
        )

    def _make_metric(self) -> None:
        self.choice = Choice(self.tr("Metric"), (), width=200)
        self.choice.setObjectName("gate-metric")
        for one in METRICS.values():
            self.choice.addItem(translated(one.name), one.id)
        self.means = label("", tone="text_2", wrap=True)
        self.means.setObjectName("gate-metric-means")
        self.weak = label("", Text.CAPTION, tone="caution", wrap=True)
        self.weak.setObjectName("gate-metric-weak")
        self.pattern = QLineEdit()
        self.pattern.setObjectName("gate-pattern")
        self.pattern.setAccessibleName(self.tr("Pattern to be found in each answer"))
        self.pattern.setPlaceholderText(self.tr("Pattern; empty: the expected answer is one"))
        self.schema = button(self.tr("Choose a JSON schema\u2026"))
        self.schema.setObjectName("gate-schema")

    def _make_numbers(self) -> None:
        self.first = NumberEdit(self.tr("First results that count"), low=1, high=1000)
        self.first.edit.setObjectName("gate-k")
        self.first.set_value(10)
        self.margin = NumberEdit(
            self.tr("Largest loss, points"), low=0.1, high=50, digits=1, bare=True
        )
        self.margin.edit.setObjectName("gate-margin")
        self.sample = NumberEdit(
            self.tr("Prompts asked"), low=1, high=MOST_PROMPTS, empty=self.tr("all")
        )
        self.sample.edit.setObjectName("gate-sample")
        self.reach = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.reach.setObjectName("gate-reach")

    def _make_how(self) -> None:
        self.system = QPlainTextEdit()
        self.system.setObjectName("gate-system")
        self.system.setAccessibleName(self.tr("System prompt"))
        self.system.setPlaceholderText(self.tr("Said to every model before each prompt"))
        self.system.setTabChangesFocus(True)
        self.context = NumberEdit(self.tr("Context here"), low=256, high=2_000_000)
        self.longest = NumberEdit(self.tr("Tokens out, at most"), low=1, high=200_000)
        self.seed = NumberEdit(self.tr("Seed"), low=0, high=2_147_483_647)
        for name, field, value in (
            ("context", self.context, CONTEXT),
            ("num-predict", self.longest, ANSWER_TOKENS),
            ("seed", self.seed, 1),
        ):
            field.edit.setObjectName(f"gate-{name}")
            field.set_value(value)

    def _how_body(self) -> QWidget:
        place = holder(column(self.system))
        grown.fix_height(place, SYSTEM_HEIGHT)
        fields = row(spacing=Space.M)
        for field in (self.context, self.longest, self.seed):
            fields.addWidget(field, 1)
        note = self.tr(
            "Temperature 0 and thinking off, where a model allows it. The seed gives the sample,"
            " the order and who stands first where you label."
        )
        return holder(
            column(
                place, fields, label(note, Text.CAPTION, tone="text_3", wrap=True), spacing=Space.S
            )
        )

    def _connect(self) -> None:
        self.choice.activated.connect(self._on_metric)
        self.schema.clicked.connect(self.on_schema)
        self.pattern.textChanged.connect(self._on_change)
        self.looks.toggled.connect(self._on_change)
        for field in (self.margin, self.sample, self.first, self.context, self.longest, self.seed):
            field.changed.connect(self._on_change)

    # What is stated

    @property
    def chosen(self) -> Metric:
        """The metric."""
        return METRICS[str(self.choice.currentData())]

    @property
    def options(self) -> Options:
        """What the metric must be told."""
        metric = self.chosen.id
        return Options(
            schema=self._schema if metric == "json_schema" else None,
            pattern=self.pattern.text() if metric == "regex" else "",
            k=int(self.first.value or 10),
        )

    @property
    def margin_share(self) -> float:
        """The largest acceptable loss, a share."""
        return (self.margin.value or 0.0) / 100

    @property
    def count(self) -> int:
        """How many prompts are asked."""
        there = len(self._found.prompts) if self._found is not None else 0
        return min(there, int(self.sample.value or there))

    @property
    def look_places(self) -> tuple[int, ...]:
        """After how many prompts the gate is read."""
        return look_sizes(self.count) if self.looks.isChecked() else ()

    @property
    def problem(self) -> str:
        """What is missing or wrong, or ""."""
        fields = (self.margin, self.sample, self.first, self.context, self.longest, self.seed)
        wrong = next((field.problem for field in fields if field.problem), "")
        if wrong or self._found is None:
            return wrong
        if self.count > MOST_PROMPTS:
            most = self.tr("At most {0} prompts are asked: say how many of them.")
            return most.format(whole(MOST_PROMPTS))
        metric = self.chosen
        if metric.needs_expected and all(one.expected is None for one in self._found.prompts):
            words = self.tr("{0} needs an expected answer, and the file has none.")
            return words.format(translated(metric.name))
        if metric.id == "json_schema" and self._schema_problem:
            return self._schema_problem
        try:
            check(metric, self.options)
        except BadInput as error:
            return failure_words(error)
        return ""

    # What is shown

    def show_set(self, found: QualitySet | None) -> None:
        """Propose what fits these prompts, where the user has not chosen."""
        self._found = found
        if found is not None and found.prompts:
            if not self._chose:
                self.choice.setCurrentIndex(self.choice.findData(self._proposed(found).id))
            self._propose_sample(len(found.prompts))
        elif not self._chose:
            proposed = proposed_metric(self._workload, ())
            self.choice.setCurrentIndex(self.choice.findData(proposed.id))
        self._show()

    def _propose_sample(self, there: int) -> None:
        """A large file is asked in part; what another file was proposed goes with that file."""
        if self.sample.value != self._proposed_sample or self.sample.problem:
            return
        self._proposed_sample = USUAL_SAMPLE if there > USUAL_SAMPLE else None
        self.sample.set_value(self._proposed_sample)

    def _proposed(self, found: QualitySet) -> Metric:
        proposed = proposed_metric(self._workload, found.prompts)
        lacks = proposed.needs_expected and all(one.expected is None for one in found.prompts)
        return METRICS["human"] if lacks else proposed

    @Slot()
    def _on_metric(self) -> None:
        self._chose = True
        self._on_change()

    @Slot()
    def _on_change(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        metric = self.chosen
        self.means.setText(self.tr("Right means: {0}.").format(translated(metric.means)))
        self.choice.setAccessibleDescription(
            f"{translated(metric.means)}. {translated(metric.weak)}"
        )
        self.weak.setText(
            self.tr("Weak: {0}.").format(translated(metric.weak)) if metric.weak else ""
        )
        self.weak.setVisible(bool(metric.weak))
        self.pattern.setVisible(metric.id == "regex")
        self.schema.setVisible(metric.id == "json_schema")
        self.first.setVisible(metric.id == "recall_at_k")
        count = self.count
        known = bool(count) and not self.margin.problem
        self.reach.setVisible(known)
        if known:
            words = reach_words(count, self.margin_share, looks=self.looks.isChecked())
            self.reach.setText(words)
        self.looks_note.setText(looks_words(count) if count else "")
        self.looks_note.setVisible(bool(count))
        usual = self.tr("Usual for this kind of work: {0}").format(points(self._workload.margin))
        self.margin.edit.setToolTip(self.margin.problem or usual)

    # The schema

    @Slot()
    def on_schema(self) -> None:
        """Ask for a file with a JSON schema."""
        kinds = self.tr("JSON schema (*.json);;All files (*)")
        dialog = QFileDialog(self, self.tr("JSON schema of the answers"), "", kinds)
        dialog.setObjectName("gate-schema-dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.read_schema)
        dialog.open()

    @Slot(str)
    def read_schema(self, path: str) -> None:
        """Take the schema of this file."""
        self._schema_name = Path(path).name
        task = self._tasks.run(in_thread(_schema_in, Path(path)))
        task.succeeded.connect(self._on_schema)
        task.failed.connect(self._on_no_schema)

    @Slot(object)
    def _on_schema(self, schema: Mapping[str, Any]) -> None:
        self._schema, self._schema_problem = schema, ""
        self.schema.setText(self.tr("Schema: {0}").format(self._schema_name))
        self._on_change()

    @Slot(object)
    def _on_no_schema(self, error: Exception) -> None:
        words = translated(error.message) if isinstance(error, AppError) else str(error)
        self._schema, self._schema_problem = None, words
        self.schema.setText(self.tr("Choose a JSON schema\u2026"))
        self._on_change()


def _schema_in(path: Path) -> Mapping[str, Any]:
    """The schema that a file holds.

    Raises:
        BadInput: it cannot be read, or holds none.
    """
    try:
        found = json_text.read(read_text(path, path.name, _SCHEMA_BYTES))
    except ValueError as error:
        raise BadInput(_tr("{0} is not JSON: {1}").format(path.name, error)) from error
    if not isinstance(found, dict):
        raise BadInput(_tr("{0} is no JSON schema: that is an object.").format(path.name))
    return found
