"""What was used at providers: what was imported, what it comes to, and the way into workloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from landfall.core.usage.buckets import UsageTotals
from landfall.core.usage.sums import By, Measure, UsageSum
from landfall.gui import grown, theme
from landfall.gui.cloud.usage_imports_card import UsageImportsCard
from landfall.gui.cloud.usage_words import (
    SUM_KEYS,
    bars_of,
    difference_words,
    figures,
    is_far_off,
    measure_word,
    period,
    sum_columns,
    sum_row,
    tick_words,
)
from landfall.gui.dates import when
from landfall.gui.format import whole
from landfall.gui.hints import failure_words
from landfall.gui.history.listing import SortedTable, in_order
from landfall.gui.page import PageState
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.widgets.cells import Row
from landfall.gui.widgets.controls import Choice, SegmentedControl
from landfall.gui.widgets.day_bars import BarWords, DayBars
from landfall.gui.widgets.feedback import EmptyState, Skeleton, State, StateLine
from landfall.gui.widgets.figure_line import WIDE, FigureLine
from landfall.gui.widgets.layout import Card, Swap, button, column, holder, label
from landfall.gui.widgets.picture import picture_button
from landfall.gui.widgets.table_model import MadeRows
from landfall.services.usage.standing import told_apart, usage_standing

if TYPE_CHECKING:
    from landfall.core.usage.sums import UsageStep
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.usage.standing import ToldApart, UsageStanding

CHART_HEIGHT = 180
_TOKENS_IN, _RECOMPUTED = 2, 5
_BY = (By.MODEL, By.KEY, By.PROJECT, By.TAG, By.DAY)
_MEASURES = tuple(Measure)


class UsageTab(QWidget):
    """Reads when it is first looked at and after each import.

    Signals:
        changed: What is shown, or where it stands, is another now.
        import_asked: Files are to be chosen.
        fetch_asked: A provider is to be asked.
    """

    changed = Signal()
    import_asked = Signal()
    fetch_asked = Signal()

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        """Make it; nothing is read before `refresh`."""
        super().__init__()
        self._tasks, self._messages, self._history = tasks, messages, history
        self._reading: Task | None = None
        self._is_stale = False
        self._is_told = False
        self._why = ""
        self.standing: UsageStanding | None = None
        self._sums: tuple[UsageSum, ...] = ()
        self._rows: tuple[UsageSum, ...] = ()
        self._build()
        self.by.chosen.connect(self.on_view)
        self.measure.currentIndexChanged.connect(self.on_view)
        self.table.order_changed.connect(self.on_order)
        self.imports.changed.connect(self.refresh)

    # Building

    def _build(self) -> None:
        self.instead = Swap(Card().add(Skeleton(420, 380, 300, 360)))
        self.content = holder(self._content())
        self.content.hide()
        self.setLayout(column(self.instead, self.content, None, spacing=0))

    def _content(self) -> Any:
        self.figures = FigureLine(figures(UsageTotals()), prefix="usage")
        self.said = label("", Text.BODY, wrap=True)
        self.said.setObjectName("usage-difference")
        self.reasons = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.reasons.setObjectName("usage-reasons")
        self.imports = UsageImportsCard(self._tasks, self._messages, self._history)
        self.figures.add(column(self.said, self.reasons, spacing=2))
        return column(
            self.figures,
            self._chart_card(),
            self._table_card(),
            self.imports,
            label(
                self.tr(
                    "Days are those of UTC. Tokens in are fresh ones: those of a cache are counted"
                    " apart. Prompts and answers are never kept."
                ),
                Text.CAPTION,
                tone="text_3",
                wrap=True,
            ),
            spacing=Space.L,
        )

    def _chart_card(self) -> Card:
        words = [measure_word(measure) for measure in _MEASURES]
        self.measure = Choice(self.tr("What is shown over time"), words, width=190)
        self.measure.setObjectName("usage-measure")
        self.bars = DayBars(self.tr("Usage over time"))
        self.bars.setObjectName("usage-bars")
        grown.fix_height(self.bars, CHART_HEIGHT)
        save = picture_button(self.bars, "usage")
        self.chart_card = Card(self.tr("Over time"), self.measure, save, note=" ")
        legend = self.tr(
            "Framed: providers. Filled: your machines. Hatched: no log, which is not a day of"
            " nothing. Point at a bar, or use the arrow keys, to read it."
        )
        self.pointed = BarWords(self.bars, legend)
        self.pointed.setObjectName("usage-pointed")
        return self.chart_card.add(self.bars, self.pointed)

    def _table_card(self) -> Card:
        words = (
            self.tr("Model"),
            self.tr("Key"),
            self.tr("Project"),
            self.tr("Tag"),
            self.tr("Day"),
        )
        self.by = SegmentedControl(words)
        self.by.setObjectName("usage-by")
        self.by.setAccessibleName(self.tr("Along what the usage is told apart"))
        self.table = SortedTable(sum_columns(By.MODEL), self.tr("Usage told apart"))
        self.table.setObjectName("usage-sums")
        self.table_card = Card(self.tr("Told apart"), self.by).bleed()
        return self.table_card.add(self.table)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for index in (_TOKENS_IN, _RECOMPUTED):
            self.table.setColumnHidden(index, self.width() < theme.roomy(WIDE))

    # Reading

    @property
    def state(self) -> PageState:
        """Where it stands."""
        if self._why:
            return PageState.FAILED
        if self.standing is None:
            return PageState.LOADING
        if not self.standing.imports:
            return PageState.EMPTY
        if not self._is_told:
            return PageState.LOADING
        lacks = self.standing.totals.unpriced_rows
        lacks += sum(one.problem_count for one in self.standing.imports)
        return PageState.PARTIAL if lacks else PageState.READY

    @property
    def words(self) -> str:
        """What is shown, as one sentence of fact."""
        if self._why:
            return self._why
        if self.standing is None:
            return self.tr("Reading what was imported")
        if not self.standing.imports:
            return self.tr("Nothing is imported. Files are read here and sent nowhere.")
        days = self.standing.logged_days
        count = self.tr("one day") if days == 1 else self.tr("{0} days").format(whole(days))
        span = period(self.standing.first_day, self.standing.last_day)
        imports = len(self.standing.imports)
        words = self.tr("{0}: {1} with a log, from {2} imports")
        if imports == 1:
            words = self.tr("{0}: {1} with a log, from one import")
        return words.format(span, count, whole(imports))

    @Slot()
    def refresh(self) -> None:
        """Read it anew; what is chosen stays chosen."""
        if self._reading is not None:
            self._is_stale = True
            return
        self._reading = self._tasks.run(usage_standing(self._history))
        self._reading.succeeded.connect(self._on_read)
        self._reading.failed.connect(self._on_failed)
        self._reading.finished.connect(self._on_finished)

    @Slot(object)
    def _on_read(self, standing: UsageStanding) -> None:
        self._why, self.standing = "", standing
        has_any = bool(standing.imports)
        self.content.setVisible(has_any and self._is_told)
        self.instead.setVisible(not (has_any and self._is_told))
        if not has_any:
            self._is_told = False
            self.instead.hold(self._empty())
            self.changed.emit()
            return
        if not self._is_told:
            self._begin_with(standing.totals)
        self.figures.show_figures(figures(standing.totals))
        words = difference_words(standing.totals)
        self.said.setText(words)
        self.said.setVisible(bool(words))
        self.reasons.setText(" ".join(all_translated(standing.reasons)))
        self.reasons.setVisible(bool(standing.reasons))
        self.said.set_tone("caution" if is_far_off(standing.totals) else "text_2")
        self.imports.show_imports(standing.imports)
        self.on_view()
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.fail(error)
        self._why = self.tr("The imported usage could not be read")
        line = StateLine(State.FAILED, self._why, failure_words(error), action=self.tr("Try again"))
        line.triggered.connect(self.refresh)
        self.content.hide()
        self.instead.hold(Card().add(line))
        self.instead.show()
        self.changed.emit()

    @Slot()
    def _on_finished(self) -> None:
        self._reading = None
        if self._is_stale:
            self._is_stale = False
            self.refresh()

    def _empty(self) -> QWidget:
        bring = button(self.tr("Import files\u2026"), "primary", icon="download")
        bring.setObjectName("usage-import-first")
        bring.clicked.connect(self.import_asked)
        fetch = button(self.tr("Fetch from a provider\u2026"), icon="cloud")
        fetch.setObjectName("usage-fetch-first")
        fetch.clicked.connect(self.fetch_asked)
        words = self.tr(
            "Usage and cost files of OpenAI, Anthropic, OpenRouter, Claude Code, LiteLLM, Langfuse"
            " and OpenTelemetry, or any CSV whose columns you name. Drop them here."
        )
        note = self.tr("Read on this machine. Prompts and answers are never kept.")
        title = self.tr("What did you really use?")
        return Card().add(EmptyState("history", title, words, bring, fetch, footnote=note))

    # Showing

    def _begin_with(self, totals: UsageTotals) -> None:
        """Of the bill, else the first that anything tells: an empty chart would open."""
        told = {
            Measure.BILLED: totals.billed_usd,
            Measure.RECOMPUTED: totals.recomputed_usd,
            Measure.REQUESTS: totals.calls,
            Measure.INPUT: totals.input_tokens,
            Measure.OUTPUT: totals.output_tokens,
        }
        first = next((one for one, value in told.items() if value is not None), Measure.BILLED)
        with QSignalBlocker(self.measure):
            self.measure.setCurrentIndex(_MEASURES.index(first))

    @property
    def _wanted(self) -> tuple[By, Measure]:
        return _BY[self.by.current], _MEASURES[max(0, self.measure.currentIndex())]

    @Slot()
    def on_view(self) -> None:
        """Something else is to be told apart, or shown over time."""
        if self.standing is None:
            return
        task = self._tasks.run(told_apart(self.standing, *self._wanted))
        task.succeeded.connect(self._on_told)
        task.failed.connect(self._on_not_told)

    @Slot(object)
    def _on_told(self, told: ToldApart) -> None:
        if (told.by, told.measure) != self._wanted:
            return
        self._sums = told.sums
        self._list()
        self._show_bars(told.steps, told.measure)
        self._reveal()

    @Slot(object)
    def _on_not_told(self, error: Exception) -> None:
        self._messages.fail(error)
        self._reveal()

    def _reveal(self) -> None:
        """All at once: a chart and a table without rows would say that nothing was used."""
        if self._is_told or self.standing is None or not self.standing.imports:
            return
        self._is_told = True
        self.content.show()
        self.instead.hide()
        self.changed.emit()

    @Slot()
    def on_order(self) -> None:
        """The head of a column was pressed."""
        self._list()

    def _list(self) -> None:
        by = self._wanted[0]
        self._rows = in_order(self._sums, SUM_KEYS, *self.table.order)
        self.table.table.set_title(0, sum_columns(by)[0].title)
        self.table.set_rows(MadeRows(len(self._rows), self._row))
        self.table.fit(self.table_card, len(self._rows))

    def _row(self, index: int) -> Row:
        return sum_row(self._rows[index], self._wanted[0])

    def _show_bars(self, steps: tuple[UsageStep, ...], measure: Measure) -> None:
        name = self.tr("{0} over time").format(measure_word(measure))
        if steps:
            name = f"{name}, {when(steps[0].begin)}, {when(steps[-1].end)}"
        self.bars.show_bars(bars_of(steps, measure), tick_words(measure), name=name)
        if self.chart_card.note is not None:
            long = any(step.end != step.begin for step in steps)
            note = self.tr("weeks or months") if long else self.tr("a bar a day")
            self.chart_card.note.setText(note)
        self.pointed.on_pointed(-1)
