"""How far predictions of memory were off, over the loads that were kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Distances of predictions from what was measured, as shares of that.

    Attributes:
        loads: How many were compared.
        median: Of the distances; half of the loads were nearer.
        worst: The largest distance.
    """

    loads: int
    median: float
    worst: float


def accuracy(pairs: Iterable[tuple[int | None, int | None]]) -> Accuracy | None:
    """Of pairs of predicted and measured bytes; None where nothing can be compared."""
    distances = sorted(
        abs(predicted / measured - 1)
        for predicted, measured in pairs
        if predicted is not None and measured
    )
    if not distances:
        return None
    half = len(distances) // 2
    median = distances[half]
    if len(distances) % 2 == 0:
        median = (distances[half - 1] + distances[half]) / 2
    return Accuracy(loads=len(distances), median=median, worst=distances[-1])
