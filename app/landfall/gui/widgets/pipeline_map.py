"""Steps of a workload inside and outside the fence of this machine; edges that leave are marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from landfall.gui import icons, theme
from landfall.gui.paint import LEFT
from landfall.gui.theme import Radius, Role, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what it is, which model does it, where.

    Attributes:
        place: In words: "here", "OpenAI, US".
        leaves: Whether its data leave this machine.
        problem: Whether it cannot run where it is; `place` says why.
    """

    name: str
    model: str
    place: str
    leaves: bool = False
    problem: bool = False


class PipelineMap(QWidget):
    """Upper band: outside. Lower band: this machine. A leaving edge is dashed, red and named."""

    BOX_H = 58

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[Step, ...] = ()
        self._lock = ""
        self.setFixedHeight(232)
        self.setMinimumWidth(420)
        theme.repaint_on_change(self)

    def set_steps(self, steps: Sequence[Step], *, lock: str = "") -> None:
        """`lock` names the privacy lock in words, or "" where there is none."""
        self._steps, self._lock = tuple(steps), lock
        leaving = ", ".join(step.name for step in steps if step.leaves)
        said = self.tr("Pipeline. Nothing leaves this machine.")
        if leaving:
            said = self.tr("Pipeline. Leaves this machine: {0}.").format(leaving)
        self.setAccessibleName(said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._fence(p)
        boxes = [self._box(i, step) for i, step in enumerate(self._steps)]
        for (a, b), (first, second) in zip(pairwise(boxes), pairwise(self._steps), strict=True):
            self._edge(p, a, b, a_out=first.leaves, b_out=second.leaves)
        for box, step in zip(boxes, self._steps, strict=True):
            self._paint_box(p, box, step)

    def _fence(self, p: QPainter) -> None:
        p.setPen(QPen(theme.color("here"), 1.3))
        p.setBrush(theme.color("here_soft"))
        p.drawRoundedRect(QRectF(0.5, 108.5, self.width() - 1, 123), Radius.CARD, Radius.CARD)
        p.setFont(theme.font(Text.CAPTION_STRONG))
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(12, 0, 400, 18), LEFT, self.tr("Outside"))
        mark = QRectF(12, 207, 15, 15)
        icons.paint(p, "lock" if self._lock else "machine", mark, theme.color("accent"))
        here = self.tr("This machine")
        if self._lock:
            here = self.tr("This machine, privacy lock: {0}").format(self._lock)
        p.drawText(QRectF(33, 205, self.width() - 45, 20), LEFT, here)

    def _box(self, i: int, step: Step) -> QRectF:
        slot = self.width() / len(self._steps)
        width = min(slot - 26, 150)
        top = 22 if step.leaves else 128
        return QRectF(i * slot + (slot - width) / 2, top, width, self.BOX_H)

    def _paint_box(self, p: QPainter, box: QRectF, step: Step) -> None:
        wrong = step.leaves or step.problem
        p.setPen(QPen(theme.color("leave" if wrong else "border_strong"), 1.6 if wrong else 1))
        p.setBrush(theme.color("surface"))
        p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        tone: Role = "danger" if wrong else "text_3"
        line = box.height() / 3 - 2
        lines: tuple[tuple[str, Role, Text], ...] = (
            (step.name, "text", Text.MEDIUM),
            (step.model, "text_2", Text.CAPTION),
            (step.place, tone, Text.CAPTION),
        )
        for i, (text, role, style) in enumerate(one for one in lines if one[0]):
            p.setFont(theme.font(style))
            p.setPen(theme.color(role))
            where = QRectF(box.left() + 10, box.top() + 4 + i * line, box.width() - 16, line)
            elide = Qt.TextElideMode.ElideMiddle
            shown = QFontMetrics(p.font()).elidedText(text, elide, int(where.width()))
            p.drawText(where, LEFT, shown)

    def _edge(self, p: QPainter, a: QRectF, b: QRectF, *, a_out: bool, b_out: bool) -> None:
        leaving = b_out and not a_out
        tint = theme.color("leave" if leaving else "text_3")
        dash = Qt.PenStyle.DashLine if leaving else Qt.PenStyle.SolidLine
        p.setPen(QPen(tint, 2 if leaving else 1.3, dash))
        p.setBrush(Qt.BrushStyle.NoBrush)
        start = QPointF(a.right(), a.center().y())
        end = QPointF(b.left() - 2, b.center().y())
        if a_out == b_out:
            p.drawLine(start, end)
        else:
            x = (start.x() + end.x()) / 2
            p.drawPolyline(QPolygonF([start, QPointF(x, start.y()), QPointF(x, end.y()), end]))
            if leaving:
                self._tag(p, QPointF(x, 95), self.tr("leaves"))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(tint)
        head = [end + QPointF(2, 0), end + QPointF(-6, -4), end + QPointF(-6, 4)]
        p.drawPolygon(QPolygonF(head))

    def _tag(self, p: QPainter, centre: QPointF, text: str) -> None:
        p.save()
        p.setFont(theme.font(Text.CAPTION_STRONG))
        width = QFontMetrics(p.font()).horizontalAdvance(text) + 30
        box = QRectF(centre.x() - width / 2, centre.y() - 10, width, 20)
        p.setPen(QPen(theme.color("leave"), 1.3))
        p.setBrush(theme.color("danger_soft"))
        p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        mark = QRectF(box.left() + 6, box.center().y() - 6.5, 13, 13)
        icons.paint(p, "export", mark, theme.color("danger"), stroke=1.8)
        p.setPen(theme.color("danger"))
        p.drawText(box.adjusted(22, 0, 0, 0), LEFT, text)
        p.restore()
