"""Benchmarks as rows of a table, and the rows of a comparison of two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.benchmark.benchmark import BenchKind
from landfall.core.benchmark.data import result_of
from landfall.core.errors import BadInput
from landfall.core.provenance import Figure, Measured, Unknown, middle
from landfall.gui.dates import when
from landfall.gui.format import Shown, capital, shown, whole
from landfall.gui.hints import failure_words
from landfall.gui.history.comparison_words import Write, comparison_row, writes
from landfall.gui.host_names import host_words, kept_name
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import (
        BenchmarkResult,
        EmbeddingResult,
        PartResult,
        Spread,
    )
    from landfall.services.benchmark.comparison import BenchmarkComparison, Compared
    from landfall.services.history.records import BenchmarkRecord


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


@dataclass(frozen=True, slots=True)
class ReadBenchmark:
    """A benchmark with its result as values; None, and why, where there is none."""

    record: BenchmarkRecord
    result: BenchmarkResult | None
    why: str = ""


def read_benchmark(record: BenchmarkRecord) -> ReadBenchmark:
    """Its result out of what is kept."""
    if record.result is None:
        return ReadBenchmark(record, None, _tr("nothing was measured"))
    try:
        return ReadBenchmark(record, result_of(record.result))
    except BadInput as error:
        return ReadBenchmark(record, None, failure_words(error))


def benchmark_columns() -> tuple[Column, ...]:
    """What is told of each benchmark."""
    return (
        Column(_tr("Model")),
        Column(_tr("When"), 124),
        Column(_tr("Where"), 180),
        Column(_tr("Prefill"), 122, right=True),
        Column(_tr("Decode"), 122, right=True),
        Column(_tr("Energy"), 126, right=True),
        Column(_tr("People"), 104, right=True),
    )


def benchmark_row(one: ReadBenchmark) -> Row:
    """One benchmark; of an embedding model the rates are those of texts."""
    record = one.record
    return (
        Title(record.model, kind_words(record)),
        Plain(when(record.started_at)),
        Status(_state(record), _place(record), state_words(record) or record.engine or ""),
        *_figures(one),
    )


def kind_words(record: BenchmarkRecord) -> str:
    """What was asked of the model."""
    return _tr("embeddings") if record.kind == BenchKind.EMBEDDING else _tr("answers")


def _place(record: BenchmarkRecord) -> str:
    here = record.place == "local"
    return kept_name(record.host) or _tr("this machine") if here else host_words(record.host)


def _state(record: BenchmarkRecord) -> State:
    known = {"done": State.DONE, "running": State.RUNNING}
    return known.get(record.state, State.PARTIAL)


def state_words(record: BenchmarkRecord) -> str:
    """How it ended, where that was not its end."""
    return {
        "running": _tr("still running"),
        "aborted": _tr("stopped, in part"),
        "interrupted": _tr("cut with the program"),
    }.get(record.state, "")


def _figures(one: ReadBenchmark) -> tuple[Cell, ...]:
    result, at = one.result, one.record.started_at
    if result is None:
        nothing = replace(shown(Unknown(one.why), Unit.COUNT), detail="")
        return nothing, nothing, nothing, nothing
    if result.kind is BenchKind.EMBEDDING:
        return _embedding(result, at)
    part = main_part(result)
    return (
        _spread(part.prefill_tok_s if part else None, Unit.TOKENS_PER_SECOND, at),
        _spread(part.decode_tok_s if part else None, Unit.TOKENS_PER_SECOND, at),
        _figure(
            part.gross_joules_per_token if part else Unknown(_tr("not measured")),
            Unit.JOULES_PER_TOKEN,
        ),
        _people(result),
    )


def _embedding(result: BenchmarkResult, at: str) -> tuple[Cell, ...]:
    """Texts in a second stand where an answer's rate stands, and say so."""
    largest = main_batch(result)
    texts = _spread(largest.texts_per_s if largest else None, Unit.COUNT, at)
    tokens = _spread(largest.tokens_per_s if largest else None, Unit.TOKENS_PER_SECOND, at)
    joules: Figure = Unknown(_tr("not measured"))
    if largest is not None:
        joules = largest.gross_joules_per_1000_texts
    energy = _figure(joules, Unit.JOULES)
    if not isinstance(joules, Unknown):
        energy = replace(energy, detail=_tr("1,000 texts"))
    no_people = Plain(_tr("no sweep"), right=True, tone="text_3")
    if texts.sort is not None:
        texts = replace(texts, unit=_tr("texts/s"))
    return texts, tokens, energy, no_people


def main_part(result: BenchmarkResult) -> PartResult | None:
    """The part that stands for the whole in a row: the prompt of medium length, or the first."""
    by_name = {part.name: part for part in result.parts}
    return by_name.get("medium") or next(iter(result.parts), None)


def main_batch(result: BenchmarkResult) -> EmbeddingResult | None:
    """The largest request that was measured."""
    return result.embedding[-1] if result.embedding else None


def _spread(spread: Spread | None, unit: Unit, at: str) -> Shown:
    if spread is None:
        return _figure(Unknown(_tr("not measured")), unit)
    figure = shown(Measured(spread.median, at, _tr("middle of the repetitions")), unit)
    return replace(figure, detail=_tr("middle of {0}").format(whole(spread.count)))


def _figure(figure: Figure, unit: Unit) -> Shown:
    return replace(shown(figure, unit), detail="")


def _people(result: BenchmarkResult) -> Cell:
    sweep = result.sweep
    if sweep is None:
        return Plain(_tr("no sweep"), right=True, tone="text_3")
    if sweep.people is None:
        return _figure(Unknown(sweep.reason), Unit.COUNT)
    return _figure(Measured(float(sweep.people), "", translated(sweep.reason)), Unit.COUNT)


# Order and search


def benchmark_text(record: BenchmarkRecord) -> str:
    """In what a search looks, in small letters."""
    parts = (
        record.model,
        kind_words(record),
        _place(record),
        record.engine or "",
        state_words(record),
        record.started_at[:10],
    )
    return " ".join(parts).casefold()


def _model(one: ReadBenchmark) -> str:
    return one.record.model


def _at(one: ReadBenchmark) -> str:
    return one.record.started_at


def _where(one: ReadBenchmark) -> str:
    return _place(one.record)


def _prefill(one: ReadBenchmark) -> float | None:
    part = main_part(one.result) if one.result else None
    return part.prefill_tok_s.median if part and part.prefill_tok_s else None


def _decode(one: ReadBenchmark) -> float | None:
    part = main_part(one.result) if one.result else None
    return part.decode_tok_s.median if part and part.decode_tok_s else None


def _joules(one: ReadBenchmark) -> float | None:
    part = main_part(one.result) if one.result else None
    return middle(part.gross_joules_per_token) if part else None


def _served(one: ReadBenchmark) -> float | None:
    sweep = one.result.sweep if one.result else None
    return sweep.people if sweep else None


BENCHMARK_KEYS = (_model, _at, _where, _prefill, _decode, _joules, _served)


# Two benchmarks


def comparison_rows(found: BenchmarkComparison) -> tuple[Row, ...]:
    """A row a figure, the part it belongs to below its name."""
    rows = []
    for one in found.figures:
        caption, write = _caption(one)
        repeated = _tr("middle of {0}")
        rows.append(
            comparison_row(caption, one.difference, write, repeated=repeated, note=_part(one))
        )
    return tuple(rows)


def _caption(one: Compared) -> tuple[str, Write]:
    seconds, rate = writes(Unit.SECONDS), writes(Unit.TOKENS_PER_SECOND)
    joules_per_token = writes(Unit.JOULES_PER_TOKEN)
    return {
        "ttft_seconds": (_tr("First token"), seconds),
        "prefill_tok_s": (_tr("Prefill"), rate),
        "decode_tok_s": (_tr("Decode"), rate),
        "inter_token_p95_seconds": (_tr("Between tokens, 95 of 100"), seconds),
        "gross_joules_per_token": (_tr("Energy per token, gross"), joules_per_token),
        "net_joules_per_token": (_tr("Energy per token, net"), joules_per_token),
        "texts_per_s": (_tr("Texts a second"), writes(Unit.COUNT)),
        "tokens_per_s": (_tr("Tokens a second"), rate),
        "request_seconds": (_tr("One request"), seconds),
        "gross_joules_per_1000_texts": (_tr("Energy per 1,000 texts, gross"), writes(Unit.JOULES)),
        "net_joules_per_1000_texts": (_tr("Energy per 1,000 texts, net"), writes(Unit.JOULES)),
        "cold_seconds": (_tr("Load, cold"), seconds),
        "warm_seconds": (_tr("Load, warm"), seconds),
        "drop_share": (_tr("Slower at the end"), writes(Unit.SHARE)),
        "people": (_tr("People served"), writes(Unit.COUNT)),
        "throughput_tok_s": (_tr("All answers together"), rate),
        "ttft_p95_seconds": (_tr("First token, 95 of 100"), seconds),
    }[one.figure]


def _part(one: Compared) -> str:
    """The part it was measured in."""
    if one.part.startswith("at once "):
        return _tr("{0} at once").format(one.part.removeprefix("at once "))
    if one.part.isdecimal():
        return _tr("{0} texts in a request").format(one.part)
    known = {
        "short": _tr("short prompt"),
        "medium": _tr("medium prompt"),
        "long": _tr("long prompt"),
        "load": "",
        "sustained": _tr("sustained run"),
        "sweep": _tr("several answers at once"),
    }
    return known.get(one.part, capital(translated(one.part)))
