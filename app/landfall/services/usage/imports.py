"""What an import of usage is asked for, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import (
    AsyncIterable,
    Mapping,
)
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from landfall.core.usage.bill import UsageBill
from landfall.core.usage.buckets import UsageTotals
from landfall.core.usage.rows import Problem, Read
from landfall.core.usage.workloads import Grouping, Proposal
from landfall.services.usage_files.mapping import ColumnMapping

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file, or a folder of files of one tool.

    Attributes:
        format: As `usage_files.FORMATS` names it; None to tell by its content.
        mapping: What the columns of a CSV file without a known format mean; where None, what was
            remembered for its header, else what its header suggests.
    """

    path: Path
    format: str | None = None
    mapping: ColumnMapping | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSource:
    """What a provider's usage interface tells.

    Attributes:
        name: Id of the provider.
        format: A word for the list of imports: "openai usage".
        last_day: The last whole day that was asked for, ISO, UTC, or "": a provider knows each
            call, so that a day from its first row to then that has none is one without work.
    """

    name: str
    format: str
    reads: AsyncIterable[Read]
    last_day: str = ""


Source = FileSource | ReadSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is.

    Attributes:
        source: Number of the source, from 0; name: its path or provider.
        rows: Of this source so far.
        bytes_read, total_bytes: None where the source has no size.
    """

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
        problems: The first `usage.reading.MOST_PROBLEMS`; `problem_count` is how many there were.
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
    """What came of a call. `totals` and `bill` are of the rows that are new.

    Attributes:
        first_day, last_day: ISO dates, UTC; None where nothing is new.
        reasons: Why the bill and what is recomputed from tokens differ, in words.
        proposals: By each grouping that was asked for: what the usage that is new, together with
            what is kept of the same groups, suggests.
        aliases: Names that clients asked a router for, and how many of the new calls did.
        saved: Whether it was kept.
    """

    files: tuple[SourceImport, ...]
    first_day: str | None
    last_day: str | None
    totals: UsageTotals
    bill: UsageBill
    reasons: tuple[str, ...] = ()
    proposals: Mapping[Grouping, tuple[Proposal, ...]] = field(default_factory=dict)
    aliases: Mapping[str, float] = field(default_factory=dict)
    saved: bool = False
