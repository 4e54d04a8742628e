"""Workload files on disk, the series beside them, and the samples that come with the program."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from landfall.core.errors import BadInput
from landfall.core.toml_lines import line_of, lines_of_keys
from landfall.core.usage import series as usage_series
from landfall.core.usage.series import SeriesSummary
from landfall.core.workload import file as workload_file
from landfall.core.workload.contradictions import other_size
from landfall.core.workload.workload import Workload
from landfall.services import resources
from landfall.services.history.records import SavedWorkload
from landfall.services.paths import expanded

MOST_BYTES = 1 << 20
MOST_SERIES_BYTES = 32 << 20
SAMPLES = ("ticket-triage", "contract-summary", "research-agent")
SAMPLE_PORTFOLIO = (
    "mail-classification",
    "report-summaries",
    "document-embedding",
    "client-analysis",
)
"""The 83 % case: one anecdote of a guide of May 2026, shown as a sample and never as evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedWorkload:
    """A workload with the text it came from.

    Attributes:
        text: The file's text, for saving.
        file: As the user named it, or "" where it was saved in the program.
        series: What its usage series says, or None where it has none.
    """

    workload: Workload
    text: str
    file: str = ""
    series: SeriesSummary | None = None


def read(path: str | Path) -> LoadedWorkload:
    """Read a workload file, and its series relative to it.

    Raises:
        BadInput: it is missing, a folder, too big, not UTF-8, or says something impossible.
    """
    file = str(path)
    text = read_text(expanded(path), file, MOST_BYTES)
    return from_text(text, file=file, folder=expanded(path).parent)


def from_text(text: str, *, file: str = "", folder: Path | None = None) -> LoadedWorkload:
    """A workload out of its text.

    Args:
        text: TOML.
        file: Its name, for messages.
        folder: Where a series named by a relative path lies; the current folder where None.

    Raises:
        BadInput: see `read`.
    """
    workload = workload_file.parse(text, file=file)
    series = None
    if workload.volume.series:
        series = _series(workload.volume.series, text, file, folder or Path())
        _same_size(workload, series, text, file)
    return LoadedWorkload(workload=workload, text=text, file=file, series=series)


def _series(name: str, text: str, file: str, folder: Path) -> SeriesSummary:
    path = folder / expanded(name)
    try:
        body = read_text(path, str(path), MOST_SERIES_BYTES)
    except BadInput as error:
        if error.line is not None:
            raise  # what is wrong stands in the series
        raise BadInput(
            f"The series {name} is not to be had: {error.message}",
            "Its path is relative to the workload file.",
            file=file,
            line=line_of("volume.series", lines_of_keys(text)),
            field="volume.series",
        ) from error
    series = usage_series.read(body, file=str(path), local=datetime.astimezone)
    return usage_series.summary(series.days, series.trace)


def _same_size(workload: Workload, series: SeriesSummary, text: str, file: str) -> None:
    """Refuse hours that are stated beside a series of days of quite another size."""
    for found in other_size(
        workload.volume.hourly_calls, series.calls_per_day, workload.volume.series
    ):
        raise BadInput(
            found.message,
            found.hint,
            file=file,
            line=line_of(found.path, lines_of_keys(text)),
            field=found.path,
        )


def read_text(path: Path, file: str, most_bytes: int) -> str:
    """The UTF-8 text of a regular file.

    Raises:
        BadInput: with `file`, and the line where a byte is not UTF-8.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
            raise BadInput(f"{file} is {what}.", "Name a file.", file=file)
        if found.st_size > most_bytes:
            raise BadInput(
                f"{file} is {found.st_size / 1e6:.1f} MB; {most_bytes / 1e6:.1f} MB are the most.",
                "Is it the right file?",
                file=file,
            )
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInput(
            f"{file} cannot be read: {why}.", "Check its name and its permissions.", file=file
        ) from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(
            f"{file} is not UTF-8 text (line {line}).", "Save it as UTF-8.", file=file, line=line
        ) from error


def template() -> str:
    """A commented workload file with every key, that is itself a valid workload."""
    return resources.read_text("workload_template.toml")


def saved_samples(found: Iterable[LoadedWorkload] = ()) -> tuple[SavedWorkload, ...]:
    """The samples as they are stored, marked as such; those of every first start, or others."""
    return tuple(
        SavedWorkload(name=one.workload.name, toml=one.text, sample=True)
        for one in found or samples()
    )


def samples() -> tuple[LoadedWorkload, ...]:
    """The workloads that come with the program, labelled as samples by their names."""
    return _of_resources(SAMPLES)


def sample_portfolio() -> tuple[LoadedWorkload, ...]:
    """The four workloads of the sample portfolio."""
    return _of_resources(SAMPLE_PORTFOLIO)


def _of_resources(names: Iterable[str]) -> tuple[LoadedWorkload, ...]:
    return tuple(from_text(resources.read_text(f"samples/{name}.toml")) for name in names)
