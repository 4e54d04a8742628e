"""The heart: verdict and confidence; reason; money; what would flip it; what to do next."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from landfall.gui import icons, paint, theme
from landfall.gui.format import NBSP, Origin, Shown, joined
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.feedback import Skeleton, State
from landfall.gui.widgets.layout import (
    Card,
    Glyph,
    Label,
    Swap,
    button,
    column,
    hairline,
    holder,
    label,
    row,
)
from landfall.gui.widgets.numbers import OriginMark
from landfall.gui.widgets.verdict_chip import ConfidenceMark, confidence_word, place

_FLIPS_SIDE_BY_SIDE = 84
"""Characters up to which what would flip it fits on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A verdict as the card tells it.

    Attributes:
        verdict: The name of the kind.
        headline: An instruction: "Run it here", "Stay in the cloud".
        confidence: Steps: 3 high, 2 medium, 1 too close to call, 0 not decided.
        confidence_note: Where the confidence comes from.
        reason: The deciding reason, one or two sentences.
        rules: Ids of the rules behind it: "Rules S27, H6, E5".
        money: The figure, or None where money does not decide.
        money_text: The rest of the sentence: " against all of it hosted at DeepInfra."
        flips: What would turn the verdict, each a short clause.
        next_step: What to do. next_action: words on the one primary button, or "".
        decided: "decided 25 Nov 2026". priced: "prices of 20 Nov".
    """

    verdict: str
    headline: str
    confidence: int
    confidence_note: str
    reason: str
    rules: str
    money: Shown | None
    money_text: str
    flips: tuple[str, ...]
    next_step: str
    next_action: str = ""
    provisional: bool = False
    decided: str = ""
    priced: str = ""


class PlaceTile(QWidget):
    """40 px tile: the verdict's icon in the colour of its place; a split shows two colours."""

    def __init__(self, verdict: str) -> None:
        super().__init__()
        self._verdict = verdict
        self.setFixedSize(40, 40)
        theme.repaint_on_change(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        look, box = place(self._verdict), QRectF(self.rect())
        paint.fill_round(p, box, Radius.CARD - 1, theme.color(look.role))
        if self._verdict == "HYBRID":
            p.setClipRect(QRectF(20, 0, 20, 40))
            paint.fill_round(p, box, Radius.CARD - 1, theme.color("hosted"))
            p.setClipping(False)
        icons.paint(p, look.icon, QRectF(9, 9, 22, 22), theme.color("surface"), stroke=1.6)


class VerdictCard(Card):
    """Five lines, always the same five, always in this order.

    Signals:
        acted: The primary button.
        explained: The link with the rules.
    """

    acted = Signal()
    explained = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.body.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        self._place = Swap()
        self.body.addWidget(self._place)
        self.show_loading()

    def show_loading(self) -> None:
        """Five lines of skeleton, where the five lines will be."""
        self._place.hold(Skeleton(420, 560, 520, 360, 440, bar=16))
        self.setAccessibleName(self.tr("Verdict: being decided"))

    def set_advice(self, advice: Advice) -> None:
        """Show a verdict."""
        content = _Content(advice)
        content.acted.connect(self.acted)
        content.explained.connect(self.explained)
        self._place.hold(content)
        parts = (advice.headline, confidence_word(advice.confidence), advice.reason)
        self.setAccessibleName(self.tr("Verdict: {0}").format(". ".join(parts)))


class _Content(QWidget):
    acted = Signal()
    explained = Signal()

    def __init__(self, advice: Advice) -> None:
        super().__init__()
        self._advice = advice
        self._reason = _sentence("")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(0)
        grid.setColumnMinimumWidth(0, 40)
        grid.setColumnStretch(1, 1)
        for i, (name, content) in enumerate(self._lines()):
            head = label(name, tone="text_3")
            head.setMinimumHeight(38 if i == 3 else 31)
            grid.addWidget(hairline(), 2 * i, 0, 1, 2)
            grid.addWidget(head, 2 * i + 1, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(content, 2 * i + 1, 1)
        self.setLayout(column(self._verdict_line(), Space.M, grid, spacing=0))
        theme.theme().changed.connect(self._colour_link)

    def _lines(self) -> tuple[tuple[str, QWidget], ...]:
        return (
            (self.tr("Because"), self._because()),
            (self.tr("Money"), self._money()),
            (self.tr("Flips if"), self._flips()),
            (self.tr("Next"), self._next()),
        )

    def _verdict_line(self) -> QGridLayout:
        a = self._advice
        right = Qt.AlignmentFlag.AlignRight
        line = QGridLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setHorizontalSpacing(Space.M)
        line.setVerticalSpacing(1)
        line.addWidget(PlaceTile(a.verdict), 0, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
        line.addWidget(label(a.headline, Text.TITLE, wrap=True), 0, 1)
        sure = label(confidence_word(a.confidence), Text.STRONG)
        under = row(ConfidenceMark(a.confidence), sure, spacing=6)
        under.addWidget(label(a.confidence_note, tone="text_2", wrap=True), 1)
        line.addLayout(under, 1, 1)
        line.setColumnStretch(1, 1)
        when = label(a.decided, Text.CAPTION, tone="text_3")
        if a.provisional:
            when = label(self.tr("Provisional"), Text.CAPTION_STRONG, tone="caution")
        line.addWidget(when, 0, 2, right)
        line.addWidget(label(a.priced, Text.CAPTION, tone="text_3"), 1, 2, right)
        return line

    def _because(self) -> QWidget:
        self._reason.setTextFormat(Qt.TextFormat.RichText)
        flag = Qt.TextInteractionFlag
        self._reason.setTextInteractionFlags(
            flag.LinksAccessibleByMouse | flag.LinksAccessibleByKeyboard
        )
        self._reason.linkActivated.connect(self._on_link)
        self._colour_link()
        spoken = f"{self._advice.reason} {self._advice.rules}".strip()
        self._reason.setAccessibleName(spoken)
        return _line(self._reason)

    @Slot()
    def _colour_link(self) -> None:
        """Rich text keeps the colour it was set with."""
        text = html.escape(self._advice.reason)
        rules = html.escape(self._advice.rules).replace(" ", NBSP)
        if rules:
            style = f"text-decoration: none; color: {theme.color('accent').name()}"
            text = f"{text} <a href='rules' style='{style}'>{rules}</a>"
        self._reason.setText(text)

    @Slot()
    def _on_link(self) -> None:
        self.explained.emit()

    def _money(self) -> QWidget:
        figure, rest = self._advice.money, self._advice.money_text
        if figure is None:
            return _line(_sentence(rest))
        amount = joined(figure.value, figure.unit)
        if figure.origin is Origin.UNKNOWN:
            amount = self.tr("Unknown.")
        band = f" ({figure.detail})" if figure.origin is Origin.ESTIMATED and figure.detail else ""
        strong = f"<span style='font-weight:600'>{html.escape(amount)}</span>"
        sentence = _sentence(f"{strong}{html.escape(band + ' ' + rest.strip())}")
        sentence.setTextFormat(Qt.TextFormat.RichText)
        sentence.setAccessibleName(f"{figure.spoken}. {rest}")
        return _line(OriginMark(figure.origin, stale=figure.stale), sentence)

    def _flips(self) -> QWidget:
        flips = self._advice.flips
        if not flips:
            return _line(_sentence(self.tr("Nothing within the ranges looked at.")))
        margins = (0, 7, 0, 7)
        if sum(len(flip) for flip in flips) > _FLIPS_SIDE_BY_SIDE:
            return holder(column(*(_flip(flip) for flip in flips), spacing=3, margins=margins))
        beside = row(spacing=Space.L, margins=margins)
        for flip in flips:
            beside.addLayout(_flip(flip), len(flip))
        return holder(beside)

    def _next(self) -> QWidget:
        sentence = _sentence(self._advice.next_step)
        if not self._advice.next_action:
            return _line(sentence)
        act = button(self._advice.next_action, "primary")
        act.clicked.connect(self.acted)
        return _line(sentence, act, top=4)


def _flip(text: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(6)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.addWidget(Glyph("flip", "danger", size=14), 0, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(_sentence(text), 0, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _sentence(text: str) -> Label:
    return label(text, wrap=True)


def _line(*widgets: QWidget, top: int = 7) -> QWidget:
    """One line of the card: the sentence takes the room, the rest keeps its size."""
    layout = row(spacing=Space.S, margins=(0, top, 0, top))
    for widget in widgets:
        if isinstance(widget, OriginMark):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        else:
            layout.addWidget(widget, 1 if isinstance(widget, QLabel) else 0)
    return holder(layout)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule that ran: its id, whether it was met, its name, the numbers it saw."""

    rule: str
    state: State
    title: str
    detail: str = ""


class RuleTrace(QWidget):
    """Each rule in the order it ran: passed, failed or not needed."""

    def __init__(self, rules: Sequence[RuleLine]) -> None:
        super().__init__()
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(3, 1)
        for i, line in enumerate(rules):
            cells: tuple[QWidget, ...] = (
                Glyph(line.state.icon, line.state.role, size=16),
                label(line.rule, Text.MONO, tone="text_3"),
                label(line.title, Text.MEDIUM),
                label(line.detail, tone="text_2", wrap=True),
            )
            for j, cell in enumerate(cells):
                cell.setMinimumHeight(30 if j else 16)
                align = Qt.AlignmentFlag.AlignVCenter if j < 3 else Qt.AlignmentFlag(0)
                grid.addWidget(cell, i, j, align)
        self.setLayout(grid)
        self.setAccessibleName(
            ". ".join(f"{r.rule} {r.state.name.lower()}: {r.title} {r.detail}" for r in rules)
        )
