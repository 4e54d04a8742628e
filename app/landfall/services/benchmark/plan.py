"""What a benchmark asks: prompts of three lengths, or those of a file of the user's."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from landfall.core import json_text
from landfall.core.benchmark.benchmark import BenchPlan, BenchPrompt
from landfall.core.errors import BadInput

LENGTHS = {"short": 32, "medium": 512, "long": 4096}
"""About so many tokens each; the long one is shorter where the context holds no more."""

LEAST_ANSWER_TOKENS = 256
"""A shorter answer says little of a decode rate."""

LONGEST_FILE_BYTES = 16 << 20
MOST_PROMPTS = 1000
MOST_NUM_PREDICT = 1 << 20

_SEED = 20_260_101
_RESERVE_TOKENS = 128
"""For the template of a model around a prompt."""

_TEXT_WORDS = 64
"""Of a text that is embedded: about a paragraph."""

_TOKENS_A_WORD = 1.25
"""Of the sentences below, commas and stops counted, in the common vocabularies."""

_LEAST_GROWTH = 1.5
"""A length that is no longer than so many times the one before says nothing new."""

_WHO = "baker sailor teacher miner painter farmer driver singer doctor tailor gardener clerk"
_DID = "carried found sold mended painted lost borrowed counted opened weighed hid shared"
_HOW = "old heavy yellow broken narrow quiet frozen wooden bright empty round dusty"
_WHAT = "lantern ladder basket letter kettle compass bell bottle drum map wheel blanket"
_WHERE = "bridge harbour market station orchard mill tower meadow cellar river gate attic"
_WHEN = "morning winter storm harvest evening fair thaw strike feast flood night holiday"

_TASK = (
    "Write a long story of many chapters in which all of this happens, with every detail. "
    "Begin with: Once upon a time"
)


def standard_plan(
    *,
    context: int = 8192,
    trained_context: int | None = None,
    num_predict: int = LEAST_ANSWER_TOKENS,
    **more: Any,
) -> BenchPlan:
    """Three lengths of prompt, each of which asks for a long answer.

    Args:
        context: Context length in tokens that is asked for.
        trained_context: What the model was trained for, where that is known: a longer context
            would not be given.
        num_predict: Tokens of answer at least.
        more: Further fields of `BenchPlan`.

    Raises:
        BadInput: the context holds no prompt and answer.
    """
    given = min(context, trained_context or context)
    room = given - num_predict - _RESERVE_TOKENS
    if room < LENGTHS["short"]:
        raise BadInput(
            f"A context of {given:,} tokens does not hold a prompt and {num_predict} tokens of "
            "answer.",
            "Ask for a longer context, or for fewer tokens.",
            field="context",
        )
    prompts = tuple(
        BenchPrompt(name=name, text=text_of(tokens), num_predict=num_predict)
        for name, tokens in lengths_within(given, num_predict=num_predict).items()
    )
    return BenchPlan(prompts=prompts, context=given, **more)


def lengths_within(context: int, *, num_predict: int = LEAST_ANSWER_TOKENS) -> dict[str, int]:
    """The lengths of prompts, in tokens by name, that this context holds beside an answer."""
    room = max(context - num_predict - _RESERVE_TOKENS, 1)
    lengths: dict[str, int] = {}
    for name, tokens in LENGTHS.items():
        fitting = min(tokens, room)
        if not lengths or fitting >= _LEAST_GROWTH * max(lengths.values()):
            lengths[name] = fitting
    return lengths


def text_of(tokens: int) -> str:
    """A text of about so many tokens that asks for a long answer; the same every time."""
    words = max(0, int(tokens / _TOKENS_A_WORD) - len(_TASK.split()))
    sentences = " ".join(_sentences(words))
    return f"{sentences}\n\n{_TASK}" if sentences else _TASK


def texts_of(count: int, *, seed: int) -> tuple[str, ...]:
    """So many different texts of about so many words, as a document that is embedded has them."""
    return tuple(
        f"{seed + number}: {' '.join(_sentences(_TEXT_WORDS, seed=seed + number))}"
        for number in range(count)
    )


def varied(text: str, number: int) -> str:
    """The text with a number before it, so that no server holds its beginning already."""
    return f"Text {number}: {text}"


def _sentences(words: int, *, seed: int = _SEED) -> list[str]:
    drawn = random.Random(seed)
    told: list[str] = []
    count = 0
    while count < words:
        who, other = drawn.sample(_WHO.split(), 2)
        did, how, what, where, when = (
            drawn.choice(kind.split()) for kind in (_DID, _HOW, _WHAT, _WHERE, _WHEN)
        )
        sentence = (
            f"One {when} the {who} {did} the {how} {what} near the {where}, and the {other} saw it."
        )
        told.append(sentence)
        count += len(sentence.split())
    return told


# Prompts of the user's


def prompts_of_file(
    path: Path, *, num_predict: int = LEAST_ANSWER_TOKENS
) -> tuple[BenchPrompt, ...]:
    """One prompt a line, or JSON lines with `prompt` and, where wanted, `num_predict`.

    The first line that holds something decides which of both the file is; empty lines count for
    nothing.

    Raises:
        BadInput: the file cannot be read, is no text, has no prompt or too many, or a line is not
            what it should be: says file, line and field.
    """
    name = str(path)
    lines = [
        (number, line.strip())
        for number, line in enumerate(_text(path).split("\n"), start=1)
        if line.strip()
    ]
    if not lines:
        raise BadInput(f"{name} has no prompt.", "Write one on each line.", file=name)
    if len(lines) > MOST_PROMPTS:
        raise BadInput(
            f"{name} has {len(lines)} prompts, and at most {MOST_PROMPTS} are run.",
            "Take some of them.",
            file=name,
            line=lines[MOST_PROMPTS][0],
        )
    if lines[0][1].startswith("{"):
        return tuple(_of_json(name, number, line, num_predict) for number, line in lines)
    return tuple(
        BenchPrompt(name=f"line {number}", text=line, num_predict=num_predict)
        for number, line in lines
    )


def _text(path: Path) -> str:
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadInput(
            f"{name} cannot be read: {why}.",
            "Check its name and its permissions.",
            file=name,
            field="prompts",
        ) from error
    if len(data) > LONGEST_FILE_BYTES:
        raise BadInput(
            f"{name} is longer than {LONGEST_FILE_BYTES >> 20} MiB.",
            "Ask fewer prompts: each is asked several times.",
            file=name,
            field="prompts",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"{name} is not UTF-8 text.", "Save it as UTF-8.", file=name, line=line
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadInput(
            f"{name} is not a text file.",
            "Write one prompt on each line, as UTF-8.",
            file=name,
            line=line,
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _of_json(name: str, number: int, line: str, num_predict: int) -> BenchPrompt:
    value = _object(name, number, line)
    unknown = [key for key in value if key not in ("prompt", "num_predict")]
    if unknown:
        raise BadInput(
            f"The key {unknown[0]!r} is not known.",
            "A line has `prompt` and, where wanted, `num_predict`; a quality gate takes others.",
            file=name,
            line=number,
            field=unknown[0],
        )
    text = value.get("prompt")
    if not isinstance(text, str) or not text.strip():
        raise BadInput(
            "`prompt` must be a text that is not empty.",
            'Write {"prompt": "..."} on each line.',
            file=name,
            line=number,
            field="prompt",
        )
    tokens = value.get("num_predict", num_predict)
    if type(tokens) is not int or not 1 <= tokens <= MOST_NUM_PREDICT:
        raise BadInput(
            f"`num_predict` must be a whole number from 1 to {MOST_NUM_PREDICT}.",
            "Write it without quotes, or leave it out.",
            file=name,
            line=number,
            field="num_predict",
        )
    if any("\ud800" <= one <= "\udfff" for one in text):
        raise BadInput(
            "`prompt` holds half of a character.",
            "Save the file as UTF-8, without escapes.",
            file=name,
            line=number,
            field="prompt",
        )
    return BenchPrompt(name=f"line {number}", text=text, num_predict=tokens)


def _object(name: str, number: int, line: str) -> dict[str, Any]:
    try:
        value = json_text.read(line)
    except ValueError as error:
        raise BadInput(
            f"The line is no JSON: {error}.",
            'Write {"prompt": "..."} on each line.',
            file=name,
            line=number,
        ) from error
    if not isinstance(value, dict):
        raise BadInput(
            "The line is no JSON object.",
            'Write {"prompt": "..."} on each line.',
            file=name,
            line=number,
            field="prompt",
        )
    return value
