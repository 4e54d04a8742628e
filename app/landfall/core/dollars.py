"""Amounts of money as sentences and reports write them: one way, and that of the window."""

from __future__ import annotations

import math

_WHOLE_FROM = 20.0
_LEAST_USD = 5e-8
"""Below it an amount is what is left of rounding: a token costs more."""
_DUST_USD = 1e-9
"""What adding up a bill leaves behind; no token of any model costs less."""


def usd(amount: float) -> str:
    """USD: whole from 20 up, cents below, two significant digits below a cent; a true minus sign.

    What is paid is never written as nothing, and never with an exponent. The window writes the same
    in the user's language (`gui.format.money`), so that a sentence and the figure beside it agree.
    """
    size = abs(amount)
    if size < _LEAST_USD:
        return "$0.00"
    # What rounds up to 20 is written as 20, so that 19.999 and 20 do not differ in form.
    digits = 0 if round(size, 2) >= _WHOLE_FROM else 2
    if size < 0.01:
        digits = 1 - math.floor(math.log10(size))
    if digits == 0:
        size = math.floor(size + 0.5)  # a half goes up, as Qt has it, and not to the even neighbour
    return f"{'−' if amount < 0 else ''}${size:,.{digits}f}"


def in_usd(amount: float) -> str:
    """The same digits for columns and sentences that name the currency: "0.03 USD"; cents at least,
    so that amounts of a bill stand below one another."""
    size = abs(amount)
    digits = 2 if size < _DUST_USD or size >= 0.01 else 1 - math.floor(math.log10(size))
    return f"{round(amount, digits) + 0.0:,.{digits}f} USD"
