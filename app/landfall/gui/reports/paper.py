"""A sheet of paper: text that is broken into lines, boxes, and turning over when it is full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPdfWriter,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from landfall.core.reporting.svg.canvas import PAPER, clean

DPI = 1200
"""Fine enough that no letter moves for the sake of a dot."""
FAMILIES = ("Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "Liberation Sans", "DejaVu Sans")
_FOOTER_PT = 22.0
_TALLEST = 2000


def pt(points: float) -> float:
    """Points in the dots of the page."""
    return points * DPI / 72


def ink(role: str) -> QColor:
    """The colour of a role on paper; text is black."""
    return QColor("#000000" if role == "text" else PAPER[role])


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text looks: size in points, weight, colour."""

    size_pt: float = 8.8
    strong: bool = False
    role: str = "text"
    right: bool = False


BODY = Style()
QUIET = Style(size_pt=7.8, role="text-2")
SMALL = Style(size_pt=7.4, role="text-2")
STRONG = Style(strong=True)


class Laid:
    """A text broken into lines of a width; its lines can be drawn apart.

    Args of the constructor:
        look: (first letter, how many, look) of a part that looks otherwise, in UTF-16 as Qt counts.
    """

    def __init__(
        self,
        sheet: Sheet,
        text: str,
        width: float,
        style: Style,
        *,
        look: tuple[int, int, QTextCharFormat] | None = None,
    ) -> None:
        self._style = style
        self._layout = QTextLayout(clean(text), sheet.font(style), sheet.writer)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        if style.right:
            option.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
        self._layout.setTextOption(option)
        if look is not None:
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = look
            self._layout.setFormats([span])
        self.lines: list[tuple[QTextLine, float]] = []
        self._layout.beginLayout()
        while len(self.lines) < _TALLEST:
            line = self._layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(width, pt(4)))
            line.setPosition(QPointF(0, 0))
            self.lines.append((line, line.height() * 1.1))
        self._layout.endLayout()

    @property
    def height(self) -> float:
        """Of all lines."""
        return sum(height for _, height in self.lines)

    def draw(
        self, painter: QPainter, x: float, y: float, first: int = 0, last: int = _TALLEST
    ) -> float:
        """Draw some of its lines; returns where the next would stand."""
        painter.setPen(QPen(ink(self._style.role)))
        for line, height in self.lines[first:last]:
            line.draw(painter, QPointF(x, y))
            y += height
        return y


class Sheet:
    """The pages of one file, from the top of the first to the foot of the last.

    Attributes:
        y: How far down the page is filled.
        number: Of the page, the first being 1.
        scale: How large everything is drawn, 1 as it is meant to be.
    """

    def __init__(self, writer: QPdfWriter, painter: QPainter, *, footer: str) -> None:
        self.writer, self.painter = writer, painter
        self.width, self._floor = 0.0, 0.0
        self.scale = 1.0
        self.shrink(1.0)
        self._footer, self.number = footer, 1
        self.y = 0.0
        self._fonts: dict[Style, QFont] = {}

    def shrink(self, scale: float) -> None:
        """Draw everything at this size from here on, from the top of an empty page."""
        self.painter.scale(scale / self.scale, scale / self.scale)
        self.scale = scale
        self.width = self.writer.width() / scale
        self._floor = self.writer.height() / scale - pt(_FOOTER_PT)

    def font(self, style: Style) -> QFont:
        """The font of a style; the families are those of the systems, none is brought."""
        found = self._fonts.get(style)
        if found is None:
            found = QFont(list(FAMILIES))
            found.setPointSizeF(style.size_pt)
            if style.strong:
                found.setWeight(QFont.Weight.DemiBold)
            self._fonts[style] = found
        return found

    @property
    def left(self) -> float:
        """How much room is left on the page."""
        return self._floor - self.y

    @property
    def whole(self) -> float:
        """How much room an empty page has."""
        return self._floor

    def need(self, height: float) -> bool:
        """Turn over where so much does not fit any more; whether it was turned."""
        if height <= self.left or self.y == 0.0:
            return False
        self.turn()
        return True

    def turn(self) -> None:
        """A new page."""
        self.end()
        self.writer.newPage()
        self.number += 1
        self.y = 0.0

    def end(self) -> None:
        """The foot of the page."""
        number = Laid(self, str(self.number), pt(40), Style(size_pt=7.2, role="text-2", right=True))
        words = Laid(self, self._footer, self.width - pt(50), Style(size_pt=7.2, role="text-2"))
        y = self._floor + pt(8)
        self.rule(y - pt(3), "grid")
        words.draw(self.painter, 0, y, last=1)
        number.draw(self.painter, self.width - pt(40), y)

    def rule(self, y: float, role: str, thick_pt: float = 0.5) -> None:
        """A line across the page."""
        self.painter.setPen(QPen(ink(role), pt(thick_pt)))
        self.painter.drawLine(QPointF(0, y), QPointF(self.width, y))

    def frame(self, top: float, bottom: float, role: str, *, dashed: bool = False) -> None:
        """A box with round corners across the page."""
        pen = QPen(ink(role), pt(0.8))
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawRoundedRect(QRectF(0, top, self.width, bottom - top), pt(5), pt(5))

    def text(
        self, text: str, style: Style = BODY, *, indent: float = 0.0, after_pt: float = 3.0
    ) -> None:
        """A paragraph, broken over pages where it has to be; no line of it stands alone."""
        laid = Laid(self, text, self.width - indent, style)
        self.laid([(laid, indent)], after_pt=after_pt)

    def laid(self, parts: Sequence[tuple[Laid, float]], *, after_pt: float = 3.0) -> None:
        """Texts side by side, each at its place from the left; over pages where they are long."""
        tallest = max((laid.height for laid, _ in parts), default=0.0)
        if tallest <= self.whole:
            self.need(tallest)
            for laid, x in parts:
                laid.draw(self.painter, x, self.y)
            self.y += tallest + pt(after_pt)
            return
        done = [0] * len(parts)
        while any(done[i] < len(laid.lines) for i, (laid, _) in enumerate(parts)):
            lowest = self.y
            for i, (laid, x) in enumerate(parts):
                last = _fitting(laid, done[i], self.left)
                lowest = max(lowest, laid.draw(self.painter, x, self.y, done[i], last))
                done[i] = last
            self.y = lowest
            if any(done[i] < len(laid.lines) for i, (laid, _) in enumerate(parts)):
                self.turn()
        self.y += pt(after_pt)


def _fitting(laid: Laid, first: int, room: float) -> int:
    """Up to which line a text fits; at least one, lest it never ends."""
    last = first
    for _, height in laid.lines[first:]:
        if height > room and last > first:
            break
        room -= height
        last += 1
        if room <= 0:
            break
    return last
