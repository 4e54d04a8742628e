"""USD in the user's own currency, beside every amount of money that is shown.

The settings say the currency and its rate; `use` takes them on. Money keeps its dollars: what it is
in the other currency stands in its note, with the rate and the date of the rate.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.costs.currency import Currency, shown_currency
from landfall.gui import dates
from landfall.gui import format as formats
from landfall.gui.settings.tariff_words import money_in

if TYPE_CHECKING:
    from landfall.core.settings import Settings


def _tr(text: str) -> str:
    return QCoreApplication.translate("currency", text)


def use(settings: Settings) -> None:
    """Show money in the currency of these settings too, where a dated rate is known."""
    currency = shown_currency(settings)
    known = currency if isinstance(currency, Currency) else None
    formats.convert_money_with(None if known is None else _Converter(known))


class _Converter:
    """Amounts of one currency in words."""

    def __init__(self, currency: Currency) -> None:
        self._currency = currency

    def __call__(self, usd: float, suffix: str) -> str:
        """ "0.92 EUR / M (1 EUR = 1.08 USD as of 20 Nov)"."""
        currency = self._currency
        amount = formats.joined(money_in(currency.amount(usd), currency.code), suffix)
        return f"{amount} ({rate_words(currency)})"


def rate_words(currency: Currency, *, today: date | None = None) -> str:
    """The rate, its date, and a warning where it is old."""
    day = today or datetime.now(UTC).date()
    rate = _tr("1 {0} = {1} USD as of {2}").format(
        currency.code,
        formats.plain_number(currency.usd_per_unit),
        dates.when(currency.as_of.isoformat()),
    )
    if not currency.is_stale(day):
        return rate
    return _tr("{0}, {1} days old: type a newer rate").format(rate, currency.age_days(day))
