"""Which versions of Ollama have known holes, and from which on one is recommended."""

from __future__ import annotations

import re
from dataclasses import dataclass

SAFE_VERSION = (0, 17, 1)
"""CVE-2026-7482: below it anyone who reaches the server can read its memory."""

SIGNED_VERSION = (0, 23, 3)
"""CVE-2026-42248 and 42249: from it on updates on Windows are checked for their signature."""

RECOMMENDED_VERSION = (0, 24, 0)

_CANDIDATE = re.compile(r"-(?:rc|alpha|beta|pre|dev)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class VersionWarning:
    """`id` is "version" for a known hole, "old_version", or "unknown_version"."""

    id: str
    text: str


def warning(version: str) -> VersionWarning | None:
    """What is to be said of a version; None where there is nothing."""
    number = version_number(version)
    if number is None:
        said = f"The version {version!r} tells" if version else "It says no version, which tells"
        return VersionWarning("unknown_version", f"{said} nothing about known holes.")
    if _below(version, number, SAFE_VERSION):
        return VersionWarning(
            "version",
            f"Ollama {version} has a known hole (CVE-2026-7482): whoever reaches it can read its "
            "memory, prompts included. Update it to 0.17.1 or later.",
        )
    if _below(version, number, RECOMMENDED_VERSION):
        unsigned = _below(version, number, SIGNED_VERSION)
        hole = (
            "; on Windows its updates are not checked (CVE-2026-42248, 42249)" if unsigned else ""
        )
        return VersionWarning(
            "old_version",
            f"Ollama {version} is older than 0.24.0, the oldest version recommended here{hole}.",
        )
    return None


def _below(version: str, number: tuple[int, int, int], floor: tuple[int, int, int]) -> bool:
    """Whether a version lacks what came with another one.

    A candidate of a release may have been built before the repair (semver.org, 11.3: it comes
    before its release); a build some commits after a release ("0.24.0-3-g1a2b3c4", as `git
    describe` says it) has it.
    """
    return number < floor or (number == floor and bool(_CANDIDATE.search(version)))


def version_number(version: str) -> tuple[int, int, int] | None:
    """The three numbers of a version, or None for a build that does not know its own."""
    found = re.match(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?!\d)", version)
    number = (int(found[1]), int(found[2]), int(found[3])) if found else (0, 0, 0)
    return number if number > (0, 0, 0) else None
