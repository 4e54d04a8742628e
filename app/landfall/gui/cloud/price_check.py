"""What one call would cost: a model, its tokens, and the bill line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox

from landfall.core.pricing.call_shape import MOST_TOKENS, CallShape
from landfall.core.provenance import Unknown
from landfall.gui import grown
from landfall.gui.cloud.price_view import bill_columns, part_row, total_shown
from landfall.gui.format import converted, shown
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.controls import Choice, Switch
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import Card, column, holder, label, row
from landfall.gui.widgets.numbers import FigureLabel
from landfall.gui.widgets.setting_field import NumberField
from landfall.gui.widgets.tables import HEADER, DataTable
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.core.pricing.pricing import Quote

ROW = 32
ROWS = 3
"""Lines of a bill: what is not cached, what is, and the answer; few have one more."""
NOTE, NOTES = 16, 2
"""Pixels of a line of words about a bill, and how many most bills have."""

INPUT, CACHED, OUTPUT = 2000.0, 0.0, 500.0
"""Tokens the form starts with: a page and a half of text in, a short answer out."""


class PriceCheck(Card):
    """Form at the left, bill at the right.

    Signals:
        asked: A model and the shape of a call whose price is wanted.
    """

    asked = Signal(str, object)

    def __init__(self) -> None:
        super().__init__(self.tr("What a call costs"))
        self._tokens = {"input": INPUT, "cached": CACHED, "output": OUTPUT}
        self.model = Choice(self.tr("Model"), (), width=220)
        self.model.setObjectName("check-model")
        self.model.setPlaceholderText(self.tr("No model with a price"))
        self.model.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.input = self._field(self.tr("Input, not cached"), "input")
        self.cached = self._field(self.tr("Input from the cache"), "cached")
        self.output = self._field(self.tr("Output, thinking included"), "output")
        self.batch = Switch(self.tr("It may wait (batch)"))
        self.batch.setObjectName("check-batch")
        unknown = shown(Unknown(self.tr("choose a model")), Unit.USD)
        self.total = FigureLabel(self.tr("One call"), unknown, keeps_detail=True)
        self.total.setObjectName("check-total")
        self.bill = DataTable(bill_columns(), self.tr("Bill of the call"), row_height=ROW)
        self.bill.setObjectName("check-bill")
        self.bill.hide()
        self._waiting = Skeleton(320, 280, 300)
        self.notes = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.notes.setObjectName("check-notes")
        self._build()
        self._connect()

    def _field(self, name: str, what: str) -> NumberField:
        field = NumberField(name, "", unit=self.tr("tokens"), high=float(MOST_TOKENS), digits=0)
        field.edit.setObjectName(f"check-{what}")
        field.set_value(self._tokens[what])
        return field

    def _build(self) -> None:
        form = column(
            row(label(self.tr("Model"), Text.MEDIUM), None, self.model),
            self.input,
            self.cached,
            self.output,
            row(label(self.tr("It may wait (batch)"), Text.MEDIUM), None, self.batch),
            None,
            spacing=Space.XS,
        )
        lines = holder(column(self._waiting, self.bill, None, spacing=0))
        # Room from the start for the answer: nothing below it moves when it comes.
        grown.least_height(lines, ROW, times=ROWS, rest=HEADER + 1)
        grown.least_height(self.notes, NOTE, times=NOTES)
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop)
        bill = column(self.total, lines, self.notes, None, spacing=Space.S)
        self.add(SideBySide(holder(form), holder(bill), needs=760))

    def _connect(self) -> None:
        self.model.currentIndexChanged.connect(self.on_changed)
        self.batch.toggled.connect(self.on_changed)
        self.input.entered.connect(self._on_input)
        self.cached.entered.connect(self._on_cached)
        self.output.entered.connect(self._on_output)

    # What is asked

    def set_models(self, names: Sequence[str], *, first: str = "") -> None:
        """The models to choose from, whose prices may be others; the chosen one stays where it is
        among them, else `first`. What a call costs is asked anew."""
        chosen = self.model.currentText()
        chosen = chosen if chosen in names else first
        if [self.model.itemText(i) for i in range(self.model.count())] == list(names):
            self.on_changed()  # what is said stays until the answer comes
            return
        self._waiting.setVisible(bool(names) and self.bill.isHidden())
        self.model.blockSignals(True)
        self.model.clear()
        self.model.addItems(list(names))
        self.model.setCurrentIndex(max(0, self.model.findText(chosen)) if names else -1)
        self.model.blockSignals(False)
        self.on_changed()

    @Slot(str)
    def choose(self, name: str) -> bool:
        """Take a model; False where it is not among those to choose from."""
        index = self.model.findText(name)
        if index >= 0:
            self.model.setCurrentIndex(index)
        return index >= 0

    @Slot()
    def on_changed(self) -> None:
        """Ask for the price of what the form says."""
        name = self.model.currentText()
        if not name:
            unknown = Unknown(self.tr("no model to choose"))
            self.total.set_shown(shown(unknown, Unit.USD))
            self.bill.set_rows(())
            self.bill.hide()
            self._waiting.hide()
            self.notes.setText("")
            return
        shape = CallShape(
            uncached_tokens=self._tokens["input"],
            cached_tokens=self._tokens["cached"],
            output_tokens=self._tokens["output"],
            batch=self.batch.isChecked(),
        )
        self.asked.emit(name, shape)

    @Slot(object)
    def _on_input(self, tokens: float) -> None:
        self._take("input", tokens)

    @Slot(object)
    def _on_cached(self, tokens: float) -> None:
        self._take("cached", tokens)

    @Slot(object)
    def _on_output(self, tokens: float) -> None:
        self._take("output", tokens)

    def _take(self, what: str, tokens: float) -> None:
        self._tokens[what] = tokens
        self.on_changed()

    # What is answered

    def set_quote(self, quote: Quote, *, stale_days: int) -> None:
        """Show the bill."""
        self.total.set_shown(total_shown(quote, stale_days=stale_days))
        self.bill.set_rows([part_row(part) for part in quote.parts])
        self._waiting.hide()
        self.bill.setVisible(bool(quote.parts))
        source = [translated(quote.source)] if quote.source else []
        other = converted(quote.usd) if quote.usd is not None else ""
        self.notes.setText(
            "\n".join((*([other] if other else []), *all_translated(quote.notes), *source))
        )
