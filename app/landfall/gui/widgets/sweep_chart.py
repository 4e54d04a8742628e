"""How a model serves several at once: output of all together, and the wait for the first token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.benchmark.benchmark import Level, Sweep
from landfall.gui import paint, theme
from landfall.gui.format import duration, number, plain
from landfall.gui.paint import CENTRE, LEFT
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.units import Unit
from landfall.gui.widgets.scales import ticks

_BAR_MAX = 46.0
_BESIDE_FROM = 560
"""Width from which both panels stand beside each other."""


@dataclass(frozen=True, slots=True)
class _Panel:
    """One question: its heading, the value of a level, and how a value is written."""

    title: str
    value: Callable[[Level], float | None]
    written: Callable[[float], str]
    limit: float | None = None
    limit_text: str = ""


class SweepChart(QWidget):
    """Bars over the number of answers at once. A wait beyond the target is hatched, and the target
    is a dashed line with its name; what is not known is the word."""

    def __init__(self, sweep: Sweep | None = None) -> None:
        super().__init__()
        self._sweep = sweep
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.repaint_on_change(self)
        if sweep is not None:
            self.show_sweep(sweep)

    def show_sweep(self, sweep: Sweep) -> None:
        """Show these levels."""
        self._sweep = sweep
        levels = ". ".join(self._said(level) for level in sweep.levels)
        self.setAccessibleName(self.tr("Several answers at once. {0}").format(levels))
        self.setAccessibleDescription(self._limit_text(sweep))
        self.update()

    def _said(self, level: Level) -> str:
        unknown = self.tr("unknown")
        rate, wait = level.throughput_tok_s, level.ttft_p95_seconds
        words = self.tr("{0} at once: {1} together, first token within {2} for 95 of 100")
        said = words.format(
            level.concurrency,
            unknown if rate is None else plain(rate, Unit.TOKENS_PER_SECOND),
            unknown if wait is None else duration(wait),
        )
        return f"{said}, {self._failed(level)}" if level.failed else said

    def _failed(self, level: Level) -> str:
        return self.tr("{0} broke off").format(level.failed)

    def _limit_text(self, sweep: Sweep) -> str:
        return self.tr("target {0}").format(duration(sweep.ttft_target_seconds))

    def sizeHint(self) -> QSize:
        return QSize(480, self._panel_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.heightForWidth(320))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        height = self._panel_height()
        return height if width >= theme.roomy(_BESIDE_FROM) else 2 * height + Space.L

    def _panel_height(self) -> int:
        return 130 + 3 * QFontMetrics(theme.font(Text.CAPTION)).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        sweep = self._sweep
        if sweep is None or not sweep.levels:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        panels = (
            _Panel(
                self.tr("Output of all together, tok/s"),
                _throughput,
                _rate_text,
            ),
            _Panel(
                self.tr("First token, 95 of 100 within"),
                _wait,
                duration,
                sweep.ttft_target_seconds,
                self._limit_text(sweep),
            ),
        )
        for box, panel in zip(self._boxes(), panels, strict=True):
            self._panel(p, box, panel, sweep.levels)

    def _boxes(self) -> tuple[QRectF, QRectF]:
        width, height = float(self.width()), float(self._panel_height())
        if self.width() >= theme.roomy(_BESIDE_FROM):
            half = (width - Space.XL) / 2
            return QRectF(0, 0, half, height), QRectF(half + Space.XL, 0, half, height)
        return QRectF(0, 0, width, height), QRectF(0, height + Space.L, width, height)

    def _panel(self, p: QPainter, box: QRectF, panel: _Panel, levels: Sequence[Level]) -> None:
        line = QFontMetrics(theme.font(Text.CAPTION)).height()
        p.setFont(theme.font(Text.CAPTION_STRONG))
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(box.left(), box.top(), box.width(), line), LEFT, panel.title)
        area = QRectF(box).adjusted(0, 2.4 * line, 0, -2.2 * line)
        known = [value for level in levels if (value := panel.value(level)) is not None]
        top = max([*known, panel.limit or 0.0], default=0.0) * 1.06 or 1.0
        self._grid(p, area, top)
        step = area.width() / len(levels)
        slots = [
            QRectF(area.left() + i * step, area.top(), step, area.height())
            for i in range(len(levels))
        ]
        tops = [
            self._bar(p, slot, panel, panel.value(level), top)
            for slot, level in zip(slots, levels, strict=True)
        ]
        if panel.limit is not None:
            self._limit(p, area, panel, area.bottom() - panel.limit / top * area.height())
        for slot, level, y in zip(slots, levels, tops, strict=True):
            self._amount(p, slot.center().x(), y, panel, level)
            self._name(p, slot, level, line)
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_3"))
        below = QRectF(box.left(), box.bottom() - line, box.width(), line)
        p.drawText(below, CENTRE, self.tr("answers at once"))

    def _grid(self, p: QPainter, area: QRectF, top: float) -> None:
        for value in ticks(0.0, top, 3):
            y = round(area.bottom() - value / top * area.height()) + 0.5
            p.setPen(QPen(theme.color("border_strong" if value == 0 else "grid"), 1))
            p.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _bar(
        self, p: QPainter, slot: QRectF, panel: _Panel, value: float | None, top: float
    ) -> float:
        """The bar of a level; where it ends above."""
        if value is None:
            return slot.bottom()
        height = max(2.0, value / top * slot.height())
        width = min(_BAR_MAX, slot.width() * 0.6)
        bar = QRectF(slot.center().x() - width / 2, slot.bottom() - height, width, height)
        self._fill(p, bar, late=panel.limit is not None and value > panel.limit)
        return bar.top()

    def _amount(self, p: QPainter, x: float, y: float, panel: _Panel, level: Level) -> None:
        """The value above its bar, on a ground of its own: the target's line may pass there."""
        value = panel.value(level)
        words = self.tr("unknown") if value is None else panel.written(value)
        p.setFont(theme.font(Text.CAPTION if value is None else Text.CAPTION_STRONG))
        metrics = QFontMetrics(p.font())
        width, height = metrics.horizontalAdvance(words) + 6, metrics.height()
        ground = QRectF(x - width / 2, y - height - 2, width, height)
        p.fillRect(ground, theme.color("surface"))
        p.setPen(theme.color("text_3" if value is None else "text"))
        p.drawText(ground, CENTRE, words)

    def _fill(self, p: QPainter, bar: QRectF, *, late: bool) -> None:
        if not late:
            paint.fill_round(p, bar, Radius.BAR - 1, theme.color("here"))
            return
        p.fillRect(bar, theme.color("sunken"))
        p.fillRect(bar, QBrush(theme.color("here"), Qt.BrushStyle.BDiagPattern))
        paint.edge_round(p, bar, Radius.BAR - 1, theme.color("here"))

    def _name(self, p: QPainter, slot: QRectF, level: Level, line: int) -> None:
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_2"))
        words = number(level.concurrency)
        if level.failed:
            words = f"{words} ({self._failed(level)})"
        elide = Qt.TextElideMode.ElideRight
        words = QFontMetrics(p.font()).elidedText(words, elide, int(slot.width()))
        p.drawText(QRectF(slot.left(), slot.bottom() + 3, slot.width(), line), CENTRE, words)

    def _limit(self, p: QPainter, area: QRectF, panel: _Panel, y: float) -> None:
        p.setPen(QPen(theme.color("text"), 1, Qt.PenStyle.DashLine))
        p.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        p.setFont(theme.font(Text.CAPTION_STRONG))
        metrics = QFontMetrics(p.font())
        width = metrics.horizontalAdvance(panel.limit_text) + 8
        ground = QRectF(area.left(), y - metrics.height() - 1, width, metrics.height())
        p.fillRect(ground, theme.color("surface"))
        p.drawText(ground, CENTRE, panel.limit_text)


def _throughput(level: Level) -> float | None:
    return level.throughput_tok_s


def _wait(level: Level) -> float | None:
    return level.ttft_p95_seconds


def _rate_text(value: float) -> str:
    return number(value, digits=0 if value >= 99.95 else 1)
