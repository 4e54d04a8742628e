"""Round steps and tick labels that the painted charts share."""

from __future__ import annotations

import math

from landfall.gui.format import money

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_ROUND_SECONDS = (
    *(float(n) for n in (1, 2, 5, 10, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 6, 12)),
)
"""What people call round; 1,000 seconds are not."""
_STEPS = 5
"""About so many cover an axis."""


def nice_step(span: float, count: int = _STEPS) -> float:
    """1, 2 or 5 times a power of ten, so that about `count` steps cover the span."""
    if span <= 0:
        return 1.0
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))


def tick_step(span: float, count: int = _STEPS) -> float:
    """The step of `ticks`: never so wide that the axis would show one number alone."""
    while (step := nice_step(span, count)) > span / 1.5 and span > 0:
        count += 1
    return step


def ticks(low: float, high: float, count: int = _STEPS) -> list[float]:
    """Round values from low to high; zero is exactly zero."""
    step = tick_step(high - low, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def seconds_ticks(high: float) -> list[float]:
    """From 0 on, in steps that are round in the unit they are told in: 5 s, 15 min, 6 h, 2 days."""
    raw = high / _STEPS
    if raw < 1:
        return ticks(0.0, high)
    if raw > _ROUND_SECONDS[-1]:
        return [days * _DAY for days in ticks(0.0, high / _DAY)]
    step = next(one for one in _ROUND_SECONDS if one >= raw * (1 - 1e-9))
    return [n * step for n in range(math.floor(high / step + 1e-9) + 1)]


def money_tick(value: float, step: float) -> str:
    """Dollars with as few digits as the step needs: two neighbours are never written alike."""
    digits = 0 if step >= 1 else max(2, math.ceil(-math.log10(step) - 1e-9))
    return money(value, digits=digits)
