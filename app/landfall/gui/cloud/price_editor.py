"""A price of the user's own for a model, which stands above every table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit

from landfall.core.settings import PRICE_PARTS
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.setting_field import NumberField
from landfall.gui.widgets.two_parts import SideBySide
from landfall.services.pricing.typed import MOST_USD_PER_MTOK

if TYPE_CHECKING:
    from landfall.core.pricing.pricing import PriceRow

HALF = 4
"""Fields of the left column."""


class PriceEditor(Card):
    """Form for one model at the provider whose prices are shown.

    Signals:
        kept: A model and its prices are to hold: the name, and USD by the names of `PRICE_PARTS`.
        removed: The user's price of this model is not to hold any more.
    """

    kept = Signal(str, object)
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__(self.tr("Your own price, $ per million tokens"))
        self._usd: dict[str, float | None] = dict.fromkeys(PRICE_PARTS)
        self.model = QLineEdit()
        self.model.setObjectName("typed-model")
        self.model.setAccessibleName(self.tr("Model of your price"))
        self.model.setPlaceholderText(self.tr("As the provider names it"))
        self.model.setMaxLength(200)
        self.model.setMinimumWidth(260)
        self.state = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.state.setObjectName("typed-state")
        self.problem = label("", Text.CAPTION, tone="danger", wrap=True)
        self.problem.setObjectName("typed-problem")
        self.problem.hide()
        self.fields = {part: self._field(part, name) for part, name in self._names().items()}
        self.keep = button(self.tr("Use my price"))
        self.keep.setObjectName("keep-price")
        self.remove = button(self.tr("Remove my price"), "quiet")
        self.remove.setObjectName("remove-price")
        self._build()
        self.keep.clicked.connect(self._on_keep)
        self.remove.clicked.connect(self._on_remove)

    def _names(self) -> dict[str, str]:
        return {
            "input": self.tr("Input"),
            "cached": self.tr("Input from the cache"),
            "output": self.tr("Output"),
            "batch_input": self.tr("Input, batch"),
            "batch_output": self.tr("Output, batch"),
            "cache_write": self.tr("Written to the cache, 5 minutes"),
            "cache_write_1h": self.tr("Written to the cache, 1 hour"),
        }

    def _field(self, part: str, name: str) -> NumberField:
        field = NumberField(
            name, "", unit=self.tr("USD"), high=MOST_USD_PER_MTOK, digits=6, empty=self.tr("none")
        )
        field.edit.setObjectName(f"typed-{part}")
        # The card beside it has fields of the same names for tokens.
        field.edit.setAccessibleName(self.tr("Your price: {0}").format(name))
        field.entered.connect(self._on_entered)
        return field

    def _build(self) -> None:
        fields = list(self.fields.values())
        self.add(
            row(label(self.tr("Model"), Text.MEDIUM), None, self.model),
            self.state,
            SideBySide(
                holder(column(*fields[:HALF], None, spacing=0)),
                holder(column(*fields[HALF:], None, spacing=0)),
                needs=760,
            ),
            self.problem,
            row(None, self.remove, self.keep, spacing=Space.S),
        )

    # What is shown

    def show_model(
        self, model: str, *, typed: Mapping[str, float] | None, listed: PriceRow | None
    ) -> None:
        """Fill the form with the price that holds for a model.

        Args:
            model: Its name.
            typed: The user's own price, or None.
            listed: The price that holds, to begin with where the user has none.
        """
        self.model.setText(model)
        values: Mapping[str, float | None] = typed if typed is not None else _listed(listed)
        for part, field in self.fields.items():
            self._usd[part] = values.get(part)
            field.set_value(values.get(part))
        self.state.setText(
            self.tr("Your price holds.")
            if typed is not None
            else self.tr("Begins with the listed price. What is empty has no price.")
        )
        self.remove.setVisible(typed is not None)
        self.set_problem("", "")

    def set_problem(self, part: str, text: str) -> None:
        """Say what is wrong, at its field where it has one."""
        for name, field in self.fields.items():
            field.set_problem(text if name == part else "")
        here = bool(text) and part not in self.fields
        self.problem.setText(text if here else "")
        self.problem.setVisible(here)

    # What is typed

    @Slot(object)
    def _on_entered(self, _value: float | None) -> None:
        sender = self.sender()
        for part, field in self.fields.items():
            if field is sender:
                self._usd[part] = _value

    @Slot()
    def _on_keep(self) -> None:
        wrong = next((field for field in self.fields.values() if field.is_wrong), None)
        if wrong is not None:  # it says why; what it held before is not what the user means
            wrong.edit.setFocus()
            return
        self.kept.emit(self.model.text(), dict(self._usd))

    @Slot()
    def _on_remove(self) -> None:
        self.removed.emit(self.model.text())


def _listed(row_: PriceRow | None) -> dict[str, float | None]:
    """What a table lists for a model, by the names of `PRICE_PARTS`; tiers are left out."""
    if row_ is None:
        return {}
    rates, batch = row_.rates, row_.batch
    found = {
        "input": rates.input,
        "cached": rates.cached,
        "cache_write": rates.cache_write,
        "cache_write_1h": rates.cache_write_1h,
        "output": rates.output,
        "batch_input": batch.input if batch else None,
        "batch_output": batch.output if batch else None,
    }
    return {part: None if rate is None else rate.usd_per_mtok for part, rate in found.items()}
