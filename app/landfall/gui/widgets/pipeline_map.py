"""Steps of a workload inside and outside the fence of this machine; edges that leave are marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import icons, theme
from landfall.gui.colours import Role
from landfall.gui.paint import CENTRE, LEFT
from landfall.gui.theme import Radius, Space, Text

_GAP = 30
"""Between two boxes: room for an arrow."""
_WIDEST_BOX = 176
_NARROWEST_BOX = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what it is, which model does it, where.

    Attributes:
        place: In words: "here", "OpenAI, US".
        leaves: Whether its data leave this machine.
        host: Where to, for the tag at the edge; "" where nobody said.
        problem: Whether it cannot run where it is; `place` says why.
    """

    name: str
    model: str
    place: str
    leaves: bool = False
    host: str = ""
    problem: bool = False

    @property
    def spoken(self) -> str:
        """All of it in words."""
        return ", ".join(part for part in (self.name, self.model, self.place) if part)


@dataclass(frozen=True, slots=True)
class _Look:
    """Heights that follow the font."""

    line: int
    tag: int

    @property
    def box(self) -> int:
        return 3 * self.line + 12

    @property
    def outside(self) -> int:
        """The lane above the fence: its boxes, and the tags below them."""
        return self.box + self.tag + 16

    @property
    def inside(self) -> int:
        return self.box + 20


class PipelineMap(QWidget):
    """Above the fence: outside. Below: this machine. What leaves is dashed, red and named.

    Many steps take several rows; a row in which nothing leaves has no lane outside.
    """

    def __init__(self) -> None:
        super().__init__()
        self._steps: tuple[Step, ...] = ()
        self._lock = ""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.repaint_on_change(self)

    def set_steps(self, steps: Sequence[Step], *, lock: str = "") -> None:
        """`lock` names the privacy lock in words, or "" where there is none."""
        self._steps, self._lock = tuple(steps), lock
        leaving = ", ".join(
            self.tr("{0} to {1}").format(step.name, step.host) if step.host else step.name
            for step in steps
            if step.leaves
        )
        said = self.tr("Pipeline. Nothing leaves this machine.")
        if leaving:
            said = self.tr("Pipeline. Leaves this machine: {0}.").format(leaving)
        self.setAccessibleName(said)
        self.setAccessibleDescription(". ".join(step.spoken for step in steps))
        self.updateGeometry()
        self.update()

    # Sizes

    def sizeHint(self) -> QSize:
        return QSize(640, self.heightForWidth(640))

    def minimumSizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        look = _look()
        rows = self._rows(width)
        return sum(self._row_height(row, look) for row in rows) + look.line + Space.M

    def _rows(self, width: int) -> list[tuple[Step, ...]]:
        """As many steps a row as have room, evenly."""
        steps = self._steps
        metrics = QFontMetrics(theme.font(Text.MEDIUM))
        names = (metrics.horizontalAdvance(step.name) + 24 for step in steps)
        slot = max(_NARROWEST_BOX, *names, 0) + _GAP
        most = max(1, int((width - 12) / slot))
        count = max(1, -(-len(steps) // most))
        each = max(1, -(-len(steps) // count))
        return [steps[i : i + each] for i in range(0, len(steps), each)]

    def _row_height(self, row: Sequence[Step], look: _Look) -> int:
        outside = look.outside if any(step.leaves for step in row) else 0
        return outside + look.inside

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._steps:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, rows = _look(), self._rows(self.width())
        leaves = any(step.leaves for step in self._steps)
        top = 0.0
        each = max(len(row) for row in rows)
        before: Step | None = None
        for number, row in enumerate(rows):
            height = self._row_height(row, look)
            area = QRectF(0, top, self.width(), height)
            self._row(p, area, row, each, look, before=before, more=number + 1 < len(rows))
            before, top = row[-1], top + height
        self._caption(p, QRectF(2, top + 4, self.width() - 4, look.line + 4), leaves=leaves)

    def _row(
        self,
        p: QPainter,
        area: QRectF,
        row: Sequence[Step],
        each: int,
        look: _Look,
        *,
        before: Step | None,
        more: bool,
    ) -> None:
        outside = area.height() - look.inside
        fence = QRectF(0.5, area.top() + outside + 3.5, area.width() - 1, look.inside - 7)
        self._fence(p, fence)
        slot = area.width() / each
        lanes = [QRectF(i * slot, area.top(), slot, area.height()) for i in range(len(row))]
        boxes = [
            self._box(lane, look, leaves=step.leaves) for lane, step in zip(lanes, row, strict=True)
        ]
        self._edge_in(p, boxes[0], row[0], fence, before)
        for i in range(len(row) - 1):
            self._edge(p, boxes[i], boxes[i + 1], row[i], row[i + 1])
        if more:
            self._edge_on(p, boxes[-1], row[-1])
        for box, step in zip(boxes, row, strict=True):
            self._paint_box(p, box, step)
            if step.leaves:
                self._tag(p, QPointF(box.center().x(), box.bottom() + 5), step, slot - 6, look)

    def _fence(self, p: QPainter, fence: QRectF) -> None:
        p.setPen(QPen(theme.color("here"), 1.3))
        p.setBrush(theme.color("here_soft"))
        p.drawRoundedRect(fence, Radius.CARD, Radius.CARD)

    def _caption(self, p: QPainter, box: QRectF, *, leaves: bool) -> None:
        """What the fence is, and what stands above it."""
        size = min(box.height(), 16.0)
        mark = QRectF(box.left(), box.center().y() - size / 2, size, size)
        icons.paint(p, "lock" if self._lock else "machine", mark, theme.color("accent"))
        here = self.tr("Inside the frame: your machine and network")
        if self._lock:
            here = self.tr("Inside the frame, privacy lock: {0}").format(self._lock)
        if leaves:
            here = self.tr("{0}. Above it: outside").format(here)
        p.setFont(theme.font(Text.CAPTION_STRONG))
        p.setPen(theme.color("text_2"))
        words = box.adjusted(size + 6, 0, 0, 0)
        elide = Qt.TextElideMode.ElideRight
        p.drawText(words, LEFT, QFontMetrics(p.font()).elidedText(here, elide, int(words.width())))

    def _box(self, lane: QRectF, look: _Look, *, leaves: bool) -> QRectF:
        """The box of a step in its part of a row, above or inside the fence."""
        width = min(lane.width() - _GAP, theme.roomy(_WIDEST_BOX))
        top = lane.top() + 4 if leaves else lane.bottom() - look.inside + 10
        return QRectF(lane.center().x() - width / 2, top, width, look.box)

    def _paint_box(self, p: QPainter, box: QRectF, step: Step) -> None:
        wrong = step.leaves or step.problem
        p.setPen(QPen(theme.color("leave" if wrong else "border_strong"), 1.6 if wrong else 1))
        p.setBrush(theme.color("surface"))
        p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        tone: Role = "danger" if wrong else "text_2"
        lines: tuple[tuple[str, Role, Text], ...] = (
            (step.name, "text", Text.MEDIUM),
            (step.model, "text_2", Text.CAPTION),
            (step.place, tone, Text.CAPTION),
        )
        shown = [one for one in lines if one[0]]
        line = (box.height() - 12) / 3
        top = box.center().y() - line * len(shown) / 2
        for i, (text, role, style) in enumerate(shown):
            p.setFont(theme.font(style))
            p.setPen(theme.color(role))
            where = QRectF(box.left() + 10, top + i * line, box.width() - 16, line)
            elide = Qt.TextElideMode.ElideMiddle
            p.drawText(
                where, LEFT, QFontMetrics(p.font()).elidedText(text, elide, int(where.width()))
            )

    def _edge(self, p: QPainter, a: QRectF, b: QRectF, first: Step, second: Step) -> None:
        start = QPointF(a.right(), a.center().y())
        end = QPointF(b.left(), b.center().y())
        x = (start.x() + end.x()) / 2
        points = [start, QPointF(x, start.y()), QPointF(x, end.y()), end]
        self._arrow(p, points, leaving=second.leaves)

    def _edge_in(
        self, p: QPainter, box: QRectF, step: Step, fence: QRectF, before: Step | None
    ) -> None:
        """Into the first box of a row: from the row above, or out of the fence."""
        x, y = box.left() - _GAP / 2, box.center().y()
        end = QPointF(box.left(), y)
        if before is not None:
            self._arrow(p, [QPointF(max(x - 10, 1), y), end], leaving=step.leaves)
        elif step.leaves:
            self._arrow(p, [QPointF(x, fence.top()), QPointF(x, y), end], leaving=True)

    def _edge_on(self, p: QPainter, box: QRectF, step: Step) -> None:
        """Out of the last box of a row, to be taken up in the next."""
        start = QPointF(box.right(), box.center().y())
        self._arrow(p, [start, start + QPointF(_GAP / 2, 0)], leaving=False)

    def _arrow(self, p: QPainter, points: list[QPointF], *, leaving: bool) -> None:
        tint = theme.color("leave" if leaving else "text_3")
        dash = Qt.PenStyle.DashLine if leaving else Qt.PenStyle.SolidLine
        p.setPen(QPen(tint, 2 if leaving else 1.3, dash))
        p.setBrush(Qt.BrushStyle.NoBrush)
        end = points[-1]
        p.drawPolyline(QPolygonF([*points[:-1], end - QPointF(3, 0)]))
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(tint)
        p.drawPolygon(QPolygonF([end, end + QPointF(-7, -4), end + QPointF(-7, 4)]))

    def _tag(self, p: QPainter, where: QPointF, step: Step, room: float, look: _Look) -> None:
        """The word and the host below a box that is outside."""
        text = self.tr("leaves")
        if step.host:
            text = self.tr("leaves: {0}").format(step.host)
        p.setFont(theme.font(Text.CAPTION_STRONG))
        metrics = QFontMetrics(p.font())
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, int(room - 30))
        width = metrics.horizontalAdvance(text) + 30
        box = QRectF(where.x() - width / 2, where.y(), width, look.tag)
        p.setPen(QPen(theme.color("leave"), 1.3))
        p.setBrush(theme.color("danger_soft" if self._lock else "surface"))
        p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
        mark = QRectF(box.left() + 6, box.center().y() - 6.5, 13, 13)
        icons.paint(p, "export", mark, theme.color("danger"), stroke=1.8)
        p.setPen(theme.color("danger"))
        p.drawText(box.adjusted(22, 0, -4, 0), CENTRE, text)


def _look() -> _Look:
    body = QFontMetrics(theme.font(Text.MEDIUM)).height()
    caption = QFontMetrics(theme.font(Text.CAPTION_STRONG)).height()
    return _Look(line=max(body, caption) + 1, tag=caption + 6)
