"""How good one answer is: the metrics, each with what it is for and how far it can be trusted."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from types import MappingProxyType
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.quality.json_schema import broken_rule, unknown_rules
from landfall.core.workload.workload import Task

LONGEST_ANSWER = 400_000
"""Characters of an answer that are looked at."""
_NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
)
_BULLET = re.compile(r"^\s*(?:\d+[.)]|[-*])\s+")
_MOST_WORDS = 2_000
"""Words of an answer and of the expected one that ROUGE-L compares: its time is their product."""


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
        BadInput: the pattern is no regular expression, the schema uses words that are not checked
            here, k or the tolerance is out of range.
    """
    if metric.id == "regex" and isinstance(found := _pattern(options.pattern), Unknown):
        raise BadInput(f"The pattern cannot be used: {found.reason}.", field="quality.pattern")
    if metric.id == "json_schema" and options.schema is not None:
        unknown = unknown_rules(options.schema)
        if unknown:
            raise BadInput(
                f"The schema uses what is not checked here: {', '.join(unknown)}.",
                "Take these words out, or judge the answers by another metric.",
                field="quality.schema",
            )
    if options.k < 1:
        raise BadInput("At least the first result counts.", field="quality.k")
    if not 0 <= options.tolerance < 1:
        raise BadInput("A tolerance is a share from 0 to below 1.", field="quality.tolerance")


def score(
    metric: Metric, answer: str, expected: str | None, options: Options = PLAIN
) -> float | Unknown:
    """How right an answer is, from 0 to 1; unknown where the metric cannot tell.

    An expected JSON list holds several right answers, except for `recall_at_k`, where it holds the
    relevant documents.
    """
    if metric.needs_labels:
        return Unknown("a person or a judge says which answer is right")
    if metric.needs_expected and expected is None:
        return Unknown("the prompt has no expected answer")
    return _SCORES[metric.id](bare(answer), expected or "", options)


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
            return _as_json(parsed[0]) == _as_json(parsed[1])
    if metric.id == "recall_at_k":
        return ranked(first)[: options.k] == ranked(second)[: options.k]
    return " ".join(first.split()) == " ".join(second.split())


def bare(answer: str) -> str:
    """The answer without a leading block of thoughts: models of some servers leave it in."""
    text = answer[:LONGEST_ANSWER]
    if text.lstrip().startswith("<think>") and "</think>" in text:
        text = text.partition("</think>")[2]
    return unicodedata.normalize("NFC", text).strip()


def label_of(text: str) -> str:
    """A label without case, outer punctuation, and differences of spaces, hyphens, underscores."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.split(r"[\s_\-]+", folded.strip(" \t\r\n\"'`*.,:;!?()[]{}<>")))


def macro_f1(answers: Sequence[str], expected: Sequence[str]) -> float:
    """Mean of the F1 of each label that is expected somewhere (Yang and Liu, 1999).

    An answer that is none of these labels counts against the label that was expected.

    Raises:
        BadInput: there is no answer, or not one for each.
    """
    return f1_of(label_pairs(answers, expected))


def label_pairs(answers: Sequence[str], expected: Sequence[str]) -> list[tuple[str, str]]:
    """Each answer's label with the expected one; of several right ones the first.

    Raises:
        BadInput: there is no answer, or not one for each.
    """
    if not answers or len(answers) != len(expected):
        raise BadInput("Each answer needs its expected label.", field="expected")
    return [
        (_told_label(bare(told), right), label_of(choices(right)[0]))
        for told, right in zip(answers, expected, strict=True)
    ]


def f1_of(pairs: Sequence[tuple[str, str]]) -> float:
    """Macro-F1 of labels told and expected; see `macro_f1`."""
    hits = Counter(right for told, right in pairs if told == right)
    said = Counter(told for told, _ in pairs)
    true = Counter(right for _, right in pairs)
    return fmean(2 * hits[label] / (said[label] + true[label]) for label in true)


def json_of(text: str) -> Any | Unknown:
    """The JSON value of an answer, also where it stands in a fence of three backticks."""
    fenced = re.search(r"```(?:json)?\s*\n(.*?)```", text, re.DOTALL | re.IGNORECASE)
    try:
        return json.loads(fenced[1] if fenced else text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return Unknown("the answer is not JSON")


def numbers_in(text: str) -> list[float]:
    """The numbers of a text, with a point before decimals and commas between thousands."""
    return [float(one.replace(",", "").replace("−", "-")) for one in _NUMBER.findall(text)]


def ranked(text: str) -> list[str]:
    """The documents of an answer in their order: a JSON list, or one on each line."""
    value = json_of(text)
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    return [
        line
        for one in text.splitlines()
        if (line := re.sub(r"^\s*(?:\d+[.)]|[-*])\s+", "", one).strip())
    ]


def rouge_l(answer: str, expected: str) -> float:
    """F1 of the longest common subsequence of words (Lin, 2004), whatever their case."""
    first = re.findall(r"\w+", answer.casefold())[:_MOST_WORDS]
    second = re.findall(r"\w+", expected.casefold())[:_MOST_WORDS]
    if not first or not second:
        return float(first == second)
    row = [0] * (len(second) + 1)
    for word in first:
        corner = 0
        for place, other in enumerate(second, start=1):
            above = row[place]
            row[place] = corner + 1 if word == other else max(above, row[place - 1])
            corner = above
    return 2 * row[-1] / (len(first) + len(second))


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


def _schema(answer: str, _expected: str, options: Options) -> float:
    value = json_of(answer)
    if isinstance(value, Unknown):
        return 0.0
    return float(options.schema is None or not broken_rule(value, options.schema))


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


def _regex(answer: str, expected: str, options: Options) -> float | Unknown:
    pattern = _pattern(options.pattern or expected)
    return pattern if isinstance(pattern, Unknown) else float(bool(pattern.search(answer)))


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
    "json_schema": _schema,
    "fields": _fields,
    "regex": _regex,
    "recall_at_k": _recall,
    "rouge_l": _rouge,
}


def choices(expected: str) -> list[str]:
    """The right answers: a JSON list holds several."""
    value = json_of(expected) if expected.lstrip().startswith("[") else None
    return [_as_text(one) for one in value] if isinstance(value, list) and value else [expected]


def _told_label(answer: str, expected: str) -> str:
    """The label of an answer; where any of several right ones was given, the first of them."""
    told = label_of(answer)
    right = [label_of(one) for one in choices(expected)]
    return right[0] if told in right else told


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _same_numbers(first: str, second: str) -> bool:
    told = numbers_in(first), numbers_in(second)
    return told[0][-1:] == told[1][-1:] if told[0] or told[1] else first == second


def _pattern(text: str) -> re.Pattern[str] | Unknown:
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        return Unknown(f"{error}")


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else _as_json(value)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


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
