"""Worlds drawn from the doubts of one workload: how often its verdict holds, what it is worth.

Every doubt is drawn once from each of equally many slices of its distribution (Latin hypercube), in
an order that is shuffled once for all workloads: the same question has the same answer each time,
and a slider moves the verdict, not the dice.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from random import Random
from statistics import NormalDist
from typing import Any, NamedTuple

from landfall.core.demand.queueing import quantile
from landfall.core.figures import Triangle
from landfall.core.verdict.quick_table import Lead
from landfall.core.verdict.scene import Draw, Row, Scene, cost_of
from landfall.core.verdict.table_numbers import Numbers
from landfall.core.verdict.worlds import MeasureNext, Worlds
from landfall.core.workload.privacy import Option

DRAWS = 2000
"""Worlds that are drawn, as in worked case X2: a share of them is known to one or two points."""
QUICK_DRAWS = 400
"""While a slider moves: a share is then known to two or three points."""
_SEED = 2026
"""Fixed, so that a verdict is the same each time."""
_BINS = 24
"""What is measured is told apart in so many values."""
_DECLINE = (0.0, 0.3, 0.7)
"""Share by which the price of one hosted model falls in a year: least, likeliest, most. Source: the
triangle of worked case X2. Falls of ten times a year (a16z, 2024) are of equal quality, not of one
model."""
_WORTH_SHARE = 0.1
"""A measurement that takes less than this of the regret away is not proposed."""

_DOUBTS = (
    "volume", "own", "buy", "own_usd", "buy_usd", "rent_usd", "care", "residual", "fall", "local",
    "hosted",
)  # fmt: skip


@lru_cache(maxsize=2)
def _orders(draws: int) -> tuple[tuple[int, ...], ...]:
    """For each doubt, which slice of it each world has."""
    random = Random(_SEED)
    found = []
    for _ in _DOUBTS:
        order = list(range(draws))
        random.shuffle(order)
        found.append(tuple(order))
    return tuple(found)


@lru_cache(maxsize=32)
def _bins(doubt: int, draws: int) -> tuple[int, ...]:
    """Which of the values that a measurement tells apart each world has."""
    return tuple([place * _BINS // draws for place in _orders(draws)[doubt]])


# What most workloads share of each doubt is made once. `drawn`: in the order of the worlds, which
# take it so; else ascending, which is what a measurement would tell apart.


@lru_cache(maxsize=2)
def _slices(draws: int) -> tuple[float, ...]:
    """The middle of each slice of (0, 1)."""
    return tuple([(place + 0.5) / draws for place in range(draws)])


@lru_cache(maxsize=2)
def _ascending_normals(draws: int) -> tuple[float, ...]:
    """The standard normal there."""
    normal = NormalDist()
    return tuple([normal.inv_cdf(share) for share in _slices(draws)])


def _ordered(table: tuple[float, ...], doubt: int, *, drawn: bool) -> tuple[float, ...]:
    return tuple([table[place] for place in _orders(len(table))[doubt]]) if drawn else table


@lru_cache(maxsize=32)
def _normals(doubt: int, draws: int, drawn: bool) -> tuple[float, ...]:
    """The standard normal of a doubt."""
    return _ordered(_ascending_normals(draws), doubt, drawn=drawn)


@lru_cache(maxsize=32)
def _wide(spread: float, doubt: int, draws: int, drawn: bool) -> tuple[float, ...]:
    """A normal doubt of so much."""
    return tuple([spread * z for z in _normals(doubt, draws, drawn)])


@lru_cache(maxsize=32)
def _triangle(shape: Triangle, doubt: int, draws: int, drawn: bool) -> tuple[float, ...]:
    """A triangular doubt less its mode."""
    table = tuple([shape.at(share) - shape.mode for share in _slices(draws)])
    return _ordered(table, doubt, drawn=drawn)


@lru_cache(maxsize=8)
def _falls(years: float, doubt: int, draws: int, drawn: bool) -> tuple[float, ...]:
    """What is left of prices that fall for so long."""
    decline = Triangle(*_DECLINE)
    table = tuple([math.pow(1 - decline.at(share), years) for share in _slices(draws)])
    return _ordered(table, doubt, drawn=drawn)


@lru_cache(maxsize=8)
def _factors(volume: float, draws: int) -> tuple[float, ...]:
    """Of each world, on the volume."""
    return tuple([math.exp(v) for v in _wide(volume, 0, draws, True)])


@lru_cache(maxsize=16)
def _loads(volume: float, speed: float, doubt: int, draws: int) -> tuple[float, ...]:
    """Of each world, on a machine: a logarithm."""
    both = zip(_wide(volume, 0, draws, True), _wide(speed, doubt, draws, True), strict=True)
    return tuple([v + slower for v, slower in both])


class _Tables(NamedTuple):
    """The values of each doubt, slice by slice; None where it plays no part."""

    volume: Sequence[float]
    own: Sequence[float]
    buy: Sequence[float]
    own_usd: Sequence[float] | None
    buy_usd: Sequence[float] | None
    rent_usd: Sequence[float] | None
    care: Sequence[float] | None
    residual: Sequence[float] | None
    fall: Sequence[float]


class _Worlds(NamedTuple):
    """Worlds side by side: where the table leads in each, its numbers, what the verdict costs
    there more than the best choice, and what it saves."""

    found: list[Lead]
    numbers: list[Numbers]
    regrets: list[float | None]
    savings: list[float | None]


def _tables(scene: Scene, draws: int, *, drawn: bool) -> _Tables:
    spread, slopes, curves = scene.spread, scene.slopes, scene.curves
    cared = slopes.own_care or slopes.buy_care or slopes.rent_care
    at = (draws, drawn)
    return _Tables(
        volume=_wide(spread.volume, 0, *at),
        own=_wide(spread.own, 1, *at),
        buy=_wide(spread.buy, 2, *at),
        own_usd=_sided(spread.own_usd, 3, *at) if curves.own else None,
        buy_usd=_sided(spread.buy_usd, 4, *at) if curves.buy else None,
        rent_usd=_sided(spread.rent_usd, 5, *at) if curves.board else None,
        care=_triangle(spread.care, 6, *at) if spread.care is not None and cared else None,
        residual=_triangle(spread.residual, 7, *at)
        if spread.residual is not None and slopes.buy_residual
        else None,
        fall=_falls(spread.years, 8, *at),
    )


def _sided(
    sides: tuple[float, float], doubt: int, draws: int, drawn: bool
) -> Sequence[float] | None:
    low, high = sides
    if not low and not high:
        return None
    return [z * (high if z > 0 else low) for z in _normals(doubt, draws, drawn)]


def drawn(scene: Scene, *, draws: int = DRAWS) -> Worlds:
    """A verdict in so many worlds."""
    worlds = _worlds(scene, draws)
    leads = Counter([found.option for found in worlds.found])
    savings = sorted(saving for saving in worlds.savings if saving is not None)
    whole = len(savings) == draws
    regrets = [regret for regret in worlds.regrets if regret is not None]
    regret = math.fsum(regrets) / draws if len(regrets) == draws else None
    return Worlds(
        draws=draws,
        p_best={option: count / draws for option, count in leads.most_common()},
        saving_mean=math.fsum(savings) / draws if whole else None,
        saving_p05=quantile(savings, 0.05) if whole else None,
        saving_p95=quantile(savings, 0.95) if whole else None,
        regret_usd_month=regret,
        measure=_measure(scene, worlds, regret, draws) if regret else None,
    )


def _worlds(scene: Scene, draws: int) -> _Worlds:
    base, locked = scene.base, scene.standing.only_local
    # A split is billed at the bar of the verdict, which need not be that of the world.
    alone = None if base.option is Option.HYBRID else base.option
    worlds = _Worlds([], [], [], [])
    keep, keep_numbers = worlds.found.append, worlds.numbers.append
    save, regret = worlds.savings.append, worlds.regrets.append
    for found, numbers in scene.all_found(_draws(scene, draws)):
        cost = found.usd if found.option is alone else cost_of(base, numbers)
        best, frontier = found.usd, numbers.frontier
        keep(found)
        keep_numbers(numbers)
        save(None if cost is None or frontier is None else frontier - cost)
        if locked or cost is None or best is None:
            regret(None)
        else:
            regret(cost - best if cost > best else 0.0)
    if (scene.chances.open_local or scene.chances.open_hosted) and not locked:
        worlds.regrets[:] = _regrets_with_gates(scene, worlds, draws)
    return worlds


def _regrets_with_gates(scene: Scene, worlds: _Worlds, draws: int) -> Iterator[float | None]:
    """Against the best choice of who also knows the gates that nobody has measured."""
    opened = (_opened(scene, draw, at, draws) for at, draw in enumerate(_draws(scene, draws)))
    for numbers, (best, _) in zip(worlds.numbers, scene.all_found(opened), strict=True):
        cost = cost_of(scene.base, numbers)
        yield None if cost is None or best.usd is None else max(0.0, cost - best.usd)


def _draws(scene: Scene, draws: int) -> Iterator[Row]:
    spread, tables = scene.spread, _tables(scene, draws, drawn=True)
    nothing = (0.0,) * draws
    local, hosted = _gates(scene, draws)
    return zip(
        _factors(spread.volume, draws),
        _loads(spread.volume, spread.own, 1, draws),
        _loads(spread.volume, spread.buy, 2, draws),
        tables.care or nothing,
        tables.residual or nothing,
        tables.fall,
        tables.own_usd or nothing,
        tables.buy_usd or nothing,
        tables.rent_usd or nothing,
        local,
        hosted,
        strict=True,
    )


def _gates(scene: Scene, draws: int) -> tuple[Sequence[bool | None], Sequence[bool | None]]:
    """Whether each candidate is good enough in each world, by the odds that its counts leave."""
    chances, orders = scene.chances, _orders(draws)
    unsaid: Sequence[bool | None] = (None,) * draws
    local, hosted = (
        unsaid if odds is None else [place < odds * draws for place in order]
        for odds, order in zip((chances.local, chances.hosted), orders[-2:], strict=True)
    )
    return local, local if chances.follows else hosted


def _opened(scene: Scene, draw: Row, index: int, draws: int) -> Draw:
    """The same world with gates that nobody has measured decided by even odds."""
    chances, orders = scene.chances, _orders(draws)
    *_, local, hosted = draw
    if chances.open_local:
        local = orders[-2][index] * 2 < draws
    if chances.open_hosted:
        hosted = local if chances.follows else orders[-1][index] * 2 < draws
    return Draw._make(draw)._replace(local=local, hosted=hosted)


# What to measure ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Measurement:
    """Something that can be found out.

    Attributes:
        doubt: Its place among the doubts.
        path: The key that holds it. why: In words.
        draw: The share of its slices to a world in which nothing else is doubted.
    """

    doubt: int
    path: str
    why: str
    draw: Callable[[float], Draw]


def _measure(scene: Scene, worlds: _Worlds, regret: float, draws: int) -> MeasureNext | None:
    """The measurement after which the least regret is left, where that is worth the trouble."""
    found = [
        (_left(scene, worlds, one, draws), one.path, one.why) for one in _measurements(scene, draws)
    ]
    if not found:
        return None
    left, path, why = min(found)
    if left > (1 - _WORTH_SHARE) * regret:
        return None
    return MeasureNext(path=path, why=why, regret_left_usd_month=left)


def _left(scene: Scene, worlds: _Worlds, one: _Measurement, draws: int) -> float:
    """Regret that is left when one thing is known: decided by it and the middle of the rest."""
    known = [one.draw((place + 0.5) / _BINS) for place in range(_BINS)]
    chosen = [found for found, _ in scene.all_found(known)]
    base = scene.base.option
    others = [None if then.option is base else then for then in chosen]
    if not any(others):
        # Whatever turns out, the same is decided: all of it is left.
        return math.fsum([regret or 0.0 for regret in worlds.regrets]) / draws
    bins, total = _bins(one.doubt, draws), 0.0
    for place, found, numbers, regret in zip(
        bins, worlds.found, worlds.numbers, worlds.regrets, strict=True
    ):
        then = others[place]
        if then is None:
            total += regret or 0.0
            continue
        cost, best = cost_of(then, numbers), _best(scene, found, numbers, regret)
        if cost is not None and best is not None:
            total += max(0.0, cost - best)
    return total / draws


def _best(scene: Scene, found: Lead, numbers: Numbers, regret: float | None) -> float | None:
    """What the best choice costs in a world."""
    if not (scene.chances.open_local or scene.chances.open_hosted):
        return found.usd
    cost = cost_of(scene.base, numbers)
    return None if cost is None or regret is None else cost - regret


def _measurements(scene: Scene, draws: int) -> Iterator[_Measurement]:
    tables = _tables(scene, draws, drawn=False)
    workload = scene.tried.workload

    def at(table: Sequence[float], share: float) -> float:
        return table[min(draws - 1, int(share * draws))]

    def volume(share: float) -> Draw:
        v = at(tables.volume, share)
        return Draw(volume=math.exp(v), own=v, buy=v)

    path = "volume.series" if workload.volume.series else "volume.calls_per_day"
    yield _Measurement(0, path, "observe the volume for longer", volume)
    if scene.curves.own:
        yield _Measurement(
            1,
            "quotes.machine.peak_utilisation",
            "run the local model on this machine: how fast it really is",
            lambda share: Draw(own=at(tables.own, share)),
        )
    if scene.curves.buy:
        yield _Measurement(
            2,
            "quotes.buy.peak_utilisation",
            "try the machine that would be bought: how fast it really is",
            lambda share: Draw(buy=at(tables.buy, share)),
        )
    for doubt, table, name, path, why in (
        (3, tables.own_usd, "own_usd", "quotes.machine.marginal_usd_month", "measure its power"),
        (4, tables.buy_usd, "buy_usd", "buy.price", "get a quote for the machine"),
        (5, tables.rent_usd, "rent_usd", "quotes.rent_gpu_usd_month", "get a quote for the GPU"),
        (6, tables.care, "care", "organisation.ops_hours_per_month", "note the hours of care"),
    ):
        if table is not None:
            yield _Measurement(doubt, path, why, partial(_only, table, name, draws))
    yield from _gates_to_run(scene)


def _gates_to_run(scene: Scene) -> Iterator[_Measurement]:
    chances = scene.chances
    if chances.local is not None or chances.open_local:
        odds = 0.5 if chances.local is None else chances.local
        why = "run the quality gate of the local model on as many of your prompts as you can"
        yield _Measurement(9, "quality.gate", why, partial(_gate, scene, odds))
    if not chances.follows and (chances.hosted is not None or chances.open_hosted):
        odds = 0.5 if chances.hosted is None else chances.hosted
        why = "run the quality gate of the hosted model on as many of your prompts as you can"
        yield _Measurement(10, "quality.gate_hosted", why, partial(_hosted_gate, odds))


def _only(table: Sequence[float], name: str, draws: int, share: float) -> Draw:
    more: dict[str, Any] = {name: table[min(draws - 1, int(share * draws))]}
    return Draw(**more)


def _gate(scene: Scene, odds: float, share: float) -> Draw:
    good = share < odds
    return Draw(local=good, hosted=good if scene.chances.follows else None)


def _hosted_gate(odds: float, share: float) -> Draw:
    return Draw(hosted=share < odds)
