"""Measures a provider's model by small paid calls: which, for how much at most, how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox

from landfall.core.benchmark.probe import Plan
from landfall.gui.allowed import allow
from landfall.gui.cloud.probe_view import call_words, firm_words, most_words, summary_words
from landfall.gui.format import money, number
from landfall.gui.tab_order import keyboard_is_at
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, Switch
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.core.benchmark.probe import Call, Summary
    from landfall.services.cloud.probe import MostItCosts

CALLS = (5, 10, 20, 50)
FIRST_CALLS = 10
_CALLS, _BESIDE_FROM = 130, 480
"""Pixels: how wide the number of calls is, and from which width on it stands beside the model."""


class ProbeCard(Card):
    """The form, and the line below it: the most it costs, the call that is made, what came.

    The button names the most it costs, and pressing it agrees to that. Where nobody knows a price a
    switch agrees to an unknown one first.

    Signals:
        provider_chosen: Another provider, by its id.
        wanted: The form says something else: its most is to be told.
        start_asked: To be run, agreed to.
        key_wanted: A key is to be entered first.
        stop_asked: What came is to be kept.
    """

    provider_chosen = Signal(str)
    wanted = Signal()
    start_asked = Signal()
    key_wanted = Signal()
    stop_asked = Signal()

    def __init__(self) -> None:
        super().__init__(self.tr("Measure a provider's model"))
        self.provider = Choice(self.tr("Provider to measure"), (), width=135)
        self.provider.setObjectName("probe-provider")
        self.provider.setPlaceholderText(self.tr("No provider"))
        self.model = Choice(self.tr("Model to measure"), (), width=165)
        self.model.setObjectName("probe-model")
        # A provider serves more than any table lists.
        self.model.setEditable(True)
        self.model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.calls = Choice(
            self.tr("Calls that are measured"),
            [self.tr("{0} calls").format(number(calls)) for calls in CALLS],
            width=110,
        )
        self.calls.setObjectName("probe-calls")
        self.calls.setCurrentIndex(CALLS.index(FIRST_CALLS))
        self.unpriced = Switch(self.tr("Measure although nobody knows the price"))
        self.unpriced.setObjectName("probe-unpriced")
        self.go = button(self.tr("Measure"), icon="bolt")
        self.go.setObjectName("probe-start")
        self.stop = button(self.tr("Stop"))
        self.stop.setObjectName("probe-stop")
        self.line = StateLine(State.TODO, self.tr("Choose a model."))
        self.line.setObjectName("probe-line")
        self.most: MostItCosts | None = None
        self._running = self._asked_keyring = False
        self._build()
        self._connect()
        self._show_state()

    def _build(self) -> None:
        self._agree = holder(
            row(
                self.unpriced,
                label(self.tr("Measure although nobody knows the price"), Text.BODY),
                None,
            )
        )
        asked = row(self.provider, spacing=Space.S)
        asked.addWidget(self.model, 1)
        form = SideBySide(holder(asked), self.calls, side_width=_CALLS, needs=_BESIDE_FROM)
        told = row(spacing=Space.M)
        told.addWidget(self.line, 1)
        told.addWidget(self.stop)
        told.addWidget(self.go)
        self.add(column(form, self._agree, told))

    def _connect(self) -> None:
        self.provider.activated.connect(self._on_provider)
        self.model.currentIndexChanged.connect(self._on_form)
        line = self.model.lineEdit()
        if line is not None:
            line.setAccessibleName(self.tr("Model to measure"))
            line.setPlaceholderText(self.tr("Model"))
            line.editingFinished.connect(self._on_form)
        self.calls.currentIndexChanged.connect(self._on_form)
        self.unpriced.toggled.connect(self._on_agreed)
        self.go.clicked.connect(self.start_asked)
        self.stop.clicked.connect(self.stop_asked)
        self.line.triggered.connect(self.key_wanted)

    # What is asked

    @property
    def chosen_provider(self) -> str:
        """Its id, or ""."""
        return str(self.provider.currentData() or "")

    @property
    def chosen_model(self) -> str:
        """As the provider names it, or ""."""
        return self.model.currentText().strip()

    @property
    def plan(self) -> Plan:
        """How many calls."""
        return Plan(calls=CALLS[self.calls.currentIndex()])

    def set_providers(self, names: Sequence[tuple[str, str]]) -> None:
        """Who can be asked: id and name; the chosen one stays where it is among them."""
        before, first = self.chosen_provider, not self._asked_keyring
        self._asked_keyring = True
        known = [(self.provider.itemData(i), self.provider.itemText(i)) for i in self._indices()]
        if known == list(names):
            if first:
                self._show_state()
            return
        self.provider.clear()
        for id_, name in names:
            self.provider.addItem(name, id_)
        at = self.provider.findData(before)
        self.provider.setCurrentIndex(max(0, at) if names else -1)
        self._show_state()
        if self.chosen_provider != before and names:
            self.provider_chosen.emit(self.chosen_provider)

    def _indices(self) -> range:
        return range(self.provider.count())

    def set_models(self, provider: str, names: Sequence[str]) -> None:
        """What a provider serves for a price; another provider's are not shown.

        None is chosen beforehand: a measurement costs money, and lists begin with odd models.
        """
        if provider != self.chosen_provider:
            return
        before = self.chosen_model
        self.model.blockSignals(True)
        self.model.clear()
        self.model.addItems(list(names))
        self.model.setCurrentIndex(self.model.findText(before))
        if before not in names:
            self.model.setEditText(before)
        self.model.blockSignals(False)
        self._on_form()

    @Slot(int)
    def _on_provider(self, _index: int) -> None:
        self.most = None
        self.model.clear()
        self._show_state()
        self.provider_chosen.emit(self.chosen_provider)

    @Slot()
    def _on_form(self) -> None:
        self.most = None
        self.unpriced.setChecked(False)
        self._show_state()
        if self.chosen_provider and self.chosen_model:
            self.wanted.emit()
        elif self.chosen_provider and not self._running:
            self.line.show_line(State.TODO, self.tr("Choose a model."))

    @Slot()
    def _on_agreed(self) -> None:
        self._show_state()

    # What is told

    def show_most(self, most: MostItCosts) -> None:
        """What it costs at most."""
        self.most = most
        if not self._running:
            state = State.TODO if most.usd is not None else State.PARTIAL
            self.line.show_line(state, most_words(most, self.plan))
        self._show_state()

    def show_trouble(self, words: str) -> None:
        """Why it cannot be run, or ended early."""
        self.line.show_line(State.FAILED, words)
        self._show_state()

    def show_running(self, model: str) -> None:
        """The first call is on its way."""
        self._running = True
        self.line.show_line(State.RUNNING, self.tr("Measuring {0}\u2026").format(model))
        self._show_state()

    def show_call(self, call: Call, plan: Plan) -> None:
        """A call is over."""
        if self._running:
            self.line.show_line(State.RUNNING, call_words(call, plan))

    def show_end(self, found: Summary | None, model: str) -> None:
        """It is over; None where it was stopped."""
        self._running = False
        if found is None:
            self.line.show_line(State.SKIPPED, self.tr("Stopped. What came is kept."))
        else:
            state = State.DONE if found.measured else State.FAILED
            self.line.show_line(state, summary_words(found, model), firm_words(found))
        self._show_state()

    def end_running(self) -> None:
        """It ended early; the line says why."""
        self._running = False
        self._show_state()

    def _show_state(self) -> None:
        priced = self.most is not None and self.most.usd is not None
        unpriced = self.most is not None and self.most.usd is None
        self._agree.setVisible(unpriced and not self._running)
        running = self.tr("It is being measured.") if self._running else ""
        for part in (self.provider, self.model, self.calls, self.unpriced):
            allow(part, running or self._nobody())
        agreed = priced or (unpriced and self.unpriced.isChecked())
        held_focus = keyboard_is_at(self.go) or keyboard_is_at(self.stop)
        self.go.setVisible(not self._running)
        self.stop.setVisible(self._running)
        if held_focus:
            # Hidden, a button would give the focus to whatever stands next in the window.
            near = self.stop if self._running else self.go
            near.setFocus(Qt.FocusReason.OtherFocusReason)
        unsaid = "" if self.chosen_model else self.tr("Choose a model.")
        unagreed = self.tr("The price is being looked up.")
        if unpriced:
            unagreed = self.tr("Agree first: nobody knows the price.")
        elif self.line.state is State.FAILED:
            unagreed = self.line.title.text()
        allow(self.go, self._nobody() or unsaid or ("" if agreed else unagreed))
        words = self.tr("Measure")
        if priced and self.most is not None and self.most.usd is not None:
            words = self.tr("Measure for at most {0}").format(money(self.most.usd))
        self.go.setText(words)
        if not self.provider.count():
            self._show_nobody()

    def _nobody(self) -> str:
        """Why no provider can be chosen; "" where one can."""
        if self.provider.count():
            return ""
        if not self._asked_keyring:
            return self.tr("Asking the keyring")
        return self.tr("No provider can be asked: enter a key first.")

    def _show_nobody(self) -> None:
        """No provider can be measured, or that is not known yet."""
        action = self.tr("Enter a key") if self._asked_keyring else ""
        self.line.show_line(State.TODO, self._nobody(), action=action)
