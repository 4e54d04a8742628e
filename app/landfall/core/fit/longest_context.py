"""The longest context at which a model still runs on a machine as well as it can."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.fit.fit import PREFERENCE, place
from landfall.core.fit.memory import (
    FitRequest,
    settled,
)
from landfall.core.machine.hardware import MemoryBudget
from landfall.core.models.architecture import ModelSpec

_CONTEXT_STEP = 256
_CONTEXT_UNKNOWN = 1 << 20
"""Where the trained context is not known the search ends here."""


def max_context(spec: ModelSpec, budget: MemoryBudget, request: FitRequest) -> int | None:
    """The longest context, in steps of 256, at which the model still runs as well as it can.

    "As well" is where it would be at the shortest context: whole on the devices if that is
    possible at all. The context that was asked for is tried too, where it lies within the last
    step. None where it never fits.
    """
    top = spec.architecture.context_trained or _CONTEXT_UNKNOWN
    lowest = min(_CONTEXT_STEP, top)

    def rank(context: int) -> int:
        asked, _ = settled(spec.architecture, replace(request, context=context, depth=None))
        return PREFERENCE[place(spec, budget, asked).kind]

    best, asked_for = rank(lowest), request.context
    if best == 0:
        return asked_for if asked_for < lowest and rank(asked_for) else None
    if rank(top) >= best:
        return top
    good, bad = lowest // _CONTEXT_STEP, -(-top // _CONTEXT_STEP)
    while bad - good > 1:
        middle = (good + bad) // 2
        if rank(middle * _CONTEXT_STEP) >= best:
            good = middle
        else:
            bad = middle
    longest = max(lowest, good * _CONTEXT_STEP)
    within = longest < asked_for < longest + _CONTEXT_STEP
    return asked_for if within and rank(asked_for) >= best else longest
