"""p95 of an answer against the number of people, for one machine, two and more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.format import duration, number
from landfall.gui.paint import CENTRE, LEFT, RIGHT
from landfall.gui.theme import Text
from landfall.gui.widgets.scales import seconds_ticks, ticks

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One curve with its name at its end.

    Attributes:
        asked: Whether it is the arrangement that the sentence speaks of: drawn in the colour of
            this machine, with its band.
        split: Drawn dotted.
    """

    name: str
    points: Points
    low: Points = ()
    high: Points = ()
    asked: bool = False
    split: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePicture:
    """What the chart shows.

    Attributes:
        target: Seconds, None where none is stated.
        people: The stated number, and how long the slowest of twenty takes then; None where the
            queue only grows.
        said: All of it in words.
    """

    lines: tuple[Line, ...]
    target: float | None
    target_words: str
    people: float
    people_words: str
    seconds: float | None
    said: str


class PeopleChart(QWidget):
    """A curve ends where the queue would grow without end. The target is a dashed line."""

    def __init__(self) -> None:
        super().__init__()
        self._picture: PeoplePicture | None = None
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        theme.repaint_on_change(self)

    def show_picture(self, picture: PeoplePicture | None) -> None:
        """Show these curves; None shows none."""
        self._picture = picture
        self.setAccessibleName("" if picture is None else picture.said)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 170)

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._picture
        if picture is None or not picture.lines:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        _Painting(p, QRectF(self.rect()), picture, (self._people(), self._seconds())).paint()

    def _people(self) -> str:
        return self.tr("people")

    def _seconds(self) -> str:
        return self.tr("19 of 20 answers within")


class _Painting:
    """One frame: the scales and what is drawn on them."""

    def __init__(
        self, p: QPainter, box: QRectF, picture: PeoplePicture, axes: tuple[str, str]
    ) -> None:
        self._p, self._picture, self._axes = p, picture, axes
        caption = QFontMetrics(theme.font(Text.CAPTION))
        self._line = caption.height()
        self._right = max(
            (line.points[-1][0] for line in picture.lines if line.points), default=1.0
        )
        self._right = max(self._right, picture.people * 1.05, 1.0)
        self._top = _top(picture)
        gutter = caption.horizontalAdvance(duration(self._top)) + 12
        self._plot = QRectF(box).adjusted(gutter, 1.5 * self._line, -10, -2.3 * self._line)

    def paint(self) -> None:
        """Ground, curves, then words upon them."""
        self._grid()
        self._p.save()
        self._p.setClipRect(self._plot.adjusted(-1, -1, 2, 1))
        for line in self._picture.lines:
            self._band(line)
        for line in self._picture.lines:
            self._curve(line)
        self._p.restore()
        self._target()
        self._dot()
        self._names()

    def _at(self, point: tuple[float, float]) -> QPointF:
        people, seconds = point
        return QPointF(
            self._plot.left() + people / self._right * self._plot.width(),
            self._plot.bottom() - seconds / self._top * self._plot.height(),
        )

    def _grid(self) -> None:
        p, plot, line = self._p, self._plot, self._line
        p.setFont(theme.font(Text.CAPTION))
        for value in seconds_ticks(self._top):
            y = round(self._at((0.0, value)).y()) + 0.5
            p.setPen(QPen(theme.color("border_strong" if value == 0 else "grid"), 1))
            p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            p.setPen(theme.color("text_3"))
            words = number(0) if value == 0 else duration(value)
            p.drawText(QRectF(0, y - line / 2, plot.left() - 6, line), RIGHT, words)
        for value in ticks(0.0, self._right, 6):
            if value != int(value):
                continue
            x = self._at((value, 0.0)).x()
            below = QRectF(x - 40, plot.bottom() + 3, 80, line)
            p.drawText(below, CENTRE, number(value))
        under = QRectF(plot.left(), plot.bottom() + 3 + line, plot.width(), line)
        p.drawText(under, CENTRE, self._axes[0])
        p.setFont(theme.font(Text.CAPTION_STRONG))
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(0, 0, plot.right(), line), LEFT, self._axes[1])

    def _band(self, line: Line) -> None:
        """Between the ends of what a call may take; where the slow end ends, up to the top."""
        if not line.low or not line.high:
            return
        path = QPainterPath(self._at(line.low[0]))
        for point in line.low[1:]:
            path.lineTo(self._at(point))
        path.lineTo(self._at((line.low[-1][0], 10 * self._top)))
        path.lineTo(self._at((line.high[-1][0], 10 * self._top)))
        for point in reversed(line.high):
            path.lineTo(self._at(point))
        path.closeSubpath()
        self._p.fillPath(path, theme.color("here", 34))

    def _curve(self, line: Line) -> None:
        path = QPainterPath()
        for place, point in enumerate(line.points):
            if place:
                path.lineTo(self._at(point))
            else:
                path.moveTo(self._at(point))
        style = Qt.PenStyle.DotLine if line.split else Qt.PenStyle.SolidLine
        width = 2.0 if line.asked else 1.3
        self._p.strokePath(path, QPen(theme.color(_role(line)), width, style))

    def _target(self) -> None:
        if self._picture.target is None:
            return
        y = self._at((0.0, self._picture.target)).y()
        self._p.setPen(QPen(theme.color("text"), 1, Qt.PenStyle.DashLine))
        self._p.drawLine(QPointF(self._plot.left(), y), QPointF(self._plot.right(), y))
        place = QPointF(self._plot.left() + 4, y - self._line / 2 - 1)
        self._words(self._picture.target_words, place, "text", anchor=0.0)

    def _dot(self) -> None:
        """The people who are there, and how long the slowest of twenty then takes."""
        p, picture = self._p, self._picture
        x = self._at((picture.people, 0.0)).x()
        p.setPen(QPen(theme.color("text_3"), 1, Qt.PenStyle.DotLine))
        p.drawLine(QPointF(x, self._plot.top()), QPointF(x, self._plot.bottom()))
        shown = picture.seconds is not None and picture.seconds <= self._top
        if shown and picture.seconds is not None:
            p.setPen(QPen(theme.color("surface"), 2))
            p.setBrush(theme.color("text"))
            p.drawEllipse(self._at((picture.people, picture.seconds)), 5, 5)
        anchor = 1.0 if x > self._plot.center().x() else 0.0
        place = QPointF(x + (4 if anchor == 0 else -4), self._plot.bottom() - self._line)
        self._words(picture.people_words, place, "text", anchor=anchor)

    def _names(self) -> None:
        """Where each curve leaves the picture, or ends; those that would touch stand apart."""
        taken: list[QRectF] = []
        for line in sorted(self._picture.lines, key=_asked_first):
            end = self._end(line)
            if end is None:
                continue
            metrics = QFontMetrics(theme.font(Text.CAPTION_STRONG))
            width = metrics.horizontalAdvance(line.name) + 8
            box = QRectF(end.x() - width - 4, end.y() - self._line / 2, width, self._line)
            if box.left() < self._plot.left():
                box.moveLeft(end.x() + 4)
            box.moveTop(max(box.top(), self._plot.top()))
            for _ in range(12):
                if not any(box.intersects(other) for other in taken):
                    break
                box.translate(0, self._line + 1)
            taken.append(box)
            self._p.fillRect(box, theme.color("surface"))
            self._p.setFont(theme.font(Text.CAPTION_STRONG))
            self._p.setPen(theme.color(_role(line)))
            self._p.drawText(box, CENTRE, line.name)

    def _end(self, line: Line) -> QPointF | None:
        """Its last point within the picture, or where it crosses the top."""
        last = None
        for point in line.points:
            if point[1] <= self._top:
                last = self._at(point)
                continue
            if last is not None:
                beyond = self._at(point)
                rise = last.y() - beyond.y()
                part = (last.y() - self._plot.top()) / rise if rise > 0 else 0.0
                return QPointF(last.x() + part * (beyond.x() - last.x()), self._plot.top())
            break
        return last

    def _words(self, text: str, place: QPointF, role: Role, *, anchor: float) -> None:
        """On a ground of their own, since lines pass there."""
        self._p.setFont(theme.font(Text.CAPTION_STRONG))
        width = QFontMetrics(self._p.font()).horizontalAdvance(text) + 8
        left = min(max(place.x() - anchor * width, self._plot.left()), self._plot.right() - width)
        box = QRectF(left, place.y() - self._line / 2, width, self._line)
        self._p.fillRect(box, theme.color("surface"))
        self._p.setPen(theme.color(role))
        self._p.drawText(box, CENTRE, text)


def _top(picture: PeoplePicture) -> float:
    """Twice and a half the target, or what a call takes where nobody waits if that is more."""
    first = [line.points[0][1] for line in picture.lines if line.points]
    lowest = max(first, default=1.0)
    top = max(2.5 * (picture.target or 0.0), 1.6 * lowest)
    if picture.target is None:
        top = 5 * lowest
    return top if math.isfinite(top) and top > 0 else 1.0


def _role(line: Line) -> Role:
    return "here" if line.asked else "text_2"


def _asked_first(line: Line) -> bool:
    return not line.asked


def legible(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Without those of which nothing is known."""
    return tuple(line for line in lines if line.points)
