"""The tab of recommended models: task and context above, the ranking, and one model in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.catalog import Task
from landfall.core.hardware import memory_budget
from landfall.core.memory import FitRequest
from landfall.core.offer import (
    Offer,
    better_context,
    longest_context,
    name_key,
    nearest_miss,
    offer,
    offers,
)
from landfall.core.recommend import Recommendation, recommend
from landfall.gui.format import Unit, plain, whole
from landfall.gui.models_view import (
    LICENCE,
    NEED,
    SPEED,
    Marks,
    columns,
    context_words,
    need_title,
    offer_row,
    speed_title,
    task_words,
)
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, SliderField
from landfall.gui.widgets.feedback import EmptyState, Skeleton
from landfall.gui.widgets.layout import (
    Card,
    SideBySide,
    Swap,
    button,
    column,
    holder,
    label,
    row,
)
from landfall.gui.widgets.model_inspector import ModelInspector, Standing
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.core.architecture import ModelSpec
    from landfall.core.catalog import ModelCard
    from landfall.core.hardware import HardwareProfile
    from landfall.core.provenance import Measured

LEAST_EXPONENT, MOST_EXPONENT = 11, 17
INSPECTOR = 292
_ROWS_AT_LEAST = 7
_ROW = 46
_WITH_LICENCE = 850


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A model that the user named: what a pull asks for, and what was found out about it."""

    name: str
    spec: ModelSpec
    card: ModelCard | None
    exact: bool
    may_be_plain: bool = False
    plain: bool = False
    no_pull: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the ranking stands on.

    Attributes:
        profile: This machine with what the catalogue knows of it; None while it is not known.
        error: Why it could not be found out, or "".
        no_pull: Why nothing can be pulled now, or "". no_run: why nothing can be run.
        note: What holds memory that a model could have, or "".
    """

    cards: tuple[ModelCard, ...] = ()
    profile: HardwareProfile | None = None
    error: str = ""
    measured: Mapping[str, Measured] = field(default_factory=dict)
    marks: Marks = field(default_factory=Marks)
    no_pull: str = ""
    no_run: str = ""
    note: str = ""


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
        self._answer: Recommendation | None = None
        self._typed: list[Typed] = []
        self._offers: tuple[Offer, ...] = ()
        self._listed: tuple[Offer, ...] = ()
        self._wanted = ""
        self._words = task_words()
        self._tasks = tuple(self._words)
        start = min(max(context.bit_length() - 1, LEAST_EXPONENT), MOST_EXPONENT)
        self._build(start)

    # How it looks

    def _build(self, exponent: int) -> None:
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
        ranking = label(
            self.tr("Ranked by fit, then published quality, then speed"),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        filters = row(label(self.tr("For"), tone="text_2"), self.task, Space.S, self.context)
        filters.addSpacing(Space.S)
        filters.addWidget(self.shows)
        filters.addSpacing(Space.S)
        filters.addWidget(ranking, 1)
        self._make_table()
        self.inspector = ModelInspector()
        card = Card().bleed().add(self.table)
        side = holder(column(self.inspector, None, spacing=0))
        self._content = SideBySide(card, side, side_width=INSPECTOR, level=True)
        self._place = Swap(Card().add(Skeleton(*(640, 520) * _ROWS_AT_LEAST, bar=14)))
        self.setLayout(column(filters, self._place, self._content, spacing=Space.L))
        self._content.hide()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._connect()

    def _make_table(self) -> None:
        self.table = DataTable(
            columns(self.tokens),
            self.tr("Recommended models"),
            row_height=_ROW,
            scrolls=True,
            sortable=True,
        )
        self.table.setObjectName("recommended-table")
        self.table.setMinimumHeight(_ROWS_AT_LEAST * _ROW + 30)
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
        return None if self._answer is None else len(self._answer.models)

    def set_ground(self, ground: Ground) -> None:
        """Something that the ranking stands on is another now."""
        if ground != self._ground:
            self._ground = ground
            self.on_reprice()

    def add_typed(self, typed: Typed) -> None:
        """Show a model that was named, on top of the ranking, and select it."""
        self._typed = [t for t in self._typed if name_key(t.name) != name_key(typed.name)]
        self._typed.insert(0, typed)
        self._wanted = typed.name
        self.on_reprice()

    def select(self, name: str) -> bool:
        """Select a model; one that is left out is listed for it. False where it is not known."""
        known = next((o for o in self._offers if name_key(o.name) == name_key(name)), None)
        if known is None:
            return False
        self._wanted = known.name
        if known not in self._listed:
            self.shows.setCurrentIndex(1)
        self._select_wanted()
        return True

    def search(self, text: str) -> int:
        """List the models that hold every word; how many there are."""
        self.table.filter.search(text)
        if self.table.current < 0:
            self._select_wanted()
        return self.table.filter.rowCount()

    @Slot(int)
    def use_context(self, tokens: int) -> None:
        """Take a context as the slider would."""
        self.context.slider.setValue(tokens.bit_length() - 1)

    # What it answers

    @Slot(int)
    def on_context(self, exponent: int) -> None:
        """The slider moved: the whole catalogue is priced anew, in some milliseconds."""
        self.context.show_value(self._slider_words(exponent))
        self.on_reprice()

    @Slot()
    def on_reprice(self) -> None:
        """Price everything at this task and context."""
        profile = self._ground.profile
        self._answer = None
        self._offers = ()
        if profile is not None:
            task, tokens = self.wanted_for, self.tokens
            self._answer = recommend(self._ground.cards, profile, task=task, context=tokens)
            ranked = offers(self._answer, self._ground.measured)
            mine = [self._priced(typed, profile) for typed in self._typed]
            keys = {name_key(typed.name) for typed in self._typed}
            self._offers = (*mine, *(o for o in ranked if name_key(o.name) not in keys))
        self._name_choices()
        self.on_list()
        self.ranked.emit()

    def _priced(self, typed: Typed, profile: HardwareProfile) -> Offer:
        return offer(
            typed.spec,
            profile,
            memory_budget(profile),
            FitRequest(context=self.tokens),
            name=typed.name,
            card=typed.card,
            task=self.wanted_for,
            measured=self._ground.measured.get(name_key(typed.name)),
        )

    def _name_choices(self) -> None:
        left = sum(o.left_out for o in self._offers)
        fits = len(self._offers) - left
        for i, (words, count) in enumerate(
            (
                (self.tr("Fits, {0}"), fits),
                (self.tr("All, {0}"), fits + left),
                (self.tr("Left out, {0}"), left),
            )
        ):
            self.shows.setItemText(i, words.format(whole(count)))

    @Slot()
    def on_list(self) -> None:
        """List what is asked for; what was typed is always there."""
        which = self.shows.currentIndex()
        typed = {t.name for t in self._typed}
        self._listed = tuple(
            o for o in self._offers if o.name in typed or which == 1 or o.left_out == (which == 2)
        )
        self._show_place()
        marks = self._ground.marks
        model = self.table.table
        model.set_title(NEED, need_title(self.tokens))
        embedding = self.wanted_for is Task.EMBEDDING
        model.set_title(SPEED, speed_title(embedding=embedding))
        self.table.set_rows([offer_row(o, marks, typed=o.name in typed) for o in self._listed])
        self._select_wanted()

    def _show_place(self) -> None:
        """Skeleton, what is missing, or the table."""
        self._content.setVisible(bool(self._listed))
        self._place.setVisible(not self._listed)
        if self._listed or (self._ground.profile is None and not self._ground.error):
            return
        self._place.hold(Card().add(self._empty()))

    def _empty(self) -> QWidget:
        if self._answer is None:
            title = self.tr("Without the machine nothing can be ranked")
            return EmptyState("machine", title, self._ground.error)
        if self.shows.currentIndex() == 2:
            text = self.tr("Every model of the catalogue that suits the task can be recommended.")
            return EmptyState("models", self.tr("Nothing is left out"), text)
        title = self.tr("Nothing can be recommended at {0}").format(context_words(self.tokens))
        text = " ".join([*self._gap_words(), *self._slow_words()])
        show = button(self.tr("Show what is left out"))
        show.setObjectName("show-left-out")
        show.clicked.connect(self.on_show_left_out)
        actions: list[QWidget] = [show]
        shorter = self._shorter()
        if shorter is not None:
            take = button(self.tr("Use {0}").format(context_words(shorter)), "primary")
            take.setObjectName("use-shorter")
            take.clicked.connect(self.on_use_shorter)
            actions.append(take)
        return EmptyState("models", title, text, *actions)

    def _gap_words(self) -> tuple[str, ...]:
        if self._answer is None:
            return ()
        miss = nearest_miss(self._offers, self._answer.budget)
        if miss is None:
            return ()
        nearest, gap = miss
        words = self.tr("The nearest is {0}: it lacks about {1}.")
        return (words.format(nearest.name, plain(gap, Unit.MEMORY_BYTES)),)

    def _slow_words(self) -> tuple[str, ...]:
        slow = sum(o.fit.fits for o in self._offers if o.left_out)
        if not slow:
            return ()
        return (self.tr("{0} fit, but write slower than people read.").format(whole(slow)),)

    def _shorter(self) -> int | None:
        """The longest shorter context at which anything can be recommended."""
        profile, tokens = self._ground.profile, self.tokens
        while profile is not None and tokens > 1 << LEAST_EXPONENT:
            tokens //= 2
            if recommend(self._ground.cards, profile, task=self.wanted_for, context=tokens).models:
                return tokens
        return None

    @Slot()
    def on_show_left_out(self) -> None:
        """See why."""
        self.shows.setCurrentIndex(2)

    @Slot()
    def on_use_shorter(self) -> None:
        """Take the context at which something fits."""
        shorter = self._shorter()
        if shorter is not None:
            self.use_context(shorter)

    # One model

    def _select_wanted(self) -> None:
        """Keep the selection by name: ranks and numbers of rows change."""
        if not self._listed:
            return
        names = [o.name for o in self._listed]
        row_ = names.index(self._wanted) if self._wanted in names else self._first_row()
        if row_ < 0:
            return
        if self.table.current != row_:
            self.table.select(row_)
        if self.table.current == row_:
            self._inspect(row_)

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
            if name_key(name) in self._ground.marks.installed and not self._ground.no_run:
                self.run_asked.emit(name)

    def _inspect(self, index: int) -> None:
        profile = self._ground.profile
        if profile is None:
            return
        chosen, ground = self._listed[index], self._ground
        budget, key = memory_budget(profile), name_key(chosen.name)
        typed = next((t for t in self._typed if name_key(t.name) == key), None)
        standing = Standing(
            longest=longest_context(chosen, budget),
            better=better_context(chosen, budget),
            installed=key in ground.marks.installed,
            pulling=key in ground.marks.pulling,
            no_pull=(typed.no_pull if typed else "") or ground.no_pull,
            no_run=ground.no_run,
            may_be_plain=typed is not None and typed.may_be_plain,
            plain=typed is not None and typed.plain,
            exact=typed.exact if typed else key in ground.marks.installed,
            note=ground.note,
        )
        self.inspector.show_offer(chosen, standing)
