"""Paired differences of scores and how sure their mean is, where prompts may share a source."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

DRAWS = 2_000
"""Of a bootstrap."""
MOST_DRAWN = 2_000
"""Prompts or clusters beyond which a mean is as good as normal: nothing is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Differences of scores, one for each prompt.

    Attributes:
        values: From -1 to 1.
        units: The number of each prompt's cluster, from 0; none where `clusters` is 0.
        clusters: How many there are; 0 where every prompt stands for itself.
    """

    values: tuple[float, ...]
    units: tuple[int, ...] = ()
    clusters: int = 0

    @property
    def mean(self) -> float:
        """0 without a prompt."""
        return fmean(self.values) if self.values else 0.0

    @property
    def variance(self) -> float:
        """Mean squared distance from the mean."""
        mean = self.mean
        return fmean((value - mean) ** 2 for value in self.values) if self.values else 0.0

    @property
    def sums(self) -> list[tuple[float, int]]:
        """The sum and the count of each cluster, or of each prompt where there are none."""
        if not self.clusters:
            return [(value, 1) for value in self.values]
        sums = [0.0] * self.clusters
        counts = [0] * self.clusters
        for value, unit in zip(self.values, self.units, strict=True):
            sums[unit] += value
            counts[unit] += 1
        return list(zip(sums, counts, strict=True))

    @property
    def design_effect(self) -> float:
        """By how much clusters widen the variance of the mean, at least 1.

        The clustered variance (Liang and Zeger, 1986; proposed for evaluations of language models
        by Miller, arXiv 2411.00640) over that of independent prompts. 1 where nothing differs: then
        there is nothing to see it by.
        """
        if not self.clusters or not self.variance:
            return 1.0
        if self.clusters == 1:
            return float(len(self.values))
        mean = self.mean
        together = math.fsum((total - count * mean) ** 2 for total, count in self.sums)
        alone = self.variance * len(self.values)
        return max(1.0, together * self.clusters / (self.clusters - 1) / alone)


def differences(
    places: Sequence[int], clusters: Sequence[str], values: Sequence[float]
) -> Differences:
    """Differences with their clusters numbered; a prompt without a cluster is one by itself.

    Where no two prompts share a cluster there are none.
    """
    numbers: dict[str, int] = {}
    names = (
        f"c{cluster}" if cluster else f"p{place}"
        for place, cluster in zip(places, clusters, strict=True)
    )
    units = tuple(numbers.setdefault(name, len(numbers)) for name in names)
    if len(numbers) == len(units):
        return Differences(values=tuple(values))
    return Differences(values=tuple(values), units=units, clusters=len(numbers))


def effective_prompts(found: Differences, z: float, *, design_effect: float) -> float:
    """Independent prompts that say as much; fewer still where clusters are few (Student's t).

    The adjustment is that of Korn and Graubard (1998) for shares from surveys.
    """
    prompts = len(found.values) / design_effect
    if found.clusters > 1:
        prompts *= (z / student_t(z, found.clusters - 1)) ** 2
    return prompts


def student_t(z: float, freedom: int) -> float:
    """The quantile of Student's t that has the tail of this z, for one degree of freedom or more.

    The expansion in powers of 1/freedom (Abramowitz and Stegun, 26.7.5), within 1 % of the truth
    from five degrees on for the z of gates, and too small below.
    """
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1))


def mean_interval(
    found: Differences, z: float, *, design_effect: float, seed: int
) -> tuple[float, float]:
    """The interval of a mean of graded differences; (-1, 1) without a prompt.

    The wider of Student's t and a percentile bootstrap (Efron, 1979) that draws clusters where
    there are some, and never narrower than Tango's interval of as many prompts without any
    difference: what was not seen in 30 prompts may still be one in twelve.
    """
    prompts = effective_prompts(found, z, design_effect=design_effect)
    if len(found.values) < 2 or found.clusters == 1:
        return -1.0, 1.0
    freedom = (found.clusters or len(found.values)) - 1
    spread = found.variance * len(found.values) / (len(found.values) - 1)
    error = math.sqrt(spread * design_effect / len(found.values))
    half = max(student_t(z, freedom) * error, z * z / (prompts + z * z))
    low, high = found.mean - half, found.mean + half
    sums = found.sums
    if found.variance and len(sums) <= MOST_DRAWN:
        drawn = _drawn_means(sums, random.Random(seed))
        tail = 1 - NormalDist().cdf(z)
        last = len(drawn) - 1
        low = min(low, drawn[math.floor(tail * last)])
        high = max(high, drawn[math.ceil((1 - tail) * last)])
    return max(-1.0, low), min(1.0, high)


def _drawn_means(sums: Sequence[tuple[float, int]], chance: random.Random) -> list[float]:
    totals = [total for total, _ in sums]
    if all(count == 1 for _, count in sums):
        return sorted(fmean(chance.choices(totals, k=len(totals))) for _ in range(DRAWS))
    means = []
    for _ in range(DRAWS):
        chosen = chance.choices(sums, k=len(sums))
        means.append(sum(total for total, _ in chosen) / sum(count for _, count in chosen))
    return sorted(means)
