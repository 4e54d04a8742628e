from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.fit.fit import PREFERENCE, FitKind, FitRequest, fit
from landfall.core.fit.offered_contexts import CONTEXT_STEPS, better_context, nearest_step
from landfall.core.machine.hardware import memory_budget
from landfall.core.models.weights import spec
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()


def test_that_the_steps_go_from_1k_to_256k() -> None:
    assert (CONTEXT_STEPS[0], CONTEXT_STEPS[-1]) == (1024, 262144)
    assert list(CONTEXT_STEPS) == sorted(set(CONTEXT_STEPS))


@pytest.mark.parametrize(
    ("tokens", "step"),
    [(1, 1024), (8192, 8192), (9000, 8192), (10240, 12288), (40000, 32768), (10**7, 262144)],
)
def test_that_any_context_has_a_nearest_step(tokens: int, step: int) -> None:
    assert CONTEXT_STEPS[nearest_step(tokens)] == step


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(KNOWN.models),
    st.sampled_from(["RTX 3060 12GB", "RTX 4090", "M3 8-core 16GB", "2x RTX 3090"]),
    st.sampled_from(CONTEXT_STEPS),
)
def test_that_the_better_context_is_the_longest_that_is_as_good_as_any(
    card: object, name: str, context: int
) -> None:
    model = spec(next(c for c in KNOWN.models if c is card))
    budget = memory_budget(KNOWN.what_if(name))
    now = fit(model, budget, FitRequest(context=context))
    kinds = {
        step: fit(model, budget, FitRequest(context=step)).kind
        for step in CONTEXT_STEPS
        if 2048 <= step < now.request.context
    }
    best = max((PREFERENCE[kind] for kind in kinds.values()), default=0)
    found = better_context(model, now, budget)
    if now.kind is FitKind.GPU or best <= PREFERENCE[now.kind]:
        assert found is None
    else:
        longest = max(step for step, kind in kinds.items() if PREFERENCE[kind] == best)
        assert found == (longest, fit(model, budget, FitRequest(context=longest)))
