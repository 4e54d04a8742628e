"""Which contexts are offered and advised."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.fit.fit import FitKind, FitRequest, fit
from landfall.core.fit.offered_contexts import (
    CONTEXT_STEPS,
    SHORTEST_USEFUL,
    better_context,
    nearest_step,
)
from landfall.core.machine.hardware import MemoryBudget, memory_budget
from landfall.core.models.weights import spec
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()


def test_that_steps_are_powers_of_two_and_one_between() -> None:
    k = 1024
    assert [step // k for step in CONTEXT_STEPS] == [
        1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256,
    ]  # fmt: skip
    assert all(step % k == 0 for step in CONTEXT_STEPS)
    assert SHORTEST_USEFUL == 2048


@pytest.mark.parametrize(
    ("tokens", "step"),
    [(0, 0), (1024, 0), (1025, 0), (1535, 0), (1536, 1), (2048, 1), (5119, 3), (5120, 4),
     (262_144, 15), (229_375, 14), (229_376, 15), (262_145, 15)],
)  # fmt: skip
def test_that_of_two_steps_that_are_as_near_the_longer_is_nearest(tokens: int, step: int) -> None:
    assert nearest_step(tokens) == step


def test_that_a_shorter_context_is_advised_where_the_model_stands_better_with_it() -> None:
    """A cache of 1 MiB for a thousand tokens and more: the card has room for one of 24k."""
    model = spec(next(one for one in KNOWN.models if one.tag == "llama3.1:8b"))
    profile = KNOWN.what_if("RTX 3060 12GB")
    budget = memory_budget(profile)

    def at(context: int, of: MemoryBudget = budget) -> Any:
        return fit(model, of, FitRequest(context=context, depth=5))

    long = at(131_072)
    assert long.kind is not FitKind.GPU
    found = better_context(model, long, budget)
    assert found is not None
    context, better = found
    assert better.kind is FitKind.GPU
    assert at(context).kind is FitKind.GPU
    following = CONTEXT_STEPS[CONTEXT_STEPS.index(context) + 1]
    assert at(following).kind is not FitKind.GPU
    assert better.request.context == context
    assert better.request.depth is None
    assert better_context(model, at(context), budget) is None
    assert better_context(model, replace(long, request=FitRequest(context=2048)), budget) is None
    just = better_context(model, replace(long, request=FitRequest(context=2049)), budget)
    assert just is not None
    assert just[0] == 2048
    # A card on which nothing helps.
    small = replace(budget.devices[0], usable_bytes=1 << 30)
    poor = replace(budget, devices=(small,))
    assert (
        better_context(model, at(131_072, poor), poor) is None
        or at(2048, poor).kind != at(131_072, poor).kind
    )
