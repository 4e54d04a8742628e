"""Runs as rows of a table, and by what they are put in order and searched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import middle
from landfall.core.run.token_estimate import ESTIMATED
from landfall.gui.benchmark.words import prompt_words
from landfall.gui.colours import Role
from landfall.gui.dates import when
from landfall.gui.format import NBSP, number, shown, whole
from landfall.gui.run.words import (
    cost_of,
    decode_of,
    ending,
    energy_per_token,
    joules_of,
    place_words,
)
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column
from landfall.services.history.records import first_line

if TYPE_CHECKING:
    from landfall.services.history.records import RunRecord


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


def run_columns() -> tuple[Column, ...]:
    """What is told of each run."""
    return (
        Column(_tr("What")),
        Column(_tr("When"), 124),
        Column(_tr("Where"), 190),
        Column(_tr("Tokens in / out"), 146, right=True),
        Column(_tr("Decode"), 122, right=True),
        Column(_tr("Energy or cost"), 124, right=True),
    )


def run_row(run: RunRecord) -> Row:
    """One run."""
    if run.place == "cloud":
        worth = shown(cost_of(run), Unit.USD)
    elif makes_vectors(run):
        worth = shown(joules_of(run), Unit.JOULES)
    else:
        worth = shown(energy_per_token(run), Unit.JOULES_PER_TOKEN)
    decode: Cell = replace(shown(decode_of(run), Unit.TOKENS_PER_SECOND), detail="")
    if makes_vectors(run):
        decode = Plain(_tr("no text"), right=True, tone="text_3")
    return (
        Title(title(run), _belongs(run)),
        Plain(when(run.started_at)),
        Status(_state(run), place_words(run), "" if run.state == "done" else ending(run)),
        _tokens(run),
        decode,
        replace(worth, detail=""),
    )


def title(run: RunRecord) -> str:
    """What was asked, in one line."""
    return first_line(run.prompt) or _tr("No prompt")


def _belongs(run: RunRecord) -> str:
    """Its model, and of what it was a part."""
    parts = [run.model]
    if run.workload:
        parts.append(run.workload)
    if run.part:
        parts.append(_tr("benchmark, {0}").format(_part(run.part)))
    return ", ".join(parts)


def _part(name: str) -> str:
    """What a run of a benchmark was for: the name it is kept by, in words."""
    kind, _, count = name.partition(" ")
    many = {"sweep": _tr("{0} at once"), "embed": _tr("embeddings, by {0}")}
    if count.isdecimal() and kind in many:
        return many[kind].format(count)
    return _tr("warm-up") if name == "warm_up" else prompt_words(name)


def makes_vectors(run: RunRecord) -> bool:
    """Whether it is a measured stretch of an embedding model, which writes no text."""
    return run.part is not None and run.state == "done" and not run.output_tokens


def _state(run: RunRecord) -> State:
    known = {"done": State.DONE, "running": State.RUNNING}
    return known.get(run.state, State.PARTIAL)


def _tokens(run: RunRecord) -> Plain:
    """Both counts; what was not counted is said in words."""
    if makes_vectors(run) and run.prompt_tokens is not None:
        return Plain(_tr("{0} in").format(_count(run.prompt_tokens)), right=True)
    unknown = _tr("unknown")
    told = unknown if run.prompt_tokens is None else _count(run.prompt_tokens)
    said = unknown if run.output_tokens is None else _count(run.output_tokens)
    about = "~" if run.conditions.get("tokens") == ESTIMATED else ""
    words = unknown if told == said == unknown else f"{about}{told} / {about}{said}"
    tone: Role = "text_3" if words == unknown else "text"
    return Plain(words, right=True, tone=tone)


def _count(tokens: int) -> str:
    """In full, or in thousands where that would not fit."""
    return whole(tokens) if tokens < 100_000 else f"{number(tokens / 1000)}{NBSP}k"


# Order and search


def searched_text(run: RunRecord) -> str:
    """In what a search looks, in small letters."""
    parts = (
        title(run),
        _belongs(run),
        place_words(run),
        run.engine or "",
        "" if run.state == "done" else ending(run),
        run.started_at[:10],
    )
    return " ".join(parts).casefold()


def _at(run: RunRecord) -> str:
    return run.started_at


def _output(run: RunRecord) -> float | None:
    return run.output_tokens


def _rate(run: RunRecord) -> float | None:
    return run.decode_tok_s


def _worth(run: RunRecord) -> float | None:
    return middle(cost_of(run) if run.place == "cloud" else energy_per_token(run))


RUN_KEYS = (title, _at, place_words, _output, _rate, _worth)
"""By what each column of `run_columns` puts the runs in order; None is unknown."""
