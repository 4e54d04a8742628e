"""Every amount of money says what it is in the user's currency, with the date of the rate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from landfall.core.costs.currency import Currency
from landfall.core.provenance import Estimated, Stated, Unknown
from landfall.core.settings import Settings
from landfall.gui import currency_words
from landfall.gui.dates import when
from landfall.gui.format import converted, shown
from landfall.gui.units import Unit

TODAY = datetime.now(UTC).date().isoformat()
EURO = Settings(currency="EUR", currency_usd_rate=1.25, currency_usd_date=TODAY)


@pytest.fixture(autouse=True)
def dollars_again() -> Iterator[None]:
    yield
    currency_words.use(Settings())


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_that_money_keeps_its_dollars_and_its_note_has_the_other_currency() -> None:
    currency_words.use(EURO)
    seen = shown(Stated(10.0, "quotes"), Unit.USD_MONTH)
    assert seen.value == "$10.00"
    assert plain(seen.note) == f"quotes\n8.00 EUR (1 EUR = 1.25 USD as of {plain(when(TODAY))})"
    assert "8.00 EUR" in plain(seen.spoken)


def test_that_a_unit_goes_along() -> None:
    currency_words.use(EURO)
    seen = shown(Estimated(0.5, 1.0, 2.0, ""), Unit.USD_PER_MTOK)
    assert plain(seen.note).startswith("0.80 EUR / M (")


def test_that_what_is_no_money_or_not_known_has_no_other_currency() -> None:
    currency_words.use(EURO)
    assert "EUR" not in shown(Stated(10.0, "x"), Unit.WATTS).note
    assert shown(Unknown("nobody said"), Unit.USD).note == "nobody said"


@pytest.mark.parametrize("settings", [Settings(), Settings(currency="EUR")])
def test_that_without_a_dated_rate_money_stays_in_dollars(settings: Settings) -> None:
    currency_words.use(EURO)
    currency_words.use(settings)
    assert shown(Stated(10.0, "x"), Unit.USD).note == "x"
    assert converted(10.0) == ""


def test_that_an_old_rate_asks_for_a_newer_one() -> None:
    old = Currency(code="EUR", usd_per_unit=1.25, as_of=date(2026, 1, 1))
    words = currency_words.rate_words(old, today=date(2026, 4, 1))
    assert words.endswith(", 90 days old: type a newer rate")
