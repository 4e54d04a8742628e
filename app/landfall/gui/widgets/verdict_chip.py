"""The verdict in one word and one icon, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from landfall.gui import icons, paint, theme
from landfall.gui.colours import Role
from landfall.gui.theme import Radius, Text

NOT_FEASIBLE = "LOCAL_REQUIRED_NOT_FEASIBLE"
UNDECIDED = ""
_HERE = ("LOCAL_THIS_MACHINE", "LOCAL_BUY", "HYBRID")


@dataclass(frozen=True, slots=True)
class Place:
    """How a verdict looks: icon and place colour. Colour is place, never good or bad."""

    icon: str
    role: Role


PLACES: dict[str, Place] = {
    "LOCAL_THIS_MACHINE": Place("machine", "here"),
    "CLOUD_FRONTIER": Place("cloud", "frontier"),
    "HOSTED_OPEN": Place("hosted", "hosted"),
    "RENT_GPU": Place("rent", "rent"),
    "LOCAL_BUY": Place("buy", "buy"),
    "HYBRID": Place("split", "here"),
    NOT_FEASIBLE: Place("blocked", "danger"),
    UNDECIDED: Place("todo", "text_3"),
}
"""By the verdict's name, as on the command line; "" is "no verdict yet"."""


def place(verdict: str) -> Place:
    """The look of a verdict; an unknown name looks undecided."""
    return PLACES.get(verdict, PLACES[UNDECIDED])


def verdict_word(verdict: str) -> str:
    """The verdict in a word or two."""
    return {
        "LOCAL_THIS_MACHINE": QCoreApplication.translate("verdict", "This machine"),
        "CLOUD_FRONTIER": QCoreApplication.translate("verdict", "Frontier cloud"),
        "HOSTED_OPEN": QCoreApplication.translate("verdict", "Hosted open model"),
        "RENT_GPU": QCoreApplication.translate("verdict", "Rented GPU"),
        "LOCAL_BUY": QCoreApplication.translate("verdict", "Buy hardware"),
        "HYBRID": QCoreApplication.translate("verdict", "Split"),
        NOT_FEASIBLE: QCoreApplication.translate("verdict", "Local only, not feasible"),
    }.get(verdict, QCoreApplication.translate("verdict", "No verdict yet"))


def verdict_spoken(verdict: str, *, provisional: bool) -> str:
    """For a screen reader."""
    word = verdict_word(verdict)
    if provisional:
        return QCoreApplication.translate("verdict", "{0}, provisional").format(word)
    return word


def chip_width(text: str) -> int:
    """Width a chip needs for its word."""
    return QFontMetrics(theme.font(Text.CAPTION_STRONG)).horizontalAdvance(text) + theme.grown(34)


def widest_chip() -> int:
    """Width of the longest verdict, at the usual size of text: a table makes room for it."""
    widest = max(chip_width(verdict_word(verdict)) for verdict in PLACES)
    return round(widest * 100 / theme.roomy(100))


def paint_chip(p: QPainter, rect: QRectF, verdict: str, *, provisional: bool = False) -> None:
    """Place colour on icon and edge only, words in text colour; a dashed edge is provisional."""
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    look, infeasible = place(verdict), verdict == NOT_FEASIBLE
    dashed = provisional or look is PLACES[UNDECIDED]
    box = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    if dashed:
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.setPen(QPen(theme.color("border_strong"), 1, Qt.PenStyle.DashLine))
    else:
        soft: Role = "here_soft" if verdict in _HERE else "cloud_soft"
        p.setBrush(theme.color("danger_soft" if infeasible else soft))
        p.setPen(QPen(theme.color(look.role, 70), 1))
    p.drawRoundedRect(box, Radius.CONTROL, Radius.CONTROL)
    side = theme.roomy(15)
    mark = QRectF(rect.left() + 7, rect.center().y() - side / 2, side, side)
    icons.paint(p, look.icon, mark, theme.color(look.role), stroke=1.7)
    p.setFont(theme.font(Text.CAPTION_STRONG))
    p.setPen(theme.color("danger" if infeasible else "text_2" if dashed else "text"))
    room, word = rect.adjusted(12 + side, 0, -2, 0), verdict_word(verdict)
    elide = Qt.TextElideMode.ElideRight
    said = QFontMetrics(p.font()).elidedText(word, elide, int(room.width()))
    p.drawText(room, paint.LEFT, said)
    p.restore()


class VerdictChip(QWidget):
    """Verdict in one word and one icon."""

    def __init__(self, verdict: str, *, provisional: bool = False) -> None:
        super().__init__()
        theme.theme().changed.connect(self._resize)
        self.set_verdict(verdict, provisional=provisional)

    def set_verdict(self, verdict: str, *, provisional: bool = False) -> None:
        """Show another verdict."""
        self._verdict, self._provisional = verdict, provisional
        spoken = verdict_spoken(verdict, provisional=provisional)
        self.setAccessibleName(self.tr("Verdict: {0}").format(spoken))
        self._resize()

    @Slot()
    def _resize(self) -> None:
        height = max(24, QFontMetrics(theme.font(Text.CAPTION_STRONG)).height() + 8)
        self.setFixedSize(chip_width(verdict_word(self._verdict)), height)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        box = QRectF(self.rect())
        paint_chip(QPainter(self), box, self._verdict, provisional=self._provisional)


def confidence_word(steps: int) -> str:
    """3 high, 2 medium, 1 too close to call, 0 not decided."""
    return {
        3: QCoreApplication.translate("confidence", "High confidence"),
        2: QCoreApplication.translate("confidence", "Medium confidence"),
        1: QCoreApplication.translate("confidence", "Too close to call"),
    }.get(steps, QCoreApplication.translate("confidence", "Not decided"))


class ConfidenceMark(QWidget):
    """Three rising steps, filled from the left; stands beside its word."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        theme.theme().changed.connect(self._resize)
        self._resize()
        self.set_steps(steps)

    @Slot()
    def _resize(self) -> None:
        """As high as the word beside it."""
        high = max(14, QFontMetrics(theme.font(Text.STRONG)).height())
        self.setFixedSize(theme.grown(26), high)
        self.update()

    def set_steps(self, steps: int) -> None:
        """0 to 3."""
        self._steps = steps
        self.setAccessibleName(confidence_word(steps))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.translate(0, round((self.height() - theme.roomy(14)) / 2))
        p.scale(theme.times(), theme.times())
        for i in range(3):
            filled = i < self._steps
            p.setPen(QPen(theme.color("text_2" if filled else "border_strong"), 1))
            p.setBrush(theme.color("text_2") if filled else Qt.BrushStyle.NoBrush)
            p.drawRoundedRect(QRectF(i * 8 + 0.5, 7.5 - 3 * i, 5, 6 + 3 * i), 1, 1)
