"""How good one answer is: the metrics, each with what it is for and how far it can be trusted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.quality.answers import (
    as_json,
    bare,
    choices,
    json_of,
    label_of,
    numbers_in,
    ranked,
    rouge_l,
)
from landfall.core.workload.workload import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One way to score an answer.

    Attributes:
        id: As it is written in a workload's file and on the command line.
        name: For people.
        means: What a score of 1 says, one clause.
        weak: Why it must not be the gate alone; "" where it may be.
        binary: Whether every answer is right (1) or wrong (0); else scores lie between.
        needs_expected: Whether it needs the right answer of each prompt.
        needs_labels: Whether a person or a judge says which answer is right.
    """

    id: str
    name: str
    means: str
    weak: str = ""
    binary: bool = True
    needs_expected: bool = True
    needs_labels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What some metrics must be told.

    Attributes:
        schema: JSON schema that answers must follow (`json_schema`).
        pattern: Regular expression that must be found in an answer (`regex`); where "" the expected
            answer of each prompt is the pattern.
        k: How many of the first results count (`recall_at_k`).
        tolerance: Largest relative distance of a number that counts as right (`number`).
    """

    schema: Mapping[str, Any] | None = None
    pattern: str = ""
    k: int = 10
    tolerance: float = 1e-6


PLAIN = Options()

LONGEST_PATTERN = 1_000
"""Characters of a regular expression."""


class Rules(Protocol):
    """Holds answers against what the user wrote himself.

    Given by who scores: a library does it, and since a regular expression or a schema can keep a
    computer busy for years on one answer, it must be one that gives up.
    """

    def finds(self, pattern: str, text: str) -> bool | Unknown:
        """Whether a regular expression is found in a text; unknown where that took too long."""

    def follows(self, schema: Mapping[str, Any], value: Any) -> bool | Unknown:
        """Whether a JSON value follows a JSON schema; unknown where that took too long."""


class NoRules:
    """Where nobody gave any: what needs them is not known."""

    def finds(self, _pattern: str, _text: str) -> bool | Unknown:
        """Not known."""
        return Unknown("nothing looks for patterns here")

    def follows(self, _schema: Mapping[str, Any], _value: Any) -> bool | Unknown:
        """Not known."""
        return Unknown("nothing checks schemas here")


NO_RULES = NoRules()

_ALL = (
    Metric(
        id="exact",
        name="Exact match",
        means="the answer is the expected text, letter by letter (outer spaces apart)",
    ),
    Metric(
        id="accuracy",
        name="Accuracy",
        means="the answer is the expected label, whatever its case, spaces and punctuation",
    ),
    Metric(
        id="macro_f1",
        name="Macro-F1",
        means="the answer is the expected label; over the set every label counts the same",
    ),
    Metric(
        id="number",
        name="Numeric answer",
        means="the last number of the answer is the expected one",
    ),
    Metric(
        id="json_schema",
        name="JSON validity",
        means="the answer is JSON and follows the schema",
        weak="a valid answer may be wrong: it says nothing of the values",
        needs_expected=False,
    ),
    Metric(
        id="fields",
        name="Field accuracy",
        means="share of the expected JSON fields that are right",
        binary=False,
    ),
    Metric(
        id="regex",
        name="Pattern",
        means="the pattern is found in the answer",
        weak="an answer may hold the pattern and be wrong",
        needs_expected=False,
    ),
    Metric(
        id="recall_at_k",
        name="Recall@k",
        means="share of the relevant documents among the first k of the answer",
        binary=False,
    ),
    Metric(
        id="rouge_l",
        name="ROUGE-L",
        means="F1 of the longest common run of words with the expected text",
        weak="it counts words, not facts: a wrong summary in the right words scores high",
        binary=False,
    ),
    Metric(
        id="human",
        name="Blind preference of a person",
        means="a person who does not see the names finds it as good or better",
        needs_expected=False,
        needs_labels=True,
    ),
    Metric(
        id="judge",
        name="Preference of a judge model",
        means="a model finds it as good or better, whichever answer it reads first",
        weak="without a calibration against people's labels a judge's bias is unknown",
        needs_expected=False,
        needs_labels=True,
    ),
)
METRICS: Mapping[str, Metric] = MappingProxyType({one.id: one for one in _ALL})
"""By their ids."""

_DEFAULTS = {
    Task.CLASSIFICATION: "accuracy",
    Task.EXTRACTION: "fields",
    Task.EMBEDDING: "recall_at_k",
    Task.COMPLEX_REASONING: "number",
}


def metric_of(name: str) -> Metric:
    """The metric of that id or name.

    Raises:
        BadInput: there is none.
    """
    wanted = name.strip().lower()
    for one in _ALL:
        if wanted in (one.id, one.id.replace("_", "-"), one.name.lower()):
            return one
    known = ", ".join(METRICS)
    raise BadInput(f'There is no metric "{name}".', f"Known are: {known}.", field="quality.metric")


def default_metric(task: Task, expected: Sequence[str | None]) -> Metric:
    """What a task is measured with where the user says nothing.

    Without an expected answer to every prompt people decide. Reasoning is compared as numbers only
    where the expected answers are numbers, extraction field by field only where they are objects.
    """
    if not expected or None in expected:
        return METRICS["human"]
    known = [one for one in expected if one is not None]
    found = _DEFAULTS.get(task, "human")
    if found == "number" and not all(_is_number(one) for one in known):
        found = "exact"
    if found == "fields" and not all(isinstance(json_of(one), Mapping) for one in known):
        found = "exact"
    return METRICS[found]


def check(metric: Metric, options: Options) -> None:
    """Refuse options with which nothing could be scored, before anything is asked.

    Raises:
        BadInput: the pattern is no regular expression, k or the tolerance is out of range.
    """
    if metric.id == "regex" and (wrong := unusable(options.pattern)):
        raise BadInput(f"The pattern cannot be used: {wrong}.", field="quality.pattern")
    if options.k < 1:
        raise BadInput("At least the first result counts.", field="quality.k")
    if not 0 <= options.tolerance < 1:
        raise BadInput("A tolerance is a share from 0 to below 1.", field="quality.tolerance")


def score(
    metric: Metric,
    answer: str,
    expected: str | None,
    options: Options = PLAIN,
    rules: Rules = NO_RULES,
) -> float | Unknown:
    """How right an answer is, from 0 to 1; unknown where the metric cannot tell.

    An expected JSON list holds several right answers, except for `recall_at_k`, where it holds the
    relevant documents.

    Args:
        rules: Of `regex` and `json_schema` with a schema; no other metric asks them.
    """
    if metric.needs_labels:
        return Unknown("a person or a judge says which answer is right")
    if metric.needs_expected and expected is None:
        return Unknown("the prompt has no expected answer")
    told = bare(answer)
    if metric.id == "json_schema":
        return _schema(told, options, rules)
    if metric.id == "regex":
        return _regex(told, options.pattern or expected or "", rules)
    return _SCORES[metric.id](told, expected or "", options)


def equivalent(metric: Metric, first: str, second: str, options: Options = PLAIN) -> bool:
    """Whether two answers are as good as each other whatever the truth: they need no label."""
    first, second = bare(first), bare(second)
    if metric.id in ("accuracy", "macro_f1"):
        return label_of(first) == label_of(second)
    if metric.id == "number":
        return _same_numbers(first, second)
    if metric.id in ("fields", "json_schema"):
        parsed = json_of(first), json_of(second)
        if not isinstance(parsed[0], Unknown) and not isinstance(parsed[1], Unknown):
            return as_json(parsed[0]) == as_json(parsed[1])
    if metric.id == "recall_at_k":
        return ranked(first)[: options.k] == ranked(second)[: options.k]
    return " ".join(first.split()) == " ".join(second.split())


# The scores


def _exact(answer: str, expected: str, _options: Options) -> float:
    return float(answer in [bare(one) for one in choices(expected)])


def _label(answer: str, expected: str, _options: Options) -> float:
    return float(label_of(answer) in [label_of(one) for one in choices(expected)])


def _number(answer: str, expected: str, options: Options) -> float | Unknown:
    right = [numbers_in(one) for one in choices(expected)]
    if not all(right):
        return Unknown("the expected answer holds no number")
    told = numbers_in(answer)
    return float(bool(told) and any(_near(told[-1], one[-1], options) for one in right))


def _near(told: float, right: float, options: Options) -> bool:
    return abs(told - right) <= options.tolerance * abs(right)


def _schema(answer: str, options: Options, rules: Rules) -> float | Unknown:
    value = json_of(answer)
    if isinstance(value, Unknown):
        return 0.0
    found = options.schema is None or rules.follows(options.schema, value)
    return found if isinstance(found, Unknown) else float(found)


def _fields(answer: str, expected: str, _options: Options) -> float | Unknown:
    right = json_of(expected)
    if not isinstance(right, Mapping) or not right:
        return Unknown("the expected answer is no JSON object")
    told = json_of(answer)
    leaves = dict(_leaves(right))
    got = dict(_leaves(told)) if isinstance(told, Mapping) else {}
    return sum(path in got and _same_value(got[path], leaves[path]) for path in leaves) / len(
        leaves
    )


def _regex(answer: str, pattern: str, rules: Rules) -> float | Unknown:
    if wrong := unusable(pattern):
        return Unknown(wrong)
    found = rules.finds(pattern, answer)
    return found if isinstance(found, Unknown) else float(found)


def _recall(answer: str, expected: str, options: Options) -> float | Unknown:
    relevant = set(ranked(expected))
    if not relevant:
        return Unknown("the expected answer names no document")
    return len(relevant & set(ranked(answer)[: options.k])) / min(len(relevant), options.k)


def _rouge(answer: str, expected: str, _options: Options) -> float:
    return rouge_l(answer, expected)


_SCORES: Mapping[str, Callable[[str, str, Options], float | Unknown]] = {
    "exact": _exact,
    "accuracy": _label,
    "macro_f1": _label,
    "number": _number,
    "fields": _fields,
    "recall_at_k": _recall,
    "rouge_l": _rouge,
}


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _same_numbers(first: str, second: str) -> bool:
    told = numbers_in(first), numbers_in(second)
    return told[0][-1:] == told[1][-1:] if told[0] or told[1] else first == second


def unusable(pattern: str) -> str:
    """Why a regular expression cannot be used, or ""."""
    if len(pattern) > LONGEST_PATTERN:
        return f"it is longer than {LONGEST_PATTERN:,} characters"
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"{error}"
    return ""


def _leaves(value: Any, before: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Each value that is no filled object, with its path; a list is one value."""
    if isinstance(value, Mapping) and value:
        return [leaf for key, one in value.items() for leaf in _leaves(one, (*before, key))]
    return [(before, value)]


def _same_value(told: Any, right: Any) -> bool:
    """Numbers by value, text without case and differences of spaces, lists member by member."""
    if isinstance(right, list):
        return (
            isinstance(told, list)
            and len(told) == len(right)
            and all(map(_same_value, told, right))
        )
    if isinstance(right, str) and isinstance(told, str):
        return " ".join(told.casefold().split()) == " ".join(right.casefold().split())
    return isinstance(told, bool) == isinstance(right, bool) and bool(told == right)
