"""The bills over the volume as the break-even chart shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import middle
from landfall.core.verdict.over_volume import BreakEvenCurves, Curve
from landfall.core.workload.privacy import Option
from landfall.gui.colours import Role
from landfall.gui.format import money, number, whole
from landfall.gui.widgets.verdict_chip import place, verdict_word

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided

_ROOM = 6.0
"""A bill this many times above the picture at its end is said in words."""


def _tr(words: str) -> str:
    return QCoreApplication.translate("break_even_view", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the chart is given, free of its module: see `widgets.break_even_chart.BreakEven`.

    Attributes:
        others: Name, place colour and USD a month of each.
    """

    axis: str
    volume: tuple[float, ...]
    local: tuple[str, Role, tuple[float, ...]]
    low: tuple[float, ...]
    high: tuple[float, ...]
    others: tuple[tuple[str, Role, tuple[float, ...]], ...]
    dot: tuple[float, float]
    dot_text: str
    crossing: float | None
    crossing_text: str


def drawn(curves: BreakEvenCurves) -> Drawn:
    """The curves in thousands of calls where there are many, with the words at the marks."""
    unit, axis = _unit(curves)
    first = curves.others[0]
    nearest = min(
        range(len(curves.calls_per_day)), key=lambda i: abs(curves.calls_per_day[i] - curves.now)
    )
    paid = first.usd_month[nearest]
    shown = curves.crossing if _inside(curves) else None
    return Drawn(
        axis=axis,
        volume=tuple(calls / unit for calls in curves.calls_per_day),
        local=_line(curves.local.option, curves.local.usd_month),
        low=curves.low,
        high=curves.high,
        others=tuple(_line(one.option, one.usd_month) for one in _within(curves)),
        dot=(curves.now / unit, paid),
        dot_text=_dot_text(curves.now, paid),
        crossing=None if shown is None else shown / unit,
        crossing_text=words(curves),
    )


def _unit(curves: BreakEvenCurves) -> tuple[float, str]:
    """What the axis counts in, and its name."""
    if curves.calls_per_day[-1] < 5000:
        return 1.0, _tr("calls a day")
    return 1000.0, _tr("thousand calls a day")


def _dot_text(calls: float, paid: float) -> str:
    return _tr("your {0} calls a day: {1}").format(whole(round(calls)), money(paid))


def dot_of(decided: Decided, curves: BreakEvenCurves) -> tuple[tuple[float, float], str] | None:
    """Where the user stands in a picture that was made for another volume or other prices."""
    calls = decided.facts.calls_per_day
    paid = middle(decided.facts.remote(curves.others[0].option))
    if calls is None or paid is None:
        return None
    unit, _ = _unit(curves)
    return (calls / unit, paid), _dot_text(calls, paid)


def table_of(curves: BreakEvenCurves) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The curves as a table of about a dozen volumes: titles and lines."""
    titles = (
        _tr("Calls a day"),
        verdict_word(curves.local.option.value),
        _tr("Its band"),
        *(verdict_word(one.option.value) for one in curves.others),
    )
    every = max(1, len(curves.calls_per_day) // 12)
    lines = []
    for i in range(0, len(curves.calls_per_day), every):
        ends = _tr("{0} to {1}").format(money(curves.low[i]), money(curves.high[i]))
        others = (money(one.usd_month[i]) for one in curves.others)
        calls = whole(round(curves.calls_per_day[i]))
        lines.append((calls, money(curves.local.usd_month[i]), ends, *others))
    return titles, tuple(lines)


def _within(curves: BreakEvenCurves) -> tuple[Curve, ...]:
    """The first and those that a picture made for the first has room for."""
    top = max(*curves.others[0].usd_month, *curves.local.usd_month)
    rest = (one for one in curves.others[1:] if one.usd_month[-1] <= _ROOM * top)
    return (curves.others[0], *rest)


def _above(curves: BreakEvenCurves) -> str:
    """The bills that lie far above the picture, named with what they come to."""
    shown = _within(curves)
    far = [one for one in curves.others if one not in shown]
    said = ", ".join(
        _tr("{0} ({1} at the right edge)").format(
            verdict_word(one.option.value), money(one.usd_month[-1])
        )
        for one in far
    )
    return _tr(" Far above the picture: {0}.").format(said) if said else ""


def _inside(curves: BreakEvenCurves) -> bool:
    return curves.crossing is not None and curves.crossing <= curves.calls_per_day[-1]


def _line(option: Option, usd: tuple[float, ...]) -> tuple[str, Role, tuple[float, ...]]:
    return verdict_word(option.value), place(option.value).role, usd


def words(curves: BreakEvenCurves) -> str:
    """Where running on one's own machine overtakes the nearest bill, with its range."""
    if curves.crossing is None:
        return _tr("cheaper here at any volume") if curves.always else ""
    ends = [_volume(one) for one in (curves.crossing_low, curves.crossing_high) if one is not None]
    said = _tr("break-even at {0} calls a day").format(_volume(curves.crossing))
    if len(ends) == 2:
        return _tr("{0} ({1} to {2})").format(said, *ends)
    return said


def _volume(calls: float) -> str:
    """Two significant digits: the band is wide."""
    return number(float(f"{calls:.2g}"))


def verdict_of(curves: BreakEvenCurves) -> str:
    """The picture in one sentence, also where nothing crosses, and what lies above it."""
    said = words(curves)
    never = _tr("Your own machine never gets cheaper than the nearest bill, up to 50 times today.")
    return (f"{said[:1].upper()}{said[1:]}." if said else never) + _above(curves)
