"""Fetch usage from a provider: whom to ask, and for which days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, Qt, Signal, Slot
from PySide6.QtWidgets import QDateEdit, QVBoxLayout, QWidget

from landfall.gui.allowed import allow
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.date_field import DateField
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import button, column, label, row
from landfall.services.cloud.usage import SOURCES

if TYPE_CHECKING:
    from landfall.services.cloud.access import KeyState

USUAL_DAYS = 30
"""That are asked for when nothing else is said."""


class UsageFetch(Dialog):
    """Shown with `open()`. Nothing is sent before Ask is pressed.

    Signals:
        asked: A provider's row, the first and the last day (ISO dates, UTC).
        key_wanted: The id of a provider whose key is to be entered.
    """

    asked = Signal(object, str, str)
    key_wanted = Signal(str)

    def __init__(self, keys: Sequence[KeyState], *, today: QDate, parent: QWidget) -> None:
        """Make it; `keys` are those of every provider."""
        super().__init__(parent)
        self.setObjectName("usage-fetch-dialog")
        self.setWindowTitle(self.tr("Fetch usage"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._keys = [state for state in keys if state.row.id in SOURCES]
        self._today = today
        self._build()
        ready = [i for i, state in enumerate(self._keys) if can_ask(state)]
        self.provider.setCurrentIndex(ready[0] if ready else 0)
        self.on_provider()

    def _build(self) -> None:
        words = label(
            self.tr(
                "The provider is asked with the key that may read usage. What it tells is shown"
                " first, and kept only when you say so."
            ),
            tone="text_2",
            wrap=True,
        )
        names = [state.row.name for state in self._keys]
        self.provider = Choice(self.tr("Provider"), names, width=220)
        self.provider.setObjectName("fetch-provider")
        self.provider.activated.connect(self.on_provider)
        self.since = self._day("fetch-since", self.tr("First day"), 1 - USUAL_DAYS)
        self.until = self._day("fetch-until", self.tr("Last day"), 0)
        self.line = StateLine(State.TODO, "", padding=0)
        self.line.setObjectName("fetch-line")
        self.line.triggered.connect(self.on_key)
        self.cancel = button(self.tr("Cancel"))
        self.cancel.setObjectName("fetch-cancel")
        self.cancel.clicked.connect(self.reject)
        self.ask = button(self.tr("Ask"), "primary")
        self.ask.setObjectName("fetch-ask")
        self.ask.setDefault(True)
        self.ask.clicked.connect(self.on_ask)
        self._lay_out(words)

    def _lay_out(self, words: QWidget) -> None:
        days = row(
            _named(self.tr("First day"), self.since),
            _named(self.tr("Last day"), self.until),
            None,
            spacing=Space.M,
        )
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        layout = column(words, spacing=Space.M, margins=margins)
        layout.addLayout(_named(self.tr("Provider"), self.provider))
        layout.addLayout(days)
        utc = self.tr("in UTC, as bills count")
        layout.addWidget(label(utc, Text.CAPTION, tone="text_3", wrap=True))
        layout.addWidget(self.line)
        layout.addStretch(1)
        layout.addLayout(row(None, self.cancel, self.ask))
        self.setLayout(layout)
        self.set_least_width(520)

    def _day(self, name: str, words: str, offset: int) -> DateField:
        made = DateField(words, self._today.addDays(offset), latest=self._today)
        made.setObjectName(name)
        made.dateChanged.connect(self.on_provider)
        return made

    @property
    def _state(self) -> KeyState | None:
        index = self.provider.currentIndex()
        return self._keys[index] if 0 <= index < len(self._keys) else None

    @Slot()
    def on_provider(self) -> None:
        """Another provider, or other days: can it be asked?"""
        state = self._state
        in_order = self.since.date() <= self.until.date()
        ready = state is not None and can_ask(state)
        if state is None:
            self.line.show_line(State.FAILED, self.tr("No provider tells its usage"))
        elif not ready:
            self.line.show_line(
                State.TODO,
                self.tr("{0} is asked with its {1}, which is not stored").format(
                    state.row.name, self._key_word(state)
                ),
                action=self.tr("Enter it"),
            )
        elif not in_order:
            self.line.show_line(State.PARTIAL, self.tr("The first day is after the last"))
        else:
            days = self.since.date().daysTo(self.until.date()) + 1
            said = self.tr("One day of {1}") if days == 1 else self.tr("{0} days of {1}")
            self.line.show_line(State.DONE, said.format(days, state.row.name))
        turned = "" if in_order else self.tr("Turn the days round.")
        allow(self.ask, turned if ready else self.tr("Its key is not stored."))

    def _key_word(self, state: KeyState) -> str:
        """What the key that reads its usage is called."""
        key = state.row.usage_key
        return key.name if key is not None else self.tr("key")

    @Slot()
    def on_key(self) -> None:
        """Its key is to be entered."""
        if self._state is not None:
            self.key_wanted.emit(self._state.row.id)
            self.reject()

    @Slot()
    def on_ask(self) -> None:
        """Ask it."""
        if self._state is not None:
            since, until = (day_of(edit).isoformat() for edit in (self.since, self.until))
            self.asked.emit(self._state.row, since, until)
            self.accept()


def day_of(edit: QDateEdit) -> date:
    """The day that is shown."""
    shown = edit.date()
    return date(shown.year(), shown.month(), shown.day())


def can_ask(state: KeyState) -> bool:
    """Whether the key that reads usage is stored."""
    if state.row.usage_key is None:
        return state.masked is not None
    return state.usage_masked is not None


def _named(name: str, field: QWidget) -> QVBoxLayout:
    return column(label(name, Text.CAPTION, tone="text_2"), field, spacing=3)
