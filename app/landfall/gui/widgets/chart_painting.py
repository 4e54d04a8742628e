"""Paints a chart of speed and power: tokens a second left, watts right, phases shaded behind them.

It paints on anything, so that the window and a file show the same. Painted here and not by a
plotting library: a frame of 1,200 points costs some three milliseconds, which leaves the window and
the processor to what is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from landfall.core.live_curves import PowerPoint
from landfall.core.phases import Phase, PhaseKind
from landfall.core.thinning import LongCurve, thinned
from landfall.gui import theme
from landfall.gui.format import Unit, plain
from landfall.gui.paint import CENTRE, LEFT, RIGHT
from landfall.gui.theme import Role, Text
from landfall.gui.widgets.chart_layout import (
    STEPS,
    Frame,
    Span,
    in_minutes,
    scale_step,
    tick_words,
    time_step,
    time_ticks,
    time_words,
)
from landfall.gui.widgets.trace import Curve, Trace

DRAWN = 1200
"""Points of all curves together, about: more cost time and show nothing more."""
LEAST_DRAWN = 300
NAMED_ROWS = 3
"""With more answers than this their rows of phases are too low for words."""
_DASHES: tuple[tuple[float, ...], ...] = ((), (10, 4), (8, 3, 2, 3), (2, 3))
_WATTS_DASH = (5.0, 3.0)
_IDLE_DASH = (1.0, 3.0)
_TONED = 0.45
"""How far the second four of eight answers of one place go from its colour to that of text."""
_NAME_SHARE = 0.35
"""Of the plot's width that a name at a curve's end may cover."""
_KEEP = 4.0

_GROUNDS: dict[PhaseKind, Role] = {
    PhaseKind.WAITING: "phase_wait",
    PhaseKind.LOAD: "phase_load",
    PhaseKind.PREFILL: "phase_prefill",
    PhaseKind.THINK: "phase_think",
    PhaseKind.DECODE: "phase_decode",
    PhaseKind.IDLE: "phase_wait",
    PhaseKind.WARM_UP: "phase_load",
    PhaseKind.PROMPT: "phase_decode",
    PhaseKind.SUSTAINED: "phase_think",
    PhaseKind.SWEEP: "phase_prefill",
    PhaseKind.EMBED: "phase_decode",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("LiveChart", text)


def phase_word(kind: PhaseKind) -> str:
    """As it stands above its ground."""
    return {
        PhaseKind.WAITING: _tr("waiting"),
        PhaseKind.LOAD: _tr("load"),
        PhaseKind.PREFILL: _tr("prefill"),
        PhaseKind.THINK: _tr("think"),
        PhaseKind.DECODE: _tr("decode"),
        PhaseKind.IDLE: _tr("idle"),
        PhaseKind.WARM_UP: _tr("warm-up"),
        PhaseKind.PROMPT: _tr("prompts"),
        PhaseKind.SUSTAINED: _tr("sustained"),
        PhaseKind.SWEEP: _tr("several at once"),
        PhaseKind.EMBED: _tr("embeddings"),
    }[kind]


def since_words(trace: Trace) -> str:
    """From when its seconds count."""
    return {
        "sent": _tr("the prompt was sent"),
        "opened": _tr("the chart was opened"),
        "begun": _tr("the benchmark began"),
    }[trace.since]


def rate_pen(number: int, role: Role) -> QPen:
    """The look of the answer that began as this one: four dashes, each in two tones."""
    colour = theme.color(role)
    if number // len(_DASHES) % 2:
        colour = _mixed(colour, theme.color("text"), _TONED)
    return _pen(colour, _DASHES[number % len(_DASHES)])


def watts_pen() -> QPen:
    """The look of the power."""
    return _pen(theme.color("text_2"), _WATTS_DASH)


def _pen(colour: QColor, dash: Sequence[float] = ()) -> QPen:
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
class _Drawn:
    """A curve within the span, thinned to what is drawn."""

    name: str
    pen: QPen
    points: list[PowerPoint]
    is_power: bool


def paint_chart(p: QPainter, box: QRectF, trace: Trace, span: Span) -> Frame:
    """Paint all of it, ground included; where it lies is answered."""
    p.fillRect(box, theme.color("surface"))
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawn = _drawn(trace, span)
    frame = _frame(box, trace, span, drawn)
    _paint_phases(p, trace, frame)
    _paint_scales(p, box, trace, frame)
    p.save()
    p.setClipRect(frame.plot.adjusted(0, -1, 1, 1))
    _paint_idle(p, trace, frame)
    for one in drawn:
        _paint_curve(p, one, frame)
    p.restore()
    _paint_names(p, [*drawn, *_idle_name(trace, frame)], frame)
    return frame


def _drawn(trace: Trace, span: Span) -> list[_Drawn]:
    limit = max(LEAST_DRAWN, DRAWN // max(1, len(trace.rates) + 1))

    def within(line: LongCurve) -> list[PowerPoint]:
        return thinned(line.between(span.start, span.end), limit)

    curves: list[Curve] = list(trace.rates.values())
    out = [
        _Drawn(
            name=curve.name,
            pen=rate_pen(i, curve.role),
            points=within(curve.line),
            is_power=False,
        )
        for i, curve in enumerate(curves)
    ]
    watts = within(trace.watts)
    if watts:
        out.insert(0, _Drawn(name=trace.scope, pen=watts_pen(), points=watts, is_power=True))
    return out


def _highest(drawn: Sequence[_Drawn], *, is_power: bool) -> float:
    values = (
        value
        for one in drawn
        if one.is_power is is_power
        for _, value in one.points
        if value is not None
    )
    return max(values, default=0.0)


def _frame(box: QRectF, trace: Trace, span: Span, drawn: Sequence[_Drawn]) -> Frame:
    metrics = QFontMetricsF(theme.font(Text.CAPTION))
    line = metrics.height()
    rate_step = scale_step(_highest(drawn, is_power=False) or 1.0)
    watts_step = scale_step(max(_highest(drawn, is_power=True), trace.idle_watts or 0.0) or 1.0)
    rows = len(trace.lanes())
    row_height = 0.0 if not rows else line + 2 if rows <= NAMED_ROWS else 6.0
    left = 8 + max(
        metrics.horizontalAdvance(tick_words(n * rate_step, rate_step)) for n in range(STEPS + 1)
    )
    right = 12.0
    if _has_power(trace):
        right = 10 + max(
            metrics.horizontalAdvance(tick_words(n * watts_step, watts_step))
            for n in range(STEPS + 1)
        )
    if len(trace.rates) > NAMED_ROWS:
        right += _gutter(trace, metrics)
    bands_top = box.top() + line + _KEEP
    top = bands_top + (rows * row_height or line * 0.6)
    bottom = box.bottom() - 2 * line - 6
    plot = QRectF(
        QPointF(box.left() + left, top), QPointF(box.right() - right, max(bottom, top + 10))
    )
    return Frame(
        plot=plot,
        bands_top=bands_top,
        row_height=row_height,
        span=span,
        rate_step=rate_step,
        watts_step=watts_step,
    )


def _has_power(trace: Trace) -> bool:
    return trace.watts.last is not None or trace.idle_watts is not None


def _gutter(trace: Trace, metrics: QFontMetricsF) -> float:
    """Width of the names beside the curves, where there are too many to stand among them."""
    longest = max(metrics.horizontalAdvance(curve.name) for curve in trace.rates.values())
    return min(longest, 110.0) + 30


# Ground and scales


def _paint_phases(p: QPainter, trace: Trace, frame: Frame) -> None:
    lanes = trace.lanes()
    keys = list(trace.rates)
    for row, (key, phases) in enumerate(lanes):
        top = frame.bands_top + row * frame.row_height
        bottom = frame.plot.bottom() if len(lanes) == 1 else top + frame.row_height - 1
        for phase in phases:
            _paint_phase(p, phase, frame, top=top, bottom=bottom, named=len(lanes) <= NAMED_ROWS)
        if len(lanes) > 1:
            p.setPen(rate_pen(keys.index(key), trace.rates[key].role))
            y = top + frame.row_height / 2
            p.drawLine(QPointF(frame.plot.left() - 20, y), QPointF(frame.plot.left() - 4, y))


def _paint_phase(
    p: QPainter, phase: Phase, frame: Frame, *, top: float, bottom: float, named: bool
) -> None:
    left = max(frame.x(phase.start_seconds), frame.plot.left())
    right = min(frame.x(phase.end_seconds), frame.plot.right())
    if right <= left:
        return
    band = QRectF(QPointF(left, top), QPointF(right, bottom))
    p.fillRect(band, theme.color(_GROUNDS[phase.kind]))
    p.setPen(_pen(theme.color("border_strong", 110)))
    if phase.start_seconds > frame.span.start:
        p.drawLine(band.topLeft(), band.bottomLeft())
    word = phase_word(phase.kind)
    width = QFontMetricsF(theme.font(Text.CAPTION)).horizontalAdvance(word)
    p.setFont(theme.font(Text.CAPTION))
    p.setPen(theme.color("text_2"))
    if named and width + 6 <= right - left:
        p.drawText(QRectF(left + 4, top, right - left - 4, frame.row_height), LEFT, word)
    elif named and width + 8 <= bottom - top and frame.row_height <= right - left:
        _paint_upright(p, word, QRectF(left, top + 4, right - left, width + 2))


def _paint_upright(p: QPainter, word: str, box: QRectF) -> None:
    """From bottom to top, where a ground is too narrow for its word."""
    p.save()
    p.translate(box.center())
    p.rotate(-90)
    turned = QRectF(-box.height() / 2, -box.width() / 2, box.height(), box.width())
    p.drawText(turned, CENTRE, word)
    p.restore()


def _paint_scales(p: QPainter, box: QRectF, trace: Trace, frame: Frame) -> None:
    plot = frame.plot
    metrics = QFontMetricsF(theme.font(Text.CAPTION))
    line = metrics.height()
    p.setFont(theme.font(Text.CAPTION))
    gutter = _gutter(trace, metrics) if len(trace.rates) > NAMED_ROWS else 0.0
    for n in range(STEPS + 1):
        y = round(plot.bottom() - n * plot.height() / STEPS) + 0.5
        p.setPen(_pen(theme.color("border_strong", 150) if n == 0 else theme.color("grid")))
        p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        p.setPen(theme.color("text_2"))
        if trace.rates:
            words = tick_words(n * frame.rate_step, frame.rate_step)
            p.drawText(QRectF(box.left(), y - line / 2, plot.left() - 5, line), RIGHT, words)
        if _has_power(trace):
            words = tick_words(n * frame.watts_step, frame.watts_step)
            place = QRectF(plot.right() + 5 + gutter, y - line / 2, 80, line)
            p.drawText(place, LEFT, words)
    head = QRectF(box.left(), box.top(), box.width(), line)
    if trace.rates:
        p.drawText(head, LEFT, _tr("tok/s"))
    if _has_power(trace):
        p.drawText(head, RIGHT, _tr("W, {0}").format(trace.scope) if trace.scope else _tr("W"))
    _paint_time(p, box, trace, frame, line)


def _paint_time(p: QPainter, box: QRectF, trace: Trace, frame: Frame, line: float) -> None:
    plot, span = frame.plot, frame.span
    count = max(2, int(plot.width() / 70))
    step = time_step(span, count)
    for at in time_ticks(span, count):
        x = frame.x(at)
        p.setPen(_pen(theme.color("border_strong", 150)))
        p.drawLine(QLineF(x, plot.bottom(), x, plot.bottom() + 3))
        p.setPen(theme.color("text_2"))
        where = QRectF(x - 35, plot.bottom() + 4, 70, line)
        p.drawText(where, CENTRE, time_words(at, span, step=step))
    words = _tr("min:s since {0}") if in_minutes(span) else _tr("seconds since {0}")
    title = QRectF(plot.left(), box.bottom() - line - 1, plot.width(), line)
    p.drawText(title, CENTRE, words.format(since_words(trace)))


# Curves


def _paint_idle(p: QPainter, trace: Trace, frame: Frame) -> None:
    if trace.idle_watts is None:
        return
    y = frame.y_watts(trace.idle_watts)
    p.setPen(_pen(theme.color("text_3"), _IDLE_DASH))
    p.drawLine(QPointF(frame.plot.left(), y), QPointF(frame.plot.right(), y))


def _idle_name(trace: Trace, frame: Frame) -> list[_Drawn]:
    """The words of the dotted line, as a curve whose name keeps clear of the others."""
    if trace.idle_watts is None:
        return []
    ends = [(frame.span.start, trace.idle_watts), (frame.span.end, trace.idle_watts)]
    words = _tr("idle {0}").format(plain(trace.idle_watts, Unit.WATTS))
    pen = _pen(theme.color("text_3"), _IDLE_DASH)
    return [_Drawn(name=words, pen=pen, points=list(ends), is_power=True)]


def _paint_curve(p: QPainter, one: _Drawn, frame: Frame) -> None:
    """A line for each stretch without a gap; a reading alone between two gaps is a dot."""
    p.setPen(one.pen)
    p.setBrush(Qt.BrushStyle.NoBrush)
    for stretch in _stretches(one, frame):
        if len(stretch) > 1:
            p.drawPolyline(QPolygonF(stretch))
        else:
            p.drawEllipse(stretch[0], 1.0, 1.0)


def _stretches(one: _Drawn, frame: Frame) -> Iterator[list[QPointF]]:
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


def _paint_names(p: QPainter, drawn: Sequence[_Drawn], frame: Frame) -> None:
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


def _paint_name(p: QPainter, one: _Drawn, top: float, frame: Frame, line: float) -> None:
    metrics = QFontMetricsF(theme.font(Text.CAPTION_STRONG))
    room = frame.plot.width() * _NAME_SHARE * 1.6
    words = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, room)
    width = metrics.horizontalAdvance(words)
    end = min(frame.x(_last(one) or 0.0), frame.plot.right()) - _KEEP
    left = max(end - width, frame.plot.left() + _KEEP)
    p.setPen(one.pen.color())
    p.drawText(QRectF(left, top, width + 2, line), LEFT, words)


def _paint_beside(p: QPainter, beside: Sequence[_Drawn], frame: Frame, line: float) -> None:
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


def _last(one: _Drawn) -> float | None:
    return next((at for at, value in reversed(one.points) if value is not None), None)


def _end_y(one: _Drawn, frame: Frame) -> float:
    values = (value for _, value in reversed(one.points) if value is not None)
    return frame.y_rate(next(values, 0.0))


def _name_top(one: _Drawn, among: Sequence[_Drawn], frame: Frame, line: float) -> float:
    """Above the end of its curve, so that it never covers it; the power's below it where a rate
    runs above."""
    crest, trough = _reach(one, frame)
    if one.is_power and trough + line < frame.plot.bottom():
        others = [_reach(other, frame) for other in among if other is not one and _last(other)]
        if any(high < crest and low > crest - line for high, low in others):
            return trough + 1
    return crest - line - 1


def _reach(one: _Drawn, frame: Frame) -> tuple[float, float]:
    """The highest and the lowest place of a curve under a name at its end."""
    last = _last(one) or 0.0
    from_seconds = last - _NAME_SHARE * frame.span.seconds
    values = [value for at, value in one.points if value is not None and at >= from_seconds]
    y = frame.y_watts if one.is_power else frame.y_rate
    return y(max(values)), y(min(values))


def _apart(
    wanted: Sequence[tuple[float, _Drawn]], line: float, top: float, bottom: float
) -> list[tuple[float, _Drawn]]:
    """Names from top to bottom, each a line below the one before it, all within the plot."""
    placed: list[tuple[float, _Drawn]] = []
    free = top
    for want, one in sorted(wanted, key=_wanted_top):
        at = max(want, free)
        placed.append((at, one))
        free = at + line
    over = free - bottom
    if over <= 0:
        return placed
    return [(max(top, at - over), one) for at, one in placed]


def _wanted_top(item: tuple[float, _Drawn]) -> float:
    return item[0]
