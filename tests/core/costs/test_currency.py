"""USD in the user's currency: by the rate that was typed, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from landfall.core.costs.currency import Currency, shown_currency
from landfall.core.costs.tariff import Tariff
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings, Thresholds

TODAY = date(2026, 11, 26)
EURO = Settings(currency="EUR", currency_usd_rate=1.25, currency_usd_date="2026-11-20")


def test_that_an_amount_is_converted_and_says_the_rate_and_its_date() -> None:
    found = shown_currency(EURO)
    assert isinstance(found, Currency)
    assert found.amount(10.0) == 8.0
    assert not found.is_stale(TODAY)
    assert found.note(TODAY) == "1 EUR = 1.25 USD as of 2026-11-20"


def test_that_an_old_rate_is_flagged() -> None:
    old = shown_currency(replace(EURO, currency_usd_date="2026-10-01"))
    assert isinstance(old, Currency)
    assert old.is_stale(TODAY)
    assert old.note(TODAY).endswith("56 days old: type a newer rate")
    patient = replace(EURO, thresholds=Thresholds(price_stale_days=90))
    kept = shown_currency(replace(patient, currency_usd_date="2026-10-01"))
    assert isinstance(kept, Currency)
    assert not kept.is_stale(TODAY)
    assert kept.age_days(date(2026, 9, 1)) == 0


def test_that_the_currency_of_the_electricity_bill_counts_where_none_is_named() -> None:
    bill = replace(EURO, currency="", electricity=Tariff(price_per_kwh=0.4, currency="EUR"))
    found = shown_currency(bill)
    assert isinstance(found, Currency)
    assert found.code == "EUR"


@pytest.mark.parametrize(
    "settings",
    [Settings(), Settings(currency="USD"), Settings(electricity=Tariff(price_per_kwh=0.2))],
)
def test_that_dollars_stay_dollars(settings: Settings) -> None:
    assert shown_currency(settings) is None


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (replace(EURO, currency_usd_rate=None), "what 1 EUR is in USD was not said"),
        (replace(EURO, currency_usd_date=""), "the date of the rate of EUR was not said"),
        (
            replace(EURO, electricity=Tariff(price_per_kwh=0.3, currency="CHF")),
            "the rate that was typed is that of CHF",
        ),
    ],
)
def test_that_no_rate_is_ever_guessed(settings: Settings, why: str) -> None:
    assert shown_currency(settings) == Unknown(why)
