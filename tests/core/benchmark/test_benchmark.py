from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchPlan,
    BenchPrompt,
    Spread,
    kind_of,
    spread,
)


@pytest.mark.parametrize(
    ("can", "kind"),
    [
        (("embedding",), BenchKind.EMBEDDING),
        (("completion", "embedding"), BenchKind.CHAT),
        ((), BenchKind.CHAT),
    ],
)
def test_that_a_model_that_writes_is_asked_for_text(can: tuple[str, ...], kind: BenchKind) -> None:
    assert kind_of(can) is kind


@given(st.lists(st.floats(min_value=0.1, max_value=1e6), min_size=1))
def test_that_the_middle_lies_between_the_ends(values: list[float]) -> None:
    found = spread(values)
    assert found is not None
    assert found.low <= found.median <= found.high
    assert found.count == len(values)
    assert (found.noise_share is None) == (len(values) == 1)


def test_that_nothing_has_no_spread() -> None:
    assert spread([None, None]) is None


def test_that_the_middle_of_an_even_number_is_the_mean_of_both() -> None:
    assert spread((4.0, 1.0, 2.0, 3.0)) == Spread(median=2.5, low=1.0, high=4.0, count=4)


@pytest.mark.parametrize(("count", "place"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2)])
def test_that_the_usual_prompt_is_the_middle_one_the_shorter_of_two(count: int, place: int) -> None:
    prompts = tuple(BenchPrompt(name=str(n), text="x", num_predict=1) for n in range(count))
    assert BenchPlan(prompts=prompts).usual is prompts[place]
