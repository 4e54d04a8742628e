"""The metrics: what each calls right, and what needs no label."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.quality.answers import (
    bare,
    f1_of,
    json_of,
    label_of,
    label_pairs,
    numbers_in,
    ranked,
    rouge_l,
)
from landfall.core.quality.scoring import (
    LONGEST_PATTERN,
    METRICS,
    PLAIN,
    Options,
    check,
    default_metric,
    equivalent,
    metric_of,
    score,
    unusable,
)
from landfall.core.workload.workload import Task

SCORED = [one for one in METRICS.values() if not one.needs_labels]


class Direct:
    """Rules that are held against an answer here and now."""

    def finds(self, pattern: str, text: str) -> bool | Unknown:
        return re.search(pattern, text) is not None

    def follows(self, schema: Mapping[str, Any], value: Any) -> bool | Unknown:
        return all(name in value for name in schema.get("required", ()))


def scored(name: str, answer: str, expected: str | None, **options: Any) -> float | Unknown:
    return score(METRICS[name], answer, expected, Options(**options), Direct())


@pytest.mark.parametrize(
    ("name", "answer", "expected", "value"),
    [
        ("exact", " Paris\n", "Paris", 1.0),
        ("exact", "paris", "Paris", 0.0),
        ("exact", "b", '["a", "b"]', 1.0),
        ("exact", "[]", "[]", 1.0),
        ("exact", "3", "[1, 3]", 1.0),
        ("accuracy", "**Card Arrival.**", "card_arrival", 1.0),
        ("accuracy", "card arrival, I think", "card_arrival", 0.0),
        ("accuracy", "spam", '["junk", "SPAM"]', 1.0),
        ("macro_f1", "Spam", "spam", 1.0),
        ("number", "12 + 30 is 42.", "42", 1.0),
        ("number", "It is 1,234.50", "1234.5", 1.0),
        ("number", "−3", "-3", 1.0),
        ("number", "43", "42", 0.0),
        ("number", "none", "42", 0.0),
        ("number", "7", '["6", "7"]', 1.0),
        ("number", "0", "0", 1.0),
        ("json_schema", '{"a": 1}', None, 1.0),
        ("json_schema", "no", None, 0.0),
        ("json_schema", "NaN", None, 0.0),
        ("fields", '{"a": 1, "b": "X  y"}', '{"a": 1.0, "b": "x Y"}', 1.0),
        ("fields", '{"a": {"b": 1, "c": 2}}', '{"a": {"b": 1, "c": 3}}', 0.5),
        ("fields", '{"a": true}', '{"a": 1}', 0.0),
        ("fields", '{"a": ["x", "y"]}', '{"a": ["X", "y"], "b": null}', 0.5),
        ("fields", '{"a": ["x"]}', '{"a": ["x", "y"]}', 0.0),
        ("fields", '{"a": "x"}', '{"a": ["x"]}', 0.0),
        ("fields", "not json", '{"a": 1}', 0.0),
        ("fields", '```json\n{"a": 1}\n```', '{"a": 1}', 1.0),
        ("regex", "order A12", r"A\d+", 1.0),
        ("regex", "order B12", r"A\d+", 0.0),
        ("recall_at_k", "1. d2\n2. d9\n- d1", '["d1", "d2", "d3"]', 2 / 3),
        ("recall_at_k", "", "d1", 0.0),
        ("rouge_l", "The cat sat", "the cat sat", 1.0),
        ("rouge_l", "", "", 1.0),
        ("rouge_l", "", "words", 0.0),
    ],
)
def test_that_a_metric_calls_right_what_it_says(
    name: str, answer: str, expected: str | None, value: float
) -> None:
    assert scored(name, answer, expected) == pytest.approx(value)


def test_that_options_are_heeded() -> None:
    assert scored("number", "101", "100", tolerance=0.02) == 1.0
    assert scored("number", "103", "100", tolerance=0.02) == 0.0
    assert scored("regex", "yes", "no", pattern="^yes$") == 1.0
    assert scored("recall_at_k", "a\nb\nc", "c\nx", k=2) == 0.0
    assert scored("recall_at_k", "a\nb\nc", "c\nx", k=3) == 0.5
    assert scored("recall_at_k", "a", '["a", "b", "c"]', k=1) == 1.0
    assert scored("json_schema", '{"a": 1}', None, schema={"required": ["b"]}) == 0.0


def test_that_what_cannot_be_scored_is_unknown_and_not_0() -> None:
    for name, expected in (
        ("exact", None),
        ("number", "many"),
        ("fields", "[]"),
        ("fields", "{}"),
        ("regex", "("),
        ("recall_at_k", ""),
        ("human", "x"),
        ("judge", None),
    ):
        assert isinstance(scored(name, "x", expected), Unknown), name


def test_that_thoughts_before_an_answer_do_not_count() -> None:
    assert bare("<think>is it 4?</think>\n\n5 ") == "5"
    assert bare("<think>never ends") == "<think>never ends"
    assert scored("number", "<think>7</think>8", "8") == 1.0


def test_that_numbers_are_found_as_people_write_them() -> None:
    assert numbers_in("3-4 is -1, v2.5 x10, 1e3 .5 and 12kg; 1,000,000 or 5,6") == [
        3, 4, -1, 1000, 0.5, 12, 1_000_000, 5, 6,
    ]  # fmt: skip
    assert numbers_in("-e5 no ²") == []


def test_that_ranked_documents_come_as_json_or_on_lines() -> None:
    assert ranked('["b", 3, {"id": 1}]') == ["b", "3", '{"id": 1}']
    assert ranked("1) x\n\n* y\n z ") == ["x", "y", "z"]


def f1_by_hand(answers: list[str], expected: list[str]) -> float:
    found = []
    for label in dict.fromkeys(expected):
        hits = sum(a == e == label for a, e in zip(answers, expected, strict=True))
        said, true = answers.count(label), expected.count(label)
        precision = hits / said if said else 0.0
        recall = hits / true
        both = precision + recall
        found.append(2 * precision * recall / both if both else 0.0)
    return sum(found) / len(found)


labels = st.sampled_from(["a", "b", "c", "d"])


@given(st.lists(st.tuples(labels, st.sampled_from(["a", "b", "c"])), min_size=1, max_size=30))
def test_that_macro_f1_is_the_mean_of_precision_and_recall(pairs: list[tuple[str, str]]) -> None:
    answers, expected = [list(column) for column in zip(*pairs, strict=True)]
    assert f1_of(label_pairs(answers, expected)) == pytest.approx(f1_by_hand(answers, expected))


def test_that_macro_f1_needs_a_label_for_each_answer() -> None:
    assert f1_of(label_pairs(["B"], ['["a", "b"]'])) == 1.0
    for answers, expected in (([], []), (["a"], ["a", "b"])):
        with pytest.raises(BadInput, match="label"):
            f1_of(label_pairs(answers, expected))


words = st.lists(st.sampled_from(["a", "b", "c"]), max_size=9)


@given(words, words)
def test_that_rouge_l_is_the_longest_common_subsequence(
    first: list[str], second: list[str]
) -> None:
    @lru_cache(None)
    def longest(i: int, j: int) -> int:
        if not i or not j:
            return 0
        if first[i - 1] == second[j - 1]:
            return longest(i - 1, j - 1) + 1
        return max(longest(i - 1, j), longest(i, j - 1))

    if first and second:
        right = 2 * longest(len(first), len(second)) / (len(first) + len(second))
        assert rouge_l(" ".join(first), " ".join(second)) == pytest.approx(right)


@given(st.sampled_from(SCORED), st.text(max_size=60), st.text(max_size=60))
def test_that_every_score_is_a_share_and_no_text_makes_it_fail(
    metric: Any, answer: str, expected: str
) -> None:
    value = score(metric, answer, expected)
    assert isinstance(value, Unknown) or 0 <= value <= 1
    if metric.binary and not isinstance(value, Unknown):
        assert value in (0, 1)


answers = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["42", "it is 42", "Yes.", "yes", '{"a": 1}', '{ "a":1 }', "a\nb", "1. a\nb"]),
)


@given(st.sampled_from(SCORED), answers, answers, answers)
def test_that_equivalent_answers_score_the_same_whatever_is_expected(
    metric: Any, first: str, second: str, expected: str
) -> None:
    if equivalent(metric, first, second):
        assert equivalent(metric, second, first)
        found = score(metric, first, expected), score(metric, second, expected)
        assert found[0] == found[1] or metric.id in ("exact", "regex")


@pytest.mark.parametrize(
    ("name", "first", "second", "alike"),
    [
        ("accuracy", "Spam.", "spam", True),
        ("number", "it is 4", "4.0", True),
        ("number", "none", "no number", False),
        ("number", "none", "none", True),
        ("fields", '{"a": 1, "b": 2}', '{"b": 2, "a": 1}', True),
        ("fields", "no json", "no  json", True),
        ("json_schema", '{"a": 1}', '{"a": 2}', False),
        ("recall_at_k", "a\nb", '["a", "b"]', True),
        ("human", "Yes,  it is.", "Yes, it is.", True),
        ("human", "Yes, it is.", "yes, it is.", False),
    ],
)
def test_that_only_answers_alike_need_no_label(
    name: str, first: str, second: str, alike: bool
) -> None:
    assert equivalent(METRICS[name], first, second) is alike


def test_that_a_metric_is_found_by_id_and_name() -> None:
    assert metric_of("Macro-F1") is metric_of("macro_f1") is metric_of("macro-f1")
    with pytest.raises(BadInput, match='no metric "bleu"') as caught:
        metric_of("bleu")
    assert caught.value.field == "quality.metric"
    assert "rouge_l" in caught.value.hint


def test_that_weak_metrics_say_so() -> None:
    weak = {name for name, one in METRICS.items() if one.weak}
    assert weak == {"json_schema", "regex", "rouge_l", "judge"}


@pytest.mark.parametrize(
    ("task", "expected", "name"),
    [
        (Task.CLASSIFICATION, ["a", "b"], "accuracy"),
        (Task.CLASSIFICATION, ["a", None], "human"),
        (Task.CLASSIFICATION, [], "human"),
        (Task.EXTRACTION, ['{"a": 1}'], "fields"),
        (Task.EXTRACTION, ["text"], "exact"),
        (Task.EMBEDDING, ["d1"], "recall_at_k"),
        (Task.COMPLEX_REASONING, ["1,200", "3.5"], "number"),
        (Task.COMPLEX_REASONING, ["B"], "exact"),
        (Task.CHAT, ["a"], "human"),
        (Task.SUMMARY, ["a"], "human"),
    ],
)
def test_that_a_task_has_a_default_metric(
    task: Task, expected: list[str | None], name: str
) -> None:
    assert default_metric(task, expected).id == name


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("regex", {"pattern": "("}, "quality.pattern"),
        ("regex", {"pattern": "a" * (LONGEST_PATTERN + 1)}, "quality.pattern"),
        ("recall_at_k", {"k": 0}, "quality.k"),
        ("number", {"tolerance": 1.0}, "quality.tolerance"),
        ("number", {"tolerance": float("nan")}, "quality.tolerance"),
    ],
)
def test_that_useless_options_are_refused_first(
    name: str, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        check(METRICS[name], Options(**options))
    assert caught.value.field == field


def test_that_useful_options_pass() -> None:
    for metric in METRICS.values():
        check(metric, PLAIN)
    check(METRICS["json_schema"], Options(schema={"type": "object"}))
    check(METRICS["regex"], Options(pattern="a"))


def test_that_labels_are_compared_without_their_dress() -> None:
    assert label_of(" `Top-Up_failed`! ") == "top up failed"
    assert json.dumps(json_of("[1]")) == "[1]"


def test_that_what_needs_rules_is_not_known_without_any() -> None:
    for name, options in (("regex", Options(pattern="a")), ("json_schema", Options(schema={}))):
        assert isinstance(score(METRICS[name], "[1]", "a", options), Unknown)
    assert score(METRICS["json_schema"], "[1]", None) == 1.0, "no schema asks for JSON alone"


# At the edges ------------------------------------------------------------------------------------


def test_that_every_metric_is_told_by_what_it_needs() -> None:
    # id: right or wrong, needs the right answer, needs a person or a judge.
    told = {one.id: (one.binary, one.needs_expected, one.needs_labels) for one in METRICS.values()}
    assert told == {
        "exact": (True, True, False),
        "accuracy": (True, True, False),
        "macro_f1": (True, True, False),
        "number": (True, True, False),
        "json_schema": (True, False, False),
        "fields": (False, True, False),
        "regex": (True, False, False),
        "recall_at_k": (False, True, False),
        "rouge_l": (False, True, False),
        "human": (True, False, True),
        "judge": (True, False, True),
    }  # fmt: skip
    assert (PLAIN.k, PLAIN.tolerance, PLAIN.pattern, PLAIN.schema) == (10, 1e-6, "", None)
    assert LONGEST_PATTERN == 1_000


def test_that_options_at_their_limits_pass() -> None:
    check(METRICS["recall_at_k"], Options(k=1))
    check(METRICS["number"], Options(tolerance=0.0))
    check(METRICS["number"], Options(tolerance=0.999))
    check(METRICS["regex"], Options(pattern="a" * 1_000))
    check(METRICS["exact"], Options(pattern="("))  # no metric but one reads it
    with pytest.raises(BadInput):
        check(METRICS["number"], Options(tolerance=-0.001))
    assert unusable("a" * 1_001) == "it is longer than 1,000 characters"
    assert unusable("[a") != ""


@pytest.mark.parametrize(
    ("answer", "expected", "tolerance", "value"),
    [
        ("100.00009", "100", 1e-6, 1.0),
        ("100.00011", "100", 1e-6, 0.0),
        ("-99", "-100", 0.01, 1.0),
        ("-98.9", "-100", 0.01, 0.0),
        ("1e-9", "0", 0.5, 0.0),
        ("1 2", "3 2", 0.0, 1.0),  # the last number of either counts
        ("5", '["7", "5"]', 0.0, 1.0),
        ("", "5", 0.0, 0.0),
    ],
)
def test_that_a_number_is_right_within_its_tolerance(
    answer: str, expected: str, tolerance: float, value: float
) -> None:
    assert scored("number", answer, expected, tolerance=tolerance) == value


def test_that_one_right_answer_without_a_number_leaves_nothing_to_compare() -> None:
    assert isinstance(scored("number", "5", '["5", "five"]'), Unknown)


@pytest.mark.parametrize(
    ("metric", "first", "second", "same"),
    [
        ("exact", "a  b", " a b", True),
        ("exact", "A b", "a b", False),
        ("accuracy", "Card-A.", "card a", True),
        ("macro_f1", "x", "y", False),
        ("number", "it is 4", "4.0", True),
        ("number", "4 5", "5", True),
        ("number", "4", "none", False),
        ("number", "none", "4", False),
        ("number", "none", "none", True),
        ("number", "none", "nothing", False),
        ("fields", '{"a": 1, "b": 2}', '{"b":2,"a":1}', True),
        ("fields", '{"a": 1}', '{"a": 2}', False),
        ("fields", "no json", "no  json", True),
        ("json_schema", "[1]", "[1 ]", True),
        ("json_schema", "[1]", "no json", False),
        ("recall_at_k", "a\nb\nc", "- a\n- b\n- x", True),
        ("recall_at_k", "a\nb", "b\na", False),
        ("rouge_l", "a b", "a b c", False),
        ("human", "<think>x</think>yes", "yes", True),
    ],
)
def test_that_answers_that_are_as_good_need_no_label(
    metric: str, first: str, second: str, same: bool
) -> None:
    assert equivalent(METRICS[metric], first, second, Options(k=2)) is same


def test_that_default_metrics_look_at_every_expected_answer() -> None:
    reasoning, extraction = Task.COMPLEX_REASONING, Task.EXTRACTION
    assert default_metric(reasoning, ["1", "B"]).id == "exact"
    assert default_metric(reasoning, ["1e3", "-2"]).id == "number"
    assert default_metric(extraction, ['{"a": 1}', "[1]"]).id == "exact"
    assert default_metric(extraction, ['{"a": 1}', "{}"]).id == "fields"
    assert default_metric(extraction, [None]).id == "human"


def test_that_a_metric_is_found_by_each_of_its_spellings() -> None:
    for told in ("recall_at_k", "Recall-at-K", " recall@k "):
        assert metric_of(told).id == "recall_at_k"
    with pytest.raises(BadInput) as caught:
        metric_of("bleu")
    assert caught.value.field == "quality.metric"
    assert caught.value.hint.startswith("Known are: exact, accuracy, macro_f1,")


def test_that_fields_are_compared_value_by_value() -> None:
    right = '{"a": {"b": [1, {"c": "X"}], "d": {}}, "e": false}'
    # Three leaves: a list is one value, an empty object too.
    assert scored("fields", right, right) == 1.0
    assert scored("fields", '{"a": {"b": [1, {"c": "x"}], "d": {}}, "e": 0}', right) == (
        pytest.approx(1 / 3)  # inside a list an object is compared as it is, and 0 is not false
    )
    assert scored("fields", '{"a": {"b": [1], "d": {}}, "e": false}', right) == pytest.approx(2 / 3)
    assert scored("fields", "[1]", right) == 0.0
    assert scored("fields", '{"a": 1, "more": 2}', '{"a": 1}') == 1.0
