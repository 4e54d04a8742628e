"""What the application says: banner, checklist line, spinner, skeleton, empty state, toast."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from PySide6 import QtCore
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import (
    QEnterEvent,
    QFontMetrics,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QWidget

from landfall.gui import grown, paint, theme
from landfall.gui.colours import Role
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import (
    Button,
    ButtonKind,
    Glyph,
    Label,
    Swap,
    button,
    column,
    holder,
    icon_button,
    label,
    row,
)

Tone = Literal["accent", "caution", "danger"]
_TONE_ICON = {"accent": "info", "caution": "warn", "danger": "fail"}
_TONE_SOFT: dict[Tone, Role] = {
    "accent": "here_soft",
    "caution": "caution_soft",
    "danger": "danger_soft",
}
TOAST_MS = 6000
_LEAST_WORDS = 120
"""Pixels that the words of a line keep beside its button, at the usual size of text."""
_LEAST_WORDS_OF_BANNER = 240
"""The same of a banner, which says more."""


class State(Enum):
    """Of a checklist or doctor line: icon and role."""

    DONE = ("ok", "good")
    RUNNING = ("todo", "accent")
    TODO = ("todo", "text_3")
    PARTIAL = ("warn", "caution")
    FAILED = ("fail", "danger")
    SKIPPED = ("skip", "text_3")

    @property
    def icon(self) -> str:
        """The shape that carries the meaning."""
        return self.value[0]

    @property
    def role(self) -> Role:
        """Its colour."""
        return _STATE_ROLE[self]


_STATE_ROLE: dict[State, Role] = {
    State.DONE: "good",
    State.RUNNING: "accent",
    State.TODO: "text_3",
    State.PARTIAL: "caution",
    State.FAILED: "danger",
    State.SKIPPED: "text_3",
}


class Banner(QFrame):
    """What happened, what it means, and the button that deals with it. It stays until dealt with.

    Signals:
        dismissed: The user closed it.
    """

    dismissed = Signal()

    def __init__(
        self, tone: Tone, title: str, text: str, *actions: QWidget, closable: bool = False
    ) -> None:
        super().__init__()
        self._tone: Tone = tone
        words = column(label(title, Text.STRONG, wrap=True), spacing=1)
        if text:
            words.addWidget(label(text, tone="text_2", wrap=True))
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(Space.M)
        self._box.addLayout(words, 1)
        flow = FlowLayout()
        flow.setSpacing(Space.M)
        for action in actions:
            flow.addWidget(action)
        self._actions = holder(flow)
        if actions:
            self._box.addWidget(self._actions)
        layout = row(spacing=Space.M, margins=(Space.L, Space.M - 2, Space.M, Space.M - 2))
        layout.addWidget(Glyph(_TONE_ICON[tone], tone, size=20))
        layout.addLayout(self._box, 1)
        if closable:
            close = icon_button("cross", self.tr("Dismiss"))
            close.clicked.connect(self.dismissed)
            layout.addWidget(close)
        self.setLayout(layout)
        self.setAccessibleName(f"{title} {text}".strip())
        theme.repaint_on_change(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(theme.color(self._tone, 90), 1))
        p.setBrush(theme.color(_TONE_SOFT[self._tone]))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        p.drawRoundedRect(box, Radius.CARD, Radius.CARD)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The buttons go below words that they would press into too little width."""
        layout, buttons = self.layout(), self._actions.sizeHint().width()
        taken = layout.minimumSize().width() - self._box.minimumSize().width() if layout else 0
        below = self.width() - taken - buttons < theme.grown(_LEAST_WORDS_OF_BANNER)
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.TopToBottom if below else direction.LeftToRight)
        # Beside the words they stand in one line.
        self._actions.setMinimumWidth(0 if below else buttons)
        super().resizeEvent(event)


class StateLine(QWidget):
    """Checklist and doctor line: shape, title, what it means, the button for it.

    Signals:
        triggered: The button was pressed.
    """

    triggered = Signal()

    PADDING = 5

    def __init__(
        self,
        state: State,
        title: str,
        detail: str = "",
        *,
        action: str = "",
        kind: ButtonKind = "secondary",
        padding: int = PADDING,
        keeps_detail: bool = False,
    ) -> None:
        """Make it.

        Args:
            padding: Pixels above and below.
            keeps_detail: The second line has its room also while nothing stands in it, so that
                what is below does not move when something does.
        """
        super().__init__()
        self._keeps_detail = keeps_detail
        self._mark = Swap()
        self.title = label("", Text.MEDIUM, wrap=True)
        self.detail = label("", Text.CAPTION, wrap=True)
        self._button: Button = button("", kind)
        self._button.clicked.connect(self.triggered)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(Space.M)
        self._box.addLayout(column(self.title, self.detail, spacing=0), 1)
        self._box.addLayout(row(self._button, None))
        layout = row(self._mark, spacing=Space.M, margins=(0, padding, 0, padding))
        layout.addLayout(self._box, 1)
        self.setLayout(layout)
        self._state: State | None = None
        self.show_line(state, title, detail, action=action)

    @staticmethod
    def height_of(lines: int) -> int:
        """Pixels of the words of one that has a title and so many lines of detail."""
        title, detail = (QFontMetrics(theme.font(one)) for one in (Text.MEDIUM, Text.CAPTION))
        return title.height() + lines * detail.height()

    @property
    def state(self) -> State | None:
        """What the line says now."""
        return self._state

    def show_line(self, state: State, title: str, detail: str = "", *, action: str = "") -> None:
        """Say something else; the button disappears where there is nothing to do."""
        if state is not self._state:
            self._state = state
            running = state is State.RUNNING
            self._mark.hold(Spinner() if running else Glyph(state.icon, state.role, size=18))
        self.title.setText(title)
        self.detail.setText(detail or (" " if self._keeps_detail else ""))
        self.detail.setVisible(bool(detail) or self._keeps_detail)
        quiet = state in (State.DONE, State.SKIPPED)
        self.detail.set_tone("text_3" if quiet else "text_2")
        self._button.setText(action)
        self._button.setAccessibleName(f"{action}: {title}" if action else "")
        self._button.setVisible(bool(action))
        self.setAccessibleName(f"{state_word(state)}: {title}. {detail}".strip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The button goes below words that it would press into too little width."""
        room = self.width() - self._mark.width() - 2 * Space.M - self._button.sizeHint().width()
        below = room < theme.grown(_LEAST_WORDS)
        direction = QBoxLayout.Direction
        self._box.setDirection(direction.TopToBottom if below else direction.LeftToRight)
        spacing = Space.S if below else Space.M
        if self._box.spacing() != spacing:
            self._box.setSpacing(spacing)
        super().resizeEvent(event)


def state_word(state: State) -> str:
    """What a mark of this state is called where it is heard and not seen."""
    return {
        State.DONE: _tr("done"),
        State.RUNNING: _tr("running"),
        State.TODO: _tr("to do"),
        State.PARTIAL: _tr("partly"),
        State.FAILED: _tr("failed"),
        State.SKIPPED: _tr("skipped"),
    }[state]


def _tr(text: str) -> str:
    return QCoreApplication.translate("StateLine", text)


class Spinner(QWidget):
    """Three quarters of a ring. Turns only while visible, eight steps a second."""

    def __init__(self, *, size: int = 18) -> None:
        super().__init__()
        grown.fix_square(self, size)
        self._angle = 90
        self._timer = QTimer(self)
        self._timer.setInterval(125)
        self._timer.timeout.connect(self._turn)

    @Slot()
    def _turn(self) -> None:
        self._angle = (self._angle - 45) % 360
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        p.setPen(QPen(theme.color("border"), 2))
        p.drawEllipse(box)
        pen = QPen(theme.color("accent"), 2)
        pen.setCapStyle(QtCore.Qt.PenCapStyle.RoundCap)
        p.setPen(pen)
        p.drawArc(box, self._angle * 16, 100 * 16)


class Skeleton(QWidget):
    """Still grey bars where text will be. No shimmer: nothing ticks while nothing runs."""

    def __init__(self, *widths: int, bar: int = 12, fill: bool = False) -> None:
        super().__init__()
        self._widths, self._bar = widths, bar
        self.setMinimumHeight(len(widths) * (bar + 10) - 4)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Expanding, policy.Expanding if fill else policy.Fixed)
        self.setAccessibleName(self.tr("Loading"))
        theme.repaint_on_change(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i, width in enumerate(self._widths):
            top = i * (self._bar + 10)
            bar = QRectF(0, top, min(width, self.width()), self._bar)
            paint.fill_round(p, bar, 4, theme.color("border"))


class EmptyState(QWidget):
    """One icon, one sentence, one or two buttons; centred. What still works is said below."""

    def __init__(
        self,
        icon: str,
        title: str,
        text: str,
        *actions: QWidget,
        footnote: str = "",
        width: int = 460,
    ) -> None:
        super().__init__()
        centre = QtCore.Qt.AlignmentFlag.AlignHCenter
        layout = column(None, spacing=Space.S, margins=(0, Space.L, 0, Space.L))
        layout.addWidget(Glyph(icon, "text_3", size=40), 0, centre)
        layout.addLayout(_centred(label(title, Text.HEADING, wrap=True), width))
        layout.addLayout(_centred(label(text, tone="text_2", wrap=True), width))
        if actions:
            layout.addSpacing(Space.S)
            beside = FlowLayout(centre=True)
            beside.setSpacing(Space.S)
            for action in actions:
                beside.addWidget(action)
            layout.addLayout(beside)
        if footnote:
            layout.addSpacing(Space.S)
            quiet = label(footnote, Text.CAPTION, tone="text_3", wrap=True)
            layout.addLayout(_centred(quiet, width))
        layout.addStretch(1)
        self.setLayout(layout)
        self.setAccessibleName(f"{title}. {text}")


def _centred(words: Label, width: int) -> QHBoxLayout:
    words.setAlignment(QtCore.Qt.AlignmentFlag.AlignHCenter)
    grown.most_width(words, width)
    line = row(None, words, None, spacing=0)
    # All of the line that it may have, and no more than there is.
    line.setStretchFactor(words, width)
    return line


class Toast(QFrame):
    """Says what was done and offers to undo it. Bottom centre, six seconds, never for errors.

    It waits while the pointer is over it: what is about to be clicked does not go away.

    Signals:
        undone: The user wants it undone.
    """

    undone = Signal()

    def __init__(self, parent: QWidget, text: str, *, action: str = "") -> None:
        super().__init__(parent)
        self._over = parent
        layout = row(Glyph("ok", "good"), label(text), margins=(Space.M, Space.S, Space.M, Space.S))
        if action:
            undo = button(action, "link")
            undo.clicked.connect(self._on_undo)
            layout.addWidget(undo)
        self.setLayout(layout)
        self.setAccessibleName(text)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.close_now)
        self._timer.start(TOAST_MS)
        parent.installEventFilter(self)
        self.adjustSize()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start(TOAST_MS)
        super().leaveEvent(event)

    def _place(self) -> None:
        parent = self._over
        x = (parent.width() - self.width()) // 2
        self.move(x, parent.height() - self.height() - Space.XL)

    @Slot()
    def _on_undo(self) -> None:
        self.undone.emit()
        self.close_now()

    @Slot()
    def close_now(self) -> None:
        """Go before the time is up."""
        self._timer.stop()
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(QPen(theme.color("border_strong"), 1))
        p.setBrush(theme.color("surface"))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        p.drawRoundedRect(box, Radius.CARD, Radius.CARD)
