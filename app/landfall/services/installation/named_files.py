"""Which words of a command line, of a desktop or of another start name workload files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

DOCUMENT_SUFFIX = ".landfall"
"""A workload file that the desktop opens with this program."""
SUFFIXES = (".toml", DOCUMENT_SUFFIX)
"""What workload files end in. All are the same TOML; editors keep `.toml` for themselves."""


def is_workload(name: str) -> bool:
    """Whether a name, a path or a URL ends as workload files do, in upper or lower case."""
    return name.lower().endswith(SUFFIXES)


def workloads(words: Sequence[str]) -> tuple[str, ...]:
    """The files that these words name, whole: the open window may have been started elsewhere.

    Args:
        words: Paths, or `file:` URLs as some desktops give them.

    Returns:
        Absolute paths, each once, in their order; none where one of the words is no workload file.
    """
    if not all(is_workload(word) for word in words):
        return ()
    return tuple(dict.fromkeys(map(_path, words)))


def _path(word: str) -> str:
    """The whole path that a word or a `file:` URL of this machine stands for (RFC 8089). A URL of
    another machine stays: what is said of it then names it."""
    if not word.lower().startswith("file:"):
        return os.path.abspath(word)
    from urllib.parse import unquote_to_bytes, urlsplit  # noqa: PLC0415 - few starts need it

    try:
        parts = urlsplit(word)
    except ValueError:  # half of a bracket: no URL, and no file will be found under it
        return word
    if parts.netloc.lower() not in ("", "localhost") or not parts.path.startswith("/"):
        return word if parts.netloc else os.path.abspath(word)
    path = os.fsdecode(unquote_to_bytes(parts.path))
    # A drive stands behind the slash: file:///C:/Users.
    return os.path.abspath(path.lstrip("/") if sys.platform == "win32" else path)
