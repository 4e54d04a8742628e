"""Charts of the work: its hours, its quality against the margin, its steps."""

from __future__ import annotations

from collections.abc import Callable

from landfall.core.reporting.charts import HoursChart, Interval, MarginChart, PipelineChart, Step
from landfall.core.reporting.numbers import percent
from landfall.core.reporting.svg.canvas import SMALL, WIDTH, Canvas, ticks, wrapped

_LEFT, _TOP, _FLOOR = 52.0, 34.0, 194.0


def hours(chart: HoursChart, canvas: Canvas) -> None:
    """The load of each hour against what the machine serves and what is comfortable."""
    top = max(1.0, *chart.loads) * 1.06
    high = _FLOOR - _TOP
    room = WIDTH - _LEFT - 8

    def at(load: float) -> float:
        return _FLOOR - high * load / top

    for value in ticks(0, top, 5):
        canvas.line(_LEFT, at(value), WIDTH - 8, at(value), "grid", thick=0.7)
        canvas.text(
            _LEFT - 6, at(value) + 4, percent(value), role="text-3", size=SMALL, anchor="end"
        )
    each, opacity = room / 24, 0.55 if chart.assumed else 1.0
    for hour, load in enumerate(chart.loads):
        x, y = _LEFT + hour * each + 2, at(load)
        if load > 0:
            canvas.box(x, y, each - 4, _FLOOR - y, "here", round_=1.5, opacity=opacity)
        if load > chart.limit:
            canvas.hatch(x, y, each - 4, at(chart.limit) - y, "surface")
            canvas.frame(x, y, each - 4, _FLOOR - y, "danger", thick=1.4)
        if hour % 3 == 0:
            canvas.text(
                x + each / 2 - 2,
                _FLOOR + 14,
                f"{hour}:00",
                role="text-3",
                size=SMALL,
                anchor="middle",
            )
    canvas.line(_LEFT, at(1), WIDTH - 8, at(1), "text", thick=1.4)
    canvas.line(_LEFT, at(chart.limit), WIDTH - 8, at(chart.limit), "text-2", dash="5 3")
    _legend(chart, canvas)
    canvas.height = _FLOOR + 22


def _legend(chart: HoursChart, canvas: Canvas) -> None:
    """Above the picture: at the lines themselves bars may stand in the way."""
    served = "one at a time" if chart.slots == 1 else f"{chart.slots} at once"
    canvas.line(_LEFT, 10, _LEFT + 22, 10, "text", thick=1.4)
    canvas.text(_LEFT + 28, 14, f"all that it serves, {served}", size=SMALL)
    canvas.line(_LEFT + 250, 10, _LEFT + 272, 10, "text-2", dash="5 3")
    comfortable = f"comfortable up to {percent(chart.limit)}"
    canvas.text(_LEFT + 278, 14, comfortable, role="text-2", size=SMALL)


# Quality -----------------------------------------------------------------------------------------

_NAMES = 190.0
_ROW = 40.0


def margins(chart: MarginChart, canvas: Canvas) -> None:
    """Each interval, in points; left of the margin it is too much worse."""
    known = [value for one in chart.intervals for value in (one.low, one.high) if value is not None]
    low = min(*known, -chart.margin * 1.6, -1.0)
    high = max(*known, 1.0)
    left, right = _NAMES + 8, WIDTH - 40
    bottom = 20 + len(chart.intervals) * _ROW

    def at(points: float) -> float:
        return left + (right - left) * (points - low) / (high - low)

    limit = at(-chart.margin)
    canvas.box(left, 14, limit - left, bottom - 14, "sunken")
    canvas.hatch(left, 14, limit - left, bottom - 14, "grid")
    for value in ticks(low, high, 7):
        canvas.line(at(value), 14, at(value), bottom, "grid", thick=0.7)
        canvas.text(
            at(value),
            bottom + 13,
            f"{value:+g}".replace("-", "−") if value else "0",
            role="text-3",
            size=SMALL,
            anchor="middle",
        )
    canvas.line(at(0), 14, at(0), bottom, "edge", thick=1.2)
    canvas.line(limit, 8, limit, bottom, "danger", thick=1.4)
    canvas.text(
        limit,
        6 + 2,
        f"−{chart.margin:g} points allowed",
        role="danger",
        size=SMALL,
        anchor="middle",
    )
    for place, one in enumerate(chart.intervals):
        _candidate(canvas, one, 20 + place * _ROW, at)
    canvas.height = bottom + 20


def _candidate(canvas: Canvas, one: Interval, y: float, at: Callable[[float], float]) -> None:
    canvas.text(_NAMES - 6, y + 14, one.name, anchor="end", room=_NAMES - 8)
    told, strong = _NAMES - 6, not one.expected
    canvas.text(told, y + 28, one.result, role="text-2", size=SMALL, anchor="end", strong=strong)
    _interval(canvas, one, y + 16, at)


def _interval(canvas: Canvas, one: Interval, y: float, at: Callable[[float], float]) -> None:
    if one.low is None or one.high is None or one.middle is None:
        canvas.text(at(0), y + 4, "no interval", role="text-2", size=SMALL)
        return
    dash = "4 3" if one.expected else ""
    role = "text-2" if one.expected else "text"
    canvas.line(at(one.low), y, at(one.high), y, role, thick=2, dash=dash)
    for end in (one.low, one.high):
        canvas.line(at(end), y - 6, at(end), y + 6, role, thick=1.6)
    if one.expected:
        canvas.dot(at(one.middle), y, 5, role)
        canvas.dot(at(one.middle), y, 3.4, "surface")
    else:
        canvas.dot(at(one.middle), y, 5, role)


# Steps -------------------------------------------------------------------------------------------

_FENCE = 30.0
_STEP_HIGH = 58.0
_A_ROW = 5


def pipeline(chart: PipelineChart, canvas: Canvas) -> None:
    """The steps inside the fence of one's own network; an edge goes up where text leaves."""
    top = 62.0
    rows = [chart.steps[i : i + _A_ROW] for i in range(0, len(chart.steps), _A_ROW)]
    y = 6.0
    for number, steps in enumerate(rows):
        leaving = any(one.leaves for one in steps)
        start = y + (top if leaving else _FENCE)
        _row(canvas, steps, start, y, chart.lock if number == 0 else "")
        y = start + _STEP_HIGH + 24
    canvas.height = y


def _row(canvas: Canvas, steps: tuple[Step, ...], y: float, above: float, lock: str) -> None:
    each = (WIDTH - 28) / max(len(steps), 3)
    canvas.frame(6, y - 22, WIDTH - 12, _STEP_HIGH + 34, "edge", dash="3 3", round_=8)
    named = f"your network, under the rule on {lock}" if lock else "your network"
    canvas.text(16, y - 8, named, role="text-3", size=SMALL)
    for place, one in enumerate(steps):
        x = 16 + place * each
        wide = each - 22
        if place:
            canvas.line(x - 20, y + _STEP_HIGH / 2, x - 2, y + _STEP_HIGH / 2, "edge", thick=1.4)
            canvas.area(
                (
                    (x - 2, y + _STEP_HIGH / 2),
                    (x - 8, y + _STEP_HIGH / 2 - 4),
                    (x - 8, y + _STEP_HIGH / 2 + 4),
                ),
                "edge",
            )
        _step(canvas, one, x, y, wide)
        if one.leaves:
            _leaving(canvas, one, (x, y, wide), above)


def _step(canvas: Canvas, one: Step, x: float, y: float, wide: float) -> None:
    canvas.box(x, y, wide, _STEP_HIGH, "surface", round_=5)
    edge = "leave" if one.leaves or one.stuck else "here"
    canvas.frame(x, y, wide, _STEP_HIGH, edge, thick=1.4, round_=5, dash="5 3" if one.stuck else "")
    canvas.text(x + 8, y + 17, one.name, strong=True, room=wide - 14)
    lines = [one.model, one.place] if one.model else wrapped(one.place, SMALL, wide - 14, 2)
    for line, words in enumerate(lines):
        canvas.text(x + 8, y + 33 + 14 * line, words, role="text-2", size=SMALL, room=wide - 14)


def _leaving(canvas: Canvas, one: Step, place: tuple[float, float, float], above: float) -> None:
    x, y, wide = place
    middle = x + min(24.0, wide / 2)
    canvas.line(middle, y, middle, above + 20, "leave", thick=2, dash="5 3")
    canvas.area(((middle, above + 14), (middle - 5, above + 22), (middle + 5, above + 22)), "leave")
    words = f"leaves to {one.host}" if one.host else "leaves"
    canvas.text(
        middle - 6, above + 9, words, role="danger", size=SMALL, strong=True, room=wide + 12
    )
