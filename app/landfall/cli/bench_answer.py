"""What came of `bench`, as it is collected, and as the document that it prints for programs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from landfall.cli.session import error_document
from landfall.core.benchmark.benchmark import (
    BenchmarkResult,
    BenchPlan,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Sustained,
    Sweep,
)
from landfall.core.benchmark.data import as_data
from landfall.core.errors import AppError
from landfall.core.provenance import Figure, Unknown, as_json, middle
from landfall.services.benchmark.running import Doing
from landfall.services.history.records import BenchmarkRecord
from landfall.services.run.answering import Kept


@dataclass(slots=True)
class Answer:
    """One model, as far as it has come.

    Attributes:
        record, result: None until the benchmark is over.
        row: Of the benchmark in the history; 0 before its first step.
        kept: Every answer that counts.
        error: What ended it before its end, if anything did.
    """

    model: str
    plan: BenchPlan
    doing: Doing = "load"
    row: int = 0
    record: BenchmarkRecord | None = None
    result: BenchmarkResult | None = None
    kept: list[Kept] = field(default_factory=list)
    parts: list[PartResult] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    embeddings: list[EmbeddingResult] = field(default_factory=list)
    loads: Loads | None = None
    sustained: Sustained | None = None
    error: AppError | None = None

    @property
    def measured(self) -> bool:
        """Whether anything of it is worth showing."""
        return bool(self.loads or self.kept)

    @property
    def whole(self) -> bool:
        """Whether it came to its end, and each of its parts had an answer."""
        result = self.result
        if result is None or self.record is None or self.record.state != "done":
            return False
        return all(part.runs for part in result.parts) and all(e.runs for e in result.embedding)

    @property
    def sweep(self) -> Sweep | None:
        """As the result has it."""
        return self.result.sweep if self.result else None

    def end(self, record: BenchmarkRecord, result: BenchmarkResult) -> None:
        """It is over: what is kept of it is shown, also of a part that was cut."""
        self.record, self.result = record, result
        self.parts, self.embeddings = list(result.parts), list(result.embedding)
        self.levels = list(result.sweep.levels) if result.sweep else []
        self.loads, self.sustained = result.loads, result.sustained

    def take(self, part: PartResult | Level | Loads | Sustained | EmbeddingResult) -> None:
        """A part is finished."""
        match part:
            case PartResult():
                self.parts.append(part)
            case Level():
                self.levels.append(part)
            case EmbeddingResult():
                self.embeddings.append(part)
            case Loads():
                self.loads = part
            case Sustained():
                self.sustained = part


# For programs


def document(answer: Answer) -> dict[str, Any]:
    """`bench --json` of one model; what is null has its reason beside it."""
    result, record = answer.result, answer.record
    first = answer.kept[0].record if answer.kept else None
    engine = (result and result.engine) or (first and first.engine) or ""
    name, _, version = engine.partition(" ")
    return {
        "model": answer.model,
        "digest": (result and result.digest) or (first and first.digest) or None,
        "engine": {"name": name or "Ollama", "version": version or None},
        "host": (result and result.host) or (first and first.host) or None,
        "place": (result and result.place) or (first and first.place) or None,
        "state": record.state if record else "aborted",
        "conditions": dict(result.conditions) if result else {},
        "runs": [_run(kept) for kept in answer.kept],
        "summary": _summary(answer),
        **({"error": error_document(answer.error)} if answer.error else {}),
    }


def _run(kept: Kept) -> dict[str, Any]:
    record, energy = kept.record, kept.energy
    return {
        "part": record.part,
        **kept.metrics.as_json(),
        "energy": {
            "gross_joules": middle(energy.gross),
            "net_joules": middle(energy.net),
            "scope": energy.scope or None,
            "reason": _why(energy.gross, energy.net),
        },
    }


def _why(gross: Figure, net: Figure) -> str | None:
    """Why one of both is missing."""
    if isinstance(gross, Unknown):
        return gross.reason
    return f"net: {net.reason}" if isinstance(net, Unknown) else None


def _summary(answer: Answer) -> dict[str, Any]:
    result = answer.result
    return {
        "kind": str(result.kind) if result else None,
        "loads": as_data(answer.loads),
        "parts": [_with_figures(part) for part in answer.parts],
        "sustained": _sustained(answer.sustained),
        "sweep": _sweep(answer),
        "embedding": [_with_figures(one) for one in answer.embeddings],
        "notes": list(result.notes) if result else [],
    }


def _with_figures(value: PartResult | Level | EmbeddingResult) -> dict[str, Any]:
    """Figures with their band and origin; one that is null has a reason."""
    told: dict[str, Any] = as_data(value)
    reasons: dict[str, str] = dict(told.get("reasons", {}))
    for name in told:
        if "joules" in name:
            figure: Figure = getattr(value, name)
            told[name] = as_json(figure)
            if isinstance(figure, Unknown):
                reasons[name] = figure.reason
    return told | {"reasons": reasons}


def _sustained(found: Sustained | None) -> dict[str, Any] | None:
    return None if found is None else as_data(found) | {"slowed": found.slowed}


def _sweep(answer: Answer) -> dict[str, Any] | None:
    if not answer.levels:
        return None
    sweep = answer.sweep
    return {
        "levels": [_with_figures(level) for level in answer.levels],
        "ttft_target_seconds": sweep.ttft_target_seconds if sweep else None,
        "people": sweep.people if sweep else None,
        "reason": sweep.reason if sweep else "the sweep did not come to its end",
    }
