"""How far each input moves the saving within its usual doubt: the bars of a tornado."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.doubts import Z_80, volume_spread
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.parts import Part, touches
from landfall.core.verdict.quick_changes import Probe, probe
from landfall.core.verdict.quick_table import Lead
from landfall.core.verdict.scene import cost_of
from landfall.core.verdict.sensitivity import NUMBERS, applies, present
from landfall.core.verdict.table_numbers import numbers_of
from landfall.core.verdict.verdict import Flip
from landfall.core.verdict.what_if import Knob, changed, knobs
from landfall.core.workload.keys import BY_PATH, Kind
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload

MOST_BARS = 12
"""As many as a page holds."""
_QUOTED = "quotes."
_NEAR = 2.0
"""A flip is told beside a bar as far as so many times the reach of the bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSwing:
    """One input at both ends of its usual doubt.

    Attributes:
        path: Of its key in the workload file.
        now: Its present value.
        low, high: The ends: one world in ten lies below, one above. The volume's follow from the
            class of its forecast, the others' are the value less and plus its usual doubt
            (`sensitivity.NUMBERS`).
        saving_low, saving_high: USD a month saved against today at each end, with the present
            verdict carried out all the same; negative is a loss.
        flips_at: The value nearest to the present one at which the verdict turns, between the ends
            or near them; None where there is none.
    """

    path: str
    now: float
    low: float
    high: float
    saving_low: float
    saving_high: float
    flips_at: float | None = None


def swings(
    workload: Workload,
    assembler: Assembler,
    limits: Thresholds,
    option: Option,
    *,
    flips: Iterable[Flip] = (),
) -> tuple[InputSwing, ...]:
    """Inputs that move the saving of an option, the widest first; those that move nothing are out.

    Args:
        workload: As stated.
        assembler: The world in which it was decided.
        limits: Where the rules turn.
        option: What is carried out: the present verdict.
        flips: Of that verdict, for the ticks.
    """
    tried = probe(workload, assembler, limits)
    facts, chosen = tried.facts, _lead_of(tried, option)
    known = tuple(flips)
    found = []
    for knob in _moved(workload, facts, tried):
        parts = touches(knob.path) & _counted(chosen)
        if not parts:
            continue
        low, high = _ends(knob, facts)
        savings = [_saving(tried, chosen, knob, end, parts) for end in (low, high)]
        if savings[0] is None or savings[1] is None or savings[0] == savings[1]:
            continue
        found.append(
            InputSwing(
                path=knob.path,
                now=knob.now,
                low=low,
                high=high,
                saving_low=savings[0],
                saving_high=savings[1],
                flips_at=_tick(knob, low, high, known),
            )
        )
    found.sort(key=_width)
    return tuple(found[:MOST_BARS])


def _width(one: InputSwing) -> float:
    return -abs(one.saving_high - one.saving_low)


def _lead_of(tried: Probe, option: Option) -> Lead:
    base = tried.lead(tried.now)
    if option is base.option:
        return base
    here = Option.LOCAL_BUY if option is Option.LOCAL_BUY else Option.LOCAL_THIS_MACHINE
    return Lead(option, None, base.bar, here)


def _moved(workload: Workload, facts: Facts, tried: Probe) -> Iterator[Knob]:
    """The inputs that a slider moves, and every other number that the file states."""
    first = knobs(workload, facts, tried.assembler)
    yield from (knob for knob in first if knob.path in NUMBERS and knob.now != 0)
    told = {knob.path for knob in first}
    for path in NUMBERS:
        if path in told or path.startswith(_QUOTED) or not applies(workload, path):
            continue
        now = present(workload, facts, path)
        if now:
            yield Knob(path=path, now=now)


def _ends(knob: Knob, facts: Facts) -> tuple[float, float]:
    key = BY_PATH[knob.path]
    if knob.path == "volume.calls_per_day":
        factor = math.exp(Z_80 * volume_spread(facts))
        ends = (knob.now / factor, knob.now * factor)
    else:
        doubt = NUMBERS[knob.path]
        ends = (knob.now * (1 - doubt), knob.now * (1 + doubt))
    low, high = (min(max(end, key.low), key.high) for end in ends)
    return (float(round(low)), float(round(high))) if key.kind is Kind.WHOLE else (low, high)


_BILL = {
    Option.CLOUD_FRONTIER: Part.FRONTIER,
    Option.HOSTED_OPEN: Part.HOSTED,
    Option.RENT_GPU: Part.RENT,
    Option.LOCAL_THIS_MACHINE: Part.OWN,
    Option.LOCAL_BUY: Part.BUY,
}


def _counted(chosen: Lead) -> frozenset[Part]:
    """The bills that the saving is made of: today's, and what is carried out."""
    split = (chosen.on, chosen.bar) if chosen.option is Option.HYBRID else ()
    options = (Option.CLOUD_FRONTIER, chosen.option, *split)
    return frozenset(_BILL[option] for option in options if option in _BILL)


def _saving(
    tried: Probe, chosen: Lead, knob: Knob, value: float, parts: frozenset[Part]
) -> float | None:
    """USD a month that a verdict saves against today with an input at a value.

    Args:
        parts: The bills that the input moves and the saving is made of.
    """
    if BY_PATH[knob.path].kind is Kind.WHOLE:
        value = round(value)
    work = changed(tried.workload, tried.assembler, {knob: value}, facts=tried.facts)
    numbers = numbers_of(tried.facts_of(work, parts))
    cost = cost_of(chosen, numbers)
    return None if cost is None or numbers.frontier is None else numbers.frontier - cost


def _tick(knob: Knob, low: float, high: float, flips: Iterable[Flip]) -> float | None:
    reach = _NEAR * (high - low)
    ats = [
        float(flip.at)
        for flip in flips
        if flip.input == knob.path and isinstance(flip.at, int | float)
    ]
    near = [at for at in ats if low - reach <= at <= high + reach]
    return min(near, key=lambda at: abs(at - knob.now), default=None)
