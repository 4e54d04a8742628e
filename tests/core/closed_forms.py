"""Closed forms that the worked cases set beside those of the program, which needs none of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from landfall.core.demand.queueing import erlang_b, utilisation


def fluid_share(
    hourly_rates_per_s: Sequence[float], *, service_s: float, slots: int, load: float = 0.8
) -> float:
    """What would be absorbed if requests came evenly, slots being `load` busy: too rosy."""
    most = load * slots / service_s
    absorbed = math.fsum(min(rate, most) for rate in hourly_rates_per_s)
    return absorbed / math.fsum(hourly_rates_per_s)


def split_overflow_share(hosts: int, slots_each: int, offered: float) -> float:
    """Share turned away when requests are dealt to hosts at random: slots are not pooled."""
    return erlang_b(slots_each, offered / hosts)


def mean_wait_sakasegawa(
    rate_per_s: float, *, service_s: float, slots: int = 1, ca2: float = 1.0, cs2: float = 1.0
) -> float:
    """Mean seconds before a slot is free by Sakasegawa (1977): a check of Allen and Cunneen."""
    rho = utilisation(rate_per_s, service_s=service_s, slots=slots)
    if rho >= 1:
        return math.inf
    if rho <= 0:
        return 0.0
    power = math.sqrt(2 * (slots + 1)) - 1
    return math.pow(rho, power) / (slots * (1 - rho)) * service_s * (ca2 + cs2) / 2
