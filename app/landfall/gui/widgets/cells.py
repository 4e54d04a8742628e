"""Cells of tables: a cell is a value, painted by its type and spoken by it.

A cell is a `Shown` (a figure), a `FitLook`, a `MemoryCell`, or one of `Title`, `FitCell`, `Plain`,
`Status`, `Spot`, `Chip` below.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from landfall.gui import icons, theme
from landfall.gui.colours import Role
from landfall.gui.format import Shown
from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.theme import Text
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.memory_cell import (
    MemoryCell,
    memory_spoken,
    memory_tip,
    paint_memory_cell,
)
from landfall.gui.widgets.numbers import GUTTER, FitLook, paint_fit, paint_shown, small_enough
from landfall.gui.widgets.verdict_chip import (
    chip_width,
    paint_chip,
    verdict_spoken,
    verdict_word,
)


@dataclass(frozen=True, slots=True)
class Title:
    """The name of what the row is, with a second line and an icon; `note` is told on hover.

    keeps_end: whether a name that is too long loses its middle, where its end tells it apart.
    says: spoken instead, where the row is to be told from its first cell on; "" is both lines.
    """

    text: str
    sub: str = ""
    icon: str = ""
    note: str = ""
    keeps_end: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True)
class FitCell:
    """Whether a model fits; why is told on hover."""

    look: FitLook
    note: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """Words; `right` aligns them with the numbers of figures. `sort` orders by another value."""

    text: str
    sub: str = ""
    tone: Role = "text"
    right: bool = False
    sort: float | str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """A state by its shape, and the words for it."""

    state: State
    text: str
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something runs: an icon in the colour of the place, and the words for it."""

    icon: str
    role: Role
    text: str
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A verdict by its name."""

    verdict: str
    provisional: bool = False


Cell = Shown | FitLook | FitCell | MemoryCell | Title | Plain | Status | Spot | Chip
Row = tuple[Cell, ...]


def spoken(cell: Cell) -> str:
    """What a screen reader says for a cell."""
    match cell:
        case Shown():
            return cell.spoken
        case FitLook():
            return cell.word
        case FitCell():
            return cell.look.word
        case MemoryCell():
            return memory_spoken(cell)
        case Chip():
            return verdict_spoken(cell.verdict, provisional=cell.provisional)
        case Title(says=says) if says:
            return says
        case Title() | Plain() | Status() | Spot():
            return f"{cell.text}, {cell.sub}" if cell.sub else cell.text


def tip(cell: Cell) -> str:
    """What is told on hover: what is spoken, and where it comes from."""
    match cell:
        case MemoryCell():
            return memory_tip(cell)
        case Title(note=note) | FitCell(note=note) if note:
            return f"{spoken(cell)}\n{note}"
        case _:
            return spoken(cell)


def no_markup(words: str) -> str:
    """A tooltip that says these words as they are: Qt takes what looks like markup for it."""
    if "<" not in words and "&lt;" not in words:
        return words
    # `html` would bring its table of two thousand names in, for as many signs as these.
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<p style='white-space: pre-wrap'>{escaped}</p>"


def searched(cell: Cell) -> str:
    """In what a search looks: what is written in the cell, not where it is from."""
    match cell:
        case Shown():
            return f"{cell.value} {cell.unit} {cell.detail}"
        case MemoryCell():
            return f"{cell.shown.value} {cell.shown.unit}"
        case _:
            return spoken(cell)


def sort_key(cell: Cell) -> float | str:
    """What a cell is ordered by; an unknown figure comes first when ascending."""
    match cell:
        case Shown():
            return -float("inf") if cell.sort is None else cell.sort
        case FitCell():
            return cell.look.value[1]
        case MemoryCell():
            return cell.need_bytes
        case FitLook():
            return cell.value[1]
        case Chip():
            return verdict_word(cell.verdict).casefold()
        case Plain(sort=key) if key is not None:
            return key
        case Title() | Plain() | Status() | Spot():
            return cell.text.casefold()


def paint_cell(p: QPainter, rect: QRectF, cell: Cell, *, gutter: int = GUTTER) -> None:
    """Paint one cell into its margins.

    Args:
        gutter: What plain numbers leave free at the right for the marks of figures, in pixels at
            the usual size of text.
    """
    match cell:
        case Shown():
            paint_shown(p, rect, cell)
        case FitLook():
            paint_fit(p, rect, cell)
        case FitCell():
            paint_fit(p, rect, cell.look)
        case MemoryCell():
            paint_memory_cell(p, rect, cell)
        case Chip():
            width = min(float(chip_width(verdict_word(cell.verdict))), rect.width())
            high = max(24, QFontMetrics(theme.font(Text.CAPTION_STRONG)).height() + 6)
            box = QRectF(rect.left(), rect.center().y() - high / 2, width, high)
            paint_chip(p, box, cell.verdict, provisional=cell.provisional)
        case Status(state=State(icon=icon, role=role)) | Spot(icon=icon, role=role):
            icons.paint(p, icon, _mark(rect, 16), theme.color(role))
            _two_lines(p, rect.adjusted(theme.grown(24), 0, 0, 0), cell.text, cell.sub)
        case Title():
            if cell.icon:
                icons.paint(p, cell.icon, _mark(rect, 18), theme.color("text_2"))
                rect = rect.adjusted(theme.grown(28), 0, 0, 0)
            _two_lines(p, rect, cell.text, cell.sub, style=Text.MEDIUM, keeps_end=cell.keeps_end)
        case Plain():
            box = rect.adjusted(0, 0, -theme.grown(gutter) if cell.right else 0, 0)
            align = RIGHT if cell.right else LEFT
            _two_lines(p, box, cell.text, cell.sub, tone=cell.tone, align=align)


def _mark(rect: QRectF, side: int) -> QRectF:
    """Where an icon stands at the left of a cell, as large as the text beside it."""
    grown = theme.roomy(side)
    return QRectF(rect.left(), rect.center().y() - grown / 2, grown, grown)


def _two_lines(
    p: QPainter,
    rect: QRectF,
    text: str,
    sub: str,
    *,
    style: Text = Text.BODY,
    tone: Role = "text",
    align: int = LEFT,
    keeps_end: bool = False,
) -> None:
    width = int(rect.width())
    elide = Qt.TextElideMode.ElideRight
    middle = Qt.TextElideMode.ElideMiddle if keeps_end else elide
    right = align == RIGHT
    p.setFont(small_enough(theme.font(style), text, width) if right else theme.font(style))
    p.setPen(theme.color(tone))
    top = rect
    if sub:
        top = QRectF(rect.left(), rect.top() + 3, rect.width(), rect.height() / 2 + 1)
    p.drawText(top, align, QFontMetrics(p.font()).elidedText(text, middle, width))
    if sub:
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_3"))
        below = QRectF(rect.left(), rect.center().y() - 1, rect.width(), rect.height() / 2 - 3)
        p.drawText(below, align, QFontMetrics(p.font()).elidedText(sub, elide, width))
