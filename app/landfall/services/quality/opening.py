"""A file of prompts, opened for a quality run: what its columns are, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from landfall.core.errors import BadInput
from landfall.core.quality.scoring import METRICS, Metric, default_metric, metric_of
from landfall.core.quality.set_rows import csv_rows, without_bom
from landfall.core.quality.sets import (
    USUAL_COLUMNS,
    Columns,
    QualityPrompt,
    QualitySet,
    names_in,
    read_set,
)
from landfall.core.usage.rows import Problem
from landfall.core.workload.workload import Workload
from landfall.services.history.history import History
from landfall.services.quality import files
from landfall.services.threads import in_thread

_LINES_FOR_TABLE = 200
LONGEST_LABEL = 60
"""Characters up to which expected answers are taken for labels where nobody names a metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSet:
    """A file of prompts as it is understood.

    Attributes:
        names: The columns, or paths inside JSON, that the file offers. Of a text file whose header
            names no prompt also "prompt", which is the whole of each line.
        columns: What they mean; found: what was read by that.
    """

    path: Path
    names: tuple[str, ...]
    columns: Columns
    found: QualitySet


async def open_set(history: History, path: Path, columns: Columns | None = None) -> OpenedSet:
    """Read a file of prompts.

    Args:
        columns: What the columns mean, as somebody said; it is remembered for files with the same
            columns as soon as a prompt comes of it. None for what is remembered, or sounds like it.

    Raises:
        BadInput: the file is missing, a folder, too big or not UTF-8.
    """
    lines: Sequence[str] = await files.lines_of(path)
    meant = await files.columns_of(history, lines) if columns is None else columns
    rows = await in_thread(files.as_rows, path, lines, meant)
    unasked = await files.columns_of(None, lines)
    names = await in_thread(_names, path, lines, unasked)
    found = await in_thread(read_set, rows, meant)
    if columns is not None and found.prompts:
        # By the names that the file itself has: rows that were made of lines have the same in all.
        await files.remember(history, lines, columns)
    return OpenedSet(path=path, names=names, columns=meant, found=found)


def _names(path: Path, lines: Sequence[str], unasked: Columns) -> tuple[str, ...]:
    """What a file offers, and would mean where nobody says it.

    A first line of text may be a header by names that nobody knows, or a prompt with commas in it.
    """
    own = names_in(lines)
    if files.as_rows(path, lines, unasked) is lines:
        return own
    return (USUAL_COLUMNS.prompt, *(own if _looks_like_a_table(lines, own) else ()))


def _looks_like_a_table(lines: Sequence[str], names: Sequence[str]) -> bool:
    """Whether most of the lines have as many cells as the first."""
    cells = [
        not isinstance(row, Problem) for _, row in csv_rows(without_bom(lines[:_LINES_FOR_TABLE]))
    ]
    return len(names) > 1 and 2 * sum(cells) > len(cells)


def proposed_metric(workload: Workload | None, prompts: Sequence[QualityPrompt]) -> Metric:
    """What is measured by where nobody says: the workload's metric, or the default of its task.

    Without a workload short expected answers are labels, and without expected ones people decide.
    """
    expected = [one.expected for one in prompts]
    if workload is not None:
        try:
            return metric_of(workload.quality.metric)
        except BadInput:
            # None, or in the words of whoever wrote it: the task's default stands for it.
            return default_metric(workload.task, expected)
    if not expected or None in expected:
        return METRICS["human"]
    labels = all(len(one or "") <= LONGEST_LABEL for one in expected)
    return METRICS["accuracy" if labels else "exact"]
