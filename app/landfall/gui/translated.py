"""Sentences of core and services in the language of the window.

They are English where they are made, because the command line, JSON, exports and the history are a
contract in one language. `resources/translations/sentences.json` lists them with numbered holes for
the values in them; a sentence is known again by its words, its values are taken out, said in the
language too, and put into the translation. What is not known, such as words of a server, stays.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from landfall.core.errors import AppError
from landfall.gui.spacing import NBSP
from landfall.services import resources

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

CONTEXT = "sentences"
_ENGLISH = (QLocale.Language.English, QLocale.Language.C)
_HOLE = re.compile(r"\{\w*(?::[^{}]*)?\}")
_SENTENCE_END = re.compile(r"(?<=[.!?:]) (?=[A-Z`\"(\d])")
_NUMBER = re.compile(
    r"(?P<before>[^\w.,]*)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<part>\.\d+)?(?P<unit>\W?[^\d.,:/-]*)"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_RULES = re.compile(
    r"(?P<rules>[A-Z]{1,2}\d+[a-z]?(?:, [A-Z]{1,2}\d+[a-z]?)*: )(?P<rest>.+)", re.DOTALL
)
_FEW_LETTERS = 8


def translated(text: str) -> str:
    """A text of core or services as the window says it; unchanged in English."""
    if not text or QLocale().language() in _ENGLISH:
        return text
    return _said(text)


def all_translated(texts: Iterable[str]) -> tuple[str, ...]:
    """Several of them."""
    return tuple(map(translated, texts))


def forget() -> None:
    """Another language is spoken from now on."""
    _said.cache_clear()


@dataclass(frozen=True, slots=True)
class _Pattern:
    template: str
    expression: re.Pattern[str]
    longest: str
    """The longest run of letters that a text must hold to be this sentence."""
    letters: int


@cache
def _templates() -> tuple[frozenset[str], tuple[_Pattern, ...]]:
    try:
        listed: list[str] = resources.read_json("translations/sentences.json")
    except AppError as error:
        # A damaged installation speaks English here; its self-test says why.
        _log.warning("%s", error)
        listed = []
    whole = frozenset(text for text in listed if not _HOLE.search(text))
    patterns = [_pattern(text) for text in listed if text not in whole]
    # The one with the most words of its own is meant.
    return whole, tuple(sorted(patterns, key=_by_letters, reverse=True))


def _by_letters(pattern: _Pattern) -> int:
    return pattern.letters


def _pattern(template: str) -> _Pattern:
    literals = _HOLE.split(template)
    expression = "(.+?)".join(re.escape(literal) for literal in literals)
    # Two values side by side: the second is words that may be missing, such as " since 2026".
    expression = expression.replace("(.+?)(.+?)", "(.+?)((?:[ ,;:(].*?)?)")
    return _Pattern(
        template=template,
        expression=re.compile(expression, re.DOTALL),
        longest=max(literals, key=len),
        letters=sum(map(len, literals)),
    )


@lru_cache(maxsize=4096)
def _said(text: str) -> str:
    for attempt in (_whole, _uncapitalised, _unended, _matched, _in_parts, _loosely):
        found = attempt(text)
        if found is not None:
            return found
    return text


def _whole(text: str) -> str | None:
    if text in _templates()[0]:
        return _tr(text)
    return _date(text) or _number(text)


def _uncapitalised(text: str) -> str | None:
    """A reason that the window has made the beginning of a sentence."""
    lower = text[:1].lower() + text[1:]
    if lower == text or lower not in _templates()[0]:
        return None
    said = _tr(lower)
    return said[:1].upper() + said[1:]


def _unended(text: str) -> str | None:
    """A reason to which the window has added a full stop."""
    if not text.endswith(".") or text.endswith(".."):
        return None
    said = _whole(text[:-1]) or _uncapitalised(text[:-1]) or _matched(text[:-1])
    return None if said is None else f"{said}."


def _matched(text: str) -> str | None:
    """One sentence with values that hold no sentence of their own."""
    return _first_match(text, _is_one_value)


def _loosely(text: str) -> str | None:
    return _first_match(text, None) or _first_match(text, _is_plain, few=True)


def _is_one_value(value: str) -> bool:
    return not _SENTENCE_END.search(value) and "; " not in value


def _is_plain(value: str) -> bool:
    """One word, a number or something known: what a pattern of hardly any words may hold."""
    return " " not in value or _number(value) is not None or _said(value) != value


def _first_match(
    text: str, accepts: Callable[[str], bool] | None, *, few: bool = False
) -> str | None:
    """The sentence with the most words of its own; `few` looks at those with hardly any."""
    lower = text[:1].lower() + text[1:]
    for pattern in _templates()[1]:
        if (pattern.letters < _FEW_LETTERS) is not few:
            continue
        if pattern.longest not in text and pattern.longest not in lower:
            continue
        for form in dict.fromkeys((text, lower)):
            found = pattern.expression.fullmatch(form)
            if found is None or (accepts and not all(map(accepts, found.groups()))):
                continue
            said = _filled(pattern.template, found.groups())
            return said if form == text else said[:1].upper() + said[1:]
    return None


def _filled(template: str, values: Iterable[str]) -> str:
    held = {hole: _said(value) for hole, value in zip(_HOLE.findall(template), values, strict=True)}
    return _HOLE.sub(lambda hole: held[hole[0]], _tr(template))


def _in_parts(text: str) -> str | None:
    """Several sentences, or reasons side by side; None where none of them is known."""
    if ruled := _RULES.fullmatch(text):
        rest = _said(ruled["rest"])
        return None if rest == ruled["rest"] else ruled["rules"] + rest
    for parts, between in ((_SENTENCE_END.split(text), " "), (text.split("; "), "; ")):
        if len(parts) > 1:
            said = [_said(part) for part in parts]
            if said != parts:
                return between.join(said)
    return None


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
    day = QDate(*map(int, text.split("-")))
    form = QCoreApplication.translate("format", "d MMM yyyy")
    return QLocale().toString(day, form) if day.isValid() else None


def _tr(text: str) -> str:
    # Not said in one function with a context: the sources of these stand in core and services.
    return QCoreApplication.translate(CONTEXT, text)
