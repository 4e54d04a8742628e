"""What the history keeps: runs, pulls, workloads, verdicts, what left the machine. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


def now_iso() -> str:
    """The wall clock, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One answer, local or from the cloud, as it is kept. Every figure may be unknown.

    Attributes:
        id: Row number, 0 before it is stored.
        started_at: ISO 8601, UTC.
        place: "local" (this machine), "network" (another machine of ours) or "cloud".
        state: "running", "done", "aborted" (no end came) or "interrupted" (the program died).
        gross_joules: Energy over the run's window at `energy_scope`; `energy_reason` says why not.
        cost_usd: What the provider charges by its price, None where unknown; `cost_note` has why.
        conditions: What else held: context length, options, GPU share, power source.
    """

    id: int = 0
    started_at: str
    place: str
    host: str
    model: str
    digest: str | None = None
    engine: str | None = None
    workload: str | None = None
    state: str = "running"
    prompt: str
    answer: str = ""
    thinking: str = ""
    done_reason: str | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    load_seconds: float | None = None
    ttft_seconds: float | None = None
    prefill_tok_s: float | None = None
    decode_tok_s: float | None = None
    gross_joules: float | None = None
    energy_scope: str | None = None
    energy_reason: str | None = None
    cost_usd: float | None = None
    cost_note: str | None = None
    conditions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRecord:
    """A download, so that one that was cut is reported and can go on."""

    host: str
    model: str
    started_at: str
    changed_at: str
    state: str
    completed_bytes: int | None = None
    total_bytes: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedWorkload:
    """A workload as its file text; `sample` marks one that came with the program."""

    name: str
    toml: str
    sample: bool = False
    changed_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressEntry:
    """Something that left the machine: where to, how much, why. Never what."""

    at: str
    host: str
    workload: str | None
    sent_bytes: int
    received_bytes: int | None
    why: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVerdict:
    """A verdict as it is kept.

    Attributes:
        kind: The option that it names.
        document: The whole of it as `landfall verdict --json` prints it.
    """

    workload: str
    kind: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRecord:
    """A load of a model: predicted against measured. What is None is not known, and why is said.

    Attributes:
        id: Row number, 0 before it is stored.
        at: ISO 8601, UTC: when it was looked at, right after the load.
        engine: "Ollama 0.32.15".
        context: Tokens of one sequence, as the server gave them.
        parallel, kv_type: As its process tells, or as was assumed.
        ps_bytes: `size` of `/api/ps`; ps_gpu_bytes its `size_vram`.
        process_bytes: Main memory of the process that holds it.
    """

    id: int = 0
    at: str
    host: str
    model: str
    digest: str = ""
    engine: str
    context: int | None = None
    parallel: int | None = None
    kv_type: str | None = None
    predicted_ps_bytes: int | None = None
    ps_bytes: int
    ps_gpu_bytes: int
    predicted_process_bytes: int | None = None
    process_bytes: int | None = None
    reasons: tuple[str, ...] = ()
