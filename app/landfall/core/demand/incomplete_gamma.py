"""The regularised lower incomplete gamma function, which the standard library lacks."""

from __future__ import annotations

import math


def lower_gamma(shape: float, x: float) -> float:
    """Regularised lower incomplete gamma function P(shape, x), to about 1e-12."""
    return math.exp(log_lower_gamma(shape, x)) if x > 0 else 0.0


def log_lower_gamma(shape: float, x: float) -> float:
    """Its logarithm: the power series below shape + 1, the complement's fraction above it."""
    if shape == 1:
        return math.log(-math.expm1(-x))
    head = shape * math.log(x) - x - math.lgamma(shape)
    if x >= shape + 1:
        return math.log1p(-math.exp(head) * _upper_fraction(shape, x))
    term = total = 1 / shape
    place = shape
    while term > total * 1e-16:
        place += 1
        term *= x / place
        total += term
    return min(0.0, head + math.log(total))


def _upper_fraction(shape: float, x: float) -> float:
    """Lentz's evaluation of the continued fraction of Q(shape, x) without its leading factor."""
    tiny = 1e-300
    b = x + 1 - shape
    c = 1 / tiny
    d = 1 / b
    value = d
    for i in range(1, 10_000):
        a = -i * (i - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        value *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return value
