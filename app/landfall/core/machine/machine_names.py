"""What people, drivers and shops call a machine, and which row of the catalogue that means.

A name means a row only if all the words that tell hardware apart are the same: "RTX 4090 Laptop"
is never "RTX 4090". Vendor and marketing words do not count; memory size, GPU cores and form (PCIe,
SXM) may be left out where that leaves one row, and several rows are answered with the choice.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB
from landfall.core.machine.hardware_match import FORMS, PARENTHESES
from landfall.core.machine.hardware_match import words as device_words

MAX_CARDS = 16


class Row(Protocol):
    """What naming needs of a row."""

    @property
    def name(self) -> str:
        """As the catalogue calls it."""

    @property
    def memory_sizes(self) -> tuple[int, ...]:
        """Bytes it was sold with; none where it shares the machine's memory."""


_Row = TypeVar("_Row", bound=Row)

_COMPUTERS = re.compile(
    r"\bmac\s*book\s*(?:pro|air)?\b|\bmac\s*(?:studio|mini|pro)\b|\bimac\b"
    r"|\b\d{2}(?:\.\d)?[- ]?inch\b|\b\d+[- ]?core cpu\b"
)
_CORES = re.compile(r"\b(\d+)[- ]?(?:gpu[- ])?cores?\b")
_MEMORY = re.compile(r"\b(\d{1,4})\s*(?:gib|gb|g)\b")
_SERIES_GLUED = re.compile(r"\b(rtx|gtx|rx)(?=\d|a\d)")
_SUFFIX_GLUED = re.compile(r"(?<=\d)(ti|super|xtx|xt|gre|laptop|ada|sff)(?=\b|super|laptop)")
_SERIES = ("rtx", "gtx", "rx", "arc")
_SIZE = re.compile(r"\d{1,4}gb")
_CORE_COUNT = re.compile(r"\d+core")


_MACS = re.compile(r"\bmac\s*books?(?:\s*(?:pro|air)\b)?|\bi?macs?\b(?:\s*(?:studio|mini|pro)\b)?")


def searched_words(text: str) -> tuple[str, ...]:
    """The words of a search for machines, in the spelling of the catalogue."""
    _, one = split_count(text.lower())
    return tuple(_MEMORY.sub(r" \1gb ", _MACS.sub(" apple ", one)).split())


@dataclass(frozen=True, slots=True)
class Words:
    """A name taken apart: what it is, and what tells its variants apart."""

    device: frozenset[str]
    sizes: frozenset[str]
    cores: frozenset[str]
    forms: frozenset[str]
    first: str = ""

    @property
    def everything(self) -> frozenset[str]:
        """All words."""
        return self.device | self.sizes | self.cores | self.forms

    @property
    def without_series(self) -> frozenset[str]:
        """ "RTX 4090" is "4090" to many."""
        return self.device - {self.first} if self.first in _SERIES else self.device


@lru_cache(maxsize=1024)
def words(name: str) -> Words:
    """The words of a name in one spelling."""
    text = name.lower().replace("+", " ").replace("_", " ")
    text = re.sub(r"\((?:r|tm)\)|[®™]", " ", text).replace("max-q", "maxq")
    text = _COMPUTERS.sub(" ", text)
    text = _CORES.sub(r" \1core ", text)
    text = _MEMORY.sub(r" \1gb ", text)
    text = _SERIES_GLUED.sub(r"\1 ", text)
    text = _SUFFIX_GLUED.sub(r" \1 ", text)
    plain = re.split(r"[^a-z0-9]+", text)
    found = device_words(" ".join(_unglued(plain)))
    sizes = frozenset(word for word in found if _SIZE.fullmatch(word))
    cores = frozenset(word for word in found if _CORE_COUNT.fullmatch(word))
    forms = found & FORMS
    if not forms and "hbm" in text:
        # NVIDIA's driver names the memory of SXM boards, and the form of all others.
        forms = frozenset({"sxm"})
    first = next((word for word in plain if word in found), "")
    return Words(found - sizes - cores - forms, sizes, cores, forms, first)


def _unglued(plain: Iterable[str]) -> Iterable[str]:
    """ "tisuper" is two words."""
    for word in plain:
        yield "ti super" if word == "tisuper" else word


@dataclass(frozen=True, slots=True)
class _Keys:
    """The names of a row: outside its parentheses, inside them, and the whole."""

    aliases: tuple[Words, ...]
    whole: Words


@lru_cache(maxsize=1024)
def _keys(name: str) -> _Keys:
    insides = [alias for text in PARENTHESES.findall(name) for alias in _alternatives(text)]
    outside = PARENTHESES.sub(" ", name)
    return _Keys(tuple(words(text) for text in (outside, *insides)), words(name.replace("/", " ")))


def _alternatives(text: str) -> list[str]:
    """ "Ryzen AI Max 385/390" are two names."""
    *start, last = text.split()
    return [" ".join((*start, ending)) for ending in last.split("/")]


def _means(asked: Words, keys: _Keys) -> bool:
    for alias in keys.aliases:
        if not alias.device:
            continue
        if asked.device in (alias.device, alias.without_series):
            return True
        if alias.device <= asked.device <= keys.whole.device:
            return True
    return False


def _agrees(asked: Words, row: Row) -> bool:
    """Whether cores and form are those of the row, as far as they are said."""
    whole = _keys(row.name).whole
    if asked.cores and whole.cores != asked.cores:
        return False
    return not asked.forms or bool(asked.forms & whole.forms)


def find(name: str, rows: Sequence[_Row]) -> tuple[_Row, int | None]:
    """The row that a name means, and its memory where the name says one of several sizes.

    Raises:
        BadInput: no row, or several, have that name; the hint says which are near. Or the machine
            was never sold with that memory.
    """
    asked = words(name)
    same = [row for row in rows if row.name.lower() == name.strip().lower()] or [
        row
        for row in rows
        if asked.everything
        and any(asked.everything == alias.everything for alias in _keys(row.name).aliases)
    ]
    if len(same) == 1:
        return same[0], None
    named = [row for row in rows if asked.device and _means(asked, _keys(row.name))]
    found = [row for row in named if _agrees(asked, row)]
    sized = [row for row in found if _sold_with(asked, row)]
    if len(sized) == 1:
        size = next((int(word[:-2]) * GIB for word in asked.sizes), None)
        return sized[0], size if size and len(sized[0].memory_sizes) > 1 else None
    if found and not sized:
        raise _never_sold(name, found)
    if found:
        raise _several(name, sized)
    raise _unknown(name, rows, named)


def _sold_with(asked: Words, row: Row) -> bool:
    sizes = {f"{size // GIB}gb" for size in row.memory_sizes}
    return not asked.sizes or asked.sizes <= sizes


def _never_sold(name: str, rows: Sequence[Row]) -> BadInput:
    sold = "; ".join(_with_sizes(row) for row in rows[:6])
    return BadInput(
        f"{name!r} was not sold with that memory, as far as the catalogue knows.",
        f"Known: {sold}. Leave the size out, or describe your own in machines.toml.",
        field="machine",
    )


def _several(name: str, rows: Sequence[Row]) -> BadInput:
    choice = "; ".join(_with_sizes(row) for row in rows[:6])
    return BadInput(f"{name!r} can be several machines.", f"Say which: {choice}.", field="machine")


def _with_sizes(row: Row) -> str:
    """ "M4 Max 40-core (48, 64 or 128 GB)"."""
    sizes = [str(size // GIB) for size in row.memory_sizes]
    if not sizes or words(row.name).sizes:
        return row.name
    listed = sizes[0] if len(sizes) == 1 else f"{', '.join(sizes[:-1])} or {sizes[-1]}"
    return f"{row.name} ({listed} GB)"


_EXAMPLES = "Known are, for example, RTX 4090, 2x RTX 3090 and M4 Max 40-core; see `machines`."


def _unknown(name: str, rows: Sequence[Row], named: Sequence[Row]) -> BadInput:
    holding = [] if named else [row for row in rows if _holds(name, row)]
    if 1 < len(holding) <= 6:
        return _several(name, holding)
    close = tuple(row.name for row in (named or holding)[:5]) or suggestions(name, rows)
    return BadInput(
        f"No machine is known as {name!r}.",
        f"Did you mean {' or '.join(close)}?" if close else _EXAMPLES,
        field="machine",
    )


def _holds(name: str, row: Row) -> bool:
    """Whether every word of the text, marketing words too, stands in the row's name."""
    asked = set(re.findall(r"[a-z0-9]+", name.lower()))
    return bool(asked) and asked <= set(re.findall(r"[a-z0-9]+", row.name.lower()))


def suggestions(name: str, rows: Sequence[Row], limit: int = 5) -> tuple[str, ...]:
    """Names that look like it, best first."""
    asked = words(name)
    spelled = " ".join(sorted(asked.everything))
    by_key = {
        " ".join(sorted(alias.everything)): row.name
        for row in rows
        for alias in _keys(row.name).aliases
    }
    device = asked.device
    holding = [label for key, label in by_key.items() if device and device <= set(key.split())]
    within = [
        row.name
        for row in rows
        if any(len(alias.device) > 1 and alias.device < device for alias in _keys(row.name).aliases)
    ]
    close = difflib.get_close_matches(spelled, list(by_key), n=limit, cutoff=0.55)
    return tuple(dict.fromkeys([*holding, *within, *(by_key[key] for key in close)]))[:limit]


# ---------------------------------------------------------------- several cards

_COUNT = re.compile(r"^\s*(\d{1,3})\s*[x×*]\s*(.+)$", re.IGNORECASE)
_COUNT_AFTER = re.compile(r"^(.+?)\s+(?:[x×*]\s*(\d{1,3})|(\d{1,3})\s*[x×])\s*$", re.IGNORECASE)
_COUNT_WORD = re.compile(r"^\s*(dual|twin|two|triple|quad)\s+(.+)$", re.IGNORECASE)
_WORD_COUNTS = {"dual": 2, "twin": 2, "two": 2, "triple": 3, "quad": 4}
_JOINED = re.compile(r"(?<!max)\s*\+\s*|\s+and\s+|\s*&\s*", re.IGNORECASE)


def split_count(name: str) -> tuple[int, str]:
    """`2x RTX 4090`, `RTX 4090 x2` and `dual RTX 4090` are two of a card."""
    if found := _COUNT.match(name):
        return int(found[1]), found[2].strip()
    if found := _COUNT_AFTER.match(name):
        return int(found[2] or found[3]), found[1].strip()
    if found := _COUNT_WORD.match(name):
        return _WORD_COUNTS[found[1].lower()], found[2].strip()
    return 1, name.strip()


def parts(name: str, is_name: Callable[[str], bool]) -> tuple[tuple[int, str], ...]:
    """`RTX 4090 + 2x RTX 3090`: how many of what.

    Args:
        is_name: Whether a text is the full name of a machine, whatever signs it holds.
    """
    if is_name(name):
        return ((1, name.strip()),)
    count, label = split_count(name)
    if is_name(label):
        return ((count, label),)
    return tuple(split_count(part) for part in _JOINED.split(name)) or ((1, name),)
