"""Charts of money: every option's bill, the bills over the volume, the saving's swings."""

from __future__ import annotations

from collections.abc import Callable

from landfall.core.reporting.charts import (
    BreakEvenChart,
    CostBar,
    CostChart,
    SwingBar,
    TornadoChart,
)
from landfall.core.reporting.numbers import money, number
from landfall.core.reporting.svg.canvas import (
    SMALL,
    WIDTH,
    Canvas,
    named,
    text_width,
    ticks,
    wrapped,
)

_NAMES = 178.0
_ROW = 30.0
_THICK = 15.0
_DASHES = ("", "9 3 2 3", "2 3")


def costs(chart: CostChart, canvas: Canvas) -> None:
    """A bar to the middle of each bill, a whisker over its band, the amount behind it."""
    known = [one for one in chart.bars if not one.out]
    top = max((one.high for one in known), default=1.0) or 1.0
    room = WIDTH - _NAMES - 190
    bottom = 8 + len(chart.bars) * _ROW
    for value in ticks(0, top, 5):
        x = _NAMES + value * room / top
        canvas.line(x, 4, x, bottom, "grid", thick=0.7)
        canvas.text(x, bottom + 13, money(value), role="text-3", size=SMALL, anchor="middle")
    for place, one in enumerate(chart.bars):
        y = 8 + place * _ROW
        _cost_row(canvas, one, y, room / top)
    canvas.height = bottom + 20


def _cost_row(canvas: Canvas, one: CostBar, y: float, scale: float) -> None:
    _name(canvas, f"{'✓ ' if one.chosen else ''}{one.name}", y + 15, strong=one.chosen)
    if one.out:
        lines = wrapped(one.out, SMALL, WIDTH - _NAMES - 8, 2)
        first = y + (15 if len(lines) == 1 else 9)
        for line, words in enumerate(lines):
            canvas.text(_NAMES + 2, first + 13 * line, words, role="text-2", size=SMALL, clear=True)
        return
    mid, low, high = (_NAMES + value * scale for value in (one.mid, one.low, one.high))
    split = _NAMES + (mid - _NAMES) * one.kept
    canvas.box(_NAMES, y + 3, max(split - _NAMES, 1.5), _THICK, one.place.value, round_=2)
    if one.overflow is not None and mid > split:
        canvas.box(split + 1.5, y + 3, mid - split - 1.5, _THICK, one.overflow.value, round_=2)
    end = max(mid, high)
    if high > low:
        middle = y + 3 + _THICK / 2
        canvas.line(low, middle, high, middle, "surface", thick=3.5)
        for x in (low, high):
            canvas.line(x, middle - 4.5, x, middle + 4.5, "text", thick=1.3)
        canvas.line(low, middle, high, middle, "text", thick=1.3)
    canvas.text(end + 8, y + 15, one.amount, strong=one.chosen, room=WIDTH - end - 8, clear=True)


def _name(canvas: Canvas, name: str, y: float, *, strong: bool = False) -> None:
    """What a row is, before it; y: the base line of one line."""
    lines, size = named(name, _NAMES - 14)
    first = y - 6 * (len(lines) - 1)
    for line, words in enumerate(lines):
        canvas.text(_NAMES - 10, first + 12 * line, words, size=size, anchor="end", strong=strong)


# Over the volume ---------------------------------------------------------------------------------

_LEFT, _RIGHT, _TOP, _FLOOR = 62.0, 132.0, 16.0, 230.0
_At = Callable[[float, float], tuple[float, float]]
"""From calls a day and dollars a month to a place in the picture."""


def break_even(chart: BreakEvenChart, canvas: Canvas) -> None:
    """Bills over the volume with the band of running here, the crossing, and the user's dot."""
    across, most = chart.volume[-1], _most(chart)
    wide, high = WIDTH - _LEFT - _RIGHT, _FLOOR - _TOP

    def at(calls: float, usd: float) -> tuple[float, float]:
        return _LEFT + wide * calls / across, _FLOOR - high * min(max(usd / most, 0.0), 1.0)

    _axes(canvas, at, across, most)
    _bills(chart, canvas, at)
    if chart.crossing is not None:
        x = at(chart.crossing, 0)[0]
        canvas.line(x, _TOP, x, _FLOOR, "text", dash="1.5 3")
        _beside(canvas, x, _TOP - 4, chart.crossing_text, gap=6)
    x, y = at(chart.now, chart.now_usd)
    canvas.dot(x, y, 6, "surface")
    canvas.dot(x, y, 4.2, "text")
    said = f"now: {number(chart.now)} calls, {money(chart.now_usd)}"
    _beside(canvas, x, y + 16, said, gap=9, strong=True)
    canvas.height = _FLOOR + 38


def _axes(canvas: Canvas, at: _At, across: float, most: float) -> None:
    for value in ticks(0, most, 5):
        y = at(0, value)[1]
        canvas.line(_LEFT, y, WIDTH - _RIGHT, y, "grid", thick=0.7)
        canvas.text(_LEFT - 6, y + 4, money(value), role="text-3", size=SMALL, anchor="end")
    for value in ticks(0, across, 6):
        x = at(value, 0)[0]
        canvas.text(x, _FLOOR + 15, number(value), role="text-3", size=SMALL, anchor="middle")
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    canvas.text(middle, _FLOOR + 31, "calls a day", role="text-2", size=SMALL, anchor="middle")


def _bills(chart: BreakEvenChart, canvas: Canvas, at: _At) -> None:
    """The band of running here, a line for each place, and their names at its end."""
    upper = [at(x, y) for x, y in zip(chart.volume, chart.high, strict=True)]
    lower = [at(x, y) for x, y in zip(chart.volume, chart.low, strict=True)]
    canvas.area((*upper, *reversed(lower)), chart.local.place.value, opacity=0.16)
    ends = []
    for place, line in enumerate((chart.local, *chart.others)):
        dash = "6 4" if place == 0 else _DASHES[min(place - 1, 2)]
        points = [at(x, y) for x, y in zip(chart.volume, line.usd_month, strict=True)]
        canvas.path(points, line.place.value, dash=dash)
        ends.append((points[-1][1], line.name, line.place.value))
    _name_ends(canvas, ends)


def _beside(
    canvas: Canvas, x: float, y: float, words: str, *, gap: float, strong: bool = False
) -> None:
    """Words on that side of a place where the picture has more room."""
    left = x < WIDTH / 2
    anchor = "start" if left else "end"
    canvas.text(x + gap if left else x - gap, y, words, size=SMALL, strong=strong, anchor=anchor)


def _most(chart: BreakEvenChart) -> float:
    shown = [*chart.local.usd_month, *(usd for one in chart.others for usd in one.usd_month)]
    return max(*shown, min(max(chart.high), 1.3 * max(shown)), 1e-9) * 1.04


def _name_ends(canvas: Canvas, ends: list[tuple[float, str, str]]) -> None:
    """Each line's name at its end, moved down where two would meet."""
    last = 0.0
    x = WIDTH - _RIGHT + 8
    for y, name, role in sorted(ends):
        shown = max(y + 4, last + 14)
        canvas.box(x, shown - 8, 8, 8, role, round_=1)
        canvas.text(x + 12, shown, name, size=SMALL, room=_RIGHT - 22)
        last = shown


# Swings ------------------------------------------------------------------------------------------

_SWING = 26.0


def tornado(chart: TornadoChart, canvas: Canvas) -> None:
    """A bar for each input, from the saving at one end of its doubt to that at the other."""
    values = [value for one in chart.swings for value in (one.low, one.high)]
    low, high = min(*values, chart.saving_now), max(*values, chart.saving_now)
    room = high - low or 1.0
    left, right = _NAMES + 92, WIDTH - 92
    bottom = 22 + len(chart.swings) * _SWING

    def at(usd: float) -> float:
        return left + (right - left) * (usd - low) / room

    for value in ticks(low, high, 5):
        strong = value == 0
        canvas.line(
            at(value),
            16,
            at(value),
            bottom,
            "edge" if strong else "grid",
            thick=1.2 if strong else 0.7,
        )
        canvas.text(
            at(value), bottom + 13, money(value), role="text-3", size=SMALL, anchor="middle"
        )
    for place, one in enumerate(chart.swings):
        _swing(canvas, one, 20 + place * _SWING, (at(one.low), at(one.high)))
        if one.flip is not None:
            canvas.diamond(at(one.flip), 20 + place * _SWING + 10, 5.5, "danger")
    now = at(chart.saving_now)
    canvas.line(now, 14, now, bottom, "accent", thick=1.4, dash="4 3")
    said = (
        f"now {money(chart.saving_now)}"
        if chart.saving_now >= 0
        else f"now {money(chart.saving_now)}, a loss"
    )
    half = text_width(said, SMALL) / 2
    canvas.text(
        min(max(now, half), WIDTH - half), 10, said, role="accent", size=SMALL, anchor="middle"
    )
    canvas.height = bottom + 20


def _swing(canvas: Canvas, one: SwingBar, y: float, ends: tuple[float, float]) -> None:
    _name(canvas, one.name, y + 14)
    start, end = sorted(ends)
    canvas.box(start, y + 3, max(end - start, 1.5), 14, "edge", round_=2, opacity=0.55)
    first, last = (
        (one.low_label, one.high_label) if ends[0] <= ends[1] else (one.high_label, one.low_label)
    )
    canvas.text(
        start - 5, y + 14, first, role="text-2", size=SMALL, anchor="end", room=84, clear=True
    )
    canvas.text(end + 5, y + 14, last, role="text-2", size=SMALL, room=84, clear=True)
