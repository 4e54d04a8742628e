"""Amounts of money in sentences: written once, and as the window writes them."""

from __future__ import annotations

import pytest

from landfall.core.dollars import in_usd, usd


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1234.5, "$1,235"),
        (20.0, "$20"),
        (19.999, "$20"),
        (13.84, "$13.84"),
        (9.5, "$9.50"),
        (0.0064, "$0.0064"),
        (0.000033, "$0.000033"),
        (-20.0, "−$20"),
        (0.0, "$0.00"),
        (-1e-12, "$0.00"),
    ],
)
def test_that_money_reads_as_money(amount: float, text: str) -> None:
    assert usd(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0.03, "0.03 USD"), (0.00038, "0.00038 USD"), (1234.5, "1,234.50 USD"), (-1e-12, "0.00 USD")],
)
def test_that_an_amount_of_a_bill_has_its_cents_and_is_never_rounded_to_nothing(
    amount: float, text: str
) -> None:
    assert in_usd(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (4.9e-8, "$0.00"),
        (5e-8, "$0.000000050"),
        (-5.1e-8, "−$0.000000051"),
        (0.00999, "$0.0100"),
        (0.0099, "$0.0099"),
        (0.01, "$0.01"),
        (-0.5, "−$0.50"),
        (19.994, "$19.99"),
        (19.996, "$20"),
        (20.4, "$20"),
        (1_000_000.0, "$1,000,000"),
    ],
)
def test_that_the_digits_of_an_amount_change_where_it_is_said(amount: float, text: str) -> None:
    assert usd(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0099, "0.0099 USD"),
        (0.01, "0.01 USD"),
        (1e-9, "0.0000000010 USD"),
        (9e-10, "0.00 USD"),
        (0.0, "0.00 USD"),
        (-0.004, "-0.0040 USD"),
        (-2.5, "-2.50 USD"),
    ],
)
def test_that_an_amount_that_names_its_currency_has_cents_at_least(
    amount: float, text: str
) -> None:
    assert in_usd(amount) == text
