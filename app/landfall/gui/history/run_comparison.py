"""Two runs of the history side by side: figures, what differs, and their curves in one chart."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui import grown
from landfall.gui.format import money, whole
from landfall.gui.history.comparison_words import (
    Write,
    comparison_columns,
    comparison_row,
    conditions_words,
    names_words,
    writes,
)
from landfall.gui.settings.tariff_words import money_in
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Row
from landfall.gui.widgets.chart_slot import ChartSlot
from landfall.gui.widgets.layout import BLEED, Card, column, label
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.services.history.records import RunRecord
    from landfall.services.history.run_comparison import Comparison

CHART_HEIGHT = 190


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


class RunComparison(Card):
    """The table, the sentences below it, and both rates over time."""

    def __init__(self, first: RunRecord, second: RunRecord, found: Comparison) -> None:
        note = names_words(first, second)
        super().__init__(_tr("Two runs compared"), note=note)
        self.bleed()
        self.setObjectName("run-comparison")
        table = DataTable(comparison_columns(), _tr("Two runs compared"), row_height=40)
        table.setObjectName("compare-table")
        table.set_rows(_rows(first, second, found))
        alike = _tr("Same model, place, engine, context and prompt.")
        words = conditions_words(
            all_translated(found.differing), all_translated(found.untold), alike
        )
        differs = label(words, tone="text", wrap=True)
        differs.setObjectName("compare-differences")
        method = label(_method(found), Text.CAPTION, tone="text_3", wrap=True)
        method.setObjectName("compare-method")
        self._rates: tuple[Sequence[tuple[float, float]], ...] = ()
        self._names = (_tr("First"), _tr("Second"))
        self.slot = ChartSlot("landfall.gui.widgets.live_chart", _make)
        grown.fix_height(self.slot, CHART_HEIGHT)
        self.slot.hide()
        self.slot.loaded.connect(self._show_rates)
        self.add(table)
        below = column(differs, method, self.slot, spacing=Space.XS)
        below.setContentsMargins(BLEED, Space.XS, BLEED, Space.XS)
        self.body.addLayout(below)

    def show_rates(self, *rates: Sequence[tuple[float, float]]) -> None:
        """Tokens a second of both over the time since each prompt was sent."""
        if not any(rates):
            return
        self._rates = rates
        self.slot.show()
        self.slot.load()
        self._show_rates()

    @Slot()
    def _show_rates(self) -> None:
        chart: Any = self.slot.chart
        if chart is None or not self._rates:
            return
        chart.clear_curves()
        roles = ("here", "hosted")
        for i, points in enumerate(self._rates):
            chart.add_rates(points, key=str(i), name=self._names[i], role=roles[i])
        chart.draw_now()


def _make(module: ModuleType) -> QWidget:
    chart: QWidget = module.LiveChart()
    return chart


def _rows(first: RunRecord, second: RunRecord, found: Comparison) -> tuple[Row, ...]:
    currency = first.electricity_currency or second.electricity_currency or ""
    return tuple(
        comparison_row(caption, found.differences[name], write, repeated=_tr("of {0} such runs"))
        for name, (caption, write) in figures(currency).items()
        if name in found.differences
    )


def figures(currency: str) -> dict[str, tuple[str, Write]]:
    """The figures of a run: what they are called and how they are written."""

    def electricity(value: float) -> str:
        return money_in(value, currency)

    seconds, rate = writes(Unit.SECONDS), writes(Unit.TOKENS_PER_SECOND)
    joules, count = writes(Unit.JOULES), writes(Unit.COUNT)
    return {
        "ttft_seconds": (_tr("First token"), seconds),
        "load_seconds": (_tr("Load"), seconds),
        "prefill_tok_s": (_tr("Prefill"), rate),
        "decode_tok_s": (_tr("Decode"), rate),
        "client_decode_tok_s": (_tr("Decode, as it arrived here"), rate),
        "inter_token_p95_seconds": (_tr("Between tokens, 95 of 100"), seconds),
        "total_seconds": (_tr("Whole answer"), seconds),
        "prompt_tokens": (_tr("Tokens in"), count),
        "output_tokens": (_tr("Tokens out"), count),
        "thinking_tokens": (_tr("Of these, thinking"), count),
        "gross_joules": (_tr("Energy, gross"), joules),
        "net_joules": (_tr("Energy above idle, net"), joules),
        "joules_per_token": (_tr("Energy per token out"), writes(Unit.JOULES_PER_TOKEN)),
        "idle_watts": (_tr("Idle draw"), writes(Unit.WATTS)),
        "electricity_cost": (_tr("Electricity"), electricity),
        "cost_usd": (_tr("Cost"), money),
    }


def _method(found: Comparison) -> str:
    """Where the noise comes from, in a sentence."""
    a, b = found.others
    if not a and not b:
        return _tr(
            "One run against one run tells no noise. Run the same prompt at least three times under"
            " each of the conditions, or compare two benchmarks."
        )
    if not found.differing and not found.untold:
        words = _tr(
            "Noise: {0} other runs under the same conditions. A difference is more than noise where"
            " it is larger than between any two of them."
        )
        return words.format(whole(a))
    words = _tr(
        "Noise: {0} and {1} other runs under the conditions of each, by a rank-sum test. Chance may"
        " do this in one of ten cases at most; energy must also differ by more than the meters err."
    )
    return words.format(whole(a), whole(b))
