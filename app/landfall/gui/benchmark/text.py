"""A benchmark as plain text, to be pasted elsewhere: the same figures, each with its spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from landfall.core.benchmark.benchmark import Level
from landfall.gui.benchmark.outcome import Outcome
from landfall.gui.benchmark.words import (
    condition_facts,
    embedding_captions,
    embedding_cells,
    load_meters,
    part_captions,
    part_cells,
    people_words,
    prompt_words,
    sustained_words,
)
from landfall.gui.dates import when
from landfall.gui.format import NBSP, Origin, Shown, duration, joined, plain, whole
from landfall.gui.units import Unit

_PLAIN = str.maketrans({NBSP: " ", "\u200b": ""})
"""What keeps together or breaks on the screen means nothing elsewhere."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("benchmark", text)


def as_text(outcomes: Sequence[Outcome]) -> str:
    """All models, one below the other."""
    return "\n\n".join("\n".join(_lines(outcome)) for outcome in outcomes).translate(_PLAIN)


def _lines(outcome: Outcome) -> list[str]:
    told, at = outcome.result, outcome.at
    date = when(at)
    lines = [f"{outcome.model}, {date}" if date else outcome.model]
    if outcome.why:
        lines.append(outcome.why)
    for part in told.parts:
        name = _tr("Prompt: {0}").format(prompt_words(part.name))
        lines += [name, *_figures(part_cells(part, told, at), part_captions())]
    for size in told.embedding:
        name = _tr("Texts in one request: {0}").format(whole(size.batch))
        lines += [name, *_figures(embedding_cells(size, at), embedding_captions())]
    if told.loads is not None:
        lines += [_figure(m.caption, m.shown) for m in load_meters(told.loads, at)]
    if told.sustained is not None:
        lines.append(sustained_words(told.sustained))
    if told.sweep is not None:
        lines += [_level(level) for level in told.sweep.levels]
        lines.append(people_words(told.sweep))
    lines += [f"{name}: {value}" for name, value in condition_facts(told)]
    return lines


def _figures(cells: Mapping[str, Shown], captions: Mapping[str, str]) -> list[str]:
    return [f"  {_figure(captions[key], cell)}" for key, cell in cells.items()]


def _figure(caption: str, cell: Shown) -> str:
    value = joined(cell.value, cell.unit)
    if cell.origin is Origin.UNKNOWN:
        return f"{caption}: {value}, {cell.note}"
    return f"{caption}: {value} ({cell.detail})" if cell.detail else f"{caption}: {value}"


def _level(level: Level) -> str:
    unknown = _tr("unknown")
    rate, wait = level.throughput_tok_s, level.ttft_p95_seconds
    return _tr("{0} at once: {1} together, first token within {2} for 95 of 100").format(
        whole(level.concurrency),
        unknown if rate is None else plain(rate, Unit.TOKENS_PER_SECOND),
        unknown if wait is None else duration(wait),
    )
