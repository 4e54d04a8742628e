"""A report as Markdown in the shape of decision records: one file for one or more workloads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from landfall.core.reporting.blocks import Cell, Items, Paragraph, Record, Report, Section, Table
from landfall.core.reporting.svg.canvas import clean

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_BEGINS = re.compile(r"^(\s*)([-+=:]|\d+(?=[.)]))")


def to_markdown(report: Report) -> str:
    """The whole file."""
    lines: list[str] = []
    if len(report.records) == 1:
        lines += _record(report.records[0], report, level=1)
    else:
        lines += [f"# {_line(report.title)}", "", f"{_line(report.made_by)}, {report.as_of}.", ""]
        lines += [
            f"{number}. {_line(one.title)}: {one.status}"
            for number, one in enumerate(report.records, 1)
        ]
        lines.append("")
        overview = report.pages[0]
        lines += _sections(overview.sections, level=2)
        for one in report.records:
            lines += _record(one, report, level=2)
    lines += ["## How this was made", ""]
    lines += _sections(report.tail, level=3)
    return "\n".join(_without_doubles(lines)).rstrip() + "\n"


def escaped(text: str) -> str:
    """Text that says the same in Markdown: no sign of it is read as form, no tag as HTML."""
    plain = _SIGNS.sub(r"\\\1", clean(text.replace("\r", "\n")))
    return _BEGINS.sub(r"\1\\\2", plain) if not plain[:1].isdigit() else _numbered(plain)


def _numbered(text: str) -> str:
    """A line that begins as an item of a numbered list would: its point is kept from being one."""
    return re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)


def _line(text: str) -> str:
    """On one line, however many the text has."""
    return escaped(" ".join(text.split()))


def _record(one: Record, report: Report, *, level: int) -> list[str]:
    head, sub = "#" * level, "#" * (level + 1)
    lines = [
        f"{head} {_line(one.title)}",
        "",
        f"- Status: {one.status}",
        f"- Date: {report.as_of}",
        f"- Review by: {one.review_by or 'when it can be decided'}",
        f"- Made by: {_line(report.made_by)}",
        "",
    ]
    for title, said in (
        ("Context", one.context),
        ("Decision", one.decision),
        ("Consequences", one.consequences),
    ):
        lines += [f"{sub} {title}", "", *_items(said), ""]
    if one.options is not None:
        lines += [f"{sub} Options considered", "", *_table(one.options), ""]
    for title, said in (("Evidence", one.evidence), ("What would change it", one.would_change)):
        if said:
            lines += [f"{sub} {title}", "", *_items(said), ""]
    return lines


def _sections(sections: Sequence[Section], *, level: int) -> list[str]:
    lines: list[str] = []
    for section in sections:
        lines += [f"{'#' * level} {_line(section.title)}", ""]
        for block in section.blocks:
            match block:
                case Table():
                    lines += [*_table(block), ""]
                case Paragraph(text=text):
                    lines += [_line(text), ""]
                case Items(items=items):
                    lines += [*_items(items), ""]
                case _:
                    pass
    return lines


def _items(said: Sequence[str]) -> list[str]:
    return [f"- {_line(one)}" for one in said]


def _table(table: Table) -> list[str]:
    rule = ["---:" if column.right else "---" for column in table.columns]
    return [
        f"| {' | '.join(_line(column.title) for column in table.columns)} |",
        f"| {' | '.join(rule)} |",
        *(f"| {' | '.join(_cells(row))} |" for row in table.rows),
    ]


def _cells(row: Sequence[Cell]) -> Iterator[str]:
    for cell in row:
        text = _line(cell.text)
        if cell.mark is not None:
            text = f"{text} ({cell.mark.value})"
        # What ends as a sentence is followed by another one.
        between = " " if cell.text[-1:] in (*".?!",) and cell.mark is None else ": "
        yield f"{text}{between}{_line(cell.detail)}" if cell.detail else text or " "


def _without_doubles(lines: list[str]) -> Iterator[str]:
    """One empty line where there would be two."""
    last = ""
    for place, line in enumerate(lines):
        if line or last or place == 0:
            yield line
        last = line
