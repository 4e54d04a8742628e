"""The usual call of each task."""

from __future__ import annotations

import pytest

from landfall.core.workload.presets import PRESETS, preset_of
from landfall.core.workload.workload import Task


@pytest.mark.parametrize(
    ("task", "tokens"),
    [
        # Azure's trace of 2023: medians of its conversations and of its code completions.
        (Task.CHAT, (1020, 129)),
        (Task.CODE, (1469, 13)),
        # The dataset card of CNN/Daily Mail.
        (Task.SUMMARY, (781, 56)),
        # Round numbers of our judgement: what a form offers first.
        (Task.CLASSIFICATION, (500, 20)),
        (Task.EXTRACTION, (1500, 200)),
        (Task.EMBEDDING, (512, 0)),
        (Task.VISION, (1500, 150)),
        (Task.TRANSLATION, (600, 600)),
        (Task.COMPLEX_REASONING, (1500, 3000)),
        (Task.NOVEL, (1000, 1000)),
        (Task.CREATIVE, (300, 1000)),
        (Task.LONG_AGENTIC, (20_000, 1000)),
        (Task.USER_FACING_ANALYTIC, (3000, 600)),
    ],
)
def test_that_a_task_has_its_usual_call(task: Task, tokens: tuple[int, int]) -> None:
    told = preset_of(task)
    assert (told["tokens.input"].value, told["tokens.output"].value) == tokens
    assert set(PRESETS) == set(Task)
