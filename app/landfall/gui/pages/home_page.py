"""Home: the machine in one line, workloads with their verdicts, the bill now and after, next steps.

The first frame holds the title and skeletons; everything else comes after it.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from landfall.gui import theme
from landfall.gui.page import Page, PageState
from landfall.gui.theme import Text
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Card, Swap, button

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.home.parts import HomeParts

_BAR = 33
"""Pixels of the bar of memory in the machine's line, with what is between it and its words."""


class HomePage(Page):
    """Where the user lands.

    Signals:
        ollama_start_asked: The installed server should be started.
    """

    ollama_start_asked = Signal()

    def __init__(self, state: AppState) -> None:
        super().__init__(self.tr("Home"))
        self._state = state
        self._parts: HomeParts | None = None
        self._machine = Swap(Skeleton(260, 420, 520))
        self._rest = Swap(self._skeleton())
        self._fit()
        theme.theme().changed.connect(self._fit)
        self._build()

    @Slot()
    def _fit(self) -> None:
        """The machine's line is as high from the start as it will be: nothing below it moves."""
        name, facts = (QFontMetrics(theme.font(one)) for one in (Text.HEADING, Text.CAPTION))
        legend = max(facts.height(), theme.grown(12))
        self._machine.setMinimumHeight(name.height() + facts.height() + _BAR + legend)

    def _build(self) -> None:
        self.say(self.tr("Finding out what this machine can run. Nothing is sent anywhere."))
        self.body.addWidget(Card().add(self._machine))
        self.body.addWidget(self._rest)
        self.body.addStretch(1)

    def _skeleton(self) -> QWidget:
        return Card(self.tr("Workloads")).add(Skeleton(480, 420, 460, 380, 440, bar=16))

    def after_first_paint(self) -> None:
        """Bring tables and buttons, fill them, and follow what changes."""
        add = button(self.tr("New workload"), "primary", icon="plus")
        add.setObjectName("new-workload")
        add.clicked.connect(partial(self.jump.emit, "workloads", "new"))
        self.add_action(add)
        # Imported here: tables and figures are not part of the first frame.
        parts: HomeParts = import_module("landfall.gui.home.parts").HomeParts(self._state)
        self._parts = parts
        parts.jump.connect(self.jump)
        parts.ollama_start_asked.connect(self.ollama_start_asked)
        self._machine.hold(parts.machine)
        self._rest.hold(parts.rest)
        state = self._state
        for changed in (
            state.profile_changed,
            state.runtimes_changed,
            state.models_changed,
            state.settings_changed,
            state.workloads_changed,
            state.running_changed,
        ):
            changed.connect(self.on_changed)
        self.refresh()

    @Slot()
    def on_changed(self) -> None:
        """Something is known now, or is another."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show what is known."""
        if self._parts is not None:
            self._parts.fill()
            self.say(self._parts.sentence())
            self.set_state(self._where())

    def _where(self) -> PageState:
        state = self._state
        if state.workloads_error or state.profile_error:
            return PageState.FAILED
        if state.workloads is None or state.profile is None:
            return PageState.LOADING
        if not state.workloads:
            return PageState.EMPTY
        firm = all(w.firm for w in state.workloads)
        return PageState.READY if firm else PageState.PARTIAL
