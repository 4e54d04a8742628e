"""Usage of many sources at once into what is kept: each row once, priced by its day."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landfall.core.usage import Problem, Read
from landfall.core.usage_buckets import UsageTotals
from landfall.core.usage_workloads import Grouping, Proposal

if TYPE_CHECKING:
    from landfall.services.history import History
    from landfall.services.prices import Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file, or a folder of files of one tool.

    Attributes:
        format: As `usage_files.FORMATS` names it; None to tell by its content.
        mapping: Of a generic CSV (`usage_files.mapping.ColumnMapping`); None for the kept or the
            proposed one.
    """

    path: Path
    format: str | None = None
    mapping: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSource:
    """What a provider's usage interface tells.

    Attributes:
        name: Id of the provider.
        format: A word for the list of imports: "openai usage".
    """

    name: str
    format: str
    reads: AsyncIterable[Read]


Source = FileSource | ReadSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is; `total_bytes` is None where the source has no size."""

    source: int
    name: str
    rows: int
    bytes_read: int | None = None
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImport:
    """What came of one source.

    Attributes:
        name: Path, or id of the provider.
        rows: Understood: `kept` new, `skipped` there already or in another source of the call.
        problems: The first `MOST_PROBLEMS`, by line; `problem_count` is how many there were.
        sample: The first rows as they were understood, for a preview.
        first_at, last_at: Of the rows that are new.
    """

    name: str
    format: str
    format_name: str
    rows: int
    kept: int
    skipped: int
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    sample: tuple[Read, ...] = ()
    first_at: str | None = None
    last_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageImport:
    """What came of a call; everything but `files` is of the rows that are new.

    Attributes:
        first_day, last_day: ISO dates, UTC; None where nothing is new.
        reasons: Why the bill and what is recomputed from tokens differ, in words.
        proposals: By each grouping that was asked for.
    """

    files: tuple[SourceImport, ...]
    first_day: str | None
    last_day: str | None
    totals: UsageTotals
    reasons: tuple[str, ...] = ()
    proposals: Mapping[Grouping, tuple[Proposal, ...]] = field(default_factory=dict)
    saved: bool = False


async def import_usage(
    history: History,
    sources: Sequence[Source],
    *,
    prices: Prices,
    keep: bool = False,
    groupings: Sequence[Grouping] = (Grouping.MODEL,),
    local: Callable[[datetime], datetime] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> UsageImport:
    """Read every source; keep what is new, all of it or nothing.

    Cancel the task to stop: nothing is kept then.

    Args:
        keep: False only looks.
        local: Turns a moment in UTC into local time, for the hours of the day; UTC where None.

    Raises:
        BadInput: a source has no known format, or cannot be read as the one that was named.
        Unavailable: it cannot be read. DiskFull, Unavailable: the history cannot be written.
    """
    raise NotImplementedError
