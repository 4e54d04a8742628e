"""What `landfall verdict` prints behind the options: variants, a purchase over its life, gaps."""

from __future__ import annotations

from collections.abc import Iterator

from landfall.core.costs.horizon import Against, Horizon, Point
from landfall.core.dollars import usd
from landfall.core.durations import duration
from landfall.core.provenance import Figure, Unknown, band
from landfall.core.verdict.details import Details
from landfall.core.verdict.verdict import Verdict

_UNITS = (("s", 1), ("min", 60), ("h", 3600))
"""Both ends of a band stand in the unit of its middle: a column has no room for two units each."""


def latency(figure: Figure) -> str:
    """A wait for a column of a table."""
    ends = band(figure)
    if ends is None:
        return "not known"
    low, mid, high = ends
    if low == high:
        return duration(mid)
    unit, seconds = next(one for one in _UNITS if mid < one[1] * 60 or one is _UNITS[-1])
    ends_in = [f"{end / seconds:.{0 if end >= 10 * seconds else 1}f}" for end in (low, high)]
    return f"{duration(mid)} ({'–'.join(ends_in)} {unit})"


def detail_lines(verdict: Verdict) -> Iterator[str]:
    """One line for each thing that stands behind the options; none where nothing does."""
    for line in verdict.options:
        variants = verdict.detail(line.option).variants
        for one in variants if len(variants) > 1 else ():
            why = f" ({one.why_not})" if one.why_not else ""
            yield f"{line.option.value} as {one.name}: {_money(one.usd_month)} a month{why}"
    yield from _owned(verdict.details)
    if verdict.details.purchase is not None:
        yield from _purchase(verdict.details.purchase)
    for gap in verdict.details.gap:
        machine = gap.machine or gap.option.value
        yield f"missing: {machine}: {f'{gap.rule}: ' if gap.rule else ''}{gap.text}"
    if verdict.details.would_hold:
        yield f"the cheapest listed that would do it: {verdict.details.would_hold}"


def _owned(details: Details) -> Iterator[str]:
    if isinstance(details.average_usd_month, Unknown):
        return
    yield (
        f"this machine: {_money(details.marginal_usd_month)} a month is what the work adds;"
        f" {_money(details.average_usd_month)} is what the machine costs in all"
    )


def _purchase(horizon: Horizon) -> Iterator[str]:
    outlay = horizon.outlay
    for one in horizon.against:
        yield (
            f"{outlay.machine or 'the purchase'} against {one.option.value}: paid back"
            f" {_months(one.payback_months)}, with falling prices"
            f" {_months(one.payback_months_falling)}; present value {_money(one.npv_usd)}"
            f"{_volume(one)}"
        )
    if band(horizon.rent_or_buy_hours.at) is not None or horizon.rent_or_buy_hours.never:
        point = horizon.rent_or_buy_hours
        ends = band(point.at)
        when = f"from {ends[1]:,.0f} busy hours a month" if ends else _reason(point)
        yield f"{outlay.machine or 'the purchase'} against renting by the hour: {when}"


def _volume(one: Against) -> str:
    point = one.breakeven_calls_per_day
    ends = band(point.at)
    if point.never:
        return "; cheaper at no volume"
    if ends is None:
        return ""
    reach = "" if one.within_reach is not False else ", more than it serves: never"
    return f"; cheaper from {ends[1]:,.0f} calls a day{reach}"


def _months(point: Point) -> str:
    ends = band(point.at)
    if ends is None:
        return "never" if point.never else "at a time not known"
    return f"in {ends[1]:.1f} months"


def _reason(point: Point) -> str:
    return point.at.reason if isinstance(point.at, Unknown) else ""


def _money(figure: Figure) -> str:
    ends = band(figure)
    if ends is None:
        return "not known"
    low, mid, high = ends
    return usd(mid) if low == high else f"{usd(mid)} ({usd(low)} to {usd(high)})"
