from __future__ import annotations

import pytest

from landfall.core.events import Piece, Usage
from landfall.core.run.token_estimate import completed, figure


def pieces(*texts: str) -> list[Piece]:
    return [Piece(0.0, text) for text in texts]


def test_that_a_usage_that_tells_both_counts_stays_as_it_is() -> None:
    told = Usage(input_tokens=9, output_tokens=3)
    assert completed(told, prompt=["x" * 400], pieces=pieces("y" * 400)) is told


@pytest.mark.parametrize(
    ("texts", "tokens"),
    [
        (["Hello"], 2),
        (["He", "l", "lo"], 3),  # a provider that sends a token a piece
        (["word " * 80], 100),  # one that sends everything at once
        (["日本語"], 3),
        ([], 0),
    ],
)
def test_that_an_answer_that_nobody_counted_is_estimated_and_marked(
    texts: list[str], tokens: int
) -> None:
    usage = completed(None, prompt=["Say hello"], pieces=pieces(*texts))
    assert usage == Usage(input_tokens=3 + 4, output_tokens=tokens, estimated=True)


def test_that_only_the_missing_count_is_estimated_and_what_was_told_stays() -> None:
    told = Usage(input_tokens=1000, cost_usd=0.5)
    usage = completed(told, prompt=["x"], pieces=pieces("Hello"))
    assert usage == Usage(input_tokens=1000, output_tokens=2, cost_usd=0.5, estimated=True)


def test_that_an_estimate_has_a_band_and_says_how_it_was_made() -> None:
    made = figure(100)
    assert made.low < made.mid == 100 < made.high
    assert "no count" in made.formula
