"""Where things lie on a chart with one time axis and two scales, and what stands at its ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from landfall.gui.format import number

STEPS = 4
"""Both scales have so many steps, so that they share their grid lines."""
_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TIME_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_HEAD_ROOM = 1.08
_MINUTES_FROM = 120.0
"""A longer axis is labelled in minutes and seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The stretch of time that is shown, in seconds."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is; never 0."""
        return max(self.end - self.start, 1e-3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where the curves are drawn, and how far the scales reach.

    Attributes:
        plot: The rectangle of the curves.
        bands_top: Where the phases begin, above the curves.
        row_height: Of a row of phases; 0 where there are none.
        rate_step: From grid line to grid line at the left; watts_step: at the right.
    """

    plot: QRectF
    bands_top: float
    row_height: float
    span: Span
    rate_step: float
    watts_step: float

    def x(self, seconds: float) -> float:
        """Of a time."""
        share = (seconds - self.span.start) / self.span.seconds
        return self.plot.left() + share * self.plot.width()

    def seconds(self, x: float) -> float:
        """The time at a place, within the span."""
        share = (x - self.plot.left()) / max(self.plot.width(), 1.0)
        return self.span.start + min(max(share, 0.0), 1.0) * self.span.seconds

    def y_rate(self, value: float) -> float:
        """Of a rate."""
        return self.plot.bottom() - value / (self.rate_step * STEPS) * self.plot.height()

    def y_watts(self, value: float) -> float:
        """Of a power."""
        return self.plot.bottom() - value / (self.watts_step * STEPS) * self.plot.height()

    def point(self, seconds: float, value: float, *, watts: bool = False) -> QPointF:
        """Of a value at a time."""
        return QPointF(self.x(seconds), self.y_watts(value) if watts else self.y_rate(value))


def scale_step(highest: float) -> float:
    """The step of a scale from 0 that holds this value with some room above it."""
    least = max(highest, 1e-9) * _HEAD_ROOM / STEPS
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in _ROUND if factor * power >= least * (1 - 1e-9))


def tick_words(value: float, step: float) -> str:
    """A value of a scale with as few digits as its step needs."""
    digits = 0 if step >= 1 and step == int(step) else max(0, 1 - math.floor(math.log10(step)))
    return number(value, digits=min(digits, 3))


def time_step(span: Span, count: int) -> float:
    """The step of the time axis for about so many ticks."""
    return next((step for step in _TIME_STEPS if span.seconds / step <= count), _TIME_STEPS[-1])


def time_ticks(span: Span, count: int) -> list[float]:
    """Round times within the span."""
    step = time_step(span, max(count, 2))
    first, last = math.ceil(span.start / step - 1e-9), math.floor(span.end / step + 1e-9)
    return [n * step for n in range(first, last + 1)]


def in_minutes(span: Span) -> bool:
    """Whether the axis counts minutes and seconds."""
    return span.end > _MINUTES_FROM


def time_words(seconds: float, span: Span, *, step: float = 1.0) -> str:
    """A time of the axis: "12", or "2:05" on a long one."""
    if not in_minutes(span):
        return number(seconds, digits=0 if step >= 1 else 1)
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
