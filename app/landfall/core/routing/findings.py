"""What a linter of routes looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from landfall.core.hosts.hosts import Standing
from landfall.core.routing.subjects import Engine


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A configuration file as it was read.

    Attributes:
        value: Mappings, lists and plain values.
        lines: Path of a key to its physical line.
        twice: Paths of keys that stand there before already, each with its line.
    """

    file: str
    value: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)
    twice: tuple[tuple[str, int], ...] = ()

    def part(self, name: str) -> Mapping[str, Any]:
        """A section; empty where it is missing or no mapping."""
        found = self.value.get(name)
        return found if isinstance(found, Mapping) else {}

    def found(
        self, id_: str, severity: Severity, text: str, *, path: str = "", hint: str = ""
    ) -> Finding:
        """A finding in it, with the line of the nearest key."""
        return Finding(
            id=id_,
            severity=severity,
            file=self.file,
            path=path,
            line=self._line(path),
            text=text,
            hint=hint,
        )

    def _line(self, path: str) -> int | None:
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path.rpartition(".")[0] if not path.endswith("]") else path.rpartition("[")[0]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A deployment as a file names it."""

    document: Document
    path: str
    alias: str
    params: Mapping[str, Any]
    info: Mapping[str, Any]

    @property
    def target(self) -> str:
        """Route and model: "ollama_chat/qwen3:8b"."""
        return str(self.params.get("model") or "")

    @property
    def route(self) -> str:
        """What stands before the first slash, or ""."""
        route, slash, _ = self.target.partition("/")
        return route if slash else ""

    @property
    def model(self) -> str:
        """The model as its server calls it."""
        _, slash, model = self.target.partition("/")
        return model if slash else self.target

    @property
    def base(self) -> str:
        """Its address as written, or ""; of two, the one that LiteLLM takes (1.106.12, main.py)."""
        told = self.params.get("base_url") or self.params.get("api_base")
        return str(told).rstrip("/") if told else ""

    @property
    def id(self) -> str:
        """Its name in the router's log, or ""."""
        return str(self.info.get("id") or "")

    def found(self, id_: str, severity: Severity, text: str, *, hint: str = "") -> Finding:
        """A finding at it."""
        return self.document.found(id_, severity, text, path=self.path, hint=hint)


def entries(document: Document) -> Iterator[Entry]:
    """The deployments of a file; what is none is left to `broken_entries`."""
    rows = document.value.get("model_list")
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, Mapping) and isinstance(row.get("litellm_params"), Mapping):
            info = row.get("model_info")
            yield Entry(
                document=document,
                path=f"model_list[{number}]",
                alias=str(row.get("model_name") or ""),
                params=row["litellm_params"],
                info=info if isinstance(info, Mapping) else {},
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """An exported folder as it stands on the disk.

    Attributes:
        gateway: gateway.yaml. sealed: private.yaml, or None where there is none.
        guard: The text of guard.py, or None.
        plan: landfall-routing.json, or None.
        texts: Every file that was read, by its name: keys are looked for in all of them.
        stands: Address of a server to where it stands, as its name resolves.
        remote: (address, model in lower case) that its server says another machine answers for.
        made: Files beside the guard whose code the router runs, as an export writes them.
    """

    engine: Engine
    gateway: Document | None
    sealed: Document | None = None
    guard: str | None = None
    plan: Mapping[str, Any] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    stands: Mapping[str, Standing] = field(default_factory=dict)
    remote: frozenset[tuple[str, str]] = frozenset()
    made: Mapping[str, str] = field(default_factory=dict)

    @property
    def configurations(self) -> tuple[Document, ...]:
        """Both, as far as they are there."""
        return tuple(one for one in (self.gateway, self.sealed) if one is not None)
