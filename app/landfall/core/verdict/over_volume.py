"""What running on one's own machine and elsewhere costs over the volume, and where they cross."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from landfall.core.provenance import Figure, Unknown, band, middle
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload

POINTS = 40
"""Of a curve: enough for a smooth line."""
_CALLS = BY_PATH["volume.calls_per_day"]
_CLOSE = 1e-3
"""A crossing is found to a thousandth of itself: its band is far wider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """An option's USD a month at each volume."""

    option: Option
    usd_month: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenCurves:
    """The curves of a workload.

    Attributes:
        calls_per_day: The volumes, ascending.
        now: The workload's own volume.
        local: The own machine. low, high: its band.
        others: What it is compared with, the nearest first.
        crossing: Volume from which the own machine is cheaper than the first other; None where it
            never is up to the end of the range, or always.
        crossing_low, crossing_high: The same with the band's better and worse end.
        always: Whether the own machine is cheaper over the whole range.
    """

    calls_per_day: tuple[float, ...]
    now: float
    local: Curve
    low: tuple[float, ...]
    high: tuple[float, ...]
    others: tuple[Curve, ...]
    crossing: float | None
    crossing_low: float | None
    crossing_high: float | None
    always: bool


def break_even_curves(
    workload: Workload, facts: Facts, assembler: Assembler
) -> BreakEvenCurves | Unknown:
    """Re-computes every bill at volumes up to twice the present one or the crossing.

    Unknown where there is no single volume to draw over, or no bill that follows it.
    """
    host = _host(facts)
    gap = _gap(workload, facts, host)
    if gap is not None or host is None:
        return gap or Unknown("no machine of your own is considered")
    now = workload.volume.calls_per_day or 0.0
    at = _Bills(workload, assembler, host.option)
    others = _others(facts, at, now)
    if not others:
        return Unknown("no bill elsewhere follows the volume: they are typed in, or not known")
    first = others[0]
    crossings = [_crossing(at, first, end, now) for end in (0, 1, 2)]
    reach = max(now * 2, (crossings[1] or 0.0) * 1.4)
    volumes = (reach / 1000, *(reach * step / POINTS for step in range(1, POINTS + 1)))
    bands = [at.own(volume) for volume in volumes]
    return BreakEvenCurves(
        calls_per_day=volumes,
        now=now,
        local=Curve(option=host.option, usd_month=tuple(one[1] for one in bands)),
        low=tuple(one[0] for one in bands),
        high=tuple(one[2] for one in bands),
        others=tuple(
            Curve(option=one, usd_month=tuple(at.other(one, volume) for volume in volumes))
            for one in others
        ),
        crossing_low=crossings[0],
        crossing=crossings[1],
        crossing_high=crossings[2],
        always=at.own(volumes[0])[1] < at.other(first, volumes[0]),
    )


def _host(facts: Facts) -> HostFacts | None:
    """The owned machine, or else the one that might be bought, where it has a bill."""
    for host in (facts.machine, facts.buy):
        if host is not None and host.fits is not False and middle(host.usd_month) is not None:
            return host
    return facts.machine or facts.buy


def _gap(workload: Workload, facts: Facts, host: HostFacts | None) -> Unknown | None:
    if facts.lock.locked and not facts.lock.inside:
        return Unknown("a privacy rule decides here, at whatever volume: see Rules")
    if workload.volume.series:
        return Unknown("the volume is a series of observed days, not one number")
    if not workload.volume.calls_per_day:
        return Unknown("the calls a day are not stated")
    if host is None:
        return Unknown("no machine of your own is considered")
    if host.fits is False:
        return Unknown("the local model does not fit the machine, at whatever volume")
    if isinstance(host.usd_month, Unknown):
        return host.usd_month
    return None


@dataclass(frozen=True, slots=True)
class _Bills:
    workload: Workload
    assembler: Assembler
    option: Option
    known: dict[tuple[Option, float], tuple[float, float, float]] = field(default_factory=dict)

    def own(self, calls: float) -> tuple[float, float, float]:
        return self._bill(self.option, calls)

    def other(self, option: Option, calls: float) -> float:
        return self._bill(option, calls)[1]

    def _bill(self, option: Option, calls: float) -> tuple[float, float, float]:
        found = self.known.get((option, calls))
        if found is None:
            found = _ends(self._figure(option, put(self.workload, _CALLS, calls)))
            self.known[option, calls] = found
        return found

    def _figure(self, option: Option, workload: Workload) -> Figure:
        """As the facts have it, without all else that they have: that is five times the work."""
        load = self.assembler.load(workload)
        if option is Option.CLOUD_FRONTIER:
            return self.assembler.frontier(workload, load)
        if option is Option.HOSTED_OPEN:
            return self.assembler.hosted(workload, load)[0]
        machine = option is Option.LOCAL_THIS_MACHINE
        host = (self.assembler.owned if machine else self.assembler.purchase)(workload, load)
        return host.usd_month if host else Unknown("")


def _ends(figure: Figure) -> tuple[float, float, float]:
    ends = band(figure)
    return (0.0, 0.0, 0.0) if ends is None else ends


def _others(facts: Facts, at: _Bills, now: float) -> tuple[Option, ...]:
    """Remote bills that are known and grow with the volume, the cheapest first."""
    found = []
    for option in (Option.CLOUD_FRONTIER, Option.HOSTED_OPEN):
        cost = middle(facts.remote(option))
        allowed = option in facts.lock.inside
        if option is Option.HOSTED_OPEN:
            allowed = allowed and facts.hosted_allowed and facts.hosted_offered
        if cost is not None and allowed and at.other(option, now * 2) > cost * 1.5:
            found.append((cost, option))
    return tuple(option for _, option in sorted(found))


def _crossing(at: _Bills, other: Option, end: int, now: float) -> float | None:
    """The volume from which the own machine's bill at an end of its band is the lower one."""

    def saved(calls: float) -> float:
        return at.other(other, calls) - at.own(calls)[end]

    low, high = now / 1000, now * 50
    if saved(low) > 0 or not saved(high) > 0:
        return None
    return _turn(saved, low, high)


def _turn(saved: Callable[[float], float], low: float, high: float) -> float:
    """The volume from which something is saved, to a thousandth of itself.

    Bills are nearly straight lines: where the line through both ends crosses zero is tried first,
    with a step to each side of it, and halving by ratio takes the rest, which a jump in a bill
    asks for.

    Args:
        low: Where nothing is saved. high: Where something is.
    """
    while high > low * (1 + _CLOSE):
        least, most = saved(low), saved(high)
        straight = low + (high - low) * -least / (most - least)
        aside = straight * _CLOSE / 3
        for tried in (straight - aside, straight + aside, math.sqrt(low * high)):
            if not low < tried < high:
                continue
            if saved(tried) > 0:
                high = tried
            else:
                low = tried
    return high
