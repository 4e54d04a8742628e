"""Which sensors of power there are, what they say, and why others cannot be read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication

from landfall.gui import theme
from landfall.gui.machine.facts import Tried, blind_power, power_rows
from landfall.gui.widgets.feedback import Skeleton, State, StateLine
from landfall.gui.widgets.layout import BLEED, Card, Swap, button, column, holder, row
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.gui.app_values import PowerSensor
    from landfall.gui.messages import Messages


class PowerCard(Card):
    """Every source with its scope.

    Signals:
        plug_asked: The user wants to connect a plug, or let it go.
        wall_asked: The user wants to calibrate at the wall.
    """

    plug_asked = Signal()
    wall_asked = Signal()

    def __init__(self, messages: Messages) -> None:
        plug = button(self.tr("Plug\u2026"), "link")
        plug.setObjectName("connect-plug")
        plug.setAccessibleName(self.tr("Connect a smart plug"))
        wall = button(self.tr("Wall meter\u2026"), "link")
        wall.setObjectName("calibrate-wall")
        wall.setAccessibleName(self.tr("Calibrate at the wall"))
        super().__init__(self.tr("Power"), plug, wall)
        plug.clicked.connect(self.plug_asked)
        wall.clicked.connect(self.wall_asked)
        self._messages = messages
        self._shown: tuple[PowerSensor, ...] = ()
        self._place = Swap(Skeleton(360, 300))
        self.bleed().add(self._place)
        theme.theme().text_changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """Room from the start for one sensor that cannot be read, and why."""
        self._place.setMinimumHeight(StateLine.height_of(2) + 2 * StateLine.PADDING)

    def show_sources(self, sources: tuple[PowerSensor, ...]) -> None:
        """Show these, as they were found."""
        if not sources:
            self._shown = ()
            nothing = self.tr("This system offers no power sensor. Energy stays unknown.")
            line = StateLine(State.PARTIAL, self.tr("No power source"), nothing)
            self._place.hold(holder(row(line, margins=(BLEED, 0, BLEED, 0))))
            return
        if sources == self._shown:
            return
        self._shown = sources
        lines = column(spacing=0)
        if rows := power_rows(sources):
            columns = (
                Column(self.tr("Source and scope")),
                Column(self.tr("Now"), 190, right=True),
            )
            table = DataTable(columns, self.tr("Power sources"))
            table.set_rows(rows)
            lines.addWidget(table)
        blind = column(spacing=0, margins=(BLEED, 0, BLEED, 0))
        for unread in blind_power(sources):
            blind.addWidget(self._unread(unread))
        lines.addLayout(blind)
        self._place.hold(holder(lines))

    def _unread(self, unread: Tried) -> StateLine:
        """A sensor that cannot be read; a rule that opens it can be copied, never applied here."""
        action = self.tr("Copy the rule") if unread.rule else ""
        line = StateLine(unread.state, unread.title, unread.detail, action=action)
        if unread.rule:
            line.setObjectName("power-rule")
            line.triggered.connect(partial(self._copy_rule, unread.rule))
        return line

    def _copy_rule(self, rule: str) -> None:
        QGuiApplication.clipboard().setText(rule)
        self._messages.toast(
            self.tr("Copied. It opens a side channel to the group that you name in it.")
        )
