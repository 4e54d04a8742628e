"""How the window spaces and ends what it writes; without Qt, so that the first frame may use it."""

from __future__ import annotations

import re

NBSP = "\u00a0"
_PERCENT = re.compile(r"(?<=\d) ?%(?!\w)")

_TWO_STOPS = re.compile(r"(?<=[^\W\d_])\.\.(?=\s|$)")


def spaced(words: str) -> str:
    """Words from below with a space that does not break before each per cent sign: "57 %".

    A sentence that ends in a shortened month has one full stop in German, too: "bis 24. Nov.".
    """
    if ".." in words:
        words = _TWO_STOPS.sub(".", words)
    return _PERCENT.sub(f"{NBSP}%", words) if "%" in words else words
