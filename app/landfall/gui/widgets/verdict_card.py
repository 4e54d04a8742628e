"""The heart: verdict and confidence; reason; money; what would flip it; what to do next."""

from __future__ import annotations

import html
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from landfall.gui import icons, paint, theme
from landfall.gui.format import NBSP, Origin, Shown, joined
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.feedback import Skeleton
from landfall.gui.widgets.layout import (
    Button,
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
from landfall.gui.widgets.link_label import LinkLabel
from landfall.gui.widgets.numbers import OriginMark
from landfall.gui.widgets.verdict_chip import ConfidenceMark, confidence_word, place

_DATES_BESIDE_LETTERS = 86
"""Width in letters from which the dates stand beside the headline; else below how sure it is."""
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
        decided: "decided 25 Nov 2026, look again on 23 Feb 2027". priced: "prices of 20 Nov".
        stale: Why the verdict that was kept is to be checked again; empty where it stands.
        confidence_word: In place of the word of the steps, while nothing is known of them.
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
    stale: tuple[str, ...] = ()
    confidence_word: str = ""

    @property
    def sureness(self) -> str:
        """The word beside the steps."""
        return self.confidence_word or confidence_word(self.confidence)


class PlaceTile(QWidget):
    """40 px tile: the verdict's icon in the colour of its place; a split shows two colours."""

    def __init__(self, verdict: str) -> None:
        super().__init__()
        self._verdict = verdict
        theme.theme().changed.connect(self._fit)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        side = theme.grown(40)
        self.setFixedSize(side, side)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        look, box = place(self._verdict), QRectF(self.rect())
        paint.fill_round(p, box, Radius.CARD - 1, theme.color(look.role))
        if self._verdict == "HYBRID":
            p.setClipRect(box.adjusted(box.width() / 2, 0, 0, 0))
            paint.fill_round(p, box, Radius.CARD - 1, theme.color("hosted"))
            p.setClipping(False)
        inset = theme.roomy(9)
        mark = box.adjusted(inset, inset, -inset, -inset)
        icons.paint(p, look.icon, mark, theme.color("surface"), stroke=1.6)


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
        """Show a verdict; where only words and amounts differ the lines stay and are rewritten.

        A slider asks for this sixty times a second: new widgets would cost a third of a frame.
        """
        parts = (advice.headline, advice.sureness, advice.reason)
        self.setAccessibleName(self.tr("Verdict: {0}").format(". ".join(parts)))
        content = self._place.content
        if isinstance(content, _Content) and content.fits(advice):
            content.rewrite(advice)
            return
        content = _Content(advice)
        content.acted.connect(self.acted)
        content.explained.connect(self.explained)
        self._place.hold(content)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What of an advice decides which widgets stand: all else is words."""

    verdict: str
    confidence: int
    origin: Origin | None
    stale: bool
    flips: int
    beside: bool
    acts: bool
    provisional: bool
    again: bool


def _shape(a: Advice) -> _Shape:
    return _Shape(
        verdict=a.verdict,
        confidence=a.confidence,
        origin=None if a.money is None else a.money.origin,
        stale=a.money is not None and a.money.stale,
        flips=len(a.flips),
        beside=sum(len(flip) for flip in a.flips) <= _FLIPS_SIDE_BY_SIDE,
        acts=bool(a.next_action),
        provisional=a.provisional,
        again=bool(a.stale),
    )


class _Content(QWidget):
    acted = Signal()
    explained = Signal()

    def __init__(self, advice: Advice) -> None:
        super().__init__()
        self._advice = advice
        self._headline = label("", Text.TITLE, wrap=True)
        self._sure = label("", Text.STRONG)
        self._sure_note = label("", tone="text_2", wrap=True)
        self._decided = label("", Text.CAPTION, tone="text_3")
        self._priced = label("", Text.CAPTION, tone="text_3")
        self._reason, self._money_words = LinkLabel(), _sentence("")
        self._flip_words = tuple(_sentence("") for _ in advice.flips)
        self._next_words = _sentence("")
        self._act: Button | None = None
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(0)
        grid.setColumnMinimumWidth(0, 40)
        grid.setColumnStretch(1, 1)
        for i, (name, content) in enumerate(self._lines()):
            head = label(name, tone="text_3")
            head.setContentsMargins(0, 10 if i == 3 else 7, 0, 7)
            grid.addWidget(hairline(), 2 * i, 0, 1, 2)
            grid.addWidget(head, 2 * i + 1, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(content, 2 * i + 1, 1)
        self._head = self._verdict_line()
        self._beside: bool | None = None
        self.setLayout(column(self._head, Space.M, grid, spacing=0))
        self._arrange()
        theme.theme().changed.connect(self._colour_link)
        self.rewrite(advice)

    def fits(self, advice: Advice) -> bool:
        """Whether this advice has the same widgets as the one that is shown."""
        return _shape(advice) == _shape(self._advice)

    def rewrite(self, advice: Advice) -> None:
        """Show an advice of the same shape."""
        self._advice = advice
        self._headline.setText(advice.headline)
        self._sure.setText(advice.sureness)
        self._sure_note.setText(advice.confidence_note)
        said = advice.decided
        if advice.stale:
            said = self.tr("To be checked again")
        elif advice.provisional:
            said = self.tr("Provisional")
        self._decided.setText(said)
        behind = "\n".join((advice.decided, *advice.stale)) if said != advice.decided else ""
        self._decided.setToolTip(behind)
        self._decided.setAccessibleDescription(behind)
        self._priced.setText(advice.priced)
        self._reason.setAccessibleName(f"{advice.reason} {advice.rules}".strip())
        self._colour_link()
        self._write_money()
        for shown, words in zip(self._flip_words, advice.flips, strict=True):
            shown.setText(words)
        self._next_words.setText(advice.next_step)
        if self._act is not None:
            self._act.setText(advice.next_action)

    def _lines(self) -> tuple[tuple[str, QWidget], ...]:
        return (
            (self.tr("Because"), self._because()),
            (self.tr("Money"), self._money()),
            (self.tr("Flips if"), self._flips()),
            (self.tr("Next"), self._next()),
        )

    def _verdict_line(self) -> QGridLayout:
        a = self._advice
        line = QGridLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setHorizontalSpacing(Space.M)
        line.setVerticalSpacing(1)
        line.addWidget(PlaceTile(a.verdict), 0, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
        under = row(spacing=6)
        for word in (ConfidenceMark(a.confidence), self._sure):
            under.addWidget(word, 0, Qt.AlignmentFlag.AlignTop)
        under.addWidget(self._sure_note, 1, Qt.AlignmentFlag.AlignTop)
        self._under = holder(under)
        line.setColumnStretch(1, 1)
        if a.provisional or a.stale:
            self._decided.set_style(Text.CAPTION_STRONG)
            self._decided.set_tone("caution")
        return line

    def _arrange(self) -> None:
        """Room is counted in letters, so that at larger text the dates go below sooner."""
        letters = self.width() / QFontMetrics(theme.font(Text.BODY)).averageCharWidth()
        beside = letters >= _DATES_BESIDE_LETTERS
        if beside is self._beside:
            return
        self._beside = beside
        right, top = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignTop
        span = 1 if beside else 2
        self._head.addWidget(self._headline, 0, 1, 1, span)
        self._head.addWidget(self._under, 1, 1, 1, span)
        if beside:
            self._head.addWidget(self._decided, 0, 2, right)
        else:
            self._head.addWidget(self._decided, 2, 1)
        self._head.addWidget(self._priced, 1 if beside else 2, 2, right | top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def _because(self) -> QWidget:
        self._reason.linkActivated.connect(self._on_link)
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
        figure = self._advice.money
        if figure is None:
            return _line(self._money_words)
        self._money_words.setTextFormat(Qt.TextFormat.RichText)
        return _line(OriginMark(figure.origin, stale=figure.stale), self._money_words)

    def _write_money(self) -> None:
        figure, rest = self._advice.money, self._advice.money_text
        if figure is None:
            self._money_words.setText(rest)
            return
        amount = joined(figure.value, figure.unit)
        if figure.origin is Origin.UNKNOWN:
            amount = self.tr("Unknown.")
        band = f" ({figure.detail})" if figure.origin is Origin.ESTIMATED and figure.detail else ""
        strong = f"<span style='font-weight:600'>{html.escape(amount)}</span>"
        self._money_words.setText(f"{strong}{html.escape(band + ' ' + rest.strip())}")
        self._money_words.setAccessibleName(f"{figure.spoken}. {rest}")

    def _flips(self) -> QWidget:
        if not self._flip_words:
            return _line(_sentence(self.tr("Nothing within the ranges looked at.")))
        margins = (0, 7, 0, 7)
        if not _shape(self._advice).beside:
            lines = (_flip(words) for words in self._flip_words)
            return holder(column(*lines, spacing=3, margins=margins))
        beside = row(spacing=Space.L, margins=margins)
        for words, text in zip(self._flip_words, self._advice.flips, strict=True):
            beside.addLayout(_flip(words), len(text))
        return holder(beside)

    def _next(self) -> QWidget:
        if not self._advice.next_action:
            return _line(self._next_words)
        self._act = button(self._advice.next_action, "primary")
        self._act.setObjectName("next-step")
        self._act.clicked.connect(self.acted)
        return _line(self._next_words, self._act, top=4)


def _flip(words: QWidget) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(6)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.addWidget(Glyph("flip", "danger", size=14), 0, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(words, 0, 1)
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
