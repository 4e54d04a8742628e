"""Tokens, energy and money of a period: in all, by day as bars, by model, workload or day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from landfall.gui import grown, theme
from landfall.gui.dates import when
from landfall.gui.format import capital, whole
from landfall.gui.history.asked import Asked
from landfall.gui.history.at_a_host import HostCard
from landfall.gui.history.listing import SortedTable, in_order
from landfall.gui.history.tab import Controls, HistoryTab
from landfall.gui.history.total_rows import (
    TOTAL_KEYS,
    bars_of,
    measures,
    sums,
    tick_words,
    total_columns,
    total_row,
)
from landfall.gui.page import PageState
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.cells import Row
from landfall.gui.widgets.controls import Choice, SegmentedControl
from landfall.gui.widgets.day_bars import BarWords, DayBars
from landfall.gui.widgets.feedback import EmptyState, Skeleton
from landfall.gui.widgets.figure_line import WIDE, FigureLine
from landfall.gui.widgets.layout import Card, Swap, button, column, holder, label
from landfall.gui.widgets.picture import picture_button
from landfall.gui.widgets.table_model import MadeRows
from landfall.services.history.run_totals import By, Measure, Totals, over_time, totals, totals_by

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import DayTotal

CHART_HEIGHT = 190
_TOKENS_IN = 1
_BY = (By.MODEL, By.WORKLOAD, By.DAY)


class TotalsTab(HistoryTab):
    """Lifetime figures: what was deleted from the runs still counts."""

    file_name = "landfall-totals"

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        settings: Callable[[], Settings],
    ) -> None:
        super().__init__(tasks, messages, history)
        self.at_a_host = HostCard(tasks, messages, history, settings)
        self._days: tuple[DayTotal, ...] = ()
        self._shown: tuple[DayTotal, ...] = ()
        self._rows: tuple[Totals, ...] = ()
        self._measures: tuple[tuple[Measure, str], ...] = measures(())
        self._build()
        self.by.chosen.connect(self.on_by)
        self.measure.currentIndexChanged.connect(self.on_measure)
        self.table.order_changed.connect(self.on_order)

    # Building

    def _build(self) -> None:
        self.instead = Swap(Card().add(Skeleton(420, 380, 300)))
        self.content = holder(self._content())
        self.content.hide()
        layout = column(spacing=0)
        layout.addWidget(self.instead)
        layout.addWidget(self.content, 1)
        self.setLayout(layout)

    def _content(self) -> Any:
        self.figures = FigureLine(sums(totals(())), prefix="total")
        self.measure = Choice(self.tr("What is shown over time"), (), width=190)
        self.measure.setObjectName("totals-measure")
        self.bars = DayBars(self.tr("Totals over time"))
        self.bars.setObjectName("totals-bars")
        grown.fix_height(self.bars, CHART_HEIGHT)
        save = picture_button(self.bars, "totals")
        self.chart_card = Card(self.tr("Over time"), self.measure, save, note=" ")
        legend = self.tr(
            "Filled: your machines. Framed: the cloud. A dotted ring: a part is not known."
            " Point at a bar, or use the arrow keys, to read it."
        )
        self.pointed = BarWords(self.bars, legend)
        self.pointed.setObjectName("totals-pointed")
        self.chart_card.add(self.bars, self.pointed)
        self.by = SegmentedControl((self.tr("By model"), self.tr("By workload"), self.tr("By day")))
        self.by.setObjectName("totals-by")
        self.by.setAccessibleName(self.tr("Along what the totals are told apart"))
        self.table = SortedTable(total_columns(By.MODEL), self.tr("Totals"))
        self.table.setObjectName("totals-table")
        self.table_card = Card(self.tr("Told apart"), self.by).bleed()
        self.table_card.body.addWidget(self.table, 1)
        words = label(
            self.tr(
                "Deleted runs still count. Days are those of UTC. Electricity is the metered energy"
                " at the tariff of its hour; what providers charge stands apart."
            ),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        layout = column(self.figures, self.chart_card, spacing=Space.L)
        layout.addWidget(self.table_card, 1)
        layout.addWidget(words)
        layout.addWidget(self.at_a_host)
        layout.addStretch(0)
        return layout

    # Reading

    @property
    def controls(self) -> Controls:
        days = self._days
        return Controls(
            search=False,
            models={day.model for day in days},
            workloads={day.workload or "" for day in days},
        )

    async def reading(self) -> AsyncIterator[Any]:
        yield await self._history.day_totals()

    def take(self, read: tuple[DayTotal, ...]) -> None:
        self._days = read
        self.content.setVisible(bool(read))
        self.instead.setVisible(not read)
        if not read:
            self.instead.hold(self._empty())
            return
        self._offer(measures(read))

    def _empty(self) -> QWidget:
        again = button(self.tr("Run now"), "primary")
        again.setObjectName("run-now")
        again.clicked.connect(partial(self.jump.emit, "run", ""))
        words = self.tr("Tokens, energy and money of every run are added up here.")
        return Card().add(EmptyState("history", self.tr("Totals appear here"), words, again))

    def _offer(self, fresh: tuple[tuple[Measure, str], ...]) -> None:
        """Offer what can be shown over time; what is chosen stays."""
        if fresh == self._measures and self.measure.count():
            return
        was = self._wanted
        self._measures = fresh
        self.measure.blockSignals(True)
        self.measure.clear()
        self.measure.addItems([words for _, words in fresh])
        names = [measure for measure, _ in fresh]
        self.measure.setCurrentIndex(names.index(was) if was in names else 0)
        self.measure.blockSignals(False)

    @property
    def _wanted(self) -> Measure:
        return self._measures[max(0, self.measure.currentIndex())][0]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.setColumnHidden(_TOKENS_IN, self.width() < theme.roomy(WIDE))

    def show_instead(self, line: QWidget) -> None:
        self.content.hide()
        self.instead.hold(Card().add(line))
        self.instead.show()

    def standing(self) -> PageState:
        if not self._days:
            return PageState.EMPTY
        lacks = any(
            day.missing_tokens or day.missing_cost or (day.place != "cloud" and day.missing_joules)
            for day in self._shown
        )
        return PageState.PARTIAL if lacks else PageState.READY

    # Listing

    def list_asked(self) -> None:
        first = first_day(self.asked)
        self._shown = tuple(day for day in self._days if _is_asked(day, self.asked, first))
        self.figures.show_figures(sums(totals(self._shown)))
        self._list_rows()
        self._show_bars()
        self.at_a_host.ask(self.asked, first)

    def _list_rows(self) -> None:
        by = _BY[self.by.current]
        self._rows = in_order(totals_by(self._shown, by), TOTAL_KEYS, *self.table.order)
        self.table.table.set_title(0, total_columns(by)[0].title)
        self.table.set_rows(MadeRows(len(self._rows), self._row))
        self.table.fit(self.table_card, len(self._rows))

    def _row(self, index: int) -> Row:
        return total_row(self._rows[index], _BY[self.by.current])

    def _show_bars(self) -> None:
        today = datetime.now(UTC).date().isoformat()
        first = first_day(self.asked) or min((day.day for day in self._days), default=today)
        last = max([today, *(day.day for day in self._shown)])
        measure = self._wanted
        steps = over_time(self._shown, measure, begin=first, end=last)
        words = dict(self._measures)[measure]
        name = self.tr("{0} over time, {1} to {2}").format(words, when(first), when(last))
        self.bars.show_bars(bars_of(steps, measure), tick_words(measure), name=name)
        if self.chart_card.note is not None:
            long = steps[0].end != steps[0].begin or len(steps) != len({s.end for s in steps})
            each = self.tr("weeks or months") if long else self.tr("a bar a day")
            self.chart_card.note.setText(each)
        self.pointed.on_pointed(-1)

    @Slot()
    def on_by(self) -> None:
        """Told apart by something else."""
        self._list_rows()

    @Slot()
    def on_order(self) -> None:
        """The head of a column was pressed."""
        self._list_rows()

    @Slot()
    def on_measure(self) -> None:
        """Something else over time."""
        self._show_bars()

    def sentence(self) -> str:
        runs = sum(day.runs for day in self._shown)
        if not self._days:
            return self.tr("Nothing ran yet")
        days = self.asked.days
        span = self.tr("{0} days").format(whole(days)) if days else self.tr("all times")
        count = self.tr("one run") if runs == 1 else self.tr("{0} runs").format(whole(runs))
        return self.tr("{0}, {1}, deleted ones included").format(capital(span), count)

    def exported(self) -> tuple[DayTotal, ...]:
        return self._shown


def first_day(asked: Asked) -> str:
    """The first day of the period, today being its last; "" for all times."""
    if not asked.days:
        return ""
    return (datetime.now(UTC).date() - timedelta(days=asked.days - 1)).isoformat()


def _is_asked(day: DayTotal, asked: Asked, first: str) -> bool:
    wanted = asked.belongs(place=day.place, model=day.model, workload=day.workload)
    return wanted and day.day >= first
