"""The chosen host in full: what to heed, what it holds, and what nobody can know of it here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from landfall.gui import theme
from landfall.gui.hosts.cells import model_columns, model_row
from landfall.gui.hosts.told import Heed, blind_words, fact_lines, heeds
from landfall.gui.hosts.words import Listed
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import StateLine
from landfall.gui.widgets.layout import (
    BLEED,
    Button,
    Label,
    button,
    clear,
    column,
    hairline,
    icon_button,
    label,
    row,
)
from landfall.gui.widgets.tables import HEADER, DataTable

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host, HostModel

MODEL_ROW = 44
MOST_MODELS = 6
"""More models scroll inside of their table."""


class HostDetail(QWidget):
    """Shows one host; what did not change is not touched.

    Signals:
        edit_asked, remove_asked: The buttons of a kept host.
        settings_asked: The server in use is changed on another page.
        closed: The details are wanted no more.
    """

    edit_asked = Signal()
    remove_asked = Signal()
    settings_asked = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("host-detail")
        self._host: Host | None = None
        self._heeded: tuple[Heed, ...] | None = None
        self._listed: tuple[HostModel, ...] | None = None
        self.title = label("", Text.HEADING, wrap=True)
        self.title.setObjectName("host-title")
        self.edit = self._button(self.tr("Edit…"), "host-edit")
        self.edit.clicked.connect(self.edit_asked)
        self.remove = button(self.tr("Remove"), "destructive")
        self.remove.setObjectName("host-remove")
        self.remove.clicked.connect(self.remove_asked)
        self.change = self._button(self.tr("Change in Settings"), "host-settings")
        self.change.clicked.connect(self.settings_asked)
        close = icon_button("cross", self.tr("Close the details"))
        close.setObjectName("host-close")
        close.clicked.connect(self.closed)
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(Space.L)
        self._facts.setVerticalSpacing(2)
        self._facts.setColumnStretch(1, 1)
        self.facts: list[tuple[Label, Label]] = []
        self._heeds = column(spacing=0)
        self.models = DataTable(model_columns(), "", row_height=MODEL_ROW, scrolls=True)
        self.models.setObjectName("host-models")
        self._no_models = label("", Text.CAPTION, tone="text_3", wrap=True)
        self.blind = label("", Text.CAPTION, tone="text_3", wrap=True)
        self.blind.setObjectName("host-blind")
        head = row()
        head.addWidget(self.title, 1)
        for thing in (self.change, self.edit, self.remove, close):
            head.addWidget(thing)
        margins = (BLEED, Space.S, BLEED, Space.S)
        parts = (head, self._facts, self._heeds, self._no_models)
        words = column(*parts, spacing=Space.XS, margins=margins)
        end = column(self.blind, margins=margins)
        self.setLayout(column(hairline(), words, self.models, end, spacing=0))
        theme.theme().changed.connect(self._fit)

    def _button(self, words: str, name: str) -> Button:
        made = button(words)
        made.setObjectName(name)
        return made

    def show_host(self, listed: Listed) -> None:
        """Show this one, as it was read last."""
        host, reading = listed.host, listed.reading
        if host != self._host:
            self._host = host
            self._name(listed)
        self._tell(fact_lines(listed))
        _put(self.blind, blind_words(listed))
        self._heed(heeds(listed))
        models = reading.models if reading is not None else ()
        self._list(models)
        self.models.setVisible(bool(models))
        answers = reading is not None and not reading.problem
        words = self.tr("It lists no model.") if answers else ""
        if reading is not None and reading.problem:
            words = self.tr("What it holds is not known while it does not answer as it should.")
        _put(self._no_models, words)
        self._no_models.setVisible(bool(words) and not models)

    def _list(self, models: Sequence[HostModel]) -> None:
        """Models that came into memory or left it have their rows told anew; all others stay."""
        before = self._listed
        self._listed = tuple(models)
        if before is None or [one.name for one in before] != [one.name for one in models]:
            self.models.set_rows(tuple(model_row(model) for model in models))
            self._fit()
            return
        for number, (old, new) in enumerate(zip(before, models, strict=True)):
            if old != new:
                self.models.table.set_row(number, model_row(new))

    def _name(self, listed: Listed) -> None:
        host = listed.host
        self.title.setText(host.name)
        self.setAccessibleName(self.tr("Details of {0}").format(host.name))
        self.models.setAccessibleName(self.tr("Models of {0}").format(host.name))
        self.edit.setVisible(not listed.in_use)
        self.remove.setVisible(not listed.in_use)
        self.change.setVisible(listed.in_use)
        self.edit.setAccessibleName(self.tr("Edit {0}").format(host.name))
        self.remove.setAccessibleName(self.tr("Remove {0}").format(host.name))

    def _tell(self, lines: Sequence[tuple[str, str]]) -> None:
        while len(self.facts) < len(lines):
            pair = label("", Text.CAPTION, tone="text_3"), label("", tone="text_2", wrap=True)
            for place, part in enumerate(pair):
                self._facts.addWidget(part, len(self.facts), place)
            self.facts.append(pair)
        for i, pair in enumerate(self.facts):
            for part, words in zip(pair, lines[i] if i < len(lines) else ("", ""), strict=True):
                _put(part, words)
                part.setVisible(i < len(lines))

    def _heed(self, found: tuple[Heed, ...]) -> None:
        if found == self._heeded:
            return
        self._heeded = found
        clear(self._heeds)
        for one in found:
            self._heeds.addWidget(StateLine(one.state, one.title, one.detail))

    @Slot()
    def _fit(self) -> None:
        rows = min(len(self._listed or ()), MOST_MODELS)
        self.models.setFixedHeight(HEADER + round(theme.roomy(MODEL_ROW)) * rows + 2)


def _put(where: Label, words: str) -> None:
    """A text that stays is not set anew: that would lay out the whole page."""
    if where.text() != words:
        where.setText(words)
