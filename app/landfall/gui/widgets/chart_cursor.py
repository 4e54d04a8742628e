"""The cursor of a chart: a line, a dot on each curve, and what they stand for in words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from landfall.gui import paint, theme
from landfall.gui.format import number, plain
from landfall.gui.paint import LEFT
from landfall.gui.theme import Radius, Text
from landfall.gui.units import Unit
from landfall.gui.widgets.chart_curves import rate_pen
from landfall.gui.widgets.chart_layout import Frame
from landfall.gui.widgets.chart_painting import phase_word
from landfall.gui.widgets.trace import Reading, Trace


def _tr(text: str) -> str:
    return QCoreApplication.translate("LiveChart", text)


def words_of(reading: Reading) -> list[str]:
    """Time and phase, then a line a curve: for the eye, and for a screen reader."""
    phases = [phase_word(phase.kind) for phase in reading.phases.values() if phase is not None]
    seconds = _tr("{0} s").format(number(reading.seconds, digits=2))
    lines = [", ".join([seconds, *dict.fromkeys(phases)])]
    for name, value in reading.rates:
        rate = _tr("no rate") if value is None else plain(value, Unit.TOKENS_PER_SECOND)
        lines.append(rate if name == "tok/s" and value is not None else f"{name}  {rate}")
    if reading.has_power:
        no = _tr("no reading of watts")
        lines.append(no if reading.watts is None else plain(reading.watts, Unit.WATTS))
    return lines


def next_time(times: Sequence[float], at: float, *, forward: bool, least_seconds: float) -> float:
    """The next of these times that is so far from where the cursor stands, or the last there is."""
    if forward:
        return times[min(bisect_left(times, at + least_seconds), len(times) - 1)]
    return times[max(bisect_right(times, at - least_seconds) - 1, 0)]


def paint_cursor(p: QPainter, frame: Frame, trace: Trace, seconds: float) -> None:
    """Paint it over the chart."""
    reading = trace.at(seconds)
    x = frame.x(seconds)
    p.setPen(QPen(theme.color("text_2"), 1))
    p.drawLine(QPointF(x, frame.bands_top), QPointF(x, frame.plot.bottom()))
    for i, (curve, (_, value)) in enumerate(zip(trace.rates.values(), reading.rates, strict=True)):
        if value is not None:
            p.setBrush(rate_pen(i, curve.role).color())
            p.drawEllipse(frame.point(seconds, value), 3, 3)
    if reading.watts is not None:
        p.setBrush(theme.color("text_2"))
        p.drawEllipse(frame.point(seconds, reading.watts, watts=True), 3, 3)
    _paint_words(p, frame, x, words_of(reading))


def _paint_words(p: QPainter, frame: Frame, x: float, lines: list[str]) -> None:
    """In a box beside the line, on the side where there is more room."""
    metrics = QFontMetricsF(theme.font(Text.CAPTION_STRONG))
    line = metrics.height()
    width = max(metrics.horizontalAdvance(words) for words in lines) + 16
    height = line * len(lines) + 10
    right = x + 10 + width <= frame.plot.right() or x < frame.plot.center().x()
    box = QRectF(x + 10 if right else x - 10 - width, frame.plot.top() + 4, width, height)
    paint.surface(
        p, box, Radius.CONTROL, inside=theme.color("surface"), edge=theme.color("border_strong")
    )
    for i, words in enumerate(lines):
        p.setFont(theme.font(Text.CAPTION if i == 0 else Text.CAPTION_STRONG))
        p.setPen(theme.color("text_2" if i == 0 else "text"))
        p.drawText(QRectF(box.left() + 8, box.top() + 5 + i * line, width, line), LEFT, words)
