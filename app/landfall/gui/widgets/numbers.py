"""A number with its birth certificate: five marks that differ in shape, not in colour.

Measured: disc. Estimated: error bar, `~` and band. Published: page and date. Stated by the user:
pencil stroke. Unknown: dotted ring and the word.
"""

from __future__ import annotations

import math
from enum import Enum

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.format import Origin, Shown, origin_word
from landfall.gui.paint import LEFT, RIGHT
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.layout import label, row

GUTTER = 20
"""At the right of a figure, for its mark, so that digits line up; at the usual size of text."""
_MARK = 16
"""Side of a mark that stands alone, at the usual size of text."""


def paint_origin(p: QPainter, centre: QPointF, origin: Origin, *, stale: bool = False) -> None:
    """The mark, 12 px wide at the usual size of text."""
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(centre)
    p.scale(theme.times(), theme.times())
    centre, x, y = QPointF(), 0.0, 0.0
    p.setPen(QPen(theme.color("caution" if stale else "text_2"), 1.3))
    p.setBrush(Qt.BrushStyle.NoBrush)
    match origin:
        case Origin.MEASURED:
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(theme.color("accent"))
            p.drawEllipse(centre, 3.6, 3.6)
        case Origin.ESTIMATED:
            p.drawLine(QPointF(x - 5, y), QPointF(x + 5, y))
            for end in (x - 5, x + 5):
                p.drawLine(QPointF(end, y - 3), QPointF(end, y + 3))
        case Origin.PUBLISHED:
            p.drawRoundedRect(QRectF(x - 3.8, y - 4.8, 7.6, 9.6), 1, 1)
            for line in (y - 1.2, y + 1.6):
                p.drawLine(QPointF(x - 1.6, line), QPointF(x + 1.6, line))
        case Origin.STATED:
            p.drawLine(QPointF(x - 3, y + 1.5), QPointF(x + 2.5, y - 4))
            p.drawLine(QPointF(x - 4.5, y + 4.2), QPointF(x + 4.5, y + 4.2))
        case Origin.UNKNOWN:
            p.setPen(QPen(theme.color("text_3"), 1.3, Qt.PenStyle.DotLine))
            p.drawEllipse(centre, 3.6, 3.6)
    p.restore()


_LEAST_SHARE = 0.6
"""Of its size: what is still too long then loses its unit, and its end after that."""


def paint_shown(p: QPainter, rect: QRectF, shown: Shown) -> None:
    """Table cell: value and unit flush right, the mark in its gutter, band or date below.

    In a narrow cell it is written smaller, then loses its unit, then the end of its value. Flush
    right, it would be the first digits that are cut, and what is left of 33.3 would read as 3.3.
    """
    top = QRectF(rect).adjusted(0, 0, -theme.grown(GUTTER), 0)
    if shown.detail:
        top = QRectF(rect.left(), rect.top() + 3, top.width(), rect.height() / 2 + 1)
    elide = Qt.TextElideMode.ElideRight
    unknown = shown.origin is Origin.UNKNOWN
    unit_font = theme.font(Text.CAPTION)
    unit_width = QFontMetrics(unit_font).horizontalAdvance(shown.unit) + 4 if shown.unit else 0
    value_font = theme.font(Text.STRONG if shown.origin is Origin.MEASURED else Text.BODY)
    small = _share(value_font, shown.value, top.width(), beside=unit_width)
    p.setFont(_scaled(value_font, small))
    p.setPen(theme.color("text_3" if unknown else "text"))
    metrics = QFontMetrics(p.font())
    small_unit = unit_width * small
    if metrics.horizontalAdvance(shown.value) + small_unit > top.width():
        small_unit = 0.0
    value = metrics.elidedText(shown.value, elide, int(top.width()))
    p.drawText(top.adjusted(0, 0, -small_unit, 0), RIGHT, value)
    if small_unit:
        p.setFont(_scaled(unit_font, small))
        p.setPen(theme.color("text_2"))
        p.drawText(top, RIGHT, shown.unit)
    mark = QPointF(rect.right() - theme.roomy(7), top.center().y())
    paint_origin(p, mark, shown.origin, stale=shown.stale)
    if shown.detail:
        below = QRectF(rect.left(), rect.center().y() - 1, top.width(), rect.height() / 2 - 3)
        p.setFont(small_enough(theme.font(Text.CAPTION), shown.detail, below.width()))
        p.setPen(theme.color("caution" if shown.stale else "text_3"))
        detail = QFontMetrics(p.font()).elidedText(shown.detail, elide, int(below.width()))
        p.drawText(below, RIGHT, detail)


def small_enough(font: QFont, text: str, room: float) -> QFont:
    """The font, or a smaller one in which a number has room: it is never cut while it reads."""
    return _scaled(font, _share(font, text, room))


def _share(font: QFont, text: str, room: float, *, beside: float = 0.0) -> float:
    """How much of its size a text keeps to have room, with something of this width beside it."""
    share = 1.0
    while share > _LEAST_SHARE:
        asked = QFontMetricsF(_scaled(font, share)).horizontalAdvance(text) + share * beside
        if asked + 1 <= room:
            return share
        # Letters do not shrink evenly: what is reckoned at once comes out a hair too wide.
        share -= 0.02
    return _LEAST_SHARE


def _scaled(font: QFont, share: float) -> QFont:
    if share >= 1.0:
        return font
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * share)
    return smaller


class OriginMark(QWidget):
    """The mark alone, for headings, sentences and legends."""

    def __init__(self, origin: Origin, *, stale: bool = False) -> None:
        super().__init__()
        theme.theme().changed.connect(self._fit)
        self._fit()
        self.set_origin(origin, stale=stale)

    @Slot()
    def _fit(self) -> None:
        side = theme.grown(_MARK)
        self.setFixedSize(side, side)
        self.update()

    def set_origin(self, origin: Origin, *, stale: bool = False) -> None:
        """Show another origin."""
        self._origin, self._stale = origin, stale
        self.setAccessibleName(origin_word(origin))
        self.setToolTip(origin_word(origin))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        centre = QRectF(self.rect()).center() + QPointF(0, 0.5)
        paint_origin(QPainter(self), centre, self._origin, stale=self._stale)


class FigureLabel(QWidget):
    """Meter: caption above, value with unit, mark, band or date below.

    Painted as one widget: eight answers side by side show fifty of them, each second anew.
    """

    GAP = 5
    """Between value, unit and mark, in pixels."""

    def __init__(
        self, caption: str, shown: Shown, *, style: Text = Text.TITLE, keeps_detail: bool = False
    ) -> None:
        """Make it.

        Args:
            keeps_detail: The line below has its room also while nothing stands in it, so that what
                is below does not move when something does.
        """
        super().__init__()
        self._keeps_detail = keeps_detail
        self._caption, self._style, self._shown = caption, style, shown
        self._size = QSize()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        theme.theme().changed.connect(self._measure)
        self.set_shown(shown)

    @property
    def text(self) -> str:
        """All that is written there."""
        value = f"{self._shown.value} {self._shown.unit}".strip()
        return "\n".join(part for part in (self._caption, value, self._shown.detail) if part)

    def set_caption(self, caption: str) -> None:
        """What the number is."""
        self._caption = caption
        self.set_shown(self._shown)

    def set_shown(self, shown: Shown) -> None:
        """Show another figure in the same place."""
        name = f"{self._caption}: {shown.spoken}"
        if shown == self._shown and name == self.accessibleName():
            return
        self._shown = shown
        self.setAccessibleName(name)
        self.setToolTip(f"{origin_word(shown.origin)}. {shown.note}".strip(" ."))
        self._measure()

    @Slot()
    def _measure(self) -> None:
        caption, value, unit = (QFontMetrics(theme.font(style)) for style in self._styles())
        mark = theme.grown(_MARK)
        parts = [value.horizontalAdvance(self._shown.value), mark]
        if self._shown.unit:
            parts.append(unit.horizontalAdvance(self._shown.unit))
        line = sum(parts) + self.GAP * (len(parts) - 1)
        below = (self._caption, self._shown.detail)
        width = max(line, *(caption.horizontalAdvance(text) for text in below))
        rows = [caption.height(), max(value.height(), mark)]
        if self._shown.detail or self._keeps_detail:
            rows.append(caption.height())
        size = QSize(width + 1, sum(rows) + len(rows) - 1)
        if size != self._size:
            self._size = size
            self.updateGeometry()
        self.update()

    def _styles(self) -> tuple[Text, Text, Text]:
        return (Text.CAPTION, self._style, Text.BODY)

    def sizeHint(self) -> QSize:
        return self._size

    def minimumSizeHint(self) -> QSize:
        return self._size

    def paintEvent(self, event: QPaintEvent) -> None:
        p, shown = QPainter(self), self._shown
        small, large, unit = self._styles()
        unknown = shown.origin is Origin.UNKNOWN
        y = self._write(p, 0, self._caption, small, "text_2")[1] + 1
        right, below = self._write(p, y, shown.value, large, "text_3" if unknown else "text")
        side = theme.grown(_MARK)
        below = max(below, y + side)
        middle = (y + below) / 2
        if shown.unit:
            top = middle - QFontMetrics(theme.font(unit)).height() / 2
            right = self._write(p, top, shown.unit, unit, "text", x=right + self.GAP)[0]
        mark = QPointF(right + self.GAP + side / 2, middle + 0.5)
        paint_origin(p, mark, shown.origin, stale=shown.stale)
        if shown.detail:
            self._write(p, below + 1, shown.detail, small, "caution" if shown.stale else "text_3")

    @staticmethod
    def _write(
        p: QPainter, y: float, text: str, style: Text, role: Role, *, x: float = 0
    ) -> tuple[float, float]:
        """Write it there; its right and its lower edge."""
        font = theme.font(style)
        metrics = QFontMetrics(font)
        box = QRectF(x, y, metrics.horizontalAdvance(text), metrics.height())
        p.setFont(font)
        p.setPen(theme.color(role))
        p.drawText(box.adjusted(0, 0, 1, 0), LEFT, text)
        return box.right(), box.bottom()


class OriginLegend(QWidget):
    """Once a page, in a heading or at the foot: what the marks mean."""

    def __init__(self) -> None:
        super().__init__()
        layout = row(spacing=4)
        for origin in (Origin.MEASURED, Origin.ESTIMATED, Origin.PUBLISHED):
            layout.addWidget(OriginMark(origin))
            layout.addWidget(label(origin_word(origin), Text.CAPTION, tone="text_3"))
            layout.addSpacing(Space.S)
        self.setLayout(layout)


class FitLook(Enum):
    """A vessel and its level: how full it is drawn, and the role."""

    FITS = ("good", 0.62)
    TIGHT = ("good", 0.94)
    PARTIAL = ("caution", 1.25)
    CPU = ("caution", 0.3)
    NO = ("danger", 1.6)

    @staticmethod
    def of(kind: str, *, tight: bool = False) -> FitLook:
        """From `core.fit.fit.FitKind` ("gpu", "partial", "cpu", "no")."""
        if kind == "gpu" and tight:
            return FitLook.TIGHT
        looks = {"gpu": FitLook.FITS, "partial": FitLook.PARTIAL, "cpu": FitLook.CPU}
        return looks.get(kind, FitLook.NO)

    @property
    def word(self) -> str:
        """What the vessel means."""
        return {
            FitLook.FITS: QCoreApplication.translate("fit", "Fits"),
            FitLook.TIGHT: QCoreApplication.translate("fit", "Fits, tight"),
            FitLook.PARTIAL: QCoreApplication.translate("fit", "Part on CPU"),
            FitLook.CPU: QCoreApplication.translate("fit", "On the CPU"),
            FitLook.NO: QCoreApplication.translate("fit", "Does not fit"),
        }[self]

    @property
    def role(self) -> Role:
        """Its colour; the word carries the meaning."""
        return _FIT_ROLE[self]


_FIT_ROLE: dict[FitLook, Role] = {
    FitLook.FITS: "good",
    FitLook.TIGHT: "good",
    FitLook.PARTIAL: "caution",
    FitLook.CPU: "caution",
    FitLook.NO: "danger",
}


def paint_fit(p: QPainter, rect: QRectF, look: FitLook) -> None:
    """Below the rim, at the rim, over the rim, crossed out; and the word."""
    level = look.value[1]
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    tint = theme.color(look.role)
    p.save()
    p.translate(rect.left(), rect.center().y())
    p.scale(theme.times(), theme.times())
    box = QRectF(0.5, -6, 12, 13)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(tint)
    if look is not FitLook.NO:
        inner = box.adjusted(2, 2, -2, -2)
        height = inner.height() * min(level, 1.0)
        top = inner.bottom() - height
        p.drawRoundedRect(QRectF(inner.left(), top, inner.width(), height), 1, 1)
        if level > 1:
            p.drawRoundedRect(QRectF(box.left() + 1, box.top() - 4, box.width() - 2, 2.2), 1, 1)
    p.setPen(QPen(tint, 1.3))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRoundedRect(box, 2.5, 2.5)
    if look is FitLook.NO:
        p.drawLine(box.bottomLeft() + QPointF(2.5, -2.5), box.topRight() + QPointF(-2.5, 2.5))
    p.restore()
    room = rect.adjusted(theme.roomy(21), 0, 0, 0)
    p.setFont(small_enough(theme.font(Text.MEDIUM), look.word, room.width()))
    p.setPen(theme.color("text"))
    elide = Qt.TextElideMode.ElideRight
    said = QFontMetrics(p.font()).elidedText(look.word, elide, math.ceil(room.width()))
    p.drawText(room, LEFT, said)
    p.restore()


class FitBadge(QWidget):
    """Whether a model fits, as vessel and word."""

    def __init__(self, look: FitLook) -> None:
        super().__init__()
        theme.theme().changed.connect(self._resize)
        self.set_look(look)

    def set_look(self, look: FitLook) -> None:
        """Show another answer."""
        self._look = look
        self.setAccessibleName(look.word)
        self._resize()

    @Slot()
    def _resize(self) -> None:
        metrics = QFontMetrics(theme.font(Text.MEDIUM))
        width = metrics.horizontalAdvance(self._look.word) + theme.grown(26)
        self.setFixedSize(QSize(width, max(22, metrics.height())))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_fit(QPainter(self), QRectF(self.rect()), self._look)
