"""The numbers of any world that the doubts of one workload allow.

Bills run straight along care, along what is left of a price, and along their own bands, and bend
along the volume and the speed of a machine. So a few worlds are read with the whole assembler, at
volumes across the doubt and with an hour more of care, and every other world lies between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from landfall.core.figures import Triangle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.verdict.quick_changes import Probe
from landfall.core.verdict.quick_table import Lead, at_home, beyond_home, lead
from landfall.core.verdict.table_numbers import (
    HostNumbers,
    Numbers,
    Standing,
    bill,
    split_usd,
    standing_of,
)
from landfall.core.workload.privacy import Option

# A member of an enumeration is looked up at length each time; worlds ask for thousands.
_HERE = Option.LOCAL_THIS_MACHINE
_BUY = Option.LOCAL_BUY
_SPLIT = Option.HYBRID
_NOWHERE = Option.LOCAL_REQUIRED_NOT_FEASIBLE

STEPS = 48
"""Loads are told apart in so many steps to each side: to a hundredth of themselves."""
REACH = 4.0
"""Curves end at so many spreads."""


class Draw(NamedTuple):
    """One world, as it differs from the middle of everything.

    Attributes:
        volume: Its factor.
        own, buy: Logarithm of the load on the machine, its speed included.
        care: Hours of care more. residual: Share of the price left more.
        fall: Factor on cloud bills over the life of a purchase.
        own_usd, buy_usd, rent_usd: USD a month more, within the bands of the bills.
        gates: Whether the local and the hosted candidate are good enough.
    """

    volume: float = 1.0
    own: float = 0.0
    buy: float = 0.0
    care: float = 0.0
    residual: float = 0.0
    fall: float = 1.0
    own_usd: float = 0.0
    buy_usd: float = 0.0
    rent_usd: float = 0.0
    local: bool | None = None
    hosted: bool | None = None


Row = tuple[float, float, float, float, float, float, float, float, float, bool | None, bool | None]
"""A draw without its names, quicker to make."""


class Slopes(NamedTuple):
    """USD a month for one more hour of care, and for a share more that is left of the price."""

    own_care: float = 0.0
    buy_care: float = 0.0
    opex_care: float = 0.0
    rent_care: float = 0.0
    buy_residual: float = 0.0


Curve = tuple[HostNumbers, ...]
"""A machine under each of many loads, `STEPS` to each side of the present one; empty where it plays
no part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """Machines over the load.

    Attributes:
        own, buy, board: The machine, the purchase, and the rented board, whose `usd` is the rent.
        scale: Steps for one unit of the logarithm of the load.
    """

    own: Curve
    buy: Curve
    board: Curve
    scale: float

    def at(self, curve: Curve, load: float) -> HostNumbers:
        """A machine under a load, given as the logarithm of its factor."""
        step = int(load * self.scale + STEPS + 0.5)
        return curve[0 if step < 0 else min(2 * STEPS, step)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """How likely the candidates are good enough.

    Attributes:
        local, hosted: By counts of prompts; None where there are none and it is as stated.
        open_local, open_hosted: There are no counts and the gate is open: even odds for what it
            would be worth to know, though the table takes it for no pass.
        follows: Nothing is said of the hosted candidate: it passes where the local one does.
    """

    local: float | None
    hosted: float | None
    open_local: bool
    open_hosted: bool
    follows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How wide each doubt is.

    Attributes:
        volume, own, buy: Standard deviations of logarithms.
        care: Hours, or None where they play no part. residual: in the same way.
        own_usd, buy_usd, rent_usd: USD a month below and above, one standard deviation each.
        years: Over which prices fall: to the mean month of a purchase's life.
    """

    volume: float
    own: float
    buy: float
    care: Triangle | None
    residual: Triangle | None
    years: float
    own_usd: tuple[float, float] = (0.0, 0.0)
    buy_usd: tuple[float, float] = (0.0, 0.0)
    rent_usd: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """One workload with its doubts.

    Attributes:
        base: Where the table leads without any doubt.
        standing: What no number changes.
    """

    tried: Probe
    base: Lead
    standing: Standing
    numbers: Numbers
    spread: Spread
    chances: Chances
    curves: Curves
    slopes: Slopes
    _standings: dict[tuple[bool | None, bool | None], Standing] = field(default_factory=dict)

    def stands(self, local: bool | None, hosted: bool | None) -> Standing:
        """What stands when the candidates are as good as that (None is as stated)."""
        key = (local, hosted)
        found = self._standings.get(key)
        if found is None:
            facts = self.tried.facts
            changed = replace(
                facts,
                gate=facts.gate if local is None else _result(local),
                gate_hosted=facts.gate_hosted if hosted is None else _result(hosted),
            )
            found = self._standings[key] = standing_of(changed)
        return found

    def _beyond(self, numbers: Numbers, draw: Row) -> Numbers:
        """With what is bought and rented."""
        slopes, curves = self.slopes, self.curves
        frontier, hosted, rent, own, buy, board, growth, calls, days = numbers
        _, _, load, care, residual, _, _, buy_usd, rent_usd, _, _ = draw
        if curves.buy:
            more = slopes.buy_care * care + slopes.buy_residual * residual + buy_usd
            buy = _more(curves.at(curves.buy, load), more, slopes.opex_care * care)
        if curves.board:
            board = curves.at(curves.board, load)
            rent = board.usd
            if rent is not None:
                rent = max(0.0, rent + slopes.rent_care * care + rent_usd)
        return tuple.__new__(
            Numbers, (frontier, hosted, rent, own, buy, board, growth, calls, days)
        )

    def all_found(self, draws: Iterable[Row]) -> Iterator[tuple[Lead, Numbers]]:
        """Where the table leads in each world, and its numbers.

        One long loop with the names at hand: it is gone through thousands of times for a verdict.
        """
        limits, curve, scale = self.tried.limits, self.curves.own, self.curves.scale
        frontier, hosted, rent, own, buy, rented, growth, calls, days = self.numbers
        binds, own_care = self.base.on is _BUY, self.slopes.own_care
        standings, last, half = self._standings, 2 * STEPS, STEPS + 0.5
        for draw in draws:
            volume, load, _, care, _, fall, own_usd, _, _, local, hosted_too = draw
            standing = standings.get((local, hosted_too)) or self.stands(local, hosted_too)
            if curve:
                step = int(load * scale + half)
                own = curve[0 if step < 0 else min(last, step)]
                more = own_care * care + own_usd
                if more and own.usd is not None:
                    own = _more(own, more)
            # The bills and the owned machine; what is bought or rented stays in the middle.
            month = None if frontier is None else frontier * volume
            beside = None if hosted is None else hosted * volume
            busy = None if calls is None else calls * volume
            # In half the time that the call of the class takes.
            numbers = tuple.__new__(
                Numbers, (month, beside, rent, own, buy, rented, growth, busy, days)
            )
            past_home = False
            if standing.cloud and not binds:
                # Most worlds are decided before anything is bought or rented.
                found = at_home(standing, numbers, limits)
                if found is not None:
                    yield found, numbers
                    continue
                past_home = standing.own and standing.local_passes
            numbers = self._beyond(numbers, draw)
            yield self._further(fall, standing, numbers, binds=binds, past_home=past_home)

    def _further(
        self, fall: float, standing: Standing, numbers: Numbers, *, binds: bool, past_home: bool
    ) -> tuple[Lead, Numbers]:
        """Where a purchase and rent are looked at too: a purchase has to hold against the bills of
        the mean month of its life.

        Args:
            fall: See `Draw`.
            past_home: The owned machine stands, and `at_home` told None of it.
        """
        limits = self.tried.limits
        if binds:
            numbers = _fallen(numbers, fall)
            return lead(standing, numbers, limits), numbers
        found = (beyond_home if past_home else lead)(standing, numbers, limits)
        if found.on is _BUY and fall != 1.0 and found.bar is not None:
            found = lead(standing, _fallen(numbers, fall), limits)
            if found.on is not _BUY:
                # Seen over years the purchase does not hold: what holds today then?
                found = lead(standing._replace(buy=False), numbers, limits)
        return found, numbers


def _result(good: bool) -> GateResult:
    return GateResult.PASS if good else GateResult.FAIL


def _fallen(numbers: Numbers, factor: float) -> Numbers:
    frontier, hosted = numbers.frontier, numbers.hosted
    return numbers._replace(
        frontier=None if frontier is None else frontier * factor,
        hosted=None if hosted is None else hosted * factor,
    )


def cost_of(chosen: Lead, numbers: Numbers) -> float | None:
    """What an option costs in a world, carried out as it was chosen."""
    option = chosen.option
    host = numbers.buy if chosen.on is _BUY else numbers.own
    if option is _SPLIT:
        return None if chosen.bar is None else split_usd(host, bill(numbers, chosen.bar))
    if option is _HERE or option is _BUY:
        return host.usd
    return None if option is _NOWHERE else bill(numbers, option)


def _more(host: HostNumbers, usd: float, opex: float = 0.0) -> HostNumbers:
    """A machine whose bills are so much more."""
    now, peak, share, running, price, lateness, part, overflows = host
    if now is None or not (usd or opex):
        return host
    month = max(0.0, now + usd)
    if running is not None and opex:
        running = max(0.0, running + opex)
    if month:  # What overflows spares as much as before.
        part = max(0.0, 1 - now * (1 - part) / month)
    found = (month, peak, share, running, price, lateness, part, overflows)
    return tuple.__new__(HostNumbers, found)
