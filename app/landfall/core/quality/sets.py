"""The user's own prompts for a quality run, read from JSONL or CSV, and a sample of them.

The readers keep every row that can be used and say of every other one which line it is and why.
A file may call its columns anything: `Columns` says which is which, and the caller remembers it.
"""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.quality.set_rows import (
    BOM,
    Row,
    csv_rows,
    header,
    holds_half_a_character,
    json_rows,
    without_bom,
)
from landfall.core.usage.rows import Problem

MOST_PROMPTS = 100_000
"""Rows beyond these are not read; no gate that is worth running needs as many."""
LONGEST_PROMPT = 400_000
"""Characters: about 100,000 tokens, more than most local models take at once."""
MOST_PROBLEMS = 200
"""Problems that are kept to be shown; all are counted."""
MOST_LABELS = 50
"""Up to as many different expected answers are labels by which a sample is spread."""
_LONGEST_LABEL = 60
_NAMES_SHOWN = 8
_ROWS_FOR_NAMES = 50
_DEPTH_FOR_NAMES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPrompt:
    """One prompt of the user's.

    Attributes:
        place: Its place among the usable prompts of the file, the first being 0. It names the
            prompt in a run and stays the same in every sample of the file.
        prompt: As it is sent.
        expected: The right answer: text, a label, a number, or JSON (an object of fields, a list of
            right answers or of relevant documents); None where the file has none.
        incumbent: What today's model answered, recorded; None where the file has none.
        cluster: What it was taken from (a document, a customer), or "". Prompts of one cluster are
            not independent of each other.
        line: Where it stands in the file, the first line being 1; 0 where it is from no file.
    """

    place: int
    prompt: str
    expected: str | None = None
    incumbent: str | None = None
    cluster: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column of the file is what. Inside JSON a path: `messages.0.content`; "" for none."""

    prompt: str = "prompt"
    expected: str = "expected"
    incumbent: str = "incumbent"
    cluster: str = "cluster"


USUAL_COLUMNS = Columns()
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "input", "question", "query", "text", "instruction"),
    "expected": (
        "expected", "expected_output", "target", "label", "reference", "ideal", "gold", "answer",
    ),
    "incumbent": ("incumbent", "incumbent_answer", "output", "response", "completion"),
    "cluster": ("cluster", "group", "document", "doc_id", "source"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySet:
    """The prompts of a file, or a sample of them.

    Attributes:
        prompts: Each text once.
        problems: Rows that were left out, with line and column, the first MOST_PROBLEMS of them.
        refused: How many rows were left out because they cannot be used.
        duplicates: How many were left out because their prompt had stood before.
        truncated: Whether the file goes on behind MOST_PROMPTS.
        spread_by: What a sample was spread by: "cluster", "expected", both joined by " and ", or
            "".
    """

    prompts: tuple[QualityPrompt, ...]
    problems: tuple[Problem, ...] = ()
    refused: int = 0
    duplicates: int = 0
    truncated: bool = False
    spread_by: str = ""

    @property
    def has_incumbent(self) -> bool:
        """Whether every prompt has a recorded answer of today's model."""
        return bool(self.prompts) and all(one.incumbent is not None for one in self.prompts)


def is_jsonl(lines: Sequence[str]) -> bool:
    """Whether a file holds JSON lines rather than CSV.

    Either its first line with text opens a brace or a bracket, or most of the first ones do: a
    broken line at the top makes no CSV of it.
    """
    told = (line.lstrip(BOM + " \t") for line in lines if line.strip(BOM + " \t\r\n"))
    opens = [line.startswith(("{", "[")) for line in islice(told, _ROWS_FOR_NAMES)]
    return bool(opens) and (opens[0] or 2 * sum(opens) > len(opens))


def read_set(lines: Sequence[str], columns: Columns = USUAL_COLUMNS) -> QualitySet:
    """The prompts of a file of either kind. See `read_jsonl` and `read_csv`."""
    return read_jsonl(lines, columns) if is_jsonl(lines) else read_csv(lines, columns)


def read_jsonl(lines: Iterable[str], columns: Columns = USUAL_COLUMNS) -> QualitySet:
    """The prompts of JSON lines, one object a line.

    Args:
        lines: The lines of the file as text, with or without their ends; a byte order mark is
            taken off.
        columns: Paths of the values in each object.
    """
    return _gathered(json_rows(lines), columns)


def read_csv(lines: Iterable[str], columns: Columns = USUAL_COLUMNS) -> QualitySet:
    """The prompts of a CSV file with a header line.

    Comma, semicolon, tab and bar are told apart by the header. A row with fewer or more cells than
    the header is left out: its prompt may be cut off.

    Args:
        lines: The physical lines of the file with their ends, so that a cell may span several.
        columns: Names of the columns, found whatever their case.
    """
    held = without_bom(lines)
    names, _ = header(held)
    columns = _of_header(columns, names)
    if names and columns.prompt not in names:
        shown = ", ".join(names[:_NAMES_SHOWN]) + (", ..." if len(names) > _NAMES_SHOWN else "")
        reason = f"there is no such column; the file has: {shown}"
        problem = Problem(line=1, column=columns.prompt, reason=reason)
        return QualitySet(prompts=(), problems=(problem,), refused=1)
    return _gathered(csv_rows(held), columns)


def names_in(lines: Sequence[str]) -> tuple[str, ...]:
    """The columns or paths that a file offers, for whoever says which is the prompt.

    Of JSON lines those of the first rows, of CSV the header's.
    """
    if not is_jsonl(lines):
        return tuple(header(without_bom(lines[:1000]))[0])
    found: dict[str, None] = {}
    for _, row in json_rows(lines[:_ROWS_FOR_NAMES]):
        if not isinstance(row, Problem):
            found.update(dict.fromkeys(_paths(row, _DEPTH_FOR_NAMES)))
    return tuple(name for name in found if not holds_half_a_character(name))


def likely_columns(names: Iterable[str]) -> Columns:
    """The columns by their usual names; "" for what the file does not seem to have."""
    by_name = {name.lower(): name for name in reversed(tuple(names))}
    found = {
        key: next((by_name[name] for name in usual if name in by_name), "")
        for key, usual in _OTHER_NAMES.items()
    }
    return Columns(**found)


def sample(found: QualitySet, count: int, seed: int) -> QualitySet:
    """A random sample, spread over clusters and expected labels, in the order in which to ask.

    Every beginning of it is such a sample too, so that a gate may be read on the way; a larger
    sample by the same seed begins with the smaller one, so that prompts can be added.

    Raises:
        BadInput: there is no prompt, or none is asked for.
    """
    if not found.prompts:
        raise BadInput(
            "The file has no prompt that can be used.",
            found.problems[0].reason if found.problems else "Write one on each line.",
            line=found.problems[0].line if found.problems else None,
            field="prompt",
        )
    if count < 1:
        raise BadInput("A sample has at least one prompt.", field="sample")
    spread_by = _spread_by(found.prompts)
    ordered = _spread(found.prompts, spread_by, random.Random(seed))
    return replace(found, prompts=ordered[:count], spread_by=" and ".join(spread_by))


def _spread_by(prompts: Sequence[QualityPrompt]) -> tuple[str, ...]:
    clusters = {one.cluster for one in prompts}
    expected = {one.expected for one in prompts}
    labels = len(expected) > 1 and len(expected) <= min(MOST_LABELS, len(prompts) / 2)
    are_short = all(len(one or "") <= _LONGEST_LABEL for one in expected)
    found = ("cluster",) if len(clusters) > 1 else ()
    return (*found, "expected") if labels and are_short else found


def _spread(
    prompts: Sequence[QualityPrompt], by: Sequence[str], chance: random.Random
) -> tuple[QualityPrompt, ...]:
    """Systematic within each stratum: its shuffled members stand evenly between 0 and 1."""
    strata: dict[tuple[str | None, ...], list[QualityPrompt]] = {}
    for one in prompts:
        strata.setdefault(tuple(getattr(one, name) for name in by), []).append(one)
    keyed: list[tuple[float, float, QualityPrompt]] = []
    for members in strata.values():
        chance.shuffle(members)
        start = chance.random()
        keyed += [
            ((place + start) / len(members), chance.random(), one)
            for place, one in enumerate(members)
        ]
    return tuple(one for _, _, one in sorted(keyed, key=_by_key))


def _by_key(keyed: tuple[float, float, QualityPrompt]) -> tuple[float, float]:
    return keyed[0], keyed[1]


# From rows to prompts


def _of_header(columns: Columns, names: Sequence[str]) -> Columns:
    """The columns as the header spells them."""
    spelled = {name.lower(): name for name in reversed(names)}
    wanted = {key: getattr(columns, key) for key in _OTHER_NAMES}
    return Columns(**{key: spelled.get(name.strip().lower(), name) for key, name in wanted.items()})


def _gathered(rows: Iterable[Row], columns: Columns) -> QualitySet:
    prompts: list[QualityPrompt] = []
    problems: list[Problem] = []
    first_lines: dict[str, QualityPrompt] = {}
    duplicates = 0
    for line, row in rows:
        if len(prompts) >= MOST_PROMPTS:
            return _set_of(prompts, problems, duplicates, truncated=True)
        found = row if isinstance(row, Problem) else _prompt(line, row, columns, len(prompts))
        if isinstance(found, Problem):
            problems.append(found)
            continue
        earlier = first_lines.setdefault(key_of(found.prompt), found)
        if earlier is found:
            prompts.append(found)
            continue
        duplicates += 1
        problems.append(Problem(line=line, column=columns.prompt, reason=_again(found, earlier)))
    return _set_of(prompts, problems, duplicates, truncated=False)


def _set_of(
    prompts: Sequence[QualityPrompt],
    problems: Sequence[Problem],
    duplicates: int,
    *,
    truncated: bool,
) -> QualitySet:
    return QualitySet(
        prompts=tuple(prompts),
        problems=tuple(problems[:MOST_PROBLEMS]),
        refused=len(problems) - duplicates,
        duplicates=duplicates,
        truncated=truncated,
    )


def key_of(prompt: str) -> str:
    """Two prompts that differ in nothing but spaces are one."""
    return " ".join(unicodedata.normalize("NFC", prompt).split())


def _again(found: QualityPrompt, earlier: QualityPrompt) -> str:
    if found.expected != earlier.expected:
        return f"the same prompt as in line {earlier.line}, with another expected answer"
    return f"the same prompt as in line {earlier.line}"


def _prompt(
    line: int, row: Mapping[str, Any], columns: Columns, place: int
) -> QualityPrompt | Problem:
    prompt = _at(row, columns.prompt)
    reason = ""
    if prompt is None:
        reason = "is missing"
    elif not isinstance(prompt, str):
        reason = "is not text; name the value inside it, as in messages.0.content"
    elif not prompt.strip():
        reason = "is empty"
    elif len(prompt) > LONGEST_PROMPT:
        reason = f"is longer than {LONGEST_PROMPT:,} characters"
    if reason:
        return Problem(line=line, column=columns.prompt, reason=reason)
    found = QualityPrompt(
        place=place,
        prompt=str(prompt),
        expected=_text(_at(row, columns.expected)),
        incumbent=_text(_at(row, columns.incumbent)),
        cluster=_text(_at(row, columns.cluster)) or "",
        line=line,
    )
    for name in _OTHER_NAMES:
        if holds_half_a_character(getattr(found, name) or ""):
            reason = "holds half a character (a lone surrogate)"
            return Problem(line=line, column=getattr(columns, name), reason=reason)
    return found


def _text(value: Any) -> str | None:
    """Text as it is, other values as JSON; an empty cell says nothing."""
    if value is None or isinstance(value, str):
        return value if value and value.strip() else None
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _at(row: Any, path: str) -> Any:
    """The value at a path; a key with a dot in it is found before the path is taken apart."""
    if not path:
        return None
    if isinstance(row, Mapping):
        if path in row:
            return row[path]
        head, _, rest = path.partition(".")
        return _at(row.get(head), rest) if rest else None
    head, _, rest = path.partition(".")
    if isinstance(row, list) and head.lstrip("-").isdecimal():
        place = int(head)
        if -len(row) <= place < len(row):
            return _at(row[place], rest) if rest else row[place]
    return None


def _paths(value: Any, depth: int, before: str = "") -> Iterator[str]:
    inside: Iterable[tuple[Any, Any]] = (
        value.items() if isinstance(value, Mapping) else enumerate(value[:_NAMES_SHOWN])
    )
    for name, one in inside:
        path = f"{before}.{name}" if before else name
        if isinstance(one, Mapping | list) and depth > 1:
            yield from _paths(one, depth - 1, path)
        else:
            yield path
