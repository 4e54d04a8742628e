"""Which lengths of context are offered, and at which of them a model stands better."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace

from landfall.core.fit.fit import PREFERENCE, Fit, FitKind, fit
from landfall.core.machine.hardware import MemoryBudget
from landfall.core.models.architecture import ModelSpec

KIB = 1024
CONTEXT_STEPS = tuple(
    k * KIB for k in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
)
"""Tokens. Powers of two, which servers and model cards name, and one step halfway between."""

SHORTEST_USEFUL = 2 * KIB
"""Below this a prompt and its answer hardly fit: such a context is offered, never advised."""


def nearest_step(tokens: int) -> int:
    """The index of the step that is nearest, the longer of two that are as near."""
    index = bisect_left(CONTEXT_STEPS, tokens)
    if index == 0:
        return 0
    if index == len(CONTEXT_STEPS):
        return index - 1
    below, above = CONTEXT_STEPS[index - 1], CONTEXT_STEPS[index]
    return index if above - tokens <= tokens - below else index - 1


def better_context(spec: ModelSpec, placed: Fit, budget: MemoryBudget) -> tuple[int, Fit] | None:
    """The longest shorter step at which a model stands better than it does, and how; or None.

    "Better" is the best that any shorter step gives: whole on the devices if that is possible.
    A longer context never stands better than a shorter one, so half of the steps fall at each try.
    """
    now = placed.request
    steps = [step for step in CONTEXT_STEPS if SHORTEST_USEFUL <= step < now.context]
    if not steps or placed.kind is FitKind.GPU:
        return None

    def at(context: int) -> Fit:
        return fit(spec, budget, replace(now, context=context, depth=None))

    best = at(steps[0])
    wanted = PREFERENCE[best.kind]
    if wanted <= PREFERENCE[placed.kind]:
        return None
    good, bad = 0, len(steps)
    while bad - good > 1:
        middle = (good + bad) // 2
        found = at(steps[middle])
        if PREFERENCE[found.kind] >= wanted:
            good, best = middle, found
        else:
            bad = middle
    return steps[good], best
