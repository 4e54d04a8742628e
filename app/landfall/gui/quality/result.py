"""What a quality run says: the gate in words, the interval against the margin, counts, floors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QMenu, QWidget

from landfall.core.models.model_names import same
from landfall.core.quality.paired_tests import GateResult
from landfall.core.quality.scoring import metric_of
from landfall.gui.dates import when
from landfall.gui.format import whole
from landfall.gui.quality import result_words
from landfall.gui.quality.words import gate_state, side_name
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.cells import Plain
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import BLEED, ButtonKind, Card, button, column, icon_button, label
from landfall.gui.widgets.margin_chart import MarginChart
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.quality.export import KINDS

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.services.quality.gate_report import CandidateReport
    from landfall.services.quality.showing import ShownRun

ROW = 40
TABLES_FROM = 700
"""Width in px from which counts and scores stand beside each other."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


class ResultView(QWidget):
    """Shows one run as it stands.

    Signals:
        label_asked: Pairs are to be labelled. judge_asked: by a model.
        resume_asked: What is missing is to be asked for.
        use_asked: It is to be written into the workload.
        export_asked: A kind of file. delete_asked: The run is to go.
    """

    label_asked = Signal()
    judge_asked = Signal()
    resume_asked = Signal()
    use_asked = Signal()
    export_asked = Signal(str)
    delete_asked = Signal()

    def __init__(self, shown: ShownRun, state: AppState) -> None:
        super().__init__()
        self.setObjectName("gate-result")
        self._shown, self._state = shown, state
        self._has_primary = False
        gate = self._gate_card()
        parts = [gate, self._figures(), self._fine_print()]
        self.setLayout(column(*parts, None, spacing=Space.L))

    # The gate

    def _gate_card(self) -> Card:
        shown = self._shown
        title = _tr("{0}, {1}").format(shown.plan.title, when(shown.run.record.started_at))
        card = Card(title, *self._more())
        for candidate in shown.report.candidates:
            card.add(self._gate_line(candidate))
        self.chart = MarginChart()
        self.chart.setObjectName("gate-interval")
        # The line above each has its state; once is enough.
        intervals = [
            replace(result_words.interval_of(one), verdict="") for one in shown.report.candidates
        ]
        self.chart.set_intervals(intervals, margin=100 * shown.report.margin)
        card.add(self.chart)
        expired = shown.expired(self._digest_now())
        if expired:
            line = StateLine(
                State.PARTIAL, self.tr("It holds no longer"), f"{expired[:1].upper()}{expired[1:]}."
            )
            line.setObjectName("gate-expired")
            card.add(line)
        for part in self._next_steps():
            card.add(part)
        return card

    def _gate_line(self, candidate: CandidateReport) -> StateLine:
        incumbent = side_name(self._shown.plan, "incumbent")
        result = candidate.reading.state
        # The sentence below begins with what the gate says.
        says = translated(candidate.reading.says)
        title = self.tr("{0} against {1}").format(candidate.model, incumbent)
        line = StateLine(gate_state(result), title, says, padding=0)
        line.title.set_style(Text.STRONG)
        line.setObjectName(f"gate-state-{candidate.side}")
        return line

    def _digest_now(self) -> str:
        """Of the local candidate as the server has it now; "" where nobody knows."""
        local = self._shown.plan.local
        models = self._state.installed or ()
        found = (one.digest for one in models if local is not None and same(one.name, local.model))
        return next(found, "")

    def _next_steps(self) -> list[QWidget]:
        """What can be done, the most pressing first and primary."""
        shown = self._shown
        steps: list[QWidget] = []
        if shown.missing:
            far = self.tr("{0} answers are missing").format(whole(shown.missing))
            if shown.missing == 1:
                far = self.tr("One answer is missing")
            steps.append(self._step("resume", far, self.tr("Go on"), self.resume_asked))
        if shown.waiting:
            title = self.tr("{0} pairs differ and wait for a label").format(whole(shown.waiting))
            if shown.waiting == 1:
                title = self.tr("One pair differs and waits for a label")
            steps.append(self._step("label", title, self.tr("Label them"), self.label_asked))
        elif shown.labelled:
            title = self.tr("{0} pairs have your label").format(whole(shown.labelled))
            if shown.labelled == 1:
                title = self.tr("One pair has your label")
            steps.append(
                self._step("label", title, self.tr("Look at them"), self.label_asked, done=True)
            )
        if shown.waiting or any(one.bias is not None for one in shown.report.candidates):
            title = self.tr("A model can compare them in your place, with reservations")
            steps.append(self._step("judge", title, self.tr("A judge\u2026"), self.judge_asked))
        steps += [
            _note(result_words.more_words(one.reading), "gate-more", tone_caution=True)
            for one in shown.report.candidates
            if result_words.more_words(one.reading)
        ]
        if shown.usable:
            title = self.tr("Write the counts into the workload; its verdict follows")
            steps.append(
                self._step("use", title, self.tr("Use it for this workload"), self.use_asked)
            )
        return steps

    def _step(
        self, name: str, title: str, action: str, asked: SignalInstance, *, done: bool = False
    ) -> StateLine:
        kind: ButtonKind = "secondary"
        if not self._has_primary and not done and name != "judge":
            kind, self._has_primary = "primary", True
        line = StateLine(State.DONE if done else State.TODO, title, action=action, kind=kind)
        line.setObjectName(f"gate-step-{name}")
        line.triggered.connect(asked)
        return line

    def _more(self) -> tuple[QWidget, ...]:
        export = button(self.tr("Export"), icon="export")
        export.setObjectName("gate-export")
        self.menu = QMenu(export)
        for kind, said in zip(
            KINDS,
            (
                self.tr("All answers and labels (JSON lines)\u2026"),
                self.tr("The set for promptfoo\u2026"),
                self.tr("The set for Inspect\u2026"),
            ),
            strict=True,
        ):
            action = self.menu.addAction(said)
            action.setObjectName(f"gate-export-{kind}")
            action.triggered.connect(partial(self._on_export, kind))
        self._export = export
        export.clicked.connect(self._on_menu)
        delete = icon_button("trash", self.tr("Delete this run"))
        delete.setObjectName("gate-delete")
        delete.clicked.connect(self.delete_asked)
        return export, delete

    @Slot()
    def _on_menu(self) -> None:
        self.menu.popup(self._export.mapToGlobal(QPoint(0, self._export.height())))

    def _on_export(self, kind: str, _checked: bool = False) -> None:
        self.export_asked.emit(kind)

    # Counts and scores

    def _figures(self) -> QWidget:
        shown = self._shown
        cards = []
        for one in shown.report.candidates:
            rows = result_words.count_rows(one.reading)
            if rows:
                heading = _tr("Who was right")
                table = _table(
                    (_tr("Right"), _tr("Prompts")),
                    rows,
                    self.tr("Who was right: {0}").format(one.model),
                )
                table.setObjectName(f"gate-counts-{one.side}")
                cards.append(Card(heading, note=one.model).bleed().add(table).fill())
        cards += [self._scores()]
        if len(cards) == 1:
            return cards[0]
        both = SideBySide(cards[0], cards[-1], needs=TABLES_FROM, level=True)
        if len(cards) == 2:
            return both
        place = QWidget()
        place.setLayout(column(both, *cards[1:-1], spacing=Space.L))
        return place

    def _scores(self) -> Card:
        shown = self._shown
        metric = metric_of(shown.plan.metric)
        card = Card(_tr("By itself"), note=translated(metric.name))
        rows = result_words.score_rows(shown)
        if rows:
            card.bleed()
            heads = (_tr("Who"), _tr("Score"), _tr("95 %"))
            table = _table(heads, rows, self.tr("Scores, and what no model would reach"))
            table.setObjectName("gate-scores")
            card.add(table)
        else:
            says = self.tr("People compare answers: neither side has a score of its own.")
            card.add(label(says, tone="text_2", wrap=True))
        warning = result_words.floor_warning(shown)
        if warning:
            card.add(_note(warning, "gate-floor", tone_caution=True, inset=bool(rows)))
        return card.fill()

    # What it rests on

    def _fine_print(self) -> Card:
        shown = self._shown
        metric = metric_of(shown.plan.metric)
        card = Card(_tr("What it rests on"))
        said = [self.tr("{0}: {1}.").format(translated(metric.name), translated(metric.means))]
        if metric.weak:
            said.append(self.tr("Weak: {0}.").format(translated(metric.weak)))
        for one in shown.report.candidates:
            said.append(result_words.rest_words(one.reading))
            judged = result_words.judge_words(one)
            if judged:
                said.append(judged)
        said.append(result_words.expiry_words(shown))
        spent = result_words.spent_words(shown)
        if spent:
            said.append(spent)
        rests = label("\n".join(said), tone="text_2", wrap=True)
        rests.setObjectName("gate-rests")
        return card.add(rests)

    @property
    def state(self) -> GateResult:
        """What the gate says of the first candidate."""
        return self._shown.report.candidates[0].reading.state


def _cell(text: str, *, right: bool) -> Plain:
    first, _, second = text.partition("\n")
    return Plain(first, sub=second, right=right)


def _note(text: str, name: str, *, tone_caution: bool = False, inset: bool = False) -> QWidget:
    found = label(text, tone="caution" if tone_caution else "text_2", wrap=True)
    found.setObjectName(name)
    if inset:
        found.setContentsMargins(BLEED, 0, BLEED, 0)
    return found


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], name: str) -> DataTable:
    columns = [Column(heads[0])]
    columns += [
        Column(head, 132 if place else 84, right=True) for place, head in enumerate(heads[1:])
    ]
    table = DataTable(columns, name, row_height=ROW, marks=False)
    table.set_rows(
        [tuple(_cell(text, right=place > 0) for place, text in enumerate(one)) for one in rows]
    )
    return table
