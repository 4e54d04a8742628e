"""What is said about a slip in a workload file: the value, the range, what was perhaps meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

from landfall.core.workload.keys import KEYS, Key


def line_in(message: str, text: str) -> int:
    """The line that a message of the TOML reader names, else that of a number too long for it, else
    the last one."""
    if match := re.search(r"at line (\d+)", message):
        return int(match.group(1))
    too_long = re.search(r"(?:\d_?){4301}", text)
    return text.count("\n", 0, too_long.start() if too_long else len(text)) + 1


def field_at(text: str, line: int) -> str:
    """The key that stands on a line of a text that is not TOML, as well as it can be told."""
    section = ""
    found = ""
    for number, one in enumerate(text.split("\n")[:line], 1):
        if header := re.match(r"\s*\[+\s*([\w.-]+)\s*\]", one):
            section = header.group(1)
        elif number == line and (key := re.match(r"\s*([\w.-]+)\s*=", one)):
            found = key.group(1)
    return ".".join(part for part in (section, found) if part)


def hint_for(section: str, name: str, known: set[str], *, elsewhere: bool = True) -> str:
    """Where an unknown key belongs, what was perhaps meant, or what there is."""
    homes = sorted(key.section for key in KEYS if key.name == name) if elsewhere else []
    if homes:
        return f"It belongs into [{homes[0]}]."
    close = difflib.get_close_matches(name.lower(), sorted(known), 1, 0.5)
    if close:
        return f"Did you mean `{close[0]}`?"
    place = f"[{section}]" if section else "the file"
    return f"{place} knows {', '.join(sorted(known))}."


def listed(words: Iterable[str]) -> str:
    """Words in a row; the empty one is shown as such."""
    return ", ".join(str(word) or '""' for word in words)


def shown(raw: Any) -> str:
    """A value of a file as a message shows it."""
    text = f'"{raw}"' if isinstance(raw, str) else str(raw)
    if isinstance(raw, bool):
        text = text.lower()
    if isinstance(raw, dict | list):
        return "a table" if isinstance(raw, dict) else "a list"
    return text if len(text) <= 60 else f"{text[:57]}..."


def short(number: float) -> str:
    """A number as a message shows it, however long it was written."""
    return f"{number:,.10g}" if abs(number) < 1e300 else "a number with hundreds of digits"


def range_hint(key: Key) -> str:
    """What a number may be, and in which unit."""
    low = f"{'above' if key.above else 'at least'} {key.low:,.10g}"
    high = f"{'below' if key.below else 'at most'} {key.high:,.10g}"
    return f"It is {key.unit}, {low} and {high}."
