"""What an error says is to be done: nobody types a command into a window."""

from __future__ import annotations

import pytest

from landfall.core.errors import BadInput
from landfall.gui.hints import error_words, window_hint


def test_that_a_hint_for_the_window_stays_as_it_is() -> None:
    assert window_hint("Free some space and try again.") == "Free some space and try again."
    assert window_hint("") == ""


def test_that_a_command_for_keys_becomes_the_page_where_keys_are() -> None:
    hint = "Store a new one with `landfall key set openai`."
    assert window_hint(hint) == "Look at its key on the Cloud page."


@pytest.mark.parametrize("hint", ["Say how much (--max-usd).", "Run `landfall doctor`."])
def test_that_other_advice_for_the_command_line_is_left_out(hint: str) -> None:
    assert window_hint(hint) == ""


def test_that_a_window_quotes_where_a_terminal_uses_backticks() -> None:
    error = BadInput("`x y` is no model.", "A name looks like `qwen3:8b`.")
    said = "\u201cx y\u201d is no model. A name looks like \u201cqwen3:8b\u201d."
    assert error_words(error) == said
