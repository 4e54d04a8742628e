from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.models.catalogue import Evidence, ModelCard, Task, find
from landfall.core.quality.expected import (
    AA_INDEX,
    GPQA,
    MMLU_PRO,
    _of_embedder,
    levels,
    size_words,
)
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load().models


def card(tag: str) -> ModelCard:
    found = find(tag, KNOWN)
    assert found is not None
    return found


def made(tag: str, billions: float, *, active: float | None = None, **scores: float) -> ModelCard:
    metrics = {"aa": AA_INDEX, "mmlu": MMLU_PRO, "gpqa": GPQA, "mteb": "MTEB multilingual v2"}
    return replace(
        card("qwen3:8b"),
        tag=tag,
        aliases=(),
        params_total=int(billions * 1e9),
        params_active=int((active or billions) * 1e9),
        evidence=tuple(
            Evidence(metric=metrics[name], score=score, source="s", date="2026-01-01")
            for name, score in scores.items()
        ),
    )


def values(*cards: ModelCard, task: Task = Task.CHAT) -> dict[str, float]:
    return {tag: level.value for tag, level in levels(cards, task).items()}


def test_that_the_index_counts_before_other_scores() -> None:
    found = values(
        made("a:8b", 8, aa=30, mmlu=50), made("b:8b", 8, mmlu=70), made("c:8b", 8, gpqa=55)
    )
    assert found == {"a:8b": 30, "b:8b": 10, "c:8b": 9}


def test_that_what_is_placed_says_by_what() -> None:
    found = levels((made("a:8b", 8, aa=20), made("a:4b", 4), made("b:4b", 4)), Task.CHAT)
    assert found["a:8b"].because == ""
    assert found["a:4b"].because == "by its size (4 B parameters) and by a:8b"
    assert found["b:4b"].because == "by its size (4 B parameters)"


@given(
    st.lists(st.floats(0.2, 700), min_size=1, max_size=5, unique=True),
    st.lists(st.floats(9, 60), min_size=5, max_size=5),
    st.floats(0.2, 700),
)
def test_that_a_model_without_a_score_stands_between_its_siblings(
    sizes: list[float], scores: list[float], size: float
) -> None:
    # Larger ones of a family have the higher scores.
    siblings = [
        made(f"a:{i}", billions, aa=score)
        for i, (billions, score) in enumerate(zip(sorted(sizes), sorted(scores), strict=False))
    ]
    mine = values(*siblings, made("a:mine", size))["a:mine"]
    for one in siblings:
        if one.params_total <= size * 1e9:
            assert mine >= one.evidence[0].score
        else:
            assert mine <= one.evidence[0].score


def test_that_experts_do_not_make_a_small_dense_model_better() -> None:
    scored = made("a:30b", 30, active=3, aa=23)
    found = values(scored, made("a:14b", 14), made("a:32b", 32))
    assert found["a:14b"] < 23 <= found["a:32b"]


def test_that_the_lower_end_of_the_index_does_not_lift_a_tiny_model_above_larger_ones() -> None:
    found = levels(KNOWN, Task.CHAT)
    for tiny in ("qwen3.5:0.8b", "qwen3.5:2b"):
        assert found[tiny].value < found["llama3.1:8b"].value
    assert found["qwen3.5:4b"].value == 20


@pytest.mark.parametrize(
    ("better", "worse", "task"),
    [
        ("qwen3.5:27b", "qwen3.5:4b", Task.CHAT),
        ("qwen3:8b", "llama3.1:8b", Task.CHAT),
        ("qwen3:8b", "mistral:7b", Task.CHAT),
        ("llama3.1:8b", "qwen2.5:0.5b", Task.CHAT),
        ("qwen2.5:14b", "qwen2.5-coder:14b", Task.CHAT),
        ("qwen2.5-coder:14b", "qwen2.5:14b", Task.CODE),
        ("qwen3-coder:30b", "qwen3:30b", Task.CODE),
        ("qwen3:30b", "qwen3-coder:30b", Task.SUMMARY),
        ("qwen3-vl:8b", "gemma3:4b", Task.VISION),
    ],
)
def test_that_the_catalogue_stands_as_a_reader_would_expect(
    better: str, worse: str, task: Task
) -> None:
    found = levels(KNOWN, task)
    assert found[better].value >= found[worse].value


def test_that_embedders_stand_by_their_own_score_or_their_size() -> None:
    found = levels((made("a", 8, mteb=70.5), made("b", 1)), Task.EMBEDDING)
    assert (found["a"].value, found["a"].because) == (70.5, "")
    assert found["b"].because == "by its size (1 B parameters)"


def test_that_an_embedder_without_a_score_is_placed_by_its_size() -> None:
    card = replace(shipped_catalogue.load().models[0], evidence=(), params_total=7_000_000_000)
    found = _of_embedder(card)
    assert found.value == pytest.approx(46.0)  # 40 and two for each doubling: 1 + 7 is three
    assert found.because == size_words(card) == "by its size (7 B parameters)"
    one = Evidence(metric="MTEB (eng)", score=61.0, source="s", date="2026-11-01")
    two = replace(one, score=63.5)
    other = replace(one, metric="other", score=90.0)
    assert _of_embedder(replace(card, evidence=(one, two, other))).value == 63.5


# By hand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "value"),
    [
        ({"aa": 30.0}, 30.0),
        ({"aa": 8.0}, 8.0),  # from 8 points on the index counts as it is
        # Below it a model of 1 B has at most 1.5 log2(2) + 2 = 3.5.
        ({"aa": 7.9}, 3.5),
        ({"aa": 2.0}, 2.0),
        ({"mmlu": 70.0}, 10.0),
        ({"mmlu": 83.0}, 10 * math.e),
        ({"gpqa": 55.0}, 9.0),
        ({"gpqa": 79.0}, 9 * math.e),
        ({"mmlu": 70.0, "gpqa": 79.0}, 10.0),
        ({"aa": 12.0, "mmlu": 83.0, "gpqa": 79.0}, 12.0),
    ],
)
def test_that_a_score_is_put_on_the_scale_of_the_index(
    scores: dict[str, float], value: float
) -> None:
    found = levels((made("one:1b", 1, **scores),), Task.CHAT)["one:1b"]
    assert found.value == pytest.approx(value)
    assert found.because == ""


@pytest.mark.parametrize(
    ("billions", "active", "value"),
    [
        (1.0, None, 1.5),  # 1.5 log2(1 + size)
        (3.0, None, 3.0),
        (7.0, None, 4.5),
        (9.0, 1.0, 3.0),  # of experts the geometric mean: 3
        (36.0, 6.25, 6.0),  # 15
    ],
)
def test_that_a_model_without_a_score_starts_at_its_size(
    billions: float, active: float | None, value: float
) -> None:
    found = levels((made("one:x", billions, active=active),), Task.CHAT)["one:x"]
    assert found.value == pytest.approx(value)
    assert found.because == f"by its size ({billions:g} B parameters)"


def test_that_a_sibling_moves_a_model_halfway_to_what_it_would_have() -> None:
    # 8 B has 25: at 2 B it would have 15, two doublings of 5 less. 1.5 log2(3) = 2.3774 alone.
    small = values(made("a:8b", 8, aa=25), made("a:2b", 2))["a:2b"]
    assert small == pytest.approx((1.5 * math.log2(3) + 15) / 2)
    # At 32 B it would have 35, and alone it stands at 1.5 log2(33) = 7.5667.
    large = values(made("a:8b", 8, aa=25), made("a:32b", 32))["a:32b"]
    assert large == pytest.approx(max(25, (1.5 * math.log2(33) + 35) / 2))
    # Never below where its size alone puts it.
    poor = values(made("a:64b", 64, aa=8.0), made("a:1b", 1))["a:1b"]
    assert poor == pytest.approx(1.5)


def test_that_the_nearest_sibling_by_size_is_taken_whatever_the_order() -> None:
    # 8 B is one doubling from 4 B, and 2 B is too: the first of the two is taken.
    both = (made("a:16b", 16, aa=40), made("a:6b", 6, aa=20))
    for order in (both, both[::-1]):
        found = levels((*order, made("a:8b", 8)), Task.CHAT)["a:8b"]
        line = 20 + 5 * math.log2(8 / 6)
        assert found.value == pytest.approx(max(20, (1.5 * math.log2(9) + line) / 2))
        assert found.because.endswith(" and by a:6b")


def test_that_a_model_stays_between_its_siblings() -> None:
    # Its line from 7 B would be 49.9: no better than the larger one.
    capped = values(made("a:7b", 7, aa=49), made("a:9b", 9, aa=20), made("a:8b", 8))["a:8b"]
    # The smaller one has 49 and comes last: no worse than it.
    assert capped == 49
    below = values(made("a:8b", 8, aa=10), made("a:30b", 30, aa=12), made("a:29b", 29))["a:29b"]
    assert 10 <= below <= 12
    same = values(made("a:8b", 8, aa=30), made("a:8b-other", 8))["a:8b-other"]
    assert same == 30


def test_that_what_is_made_for_code_counts_four_times_for_it_and_a_quarter_for_the_rest() -> None:
    one = made("a-coder:8b", 8)
    # 1.5 log2(1 + 32) and a point; 1.5 log2(1 + 2).
    assert values(one, task=Task.CODE)["a-coder:8b"] == pytest.approx(1.5 * math.log2(33) + 1)
    assert values(one, task=Task.CHAT)["a-coder:8b"] == pytest.approx(1.5 * math.log2(3))
    # Its sibling by name, without "-coder", moves it for code and not for the rest.
    sibling = made("a:8b", 8, aa=40)
    told = levels((one, sibling), Task.CODE)["a-coder:8b"]
    assert told.value == pytest.approx(max(40, (1.5 * math.log2(33) + 40) / 2) + 1)
    assert told.because == "by its size (8 B parameters) and by a:8b"
    rest = levels((one, sibling), Task.SUMMARY)["a-coder:8b"]
    assert rest.because == "by its size (8 B parameters)"
    scored = made("a-coder:8b", 8, aa=22)
    assert values(scored, task=Task.CHAT)["a-coder:8b"] == 22
    assert values(scored, task=Task.CODE)["a-coder:8b"] == 22


@pytest.mark.parametrize("name", ["a-vl", "a-reasoning", "a-coder", "a-coder-next"])
def test_that_a_kind_of_a_family_is_told_by_the_end_of_its_name(name: str) -> None:
    found = levels((made("a:8b", 8, aa=40), made(f"{name}:4b", 4)), Task.CODE)[f"{name}:4b"]
    assert found.because.endswith("and by a:8b")
    other = levels((made("a:8b", 8, aa=40), made("a-vl-x:4b", 4)), Task.CHAT)["a-vl-x:4b"]
    assert "and by" not in other.because


def test_that_the_nearest_sibling_is_the_one_of_the_nearest_size() -> None:
    both = (made("a:4b", 4, aa=10), made("a:9b", 9, aa=30))
    found = levels((*both, made("a:8b", 8)), Task.CHAT)["a:8b"]
    assert found.because.endswith(" and by a:9b")
    # A sixth of a doubling below 9 B, halfway from its size alone.
    assert found.value == pytest.approx((1.5 * math.log2(9) + 30 + 5 * math.log2(8 / 9)) / 2)
