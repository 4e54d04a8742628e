"""The names that clients ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


def alias_of(name: str, step: str = "") -> str:
    """A workload's alias: its name in lower case, every run of other characters one hyphen.

    "E-mail triage" is "e-mail-triage", its step embed "e-mail-triage-embed". Letters and digits of
    any script are kept. "" where the name has none.
    """
    words = "".join(one if one.isalnum() else " " for one in name.lower()).split()
    alias = "-".join(words)
    return f"{alias}-{step}" if alias and step else alias


def is_sendable(alias: str) -> bool:
    """Whether the router can answer under the alias: it puts the name into the head of its answer,
    which holds Latin-1 alone, and fails with a 500 after the call was made otherwise (measured on
    LiteLLM 1.106.12)."""
    try:
        alias.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def clashes(names: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    """Aliases that more than one owner would get, with the owners.

    Args:
        names: (alias, whose it is, in words).
    """
    owners: dict[str, list[str]] = defaultdict(list)
    for alias, owner in names:
        owners[alias].append(owner)
    return {alias: tuple(found) for alias, found in owners.items() if len(found) > 1}
