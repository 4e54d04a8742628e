"""Money in the currency it was paid in."""

from __future__ import annotations

import math

from landfall.gui.format import NBSP, money, number


def money_in(value: float, currency: str) -> str:
    """Dollars with their sign, any other currency with its code behind the number: "1.20 EUR".

    Whole from 20 up, cents below, two significant digits below a cent, as `format.money`.
    """
    if currency in ("", "USD"):
        return money(value)
    size = abs(value)
    digits = 0 if round(size, 2) >= 20 else 2
    if 0 < size < 0.01:
        digits = 1 - math.floor(math.log10(size))
    return f"{number(value, digits=digits)}{NBSP}{currency}"
