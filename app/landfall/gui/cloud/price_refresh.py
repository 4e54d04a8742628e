"""Which price table is in use, how to fetch it anew, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.dates import when
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.apart import Apart
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import button, column, holder, label

if TYPE_CHECKING:
    from landfall.gui.cloud.price_doings import PriceDoings
    from landfall.services.pricing.bundled import PriceTable


_NOTHING = "\u00a0"
"""As high as a line of words."""


class PriceRefresh(QWidget):
    """A line about the table, and what came of the last refresh below it."""

    def __init__(self, doings: PriceDoings) -> None:
        super().__init__()
        self._doings = doings
        self.table = label("", Text.CAPTION, tone="text_2")
        self.table.setObjectName("price-table")
        self.refresh = button(self.tr("Refresh prices"), icon="retry")
        self.refresh.setObjectName("refresh-prices")
        self.refresh.setToolTip(
            self.tr("Fetches the public price table once, and tells nobody what you use.")
        )
        self.back = button(self.tr("Use the table that came with Landfall"), "link")
        self.back.setObjectName("bundled-prices")
        self.back.hide()
        self.outcome = label(_NOTHING, Text.CAPTION, wrap=True)
        self.outcome.setObjectName("refresh-outcome")
        # Room from the start for what comes of it: the prices below do not move.
        keeps = self.outcome.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        self.outcome.setSizePolicy(keeps)
        self.outcome.hide()
        buttons = FlowLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.back)
        buttons.addWidget(self.refresh)
        self.setLayout(column(Apart(self.table, holder(buttons)), self.outcome, spacing=Space.XS))
        self.refresh.clicked.connect(doings.refresh)
        self.back.clicked.connect(doings.go_back)
        doings.started.connect(self.on_started)
        doings.ended.connect(self.on_ended)

    def show_table(self, table: PriceTable) -> None:
        """Say which table it is."""
        dated = when(table.as_of.isoformat()) if table.as_of else self.tr("an unknown date")
        words = (
            self.tr("Price table fetched on {0}.")
            if table.refreshed_at
            else self.tr("Price table of {0}, which came with Landfall.")
        )
        self.table.setText(words.format(dated))
        self.back.setVisible(bool(table.refreshed_at))

    @Slot()
    def on_started(self) -> None:
        """It is being fetched."""
        allow(self.refresh, self.tr("Fetching prices\u2026"))
        self._say(self.tr("Fetching prices\u2026"))

    @Slot(str, bool)
    def on_ended(self, text: str, taken: bool) -> None:
        """It was fetched, or not."""
        allow(self.refresh)
        self._say(text, failed=not taken)

    def _say(self, text: str, *, failed: bool = False) -> None:
        self.outcome.set_tone("danger" if failed else "text_2")
        self.outcome.setText(text or _NOTHING)
        self.outcome.setVisible(bool(text))
