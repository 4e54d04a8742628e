"""`recommend`: models that fit a machine, ranked for a task, with reasons."""

from __future__ import annotations

import argparse
from typing import Any

from landfall.cli.machine import (
    add_context,
    add_machine,
    memory_json,
    profile_of,
    rate,
    size,
    tokens,
    where,
    why_unknown,
)
from landfall.cli.session import Command, Session
from landfall.core.catalog import Evidence, Task
from landfall.core.errors import BadInput
from landfall.core.provenance import as_json
from landfall.core.recommend import Priced, Recommendation, recommend
from landfall.services import catalogue

_ROWS = 15


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
    profile = await profile_of(args.machine, session)
    known = catalogue.load()
    for problem in known.problems:
        session.say(str(problem))
    answer = recommend(known.models, profile, task=task, context=context)
    if session.json:
        session.document(_document(answer))
    else:
        _print(answer, session)
    return 0 if answer.models else 1


def _document(answer: Recommendation) -> dict[str, Any]:
    return {
        "task": answer.task.value,
        "context": answer.request.context,
        "machine": answer.machine,
        "budget_bytes": answer.budget.total_bytes,
        "models": [_model(priced) for priced in answer.models],
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


def _print(answer: Recommendation, session: Session) -> None:
    session.line(
        f"{answer.machine}: models for {answer.task.value} at context {answer.request.context}, "
        f"{size(answer.budget.total_bytes)} usable"
    )
    for reason in answer.reasons:
        session.line(f"- {reason}")
    if not answer.models:
        return
    session.line()
    speed = "prefill tok/s" if answer.task is Task.EMBEDDING else "decode tok/s"
    session.table(
        ("model", "need", "runs", speed, "quality", "licence"),
        [_row(priced, answer.task) for priced in answer.models[:_ROWS]],
        right=f"need, {speed}",
    )
    hidden = len(answer.models) - _ROWS
    if hidden > 0:
        session.line(f"and {hidden} more; --json lists all with their reasons")


def _row(priced: Priced, task: Task) -> tuple[str, ...]:
    best = priced.quality[0] if priced.quality else None
    return (
        priced.card.tag,
        size(priced.fit.need.total_bytes),
        where(priced.fit),
        rate(priced.prefill_tok_s if task is Task.EMBEDDING else priced.decode_tok_s),
        f"{best.metric.partition(' v')[0]} {best.score:g}" if best else "no published score",
        priced.card.licence,
    )


COMMANDS: tuple[Command, ...] = (Command("recommend", "ranked models that fit", _arguments, run),)
