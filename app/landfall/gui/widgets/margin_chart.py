"""How far a candidate is from today's model, with its interval, against the allowed loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.format import number
from landfall.gui.paint import CENTRE, LEFT
from landfall.gui.theme import Text
from landfall.gui.widgets.scales import ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One candidate. Points: percentage points, negative is worse than today's model.

    Attributes:
        name: Of the candidate.
        verdict: "Passes", "Fails", "Not decided", "Not measured"; "" where it stands elsewhere.
        words: "−0.4 points (−1.9 to +1.2) on 412 prompts".
        low, middle, high: In points; None where there is no figure at all.
        prior: What is expected before anything was measured: dashed, and never enough to pass.
        passed: Of the gate; None where it is not decided.
    """

    name: str
    verdict: str
    words: str
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    prior: bool = False
    passed: bool | None = None


class MarginChart(QWidget):
    """Two lines a candidate: its name with the verdict, then its interval on the scale."""

    def __init__(self) -> None:
        super().__init__()
        self._intervals: tuple[Interval, ...] = ()
        self._margin = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.repaint_on_change(self)

    def set_intervals(self, intervals: Sequence[Interval], *, margin: float) -> None:
        """Show these; `margin` in points is the largest loss that is allowed."""
        self._intervals, self._margin = tuple(intervals), margin
        lines = ". ".join(
            f"{one.name}: {', '.join(filter(None, (one.verdict, one.words)))}" for one in intervals
        )
        said = self.tr("Quality against today's model, at most {0} points worse. {1}")
        self.setAccessibleName(said.format(number(margin, digits=1), lines))
        self.updateGeometry()
        self.update()

    def _row(self) -> int:
        body = QFontMetrics(theme.font(Text.BODY)).height()
        return 2 * body + QFontMetrics(theme.font(Text.CAPTION)).height() + 24

    def sizeHint(self) -> QSize:
        caption = QFontMetrics(theme.font(Text.CAPTION)).height()
        return QSize(480, self._row() * max(1, len(self._intervals)) + 2 * caption + 14)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, self.sizeHint().height())

    def _ends(self) -> tuple[float, float]:
        values = [v for one in self._intervals for v in (one.low, one.high) if v is not None]
        low = min([*values, -2.5 * self._margin, -3.0])
        high = max([*values, 1.5 * self._margin, 2.0])
        pad = (high - low) * 0.04
        return low - pad, high + pad

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._intervals:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        caption = QFontMetrics(theme.font(Text.CAPTION)).height()
        low, high = self._ends()
        box = QRectF(8, caption + 4, self.width() - 16, self._row() * len(self._intervals))
        self._ground(p, box, low, high)
        for place, one in enumerate(self._intervals):
            top = box.top() + place * self._row()
            self._line(p, QRectF(box.left(), top, box.width(), self._row()), one, low, high)

    def _x(self, box: QRectF, value: float, low: float, high: float) -> float:
        return box.left() + (value - low) / (high - low) * box.width()

    def _ground(self, p: QPainter, box: QRectF, low: float, high: float) -> None:
        """Ticks, the part that is too much worse, its edge, and nothing lost."""
        caption = QFontMetrics(theme.font(Text.CAPTION)).height()
        edge = self._x(box, -self._margin, low, high)
        p.fillRect(QRectF(box.left(), box.top(), edge - box.left(), box.height()),
                   QBrush(theme.color("danger", 60), Qt.BrushStyle.BDiagPattern))  # fmt: skip
        p.setFont(theme.font(Text.CAPTION))
        for value in ticks(low, high, max(3, int(box.width() / 80))):
            x = round(self._x(box, value, low, high)) + 0.5
            p.setPen(QPen(theme.color("text_2" if value == 0 else "grid"), 1))
            p.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom() + 3))
            p.setPen(theme.color("text_3"))
            sign = "+" if value > 0 else ""
            words = f"{sign}{number(value)}"
            p.drawText(QRectF(x - 40, box.bottom() + 4, 80, caption), CENTRE, words)
        p.setPen(QPen(theme.color("danger"), 2))
        p.drawLine(QPointF(edge, box.top() - 2), QPointF(edge, box.bottom()))
        p.setFont(theme.font(Text.CAPTION_STRONG))
        self._above(p, edge, self.tr("allowed: {0} points worse"), "danger", box)

    def _above(self, p: QPainter, x: float, words: str, role: Role, box: QRectF) -> None:
        said = words.format(number(self._margin, digits=0 if self._margin % 1 == 0 else 1))
        metrics = QFontMetrics(p.font())
        width = metrics.horizontalAdvance(said) + 4
        left = min(max(x - width / 2, box.left()), box.right() - width)
        p.setPen(theme.color(role))
        p.drawText(QRectF(left, 0, width, metrics.height()), CENTRE, said)

    def _line(self, p: QPainter, box: QRectF, one: Interval, low: float, high: float) -> None:
        body = QFontMetrics(theme.font(Text.BODY)).height()
        head = QRectF(box.left(), box.top() + 4, box.width(), body)
        name_width = self._said(p, head, one.name, Text.MEDIUM, "text")
        head = head.adjusted(name_width + 12, 0, 0, 0)
        tone: Role = "text_2"
        if one.passed is not None:
            tone = "good" if one.passed else "danger"
        self._said(p, head, one.verdict, Text.STRONG, tone)
        caption = QFontMetrics(theme.font(Text.CAPTION)).height()
        under = QRectF(box.left(), head.bottom() + 1, box.width(), caption)
        self._said(p, under, one.words, Text.CAPTION, "text_2")
        y = under.bottom() + 6 + body / 2
        if one.low is None or one.middle is None or one.high is None:
            return
        ends = [self._x(box, value, low, high) for value in (one.low, one.middle, one.high)]
        style = Qt.PenStyle.DashLine if one.prior else Qt.PenStyle.SolidLine
        role: Role = "text_3" if one.prior else "text"
        p.setPen(QPen(theme.color("surface"), 6))
        p.drawLine(QPointF(ends[0], y), QPointF(ends[2], y))
        p.setPen(QPen(theme.color(role), 2, style))
        p.drawLine(QPointF(ends[0], y), QPointF(ends[2], y))
        p.setPen(QPen(theme.color(role), 2))
        for x in (ends[0], ends[2]):
            p.drawLine(QPointF(x, y - 6), QPointF(x, y + 6))
        p.setBrush(theme.color("surface" if one.prior else role))
        p.drawEllipse(QPointF(ends[1], y), 5, 5)

    def _said(self, p: QPainter, box: QRectF, words: str, style: Text, role: Role) -> float:
        """Words on a ground of their own; returns how wide they are."""
        p.setFont(theme.font(style))
        metrics = QFontMetrics(p.font())
        room = max(0, int(box.width()))
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(shown)
        p.fillRect(QRectF(box.left() - 2, box.top(), width + 4, box.height()),
                   theme.color("surface"))  # fmt: skip
        p.setPen(theme.color(role))
        p.drawText(QRectF(box.left(), box.top(), width + 2, box.height()), LEFT, shown)
        return float(width)
