"""YAML for people: what our own files need, with comments, in a form that every reader of YAML 1.1
and 1.2 takes alike."""

from __future__ import annotations

import json
import re

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "y", "n", "null"))
"""What a reader of YAML 1.1 takes for something else than text."""


def scalar(value: str | float | bool) -> str:
    """A value as it is written: text is quoted unless nothing could be read into it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # Without an exponent: "2e-08" is text to a reader of YAML 1.1.
        digits = f"{value:.15f}".rstrip("0")
        return digits + "0" if digits.endswith(".") else digits
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def remark(text: str) -> str:
    """Words for a comment: on one line, whatever a name or a reason holds."""
    shown = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(shown.split())


def comment(text: str, indent: int, *, width: int = 100) -> list[str]:
    """A comment, broken between words."""
    lead = " " * indent + "# "
    lines, line = [], lead.rstrip()
    for word in remark(text).split(" "):
        if len(line) + 1 + len(word) > width and line.strip() != "#":
            lines.append(line)
            line = lead.rstrip()
        line += f" {word}"
    return [*lines, line]


def pair(name: str, value: str | float | bool, indent: int, *, says: str = "") -> str:
    """`name: value  # says`."""
    tail = f"  # {remark(says)}" if says else ""
    return f"{' ' * indent}{scalar(name)}: {scalar(value)}{tail}"


def flow(values: tuple[str, ...]) -> str:
    """`[a, b]`."""
    return f"[{', '.join(scalar(one) for one in values)}]"
