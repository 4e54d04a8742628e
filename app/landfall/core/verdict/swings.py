"""How far each input moves the saving within its usual doubt: the bars of a tornado."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.provenance import middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.evidence import Assembler
from landfall.core.verdict.options import difference, option_lines
from landfall.core.verdict.sensitivity import NUMBERS
from landfall.core.verdict.table import rule
from landfall.core.verdict.what_if import changed, knobs
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSwing:
    """One input at both ends of its usual doubt.

    Attributes:
        path: Of its key in the workload file.
        now: Its present value.
        low, high: The ends: the value less and plus its usual doubt (`sensitivity.NUMBERS`).
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
    workload: Workload, assembler: Assembler, limits: Thresholds, option: Option
) -> tuple[InputSwing, ...]:
    """Inputs that move the saving of an option, the widest first; those that move nothing are out.

    Args:
        workload: As stated.
        assembler: The world in which it was decided.
        limits: Where the rules turn.
        option: What is carried out: the present verdict.
    """
    facts = assembler.facts(workload)
    found = []
    for knob in knobs(workload, facts, assembler):
        doubt = NUMBERS.get(knob.path)
        if doubt is None or knob.now == 0:
            continue
        ends = (knob.now * (1 - doubt), knob.now * (1 + doubt))
        low, high = (
            saving(changed(workload, assembler, {knob: end}), assembler, limits, option)
            for end in ends
        )
        if low is None or high is None or low == high:
            continue
        found.append(
            InputSwing(
                path=knob.path,
                now=knob.now,
                low=ends[0],
                high=ends[1],
                saving_low=low,
                saving_high=high,
            )
        )
    found.sort(key=lambda one: -abs(one.saving_high - one.saving_low))
    return tuple(found)


def saving(
    workload: Workload, assembler: Assembler, limits: Thresholds, option: Option
) -> float | None:
    """USD a month that an option saves against today; None where one of both is not known."""
    facts = assembler.facts(workload)
    lines = option_lines(facts, rule(facts, limits), limits)
    line = next((line for line in lines if line.option is option), None)
    return None if line is None else middle(difference(facts.frontier, line.usd_month))
