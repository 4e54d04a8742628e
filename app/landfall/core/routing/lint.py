"""What a routing configuration must not do: values of the linter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """LEAK: private text may leave. BROKEN: it does not do what it says. NOTE: worth knowing."""

    LEAK = "leak"
    BROKEN = "broken"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a configuration.

    Attributes:
        id: The rule, stable: "private_cloud".
        file: In which file. path: the keys that lead there, "router_settings.fallbacks[0]".
        line: The physical line, or None.
        text: What is wrong. hint: what to do.
    """

    id: str
    severity: Severity
    file: str
    text: str
    hint: str = ""
    path: str = ""
    line: int | None = None
