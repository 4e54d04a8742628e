"""What a report is made of: pages of sections of blocks. Values only; writers turn them into HTML,
Markdown or pages of paper, and add nothing of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from landfall.core.reporting.charts import Chart


class Mark(StrEnum):
    """Where a value comes from. No two of them may look alike."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    PUBLISHED = "published"
    STATED = "stated"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


MARKS = {
    Mark.MEASURED: "read from a sensor, a counter or a clock on a machine of yours",
    Mark.ESTIMATED: "computed; the band holds the truth in about eight of ten cases",
    Mark.PUBLISHED: "printed by somebody, with its source and its day",
    Mark.STATED: "typed in by you",
    Mark.ASSUMED: "stands where nothing was stated, measured or published",
    Mark.UNKNOWN: "not known, with the reason; never counted as 0",
}
"""What each mark says, for the legend."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: What it says.
        mark: Where the value comes from; None where it is no value.
        detail: A second, smaller line: the band, the source, the reason.
        strong: Whether it stands out.
    """

    text: str
    mark: Mark | None = None
    detail: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        right: Whether its text ends flush, as numbers do.
        share: Of the width, beside those of the other columns.
    """

    title: str
    right: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption; the first cell of a row names it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text; `quiet` is for what may be read later."""

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences; `warning` where they are to be heeded."""

    items: tuple[str, ...]
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart.

    Attributes:
        name: Of the chart, "costs": unique on its page.
        title: What question it answers.
        says: The same in words, for those who do not see it.
        note: How to read it.
    """

    name: str
    title: str
    says: str
    chart: Chart
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardBlock:
    """A verdict in its five lines.

    Attributes:
        option: The verdict as JSON names it.
        sureness: How sure it is, in words.
        lines: (label, text): verdict, because, money, flips if, next.
    """

    option: str
    sureness: str
    provisional: bool
    lines: tuple[tuple[str, str], ...]


Block = Table | Paragraph | Items | Picture | CardBlock


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What begins on a new sheet of paper.

    Attributes:
        name: Unique in the report, of letters, digits and hyphens.
        title: Its heading.
        subtitle: One sentence of fact below it.
        one_sheet: It is to fit on one sheet of paper.
    """

    name: str
    title: str
    subtitle: str = ""
    sections: tuple[Section, ...] = ()
    one_sheet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision in the shape of a decision record.

    Attributes:
        status: "Decided", "Provisional" or "Not decided".
        context, decision, consequences: Paragraphs or lists of sentences.
        options: What was weighed.
        evidence: What it rests on.
        would_change: What would change it.
        review_by: ISO date, or "".
    """

    title: str
    status: str
    context: tuple[str, ...]
    decision: tuple[str, ...]
    consequences: tuple[str, ...]
    options: Table | None
    evidence: tuple[str, ...]
    would_change: tuple[str, ...]
    review_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report.

    Attributes:
        as_of: ISO date of the decisions.
        made_by: The program and its version.
        pages: The portfolio where there are several workloads, each workload, how it was made.
        records: The same decisions as decision records, in the same order.
        tail: Sections that all records share: thresholds, sources.
    """

    title: str
    as_of: str
    made_by: str
    pages: tuple[Page, ...]
    records: tuple[Record, ...] = ()
    tail: tuple[Section, ...] = field(default=())

    def blocks(self) -> Iterator[Block]:
        """All blocks of all pages."""
        for page in self.pages:
            for section in page.sections:
                yield from section.blocks
