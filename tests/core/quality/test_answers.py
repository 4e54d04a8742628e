"""What an answer says, to the letter: labels, numbers, JSON, lists, words in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.quality.answers import (
    _MOST_WORDS,
    LONGEST_ANSWER,
    as_json,
    as_text,
    bare,
    choices,
    f1_of,
    json_of,
    label_of,
    label_pairs,
    numbers_in,
    ranked,
    rouge_l,
)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("  yes \n", "yes"),
        ("<think>hm</think> yes", "yes"),
        (" \n<think>a</think>b</think>c", "b</think>c"),
        ("<think>never closed", "<think>never closed"),
        ("yes <think>late</think>", "yes <think>late</think>"),
        ("no </think> opening", "no </think> opening"),
        ("e\u0301", "é"),
    ],
)
def test_that_thoughts_in_front_are_taken_off(answer: str, text: str) -> None:
    assert bare(answer) == text


def test_that_so_much_of_an_answer_is_looked_at() -> None:
    assert LONGEST_ANSWER == 400_000
    assert len(bare("x" * 400_001)) == 400_000


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Top-up  failed", "top up failed"),
        ("top_up\nfailed", "top up failed"),
        ("- _x_ -", "x"),
        ('"Card."', "card"),
        ("(ÜBER)", "über"),
        ("ﬁx", "fix"),
        ("a.b", "a.b"),
        ("!?", ""),
    ],
)
def test_that_a_label_has_one_form(text: str, label: str) -> None:
    assert label_of(text).strip() == label


def test_that_answers_are_paired_with_the_first_right_label() -> None:
    told = ["A.", "<think>x</think>c", "other"]
    right = ["a", '["B", "C"]', '["B", "C"]']
    assert label_pairs(told, right) == [("a", "a"), ("b", "b"), ("other", "b")]
    for answers, expected in (([], []), (["a"], []), (["a"], ["b", "c"])):
        with pytest.raises(BadInput) as caught:
            label_pairs(answers, expected)
        assert caught.value.field == "expected"


def test_that_macro_f1_is_the_mean_over_the_expected_labels() -> None:
    # a: 2 hits, said 3 times, expected 2 times: 4/5. b: 1 hit, said once, expected twice: 2/3.
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("c", "d")]
    assert f1_of(pairs[:4]) == pytest.approx((4 / 5 + 2 / 3) / 2)
    # d is expected once and never said; c, which is said, is no label of the set.
    assert f1_of(pairs) == pytest.approx((4 / 5 + 2 / 3 + 0) / 3)
    assert f1_of([("x", "x")]) == 1.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("so:\n```json\n[1, 2]\n```\nthat is it", [1, 2]),
        ("```\n3\n```", 3),
        ("```JSON\ntrue\n```", True),
        ("null", None),
    ],
)
def test_that_json_is_read_from_a_fence_too(text: str, value: object) -> None:
    assert json_of(text) == value


@pytest.mark.parametrize(
    "text", ["", "words", "NaN", "[Infinity]", "```json\nwords\n```", "{'a': 1}"]
)
def test_that_what_is_no_json_is_unknown(text: str) -> None:
    assert json_of(text) == Unknown("the answer is not JSON")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1,234.5 and -3", [1234.5, -3.0]),
        ("−2 to +4e3", [-2.0, 4000.0]),
        (".5 of 12,34", [0.5, 12.0, 34.0]),
        ("v1.2 x3 4", [4.0]),
        ("1.2.3", [1.2]),
        ("1e-2", [0.01]),
        ("none", []),
    ],
)
def test_that_numbers_are_found_with_their_signs_and_thousands(
    text: str, numbers: list[float]
) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ('["d1", 2, {"b": 1, "a": 2}]', ["d1", "2", '{"a": 2, "b": 1}']),
        ("1. d1\n2) d2\n- d3\n* d4\n\n d5 ", ["d1", "d2", "d3", "d4", "d5"]),
        ("1.d1\n-d2", ["1.d1", "-d2"]),
        ('{"a": 1}', ['{"a": 1}']),
        ("", []),
    ],
)
def test_that_documents_are_ranked_as_they_stand(text: str, documents: list[str]) -> None:
    assert ranked(text) == documents


@pytest.mark.parametrize(
    ("first", "second", "f1"),
    [
        ("a b c d", "a c d", 2 * 3 / 7),
        ("the cat sat", "The CAT ran", 2 * 2 / 6),
        ("a b", "b a", 2 * 1 / 4),
        ("a", "b", 0.0),
        ("", "", 1.0),
        ("!", "?", 1.0),
        ("a", "", 0.0),
        ("", "a", 0.0),
        ("a a b a", "a b a a", 2 * 3 / 8),
    ],
)
def test_that_rouge_counts_the_longest_run_in_common(first: str, second: str, f1: float) -> None:
    assert rouge_l(first, second) == pytest.approx(f1)


def longest_in_common(first: list[str], second: list[str]) -> int:
    """By trying whether each word is left out."""
    if not first or not second:
        return 0
    if first[0] == second[0]:
        return 1 + longest_in_common(first[1:], second[1:])
    return max(longest_in_common(first[1:], second), longest_in_common(first, second[1:]))


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_that_rouge_is_that_of_brute_force(first: list[str], second: list[str]) -> None:
    found = rouge_l(" ".join(first), " ".join(second))
    if first and second:
        both = longest_in_common(first, second)
        assert found == pytest.approx(2 * both / (len(first) + len(second)))


def test_that_so_many_words_are_compared() -> None:
    assert _MOST_WORDS == 2_000
    many = " ".join(f"w{n}" for n in range(2_001))
    assert rouge_l(many, "w2000") == 0.0
    assert rouge_l(many, "w1999") == pytest.approx(2 / 2_001)
    assert rouge_l("w2000", many) == 0.0


def test_that_a_list_holds_several_right_answers() -> None:
    assert choices('["a", 2]') == ["a", "2"]
    assert choices(' ["a"]') == ["a"]
    assert choices("[]") == ["[]"]
    assert choices("[no json") == ["[no json"]
    assert choices('{"a": 1}') == ['{"a": 1}']
    assert choices("plain") == ["plain"]
    assert (as_text("ü"), as_text(["ü", 1])) == ("ü", '["ü", 1]')
    assert as_json({"b": None, "a": "ö"}) == '{"a": "ö", "b": null}'
