"""How much of one whole is taken, by whom: a machine's busiest hour, its memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from landfall.gui import paint, theme
from landfall.gui.format import percent
from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.theme import Radius, Text

_BAR = 8
_GAP = 1.5


@dataclass(frozen=True, slots=True)
class SharePart:
    """What one takes of the whole, 1 for all of it."""

    name: str
    share: float


class ShareBar(QWidget):
    """A name and a percentage above a bar on a track that is the whole; gaps part its takers."""

    def __init__(self) -> None:
        super().__init__()
        self._name, self._total = "", ""
        self._parts: tuple[SharePart, ...] = ()
        theme.theme().changed.connect(self._resize)
        self._resize()

    def set_parts(self, name: str, total: float, parts: Sequence[SharePart]) -> None:
        """`total` is the sum that is written; above 1 the bar ends where its track does."""
        self._name, self._total, self._parts = name, percent(total), tuple(parts)
        said = ", ".join(f"{part.name} {percent(part.share)}" for part in parts)
        self.setAccessibleName(f"{name}: {self._total}" + (f"; {said}" if said else ""))
        self._resize()

    @Slot()
    def _resize(self) -> None:
        self._line = QFontMetrics(theme.font(Text.CAPTION)).height() + 2
        self.setFixedHeight(self._line + _BAR + 4)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = QRectF(0, 0, self.width(), self._line)
        p.setFont(theme.font(Text.CAPTION))
        p.setPen(theme.color("text_2"))
        p.drawText(words, LEFT, self._name)
        p.setFont(theme.font(Text.CAPTION_STRONG))
        p.setPen(theme.color("text"))
        p.drawText(words, RIGHT, self._total)
        track = QRectF(0, self._line + 2, self.width(), _BAR)
        inside, edge = theme.color("sunken"), theme.color("border_strong")
        paint.surface(p, track, Radius.BAR, inside=inside, edge=edge)
        clip = QPainterPath()
        clip.addRoundedRect(track, Radius.BAR, Radius.BAR)
        p.setClipPath(clip)
        x = 0.0
        for part in self._parts:
            width = part.share * track.width()
            p.fillRect(QRectF(x, track.top(), max(width - _GAP, 1), _BAR), theme.color("here"))
            x += width
