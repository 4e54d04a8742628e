"""The tab of recommended models: task and context above, the ranking, and one model in full."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.catalog import Task
from landfall.core.offer import Offer, name_key
from landfall.gui.format import whole
from landfall.gui.models.empty import (
    Step,
    loading,
    machine_unknown,
    nothing_fits,
    nothing_left_out,
)
from landfall.gui.models.inspector import ModelInspector
from landfall.gui.models.ranking import LEAST_EXPONENT, MOST_EXPONENT, Ground, Typed, rank
from landfall.gui.models.view import (
    LICENCE,
    NEED,
    SPEED,
    columns,
    context_words,
    need_title,
    offer_row,
    speed_title,
    task_words,
)
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, SliderField
from landfall.gui.widgets.layout import Card, SideBySide, Swap, column, holder, label, row
from landfall.gui.widgets.tables import DataTable

INSPECTOR = 292
_FITS, _ALL, _LEFT_OUT = range(3)
_ROW, _HEAD = 46, 46
_ROWS_AT_LEAST = 7
_WITH_LICENCE, _WITH_RANKING = 850, 960


class RecommendedTab(QWidget):
    """Ranks the catalogue live, and shows what was typed on top of it.

    Signals:
        pull_asked, run_asked, downloads_asked, exact_asked: see `ModelInspector`.
        ranked: The ranking is another one: `count`.
    """

    pull_asked = Signal(str, bool)
    run_asked = Signal(str)
    downloads_asked = Signal(str)
    exact_asked = Signal(str, bool)
    ranked = Signal()

    def __init__(self, context: int) -> None:
        super().__init__()
        self._ground = Ground()
        self._typed: tuple[Typed, ...] = ()
        self._listed: tuple[Offer, ...] = ()
        self._wanted = ""
        self._words = task_words()
        self._tasks = tuple(self._words)
        start = min(max(context.bit_length() - 1, LEAST_EXPONENT), MOST_EXPONENT)
        self._build(start)
        self._connect()
        self._ranking = rank(self._ground, self.wanted_for, self.tokens)
        self._name_choices()

    # How it looks

    def _build(self, exponent: int) -> None:
        self._make_filters(exponent)
        self._make_table()
        self.inspector = ModelInspector()
        self._card = Card().bleed().add(self.table)
        main = column(spacing=0)
        main.addWidget(self._card, 1)
        main.addStretch(0)
        side = holder(column(self.inspector, None, spacing=0))
        self._content = SideBySide(holder(main), side, side_width=INSPECTOR, level=True)
        self._place = Swap(loading())
        layout = column(self._filters, spacing=Space.L)
        layout.addWidget(self._place, 1)
        layout.addWidget(self._content, 1)
        self.setLayout(layout)
        self._content.hide()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _make_filters(self, exponent: int) -> None:
        self.task = Choice(self.tr("Task"), list(self._words.values()), width=140)
        self.task.setObjectName("task")
        self.context = SliderField(
            self.tr("Context"),
            self._slider_words(exponent),
            low=LEAST_EXPONENT,
            high=MOST_EXPONENT,
            value=exponent,
            width=170,
        )
        self.context.setObjectName("context")
        self.context.slider.setObjectName("context-slider")
        self.context.value.setMinimumWidth(86)
        self.shows = Choice(self.tr("Show"), [""] * 3, width=126)
        self.shows.setObjectName("which")
        order = self.tr("Ranked by fit, then published quality, then speed")
        self._order = label(order, Text.CAPTION, tone="text_3")
        wanted = label(self.tr("For"), tone="text_2")
        filters = row(wanted, self.task, Space.S, self.context, Space.S, self.shows, Space.S)
        filters.addWidget(self._order)
        filters.addStretch(1)
        self._filters = filters

    def _make_table(self) -> None:
        self.table = DataTable(
            columns(self.tokens),
            self.tr("Recommended models"),
            row_height=_ROW,
            scrolls=True,
            sortable=True,
        )
        self.table.setObjectName("recommended-table")
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        self.task.currentIndexChanged.connect(self.on_reprice)
        self.context.changed.connect(self.on_context)
        self.shows.currentIndexChanged.connect(self.on_list)
        self.table.chosen.connect(self.on_chosen)
        self.table.opened.connect(self.on_opened)
        inspector = self.inspector
        inspector.pull_asked.connect(self.pull_asked)
        inspector.run_asked.connect(self.run_asked)
        inspector.downloads_asked.connect(self.downloads_asked)
        inspector.exact_asked.connect(self.exact_asked)
        inspector.context_asked.connect(self.use_context)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._order.setVisible(self.width() >= _WITH_RANKING)
        self.table.setColumnHidden(LICENCE, self.table.width() < _WITH_LICENCE)

    def _slider_words(self, exponent: int) -> str:
        return self.tr("{0} tokens").format(context_words(2**exponent))

    # What it is asked

    @property
    def tokens(self) -> int:
        """The context that is chosen."""
        return 1 << self.context.slider.value()

    @property
    def wanted_for(self) -> Task:
        """The task that is chosen."""
        return self._tasks[max(self.task.currentIndex(), 0)]

    @property
    def count(self) -> int | None:
        """How many models are recommended; None while the machine is not known."""
        answer = self._ranking.answer
        return None if answer is None else len(answer.models)

    def set_ground(self, ground: Ground) -> None:
        """Something that the ranking stands on is another now."""
        if ground != self._ground:
            self._ground = ground
            self.on_reprice()

    def add_typed(self, typed: Typed) -> None:
        """Show a model that was named, on top of the ranking, and select it."""
        others = (t for t in self._typed if name_key(t.name) != name_key(typed.name))
        self._typed = (typed, *others)
        self._wanted = typed.name
        self.on_reprice()

    def select(self, name: str) -> bool:
        """Select a model; one that is left out is listed for it. False where it is not known."""
        known = self._ranking.find(name)
        if known is None:
            return False
        self._wanted = known.name
        if known not in self._listed:
            self.shows.setCurrentIndex(_ALL)
        self._select_wanted()
        return True

    def search(self, text: str) -> int:
        """List the models that hold every word; how many there are."""
        self.table.filter.search(text)
        self._select_wanted()
        return self.table.filter.rowCount()

    @Slot(int)
    def use_context(self, tokens: int) -> None:
        """Take a context as the slider would."""
        self.context.slider.setValue(tokens.bit_length() - 1)

    # What it answers

    @Slot(int)
    def on_context(self, exponent: int) -> None:
        """The slider moved: the whole catalogue is priced anew."""
        self.context.show_value(self._slider_words(exponent))
        self.on_reprice()

    @Slot()
    def on_reprice(self) -> None:
        """Price everything at this task and context."""
        self._ranking = rank(self._ground, self.wanted_for, self.tokens, self._typed)
        self._name_choices()
        self.on_list()
        self.ranked.emit()

    def _name_choices(self) -> None:
        words = (self.tr("Fits"), self.tr("All"), self.tr("Left out"))
        left, every = self._ranking.left_out, len(self._ranking.offers)
        counts = (every - left, every, left)
        known = self._ranking.answer is not None
        for i, (text, count) in enumerate(zip(words, counts, strict=True)):
            self.shows.setItemText(i, f"{text}, {whole(count)}" if known else text)

    @Slot()
    def on_list(self) -> None:
        """List what is asked for; what was typed is always there."""
        which, ranking = self.shows.currentIndex(), self._ranking
        self._listed = tuple(
            o
            for o in ranking.offers
            if which == _ALL or o.left_out == (which == _LEFT_OUT) or ranking.is_typed(o)
        )
        self._show_place()
        model = self.table.table
        model.set_title(NEED, need_title(self.tokens))
        model.set_title(SPEED, speed_title(embedding=self.wanted_for is Task.EMBEDDING))
        marks = self._ground.marks
        rows = [offer_row(o, marks, typed=ranking.is_typed(o)) for o in self._listed]
        self.table.set_rows(rows)
        # No taller than its rows; what is left belongs to the page.
        self.table.setMinimumHeight(_HEAD + _ROW * min(len(rows), _ROWS_AT_LEAST))
        self._card.setMaximumHeight(_HEAD + _ROW * len(rows) + Space.L)
        self._select_wanted()

    def _show_place(self) -> None:
        """Skeleton, what is missing, or the table."""
        self._content.setVisible(bool(self._listed))
        self._place.setVisible(not self._listed)
        known = self._ground.profile is not None or self._ground.error
        if known and not self._listed:
            self._place.hold(self._empty())

    def _empty(self) -> QWidget:
        if self._ranking.answer is None:
            return machine_unknown(self._ground.error)
        if self.shows.currentIndex() == _LEFT_OUT:
            return nothing_left_out()
        left = self.tr("Show what is left out")
        steps = [Step("show-left-out", left, self.on_show_left_out)]
        shorter = self._ranking.shorter()
        if shorter is not None:
            words = self.tr("Use {0}").format(context_words(shorter))
            steps.append(Step("use-shorter", words, self.on_use_shorter, "primary"))
        return nothing_fits(context_words(self.tokens), self._ranking.gap_words(), *steps)

    @Slot()
    def on_show_left_out(self) -> None:
        """See why."""
        self.shows.setCurrentIndex(_LEFT_OUT)

    @Slot()
    def on_use_shorter(self) -> None:
        """Take the context at which something fits."""
        shorter = self._ranking.shorter()
        if shorter is not None:
            self.use_context(shorter)

    # One model

    def _select_wanted(self) -> None:
        """Keep the selection by name: ranks and numbers of rows change."""
        names = [o.name for o in self._listed]
        wanted = names.index(self._wanted) if self._wanted in names else -1
        if wanted < 0 or not self._is_shown(wanted):
            wanted = self._first_row()
        if wanted < 0:
            return
        if self.table.current != wanted:
            self.table.select(wanted)
        self._inspect(wanted)

    def _is_shown(self, index: int) -> bool:
        source = self.table.table.index(index, 0)
        return self.table.filter.mapFromSource(source).isValid()

    def _first_row(self) -> int:
        top = self.table.filter.index(0, 0)
        return self.table.filter.mapToSource(top).row() if top.isValid() else -1

    @Slot(int)
    def on_chosen(self, index: int) -> None:
        """A row was selected."""
        if 0 <= index < len(self._listed):
            self._wanted = self._listed[index].name
            self._inspect(index)

    @Slot(int)
    def on_opened(self, index: int) -> None:
        """Enter on a row: run what is installed."""
        if 0 <= index < len(self._listed):
            name = self._listed[index].name
            if name_key(name) in self._ground.marks.installed and not self._ground.no_server:
                self.run_asked.emit(name)

    def _inspect(self, index: int) -> None:
        chosen = self._listed[index]
        self.inspector.show_offer(chosen, self._ranking.standing(chosen))
