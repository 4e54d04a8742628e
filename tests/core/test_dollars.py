"""Amounts of money in sentences: written once, and as the window writes them."""

from __future__ import annotations

import pytest

from landfall.core.dollars import in_usd, usd


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (1234.5, "$1,234"),
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
