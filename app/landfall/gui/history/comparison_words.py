"""A comparison as rows and sentences: the difference, and whether it is more than noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication

from landfall.core.benchmark.comparison import FEWEST, Doubt, Noise
from landfall.gui.dates import when_apart
from landfall.gui.format import MINUS, NBSP, number, plain, whole
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Row, Title
from landfall.gui.widgets.table_model import Column

if TYPE_CHECKING:
    from landfall.core.benchmark.comparison import Difference

MOST_DIGITS = 3
"""Of a change in percent."""


class _Told(Protocol):
    """A run or a benchmark of the history."""

    @property
    def model(self) -> str: ...

    @property
    def started_at(self) -> str: ...


Write = Callable[[float], str]
"""How a value of a figure is written."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


def comparison_columns() -> tuple[Column, ...]:
    """A figure a row: of one side, of the other, the second against the first, and the noise."""
    return (
        Column(_tr("Figure")),
        Column(_tr("First"), 140, right=True),
        Column(_tr("Second"), 140, right=True),
        Column(_tr("Difference"), 146, right=True),
        Column(_tr("More than noise?"), 226),
    )


def names_words(first: _Told, second: _Told) -> str:
    """Which is which: by model and time, and by the second where that is all that tells them."""
    at = when_apart(first.started_at, second.started_at)
    names = (f"{one.model}, {said}" for one, said in zip((first, second), at, strict=True))
    return _tr("First: {0}. Second: {1}.").format(*names)


def comparison_row(
    caption: str, found: Difference, write: Write, *, repeated: str, note: str = ""
) -> Row:
    """One figure of both sides; what is not known is the word.

    Args:
        repeated: What is said of a value that was measured so many times: "middle of {0}".
    """
    return (
        Plain(caption, note) if note else Plain(caption),
        _value(found.first, found.counts[0], write, repeated),
        _value(found.second, found.counts[1], write, repeated),
        difference_cell(found, write),
        noise_cell(found),
    )


def writes(unit: Unit) -> Write:
    """How values of a unit are written."""

    def write(value: float) -> str:
        return plain(value, unit)

    return write


def _value(value: float | None, count: int, write: Write, repeated: str) -> Cell:
    if value is None:
        return Plain(_tr("unknown"), right=True, tone="text_3")
    return Plain(write(value), repeated.format(whole(count)) if count > 1 else "", right=True)


def difference_cell(found: Difference, write: Write) -> Plain:
    """By how much the second is more or less, and in percent of the first."""
    if found.change is None:
        return Plain(_tr("not comparable"), right=True, tone="text_3")
    if found.change == 0:
        return Plain(_tr("the same"), right=True)
    sign = "+" if found.change > 0 else MINUS
    words = f"{sign}{write(abs(found.change))}"
    return Plain(words, percent_words(found.ratio), right=True)


def percent_words(ratio: float | None) -> str:
    """A ratio as a change in percent; a multiple where percent would be hard to read."""
    if ratio is None:
        return ""
    if ratio >= 3:
        return _tr("{0} times").format(number(ratio, digits=1))
    change = ratio - 1
    sign = "+" if change > 0 else MINUS
    size = abs(change) * 100
    digits = 1 if size < 9.95 else 0
    while 0 < ratio < 1 and round(size, digits) >= 100 and digits < MOST_DIGITS:
        digits += 1  # something is left: "−100 %" would say that nothing is
    if 0 < ratio < 1 and round(size, digits) >= 100:
        return _tr("almost {0}").format(f"{MINUS}100{NBSP}%")
    return f"{sign}{number(size, digits=digits)}{NBSP}%"


def noise_cell(found: Difference) -> Cell:
    """Yes, no, or why that cannot be told: in words."""
    match found.noise:
        case Noise.BEYOND:
            return Title(_tr("Yes"), _chance(found))
        case Noise.WITHIN:
            why = doubt_words(found) if found.change else _tr("no difference")
            return Plain(_tr("No"), why, tone="text_2")
        case Noise.EXACT:
            return Plain(_tr("Exact"), _tr("counted, not measured"), tone="text_2")
        case Noise.UNKNOWN:
            return Plain(_tr("Cannot tell"), doubt_words(found), tone="text_2")


def _chance(found: Difference) -> str:
    if found.chance is None:
        return _tr("further apart than the others")
    times = max(1, round(1 / found.chance))
    return _tr("by chance once in {0}").format(whole(times))


def doubt_words(found: Difference) -> str:
    """Why a difference is none, or cannot be judged."""
    return {
        Doubt.NONE: "",
        Doubt.MISSING: _tr("one is not known"),
        Doubt.APART: _tr("not the same thing was measured"),
        Doubt.ONE_EACH: _tr("once each: noise unknown"),
        Doubt.FEW: _tr("fewer than {0} repetitions").format(whole(FEWEST)),
        Doubt.NOISE: _tr("repetitions differ as much"),
        Doubt.METER: _tr("within the error of the meters"),
        Doubt.METER_UNKNOWN: _tr("the meter's error is not known"),
    }[found.doubt]


# Conditions


def conditions_words(differing: Sequence[str], untold: Sequence[str], alike: str) -> str:
    """What else differs, so that nobody compares what cannot be compared.

    Args:
        alike: What is said where nothing differs.
    """
    words = alike
    if differing:
        words = _tr("They differ in: {0}.").format(_names(differing))
    if untold:
        unknown = _tr("Known of one alone: {0}.").format(_names(untold))
        words = f"{words} {unknown}"
    return words


def _names(conditions: Sequence[str]) -> str:
    return ", ".join(condition_name(name) for name in conditions)


def condition_name(name: str) -> str:
    """What a condition is called."""
    known = {
        "model": _tr("model"),
        "digest": _tr("digest"),
        "place": _tr("place"),
        "engine": _tr("engine"),
        "context": _tr("context"),
        "prompt": _tr("prompt"),
        "prompts": _tr("prompts"),
        "num_predict": _tr("limit of tokens out"),
        "seed": _tr("seed"),
        "temperature": _tr("temperature"),
        "repeat_penalty": _tr("repeat penalty"),
        "num_thread": _tr("threads"),
        "gpu_share": _tr("GPU share"),
        "quantization": _tr("quantization"),
        "power_limit_watts": _tr("power limit"),
        "on_battery": _tr("mains or battery"),
        "kv_type": _tr("KV cache type"),
        "parallel": _tr("answers at once"),
        "energy_scope": _tr("energy scope"),
    }
    return known.get(name, name.replace("_", " "))
