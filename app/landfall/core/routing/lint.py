"""What a routing configuration must not do: every trap of LiteLLM that is known to leak.

The rules were measured on LiteLLM 1.106.2 on loopback or read in the source of 1.106.12 and
1.110.2; each says so where it stands. What cannot be told to be safe is taken to leak.
"""

from __future__ import annotations

from landfall.core.routing import lint_guard, lint_keys, lint_routes, lint_settings
from landfall.core.routing.findings import Document, Documents, Finding, Severity
from landfall.core.routing.lint_private import Private, private_of

_ORDER = (Severity.LEAK, Severity.BROKEN, Severity.NOTE)


def lint(documents: Documents) -> tuple[Finding, ...]:
    """Everything that is wrong, what leaks first; in the order of the file otherwise."""
    private = private_of(documents)
    found: list[Finding] = []
    if documents.gateway is None:
        found.append(_no_gateway())
    for document in documents.configurations:
        found += _of(document, documents, private)
    found += lint_guard.findings(documents, private)
    found += lint_routes.sealed_findings(documents, private)
    found += lint_keys.findings(documents)
    kept = dict.fromkeys(found)
    return tuple(sorted(kept, key=_rank))


def _of(document: Document, documents: Documents, private: Private) -> list[Finding]:
    return [
        *(_twice(document, path, line) for path, line in document.twice),
        *lint_routes.findings(document, documents, private),
        *lint_settings.findings(document, documents, private),
    ]


def _twice(document: Document, path: str, line: int) -> Finding:
    return Finding(
        id="key_twice",
        severity=Severity.BROKEN,
        file=document.file,
        path=path,
        line=line,
        text=f"{path} stands twice: the router takes the last one and forgets the first.",
        hint="Make one of both.",
    )


def _no_gateway() -> Finding:
    return Finding(
        id="no_gateway",
        severity=Severity.BROKEN,
        file="gateway.yaml",
        text="There is no gateway.yaml in this folder.",
        hint="Name the folder that `landfall export litellm` wrote.",
    )


def _rank(one: Finding) -> tuple[int, str, int]:
    return _ORDER.index(one.severity), one.file, one.line or 0
