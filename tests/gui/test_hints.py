"""What an error says is to be done: nobody types a command into a window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import landfall.gui
from landfall.core.errors import BadInput, NetworkUnavailable
from landfall.gui import hints
from landfall.gui.cloud.view import said
from landfall.gui.hints import error_words, file_failure_words, window_hint


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


def test_that_an_error_about_a_line_of_a_file_says_which() -> None:
    error = BadInput("The line is no JSON.", "Mend it.", file="/somewhere/set.jsonl", line=6)
    assert file_failure_words(error) == "set.jsonl, line 6: The line is no JSON. Mend it."
    itself = BadInput("set.jsonl, line 6: it is no JSON.", file="set.jsonl", line=6)
    assert file_failure_words(itself) == "set.jsonl, line 6: it is no JSON."
    other = BadInput("It is as line 12.", file="set.jsonl", line=1)
    assert file_failure_words(other) == "set.jsonl, line 1: It is as line 12."
    assert file_failure_words(BadInput("It is long.", file="set.jsonl")) == "It is long."


def test_that_no_page_shows_an_error_past_the_language_of_the_window() -> None:
    """`str(error)` is English and may tell to type a command; it is what other failures say."""
    shown = re.compile(r"str\(error\)(?!\s*(?:#|if))")
    guarded = re.compile(r"isinstance\(error, AppError\)")
    bare = []
    for path in Path(landfall.gui.__file__).parent.rglob("*.py"):
        lines = path.read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            near = "\n".join(lines[max(0, number - 2) : number + 1])
            if shown.search(line) and not guarded.search(near):
                bare.append(f"{path.name}:{number + 1}")
    assert bare == []


def test_that_a_failure_of_a_key_is_said_in_the_language_of_the_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hints, "translated", lambda text: f"<{text}>")
    error = NetworkUnavailable("api.example cannot be reached.", "Try again.")
    assert said(error) == "<api.example cannot be reached.> <Try again.>"
    assert hints.failure_words(OSError("no such file")) == "no such file"
