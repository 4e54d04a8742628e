"""Which aliases of a configuration are private, from every place that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from landfall.core.routing import guard_text
from landfall.core.routing.findings import Documents, entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """Private aliases.

    Attributes:
        aliases: By name; each with the ids of deployments outside the own network that its rule
            allows. Where two places disagree, nothing is allowed.
    """

    aliases: Mapping[str, frozenset[str]]

    def __contains__(self, alias: object) -> bool:
        return isinstance(alias, str) and alias in self.aliases

    def __bool__(self) -> bool:
        return bool(self.aliases)

    def sealed(self, alias: str) -> bool:
        """Whether nothing of it may leave."""
        return not self.aliases.get(alias, frozenset())

    def near(self, name: str) -> str:
        """The private alias that a name is, apart from case and white space; or ""."""
        wanted = name.strip().casefold()
        return next((one for one in self.aliases if one.casefold() == wanted), "")


def private_of(documents: Documents) -> Private:
    """Private is what the plan, the guard or private.yaml says is private: one of them is enough,
    so that nobody makes an alias public by taking a line out."""
    found: dict[str, frozenset[str]] = {}
    for alias, allowed in _told(documents):
        known = found.get(alias)
        found[alias] = allowed if known is None else known & allowed
    return Private(aliases=found)


def _told(documents: Documents) -> Iterator[tuple[str, frozenset[str]]]:
    yield from _by_plan(documents.plan)
    tables = guard_text.tables(documents.guard) if documents.guard is not None else None
    if tables is not None:
        for alias, deployments in tables[0].items():
            outside = frozenset(str(name) for name, base in deployments.items() if not base)
            yield str(alias), outside
            if alias in tables[2]:
                yield f"{alias}-overflow", outside
    if documents.sealed is not None:
        for entry in entries(documents.sealed):
            yield entry.alias, frozenset()


def _by_plan(plan: Mapping[str, Any] | None) -> Iterator[tuple[str, frozenset[str]]]:
    aliases = plan.get("aliases") if plan is not None else None
    for one in aliases if isinstance(aliases, list) else []:
        if not isinstance(one, Mapping) or not one.get("private"):
            continue
        rows = [*_rows(one.get("deployments")), *_rows(one.get("overflow"))]
        outside = frozenset(str(row.get("id")) for row in rows if row.get("place") != "own")
        yield str(one.get("alias")), outside
        if one.get("overflow_alias"):
            yield str(one["overflow_alias"]), outside


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []
