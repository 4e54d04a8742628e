"""The history as tables and sentences: rows of runs, of the egress log, of two runs compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.energy import watt_hours
from landfall.core.provenance import Figure, middle
from landfall.gui.format import MINUS, NBSP, Origin, Shown, Unit, number, plain, shown, when, whole
from landfall.gui.run.words import (
    cost_of,
    decode_of,
    ending,
    energy_per_token,
    joules_of,
    measured,
    place_words,
    scope_words,
)
from landfall.gui.theme import Role
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.tables import Cell, Column, Plain, Row, Status, Title
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.services.history import History
    from landfall.services.records import EgressEntry, RunRecord
    from landfall.services.run_totals import Total, Totals

LATEST = 1000
"""Runs and lines that are read; older ones stay in the file."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The history as it was read, with its rows ready to be shown."""

    runs: tuple[RunRecord, ...]
    run_rows: tuple[Row, ...]
    egress: tuple[EgressEntry, ...]
    egress_rows: tuple[Row, ...]


async def load(history: History) -> Loaded:
    """Read the latest of it. Rows are made off the GUI thread: a thousand take a moment.

    Raises:
        AppError: the file cannot be read.
    """
    runs = await history.runs(limit=LATEST)
    egress = await history.egress(limit=LATEST)
    return Loaded(
        runs=runs,
        run_rows=await in_thread(run_rows, runs),
        egress=egress,
        egress_rows=await in_thread(egress_rows, egress),
    )


def since(days: int) -> str:
    """The time so many days ago, as the history writes it; "" for all times."""
    if not days:
        return ""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


# Tables


def run_columns() -> tuple[Column, ...]:
    """What is told of each run."""
    return (
        Column(_tr("What")),
        Column(_tr("When"), 124),
        Column(_tr("Where"), 132),
        Column(_tr("Tokens in / out"), 146, right=True),
        Column(_tr("Decode"), 108, right=True),
        Column(_tr("Energy or cost"), 124, right=True),
    )


def run_rows(runs: Sequence[RunRecord]) -> tuple[Row, ...]:
    """A row for each run, in their order."""
    return tuple(_run_row(run) for run in runs)


def _run_row(run: RunRecord) -> Row:
    first = run.prompt.strip().partition("\n")[0] or _tr("No prompt")
    sub = f"{run.model}, {run.workload}" if run.workload else run.model
    if run.place == "cloud":
        worth = shown(cost_of(run), Unit.USD)
    else:
        worth = shown(energy_per_token(run), Unit.JOULES_PER_TOKEN)
    return (
        Title(first[:200], sub),
        Plain(when(run.started_at), sort=run.started_at),
        Status(_state(run), place_words(run), "" if run.state == "done" else _cut(run)),
        _tokens(run),
        replace(shown(decode_of(run), Unit.TOKENS_PER_SECOND), detail=""),
        replace(worth, detail=""),
    )


def _state(run: RunRecord) -> State:
    return {
        "done": State.DONE,
        "running": State.RUNNING,
        "interrupted": State.PARTIAL,
    }.get(run.state, State.PARTIAL)


def _cut(run: RunRecord) -> str:
    return _tr("still running") if run.state == "running" else ending(run)


def _tokens(run: RunRecord) -> Plain:
    """Both counts; what was not counted is said in words."""
    unknown = _tr("unknown")
    told = unknown if run.prompt_tokens is None else _count(run.prompt_tokens)
    said = unknown if run.output_tokens is None else _count(run.output_tokens)
    words = unknown if told == said == unknown else f"{told} / {said}"
    tone: Role = "text_3" if words == unknown else "text"
    return Plain(words, right=True, tone=tone, sort=float(run.output_tokens or -1))


def _count(tokens: int) -> str:
    """In full, or in thousands where that would not fit."""
    return whole(tokens) if tokens < 100_000 else f"{number(tokens / 1000)}{NBSP}k"


def egress_columns() -> tuple[Column, ...]:
    """What is told of each thing that left."""
    return (
        Column(_tr("To, and why")),
        Column(_tr("When"), 130),
        Column(_tr("Workload"), 160),
        Column(_tr("Sent"), 100, right=True),
        Column(_tr("Received"), 110, right=True),
        Column(_tr("Outcome"), 130),
    )


def egress_rows(entries: Sequence[EgressEntry]) -> tuple[Row, ...]:
    """A row for each line of the log."""
    return tuple(_egress_row(entry) for entry in entries)


def _egress_row(entry: EgressEntry) -> Row:
    received: Cell = Plain(_tr("unknown"), right=True, tone="text_3", sort=-1.0)
    if entry.received_bytes is not None:
        received = _bytes(entry.received_bytes)
    return (
        Title(entry.host, entry.why),
        Plain(when(entry.at), sort=entry.at),
        Plain(entry.workload or _tr("none"), tone="text" if entry.workload else "text_3"),
        _bytes(entry.sent_bytes),
        received,
        _outcome(entry.outcome),
    )


def _bytes(count: int) -> Plain:
    return Plain(plain(count, Unit.FILE_BYTES), right=True, sort=float(count))


def _outcome(outcome: str) -> Status:
    if outcome in ("answered", "200"):
        return Status(State.DONE, _tr("answered"))
    words = {"sent": _tr("sent, not ended"), "cut": _tr("cut")}.get(outcome, outcome)
    return Status(State.PARTIAL, words)


# Totals


@dataclass(frozen=True, slots=True)
class Sum:
    """A total with its caption; the detail says what it lacks."""

    key: str
    caption: str
    shown: Shown


def sums(of: Totals) -> tuple[Sum, ...]:
    """The totals as they are shown."""
    tokens_in = shown(of.tokens_in.figure, Unit.TOKENS)
    words = _tr("{0} {1} in").format(tokens_in.value, tokens_in.unit)
    if tokens_in.origin is Origin.UNKNOWN:
        words = ""
    energy = replace(of.joules, figure=watt_hours(of.joules.figure))
    unpaid = "" if of.usd.runs else _tr("no paid answer")
    return (
        Sum("tokens", _tr("Tokens out, own machines"), _with(of.tokens_out, Unit.TOKENS, words)),
        Sum("energy", _tr("Energy, metered parts"), _with(energy, Unit.WATT_HOURS)),
        Sum("usd", _tr("Spent in the cloud"), _with(of.usd, Unit.USD, unpaid)),
    )


def _with(total: Total, unit: Unit, detail: str = "") -> Shown:
    """The sum, and how many runs it lacks."""
    figure = shown(total.figure, unit)
    parts = [detail] if detail else []
    if total.missing:
        lack = _tr("unknown for {0} of {1} runs")
        parts.append(lack.format(whole(total.missing), whole(total.runs)))
    return replace(figure, detail=", ".join(parts))


# Two runs


def compare_columns(left: str, right: str) -> tuple[Column, ...]:
    """A figure a row: of one run, of the other, and the second against the first."""
    return (
        Column(_tr("Figure")),
        Column(left, 180, right=True),
        Column(right, 180, right=True),
        Column(_tr("Second against first"), 170, right=True),
    )


def compare_rows(a: RunRecord, b: RunRecord) -> tuple[Row, ...]:
    """What both runs can be compared by."""
    return tuple(
        _compared(caption, unit, of(a), of(b))
        for caption, unit, of in (
            (_tr("First token"), Unit.SECONDS, _ttft),
            (_tr("Load"), Unit.SECONDS, _load),
            (_tr("Prefill"), Unit.TOKENS_PER_SECOND, _prefill),
            (_tr("Decode"), Unit.TOKENS_PER_SECOND, decode_of),
            (_tr("Tokens in"), Unit.COUNT, _tokens_in),
            (_tr("Tokens out"), Unit.COUNT, _tokens_out),
            (_tr("Energy, gross"), Unit.JOULES, joules_of),
            (_tr("Energy per token out"), Unit.JOULES_PER_TOKEN, energy_per_token),
            (_tr("Cost"), Unit.USD, cost_of),
        )
    )


def _ttft(run: RunRecord) -> Figure:
    return measured(run, run.ttft_seconds, _tr("arrival of the first piece here"), "")


def _load(run: RunRecord) -> Figure:
    return measured(run, run.load_seconds, run.engine or "", "")


def _prefill(run: RunRecord) -> Figure:
    return measured(run, run.prefill_tok_s, run.engine or "", "")


def _tokens_in(run: RunRecord) -> Figure:
    return measured(run, run.prompt_tokens, run.engine or "", "")


def _tokens_out(run: RunRecord) -> Figure:
    return measured(run, run.output_tokens, run.engine or "", "")


def _compared(caption: str, unit: Unit, a: Figure, b: Figure) -> Row:
    return (
        Plain(caption),
        replace(shown(a, unit), detail=""),
        replace(shown(b, unit), detail=""),
        Plain(_ratio(middle(a), middle(b)), right=True),
    )


def _ratio(a: float | None, b: float | None) -> str:
    """By how much the second differs, where both are known and the first is not nothing."""
    if a is None or b is None or a == 0:
        return _tr("not comparable")
    change = b / a - 1
    if abs(change) < 0.005:
        return _tr("the same")
    sign = "+" if change > 0 else MINUS
    return f"{sign}{number(abs(change) * 100)} %"


def differences(a: RunRecord, b: RunRecord) -> str:
    """What else differs between two runs, so that nobody compares what cannot be compared."""
    pairs = (
        (_tr("model"), a.model, b.model),
        (_tr("digest"), a.digest, b.digest),
        (_tr("place"), place_words(a), place_words(b)),
        (_tr("engine"), a.engine, b.engine),
        (_tr("context"), a.conditions.get("context"), b.conditions.get("context")),
        (_tr("GPU share"), a.conditions.get("gpu_share"), b.conditions.get("gpu_share")),
        (_tr("prompt"), a.prompt, b.prompt),
        (_tr("energy scope"), _scope(a), _scope(b)),
    )
    names = [name for name, left, right in pairs if left != right]
    if not names:
        return _tr("Same model, place, engine, context and prompt.")
    return _tr("They differ in: {0}.").format(", ".join(names))


def _scope(run: RunRecord) -> str:
    return scope_words(run.energy_scope or "")
