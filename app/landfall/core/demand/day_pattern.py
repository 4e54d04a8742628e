"""How the days of a record differ: what a busy one holds, and how many are how full.

Work that comes in bursts has a mean day that never was: the same calls on four days of a month ask
for eight times the machines, and keep a rented one on for an eighth of the hours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from landfall.core.demand.queueing import BUSIEST_SHARE, quantile

CLASSES = 10
"""Days with about the same work are put together; one number stands for each class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPattern:
    """Days over the mean day, whatever that is.

    Attributes:
        busy: A busy day: the 95th percentile of the days with work. Of all days it would be 0, or
            somewhere between nothing and a burst, where work is rare.
        classes: Days with work, as (over the mean day, share of all days).
    """

    busy: float
    classes: tuple[tuple[float, float], ...]

    @property
    def worked_share(self) -> float:
        """Share of the days with work."""
        return math.fsum(share for _, share in self.classes)


def day_pattern(days: Sequence[float]) -> DayPattern | None:
    """The pattern of the calls of observed days; None where fewer than two say nothing."""
    mean = math.fsum(days) / len(days) if days else 0.0
    worked = sorted(day for day in days if day > 0)
    if len(days) < 2 or mean <= 0:
        return None
    busy = quantile(worked, BUSIEST_SHARE)
    size = math.ceil(len(worked) / CLASSES)
    parts = [worked[at : at + size] for at in range(0, len(worked), size)]
    return DayPattern(
        busy=busy / mean,
        classes=tuple(
            (math.fsum(part) / len(part) / mean, len(part) / len(days)) for part in parts
        ),
    )
