"""What the history keeps: runs, pulls, workloads, verdicts, what left the machine. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any


def now_iso() -> str:
    """The wall clock, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_uid() -> str:
    """A name that no other row has, on any machine."""
    # Imported here: most starts make no row.
    uid: str = import_module("uuid").uuid4().hex
    return uid


def first_line(prompt: str) -> str:
    """What a list shows of a prompt: its first line, at most 200 characters."""
    return prompt.strip().partition("\n")[0].rstrip()[:200]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One answer, local or from the cloud, as it is kept. Every figure may be unknown.

    Attributes:
        id: Row number, 0 before it is stored.
        started_at: ISO 8601, UTC.
        place: "local" (this machine), "network" (another machine of ours) or "cloud".
        state: "running", "done", "aborted" (no end came) or "interrupted" (the program died).
        uid: Its name in every file it is exported to, so that it is never imported twice; given
            when it is stored, and never changed after.
        benchmark: Row of the benchmark it belongs to; part: which of its parts.
        decode_tok_s, prefill_tok_s: By the server's counters; of a provider, which counts no time,
            decode is `client_decode_tok_s`: by the arrival of the text here.
        gross_joules: Energy over the run's window at `energy_scope`; `energy_reason` says why not.
        net_joules: Above `idle_watts`, the draw with the model loaded and nothing asked of it.
        prefill_joules, decode_joules: Parts of the gross energy, where each lasted long enough.
        energy_grade: "good", "rough", "too_short" or "missing".
        shared_with: How many other runs overlapped and share the measured energy; 0 for none.
        electricity_cost: The gross energy, reckoned at the plug, at the tariff of its hours; in
            `electricity_currency`.
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
    uid: str = ""
    benchmark: int | None = None
    part: str | None = None
    total_seconds: float | None = None
    first_answer_seconds: float | None = None
    client_decode_tok_s: float | None = None
    inter_token_p50_seconds: float | None = None
    inter_token_p95_seconds: float | None = None
    inter_token_p99_seconds: float | None = None
    thinking_tokens: int | None = None
    net_joules: float | None = None
    idle_watts: float | None = None
    prefill_joules: float | None = None
    decode_joules: float | None = None
    energy_grade: str | None = None
    energy_error_share: float | None = None
    shared_with: int | None = None
    electricity_cost: float | None = None
    electricity_currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkRecord:
    """A benchmark of one model, as it is kept.

    Attributes:
        id: Row number, 0 before it is stored.
        kind: "chat" or "embedding".
        state: "running", "done", "aborted" or "interrupted", as of a run.
        plan, result: `core.benchmark.benchmark` values as plain data; no result before the end.
    """

    id: int = 0
    uid: str = ""
    started_at: str
    finished_at: str | None = None
    state: str = "running"
    kind: str
    place: str
    host: str
    model: str
    digest: str | None = None
    engine: str | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySideRow:
    """A comparison side by side as a file holds it; its answers are runs of the same file.

    Attributes:
        revealed: 1 where the names were shown before every prompt had its vote.
        plan: A `core.side_by_side.side_by_side.Plan` as plain data.
        answers: By "PROMPT:TARGET" (places in the plan) the `run`'s uid, or the `error`.
    """

    uid: str
    started_at: str
    state: str
    revealed: int
    seed: int
    plan: Mapping[str, Any]
    answers: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRow:
    """A vote as a file holds it.

    Attributes:
        blind: 1 where it was cast before the names were shown.
        vote: The `targets` and the places of the `best` among them.
    """

    uid: str
    voted_at: str
    side_by_side: str
    prompt: int
    prompt_key: str
    workload: str | None = None
    blind: int
    vote: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRow:
    """A quality run as a file holds it; its answers are runs of the same file too.

    Attributes:
        plan, result: As plain data, see `services.quality`; no result before the first look.
        prompts: By the place of each, in the order asked: the prompt, its answers and labels.
    """

    uid: str
    started_at: str
    changed_at: str
    state: str
    title: str
    workload: str | None = None
    plan: Mapping[str, Any]
    result: Mapping[str, Any] | None = None
    prompts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRun:
    """What one run used, as the lifetime totals count it: a line of them, under the run's name.

    Attributes:
        day: "2026-11-26", UTC.
    """

    uid: str
    day: str
    place: str
    host: str
    model: str
    workload: str | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    gross_joules: float | None = None
    electricity_cost: float | None = None
    electricity_currency: str | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """What the runs of one day come to, of one place, host, model, workload and currency.

    Runs that ended count, also those that were deleted since. A sum is over the runs of which the
    figure is known; None where it is known of none.

    Attributes:
        day: "2026-11-26", UTC: when the runs began.
        runs: How many.
        joules: Gross energy.
        electricity_cost: In `electricity_currency`; another currency is another row, and so are
            runs of which the cost of electricity is not known (no currency).
        cost_usd: What providers charge.
        missing_tokens: Runs whose tokens, of the prompt or of the answer, are not known.
        missing_joules: Runs whose energy is not known; in the cloud it never is.
        missing_cost: Runs whose money is not known: the provider's in the cloud, the electricity's
            elsewhere.
    """

    day: str
    place: str
    host: str
    model: str
    workload: str | None
    electricity_currency: str | None
    runs: int
    prompt_tokens: int | None
    output_tokens: int | None
    joules: float | None
    electricity_cost: float | None
    cost_usd: float | None
    missing_tokens: int
    missing_joules: int
    missing_cost: int


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
class WorkloadDraft:
    """A workload in an editor that was not saved yet.

    Attributes:
        key: The name of the workload that it would replace; of a new one "", or a line break and
            what tells it from other new ones: no workload has such a name.
        toml: What is typed by now, right or wrong.
        changed_at: ISO 8601, UTC; "" for now.
    """

    key: str
    toml: str
    changed_at: str = ""

    @property
    def is_new(self) -> bool:
        """Whether it replaces nothing."""
        return not self.key or self.key.startswith("\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedWorkload:
    """A workload as its file text; `sample` marks one that came with the program."""

    name: str
    toml: str
    sample: bool = False
    changed_at: str = ""


def meant(saved: Iterable[SavedWorkload]) -> tuple[SavedWorkload, ...]:
    """Those that are meant where none is named: the user's own, the samples only while there are
    no others. What is invented has no part in a bill, a report or a route."""
    listed = tuple(saved)
    return tuple(one for one in listed if not one.sample) or listed


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
        document: The whole of it as `landfall verdict --json` prints it, with what it rests on.
        renew: To be kept also where it names the same option as the one before: the workload was
            stated anew, or somebody checked it.
    """

    workload: str
    kind: str
    document: Mapping[str, Any]
    renew: bool = False


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
