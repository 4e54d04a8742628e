"""A key as the program handles it: never printed, never logged, never in an error."""

from __future__ import annotations

import re
import secrets as entropy
from weakref import WeakValueDictionary

from landfall.core.errors import BadInput

LENGTH_MAX = 1200
"""Windows keeps 2,560 bytes an entry, 1,280 UTF-16 units; a key is to work on every system."""

LENGTH_LEAST = 8
"""Shorter text is no key of anybody, and would stand in any traceback by chance."""

_KEY_LIKE = re.compile(r"(?<![\w-])(?:sk-|gsk_|fw_|AIza)[\w-]{12,}")
"""Words that begin as keys of providers do (resources/providers.json) and are as long."""

_SETTING = re.compile(r"[A-Z][A-Z0-9_]*_(?:KEY|TOKEN)=")
"""How a line of a file of settings begins."""


class Secret:
    """A key. Printing, formatting or logging it shows only its ends."""

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        _ALIVE[id(self)] = self

    def reveal(self) -> str:
        """The key itself, for the one header that carries it."""
        return self._text

    @property
    def masked(self) -> str:
        """Enough to tell two keys apart: at most six characters of the start, four of the end."""
        if len(self._text) < 20:
            return "…"
        start = self._text[:6] if "-" in self._text[:6] or "_" in self._text[:6] else ""
        return f"{start}…{self._text[-4:]}"

    def redact(self, text: str) -> str:
        """The text without the key, in case somebody else's message repeats it."""
        return text.replace(self._text, "…") if self._text else text

    def __repr__(self) -> str:
        return f"Secret({self.masked})"

    def __str__(self) -> str:
        return self.masked

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return entropy.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)


_ALIVE: WeakValueDictionary[int, Secret] = WeakValueDictionary()
"""Every key that the program holds at this moment, so that no report of a bug repeats one."""


def scrubbed(text: str) -> str:
    """A text of unknown make, as a traceback, without any key: those in use, and what looks so."""
    for secret in list(_ALIVE.values()):
        if len(secret.reveal()) >= LENGTH_LEAST:
            text = secret.redact(text)
    return _KEY_LIKE.sub("…", text)


def clean(text: str) -> Secret:
    """A key as pasted: white space and byte-order mark stripped, checked to be one.

    Raises:
        BadInput: empty, more than one line, too long, or characters no key has. The message never
            repeats what was pasted.
    """
    key = text.strip().strip("\ufeff").strip()
    problem = fault(key)
    if problem:
        raise BadInput(problem, "Paste the key alone, as the provider shows it.", field="key")
    return Secret(key)


def fault(key: str) -> str:
    """Why this text can be no key, without repeating it; "" where it can."""
    if not key:
        return "The key is empty."
    if "\n" in key or "\r" in key:
        return "The key has more than one line."
    if any(not "!" <= char <= "~" for char in key):
        return "The key contains white space or characters that no key has."
    if key[0] in "\"'" or key[-1] in "\"'":
        return "The key stands in quotation marks."
    if _SETTING.match(key):
        return "The key stands behind the name of a setting."
    if len(key) > LENGTH_MAX:
        return f"The key has {len(key)} characters; a keyring entry holds {LENGTH_MAX}."
    return ""
