"""Arithmetic on figures that keeps their bands and their reasons."""

from __future__ import annotations

import math
from collections.abc import Callable

from landfall.core.provenance import Estimated, Figure, Unknown, band


def combined(
    formula: Callable[..., float | None], figures: tuple[Figure, ...], says: str
) -> Figure:
    """A function of figures, with a band from all the low and all the high ends.

    Where an input is unknown the result is, for the same reason. The function may rise in some
    inputs and fall in others: each input's ends are tried apart, and the distances added up as
    independent errors add up (root of the sum of squares).
    """
    for figure in figures:
        if isinstance(figure, Unknown):
            return figure
    bands = [ends for figure in figures if (ends := band(figure)) is not None]
    mids = [ends[1] for ends in bands]
    mid = formula(*mids)
    if mid is None or not math.isfinite(mid):
        return Unknown(f"cannot be computed: {says}")
    down = up = 0.0
    for index, (low, _, high) in enumerate(bands):
        if low == high:
            continue
        for end in (low, high):
            value = formula(*mids[:index], end, *mids[index + 1 :])
            if value is None or not math.isfinite(value):
                continue
            up += max(0.0, value - mid) ** 2
            down += max(0.0, mid - value) ** 2
    return Estimated(mid - math.sqrt(down), mid, mid + math.sqrt(up), says)
