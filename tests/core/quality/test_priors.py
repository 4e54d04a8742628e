"""What is believed before anything was measured, row by row as it was gathered."""

from __future__ import annotations

import pytest

from landfall.core.provenance import Unknown
from landfall.core.quality.priors import PRIORS, Prior, _prior, prior_of
from landfall.core.workload.workload import Task

# Points of the gap, give or take, and the margin that is usually acceptable.
ROWS = {
    "embedding": (0, 4, 2, "medium"),
    "classification": (-8, 10, 3, "medium"),
    "extraction": (-4, 4, 3, "medium"),
    "entity_matching": (-4, 4, 3, "medium"),
    "pii_redaction": (-6, 10, 1, "medium"),
    "summary": (-12, 12, 5, "low"),
    "chat": (-10, 8, 5, "medium"),
    "complex_reasoning": (-6, 5, 2, "medium"),
    "long_agentic": (-12, 8, 2, "low"),
    "creative_prose": (-5, 8, 5, "low"),
    "multilingual": (-10, 10, 3, "medium"),
}
OF_TASK = {
    Task.CHAT: "chat",
    Task.CLASSIFICATION: "classification",
    Task.EXTRACTION: "extraction",
    Task.SUMMARY: "summary",
    Task.EMBEDDING: "embedding",
    Task.TRANSLATION: "multilingual",
    Task.COMPLEX_REASONING: "complex_reasoning",
    Task.CREATIVE: "creative_prose",
    Task.LONG_AGENTIC: "long_agentic",
}


@pytest.mark.parametrize("name", ROWS)
def test_that_each_belief_is_the_one_that_was_gathered(name: str) -> None:
    gap, spread, margin, confidence = ROWS[name]
    found = PRIORS[name]
    assert (found.gap, found.spread, found.margin) == pytest.approx(
        (gap / 100, spread / 100, margin / 100)
    )
    assert found.confidence == confidence


def test_that_every_belief_is_among_the_rows_and_says_what_it_is_of() -> None:
    assert set(PRIORS) == set(ROWS)
    told = [one for prior in PRIORS.values() for one in (prior.kind, prior.metric, prior.evidence)]
    assert all(told)
    assert len({prior.kind for prior in PRIORS.values()}) == len(PRIORS)


@pytest.mark.parametrize("task", Task)
def test_that_a_task_has_the_belief_of_its_kind_or_none(task: Task) -> None:
    name = OF_TASK.get(task)
    if name is None:
        assert isinstance(prior_of(task), Unknown)
    else:
        assert prior_of(task) is PRIORS[name]


def test_that_a_belief_is_said_with_what_it_is_worth() -> None:
    one = Prior(
        kind="such work", gap=-0.08, spread=0.1, margin=0.03, metric="m", evidence="e",
        confidence="low",
    )  # fmt: skip
    assert one.says == (
        "before any measurement an open-weight model is believed 8 points worse than a frontier one"
        " at such work, give or take 10 points (low confidence, 2026-11)"
    )
    level = Prior(
        kind="such work", gap=0.0, spread=0.04, margin=0.02, metric="m", evidence="e",
        confidence="medium",
    )  # fmt: skip
    assert "believed about as good as a frontier one" in level.says


def test_that_points_of_a_row_are_shares_of_a_belief() -> None:
    assert _prior("k", (-8, 10, 3), "m", "e", "low") == Prior(
        kind="k", gap=-0.08, spread=0.1, margin=0.03, metric="m", evidence="e", confidence="low"
    )
    assert _prior("k", (0, 0, 0), "m", "e").confidence == "medium"
