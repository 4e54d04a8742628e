"""Rows of the import dialog: sources, what was understood of them, and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, Qt

from landfall.core.usage.rows import CostRow, Problem, Read, UsageRow
from landfall.gui.cloud.usage_importing import is_provider
from landfall.gui.cloud.usage_words import difference_words, kept_cell, period, problem_cell
from landfall.gui.dates import day, day_and_clock
from landfall.gui.format import amount, joined, money, plain, whole
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column

if TYPE_CHECKING:
    from landfall.gui.cloud.usage_importing import Choice
    from landfall.services.usage.imports import Progress, UsageImport


def _tr(text: str) -> str:
    return QCoreApplication.translate("usage", text)


# Sources


def source_columns() -> tuple[Column, ...]:
    """Of the list of what is imported."""
    return (
        Column(_tr("File")),
        Column(_tr("Read as"), 210),
        Column(_tr("Rows"), 90, right=True),
        Column(_tr("New"), 130, right=True),
        Column(_tr("Problems"), 120),
    )


def source_row(choice: Choice) -> Row:
    """One source."""
    path = Path(choice.name)
    if is_provider(choice):
        title = Title(choice.name, _tr("asked at the provider"), "cloud")
    else:
        title = Title(path.name, str(path.parent), "document", note=choice.name)
    if choice.refusal is not None:
        refused = Status(State.FAILED, _tr("not understood"))
        return title, refused, _nothing(), _nothing(), Plain("")
    found = choice.found
    if found is None:
        return title, Plain(_tr("not read yet"), tone="text_3"), _nothing(), _nothing(), Plain("")
    return (
        title,
        Plain(
            translated(found.format_name),
            period(found.first_at, found.last_at) if found.kept else "",
        ),
        Plain(whole(found.rows), right=True),
        kept_cell(found.rows, found.kept, found.skipped),
        problem_cell(found.problem_count),
    )


def _nothing() -> Plain:
    return Plain("", right=True)


# What was understood


def read_columns() -> tuple[Column, ...]:
    """Of the first rows as they were understood."""
    return (
        Column(_tr("When, UTC"), 172),
        Column(_tr("Model")),
        Column(_tr("Calls"), 84, right=True),
        Column(_tr("In, fresh"), 96, right=True),
        Column(_tr("Cached"), 96, right=True),
        Column(_tr("Out"), 96, right=True),
        Column(_tr("Billed"), 96, right=True),
    )


def read_row(read: Read) -> Row:
    """One row of usage or of cost, as it was understood."""
    if isinstance(read, UsageRow):
        below = ", ".join(part for part in (read.provider, read.project, read.tag) if part)
        return (
            Plain(moment(read.at, read.span_seconds)),
            Title(read.model or _tr("no model told"), below),
            _count(read.requests),
            _count(read.input_tokens),
            _count(read.cached_input_tokens),
            _count(read.output_tokens),
            _money(read.billed_usd),
        )
    if isinstance(read, CostRow):
        nothing = Plain("", right=True)
        return (
            Plain(moment(read.at, read.span_seconds)),
            Title(read.line_item or _tr("a charge"), read.provider),
            nothing,
            nothing,
            nothing,
            nothing,
            _money(read.billed_usd),
        )
    where = _tr("line {0}").format(whole(read.line)) if read.line else _tr("no line")
    nothing = Plain("", right=True)
    why = Title(translated(read.reason), read.column, "warn")
    return Plain(where, tone="caution"), why, nothing, nothing, nothing, nothing, nothing


def moment(at: str, span_seconds: int) -> str:
    """A day as a day (UTC), a request with its time there."""
    stamp = QDateTime.fromString(at, Qt.DateFormat.ISODate).toUTC()
    if not stamp.isValid():
        return at
    return day(stamp.date()) if span_seconds >= 86_400 else day_and_clock(stamp)


def _count(value: float | None) -> Plain:
    if value is None:
        return Plain(_tr("not told"), tone="text_3", right=True)
    return Plain(plain(value, Unit.COUNT), right=True)


def _money(value: float | None) -> Plain:
    if value is None:
        return Plain(_tr("not told"), tone="text_3", right=True)
    return Plain(money(value), right=True)


# What was not


def problem_columns() -> tuple[Column, ...]:
    """Of the rows that cannot be used."""
    return (Column(_tr("Line"), 90, right=True), Column(_tr("Column"), 190), Column(_tr("Why")))


def problem_row(problem: Problem) -> Row:
    """Where, and why."""
    line = whole(problem.line) if problem.line else _tr("not told")
    where: Cell = Plain(problem.column or _tr("the whole row"), tone="text_2")
    return Plain(line, right=True), where, Plain(translated(problem.reason))


def problems_text(name: str, problems: Sequence[Problem], count: int) -> str:
    """All that are told, to be copied."""
    lines = [name]
    for one in problems:
        where = _tr("line {0}").format(one.line) if one.line else _tr("no line")
        column = f", {one.column}" if one.column else ""
        lines.append(f"{where}{column}: {translated(one.reason)}")
    if count > len(problems):
        more = _tr("and {0} more that are not listed").format(whole(count - len(problems)))
        lines.append(more)
    return "\n".join(lines)


# In words


def progress_words(progress: Progress, *, keeping: bool) -> str:
    """How far a reading is."""
    name = Path(progress.name).name
    words = _tr("Keeping {0}: {1} rows") if keeping else _tr("Reading {0}: {1} rows")
    said = words.format(name, whole(progress.rows))
    if progress.bytes_read is None:
        return said
    read = joined(*amount(progress.bytes_read, Unit.FILE_BYTES))
    if progress.total_bytes is None:
        return f"{said}, {read}"
    total = joined(*amount(progress.total_bytes, Unit.FILE_BYTES))
    return _tr("{0}, {1} of {2}").format(said, read, total)


def outcome_words(outcome: UsageImport) -> str:
    """What came of it, in a sentence or two."""
    rows = sum(one.rows for one in outcome.files)
    kept = sum(one.kept for one in outcome.files)
    if not rows:
        return _tr("There is no usage in it.")
    if not kept:
        return _tr("All {0} rows were there already: there is nothing to keep.").format(whole(rows))
    words = [
        _tr("{0} of {1} rows are new, {2}.").format(
            whole(kept), whole(rows), period(outcome.first_day, outcome.last_day)
        )
    ]
    words.append(difference_words(outcome.totals))
    return " ".join(word for word in words if word)


def kept_words(outcome: UsageImport) -> str:
    """What was done."""
    rows = sum(one.rows for one in outcome.files)
    kept = sum(one.kept for one in outcome.files)
    if kept == rows:
        return _tr("Kept {0} rows of usage").format(whole(kept))
    return _tr("Kept {0} rows of usage; {1} were there already").format(
        whole(kept), whole(rows - kept)
    )
