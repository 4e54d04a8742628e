from __future__ import annotations

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
