"""Paints a chart of speed and power: tokens a second left, watts right, phases shaded behind them.

It paints on anything, so that the window and a file show the same. Painted here and not by a
plotting library: a frame of 1,200 points costs some three milliseconds, which leaves the window and
the processor to what is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from landfall.core.run.phases import Phase, PhaseKind
from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.paint import CENTRE, LEFT, RIGHT
from landfall.gui.theme import Text
from landfall.gui.widgets.chart_curves import (
    NAMED_ROWS,
    Drawn,
    drawn_curves,
    highest,
    idle_name,
    paint_curve,
    paint_idle,
    paint_names,
    rate_pen,
    thin_pen,
)
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
from landfall.gui.widgets.trace import Trace

_KEEP = 4.0
_CURVES_AT_ONCE = 3

Part = Callable[[QPainter], None]
"""A piece of the picture; painted one after another they are the whole."""

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


def paint_chart(p: QPainter, box: QRectF, trace: Trace, span: Span) -> Frame:
    """Paint all of it, ground included; where it lies is answered."""
    frame, parts = chart_parts(box, trace, span)
    for part in parts:
        part(p)
    return frame


def chart_parts(box: QRectF, trace: Trace, span: Span) -> tuple[Frame, list[Part]]:
    """The picture in pieces, for who has other things to do between them; each is painted with a
    fresh painter, in this order.

    Eight curves of a minute are 15 ms of a slow machine, and twice that while answers stream.
    """
    drawn = drawn_curves(trace, span)
    frame = _frame(box, trace, span, drawn)
    several = [
        drawn[i : i + _CURVES_AT_ONCE] for i in range(0, max(1, len(drawn)), _CURVES_AT_ONCE)
    ]
    return frame, [
        partial(_paint_ground, box=box, trace=trace, frame=frame),
        partial(_paint_scales, box=box, trace=trace, frame=frame),
        *(partial(_paint_curves, curves=some, trace=trace, frame=frame) for some in several),
        partial(_paint_ends, drawn=drawn, trace=trace, frame=frame),
    ]


def _paint_ground(p: QPainter, *, box: QRectF, trace: Trace, frame: Frame) -> None:
    p.fillRect(box, theme.color("surface"))
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_phases(p, trace, frame)


def _paint_curves(p: QPainter, *, curves: Sequence[Drawn], trace: Trace, frame: Frame) -> None:
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setClipRect(frame.plot.adjusted(0, -1, 1, 1))
    paint_idle(p, trace, frame)
    for one in curves:
        paint_curve(p, one, frame)
    p.restore()


def _paint_ends(p: QPainter, *, drawn: Sequence[Drawn], trace: Trace, frame: Frame) -> None:
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_names(p, [*drawn, *idle_name(trace, frame)], frame)


def _frame(box: QRectF, trace: Trace, span: Span, drawn: Sequence[Drawn]) -> Frame:
    metrics = QFontMetricsF(theme.font(Text.CAPTION))
    line = metrics.height()
    rate_step = scale_step(highest(drawn, is_power=False) or 1.0)
    watts_step = scale_step(max(highest(drawn, is_power=True), trace.idle_watts or 0.0) or 1.0)
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
    p.setPen(thin_pen(theme.color("border_strong", 110)))
    if phase.start_seconds > frame.span.start:
        p.drawLine(band.topLeft(), band.bottomLeft())
    if not named:
        return
    word = phase_word(phase.kind)
    width = QFontMetricsF(theme.font(Text.CAPTION)).horizontalAdvance(word)
    p.setFont(theme.font(Text.CAPTION))
    p.setPen(theme.color("text_2"))
    if width + 6 <= right - left:
        p.drawText(QRectF(left + 4, top, right - left - 4, frame.row_height), LEFT, word)
    elif width + 8 <= bottom - top and frame.row_height <= right - left:
        _paint_upright(p, word, QRectF(left, top + 4, right - left, width + 2))


def _paint_upright(p: QPainter, word: str, box: QRectF) -> None:
    """From bottom to top, where a ground is too narrow for its word."""
    p.save()
    p.translate(box.center())
    p.rotate(-90)
    turned = QRectF(-box.height() / 2, -box.width() / 2, box.height(), box.width())
    p.drawText(turned, CENTRE, word)
    p.restore()


def _paint_scales(p: QPainter, *, box: QRectF, trace: Trace, frame: Frame) -> None:
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    plot = frame.plot
    metrics = QFontMetricsF(theme.font(Text.CAPTION))
    line = metrics.height()
    p.setFont(theme.font(Text.CAPTION))
    gutter = _gutter(trace, metrics) if len(trace.rates) > NAMED_ROWS else 0.0
    for n in range(STEPS + 1):
        y = round(plot.bottom() - n * plot.height() / STEPS) + 0.5
        p.setPen(thin_pen(theme.color("border_strong", 150) if n == 0 else theme.color("grid")))
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
        p.setPen(thin_pen(theme.color("border_strong", 150)))
        p.drawLine(QLineF(x, plot.bottom(), x, plot.bottom() + 3))
        p.setPen(theme.color("text_2"))
        where = QRectF(x - 35, plot.bottom() + 4, 70, line)
        p.drawText(where, CENTRE, time_words(at, span, step=step))
    words = _tr("min:s since {0}") if in_minutes(span) else _tr("seconds since {0}")
    title = QRectF(plot.left(), box.bottom() - line - 1, plot.width(), line)
    p.drawText(title, CENTRE, words.format(since_words(trace)))
