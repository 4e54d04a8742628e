"""What a model's name says of its generation."""

from __future__ import annotations

import pytest

from landfall.core.pricing.generation import place


@pytest.mark.parametrize(
    ("name", "major", "minor"),
    [
        ("gpt-5.5", 5, 5),
        ("gpt-4o-mini", 4, 0),
        ("claude-opus-4-8", 4, 8),
        ("claude-sonnet-4-5-20250929", 4, 5),
        ("glm-5p3-fast", 5, 3),
        ("zai-org/GLM-5.2", 5, 2),
        ("qwen3-235b-a22b", 3, 0),
        ("Qwen/Qwen3.8-2.4T-A95B", 3, 8),
        ("mixtral-8x22b-instruct", 0, 0),
        ("gemma-7b-it", 0, 0),
        ("mistral-large-2512", 0, 0),
        ("meta-llama/llama-4-maverick-17b-128e-instruct", 4, 0),
    ],
)
def test_that_a_generation_is_neither_a_size_nor_a_day(name: str, major: int, minor: int) -> None:
    _, minus_major, minus_minor, _, _ = place(name)
    assert (-minus_major, -minus_minor) == (major, minor)


def test_that_previews_fine_tuned_and_sound_come_after_lasting_names() -> None:
    names = ["ft:gpt-3.5-turbo-", "gpt-4o-audio-preview", "codex-mini", "gpt-5.1", "gpt-5.5"]
    assert sorted(names, key=place)[:3] == ["gpt-5.5", "gpt-5.1", "codex-mini"]


def test_that_a_dated_name_comes_after_the_same_without_a_date() -> None:
    assert place("gpt-5.5") < place("gpt-5.5-2026-04-23")
