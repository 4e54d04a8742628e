from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.services.keys.secret import LENGTH_MAX, Secret, clean, scrubbed

KEY = "sk-proj-PLANTED-0123456789-abcdef"


# What a key is


def test_white_space_and_byte_order_marks_around_a_key_are_stripped() -> None:
    assert clean(f"\ufeff  {KEY}\r\n\n").reveal() == KEY


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        "\ufeff",
        f"{KEY}\nsecond",
        f"{KEY}\rsecond",
        "sk-proj abc",
        "Bearer sk-proj-abc",
        '"sk-proj-abc"',
        "sk-proj-\u200babc",
        "sk-proj-\x00abc",
        "schlüssel",
        "x" * (LENGTH_MAX + 1),
    ],
)
def test_what_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BadInput) as error:
        clean(text)
    assert error.value.field == "key"
    assert "sk-proj" not in str(error.value)


def test_the_longest_key_is_one_that_windows_keeps() -> None:
    assert clean("x" * LENGTH_MAX).reveal() == "x" * LENGTH_MAX
    assert LENGTH_MAX * 2 <= 2560


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200))
def test_a_key_shows_at_most_ten_of_its_characters(text: str) -> None:
    secret = Secret(text)
    shown = secret.masked.replace("…", "")
    assert len(shown) <= min(10, len(text) // 2)
    for way in (str(secret), repr(secret), f"{secret}", f"{secret!r}"):
        assert text not in way or len(text) <= len("Secret()")


def test_masks_tell_two_keys_of_a_provider_apart() -> None:
    assert Secret("sk-proj-0123456789abcdef-wxyz").masked == "sk-pro…wxyz"
    assert Secret("short-key").masked == "…"


def test_secrets_compare_by_what_they_hold() -> None:
    assert Secret(KEY) == Secret(KEY)
    assert Secret(KEY) != Secret(KEY + "x")
    assert Secret(KEY) != KEY
    assert len({Secret(KEY), Secret(KEY)}) == 1


def test_somebody_elses_words_are_redacted() -> None:
    assert Secret(KEY).redact(f"bad key {KEY}!") == "bad key …!"


def test_a_report_repeats_no_key_in_use_and_nothing_that_looks_like_one() -> None:
    held = Secret("0123456789abcdef-of-nobody")
    text = f"RuntimeError: 'Bearer {held.reveal()}', AIzaSyD-0123456789, task-runner-12345"
    assert scrubbed(text) == "RuntimeError: 'Bearer …', …, task-runner-12345"
    assert scrubbed(f"x={KEY}") == "x=…"


def test_a_report_is_not_torn_by_a_short_key() -> None:
    held = Secret("a")
    assert scrubbed("a traceback") == "a traceback"
    assert held.reveal() == "a"


def test_that_a_line_of_settings_is_no_key() -> None:
    with pytest.raises(BadInput, match="name of a setting") as refused:
        clean("OPENAI_API_KEY=sk-proj-PLANTED-0123456789")
    assert "PLANTED" not in str(refused.value)
