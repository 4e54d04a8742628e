"""What texts say of which most repeat: a file of a million rows has the same few in all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LONGEST_KEPT = 200
MOST_KEPT = 4096
"""Signs of a text, and texts, that are kept."""


class TextCache(dict[str, T]):
    """What texts say of which most repeat, for the price of one look where they do.

    What is no value is not kept: `parse` raises it each time.
    """

    def __init__(self, parse: Callable[[str], T]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> T:
        found = self._parse(text)
        if len(text) <= LONGEST_KEPT:
            if len(self) >= MOST_KEPT:
                self.clear()
            self[text] = found
        return found
