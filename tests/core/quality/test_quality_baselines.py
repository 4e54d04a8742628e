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
    MOST_COMPARED,
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


# Answer by answer --------------------------------------------------------------------------------


def test_that_each_prompt_gets_the_most_frequent_label_of_the_others() -> None:
    rows = [("p", "a"), ("p", "b"), ("p", "B."), ("p", "a"), ("p", "A")]
    # Without its own: a has 2 and b has 2 for an a: the first seen is taken. For a b: a with 3.
    assert [label and label.lower() for label in majority(prompts_of(rows))] == ["a"] * 5
    two = prompts_of([("p", "x"), ("p", "y"), ("p", "y")])
    assert majority(two) == ["y", "y", "y"]  # one of each is left: the more frequent of all
    alone = prompts_of([("p", "x"), ("p", None)])
    assert majority(alone) == [None, "x"]
    assert majority(prompts_of([("p", None)])) == [None]


def test_that_the_first_of_two_equally_near_prompts_answers() -> None:
    rows = [("red card", "one"), ("red card", "two"), ("blue pin", "three"), ("red card", None)]
    assert nearest(prompts_of(rows)) == ["two", "one", None, "one"]
    # A word that is in every prompt tells none from another, and one of a single prompt joins none.
    everywhere = prompts_of([("the red", "a"), ("the blue", "b"), ("the green", "c")])
    assert nearest(everywhere) == [None, None, None]
    # The rarer word counts for more: of lost (2 of 5) and card (4 of 5).
    rare = prompts_of(
        [("card lost", None), ("card card card", "often"), ("lost x", "rare"), ("card y", "z"),
         ("card w", "w")]
    )  # fmt: skip
    assert nearest(rare)[0] == "rare"


def test_that_trivial_answers_are_scored_in_full() -> None:
    rows: list[tuple[str, str | None]] = [("a 1", "1"), ("b 2", "1"), ("c 3", "3")]
    found = by_name(baselines(METRICS["number"], prompts_of(rows)))
    last = found["last_number"]
    assert last.scores == ((0, 1.0), (1, 0.0), (2, 1.0))
    assert (last.score, last.prompts) == (pytest.approx(2 / 3), 3)
    assert last.says == "the last number of the prompt"
    # 1 for the third, and for the others 1 (or 3, of which there is one each): the first seen.
    assert found["majority"].scores == ((0, 1.0), (1, 1.0), (2, 0.0))
    missing = prompts_of([("x", "1"), ("y 2", None), ("z 1", "1")])
    told = by_name(baselines(METRICS["number"], missing))["last_number"]
    # No number is a wrong answer, and a prompt without an expected one is not scored.
    assert told.scores == ((0, 0.0), (2, 1.0))
    assert told.prompts == 2


def test_that_the_best_trivial_answer_comes_first_and_names_break_ties() -> None:
    rows: list[tuple[str, str | None]] = [("red 1", "1"), ("red 1", "1"), ("blue 1", "1")]
    found = baselines(METRICS["number"], prompts_of(rows))
    assert [(one.name, one.score) for one in found] == [
        ("last_number", 1.0),
        ("majority", 1.0),
        ("nearest", pytest.approx(2 / 3)),
    ]
    assert floor_warning(found, 1.0).startswith("answering without any model (the last number of")
    assert floor_warning(found, 1.01) == ""


def test_that_a_summary_is_compared_with_the_first_three_sentences() -> None:
    text = "One two. Three four! Five six? Seven eight."
    found = by_name(baselines(METRICS["rouge_l"], prompts_of([(text, "x"), ("A. B", "a b")])))
    assert dict(found["lead"].scores)[1] == 1.0
    assert found["lead"].says == "the first 3 sentences of the prompt"
    lead = prompts_of([(text, "one two three four five six"), ("y", "z")])
    assert dict(by_name(baselines(METRICS["rouge_l"], lead))["lead"].scores)[0] == 1.0
    whole = prompts_of([(text, "one two three four five six seven eight"), ("y", "z")])
    assert dict(by_name(baselines(METRICS["rouge_l"], whole))["lead"].scores)[0] == pytest.approx(
        2 * 6 / 14
    )


def test_that_so_many_prompts_are_compared_with_each_other() -> None:
    assert MOST_COMPARED == 2_000
    many = [(f"w{n % 7}", "x") for n in range(2_003)]
    (found, *_) = baselines(METRICS["accuracy"], prompts_of(list(many)))
    assert found.prompts == 2_000


def test_that_of_labels_that_are_as_frequent_the_first_of_the_file_is_taken() -> None:
    assert majority(prompts_of([("p", "a"), ("p", "b"), ("p", "c")])) == ["b", "a", "a"]
    assert majority(prompts_of([("p", "c"), ("p", "b"), ("p", "a")])) == ["b", "c", "c"]


class Finds:
    """Rules by which every pattern is found."""

    def finds(self, _pattern: str, _text: str) -> bool:
        return True

    def follows(self, _schema: object, _value: object) -> bool:
        return True


def test_that_an_expected_pattern_is_no_answer() -> None:
    prompts = prompts_of([("red card", "A+"), ("red card", "B+"), ("blue", "C+")])
    assert baselines(METRICS["regex"], prompts, Options(), Finds()) == ()
    bare = prompts_of([("red card", None), ("red card", None)])
    assert baselines(METRICS["json_schema"], bare, Options(), Finds()) == ()
