"""The share of requests that are not answered after some seconds: service after a wait.

A wait that is exponential, and for a part of the requests; a service that is gamma-distributed.
"""

from __future__ import annotations

import math

from landfall.core.demand.incomplete_gamma import log_lower_gamma, lower_gamma

_NEARLY_CONSTANT = 1e-4
"""A service time that varies less (squared) is taken to be constant."""
_SHORT_WAIT = 1e-2
"""A wait below this share of the service counts by its mean alone."""
_FOR_EVER = 1e300
"""Mean services after which nothing is left of any of them."""


def late_share(
    seconds: float, service_s: float, cs2: float, waiting: float, mean_wait_s: float
) -> float:
    """Share of requests not answered after some seconds.

    Args:
        seconds: From the request on.
        service_s: Mean service, above 0, gamma-distributed with the squared variation `cs2`.
        waiting: Share of the requests that wait, exponentially.
        mean_wait_s: Mean wait of all requests, those that do not wait among them.
    """
    served_late = 1 - _service_cdf(seconds, service_s, cs2)
    if waiting <= 0 or mean_wait_s <= 0:
        return served_late
    wait = mean_wait_s / waiting
    if wait <= _SHORT_WAIT * service_s:
        # So short against the service that its spread does not matter.
        late_after_wait = 1 - _service_cdf(seconds - wait, service_s, cs2)
        return (1 - waiting) * served_late + waiting * late_after_wait
    return served_late + waiting * _still_waiting(seconds, service_s, cs2, 1 / wait)


def _service_cdf(seconds: float, service_s: float, cs2: float) -> float:
    if cs2 < _NEARLY_CONSTANT:
        return 1.0 if seconds >= service_s else 0.0
    shape = 1 / cs2
    return lower_gamma(shape, seconds * shape / service_s)


_MANY_TERMS = 20_000.0
"""From here on the series is not summed: our choice, as its limit is exact to eight digits there,
and billions of terms, as a target of days after waits of microseconds has, take all memory."""


def _still_waiting(seconds: float, service_s: float, cs2: float, pace: float) -> float:
    """Integral of the service density f(s) times exp(-pace (t - s)) up to t: what the wait adds."""
    if cs2 < _NEARLY_CONSTANT:
        return math.exp(-pace * (seconds - service_s)) if seconds >= service_s else 0.0
    if cs2 == 1:
        return _both_exponential(seconds, service_s, pace)
    shape = 1 / cs2
    scale = service_s * cs2
    rest = 1 / scale - pace
    if rest * seconds > 1e-9:
        log_share = log_lower_gamma(shape, rest * seconds)
        return math.exp(-pace * seconds - shape * math.log(scale * rest) + log_share)
    # The density falls more slowly than the wait: a series of positive terms, summed from logs so
    # that neither the growing nor the falling exponential can overflow.
    growth = max(0.0, -rest * seconds)
    head = shape * math.log(seconds / scale) - math.lgamma(shape) - pace * seconds
    if growth > _MANY_TERMS:
        # Poisson's weights about `growth`: the mean of 1 / (k + shape) under them, to 1 / growth^2.
        middle = growth + shape
        return math.exp(head + growth) * (1 / middle + growth / middle**3)
    terms = int(growth + 12 * math.sqrt(growth) + 30)
    log_growth = math.log(growth) if growth > 0 else -math.inf
    exp, lgamma = math.exp, math.lgamma
    later = [exp(head + k * log_growth - lgamma(k + 1)) / (k + shape) for k in range(1, terms)]
    return math.fsum([exp(head) / shape, *later])


def _both_exponential(seconds: float, service_s: float, pace: float) -> float:
    """The same where the service is exponential too: the series in closed form. Nothing in it
    grows, so that nothing overflows, and equal paces are no exception."""
    # Counted in mean services.
    pace, passed = pace * service_s, min(seconds / service_s, _FOR_EVER)
    apart = abs(1 - pace)
    meanwhile = -math.expm1(-apart * passed) / apart if apart else passed
    return math.exp(-min(1.0, pace) * passed) * meanwhile
