"""What if an input were another: which may be moved, how far, and the workload that results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from landfall.core.provenance import Figure, Stated, middle
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.care import care_hours, hourly_rate
from landfall.core.verdict.facts import Facts
from landfall.core.workload.keys import BY_PATH, Kind, get, put
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload

REACH = 20.0
"""A value may be moved to a twentieth and to twenty times of what it is."""
STEPS = 100
"""Positions of a slider on each side of the present value."""
ELECTRICITY = "electricity.usd_per_kwh"
"""An assumption of the settings and no key of a workload: moved in the world."""
_DEAREST_KWH = 5.0
"""USD; the end of its slider, several times what any household pays."""
_FROM_NOTHING = {
    "organisation.ops_hours_per_month": 40.0,
    "today.batch_share": 1.0,
    "today.retry_share": 0.5,
    "tokens.cached_input": 10_000.0,
    "buy.residual_share": 1.0,
    "buy.setup_hours": 100.0,
}
"""How far a value that is 0 may be moved."""
_ADDED = {"volume.growth_per_month": 0.2}
"""Moved by adding, because it may be negative: so much at the end of the slider."""
_BILLS = (
    "quotes.cloud_frontier_usd_month",
    "quotes.hosted_open_usd_month",
    "quotes.rent_gpu_usd_month",
    "quotes.machine.marginal_usd_month",
)
"""Moved as a share of what the bill would be, so that they still follow the volume."""
_STATED = (
    "tokens.cached_input",
    "tokens.context_p99",
    "latency.p95_seconds",
    "volume.batch_window_hours",
    "quotes.machine.peak_utilisation",
    "quotes.machine.absorbed_share",
)
"""Moved only where the workload states them: nothing stands for them otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """An input that may be moved.

    Attributes:
        path: Of its key in the workload file, or `ELECTRICITY`.
        now: Its present value, stated or computed.
        follows: Whether it is a bill that follows the volume, and is moved as a share of itself.
    """

    path: str
    now: float
    follows: bool = False

    def value(self, position: int) -> float:
        """The value at a position from -STEPS to STEPS; 0 is the present one."""
        if position == 0:
            return self.now
        low, high = _bounds(self.path)
        if self.path in _ADDED:
            raw = self.now + position / STEPS * _ADDED[self.path]
        elif self.now == 0:
            raw = position / STEPS * _FROM_NOTHING.get(self.path, 1.0)
        else:
            raw = self.now * REACH ** (position / STEPS)
        value = float(f"{min(max(raw, low), high):.3g}")
        return float(round(value)) if _is_whole(self.path) else value


def _bounds(path: str) -> tuple[float, float]:
    if path == ELECTRICITY:
        return 0.0, _DEAREST_KWH
    key = BY_PATH[path]
    return key.low, key.high


def _is_whole(path: str) -> bool:
    return path != ELECTRICITY and BY_PATH[path].kind is Kind.WHOLE


def knobs(workload: Workload, facts: Facts, assembler: Assembler) -> tuple[Knob, ...]:
    """The inputs that may be moved, in the order in which they are thought of.

    Left out is what is not known, what a series of observed days replaces, and what the decision
    would not look at.
    """
    wanted = (
        *_work(workload),
        *((path, middle(figure)) for path, figure in monthly_bills(facts)),
        *_care(workload, assembler),
        *_purchase(workload, facts, assembler),
        *((path, _stated(workload, path)) for path in _STATED),
        *_today(workload),
    )
    return tuple(
        Knob(path=path, now=now, follows=path in _BILLS)
        for path, now in wanted
        if now is not None and (now > 0 or path in _FROM_NOTHING or path in _ADDED)
    )


_Wanted = tuple[str, float | None]


def _stated(workload: Workload, path: str) -> float | None:
    value: float | None = get(workload, BY_PATH[path])
    return value


def _work(workload: Workload) -> Iterator[_Wanted]:
    if not workload.volume.series:
        yield "volume.calls_per_day", workload.volume.calls_per_day
    yield "tokens.input", workload.tokens.input
    yield "tokens.output", workload.tokens.output


def _care(workload: Workload, assembler: Assembler) -> Iterator[_Wanted]:
    """What running a machine of one's own asks of people and of the socket."""
    world = assembler.world
    yield "organisation.ops_hours_per_month", middle(care_hours(workload, world))
    yield "organisation.hourly_rate", hourly_rate(workload, world)
    yield ELECTRICITY, middle(world.usd_per_kwh)


def _purchase(workload: Workload, facts: Facts, assembler: Assembler) -> Iterator[_Wanted]:
    if facts.buy is None:
        return
    if workload.says_what_is_bought:
        quoted = workload.quotes.buy.price_usd is not None
        yield "quotes.buy.price" if quoted else "buy.price", middle(facts.buy.price_usd)
    assumed = assembler.world.assumptions
    if workload.quotes.buy.tco_usd_month is not None or assumed is None:
        return
    pairs: tuple[tuple[str, float | None, Figure], ...] = (
        ("buy.residual_share", workload.buy.residual_share, assumed.residual_share),
        ("buy.months", workload.buy.months, assumed.months),
        ("buy.setup_hours", workload.buy.setup_hours, assumed.setup_hours),
    )
    for path, stated, usual in pairs:
        yield path, middle(usual) if stated is None else stated


def _today(workload: Workload) -> Iterator[_Wanted]:
    """How the present bill comes about; a bill that is quoted rests on none of it."""
    yield "volume.growth_per_month", workload.volume.growth_per_month
    if workload.quotes.cloud_frontier_usd_month is None:
        yield "today.batch_share", workload.today.batch_share
        yield "today.retry_share", workload.today.retry_share


def monthly_bills(facts: Facts) -> tuple[tuple[str, Figure], ...]:
    """The bills that follow the volume, by the key that would state them: USD a month."""
    frontier, hosted, rent, marginal = _BILLS
    pairs: list[tuple[str, Figure]] = [(frontier, facts.frontier)]
    if facts.hosted_allowed and facts.hosted_offered:
        pairs.append((hosted, facts.hosted))
    if Option.RENT_GPU in facts.lock.inside:
        pairs.append((rent, facts.rent))
    if facts.machine is not None:
        pairs.append((marginal, facts.machine.usd_month))
    return tuple(pairs)


def in_world(assembler: Assembler, values: Mapping[Knob, float]) -> Assembler:
    """The world with assumptions at other values; what a machine can do stays computed."""
    for knob, value in values.items():
        if knob.path == ELECTRICITY:
            return assembler.in_world(
                replace(assembler.world, usd_per_kwh=Stated(value, "what if"))
            )
    return assembler


def changed(
    workload: Workload,
    assembler: Assembler,
    values: Mapping[Knob, float],
    *,
    facts: Facts | None = None,
) -> Workload:
    """The workload with knobs at other values.

    Bills come last: each is moved by the same share from what it is after the other changes.

    Args:
        facts: Of the workload as it is, where they are known: with bills alone they are moved from.
    """
    result = workload
    for knob, value in values.items():
        if not knob.follows and knob.path != ELECTRICITY:
            whole = _is_whole(knob.path)
            result = put(result, BY_PATH[knob.path], round(value) if whole else value)
    bills = [(knob, value) for knob, value in values.items() if knob.follows]
    if not bills:
        return result
    if facts is None or result is not workload:
        facts = assembler.facts(result)
    now = {path: middle(figure) for path, figure in monthly_bills(facts)}
    for knob, value in bills:
        bill = now.get(knob.path)
        if bill is not None:
            key = BY_PATH[knob.path]
            result = put(result, key, min(bill * value / knob.now, key.high))
    return result
