"""What the models of a provider cost, how old that knowledge is, and the bill of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.cloud.price_card import PriceCard
from landfall.gui.cloud.price_check import PriceCheck
from landfall.gui.cloud.price_editor import PriceEditor
from landfall.gui.cloud.price_refresh import PriceRefresh
from landfall.gui.page import PageState
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import column, holder

if TYPE_CHECKING:
    from landfall.core.pricing.call_shape import CallShape
    from landfall.core.pricing.pricing import Quote
    from landfall.gui.cloud.desk import CloudDesk
    from landfall.gui.cloud.plans_card import PlansCard
    from landfall.gui.cloud.price_doings import PriceDoings


class PricesTab(QWidget):
    """Prices of one provider at a time.

    Signals:
        changed: What is shown, or where it stands, is another now.
    """

    changed = Signal()

    def __init__(
        self, desk: CloudDesk, doings: PriceDoings, plans: PlansCard, *, first: str
    ) -> None:
        """Make it; `first` is whose prices are shown until another one is chosen."""
        super().__init__()
        self._desk, self._doings, self.plans = desk, doings, plans
        self._priced = first
        self._awaited = ""
        self.refresh_line = PriceRefresh(doings)
        self.prices = PriceCard()
        self.prices.setObjectName("price-card")
        self.check = PriceCheck()
        self.check.setObjectName("price-check")
        self.editor = PriceEditor()
        self.editor.setObjectName("price-editor")
        self._below = holder(column(self.check, plans, self.editor, spacing=Space.L))
        # They would move when the tables above them take the height of their rows.
        self._below.hide()
        self.editor.hide()
        plans.answered.connect(self.editor.show)
        parts = (self.refresh_line, self.prices, self._below)
        self.setLayout(column(*parts, None, spacing=Space.L))
        doings.table_changed.connect(desk.read_prices)
        doings.not_taken.connect(self.editor.set_problem)
        self.editor.kept.connect(self.on_kept)
        self.editor.removed.connect(self.on_removed)
        self.check.model.currentTextChanged.connect(self.on_model)
        desk.prices_changed.connect(self.on_prices)
        desk.quoted.connect(self.on_quoted)
        self.prices.provider_chosen.connect(self.show_provider)
        self.prices.model_chosen.connect(self.check.choose)
        self.check.asked.connect(self.on_quote_asked)

    @property
    def state(self) -> PageState:
        """Where it stands."""
        if self._desk.price_trouble:
            return PageState.FAILED
        models = self._desk.models(self._priced)
        if models is None:
            return PageState.LOADING
        return PageState.READY if models else PageState.EMPTY

    @Slot(str)
    def show_provider(self, name: str) -> None:
        """Prices of somebody else, who may not be callable."""
        if name != self._priced:
            self._priced, self._awaited = name, ""
            self.on_prices()

    @Slot()
    def on_prices(self) -> None:
        """The prices of a provider are others now."""
        desk, name = self._desk, self._priced
        if desk.price_trouble:
            self.prices.show_failure(desk.price_trouble)
            self._below.show()
            self.editor.show()
            self.changed.emit()
            return
        self.prices.set_providers(desk.names or (), chosen=name)
        if desk.names is not None:
            self.refresh_line.show_table(self._doings.table())
        models = desk.models(name)
        if models is None:
            self.prices.show_waiting()
            desk.want_prices(name)
            return
        look = desk.look(name)
        moved = look is not None and look.standing.address and look.standing.address.moved
        note = (
            self.tr("The address is moved: these are the provider's own prices.") if moved else ""
        )
        self.prices.show_models(
            models, age=desk.age(name), stale_days=desk.stale_days, note=note if models else ""
        )
        run = look.standing.run if look is not None else None
        self.check.set_models([m.name for m in models], first=run.model if run else "")
        if self._awaited:
            self._show_kept(self._awaited)
        self.on_model(self.check.model.currentText())
        self._below.show()
        if not models:
            self.editor.show()
        self.changed.emit()

    @Slot(str)
    def on_model(self, name: str) -> None:
        """The price of another model may be typed over."""
        listed = {model.name: model.row for model in self._desk.models(self._priced) or ()}
        typed = self._doings.typed(self._priced, name)
        self.editor.show_model(name, typed=typed, listed=listed.get(name))

    @Slot(str, object)
    def on_kept(self, model: str, usd: dict[str, float | None]) -> None:
        """The user says what a model costs."""
        if self._doings.keep(self._priced, model, usd):
            self.editor.set_problem("", "")
            self._show_kept(model.strip())

    def _show_kept(self, model: str) -> None:
        """The model whose price was typed is the one that is shown, and not the one before: what
        is removed next would be the price of that one. A new model comes with the next list."""
        self._awaited = "" if self.check.choose(model) else model

    @Slot(str)
    def on_removed(self, model: str) -> None:
        """The tables hold again."""
        self._doings.remove(self._priced, model)

    @Slot(str, object)
    def on_quote_asked(self, model: str, shape: CallShape) -> None:
        """What does this call cost?"""
        self._desk.quote(self._priced, model, shape)
        self.plans.show_call(self._priced, model, shape)

    @Slot(object)
    def on_quoted(self, quote: Quote) -> None:
        """So much."""
        self.check.set_quote(quote, stale_days=self._desk.stale_days)
