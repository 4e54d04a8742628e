"""`recommend`: models that fit a machine, ranked for a task, with reasons."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from landfall.cli import ollama_here
from landfall.cli.asked_machine import add_context, add_machine, tokens
from landfall.cli.fit_figures import memory_json, rate, size, where, why_unknown
from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput
from landfall.core.fit.fit import Fit, FitKind
from landfall.core.fit.recommend import (
    DECODE_FLOOR_TOK_S,
    Priced,
    Recommendation,
    Shorter,
    recommend,
    shorter,
)
from landfall.core.models.catalogue import Evidence, Task
from landfall.core.provenance import Figure, as_json, band
from landfall.services.models import shipped_catalogue

_ROWS = 15
_SHORTER = 3
_COLUMNS = 80
_WIDE = 4.0
"""High over low end of a speed from which on it tells little; those of GPUs stay below two."""
_LICENCE_AT_LEAST = 6
_THOUSANDS_FROM = 10_000
_SHORT = "*"
"""After the name of a model that cannot hold the context that was asked for."""
_METRICS = {
    "AA Intelligence Index v4.1.1": "AA Index",
    "GPQA Diamond": "GPQA",
    "MTEB multilingual v2": "MTEB",
    "MTEB overall": "MTEB",
    "MTEB (v1, secondary)": "MTEB v1",
}
"""Short names for a narrow table; --json has the whole ones."""


def _arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(task.value for task in Task)
    parser.add_argument("--task", metavar="T", help=f"one of {names} (default chat)")
    add_context(parser)
    add_machine(parser)


def _task(text: str | None) -> Task:
    if text is None:
        return Task.CHAT
    try:
        return Task(text.strip().lower())
    except ValueError as error:
        names = ", ".join(task.value for task in Task)
        raise BadInput(
            f"No task is known as {text!r}.", f"The tasks are {names}.", field="task"
        ) from error


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print the ranking; 1 where nothing can be recommended."""
    task = _task(args.task)
    context = tokens(args.context, "context", session.settings.context_length)
    profile, _, notes = await ollama_here.asked(args.machine, session)
    known = shipped_catalogue.load()
    for problem in known.problems:
        session.say(str(problem))
    answer = recommend(known.models, profile, task=task, context=context)
    wide = _if_wide(answer) if args.machine is None and profile.calibration is None else ()
    answer = replace(answer, reasons=(*answer.reasons, *notes, *wide))
    found = shorter(answer, profile, limit=_SHORTER)
    if session.json:
        session.document(_document(answer, found))
    else:
        _print(answer, found, session)
    return 0 if answer.models else 1


def _if_wide(answer: Recommendation) -> tuple[str, ...]:
    """What narrows the speeds of this machine, where they could be nearly anything."""
    ends = band(answer.models[0].decode_tok_s) if answer.models else None
    if ends is None or ends[2] <= _WIDE * ends[0]:
        return ()
    return ("speeds of this machine have a wide band: `landfall calibrate` measures some instead",)


def _document(answer: Recommendation, found: Sequence[Shorter]) -> dict[str, Any]:
    return {
        "task": answer.task.value,
        "context": answer.request.context,
        "machine": answer.machine,
        "budget_bytes": answer.budget.total_bytes,
        "decode_floor_tok_s": DECODE_FLOOR_TOK_S,
        "models": [_model(priced) for priced in answer.models],
        "shorter": [
            {
                "model": one.card.tag,
                "context": one.context,
                "fit": one.fit.kind.value,
                "memory": memory_json(one.fit.need),
            }
            for one in found
        ],
        "reasons": list(answer.reasons),
    }


def _model(priced: Priced) -> dict[str, Any]:
    unknown = (
        *why_unknown("decode_tok_s", priced.decode_tok_s),
        *why_unknown("prefill_tok_s", priced.prefill_tok_s),
    )
    return {
        "model": priced.card.tag,
        "quantization": priced.spec.quantization,
        "context": priced.fit.request.context,
        "fit": priced.fit.kind.value,
        "gpu_layers": priced.fit.gpu_layers,
        "layers": priced.fit.layers,
        "memory": memory_json(priced.fit.need),
        "budget_bytes": priced.fit.budget_bytes,
        "decode_tok_s": as_json(priced.decode_tok_s),
        "prefill_tok_s": as_json(priced.prefill_tok_s),
        "quality": [_score(evidence) for evidence in priced.quality],
        "licence": priced.card.licence,
        "capabilities": sorted(priced.card.capabilities),
        "download_bytes": priced.spec.download_bytes,
        "reasons": [*priced.reasons, *unknown],
    }


def _score(evidence: Evidence) -> dict[str, Any]:
    return {
        "metric": evidence.metric,
        "score": evidence.score,
        "source": evidence.source,
        "date": evidence.date,
    }


def _print(answer: Recommendation, found: Sequence[Shorter], session: Session) -> None:
    session.line(
        f"{answer.machine}: models for {answer.task.value} at context {answer.request.context}, "
        f"{size(answer.budget.total_bytes)} usable"
    )
    for reason in answer.reasons:
        session.line(f"- {reason}")
    if answer.models:
        session.line()
        _print_table(answer, session)
    if found:
        session.line()
        session.line("Better, at a shorter context:")
        for one in found:
            need = size(one.fit.need.total_bytes)
            session.line(f"- {one.card.tag} at {one.context}: {need}, {where(one.fit)}")


def _print_table(answer: Recommendation, session: Session) -> None:
    """One line a model, which a terminal of 80 columns does not break."""
    reads = answer.task is Task.EMBEDDING
    speed = "read tok/s" if reads else "tok/s"
    head = ("model", "need", "on", speed, "quality", "licence")
    asked = answer.request.context
    rows = [_row(priced, answer.task, asked) for priced in answer.models[:_ROWS]]
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head) - 1)]
    left = max(_LICENCE_AT_LEAST, _COLUMNS - sum(widths) - 2 * len(widths))
    cut = [(*row[:-1], _cut(row[-1], left)) for row in rows]
    session.table(head, cut, right=f"need, {speed}")
    if any(row[0].endswith(_SHORT) for row in rows):
        session.line(f"{_SHORT} trained for a shorter context: priced at that")
    hidden = len(answer.models) - _ROWS
    more = f"and {hidden} more; " if hidden > 0 else ""
    slow = "" if reads else f"; below {DECODE_FLOOR_TOK_S:g} tok/s is left out"
    session.line(f"{more}--json lists all with their reasons{slow}")


def _row(priced: Priced, task: Task, asked: int) -> tuple[str, ...]:
    best = priced.quality[0] if priced.quality else None
    return (
        priced.card.tag + (_SHORT if priced.fit.request.context < asked else ""),
        size(priced.fit.need.total_bytes),
        _place(priced.fit),
        _rate(priced.prefill_tok_s if task is Task.EMBEDDING else priced.decode_tok_s),
        f"{_METRICS.get(best.metric, best.metric)} {best.score:g}" if best else "no score",
        priced.card.licence,
    )


def _place(placed: Fit) -> str:
    if placed.kind is FitKind.PARTIAL:
        return f"GPU {placed.gpu_layers}/{placed.layers}"
    return "GPU" if placed.kind is FitKind.GPU else "CPU"


def _rate(figure: Figure) -> str:
    ends = band(figure)
    if ends is None or ends[0] < _THOUSANDS_FROM:
        return rate(figure)
    return f"{ends[0] / 1000:.0f}k–{ends[2] / 1000:.0f}k"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


COMMANDS: tuple[Command, ...] = (Command("recommend", _arguments, run),)
