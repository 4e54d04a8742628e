"""Rules on secrets: no key of anybody stands in any file of the folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from landfall.core.routing.findings import Document, Documents, Finding, Severity

_FROM_ENVIRONMENT = "os.environ/"
_SECRET_NAMES = ("key", "token", "secret", "password", "credential", "database_url")
_PLAIN_NAMES = frozenset(
    {
        "input_cost_per_token",
        "output_cost_per_token",
        "max_tokens",
        "tokens",
        "litellm_key_header_name",
        "key_management_system",
        "litellm_credential_name",
    }
)
_LOOKS = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{20,}|xox[bp]-[A-Za-z0-9-]{10,}"
    r"|AKIA[A-Z0-9]{12,}|fw_[A-Za-z0-9]{16,}|hf_[A-Za-z0-9]{16,}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{8,}"
)
"""How keys of the providers begin, passwords in an address, and JSON web tokens."""

_ASSIGNED = re.compile(r"^\s*(?:export\s+|\$env:)?([A-Z][A-Z0-9_]*)\s*=\s*['\"]?([^\s'\"#]+)")
_ENV_FILES = (".env.example",)


def findings(documents: Documents) -> Iterator[Finding]:
    """Keys in clear. None of them is repeated."""
    seen: set[tuple[str, int | None]] = set()
    for document in documents.configurations:
        for path in _secrets(document.value, ""):
            found = _found(document, path)
            seen.add((found.file, found.line))
            yield found
    for file, text in documents.texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            given = _ASSIGNED.match(line) if file in _ENV_FILES else None
            if (_LOOKS.search(line) or given) and (file, number) not in seen:
                yield Finding(
                    id="key_in_clear",
                    severity=Severity.LEAK,
                    file=file,
                    line=number,
                    text="A key or a value of the environment stands in this line.",
                    hint="Take it out, treat the key as known to others; values belong in .env.",
                )


def _found(document: Document, path: str) -> Finding:
    return document.found(
        "key_in_clear",
        Severity.LEAK,
        f"{path} holds a value in clear.",
        path=path,
        hint="Write os.environ/NAME, and treat the key as known to others.",
    )


def _secrets(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            inside = f"{path}.{key}" if path else str(key)
            if isinstance(inner, str) and _is_secret(str(key), inner):
                yield inside
            else:
                yield from _secrets(inner, inside)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _secrets(inner, f"{path}[{number}]")
    elif isinstance(value, str) and _LOOKS.search(value):
        yield path


def _is_secret(key: str, value: str) -> bool:
    if not value or value.startswith(_FROM_ENVIRONMENT) or key in _PLAIN_NAMES:
        return False
    return bool(_LOOKS.search(value)) or any(name in key.lower() for name in _SECRET_NAMES)
