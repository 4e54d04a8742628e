"""Sentences of core and services in the language of the window.

They are English where they are made, because the command line, JSON, exports and the history are a
contract in one language. What reads and translates them, `sentences`, comes in with the first one
that is said in another language: a window in English does without.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from PySide6.QtCore import QLocale

_ENGLISH = (QLocale.Language.English, QLocale.Language.C)
_SENTENCES = "landfall.gui.sentences"


class Said(str):
    """A text that is in the language of the window already.

    A reason is often said in the language where it is chosen, and once more where it is shown. Said
    twice, its numbers would be read as English ones: "0,012 s" is 12 thousandths of a second in
    German and would be made "0.012 s", which reads as twelve seconds there.
    """

    __slots__ = ()


def translated(text: str) -> str:
    """A text of core or services as the window says it; unchanged in English, and what this said
    before stays as it is."""
    if not text or isinstance(text, Said) or QLocale().language() in _ENGLISH:
        return text
    sentences: Any = import_module(_SENTENCES)
    return Said(sentences.said(text))


def all_translated(texts: Iterable[str]) -> tuple[str, ...]:
    """Several of them."""
    return tuple(map(translated, texts))


def forget() -> None:
    """Another language is spoken from now on."""
    if _SENTENCES in sys.modules:
        sentences: Any = import_module(_SENTENCES)
        sentences.forget()
