"""Which layers see a window only, on a model of twelve."""

from __future__ import annotations

import pytest

from landfall.core.models.gguf import Value
from landfall.core.models.windows import windows
from tests.core.models.short_headers import WINDOW, keys


@pytest.mark.parametrize(
    ("name", "full"),
    [
        # Layers of twelve that attend to everything; the last of a group, or its first.
        ("gemma2", {1, 3, 5, 7, 9, 11}),
        ("gemma3", {5, 11}),
        ("gemma3n", {4, 9}),
        ("gemma4", {5, 11}),
        ("gpt-oss", {1, 3, 5, 7, 9, 11}),
        ("cohere2", {3, 7, 11}),
        ("cohere2moe", {0, 4, 8}),
        ("olmo2", {3, 7, 11}),
        ("exaone-moe", {3, 7, 11}),
        ("afmoe", {3, 7, 11}),
        ("laguna", {0, 4, 8}),
        ("plamo3", {7}),
        ("mellum", {3, 7, 11}),
        ("muse-glimmer", {3, 7, 11}),
        ("mimo2", set(range(12))),
        ("step35", set(range(12))),
        ("lfm2", set()),
        ("modern-bert", {0, 3, 6, 9}),
        ("gemma-embedding", {5, 11}),
        ("exaone4", set(range(12))),
        ("llama", set(range(12))),
    ],
)
def test_that_each_architecture_slides_where_llama_cpp_lets_it(name: str, full: set[int]) -> None:
    found = windows(keys(name, WINDOW), 12)
    assert found == tuple(None if layer in full else 512 for layer in range(12))


def test_that_exaone_slides_with_64_layers_alone() -> None:
    found = windows(keys("exaone4"), 64)
    assert found[:4] == (4096, 4096, 4096, None)
    assert found[63] is None
    assert sum(one is None for one in found) == 16


@pytest.mark.parametrize(
    ("name", "unsaid", "said"),
    [
        ("gemma2", 4096, 512),
        ("gemma3", None, 512),
        ("llama4", 8192, 8192),
        ("smallthinker", None, 4096),
        ("exaone-moe", 128, 512),
        ("cohere2", None, 512),
    ],
)
def test_that_a_window_is_the_headers_or_the_architectures(
    name: str, unsaid: int | None, said: int
) -> None:
    assert set(windows(keys(name), 12)) == ({unsaid, None} if unsaid else {None})
    assert set(windows(keys(name, WINDOW), 12)) == {said, None}
    assert set(windows(keys(name, {"attention.sliding_window": 0}), 12)) == {None}


def test_that_llama4_and_smallthinker_have_their_full_layers_at_either_end_of_four() -> None:
    assert [at for at, one in enumerate(windows(keys("llama4"), 12)) if one is None] == [3, 7, 11]
    small = windows(keys("smallthinker", WINDOW), 12)
    assert [at for at, one in enumerate(small) if one is None] == [0, 4, 8]


PATTERN = "attention.sliding_window_pattern"


@pytest.mark.parametrize(
    ("name", "pattern", "full"),
    [
        ("gemma3", 3, {2, 5, 8, 11}),
        ("cohere2moe", 3, {0, 3, 6, 9}),
        # A list is overlooked where llama.cpp reads a number.
        ("gemma3", (True, False), {5, 11}),
        ("mellum", (False, True, False, True), {0, 2}),
        ("mimo2", (True, False, True), {1}),
        # One number is yes or no for all of these.
        ("mimo2", 1, set()),
        ("mimo2", 0, set(range(12))),
        ("gemma4", 1, set()),
        ("gemma4", 0, set(range(12))),
        # And "one of none" where it is a number of a group: all slide.
        ("gemma3", 0, set()),
    ],
)
def test_that_a_pattern_of_the_header_stands_above_the_rule(
    name: str, pattern: Value, full: set[int]
) -> None:
    found = windows(keys(name, {**WINDOW, PATTERN: pattern}), 12)
    if isinstance(pattern, tuple) and len(pattern) < 12 and name != "gemma3":
        assert found[: len(pattern)] == tuple(
            None if layer in full else 512 for layer in range(len(pattern))
        )
        assert set(found[len(pattern) :]) == {found[len(pattern) - 1]}
    else:
        assert found == tuple(None if layer in full else 512 for layer in range(12))
