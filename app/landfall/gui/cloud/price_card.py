"""The models of a provider with their prices: search, order, what a key may use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui import grown
from landfall.gui.cloud.price_view import list_note, price_columns, price_rows
from landfall.gui.cloud.view import age_words
from landfall.gui.dates import when
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, SearchField, SegmentedControl
from landfall.gui.widgets.feedback import EmptyState, Skeleton
from landfall.gui.widgets.layout import BLEED, Card, Swap, column, holder, label, row
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.services.cloud.price_list import ListedModel, PriceAge
    from landfall.services.pricing.prices import ProviderName

ROW = 44
ROWS_MAX = 9
HEAD = 28


class PriceCard(Card):
    """Prices of one provider at a time.

    Signals:
        provider_chosen: The id of another provider whose prices are wanted.
        model_chosen: The name of the model that was selected.
    """

    provider_chosen = Signal(str)
    model_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(self.tr("Prices, $ per million tokens"))
        self._models: tuple[ListedModel, ...] = ()
        self._source = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._source.setObjectName("price-source")
        self.provider = Choice(self.tr("Whose prices"), (), width=170)
        self.provider.setObjectName("price-provider")
        # By its names Qt makes it wider only when the font is set anew: not when they come.
        self.provider.setSizeAdjustPolicy(
            Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.provider.setPlaceholderText(self.tr("Somebody else"))
        self.search = SearchField(self.tr("Find a model"), width=180)
        self.search.setObjectName("price-search")
        self.offers = SegmentedControl((self.tr("All"), self.tr("Offered to your key")))
        self.offers.setObjectName("price-offers")
        self.offers.hide()
        self._place = Swap(self._padded(Skeleton(520, 460, 500, 440, 480)))
        self.table: DataTable | None = None
        self._build()
        self.provider.activated.connect(self._on_provider)
        self.search.textChanged.connect(self._on_search)
        self.offers.chosen.connect(self._on_offers)

    def _build(self) -> None:
        self.add_actions(self.offers, self.provider, self.search)
        source = row(self._source)
        source.setContentsMargins(BLEED, 0, BLEED, 0)
        self.bleed()
        self.add(source, self._place)

    def _padded(self, inner: QWidget) -> QWidget:
        return holder(column(inner, margins=(BLEED, Space.S, BLEED, Space.M)))

    # Whose prices

    def set_providers(self, names: Sequence[ProviderName], *, chosen: str) -> None:
        """Everyone who has prices."""
        known = [self.provider.itemData(i) for i in range(self.provider.count())]
        if known != [name.id for name in names]:
            self.provider.clear()
            for name in names:
                self.provider.addItem(name.name, name.id)
        index = self.provider.findData(chosen)
        self.provider.setCurrentIndex(index)

    @Slot(int)
    def _on_provider(self, index: int) -> None:
        self.provider_chosen.emit(self.provider.itemData(index))

    # What is shown

    def show_waiting(self) -> None:
        """The prices are being read."""
        self.table = None
        self._place.hold(self._padded(Skeleton(520, 460, 500, 440, 480)))
        self._source.setText("")

    def show_failure(self, text: str) -> None:
        """The prices could not be read."""
        self.table = None
        self._source.setText("")
        title = self.tr("The prices could not be read")
        self._place.hold(EmptyState("fail", title, text))

    def show_models(
        self,
        models: tuple[ListedModel, ...],
        *,
        age: PriceAge | None,
        stale_days: int,
        note: str = "",
    ) -> None:
        """Show these models.

        Args:
            models: In their order.
            age: How old the prices are.
            stale_days: From when on they are stale.
            note: What else has to be said about them.
        """
        self._models = models
        asked = any(model.offered is not None for model in models)
        self.offers.setVisible(asked)
        if asked:
            self.offers.set_count(0, len(models))
            self.offers.set_count(1, sum(bool(model.offered) for model in models))
        self._say_source(age, stale_days=stale_days, note=note)
        if not models:
            self.table = None
            self._place.hold(self._nothing())
            return
        if self.table is None:
            self.table = self._new_table()
            self._place.hold(self.table)
        self.table.set_rows(price_rows(models, stale_days=stale_days))
        self._filter()

    def _nothing(self) -> EmptyState:
        return EmptyState(
            "search",
            self.tr("No price table knows this provider"),
            self.tr(
                "What its models cost stays unknown until you enter a price of your own below."
            ),
        )

    def _new_table(self) -> DataTable:
        table = DataTable(
            price_columns(), self.tr("Prices"), row_height=ROW, scrolls=True, sortable=True
        )
        table.setObjectName("prices")
        table.chosen.connect(self._on_model)
        return table

    def _say_source(self, age: PriceAge | None, *, stale_days: int, note: str) -> None:
        words = [list_note(self._models)]
        if age is not None:
            stale = age.days > stale_days
            words.append(when(age.as_of.isoformat()))
            words.append(age_words(age.days))
            words += [self.tr("stale")] if stale else []
            self._source.set_tone("caution" if stale else "text_2")
        text = ", ".join(word for word in words if word)
        self._source.setText(f"{text}. {note}".strip(" .") + "." if text or note else "")
        self._source.setVisible(bool(text or note))

    # What of it

    @Slot(str)
    def _on_search(self, _text: str) -> None:
        self._filter()

    @Slot(int)
    def _on_offers(self, _index: int) -> None:
        self._filter()

    def _filter(self) -> None:
        if self.table is None:
            return
        self.table.filter.search(self.search.text())
        only = self.offers.isVisibleTo(self) and self.offers.current == 1
        self.table.filter.keep(self._is_offered if only else None)
        # As high while it is searched: nothing below it moves with each letter.
        rows = min(max(len(self._models), 1), ROWS_MAX)
        grown.fix_height(self.table, ROW, times=rows, rest=HEAD + 1)

    def _is_offered(self, row_: int) -> bool:
        return bool(self._models[row_].offered)

    @Slot(int)
    def _on_model(self, row_: int) -> None:
        if row_ >= 0:
            self.model_chosen.emit(self._models[row_].name)
