"""Where a falling function crosses zero: where a search for a wait or for people served ends."""

from __future__ import annotations

import math
from collections.abc import Callable


def zero_of_falling(
    function: Callable[[float], float], low: float, above: float, high: float, under: float
) -> float:
    """Where a falling function is no longer above 0, by secants (Illinois) and halving in turns.

    Accurate to 1e-10 of the zero.

    Args:
        low, high: The zero lies between them.
        above, under: The function there; infinite where it has no logarithm.
    """
    for turn in range(120):
        width = high - low
        if width <= 1e-10 * high:
            break
        secant = turn % 3 and math.isfinite(above - under)
        middle = high + under / (above - under) * width if secant else (low + high) / 2
        if not low < middle < high:
            middle = (low + high) / 2
        value = function(middle)
        if value > 0:
            low, above = middle, value
            under /= 2 if secant else 1
        else:
            high, under = middle, value
            above /= 2 if secant else 1
    return high
