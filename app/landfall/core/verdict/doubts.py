"""How much is doubted of one workload: the scene in which worlds are drawn.

The doubts (published decision guide and our judgement): volume lognormal from the class of its
forecast; hours of care triangular, a third to eight thirds of what is stated or assumed (1, 3, 8);
what is left of a price triangular, nothing to eight fifths of it (0, 25, 40 %); the fall of cloud
prices triangular (0, 30, 70 % a year); the speed of a machine within its band, at least 10 %; the
rest of a bill within its band; a gate by what its counts leave open.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist

from landfall.core.demand.forecast import Predictability
from landfall.core.figures import Triangle
from landfall.core.provenance import Figure, band, middle
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.quality.votes import with_votes
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.bills import life_of
from landfall.core.verdict.care import care_hours
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.parts import Part, touches
from landfall.core.verdict.quick_changes import Probe
from landfall.core.verdict.scene import (
    REACH,
    STEPS,
    Chances,
    Curve,
    Curves,
    Scene,
    Slopes,
    Spread,
)
from landfall.core.verdict.table_numbers import HostNumbers, Numbers, Reading, Standing
from landfall.core.verdict.turning import host_at, moved
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.workload import Workload

Z_80 = 1.2815515655446004
"""Half of a band that holds eight of ten cases, in standard deviations."""
VOLUME_SPREAD = {
    Predictability.PREDICTABLE: math.log(1.2) / Z_80,
    Predictability.VARIABLE: math.log(1.4) / Z_80,
    Predictability.UNPREDICTABLE: math.log(2.0) / Z_80,
    Predictability.UNKNOWN: math.log(2.0) / Z_80,
}
"""Spread of the logarithm of the volume: the limits of the classes (20 %, 40 %) are taken as the
ends of an 80 % band; beyond them a factor of two."""
_SPEED_SPREAD = math.log(1.1) / Z_80
"""Of a measured or quoted throughput: ten per cent to each side, as in worked case X2."""
_DEFAULT_MONTHS = 36.0
"""As `months` of resources/purchases.json: a straight line over three years."""
_LEAST_CARE, _MOST_CARE, _MOST_LEFT = 1 / 3, 8 / 3, 1.6
"""Ends of what care takes and of what is left of a price, over the middle: the triangles 1, 3, 8
hours and 0, 25, 40 % of worked case X2."""
_KNOTS = (-3.0, -1.2, -0.5, 0.0, 0.5, 1.2, 3.0)
"""Worlds are read at so many spreads of the load, more of them where most worlds lie."""
_OPS, _RESIDUAL = BY_PATH["organisation.ops_hours_per_month"], BY_PATH["buy.residual_share"]


def scene(tried: Probe, facts: Facts, assembler: Assembler) -> Scene:
    """A workload with its doubts.

    Args:
        tried: Its probe: figures at their middles.
        facts: Of the workload, with bands.
        assembler: Of the world with bands.
    """
    standing, numbers = tried.now
    chances = _chances(tried.workload, facts, assembler)
    own, buy, rent = _matter(standing, chances)
    spread = _spread(tried, facts, assembler)
    step = math.hypot(spread.volume, max(spread.own, spread.buy))
    parts = _parts(own, buy, rent)
    read = [tried.busier(math.exp(knot), parts) for knot in _knots(step)]
    boards = [one.rented._replace(usd=one.rent) for one in read]
    curves = Curves(
        own=_curve([one.own for one in read], step) if own else (),
        buy=_curve([one.buy for one in read], step) if buy else (),
        board=_curve(boards, step) if rent else (),
        scale=STEPS / (REACH * step),
    )
    slopes = _slopes(tried, numbers, spread)
    return Scene(
        tried=tried,
        base=tried.lead(Reading(standing, numbers)),
        standing=standing,
        numbers=numbers,
        spread=_with_bands(spread, facts, _assumed_sides(tried, assembler), curves, slopes),
        chances=chances,
        curves=curves,
        slopes=slopes,
    )


def _matter(standing: Standing, chances: Chances) -> tuple[bool, bool, bool]:
    """Whether the owned machine, a purchase and rent may be led to in any world at all."""
    passes = standing.local_passes or chances.local is not None or chances.open_local
    able = standing.only_local or passes
    steady = standing.predictable and not standing.startup
    locked = not standing.cloud
    return (
        standing.own and (able or locked),
        standing.buy and (standing.only_local or locked or (passes and steady)),
        standing.rent and passes and not (standing.startup and standing.cloud),
    )


def _parts(own: bool, buy: bool, rent: bool) -> frozenset[Part]:
    pairs = ((Part.OWN, own), (Part.BUY, buy), (Part.RENT, rent))
    return frozenset(part for part, matters in pairs if matters)


# Spreads -----------------------------------------------------------------------------------------


def _spread(tried: Probe, facts: Facts, assembler: Assembler) -> Spread:
    world = assembler.world
    hours = middle(care_hours(tried.workload, world))
    months, left = life_of(tried.workload, world)
    share = middle(left)
    return Spread(
        volume=volume_spread(facts),
        own=_speed(facts.machine),
        buy=_speed(facts.buy or facts.rented),
        care=Triangle(hours * _LEAST_CARE, hours, hours * _MOST_CARE) if hours else None,
        residual=Triangle(0.0, share, min(1.0, share * _MOST_LEFT)) if share else None,
        years=(middle(months) or _DEFAULT_MONTHS) / 24,
    )


_Sides = tuple[float, float]
"""How far below and above the middle, one standard deviation each."""
_NOTHING: _Sides = (0.0, 0.0)
"""What is known without a doubt."""


def _assumed_sides(tried: Probe, assembler: Assembler) -> tuple[_Sides, _Sides]:
    """Of the hours of care, and of what is left of a price; none where they are stated."""
    workload, world = tried.workload, assembler.world
    return _sides(care_hours(workload, world)), _sides(life_of(workload, world)[1])


def _with_bands(
    spread: Spread,
    facts: Facts,
    assumed: tuple[_Sides, _Sides],
    curves: Curves,
    slopes: Slopes,
) -> Spread:
    """With what the bands of the bills hold beside care, speed and what is left of a price: those
    are drawn apart. Parts of a band add up as their squares do (`figures.combined`)."""
    hours, left = assumed
    machine = facts.machine.usd_month if facts.machine else None
    bought = facts.buy.usd_month if facts.buy else None
    return replace(
        spread,
        own_usd=_beside(
            machine if curves.own else None,
            _times(hours, slopes.own_care),
            _of_speed(curves, curves.own, spread.own),
        ),
        buy_usd=_beside(
            bought if curves.buy else None,
            _times(hours, slopes.buy_care),
            _times(left, slopes.buy_residual),
            _of_speed(curves, curves.buy, spread.buy),
        ),
        rent_usd=_beside(
            facts.rent if curves.board else None,
            _times(hours, slopes.rent_care),
            _of_speed(curves, curves.board, spread.buy),
        ),
    )


def _times(sides: _Sides, slope: float) -> _Sides:
    low, high = sides
    return (low * slope, high * slope) if slope >= 0 else (-high * slope, -low * slope)


def _of_speed(curves: Curves, curve: Curve, spread: float) -> _Sides:
    if not curve:
        return _NOTHING
    low, mid, high = (
        curves.at(curve, spread * side * Z_80).usd or 0.0 for side in (-1.0, 0.0, 1.0)
    )
    return (mid - low) / Z_80, (high - mid) / Z_80


def _beside(figure: Figure | None, *parts: _Sides) -> _Sides:
    if figure is None:
        return _NOTHING
    low, high = _sides(figure)
    for down, up in parts:
        low, high = _less_squared(low, down), _less_squared(high, up)
    return low, high


def _less_squared(whole: float, part: float) -> float:
    return math.sqrt(max(0.0, whole * whole - part * part))


_LEAST_SPREAD = 0.02
"""No volume is known better than to two per cent, however steady it was: our choice."""
_OF_MEAN_ERROR = math.sqrt(math.pi / 2)
"""Standard deviation of normal errors over the mean of their sizes."""


def volume_spread(facts: Facts) -> float:
    """Spread of the logarithm of the volume: from the error that the forecast had, where it was
    tried on observed days; else from its class."""
    outlook = facts.outlook
    if outlook is None or outlook.predictability is not facts.predictability:
        return VOLUME_SPREAD[facts.predictability]
    error = outlook.error_28_days if outlook.error_28_days is not None else outlook.error_7_days
    if error is None:
        return VOLUME_SPREAD[facts.predictability]
    return max(_LEAST_SPREAD, math.log1p(_OF_MEAN_ERROR * error))


def _speed(host: HostFacts | None) -> float:
    """Spread of the logarithm of the seconds a call takes."""
    strain = None if host is None else host.strain
    ends = None if strain is None else band(strain.service.seconds)
    if ends is None or ends[0] <= 0 or not math.isfinite(ends[2]):
        return _SPEED_SPREAD
    return max(_SPEED_SPREAD, math.log(ends[2] / ends[0]) / 2 / Z_80)


def _sides(figure: Figure) -> tuple[float, float]:
    ends = band(figure)
    if ends is None:
        return 0.0, 0.0
    low, mid, high = ends
    return (mid - low) / Z_80, (high - mid) / Z_80


# The gates ---------------------------------------------------------------------------------------


_OPEN = (GateResult.UNMEASURED, GateResult.INCONCLUSIVE)


def _chances(workload: Workload, facts: Facts, assembler: Assembler) -> Chances:
    judged = with_votes(workload, assembler.world.voted)
    quality, margin = judged.quality, judged.margin
    local = None if quality.pairs is None else chance(quality.pairs, margin)
    hosted = None if quality.pairs_hosted is None else chance(quality.pairs_hosted, margin)
    offered = facts.hosted_allowed and facts.hosted_offered
    return Chances(
        local=local,
        hosted=hosted,
        open_local=local is None and facts.gate in _OPEN,
        open_hosted=hosted is None and facts.gate_hosted in _OPEN and offered,
        follows=quality.pairs_hosted is None and quality.gate_hosted is None,
    )


def chance(pairs: Pairs, margin: float) -> float:
    """The chance that a candidate is no worse than the margin, after these prompts.

    The difference of two paired shares is nearly normal; half a prompt is added to each kind of
    disagreement (Jeffreys), so that a set without any is not certain.
    """
    prompts = pairs.prompts + 1.0
    difference = (pairs.local_only - pairs.cloud_only) / prompts
    disagreement = (pairs.local_only + pairs.cloud_only + 1.0) / prompts
    spread = math.sqrt(max(1e-12, disagreement - difference * difference) / prompts)
    return NormalDist().cdf((difference + margin) / spread)


# Curves ------------------------------------------------------------------------------------------


def _slopes(tried: Probe, base: Numbers, spread: Spread) -> Slopes:
    found = Slopes()
    workload = tried.workload
    if spread.care is not None:
        hours = put(workload, _OPS, min(spread.care.mode + 1.0, _OPS.high))
        more = tried.read(hours, touches(_OPS.path)).numbers
        found = found._replace(
            own_care=_less(more.own.usd, base.own.usd),
            buy_care=_less(more.buy.usd, base.buy.usd),
            opex_care=_less(more.buy.opex, base.buy.opex),
            rent_care=_less(more.rent, base.rent),
        )
    if spread.residual is not None:
        nothing = tried.read(put(workload, _RESIDUAL, 0.0), touches(_RESIDUAL.path)).numbers
        per_share = _less(base.buy.usd, nothing.buy.usd) / spread.residual.mode
        found = found._replace(buy_residual=per_share)
    return found


def _less(first: float | None, second: float | None) -> float:
    return 0.0 if first is None or second is None else first - second


def _curve(hosts: list[HostNumbers], step: float) -> Curve:
    """A machine under each load: straight in the load between each two that were read."""
    ready = [host._replace(lateness=_ended(host.lateness)) for host in hosts]
    ways = [moved(near, far) for near, far in pairwise(ready)]
    found = [(host_at(*ways[leg], share), share) for leg, share in _legs(step)]
    return tuple(host if 0 <= share <= 1 else _checked(host) for host, share in found)


@lru_cache(maxsize=8)
def _legs(step: float) -> tuple[tuple[int, float], ...]:
    """Of each load of a curve: the knot before it, and its share of the way to the next."""
    knots = _knots(step)
    at = [math.exp(knot) for knot in knots]
    found = []
    for place in range(-STEPS, STEPS + 1):
        load = REACH * step / STEPS * place
        leg = min(len(knots) - 2, max(0, bisect_right(knots, load) - 1))
        found.append((leg, (math.exp(load) - at[leg]) / (at[leg + 1] - at[leg])))
    return tuple(found)


def _knots(step: float) -> list[float]:
    """Logarithms of the loads that are read, for a spread of them."""
    return [step * spreads for spreads in _KNOTS]


_NEVER = 1e3
"""Stands for an endless lateness, so that what lies before it can be interpolated."""


def _ended(lateness: float | None) -> float | None:
    return _NEVER if lateness is not None and math.isinf(lateness) else lateness


def _checked(host: HostNumbers) -> HostNumbers:
    """Beyond the last volume read nothing becomes negative, and no share more than all."""
    usd, peak, share, opex = (
        one if one is None or one >= 0 else 0.0
        for one in (host.usd, host.peak, host.share, host.opex)
    )
    if share is not None and share > 1:
        share = 1.0
    return host._replace(usd=usd, peak=peak, share=share, opex=opex)
