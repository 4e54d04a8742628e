"""A report as one HTML file: no script, nothing from anywhere else, readable on paper.

Valid HTML5 by construction: every text goes through `escaped`, every id is made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from landfall.core.reporting.blocks import (
    Block,
    CardBlock,
    Cell,
    Items,
    Mark,
    Page,
    Paragraph,
    Picture,
    Report,
    Table,
)
from landfall.core.reporting.svg.canvas import ON_SCREEN, clean
from landfall.core.reporting.svg.drawing import drawn
from landfall.services.reports.style import STYLE

_MARK_CLASS = {
    Mark.MEASURED: "mea",
    Mark.ESTIMATED: "est",
    Mark.PUBLISHED: "pub",
    Mark.STATED: "sta",
    Mark.ASSUMED: "ass",
    Mark.UNKNOWN: "unk",
}


def to_html(report: Report) -> str:
    """The whole file. It asks for nothing: no script, font, picture or style from elsewhere."""
    title = escaped(report.title)
    head = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title} – Landfall</title>\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        # Should anything in it ever ask for something all the same, the browser refuses.
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<meta name="generator" content="{escaped(report.made_by)}">\n'
        f"<style>\n{STYLE}</style>\n</head>\n<body>\n"
    )
    pages = "".join(_page(page) for page in report.pages)
    return (
        f"{head}<header><h1>{title}</h1>"
        f"<p>Report by {escaped(report.made_by)}, verdicts of {escaped(report.as_of)}.</p>"
        "</header>\n"
        f"{_contents(report)}<main>\n{pages}</main>\n</body>\n</html>\n"
    )


def escaped(text: str) -> str:
    """Text for HTML, in an element or a quoted attribute; what no document may hold left out."""
    told = clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    # No line ends between a minus and its dollars.
    return escape(told.replace("−$", "−\u2060$"))


def _contents(report: Report) -> str:
    listed = "".join(
        f'<li><a href="#{page.name}"><bdi>{escaped(page.title)}</bdi></a></li>'
        for page in report.pages
    )
    return f'<nav aria-label="Contents"><ol>{listed}</ol></nav>\n'


def _page(page: Page) -> str:
    sections = "".join(
        f"<section><h3>{escaped(section.title)}</h3>\n"
        f"{''.join(_block(block, page) for block in section.blocks)}</section>\n"
        for section in page.sections
    )
    subtitle = f'<p class="sub">{escaped(page.subtitle)}</p>' if page.subtitle else ""
    return (
        f'<article id="{page.name}" aria-labelledby="{page.name}-h">'
        f'<h2 id="{page.name}-h"><bdi>{escaped(page.title)}</bdi></h2>{subtitle}\n'
        f"{sections}</article>\n"
    )


def _block(block: Block, page: Page) -> str:
    match block:
        case Table():
            return _table(block)
        case Paragraph(text=text, quiet=quiet):
            return f"<p{' class=quiet' if quiet else ''}>{escaped(text)}</p>\n"
        case Items(items=items, warning=warning):
            listed = "".join(f"<li>{escaped(one)}</li>" for one in items)
            return f"<ul{' class=warn' if warning else ''}>{listed}</ul>\n" if listed else ""
        case Picture():
            return _picture(block, page)
        case CardBlock():
            return _card(block)


def _picture(picture: Picture, page: Page) -> str:
    svg = drawn(picture, ON_SCREEN, name=f"{page.name}-{picture.name}")
    note = f" <small>{escaped(picture.note)}</small>" if picture.note else ""
    caption = f"<figcaption>{escaped(picture.title)}.{note}</figcaption>"
    scrolled = f'<div class="g" role="group" tabindex="0" aria-label="{escaped(picture.title)}">'
    return f"<figure>{caption}{scrolled}{svg}</div></figure>\n"


def _card(card: CardBlock) -> str:
    lines = "".join(
        f"<div><dt>{escaped(label)}</dt><dd>{escaped(text)}</dd></div>"
        for label, text in card.lines
    )
    name = f"card{' provisional' if card.provisional else ''}"
    return f'<dl class="{name}" data-verdict="{escaped(card.option)}">{lines}</dl>\n'


def _table(table: Table) -> str:
    heads = "".join(
        f'<th scope="col"{" class=r" if column.right else ""}>{escaped(column.title)}</th>'
        for column in table.columns
    )
    rows = "".join(f"<tr>{''.join(_cells(table, row))}</tr>\n" for row in table.rows)
    return (
        f'<div class="t" role="group" tabindex="0" aria-label="{escaped(table.caption)}">'
        f"<table><caption>{escaped(table.caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
    )


def _cells(table: Table, row: tuple[Cell, ...]) -> Iterator[str]:
    for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        look = " class=r" if column.right else ""
        if place == 0:
            yield f'<th scope="row"{look}>{_cell(cell)}</th>'
        else:
            yield f"<td{look}>{_cell(cell)}</td>"


def _cell(cell: Cell) -> str:
    text = f"<bdi>{escaped(cell.text)}</bdi>"
    if cell.strong:
        text = f"<b>{text}</b>"
    if cell.mark is not None:
        name = _MARK_CLASS[cell.mark]
        text = f'<span class="v-{name}">{text}</span> <i class="m {name}">{cell.mark.value}</i>'
    return f"{text}<small>{escaped(cell.detail)}</small>" if cell.detail else text
