"""Throughput and power here against throughput and price there: two panels, one scale of speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import paint, theme
from landfall.gui.colours import Role
from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.theme import Radius, Space, Text

_BESIDE_FROM = 720
"""Width from which both panels stand beside each other."""
_SPEED_BAR = 12.0
_COST_BAR = 6.0
_VALUE_SHARE = 0.34
"""Of a panel's width that the words beside its bars may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A model on one side.

    Attributes:
        name: Of the model. note: who serves it, how long the first token takes.
        speed: Tokens/s, None where it is not known; `speed_words` say it.
        slow: What 95 of 100 calls reach, marked on the bar; None where there is no such figure.
        cost: Watts here, USD per million tokens there; None where it is not known.
    """

    name: str
    note: str
    speed: float | None
    speed_words: str
    slow: float | None = None
    cost: float | None
    cost_words: str

    @property
    def spoken(self) -> str:
        """The whole line in words."""
        parts = (self.name, self.note, self.speed_words, self.cost_words)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Panel:
    title: str
    empty: str
    role: Role
    lines: tuple[Line, ...]


class HereThereChart(QWidget):
    """A thick bar for the speed, a thin one below for what it costs: watts, or a price.

    Both panels share the scale of speed, so that their thick bars can be compared; each has its own
    for the thin ones. What is not known is the word, and no bar.
    """

    def __init__(self) -> None:
        super().__init__()
        self._here: tuple[Line, ...] = ()
        self._there: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.repaint_on_change(self)
        self._name_it()

    def show_lines(self, here: Sequence[Line], there: Sequence[Line]) -> None:
        """Show these models, in their order."""
        self._here, self._there = tuple(here), tuple(there)
        self._name_it()
        self.updateGeometry()
        self.update()

    def _name_it(self) -> None:
        nothing = self.tr("nothing measured")
        said = [
            self.tr("{0}: {1}").format(
                panel.title, ". ".join(line.spoken for line in panel.lines) or nothing
            )
            for panel in self._panels()
        ]
        self.setAccessibleName(self.tr("Here against there. {0}").format(". ".join(said)))

    def _panels(self) -> tuple[_Panel, _Panel]:
        return (
            _Panel(
                self.tr("Here: speed and power"),
                self.tr("No answer was measured on this machine yet."),
                "here",
                self._here,
            ),
            _Panel(
                self.tr("There: speed and price"),
                self.tr("No provider was measured yet."),
                "hosted",
                self._there,
            ),
        )

    # Sizes

    def sizeHint(self) -> QSize:
        return QSize(720, self.heightForWidth(720))

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(320))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        heights = [self._panel_height(panel) for panel in self._panels()]
        return max(heights) if width >= theme.roomy(_BESIDE_FROM) else sum(heights) + Space.L

    def _panel_height(self, panel: _Panel) -> int:
        head = QFontMetrics(theme.font(Text.CAPTION_STRONG)).height() + Space.S
        return head + max(1, len(panel.lines)) * self._line_height()

    def _line_height(self) -> int:
        body = QFontMetrics(theme.font(Text.BODY)).height()
        caption = QFontMetrics(theme.font(Text.CAPTION)).height()
        return body + 2 * caption + 14

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        panels = self._panels()
        speeds = [line.speed for panel in panels for line in panel.lines if line.speed is not None]
        top = max(speeds, default=1.0) or 1.0
        for box, panel in zip(self._boxes(panels), panels, strict=True):
            self._panel(p, box, panel, top)

    def _boxes(self, panels: tuple[_Panel, _Panel]) -> tuple[QRectF, QRectF]:
        width, height = float(self.width()), float(self.height())
        if self.width() >= theme.roomy(_BESIDE_FROM):
            half = (width - Space.XL) / 2
            return QRectF(0, 0, half, height), QRectF(half + Space.XL, 0, half, height)
        first = float(self._panel_height(panels[0]))
        return QRectF(0, 0, width, first), QRectF(0, first + Space.L, width, height - first)

    def _panel(self, p: QPainter, box: QRectF, panel: _Panel, top: float) -> None:
        head = QFontMetrics(theme.font(Text.CAPTION_STRONG)).height()
        p.setFont(theme.font(Text.CAPTION_STRONG))
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(box.left(), box.top(), box.width(), head), LEFT, panel.title)
        y = box.top() + head + Space.S
        if not panel.lines:
            p.setFont(theme.font(Text.BODY))
            p.setPen(theme.color("text_3"))
            place = QRectF(box.left(), y, box.width(), self._line_height())
            p.drawText(place, LEFT, panel.empty)
            return
        costs = [line.cost for line in panel.lines if line.cost is not None]
        most = max(costs, default=1.0) or 1.0
        for line in panel.lines:
            place = QRectF(box.left(), y, box.width(), self._line_height())
            self._line(p, place, line, panel.role, speed=top, cost=most)
            y += self._line_height()

    def _line(
        self, p: QPainter, box: QRectF, line: Line, role: Role, *, speed: float, cost: float
    ) -> None:
        """Name and note, then both bars with their words."""
        body = QFontMetrics(theme.font(Text.BODY)).height()
        self._names(p, QRectF(box.left(), box.top(), box.width(), body), line)
        caption = QFontMetrics(theme.font(Text.CAPTION)).height()
        words = box.width() * _VALUE_SHARE
        room = box.width() - words - Space.S
        y = box.top() + body + 2
        bars = QRectF(box.left(), y, room, caption)
        self._bar(p, bars, line.speed, speed, height=_SPEED_BAR, role=role)
        if line.slow is not None and line.speed:
            self._slow_mark(p, bars, line.slow / speed)
        place = QRectF(bars.right() + Space.S, y, words, caption)
        self._words(p, place, line.speed_words, strong=line.speed is not None)
        below = bars.translated(0, caption + 1)
        self._bar(p, below, line.cost, cost, height=_COST_BAR, role="text_3")
        place = place.translated(0, caption + 1)
        self._words(p, place, line.cost_words, strong=line.cost is not None)

    def _names(self, p: QPainter, box: QRectF, line: Line) -> None:
        p.setFont(theme.font(Text.CAPTION))
        metrics = QFontMetrics(p.font())
        note = min(float(metrics.horizontalAdvance(line.note)) + 2, box.width() * 0.6)
        p.setPen(theme.color("text_3"))
        elide = Qt.TextElideMode.ElideRight
        p.drawText(box, RIGHT, metrics.elidedText(line.note, elide, int(note)))
        p.setFont(theme.font(Text.BODY))
        p.setPen(theme.color("text"))
        room = int(box.width() - note - Space.M)
        p.drawText(box, LEFT, QFontMetrics(p.font()).elidedText(line.name, elide, room))

    def _bar(
        self,
        p: QPainter,
        box: QRectF,
        value: float | None,
        most: float,
        *,
        height: float,
        role: Role,
    ) -> None:
        """From the left on its track; where the value is not known, the track alone, hatched."""
        track = QRectF(box.left(), box.center().y() - height / 2, box.width(), height)
        paint.fill_round(p, track, height / 4, theme.color("sunken"))
        if value is None:
            p.fillRect(track, QBrush(theme.color("border"), Qt.BrushStyle.BDiagPattern))
            return
        bar = QRectF(track)
        bar.setWidth(max(2.0, value / most * track.width()))
        paint.fill_round(p, bar, min(height / 4, Radius.BAR), theme.color(role))

    def _slow_mark(self, p: QPainter, box: QRectF, share: float) -> None:
        """A line through the bar where 95 of 100 calls are at least."""
        x = box.left() + max(0.0, min(share, 1.0)) * box.width()
        half = _SPEED_BAR / 2 + 2
        p.setPen(QPen(theme.color("text"), 2))
        p.drawLine(QPointF(x, box.center().y() - half), QPointF(x, box.center().y() + half))

    def _words(self, p: QPainter, box: QRectF, words: str, *, strong: bool) -> None:
        p.setFont(theme.font(Text.CAPTION_STRONG if strong else Text.CAPTION))
        p.setPen(theme.color("text" if strong else "text_3"))
        metrics = QFontMetrics(p.font())
        p.drawText(
            box, LEFT, metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(box.width()))
        )
