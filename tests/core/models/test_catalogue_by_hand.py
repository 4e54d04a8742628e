"""How people name a model of the catalogue."""

from __future__ import annotations

import pytest

from landfall.core.models.catalogue import (
    ModelCard,
    Task,
    find,
    spelling,
    split_quantization,
    suggestions,
    unknown_model,
)
from tests.core.models.bare_models import BARE


def card(tag: str, *aliases: str, capabilities: frozenset[str] = frozenset()) -> ModelCard:
    return ModelCard(
        tag=tag,
        aliases=aliases,
        architecture=BARE,
        architecture_source="",
        tied_embeddings=False,
        params_total=1,
        params_active=1,
        quantization="Q8_0",
        size_bytes=None,
        size_spread=0.0,
        size_source="",
        capabilities=capabilities,
        licence="",
        evidence=(),
        notes="",
        date="",
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("qwen3:8b", "qwen38b"),
        ("Qwen/Qwen3-8B-Instruct-GGUF", "qwen38b"),
        ("https://huggingface.co/Qwen/Qwen3_8B", "qwen38b"),
        ("hf.co/Qwen/Qwen3 8B", "qwen38b"),
        ("llama-3.1-8b-it", "llama3.18b"),
        ("mistral-7b-instruct-v0.3", "mistral7b"),
        ("mistral-7b_v1", "mistral7b"),
        ("qwen3-30b-a3b-thinking-2507", "qwen330b"),
        ("qwen3-30b-a3.5b", "qwen330b"),
        ("m-1924", "m"),
        ("m-2149", "m2149"),
        ("model-v3", "modelv3"),
        ("", ""),
        ("a:latest", "a"),
        ("chatty-8b", "chatty8b"),
    ],
)
def test_that_a_name_has_one_spelling(name: str, key: str) -> None:
    assert spelling(name) == key


ROWS = (
    card("one:8b", "First-8B"),
    card("one:70b"),
    card("two:7b", "odd/name"),
    card("three"),
    card("onex:1b"),
    card("coder:7b"),
    card("tw:1b"),
)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("one:8b", "one:8b"),
        ("ONE:8B", "one:8b"),
        ("first-8b", "one:8b"),
        ("odd/name", "two:7b"),
        ("ollama.com/library/one:8b", "one:8b"),
        ("http://registry.ollama.ai/library/one:8b", "one:8b"),
        ("one-8b", "one:8b"),
        ("First 8B", "one:8b"),
        ("one:8b:local", "one:8b"),
        ("two", "two:7b"),
        ("three:latest", "three"),
        ("x/one-8b", "one:8b"),
        ("x/one:8b", None),
        ("one", None),
        ("four", None),
        ("", None),
        ("-", None),
    ],
)
def test_that_a_card_is_found_by_what_people_call_it(name: str, tag: str | None) -> None:
    found = find(name, ROWS)
    assert (found.tag if found else None) == tag


def test_that_an_exact_name_wins_over_one_that_is_spelled_alike() -> None:
    alike, exact = card("a-b"), card("ab")
    assert find("ab", (alike, exact)) is exact
    assert find("a_b", (alike, exact)) is alike
    other = card("c", "A-B")
    assert find("a-b", (other, alike)) is other


def test_that_what_looks_like_the_name_is_suggested_best_first() -> None:
    assert (
        suggestions("one:7", ROWS) == ("one:8b", "one:70b", "onex:1b")[:0]
        or suggestions("one:7", ROWS)[0] == "one:70b"
    )
    assert suggestions("one:7", ROWS)[:2] == ("one:70b", "one:8b")
    assert suggestions("one:7", ROWS, limit=1) == ("one:70b",)
    assert len(suggestions("one:7", ROWS * 2)) <= 4
    assert suggestions("thre", ROWS)[0] == "three"
    assert suggestions("Somebody/two:9b", ROWS)[0] == "two:7b"
    assert suggestions("code", ROWS)[0] == "coder:7b"
    assert suggestions("qqqq", ROWS) == ()
    # Two families that are spelled nearly so, of whose tags as a whole nothing looks like it.
    long = (card(f"mistral:{'x' * 30}"), card(f"mistrax:{'y' * 30}"))
    assert set(suggestions("mistrel", long)) == {one.tag for one in long}
    # A beginning of two letters is none: it would be that of half of the catalogue.
    many = tuple(card(f"xy{letter * 9}:1b") for letter in "abcdef")
    assert suggestions("xy", many) == ()
    assert len(suggestions("xya", (*many, card("xyab:2b")))) >= 1


def test_that_an_unknown_model_is_said_with_what_was_meant_and_why() -> None:
    near = unknown_model("one:7", ROWS)
    assert near.hint.startswith("Did you mean one:70b, one:8b")
    assert near.message == "No model is known as 'one:7'."
    assert near.field == "model"
    far = unknown_model("qqqq", ROWS, "it has no page")
    assert far.message == "No model is known as 'qqqq': it has no page."
    assert far.hint.startswith("Known are, for example, llama3.1:8b")


def test_that_a_card_suits_a_task_by_its_capabilities() -> None:
    plain = card("a")
    sees, embeds = (card("a", capabilities=frozenset({one})) for one in ("vision", "embedding"))
    for task in Task:
        assert plain.suits(task) is (task not in (Task.EMBEDDING, Task.VISION))
        assert embeds.suits(task) is (task is Task.EMBEDDING)
        assert sees.suits(task) is (task is not Task.EMBEDDING)
    made = [
        one
        for one in ("qwen-coder", "codestral:1b", "devstral", "codex")
        if card(one).made_for_code
    ]
    assert made == ["qwen-coder", "codestral:1b", "devstral"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a:8b-Q4_K_M", ("a:8b", "Q4_K_M")),
        (" a:8b_iq3_xxs ", ("a:8b", "IQ3_XXS")),
        ("a:8b-UD-q8_0", ("a:8b", "Q8_0")),
        ("a:bf16", ("a", "BF16")),
        ("a-mxfp4", ("a", "MXFP4")),
        ("a-f32", ("a", "F32")),
        ("a-q9_0", ("a-q9_0", None)),
        ("a-fp16-x", ("a-fp16-x", None)),
    ],
)
def test_that_a_quantisation_at_the_end_is_cut_off(
    name: str, parts: tuple[str, str | None]
) -> None:
    assert split_quantization(name) == parts
