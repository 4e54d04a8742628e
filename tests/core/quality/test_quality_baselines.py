"""Trivial baselines: each answers from the other prompts, and never from its own."""

from __future__ import annotations

import math
import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.quality.baselines import (
    Baseline,
    baselines,
    floor_warning,
    majority,
    nearest,
)
from landfall.core.quality.scoring import METRICS, Options
from landfall.core.quality.sets import QualityPrompt


def prompts_of(rows: list[tuple[str, str | None]]) -> list[QualityPrompt]:
    return [QualityPrompt(place=n, prompt=p, expected=e) for n, (p, e) in enumerate(rows)]


def by_name(found: tuple[Baseline, ...]) -> dict[str, Baseline]:
    return {one.name: one for one in found}


def test_that_the_majority_is_that_of_the_others() -> None:
    prompts = prompts_of([("p", "A"), ("p", "a."), ("p", "b"), ("p", "b"), ("p", None)])
    answers = majority(prompts)
    assert answers[:2] == ["b", "b"]
    assert [one.lower().strip(".") for one in answers[2:4] if one] == ["a", "a"]
    assert answers[4] is not None
    assert majority(prompts_of([("p", "only")])) == [None]
    assert majority([]) == []


def likeness_by_hand(prompts: list[QualityPrompt]) -> list[dict[str | None, float]]:
    """For each prompt how alike every other one with an answer is, by its answer."""
    bags = [Counter(re.findall(r"\w+", one.prompt.casefold())) for one in prompts]
    spread = {word: sum(word in bag for bag in bags) for bag in bags for word in bag}
    vectors = [
        {
            word: (1 + math.log(count)) * math.log(len(bags) / spread[word])
            for word, count in bag.items()
            if spread[word] > 1
        }
        for bag in bags
    ]
    return [
        {
            prompts[other].expected: sum(w * own.get(word, 0.0) for word, w in theirs.items())
            / math.hypot(*theirs.values())
            for other, theirs in enumerate(vectors)
            if other != place and prompts[other].expected and any(theirs.values())
        }
        for place, own in enumerate(vectors)
    ]


words = st.lists(
    st.sampled_from(["red", "green", "blue", "card", "pin", "lost"]), min_size=1, max_size=6
)


@given(st.lists(words, min_size=1, max_size=8))
def test_that_the_nearest_example_is_found(bags: list[list[str]]) -> None:
    prompts = prompts_of(
        [(" ".join(bag), None if n == 3 else f"e{n}") for n, bag in enumerate(bags)]
    )
    for answer, alike in zip(nearest(prompts), likeness_by_hand(prompts), strict=True):
        best = max(alike.values(), default=0.0)
        assert (answer is None) == (best == 0.0)
        assert answer is None or alike[answer] == pytest.approx(best)


def test_that_an_easy_set_is_solved_without_a_model() -> None:
    chance = random.Random(2)
    kinds = {"card": "card lost stolen plastic", "rate": "exchange rate euro dollar"}
    rows: list[tuple[str, str | None]] = [
        (" ".join(chance.choices(text.split(), k=4)), label)
        for label, text in kinds.items()
        for _ in range(20)
    ]
    found = baselines(METRICS["accuracy"], prompts_of(rows))
    assert [one.name for one in found] == ["nearest", "majority"]
    assert found[0].score > 0.9
    assert found[0].low < found[0].score <= found[0].high
    assert found[1].score == 0.0
    assert "does as well" in floor_warning(found, found[0].score)
    assert floor_warning(found, found[0].score + 0.01) == ""
    assert floor_warning((), 0.5) == ""
    assert [place for place, _ in found[0].scores] == list(range(40))


def test_that_each_metric_has_its_own_trivial_answers() -> None:
    numbers = prompts_of([("2 plus 3", "3"), ("what is 7", "7"), ("no number", "1")])
    found = by_name(baselines(METRICS["number"], numbers))
    assert set(found) == {"majority", "nearest", "last_number"}
    assert found["last_number"].score == pytest.approx(2 / 3)
    texts = prompts_of([("One two. Three. Four! Five.", "One two. Three. Four!"), ("x", "y")])
    found = by_name(baselines(METRICS["rouge_l"], texts))
    assert set(found) == {"nearest", "lead"}
    assert dict(found["lead"].scores)[0] == 1.0
    fields = prompts_of([("id A1", '{"id": "A1"}'), ("id B2", '{"id": "B2"}')])
    found = by_name(baselines(METRICS["fields"], fields))
    assert set(found) == {"nearest"}


def test_that_there_is_none_where_nothing_could_be_scored() -> None:
    prompts = prompts_of([("a", None), ("b", None)])
    assert baselines(METRICS["human"], prompts) == ()
    assert baselines(METRICS["accuracy"], prompts) == ()
    assert baselines(METRICS["regex"], prompts, Options(pattern="x")) == ()
