"""The tab of recommended models: what is asked above, the ranking, and one model in full."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.fit.offer import Offer, name_key
from landfall.core.models.catalogue import Task
from landfall.gui import theme
from landfall.gui.models.empty import (
    Step,
    loading,
    machine_unknown,
    nothing_fits,
    nothing_left_out,
)
from landfall.gui.models.filters import ALL, LEFT_OUT, Filters
from landfall.gui.models.inspector import ModelInspector
from landfall.gui.models.ranking import Ground, Typed, rank
from landfall.gui.models.view import (
    LICENCE,
    NEED,
    SPEED,
    columns,
    context_words,
    need_title,
    offer_key,
    offer_row,
    speed_title,
)
from landfall.gui.theme import Space
from landfall.gui.widgets.cells import Row
from landfall.gui.widgets.layout import Card, Swap, column, holder
from landfall.gui.widgets.table_model import MadeRows
from landfall.gui.widgets.tables import HEADER, DataTable
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.core.machine.hardware import HardwareProfile

INSPECTOR = 292
_ROW, _HEAD = 46, HEADER + 4
_ROWS_AT_LEAST = 7
_WITH_LICENCE = 870


class RecommendedTab(QWidget):
    """Ranks the catalogue live, and shows what was typed on top of it.

    While a slider is dragged the newest value is priced when the event loop comes round: values
    that came meanwhile are passed over, and nothing runs while nothing moves.

    Signals:
        pull_asked, run_asked, downloads_asked, exact_asked: see `ModelInspector`.
        ranked: The ranking is another one: `count`.
    """

    pull_asked = Signal(str, bool)
    run_asked = Signal(str)
    downloads_asked = Signal(str)
    exact_asked = Signal(str, bool)
    ranked = Signal()
    _due = Signal()

    def __init__(self, context: int) -> None:
        super().__init__()
        self._ground = Ground()
        self._typed: tuple[Typed, ...] = ()
        self._listed: tuple[Offer, ...] = ()
        self._wanted = ""
        self._waits = self._fills = False
        self._order = -1, False
        self.filters = Filters(context)
        self._build()
        self._connect()
        self._ranking = rank(self._ground, self.wanted_for, self.filters.request)
        self.filters.name_choices(None)

    # How it looks

    def _build(self) -> None:
        self._make_table()
        self.inspector = ModelInspector()
        self._card = Card().bleed().add(self.table)
        main = column(spacing=0)
        main.addWidget(self._card, 1)
        main.addStretch(0)
        side = holder(column(self.inspector, None, spacing=0))
        self._content = SideBySide(holder(main), side, side_width=INSPECTOR, level=True)
        self._place = Swap(loading())
        layout = column(self.filters, spacing=Space.L)
        layout.addWidget(self._place, 1)
        layout.addWidget(self._content, 1)
        self.setLayout(layout)
        self._content.hide()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _make_table(self) -> None:
        self.table = DataTable(
            columns(self.tokens),
            self.tr("Recommended models"),
            row_height=_ROW,
            scrolls=True,
            sortable=True,
        )
        self.table.setObjectName("recommended-table")
        self.table.filter.owner_sorts = True
        self.table.setAccessibleDescription(
            self.tr("Ranked by fit, then published quality, then speed")
        )
        self.table.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def _connect(self) -> None:
        self.filters.changed.connect(self.on_moved)
        theme.theme().text_changed.connect(self._fit)
        self.filters.listed.connect(self.on_list)
        self._due.connect(self.on_due, Qt.ConnectionType.QueuedConnection)
        self.table.filter.order_asked.connect(self.on_order)
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
        # By the own width: the table's is that of before until its layout has run.
        beside = self.width() >= self._content.needs
        side = self._content.side_width + Space.L if beside else 0
        self.table.setColumnHidden(LICENCE, self.width() - side < theme.roomy(_WITH_LICENCE))

    # What it is asked

    @property
    def tokens(self) -> int:
        """The context that is chosen."""
        return self.filters.tokens

    @property
    def wanted_for(self) -> Task:
        """The task that is chosen."""
        return self.filters.wanted_for

    @property
    def machine(self) -> HardwareProfile | None:
        """What everything is priced on, as its memory is now; None while it is not known."""
        return self._ground.profile

    @property
    def count(self) -> int | None:
        """How many models are recommended; None while the machine is not known."""
        answer = self._ranking.answer
        return None if answer is None else len(answer.models)

    def set_ground(self, ground: Ground) -> None:
        """Something that the ranking stands on is another now."""
        if ground != self._ground:
            self._ground = ground
            self.reprice()

    def add_typed(self, typed: Typed) -> None:
        """Show a model that was named, on top of the ranking, and select it."""
        others = (t for t in self._typed if name_key(t.name) != name_key(typed.name))
        self._typed = (typed, *others)
        self._wanted = typed.name
        self.reprice()

    def select(self, name: str) -> bool:
        """Select a model; one that is left out is listed for it. False where it is not known."""
        known = self._ranking.find(name)
        if known is None:
            return False
        self._wanted = known.name
        if known not in self._listed:
            self.filters.shows.setCurrentIndex(ALL)
        self._select_wanted()
        return True

    def search(self, text: str) -> int:
        """List the models that hold every word; how many there are."""
        self.table.filter.search(text)
        self._select_wanted()
        return self.table.filter.rowCount()

    def left_out_of_search(self, text: str) -> int:
        """How many models have every word in their name and are not in the list."""
        words = text.casefold().split()
        listed = {o.name for o in self._listed}
        others = (o.name.casefold() for o in self._ranking.offers if o.name not in listed)
        return sum(all(word in name for word in words) for name in others)

    @Slot()
    def show_all(self) -> None:
        """List what is left out too."""
        self.filters.shows.setCurrentIndex(ALL)

    @Slot(int)
    def use_context(self, tokens: int) -> None:
        """Take a context as the slider would, at once."""
        self.filters.use_context(tokens)
        self.on_due()

    # What it answers

    @Slot()
    def on_moved(self) -> None:
        """Price everything anew as soon as all that has been moved is known."""
        if not self._waits:
            self._waits = True
            self._due.emit()

    @Slot()
    def on_due(self) -> None:
        """The event loop has come round."""
        if self._waits:
            self.reprice()

    def reprice(self) -> None:
        """Price everything for what is asked now."""
        self._waits = False
        self._ranking = rank(self._ground, self.wanted_for, self.filters.request, self._typed)
        left, every = self._ranking.left_out, len(self._ranking.offers)
        known = self._ranking.answer is not None
        self.filters.name_choices((every - left, every, left) if known else None)
        self.on_list()
        self.ranked.emit()

    @Slot()
    def on_list(self) -> None:
        """List what is asked for; what was typed is always there."""
        which, ranking = self.filters.which, self._ranking
        listed = [
            o
            for o in ranking.offers
            if which == ALL or o.left_out == (which == LEFT_OUT) or ranking.is_typed(o)
        ]
        column, descending = self._order
        if column >= 0:
            listed.sort(key=partial(offer_key, column=column), reverse=descending)
        self._listed = tuple(listed)
        self._show_place()
        model = self.table.table
        model.set_title(NEED, need_title(self.tokens))
        model.set_title(SPEED, speed_title(embedding=self.wanted_for is Task.EMBEDDING))
        follow = self.table.is_in_sight(self.table.current)
        count = len(self._listed)
        self._fills = True
        self.table.set_rows(MadeRows(count, self._row))
        self._fills = False
        self._fit()
        self._select_wanted(follow=follow)

    @Slot()
    def _fit(self) -> None:
        """No taller than its rows; what is left belongs to the page."""
        row, count = theme.grown(_ROW), len(self._listed)
        self.table.setMinimumHeight(_HEAD + row * min(count, _ROWS_AT_LEAST))
        self._card.setMaximumHeight(_HEAD + row * count + Space.XS + Space.S + 2)

    @Slot(int, bool)
    def on_order(self, column: int, descending: bool) -> None:
        """The head of a column was pressed; -1 is the order of the ranking again."""
        if (column, descending) != self._order:
            self._order = column, descending
            self.on_list()

    def _row(self, index: int) -> Row:
        chosen, ranking = self._listed[index], self._ranking
        return offer_row(
            chosen,
            self._ground.marks,
            typed=ranking.is_typed(chosen),
            hint=ranking.hint(chosen),
            calibrated=ranking.calibrated,
        )

    def _show_place(self) -> None:
        """Skeleton, what is missing, or the table."""
        self._content.setVisible(bool(self._listed))
        self._place.setVisible(not self._listed)
        known = self._ground.profile is not None or self._ground.error
        if not self._listed:
            self._place.hold(self._empty() if known else loading())

    def _empty(self) -> QWidget:
        if self._ranking.answer is None:
            return machine_unknown(self._ground.error)
        if self.filters.which == LEFT_OUT:
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
        self.filters.shows.setCurrentIndex(LEFT_OUT)

    @Slot()
    def on_use_shorter(self) -> None:
        """Take the context at which something fits."""
        shorter = self._ranking.shorter()
        if shorter is not None:
            self.use_context(shorter)

    # One model

    def _select_wanted(self, *, follow: bool = True) -> None:
        """Keep the selection by name: ranks and numbers of rows change.

        Args:
            follow: Whether the table scrolls to it.
        """
        names = [o.name for o in self._listed]
        wanted = names.index(self._wanted) if self._wanted in names else -1
        if wanted < 0 or not self._is_shown(wanted):
            wanted = self._first_row()
        # Beside a list that holds no row stands no model.
        self.inspector.setVisible(wanted >= 0)
        if wanted < 0:
            return
        if self.table.current != wanted:
            # What stands in for a model that is not listed now is not what the user wants.
            self._fills = True
            self.table.select(wanted, follow=follow)
            self._fills = False
        self._inspect(wanted)

    def _is_shown(self, index: int) -> bool:
        source = self.table.table.index(index, 0)
        return self.table.filter.mapFromSource(source).isValid()

    def _first_row(self) -> int:
        top = self.table.filter.index(0, 0)
        return self.table.filter.mapToSource(top).row() if top.isValid() else -1

    @Slot(int)
    def on_chosen(self, index: int) -> None:
        """A row was selected by the user."""
        if not self._fills and 0 <= index < len(self._listed):
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
        standing = self._ranking.standing(chosen)
        self.inspector.show_offer(chosen, standing, self._ground.profile)
