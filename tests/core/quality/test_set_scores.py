"""Scores over a set: share, mean and macro-F1, each with its interval."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.provenance import Unknown
from landfall.core.quality.answers import f1_of, label_pairs
from landfall.core.quality.paired_tests import wilson
from landfall.core.quality.scoring import METRICS
from landfall.core.quality.set_scores import SetScore, set_score


def scored(name: str, answers: list[tuple[str, str | None]]) -> SetScore:
    found = set_score(METRICS[name], answers)
    assert isinstance(found, SetScore)
    return found


def test_that_a_share_has_wilsons_interval_and_counts_what_could_not_be_scored() -> None:
    found = scored("exact", [("a", "a")] * 45 + [("b", "a")] * 5 + [("a", None)] * 3)
    assert found.value == pytest.approx(0.9)
    assert (found.low, found.high) == wilson(45, 50)
    assert (found.prompts, found.unscored) == (50, 3)


def test_that_a_mean_of_graded_scores_has_an_interval_around_it() -> None:
    half = ('{"a": 1, "b": 2}', '{"a": 1, "b": 3}')
    found = scored("fields", [half, ("{}", '{"a": 1}'), ('{"a": 1}', '{"a": 1}')] * 30)
    assert found.value == pytest.approx(0.5)
    assert 0.35 < found.low < 0.5 < found.high < 0.65
    assert scored("fields", [("{}", '{"a": 1}')] * 40).low == 0.0


def test_that_macro_f1_is_that_of_the_set() -> None:
    chance = random.Random(3)
    answers = [chance.choice("aab") for _ in range(80)]
    expected = [chance.choice("ab") for _ in range(80)]
    found = scored("macro_f1", list(zip(answers, expected, strict=True)))
    assert found.value == pytest.approx(f1_of(label_pairs(answers, expected)))
    assert found.low < found.value < found.high
    assert found.high - found.low < 0.3


def test_that_people_give_no_score() -> None:
    assert isinstance(set_score(METRICS["human"], [("a", "a")]), Unknown)
    assert isinstance(set_score(METRICS["exact"], []), Unknown)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["exact", "accuracy", "macro_f1", "number", "rouge_l", "recall_at_k"]),
    st.lists(st.tuples(st.sampled_from(["a", "b", "1"]), st.sampled_from(["a", "b", "1"]))),
)
def test_that_every_interval_holds_its_score(name: str, answers: list[tuple[str, str]]) -> None:
    found = set_score(METRICS[name], list(answers))
    if isinstance(found, SetScore):
        assert 0 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= 1


def test_that_an_interval_of_graded_answers_starts_at_no_score_and_may_reach_the_whole() -> None:
    far = scored("rouge_l", [("a", "a"), ("a", "b"), ("a", "b")])
    assert far.low == 0.0
    assert far.value == pytest.approx(1 / 3)


def test_that_macro_f1_has_the_interval_of_its_draws() -> None:
    # Of 40 alike pairs every draw is alike, whatever is drawn.
    found = scored("macro_f1", [("a", "a")] * 40)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    wrong = scored("macro_f1", [("b", "a")] * 40)
    assert (wrong.value, wrong.low, wrong.high) == (0.0, 0.0, 0.0)
    # One label, right in half of 100: of draws of 100 at a half 2.5 % have 40 right or fewer (2.8 %
    # exactly) and 2.5 % have 60 or more. 40 right of 100 are an F1 of 2 x 40 / 140.
    half = scored("macro_f1", [("a", "a")] * 50 + [("b", "a")] * 50)
    assert half.value == pytest.approx(2 * 50 / 150)
    assert half.low == pytest.approx(2 * 40 / 140, abs=0.02)
    assert half.high == pytest.approx(2 * 60 / 160, abs=0.02)
    assert scored("macro_f1", [("a", "a"), ("b", "a")] * 9) == scored(
        "macro_f1", [("a", "a"), ("b", "a")] * 9
    )
    other = set_score(METRICS["macro_f1"], [("a", "a"), ("b", "a"), ("c", "c")] * 9, seed=5)
    first = set_score(METRICS["macro_f1"], [("a", "a"), ("b", "a"), ("c", "c")] * 9, seed=0)
    assert other != first


def test_that_macro_f1_is_of_what_was_told_and_not_of_what_was_right() -> None:
    # Told a, a, a; right a, a, b: 2 x 2 / 5 for a and nothing for b.
    found = scored("macro_f1", [("a", "a"), ("a", "a"), ("a", "b")])
    assert found.value == pytest.approx((4 / 5 + 0) / 2)


def test_that_what_has_no_expected_answer_is_counted_apart() -> None:
    found = scored("accuracy", [("a", "a"), ("a", None), ("b", "a")])
    assert (found.prompts, found.unscored, found.value) == (2, 1, 0.5)
    graded = scored("rouge_l", [("a b", "a b"), ("a b", None), ("c", "a")])
    assert (graded.prompts, graded.unscored, graded.value) == (2, 1, 0.5)
    assert (graded.low, graded.high) == (0.0, 1.0)
