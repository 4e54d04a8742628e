"""What an answer says: its label, its numbers, its JSON, its list; and sets of labels compared."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown

LONGEST_ANSWER = 400_000
"""Characters of an answer that are looked at."""
_MOST_WORDS = 2_000
"""Words of an answer and of the expected one that ROUGE-L compares: its time is their product."""
_NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
)


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
    """Macro-F1 of labels told and expected: the mean of the F1 of each label that is expected
    somewhere (Yang and Liu, 1999). An answer that is none of them counts against the label that
    was expected."""
    hits = Counter(right for told, right in pairs if told == right)
    said = Counter(told for told, _ in pairs)
    true = Counter(right for _, right in pairs)
    return fmean(2 * hits[label] / (said[label] + true[label]) for label in true)


def json_of(text: str) -> Any | Unknown:
    """The JSON value of an answer, also where it stands in a fence of three backticks."""
    fenced = re.search(r"```(?:json)?\s*\n(.*?)```", text, re.DOTALL | re.IGNORECASE)
    try:
        return json_text.read(fenced[1] if fenced else text, parse_constant=_no_constant)
    except ValueError:
        return Unknown("the answer is not JSON")


def numbers_in(text: str) -> list[float]:
    """The numbers of a text, with a point before decimals and commas between thousands."""
    return [float(one.replace(",", "").replace("−", "-")) for one in _NUMBER.findall(text)]


def ranked(text: str) -> list[str]:
    """The documents of an answer in their order: a JSON list, or one on each line."""
    value = json_of(text)
    if isinstance(value, list):
        return [as_text(one) for one in value]
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


def choices(expected: str) -> list[str]:
    """The right answers: a JSON list holds several."""
    value = json_of(expected) if expected.lstrip().startswith("[") else None
    return [as_text(one) for one in value] if isinstance(value, list) and value else [expected]


def _told_label(answer: str, expected: str) -> str:
    """The label of an answer; where any of several right ones was given, the first of them."""
    told = label_of(answer)
    right = [label_of(one) for one in choices(expected)]
    return right[0] if told in right else told


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def as_text(value: Any) -> str:
    """Text as it is, another value as JSON."""
    return value if isinstance(value, str) else as_json(value)


def as_json(value: Any) -> str:
    """JSON with its keys in order, so that equal values are equal texts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
