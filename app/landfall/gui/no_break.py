"""How the window spaces what it writes; without Qt, so that the first frame may use it."""

from __future__ import annotations

import re

NBSP = "\u00a0"
_PERCENT = re.compile(r"(?<=\d) ?%(?!\w)")


def spaced(words: str) -> str:
    """Words from below with a space that does not break before each per cent sign: "57 %"."""
    return _PERCENT.sub(f"{NBSP}%", words) if "%" in words else words
