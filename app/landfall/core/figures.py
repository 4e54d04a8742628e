"""Arithmetic on figures that keeps their bands and their reasons, and how a band is drawn from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from landfall.core.provenance import Estimated, Figure, Unknown


def combined(
    formula: Callable[..., float | None], figures: tuple[Figure, ...], says: str
) -> Figure:
    """A function of figures, with a band from all the low and all the high ends.

    Where an input is unknown the result is, for the same reason. The function may rise in some
    inputs and fall in others: each input's ends are tried apart, and the distances added up as
    independent errors add up (root of the sum of squares). What is not negative at any of its ends
    is not negative together.
    """
    mids: list[float] = []
    wide: list[tuple[int, float, float]] = []
    for index, figure in enumerate(figures):
        if isinstance(figure, Estimated):
            mids.append(figure.mid)
            if figure.low != figure.high:
                wide.append((index, figure.low, figure.high))
        elif isinstance(figure, Unknown):
            return figure
        else:
            mids.append(figure.value)
    mid = formula(*mids)
    if mid is None or not math.isfinite(mid):
        return Unknown(f"cannot be computed: {says}")
    if not wide:
        return Estimated(mid, mid, mid, says)
    ends = [
        value
        for index, *both in wide
        for end in both
        if (value := formula(*mids[:index], end, *mids[index + 1 :])) is not None
        and math.isfinite(value)
    ]
    # Not the root of a sum: squares of what a stated bill may be are no numbers any more.
    down = math.hypot(*[max(0.0, mid - value) for value in ends])
    up = math.hypot(*[max(0.0, value - mid) for value in ends])
    low = mid - down
    if min(mid, *ends, mid) >= 0:
        low = max(0.0, low)
    return Estimated(low, mid, mid + up, says)


@dataclass(frozen=True, slots=True)
class Triangle:
    """A triangular distribution: least, likeliest and greatest value."""

    low: float
    mode: float
    high: float

    def at(self, share: float) -> float:
        """The value below which a share of the draws lies."""
        width = self.high - self.low
        if width <= 0:
            return self.mode
        rise = (self.mode - self.low) / width
        if share < rise:
            return self.low + math.sqrt(share * width * (self.mode - self.low))
        return self.high - math.sqrt((1 - share) * width * (self.high - self.mode))
