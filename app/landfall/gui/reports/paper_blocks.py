"""The blocks of a report on paper."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QFont, QTextCharFormat
from PySide6.QtSvg import QSvgRenderer

from landfall.core.reporting.blocks import (
    Block,
    CardBlock,
    Cell,
    Items,
    Mark,
    Page,
    Paragraph,
    Picture,
    Table,
)
from landfall.core.reporting.svg.canvas import PAPER, WIDTH, Ink, clean
from landfall.core.reporting.svg.drawing import drawn
from landfall.gui.reports.paper import BODY, QUIET, SMALL, STRONG, Laid, Sheet, Style, ink, pt

_TITLE = Style(size_pt=17, strong=True)
_PAGE_TITLE = Style(size_pt=14, strong=True)
_HEADING = Style(size_pt=10.6, strong=True)
_CAPTION = Style(size_pt=8.2, strong=True)
_HEAD = Style(size_pt=7.4, strong=True, role="text-2")
_HEAD_RIGHT = Style(size_pt=7.4, strong=True, role="text-2", right=True)
_CELL_PT, _DETAIL_PT = 8.0, 7.0
_GAP = 7.0
_LABEL = 54.0
_BULLET = 10.0


def draw_page(sheet: Sheet, page: Page, *, title: str = "") -> None:
    """A page of the report from the top of a sheet.

    Args:
        title: Of the whole report, above its first page.
    """
    if title and title != page.title:
        sheet.text(title, _TITLE, after_pt=6)
    sheet.text(page.title, _PAGE_TITLE, after_pt=2)
    if page.subtitle:
        sheet.text(page.subtitle, QUIET, after_pt=4)
    for place, section in enumerate(page.sections):
        heading = Laid(sheet, section.title, sheet.width, _HEADING)
        first = section.blocks[0] if section.blocks else None
        before = pt(0 if place == 0 else 7)
        sheet.need(before + heading.height + pt(6) + (_least(sheet, first) if first else 0))
        sheet.y += before if sheet.y else 0
        if place:
            sheet.rule(sheet.y, "grid")
            sheet.y += pt(3)
        sheet.laid([(heading, 0.0)], after_pt=3)
        for block in section.blocks:
            _draw(sheet, block, page)


def _draw(sheet: Sheet, block: Block, page: Page) -> None:
    match block:
        case Paragraph(text=text, quiet=quiet):
            sheet.text(text, QUIET if quiet else BODY, after_pt=4)
        case Items(items=items, warning=warning):
            _items(sheet, items, warning=warning)
        case CardBlock():
            _card(sheet, block)
        case Picture():
            _picture(sheet, block, page)
        case Table():
            _table(sheet, block)


def _least(sheet: Sheet, block: Block) -> float:
    """What a block needs so that it begins on a page: a heading never stands alone."""
    match block:
        case Picture():
            return _picture_height(sheet, block)[0]
        case CardBlock():
            return pt(110)
        case Table(rows=rows):
            rows_pt = 22 + (24 if rows else 0)
            return pt(14 + rows_pt)
        case Paragraph(text=text, quiet=quiet):
            return Laid(sheet, text, sheet.width, QUIET if quiet else BODY).height
        case Items(items=items):
            first = "".join(items[:1])
            return Laid(sheet, first, sheet.width - pt(_BULLET), BODY).height + pt(26)


def _items(sheet: Sheet, items: tuple[str, ...], *, warning: bool) -> None:
    if warning:
        _warned(sheet, items)
        return
    for one in items:
        dot = Laid(sheet, "•", pt(_BULLET), BODY)
        text = Laid(sheet, one, sheet.width - pt(_BULLET), BODY)
        sheet.laid([(dot, 0.0), (text, pt(_BULLET))], after_pt=2)
    sheet.y += pt(3)


def _warned(sheet: Sheet, items: tuple[str, ...]) -> None:
    """A box of what is to be heeded; where it is longer than a page, without the box."""
    inside = sheet.width - pt(20 + _BULLET)
    head = Laid(sheet, "Heed this", inside, STRONG)
    laid = [Laid(sheet, one, inside, BODY) for one in items]
    height = pt(12) + head.height + sum(one.height + pt(2) for one in laid)
    if height > sheet.whole:
        _items(sheet, items, warning=False)
        return
    sheet.need(height)
    top = sheet.y
    y = head.draw(sheet.painter, pt(8), top + pt(5))
    for one in laid:
        Laid(sheet, "!", pt(_BULLET), STRONG).draw(sheet.painter, pt(10), y + pt(1))
        y = one.draw(sheet.painter, pt(10 + _BULLET), y + pt(1)) + pt(1)
    sheet.frame(top, y + pt(4), "danger")
    sheet.y = y + pt(11)


def _card(sheet: Sheet, card: CardBlock) -> None:
    inside = sheet.width - pt(20 + _LABEL)
    rows = []
    for place, (label, text) in enumerate(card.lines):
        style = Style(size_pt=10.4, strong=True) if place == 0 else BODY
        rows.append((Laid(sheet, label, pt(_LABEL), QUIET), Laid(sheet, text, inside, style)))
    height = sum(max(one.height, two.height) + pt(6) for one, two in rows) + pt(4)
    if height > sheet.whole:
        for label, text in card.lines:
            sheet.text(f"{label}: {text}")
        return
    sheet.need(height)
    top, y = sheet.y, sheet.y + pt(5)
    for label_laid, text_laid in rows:
        label_laid.draw(sheet.painter, pt(8), y + pt(0.8))
        text_laid.draw(sheet.painter, pt(8 + _LABEL), y)
        y += max(label_laid.height, text_laid.height) + pt(6)
    sheet.frame(top, y - pt(1), "edge", dashed=card.provisional)
    sheet.y = y + pt(7)


# Charts ------------------------------------------------------------------------------------------


def _picture_height(sheet: Sheet, picture: Picture) -> tuple[float, QSvgRenderer, Laid]:
    colours = Ink({**PAPER, "text": "#000000"}, sheet.font(BODY).families()[0])
    svg = drawn(picture, colours, name=picture.name)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    caption = Laid(sheet, f"{picture.title}. {picture.note}".strip(), sheet.width, _CAPTION)
    high = sheet.width * renderer.viewBoxF().height() / WIDTH
    return caption.height + pt(4) + high + pt(8), renderer, caption


def _picture(sheet: Sheet, picture: Picture, page: Page) -> None:
    whole, renderer, caption = _picture_height(sheet, picture)
    sheet.need(whole)
    sheet.laid([(caption, 0.0)], after_pt=3)
    high = min(sheet.width * renderer.viewBoxF().height() / WIDTH, sheet.left)
    wide = high * WIDTH / renderer.viewBoxF().height()
    renderer.render(sheet.painter, QRectF(0, sheet.y, min(wide, sheet.width), high))
    sheet.y += high + pt(8)


# Tables ------------------------------------------------------------------------------------------


def _table(sheet: Sheet, table: Table) -> None:
    widths = _widths(sheet, table)
    caption = Laid(sheet, table.caption, sheet.width, _CAPTION)
    head = _head(sheet, table, widths)
    rows = [_row(sheet, table, row, widths) for row in table.rows]
    first = max((_tall(one) for one in rows[:1]), default=0.0)
    start = caption.height + pt(4) + _tall(head) + pt(4)
    sheet.need(start + min(first, sheet.whole / 2))
    sheet.laid([(caption, 0.0)], after_pt=2)
    _draw_head(sheet, head)
    for one in rows:
        if _tall(one) > sheet.left and sheet.y > 0 and _tall(one) <= sheet.whole - pt(30):
            sheet.turn()
            _draw_head(sheet, head)
        sheet.y += pt(1.6)
        sheet.laid(one, after_pt=1.8)
        sheet.rule(sheet.y, "grid", 0.4)
    sheet.y += pt(8)


def _widths(sheet: Sheet, table: Table) -> list[tuple[float, float]]:
    """Where each column begins, and how wide it is."""
    room = sheet.width - pt(_GAP) * (len(table.columns) - 1)
    whole = sum(column.share for column in table.columns)
    found, x = [], 0.0
    for column in table.columns:
        width = room * column.share / whole
        found.append((x, width))
        x += width + pt(_GAP)
    return found


def _head(
    sheet: Sheet, table: Table, widths: list[tuple[float, float]]
) -> list[tuple[Laid, float]]:
    return [
        (Laid(sheet, column.title, width, _HEAD_RIGHT if column.right else _HEAD), x)
        for column, (x, width) in zip(table.columns, widths, strict=True)
    ]


def _draw_head(sheet: Sheet, head: list[tuple[Laid, float]]) -> None:
    sheet.laid(head, after_pt=1.5)
    sheet.rule(sheet.y, "edge", 0.7)


def _tall(parts: list[tuple[Laid, float]]) -> float:
    return max((laid.height for laid, _ in parts), default=0.0)


class _Stack(Laid):
    """The value of a cell above its mark and its detail."""

    def __init__(self, upper: Laid, lower: Laid) -> None:
        self._parts = (upper, lower)
        self.lines = [*upper.lines, *lower.lines]

    def draw(
        self, painter: object, x: float, y: float, first: int = 0, last: int = 1 << 30
    ) -> float:
        upper, lower = self._parts
        cut = len(upper.lines)
        y = upper.draw(painter, x, y, min(first, cut), min(last, cut))  # type: ignore[arg-type]
        return lower.draw(painter, x, y, max(first - cut, 0), max(last - cut, 0))  # type: ignore[arg-type]


def _row(
    sheet: Sheet, table: Table, row: tuple[Cell, ...], widths: list[tuple[float, float]]
) -> list[tuple[Laid, float]]:
    return [
        (_cell(sheet, cell, width, right=column.right), x)
        for column, cell, (x, width) in zip(table.columns, row, widths, strict=True)
    ]


def _cell(sheet: Sheet, cell: Cell, width: float, *, right: bool) -> Laid:
    strong = cell.strong or cell.mark is Mark.MEASURED
    value = Laid(sheet, cell.text, width, Style(size_pt=_CELL_PT, strong=strong, right=right))
    if cell.mark is not None and not cell.detail and not right:
        return _beside(sheet, cell.text, cell.mark, width)
    parts = [one for one in (cell.mark.value if cell.mark else "", cell.detail) if one]
    if not parts:
        return value
    marked = len(cell.mark.value) if cell.mark else 0
    style = Style(size_pt=_DETAIL_PT, role=SMALL.role, right=right)
    look = (0, marked, _look(cell.mark)) if cell.mark else None
    return _Stack(value, Laid(sheet, ": ".join(parts), width, style, look=look))


def _beside(sheet: Sheet, text: str, mark: Mark, width: float) -> Laid:
    """A value with its mark on the same line."""
    look = _look(mark)
    look.setForeground(ink(SMALL.role))
    look.setFontPointSize(_DETAIL_PT)
    style = Style(size_pt=_CELL_PT, strong=mark is Mark.MEASURED)
    start = len(clean(text).encode("utf-16-le")) // 2 + 2
    return Laid(sheet, f"{text}  {mark.value}", width, style, look=(start, len(mark.value), look))


def _look(mark: Mark) -> QTextCharFormat:
    """No two marks look alike, also without reading them."""
    look = QTextCharFormat()
    lines = {
        Mark.MEASURED: QTextCharFormat.UnderlineStyle.SingleUnderline,
        Mark.ESTIMATED: QTextCharFormat.UnderlineStyle.DotLine,
        Mark.PUBLISHED: QTextCharFormat.UnderlineStyle.DashUnderline,
        Mark.ASSUMED: QTextCharFormat.UnderlineStyle.DashDotLine,
        Mark.UNKNOWN: QTextCharFormat.UnderlineStyle.WaveUnderline,
    }
    look.setUnderlineStyle(lines.get(mark, QTextCharFormat.UnderlineStyle.NoUnderline))
    if mark is Mark.MEASURED:
        look.setFontWeight(QFont.Weight.Bold)
    look.setFontItalic(mark is Mark.ASSUMED)
    return look
