"""The purchase of the worked cases: what a month saves, where that turns, and how sure it is.

Everything that decides stands in one `Purchase`; each of its numbers can be asked for the value at
which nothing is saved any more, and all of them can be drawn from what is doubted about them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from statistics import NormalDist

from landfall.core.costs import cost, payback
from landfall.core.demand.queueing import quantile
from landfall.core.figures import Triangle

DRAWS = 2000
_REACH = 1e6
"""A flip is looked for from a millionth of a value to a million times it."""
_WHOLE = frozenset({"residual_share"})
"""Inputs that are shares: they end at 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A machine that would serve a workload now billed by the token.

    Attributes:
        tokens_per_day: In and out together.
        cloud_usd_per_mtok: What the replaced option costs, weighted as the tokens are.
        joules_per_token: Above idle, weighted the same way.
        ops_hours: Hours of care a month.
        price_usd: Of the machine.
        residual_share: What is left of the price after `months`.
        idle_watts: Drawn all month.
    """

    tokens_per_day: float
    cloud_usd_per_mtok: float
    joules_per_token: float
    usd_per_kwh: float
    ops_hours: float
    hourly_rate_usd: float
    price_usd: float
    residual_share: float
    months: float
    idle_watts: float

    @property
    def local_usd_per_mtok(self) -> float:
        """What a million tokens add to the electricity bill."""
        return cost.energy_usd(self.joules_per_token * 1e6, self.usd_per_kwh)

    @property
    def fixed_usd_month(self) -> float:
        """What the machine costs without a single token."""
        idle_kwh = cost.energy_kwh_month(
            idle_watts=self.idle_watts, active_watts=self.idle_watts, busy_hours_per_day=0
        )
        fall = cost.depreciation_month(
            self.price_usd, residual_share=self.residual_share, months=self.months
        )
        return fall + self.ops_hours * self.hourly_rate_usd + idle_kwh * self.usd_per_kwh

    @property
    def saving_usd_month(self) -> float:
        """The bill less everything the machine costs; negative where it costs more."""
        gain = self.cloud_usd_per_mtok - self.local_usd_per_mtok
        return self.tokens_per_day * cost.DAYS_PER_MONTH / 1e6 * gain - self.fixed_usd_month

    @property
    def breakeven_tokens_per_day(self) -> float:
        """Tokens a day at which it saves nothing; infinite where no volume would do."""
        return payback.breakeven_tokens_day(
            self.fixed_usd_month,
            cloud_usd_per_mtok=self.cloud_usd_per_mtok,
            local_usd_per_mtok=self.local_usd_per_mtok,
        )


INPUTS = tuple(Purchase.__dataclass_fields__)
"""The names of what can be varied."""


def flip(purchase: Purchase, name: str) -> float | None:
    """The value of one input at which the saving is nothing, all others as they are.

    None where no plausible value turns it: every input acts in one direction only.
    """
    now = getattr(purchase, name)

    def saving(value: float) -> float:
        return replace(purchase, **{name: value}).saving_usd_month

    if now <= 0:
        return None
    reach = 1.0 if name in _WHOLE else now * _REACH
    for end in (now / _REACH, reach):
        if (saving(end) > 0) != (saving(now) > 0):
            return _crossing(saving, now, end)
    return None


def _crossing(function: Callable[[float], float], start: float, end: float) -> float:
    """Where a function changes its sign between two positive points, searched by ratio."""
    side = function(start) > 0
    low, high = math.log(start), math.log(end)
    for _ in range(100):
        middle = (low + high) / 2
        if (function(math.exp(middle)) > 0) == side:
            low = middle
        else:
            high = middle
    return math.exp((low + high) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What is not known about a purchase.

    Attributes:
        volume_log_mean: Mean of the logarithm of real over expected volume.
        volume_log_sd: Its standard deviation, from the error of the forecast.
        yearly_decline: By which share cloud prices fall in a year.
        decline_years: Years of decline that the mean month has seen.
        ops_hours: Hours of care a month.
        residual_share: What is left of the price.
    """

    volume_log_mean: float
    volume_log_sd: float
    yearly_decline: Triangle
    decline_years: float
    ops_hours: Triangle
    residual_share: Triangle


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How a purchase fares in all the worlds drawn.

    Attributes:
        local_cheaper: Share of the worlds in which it saves.
        mean_saving_usd: Mean of the monthly saving.
        regret_usd: Mean monthly cost of having chosen by the mean; no measurement is worth more
            than this (expected value of perfect information).
        low_usd: The saving that one world in twenty falls short of.
        high_usd: The saving that one world in twenty exceeds.
    """

    local_cheaper: float
    mean_saving_usd: float
    regret_usd: float
    low_usd: float
    high_usd: float


def odds(purchase: Purchase, doubts: Doubts, *, draws: int = DRAWS, seed: int = 2026) -> Odds:
    """Weigh a purchase over what is doubted about it.

    Every doubt is drawn once from each of `draws` equally likely slices of its distribution (Latin
    hypercube), so that a few thousand worlds settle the mean.
    """
    random = Random(seed)
    normal = NormalDist()
    volume, decline, ops, residual = (_slices(draws, random) for _ in range(4))
    savings: list[float] = []
    for v, d, o, r in zip(volume, decline, ops, residual, strict=True):
        growth = math.exp(doubts.volume_log_mean + doubts.volume_log_sd * normal.inv_cdf(v))
        fall = math.pow(1 - doubts.yearly_decline.at(d), doubts.decline_years)
        world = replace(
            purchase,
            tokens_per_day=purchase.tokens_per_day * growth,
            cloud_usd_per_mtok=purchase.cloud_usd_per_mtok * fall,
            ops_hours=doubts.ops_hours.at(o),
            residual_share=doubts.residual_share.at(r),
        )
        savings.append(world.saving_usd_month)
    mean = math.fsum(savings) / draws
    best = math.fsum(saving for saving in savings if saving > 0) / draws
    return Odds(
        local_cheaper=sum(saving > 0 for saving in savings) / draws,
        mean_saving_usd=mean,
        regret_usd=best - max(0.0, mean),
        low_usd=quantile(savings, 0.05),
        high_usd=quantile(savings, 0.95),
    )


def _slices(draws: int, random: Random) -> list[float]:
    """One point of each of so many equal slices of (0, 1), in random order."""
    # The open interval: the ends of a normal distribution lie at infinity.
    points = [(index + random.uniform(1e-9, 1 - 1e-9)) / draws for index in range(draws)]
    random.shuffle(points)
    return points
