"""One workload: its verdict card, what may be done with it, and the evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.evidence import CostsView, FlipsView, PipelineView, RulesView
from landfall.gui.widgets.layout import button, column, icon_button, label, row
from landfall.gui.widgets.verdict_card import VerdictCard
from landfall.gui.workload_next import Move, next_move
from landfall.gui.workload_view import advice, shown_name

if TYPE_CHECKING:
    from landfall.core.settings import Thresholds
    from landfall.services.deciding import Decided
    from landfall.services.portfolio import Entry

COSTS, FLIPS, PIPELINE, RULES = range(4)
WIDE = 1150


class _View(Protocol):
    def show_decided(self, decided: Decided) -> None: ...


class WorkloadDetail(QWidget):
    """Shows an entry that is decided.

    Signals:
        moved: The primary button: the Move.
        asked: An action by name: "edit", "text", "duplicate", "rename", "export", "delete".
    """

    moved = Signal(object)
    asked = Signal(str)

    def __init__(self, limits: Callable[[], Thresholds]) -> None:
        super().__init__()
        self._limits = limits
        self._entry: Entry | None = None
        self._shown: Decided | None = None
        self._move = Move(sentence="")
        self._name = label("", Text.HEADING, wrap=True)
        self._name.setObjectName("workload-name")
        self._sample = label(self.tr("Sample"), Text.CAPTION_STRONG, tone="text_3")
        self.card = VerdictCard()
        self.card.setObjectName("verdict-card")
        self.card.acted.connect(self._on_acted)
        self.card.explained.connect(self._on_explained)
        self._build()

    def _build(self) -> None:
        names = (
            self.tr("Costs"),
            self.tr("What flips it"),
            self.tr("Pipeline"),
            self.tr("Rules"),
        )
        self.segments = SegmentedControl(names)
        self.segments.setObjectName("evidence")
        self.segments.chosen.connect(self._on_segment)
        self._views: tuple[QWidget, ...] = (CostsView(), FlipsView(), PipelineView(), RulesView())
        self._beside = RulesView()
        self._beside.setObjectName("rules-beside")
        evidence = column(*self._views, spacing=0)
        both = row(spacing=Space.L)
        both.addLayout(evidence, 1)
        both.addWidget(self._beside, 1)
        bar = row(self.segments, None, *self._actions())
        self.setLayout(column(self._title(), self.card, bar, both, None, spacing=Space.M))
        self._show_view()

    def _title(self) -> QWidget:
        title = QWidget()
        layout = row(spacing=Space.S)
        layout.addWidget(self._name)
        layout.addWidget(self._sample)
        layout.addStretch(1)
        title.setLayout(layout)
        return title

    def _actions(self) -> tuple[QWidget, ...]:
        edit = button(self.tr("Edit"))
        edit.setObjectName("edit")
        edit.clicked.connect(partial(self.asked.emit, "edit"))
        more = icon_button("more", self.tr("More actions"))
        more.setObjectName("more")
        self.menu = QMenu(more)
        for name, words in (
            ("text", self.tr("Edit as text")),
            ("rename", self.tr("Rename\u2026")),
            ("duplicate", self.tr("Duplicate")),
            ("export", self.tr("Export as TOML\u2026")),
            ("delete", self.tr("Delete")),
        ):
            action = self.menu.addAction(words)
            action.setObjectName(f"do-{name}")
            action.triggered.connect(partial(self.asked.emit, name))
        more.setMenu(self.menu)
        return edit, more

    @property
    def entry(self) -> Entry | None:
        """What is shown."""
        return self._entry

    @property
    def shown(self) -> Decided | None:
        """The verdict that is shown now."""
        return self._shown

    def show_entry(self, entry: Entry) -> None:
        """Show a decided workload."""
        self._entry = entry
        self._name.setText(shown_name(entry.saved.name, sample=entry.saved.sample))
        self._sample.setVisible(entry.saved.sample)
        if entry.decided is not None:
            self.show_decided(entry.decided)

    def show_decided(self, decided: Decided, *, what_if: bool = False) -> None:
        """Show a verdict: the saved one, or one that a slider asks for."""
        self._shown = decided
        offer = self._entry.offer if self._entry else None
        self._move = next_move(decided, self._limits(), offer=offer)
        self.card.set_advice(advice(decided, self._move, what_if=what_if))
        self._fill_views()

    def _fill_views(self) -> None:
        if self._shown is None:
            return
        for view in (*self._views, self._beside):
            if view.isVisibleTo(self):
                filled: _View = view  # type: ignore[assignment]
                filled.show_decided(self._shown)

    def open_evidence(self, index: int) -> None:
        """Show one of the views."""
        self.segments.choose(index)

    @Slot(int)
    def _on_segment(self, _index: int) -> None:
        self._show_view()
        self._fill_views()

    def _show_view(self) -> None:
        current = self.segments.current
        for index, view in enumerate(self._views):
            view.setVisible(index == current)
        self._beside.setVisible(self.width() >= WIDE and current != RULES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        was = self._beside.isVisibleTo(self)
        self._show_view()
        if self._beside.isVisibleTo(self) and not was:
            self._fill_views()
        super().resizeEvent(event)

    @Slot()
    def _on_acted(self) -> None:
        self.moved.emit(self._move)

    @Slot()
    def _on_explained(self) -> None:
        self.open_evidence(RULES)
