"""What is said about a slip."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.workload import words
from landfall.core.workload.keys import Key, Kind


def test_that_a_value_is_shown_short() -> None:
    assert words.shown("a") == '"a"'
    assert words.shown(True) == "true"
    assert words.shown({}) == "a table"
    assert words.shown([1]) == "a list"
    assert words.shown("x" * 58) == f'"{"x" * 58}"'
    assert words.shown("x" * 59) == f'"{"x" * 56}...'
    assert len(words.shown("x" * 999)) == 60
    assert words.shown(3) == "3"
    assert words.listed(["a", "", "b"]) == 'a, "", b'
    assert words.short(1.5) == "1.5"
    assert words.short(9e299) == "9e+299"
    assert words.short(-1e300) == words.short(1e300) == "a number with hundreds of digits"


def test_that_a_range_says_whether_its_ends_belong_to_it() -> None:
    key = Key(path="a", attribute="a", kind=Kind.NUMBER, low=0.5, high=1e9, unit="calls")
    assert words.range_hint(key) == "It is calls, at least 0.5 and at most 1,000,000,000."
    assert words.range_hint(replace(key, above=True, below=True)) == (
        "It is calls, above 0.5 and below 1,000,000,000."
    )


def test_that_the_line_of_a_slip_is_found() -> None:
    assert words.line_in("wrong (at line 7, column 2)", "") == 7
    long = "a = 1\nb = " + "9" * 4301
    assert words.line_in("too long", long) == 2
    assert words.line_in("too long", long + "\nc = 1") == 2
    assert words.line_in("?", "a\nb\nc") == 3
    short = "a = 1\nb = " + "9" * 4300 + "\nc = 1"
    assert words.line_in("?", short) == 3
    assert words.line_in("?", "a = " + "9_" * 4300 + "9\nb") == 1


def test_that_what_was_meant_is_guessed_or_everything_is_named() -> None:
    known = {"input", "output"}
    assert words.hint_for("tokens", "inptu", known) == "Did you mean `input`?"
    assert words.hint_for("tokens", "xyz", known) == "[tokens] knows input, output."
    assert words.hint_for("tokens", "months", known) == "It belongs into [buy]."
    assert words.hint_for("tokens", "price", known) == "It belongs into [buy]."
    assert words.hint_for("tokens", "months", known, elsewhere=False) == (
        "[tokens] knows input, output."
    )
