"""How a sentence of core and services is known again and said in the language of the window.

`resources/translations/sentences.json` lists them with numbered holes for the values in them; a
sentence is known by its words, its values are taken out, said in the language too, and put into the
translation. What is not known, such as words of a server, stays. Asked through `translated`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from landfall.core.errors import AppError
from landfall.gui.dates import day
from landfall.gui.no_break import NBSP
from landfall.services import resources

_log = logging.getLogger(__name__)

CONTEXT = "sentences"
_HOLE = re.compile(r"\{\w*(?::[^{}]*)?\}")
_SENTENCE_END = re.compile(r"(?<=[.!?:]) (?=[A-Z`\"(\d])")
_NUMBER = re.compile(
    r"(?P<before>[^\w.,]*)(?P<whole>[1-9]\d{0,2}(?:,\d{3})+|\d+)(?P<part>\.\d+)?"
    r"(?P<unit>\W?[^\s\d.,:-]*)"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATED = re.compile(r"(.+) \((\d{4}-\d\d-\d\d)\)", re.DOTALL)
_FEW_LETTERS = 8
_WORD = re.compile(r"[^\W\d_]{2,}")
_LEFT = re.compile(r"(?<![\w:/.@-])[A-Za-z]?[a-z']+(?![\w/@-]|:\S)")
"""A word of English, and no name such as `qwen3:8b`."""
_NAME = re.compile(r"\S*[A-Z\d_./:-]\S*(?: \S*[A-Z\d_./:-]\S*)*")
_RAW_NUMBER = re.compile(r"\$\d|(?<![\d.,])[1-9]\d{0,2},\d{3}")
"""A number that is still written as in English."""
_KEYS = re.compile(r"[a-z\d_]+(?:, [a-z\d_]+)+")
"""What a file may say, in a row: "creative" is a word of it there, as "long_agentic" shows."""
_ANY_WORD = ""


def said(text: str) -> str:
    """A text as the window says it."""
    return _reading(text).said


def forget() -> None:
    """Another language is spoken from now on."""
    _reading.cache_clear()


@dataclass(frozen=True, slots=True)
class _Pattern:
    template: str
    letters: int


@dataclass(frozen=True, slots=True)
class _Templates:
    whole: frozenset[str]
    patterns: dict[str, tuple[_Pattern, ...]]
    """By a word that a text must hold to be this sentence, in small letters."""


@dataclass(frozen=True, slots=True)
class _Reading:
    said: str
    left: int
    """Letters of words that stay English."""


@cache
def _templates() -> _Templates:
    try:
        listed: list[str] = resources.read_json("translations/sentences.json")
    except AppError as error:
        # A damaged installation speaks English here; its self-test says why.
        _log.warning("%s", error)
        listed = []
    whole = frozenset(text for text in listed if not _HOLE.search(text))
    patterns: dict[str, list[_Pattern]] = {}
    for text in listed:
        if text not in whole:
            patterns.setdefault(_rarest_word(text), []).append(_pattern(text))
    return _Templates(whole, {word: tuple(found) for word, found in patterns.items()})


def _rarest_word(template: str) -> str:
    """The longest word of its own that touches no value."""
    apart = _HOLE.sub("0", template)
    words = (found[0].lower() for found in re.finditer(r"(?<!\w)[^\W\d_]{2,}(?!\w)", apart))
    return max(words, key=len, default=_ANY_WORD)


def _by_letters(pattern: _Pattern) -> int:
    return pattern.letters


def _pattern(template: str) -> _Pattern:
    return _Pattern(template, letters=sum(map(len, _HOLE.split(template))))


@cache
def _expressions(template: str) -> tuple[re.Pattern[str], ...]:
    """With short values, and with long ones: "({0})" in a text that holds more parentheses."""
    literals = list(map(re.escape, _HOLE.split(template)))
    expressions = []
    for value in ("(.+?)", "(.+)"):
        expression = value.join(literals)
        # Two values side by side: the second is words that may be missing, such as " since 2026".
        expression = expression.replace(value * 2, "(.+?)((?:(?:[ ;:(]|,(?!\\d)).*?)?)")
        expressions.append(re.compile(expression, re.DOTALL))
    return tuple(expressions)


@lru_cache(maxsize=8192)
def _reading(text: str) -> _Reading:
    """Of all ways to read a text the one that leaves the least English, the first of equals."""
    whole = _whole(text)
    if whole is not None:
        return _Reading(whole, 0)
    if "_" in text and _KEYS.fullmatch(text):
        return _Reading(text, 0)
    bare = text.lstrip(" ,;")
    if bare != text:
        found = _reading(bare)
        return replace(found, said=text[: len(text) - len(bare)] + found.said)
    number = _number(text)
    left = sum(map(len, _LEFT.findall(text)))
    if number is None:
        left += len(_RAW_NUMBER.findall(text))
    best = _Reading(number or text, left)
    if not best.left or " " not in text:
        return best
    for found in _readings(text):
        if found.left < best.left:
            best = found
        if not best.left:
            break
    return best


def _readings(text: str) -> Iterator[_Reading]:
    if (found := _uncapitalised(text)) is not None:
        yield found
    if (found := _dated(text)) is not None:
        yield found
    yield from _side_by_side(text)
    yield from _matched(text)
    if (found := _unended(text)) is not None:
        yield found
    yield from _ended(text)
    yield from _in_parts(text)


def _whole(text: str) -> str | None:
    if text in _templates().whole:
        return _tr(text)
    return _date(text)


def _uncapitalised(text: str) -> _Reading | None:
    """A reason that the window has made the beginning of a sentence."""
    lower = text[:1].lower() + text[1:]
    if lower == text or lower not in _templates().whole:
        return None
    return _capital(_Reading(_tr(lower), 0))


def _capital(found: _Reading) -> _Reading:
    return _Reading(found.said[:1].upper() + found.said[1:], found.left)


def _unended(text: str) -> _Reading | None:
    """A reason to which the window has added a full stop."""
    if not text.endswith(".") or text.endswith(".."):
        return None
    found = _reading(text[:-1])
    return None if found.said == text[:-1] else _Reading(f"{found.said}.", found.left)


def _ended(text: str) -> Iterator[_Reading]:
    """A sentence whose full stop was taken away: what a sensor says stands inside others."""
    if text.endswith((".", "!", "?", ":")):
        return
    ended = f"{text}."
    whole = _whole(ended)
    found = _matched(ended) if whole is None else iter((_Reading(whole, 0),))
    for one in found:
        if one.said.endswith("."):
            yield replace(one, said=one.said[:-1])


def _matched(text: str) -> Iterator[_Reading]:
    """One sentence with values, those with the most words of their own first."""
    lower = text[:1].lower() + text[1:]
    listed, words = _templates().patterns, {word.lower() for word in _WORD.findall(text)}
    found = [one for word in (*words, _ANY_WORD) for one in listed.get(word, ())]
    for pattern in sorted(found, key=_by_letters, reverse=True):
        lead = pattern.template[: len(pattern.template) - len(pattern.template.lstrip(" ,;"))]
        for form, values in _values(pattern.template, dict.fromkeys((text, lower, lead + text))):
            if pattern.letters < _FEW_LETTERS and not _are_plain(values):
                continue
            filled = _filled(pattern.template, values)
            if form == lower != text:
                filled = _capital(filled)
            elif form != text:
                filled = replace(filled, said=filled.said.removeprefix(lead))
            yield filled


def _values(template: str, forms: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The values of a template in each form of a text that it fits."""
    for form in forms:
        found = [one.fullmatch(form) for one in _expressions(template)]
        for values in dict.fromkeys(match.groups() for match in found if match is not None):
            yield form, values


def _are_plain(values: Sequence[str]) -> bool:
    """What a pattern of hardly any words may hold; one of several may be a name in small type."""
    strange = [value for value in values if not _is_plain(value)]
    return not strange or (len(values) > 1 == len(strange) and " " not in strange[0])


def _is_plain(value: str) -> bool:
    """A number, a name or something known."""
    if _NAME.fullmatch(value) or _number(value):
        return True
    found = _reading(value)
    return not found.left or found.said != value


def _filled(template: str, values: Sequence[str]) -> _Reading:
    # A full stop is the sentence's, not that of a value which in another language is its middle.
    stop = "." if template.endswith("}") and re.search(r"[^.]\.$", values[-1]) else ""
    values = (*values[:-1], values[-1].removesuffix(stop))
    # A value of one word, such as "openai", is rather a name than English.
    held = {
        hole: _reading(value) for hole, value in zip(_HOLE.findall(template), values, strict=True)
    }
    said = _HOLE.sub(lambda hole: held[hole[0]].said, _tr(template))
    return _Reading(said + stop, sum(one.left for one in held.values() if " " in one.said))


def _dated(text: str) -> _Reading | None:
    """A source with its day, as assumptions are cited."""
    dated = _DATED.fullmatch(text)
    if dated is None:
        return None
    source, day_said = _reading(dated[1]), _reading(dated[2])
    return _Reading(f"{source.said} ({day_said.said})", source.left + day_said.left)


def _side_by_side(text: str) -> Iterator[_Reading]:
    """Sentences or reasons of which each is known. Before one sentence whose last value would hold
    the others: in another language that value may stand in its middle."""
    for parts, between in ((_SENTENCE_END.split(text), " "), (text.split("; "), "; ")):
        found = [_reading(part) for part in parts] if len(parts) > 1 else []
        if found and not any(
            one.left or one.said == part for one, part in zip(found, parts, strict=True)
        ):
            yield _Reading(between.join(one.said for one in found), 0)


def _in_parts(text: str) -> Iterator[_Reading]:
    """Several sentences, or reasons side by side."""
    for parts, between in (
        (_SENTENCE_END.split(text), " "),
        (text.split("; "), "; "),
        (text.split(": ", 1), ": "),
        (text.split(", "), ", "),
    ):
        if len(parts) > 1:
            found = [_reading(part) for part in parts]
            yield _Reading(between.join(one.said for one in found), sum(one.left for one in found))


def _number(text: str) -> str | None:
    """A value in digits, with or without a unit, as the locale writes it."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    locale = QLocale()
    whole = found["whole"].replace(",", locale.groupSeparator())
    part = (found["part"] or "").replace(".", locale.decimalPoint())
    before, unit = found["before"], found["unit"]
    if before.endswith("$") and not unit and locale.toCurrencyString(1.0, "$").endswith("$"):
        # "~$3.20" is "~3,20 $" where the sign of a currency follows.
        before, unit = before[:-1], f"{NBSP}$"
    return f"{before}{whole}{part}{unit}"


def _date(text: str) -> str | None:
    if not _DATE.fullmatch(text):
        return None
    found = QDate(*map(int, text.split("-")))
    return day(found) if found.isValid() else None


def _tr(text: str) -> str:
    # Not said in one function with a context: the sources of these stand in core and services.
    return QCoreApplication.translate(CONTEXT, text)
