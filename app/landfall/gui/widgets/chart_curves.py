"""The curves of a chart of speed and power: their looks, their lines, their names.

Part of `chart_painting`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from landfall.core.run.live_curves import PowerPoint
from landfall.core.run.thinning import LongCurve, thinned
from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.format import plain
from landfall.gui.paint import LEFT
from landfall.gui.theme import Text
from landfall.gui.units import Unit
from landfall.gui.widgets.chart_layout import STEPS, Frame, Span
from landfall.gui.widgets.trace import Curve, Trace

DRAWN = 1200
"""Points of all curves together, about: more cost time and show nothing more."""
LEAST_DRAWN = 300
NAMED_ROWS = 3
"""With more answers than this their names stand beside the plot, and their rows of phases are too
low for words."""
_DASHES: tuple[tuple[float, ...], ...] = ((), (10, 4), (8, 3, 2, 3), (2, 3))
_WATTS_DASH = (5.0, 3.0)
_IDLE_DASH = (1.0, 3.0)
_TONED = 0.45
"""How far the second four of eight answers of one place go from its colour to that of text."""
_NAME_SHARE = 0.35
"""Of the plot's width that a name at a curve's end may cover."""
_KEEP = 4.0


def _tr(text: str) -> str:
    return QCoreApplication.translate("LiveChart", text)


def rate_pen(number: int, role: Role) -> QPen:
    """The look of the answer that began as this one: four dashes, each in two tones."""
    colour = theme.color(role)
    if number // len(_DASHES) % 2:
        colour = _mixed(colour, theme.color("text"), _TONED)
    return thin_pen(colour, _DASHES[number % len(_DASHES)])


def watts_pen() -> QPen:
    """The look of the power."""
    return thin_pen(theme.color("text_2"), _WATTS_DASH)


def thin_pen(colour: QColor, dash: Sequence[float] = ()) -> QPen:
    """One pixel wide at every scale."""
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    if dash:
        pen.setDashPattern(list(dash))
    return pen


def _mixed(a: QColor, b: QColor, share: float) -> QColor:
    return QColor(
        *(
            round(x + (y - x) * share)
            for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A curve within the span, thinned to what is drawn."""

    name: str
    pen: QPen
    points: list[PowerPoint]
    is_power: bool


def drawn_curves(trace: Trace, span: Span) -> list[Drawn]:
    """All curves of a stretch of time, the power first, which is drawn below the others."""
    limit = max(LEAST_DRAWN, DRAWN // max(1, len(trace.rates) + 1))

    def within(line: LongCurve) -> list[PowerPoint]:
        return thinned(line.between(span.start, span.end), limit)

    curves: list[Curve] = list(trace.rates.values())
    out = [
        Drawn(
            name=curve.name,
            pen=rate_pen(i, curve.role),
            points=within(curve.line),
            is_power=False,
        )
        for i, curve in enumerate(curves)
    ]
    watts = within(trace.watts)
    if watts:
        out.insert(0, Drawn(name=trace.scope, pen=watts_pen(), points=watts, is_power=True))
    return out


def highest(drawn: Sequence[Drawn], *, is_power: bool) -> float:
    """The largest value of the rates, or of the power; 0 where there is none."""
    values = [
        value
        for one in drawn
        if one.is_power is is_power
        for _, value in one.points
        if value is not None
    ]
    return max(values, default=0.0)


def paint_idle(p: QPainter, trace: Trace, frame: Frame) -> None:
    """The draw with nothing to do, dotted; nothing where it is not known."""
    if trace.idle_watts is None:
        return
    y = frame.y_watts(trace.idle_watts)
    p.setPen(thin_pen(theme.color("text_3"), _IDLE_DASH))
    p.drawLine(QPointF(frame.plot.left(), y), QPointF(frame.plot.right(), y))


def idle_name(trace: Trace, frame: Frame) -> list[Drawn]:
    """The words of the dotted line, as a curve whose name keeps clear of the others."""
    if trace.idle_watts is None:
        return []
    ends = [(frame.span.start, trace.idle_watts), (frame.span.end, trace.idle_watts)]
    words = _tr("idle {0}").format(plain(trace.idle_watts, Unit.WATTS))
    pen = thin_pen(theme.color("text_3"), _IDLE_DASH)
    return [Drawn(name=words, pen=pen, points=list(ends), is_power=True)]


def paint_curve(p: QPainter, one: Drawn, frame: Frame) -> None:
    """A line for each stretch without a gap; a reading alone between two gaps is a dot."""
    p.setPen(one.pen)
    p.setBrush(Qt.BrushStyle.NoBrush)
    for stretch in _stretches(one, frame):
        if len(stretch) > 1:
            p.drawPolyline(QPolygonF(stretch))
        else:
            p.drawEllipse(stretch[0], 1.0, 1.0)


def _stretches(one: Drawn, frame: Frame) -> Iterator[list[QPointF]]:
    plot, span = frame.plot, frame.span
    step = frame.watts_step if one.is_power else frame.rate_step
    left, start, x_scale = plot.left(), span.start, plot.width() / span.seconds
    bottom, y_scale = plot.bottom(), plot.height() / (step * STEPS)
    stretch: list[QPointF] = []
    for at, value in one.points:
        if value is not None:
            stretch.append(QPointF(left + (at - start) * x_scale, bottom - value * y_scale))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def paint_names(p: QPainter, drawn: Sequence[Drawn], frame: Frame) -> None:
    """At the ends of the curves, apart from each other; beside them where they are many."""
    p.setFont(theme.font(Text.CAPTION_STRONG))
    line = QFontMetricsF(theme.font(Text.CAPTION_STRONG)).height()
    rates = [one for one in drawn if not one.is_power]
    beside = rates if len(rates) > NAMED_ROWS else []
    among = [one for one in drawn if one not in beside]
    _paint_beside(p, beside, frame, line)
    wanted = [(_name_top(one, among, frame, line), one) for one in among if _last(one) is not None]
    for top, one in _apart(wanted, line, frame.plot.top(), frame.plot.bottom()):
        _paint_name(p, one, top, frame, line)


def _paint_name(p: QPainter, one: Drawn, top: float, frame: Frame, line: float) -> None:
    metrics = QFontMetricsF(theme.font(Text.CAPTION_STRONG))
    room = frame.plot.width() * _NAME_SHARE * 1.6
    words = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, room)
    width = metrics.horizontalAdvance(words)
    end = min(frame.x(_last(one) or 0.0), frame.plot.right()) - _KEEP
    left = max(end - width, frame.plot.left() + _KEEP)
    p.setPen(one.pen.color())
    p.drawText(QRectF(left, top, width + 2, line), LEFT, words)


def _paint_beside(p: QPainter, beside: Sequence[Drawn], frame: Frame, line: float) -> None:
    metrics = QFontMetricsF(theme.font(Text.CAPTION))
    p.setFont(theme.font(Text.CAPTION))
    wanted = [(_end_y(one, frame) - line / 2, one) for one in beside if _last(one) is not None]
    for top, one in _apart(wanted, line, frame.bands_top, frame.plot.bottom() + line):
        x, y = frame.plot.right() + _KEEP, top + line / 2
        p.setPen(one.pen)
        p.drawLine(QPointF(x, y), QPointF(x + 18, y))
        words = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, 110)
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(x + 22, top, 116, line), LEFT, words)


def _last(one: Drawn) -> float | None:
    return next((at for at, value in reversed(one.points) if value is not None), None)


def _end_y(one: Drawn, frame: Frame) -> float:
    values = (value for _, value in reversed(one.points) if value is not None)
    return frame.y_rate(next(values, 0.0))


def _name_top(one: Drawn, among: Sequence[Drawn], frame: Frame, line: float) -> float:
    """Above the end of its curve, so that it never covers it; the power's below it where a rate
    runs above."""
    crest, trough = _reach(one, frame)
    if one.is_power and trough + line < frame.plot.bottom():
        others = [_reach(other, frame) for other in among if other is not one and _last(other)]
        if any(high < crest and low > crest - line for high, low in others):
            return trough + 1
    return crest - line - 1


def _reach(one: Drawn, frame: Frame) -> tuple[float, float]:
    """The highest and the lowest place of a curve under a name at its end."""
    last = _last(one) or 0.0
    from_seconds = last - _NAME_SHARE * frame.span.seconds
    values = [value for at, value in one.points if value is not None and at >= from_seconds]
    y = frame.y_watts if one.is_power else frame.y_rate
    return y(max(values)), y(min(values))


def _apart(
    wanted: Sequence[tuple[float, Drawn]], line: float, top: float, bottom: float
) -> list[tuple[float, Drawn]]:
    """Names from top to bottom, each a line below the one before it, all within the plot."""
    placed: list[tuple[float, Drawn]] = []
    free = top
    for want, one in sorted(wanted, key=_wanted_top):
        at = max(want, free)
        placed.append((at, one))
        free = at + line
    over = free - bottom
    if over <= 0:
        return placed
    return [(max(top, at - over), one) for at, one in placed]


def _wanted_top(item: tuple[float, Drawn]) -> float:
    return item[0]
