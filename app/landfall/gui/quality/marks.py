"""Where two answers differ: the words that only one of them has. Text in, places out."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

Span = tuple[int, int]
"""From this character on, before that one."""

MOST_WORDS = 2000
"""Of both answers together: comparing longer ones would take longer than reading on."""

_WORD = re.compile(r"\w+|[^\w\s]")


def marks(first: str, second: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What only the first has, and what only the second has; neighbours are one span.

    Answers that are too long to be compared have no marks.
    """
    one, other = list(_WORD.finditer(first)), list(_WORD.finditer(second))
    if len(one) + len(other) > MOST_WORDS:
        return (), ()
    matcher = SequenceMatcher(None, [w[0] for w in one], [w[0] for w in other], autojunk=False)
    in_first: list[Span] = []
    in_second: list[Span] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            if b > a:
                in_first.append((one[a].start(), one[b - 1].end()))
            if d > c:
                in_second.append((other[c].start(), other[d - 1].end()))
    return tuple(in_first), tuple(in_second)
