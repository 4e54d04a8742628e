"""The frame of a page: header, a body that scrolls when it must, and its four states.

How to write a page
-------------------
A page is one module `gui/pages/NAME_page.py` with one class `NamePage(Page)`. Its constructor takes
exactly what it uses (the AppState, a TaskRunner, Messages, services), calls
`super().__init__(title)`, then `_build()` and `_connect()`. It does no I/O and no arithmetic
beyond formatting; figures are shown through `gui.format`.

* `self.header` has the title, one sentence of fact (`say()`) and room for actions (`add_action()`).
* `self.body` is a vertical layout; give it cards and `SideBySide`s and end with `addStretch(1)`.
  Before the first paint put in only labels, cards and `Skeleton`s: what needs data, tables or
  buttons in numbers belongs into `after_first_paint()`, which is called once, one turn of the
  event loop after the page was first shown.
* `set_state()` says which of the states the page is in; tests and the window read it. A page
  shows its state by what it holds: `Skeleton` while a value of AppState is None (not known yet),
  `EmptyState` where there is nothing, `StateLine` or a note where a part is missing, and a banner
  through `Messages` plus what could be had where it failed.
* Only Home is part of the program's first frame: it and what it imports at its top use
  `QtCore.Qt` nowhere before `theme.when_complete` (see `paint`). Other pages need not care.
* A place that changes its nature (skeleton, empty, content) is a `Swap`; one whose values change
  keeps its widgets and uses their `set_...` methods, so that focus and scroll position stay.
* `refresh()` is called when the page is shown again; connect `state.xyz_changed` to a slot that
  returns at once where `self.isVisible()` is false, and let `refresh()` catch up.
* `jump.emit("models", "qwen3:8b")` asks the window for another page; the page asked for gets the
  detail through `open_at()`.
* Slots are bound methods named `on_...` and decorated with `@Slot`; no lambda captures a page.
* Work that takes time runs through `TaskRunner`; the page keeps the `Task` to cancel it.
"""

from __future__ import annotations

from enum import Enum

from PySide6 import QtCore
from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.page_header import PageHeader

MAX_WIDTH = 1720
_BAR = 10
"""Pixels that the style sheet gives a scroll bar; they are of the margin at the right."""


class PageState(Enum):
    """Where a page stands with what it shows."""

    LOADING = "loading"
    EMPTY = "empty"
    PARTIAL = "partial"
    READY = "ready"
    FAILED = "failed"


class _Body(QWidget):
    """Asks for no more height than its wrapped texts take at the width they get.

    Signals:
        painted: At its first paint event. The scroll area's own viewport may never get one: this
            widget covers it.
    """

    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._was_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class Page(QScrollArea):
    """Base of the eight pages; the module's docstring says how to write one.

    Signals:
        jump: Another page is wanted: its name, and what to show there or "".
        state_changed: The page's state is another one now.
    """

    jump = Signal(str, str)
    state_changed = Signal(object)

    def __init__(self, title: str, sentence: str = "") -> None:
        super().__init__()
        self.setObjectName(f"{type(self).__name__}")
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        theme.when_complete(self._complete)
        self._page_state = PageState.LOADING
        self._page_settled = False
        inner = _Body()
        inner.setMaximumWidth(MAX_WIDTH)
        inner.painted.connect(self._on_painted)
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(Space.PAGE, Space.XL, Space.PAGE - _BAR, Space.XL)
        whole.setSpacing(Space.L)
        self.header = PageHeader(title, sentence)
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.L)
        whole.addWidget(self.header)
        whole.addLayout(self.body, 1)
        self.setWidget(inner)

    @property
    def state(self) -> PageState:
        """Where the page stands."""
        return self._page_state

    @property
    def settled(self) -> bool:
        """Whether `after_first_paint` has run."""
        return self._page_settled

    def set_state(self, state: PageState) -> None:
        """Say where the page stands now."""
        if state is not self._page_state:
            self._page_state = state
            self.state_changed.emit(state)

    def say(self, sentence: str) -> None:
        """The one sentence below the title: a fact, not a slogan."""
        self.header.say(sentence)

    def add_action(self, *actions: QWidget) -> None:
        """Buttons and choices at the right of the title; at most one is primary."""
        for action in actions:
            self.header.add_action(action)

    def open_at(self, detail: str) -> None:
        """Another page jumped here and asks for a detail: a model's tag, a workload's name."""

    def refresh(self) -> None:
        """The page is shown again: catch up with what changed meanwhile."""

    def after_first_paint(self) -> None:
        """Called once, one event-loop turn after the page was first shown."""

    @Slot()
    def _complete(self) -> None:
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.ClickFocus)
        policy = QtCore.Qt.ScrollBarPolicy
        # For text of twice its size in a small window; whatever can goes below before.
        self.setHorizontalScrollBarPolicy(policy.ScrollBarAsNeeded)
        # Its place is kept, so that nothing moves, and nothing is laid out twice, when it comes.
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOn)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range)
        self._on_range(bar.minimum(), bar.maximum())

    @Slot(int, int)
    def _on_range(self, low: int, high: int) -> None:
        # A disabled one is not painted: there is nothing to scroll.
        self.verticalScrollBar().setEnabled(high > low)

    @Slot()
    def _on_painted(self) -> None:
        QTimer.singleShot(0, self._settle)

    @Slot()
    def _settle(self) -> None:
        try:
            self.after_first_paint()
        finally:
            self._page_settled = True
