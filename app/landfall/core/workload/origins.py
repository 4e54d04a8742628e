"""Where the values of a workload came from, kept beside them as comments of its file.

    input = 900  # from imported usage of 2026-11-20: 900
    output = 80  # typed; from a measured run of 2026-11-21: 120

The comment holds what its source said, so that a value that was changed since can be set back to
it. A value without one was typed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landfall.core import toml_text
from landfall.core.toml_lines import lines_of_keys
from landfall.core.workload.keys import BY_PATH

_COMMENT = re.compile(r"#\s*(?:typed; )?from (?P<source>.+?): (?P<value>.+?)\s*$")
_COMMENT_OF_ORIGIN = re.compile(r"#\s*(?:typed; )?from .+?: .+$")

PRESET = "the usual of"
"""How the source of a value begins that nobody observed: a guess by the task."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who said a value.

    Attributes:
        source: "imported usage of 2026-11-20", "a measured run of 2026-11-20".
        value: What it said.
    """

    source: str
    value: Any


def usage_of(day: str) -> str:
    """The source of what imported usage tells, by its last day."""
    return f"imported usage of {day}"


def run_of(day: str) -> str:
    """The source of what a run told."""
    return f"a measured run of {day}"


def comment(origin: Origin, value: Any, written: str) -> str:
    """What stands behind a value in the file.

    Args:
        value: What the file says.
        written: The value of the source in TOML.
    """
    typed = "" if same(origin.value, value) else "typed; "
    return f"  # {typed}from {origin.source}: {written}"


def same(one: Any, other: Any) -> bool:
    """Whether a value is what its source said; lists as texts are, in any container."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return list(one) == list(other)
    return bool(one == other)


def origins_of(text: str) -> Mapping[str, Origin]:
    """The sources that a right TOML text names, by the path of the key."""
    if "from " not in text:
        return {}
    lines = text.split("\n")
    found: dict[str, Origin] = {}
    for path, number in lines_of_keys(text).items():
        told = _COMMENT.search(lines[number - 1]) if path in BY_PATH else None
        value = None if told is None else _value(told["value"])
        if told is not None and value is not None:
            found[path] = Origin(told["source"], value)
    return found


def has_own_comments(text: str) -> bool:
    """Whether a text has comments of somebody, beside those that name sources."""
    bare = (_COMMENT_OF_ORIGIN.sub("", line) for line in text.splitlines())
    return any(line.lstrip().startswith("#") for line in bare)


def guessed(text: str) -> tuple[str, ...]:
    """Keys that still hold what is only usual of such a task, by their paths."""
    told = {path: one for path, one in origins_of(text).items() if one.source.startswith(PRESET)}
    if not told:
        return ()
    table = toml_text.read(text)
    return tuple(path for path, one in told.items() if same(one.value, _at(table, path)))


def _at(table: Any, path: str) -> Any:
    for name in path.split("."):
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _value(written: str) -> Any:
    """A value out of a comment; None where it is none."""
    try:
        value = toml_text.read(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        return None
    return tuple(value) if isinstance(value, list) else value
