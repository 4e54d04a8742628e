from __future__ import annotations

import argparse

import pytest

from landfall.cli.tokens import tokens


@pytest.mark.parametrize(
    ("text", "count"), [("8192", 8192), ("32k", 32768), (" 8K ", 8192), ("1m", 1 << 20)]
)
def test_that_a_count_of_tokens_may_end_in_k_or_m(text: str, count: int) -> None:
    assert tokens(text) == count


@pytest.mark.parametrize(
    "text", ["", "k", "0", "-1", "1.5k", "²", "9" * 40, "20000k", "17m", "m", "1km"]
)
def test_that_what_no_model_can_take_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no count of tokens"):
        tokens(text)
