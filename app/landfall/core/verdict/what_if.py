"""What if an input were another: which may be moved, how far, and the workload that results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from landfall.core.provenance import Figure, middle
from landfall.core.verdict.evidence import Assembler
from landfall.core.verdict.facts import Facts
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.workload import Workload

REACH = 20.0
"""A value may be moved to a twentieth and to twenty times of what it is."""
STEPS = 100
"""Positions of a slider on each side of the present value."""
_FROM_NOTHING = {"organisation.ops_hours_per_month": 40.0}
"""How far a value that is 0 may be moved."""
_BILLS = ("quotes.cloud_frontier_usd_month", "quotes.hosted_open_usd_month")
"""Moved as a share of what the bill would be, so that they still follow the volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """An input that may be moved.

    Attributes:
        path: Of its key in the workload file.
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
        if self.now == 0:
            return max(0.0, position / STEPS) * _FROM_NOTHING.get(self.path, 1.0)
        raw: float = self.now * REACH ** (position / STEPS)
        key = BY_PATH[self.path]
        return float(f"{min(max(raw, key.low), key.high):.3g}")


def knobs(workload: Workload, facts: Facts, assembler: Assembler) -> tuple[Knob, ...]:
    """The inputs that may be moved, in the order in which they are thought of.

    Left out is what is not known, what a series of observed days replaces, and what the decision
    would not look at.
    """
    assumed = assembler.world.assumptions
    care = None if assumed is None else middle(assumed.ops_hours_per_month)
    price = facts.buy.price_usd if facts.buy is not None else None
    wanted: list[tuple[str, float | None]] = []
    if not workload.volume.series:
        wanted.append(("volume.calls_per_day", workload.volume.calls_per_day))
    wanted += [("tokens.input", workload.tokens.input), ("tokens.output", workload.tokens.output)]
    wanted += [(path, middle(figure)) for path, figure in _bills(facts)]
    stated = workload.organisation.ops_hours_per_month
    wanted.append(("organisation.ops_hours_per_month", care if stated is None else stated))
    bought = "buy.price" if workload.quotes.buy.price_usd is None else "quotes.buy.price"
    wanted.append((bought, None if price is None else middle(price)))
    return tuple(
        Knob(path=path, now=now, follows=path in _BILLS)
        for path, now in wanted
        if now is not None and (now > 0 or path in _FROM_NOTHING)
    )


def _bills(facts: Facts) -> tuple[tuple[str, Figure], ...]:
    frontier, hosted = _BILLS
    allowed = facts.hosted_allowed and facts.hosted_offered
    pairs: tuple[tuple[str, Figure], ...] = ((frontier, facts.frontier),)
    return (*pairs, (hosted, facts.hosted)) if allowed else pairs


def changed(workload: Workload, assembler: Assembler, values: Mapping[Knob, float]) -> Workload:
    """The workload with knobs at other values.

    Bills come last: each is moved by the same share from what it is after the other changes.
    """
    result = workload
    for knob, value in values.items():
        if not knob.follows:
            result = put(result, BY_PATH[knob.path], value)
    bills = [(knob, value) for knob, value in values.items() if knob.follows]
    if not bills:
        return result
    now = {path: middle(figure) for path, figure in _bills(assembler.facts(result))}
    for knob, value in bills:
        bill = now.get(knob.path)
        if bill is not None:
            key = BY_PATH[knob.path]
            result = put(result, key, min(bill * value / knob.now, key.high))
    return result
