"""A month's bill as a bar by place, and the legend of the places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from landfall.gui import paint, theme
from landfall.gui.colours import Role
from landfall.gui.format import money
from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.theme import Radius, Text
from landfall.gui.widgets.verdict_chip import place, verdict_word


@dataclass(frozen=True, slots=True)
class BillPart:
    """What one place costs a month; `other` is the second place of a split."""

    name: str
    role: Role
    usd: float
    other: Role | None = None


def bill_parts(costs: Sequence[tuple[str, float]]) -> list[BillPart]:
    """What each verdict, by its name, costs a month; a split shows both of its places."""
    return [
        BillPart(verdict_word(name), place(name).role, usd, "hosted" if name == "HYBRID" else None)
        for name, usd in costs
    ]


class BillBar(QWidget):
    """The bill by place to a common scale; the range of an estimated total is a whisker."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._total = name, ""
        self._parts: tuple[BillPart, ...] = ()
        self._scale_to = 1.0
        self._band: tuple[float, float] | None = None
        theme.theme().changed.connect(self._resize)
        self._resize()

    def set_bill(
        self,
        parts: Sequence[BillPart],
        total: str,
        *,
        scale_to: float,
        band: tuple[float, float] | None = None,
    ) -> None:
        """`total` as it is shown; `scale_to` is the sum that fills the width, in USD."""
        self._parts, self._total = tuple(parts), total
        self._scale_to, self._band = max(scale_to, 1e-9), band
        said = ", ".join(f"{part.name} {money(part.usd)}" for part in self._parts)
        self.setAccessibleName(f"{self._name}: {total}; {said}")
        self._resize()

    @Slot()
    def _resize(self) -> None:
        self._line = max(18, QFontMetrics(theme.font(Text.STRONG)).height() + 2)
        self.setFixedHeight(self._line + (29 if self._band else 20))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setFont(theme.font(Text.BODY))
        p.setPen(theme.color("text_2"))
        p.drawText(QRectF(0, 0, self.width(), self._line), LEFT, self._name)
        p.setFont(theme.font(Text.STRONG))
        p.setPen(theme.color("text"))
        p.drawText(QRectF(0, 0, self.width(), self._line), RIGHT, self._total)
        self._bar(p, self.width() / self._scale_to, self._line + 4)

    def _bar(self, p: QPainter, scale: float, top: float) -> None:
        total = sum(part.usd for part in self._parts) * scale
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(0, top, total, 14), Radius.BAR, Radius.BAR)
        p.save()
        p.setClipPath(clip)
        x = 0.0
        for part in self._parts:
            width = max(part.usd * scale - 1.5, 2)
            p.fillRect(QRectF(x, top, width, 14), theme.color(part.role))
            if part.other is not None:
                # A split shows its two places one above the other: how much each costs is not said.
                p.fillRect(QRectF(x, top + 7, width, 7), theme.color(part.other))
            x += part.usd * scale
        p.restore()
        if self._band:
            low, high = (value * scale for value in self._band)
            p.setPen(QPen(theme.color("text_2"), 1.3))
            p.drawLine(QPointF(low, top + 20), QPointF(high, top + 20))
            for edge in (low, high):
                p.drawLine(QPointF(edge, top + 17), QPointF(edge, top + 23))


class PlaceKey(QWidget):
    """Legend of places: swatch, word, amount."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[BillPart, ...] = ()
        theme.theme().changed.connect(self._resize)

    def set_parts(self, parts: Sequence[BillPart]) -> None:
        """Name these places."""
        self._parts = tuple(parts)
        self.setAccessibleName(", ".join(f"{part.name} {money(part.usd)}" for part in parts))
        self._resize()

    @Slot()
    def _resize(self) -> None:
        self._line = max(20, QFontMetrics(theme.font(Text.CAPTION)).height() + 4)
        self.setFixedHeight(self._line * len(self._parts))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setFont(theme.font(Text.CAPTION))
        for i, part in enumerate(self._parts):
            line = QRectF(0, i * self._line, self.width(), self._line)
            side = theme.roomy(10)
            swatch = QRectF(0, line.center().y() - side / 2, side, side)
            paint.fill_round(p, swatch, 2, theme.color(part.role))
            if part.other is not None:
                half = swatch.adjusted(0, swatch.height() / 2, 0, 0)
                paint.fill_round(p, half, 2, theme.color(part.other))
            p.setPen(theme.color("text_2"))
            p.drawText(line.adjusted(8 + side, 0, 0, 0), LEFT, part.name)
            p.setPen(theme.color("text"))
            p.drawText(line, RIGHT, money(part.usd))
