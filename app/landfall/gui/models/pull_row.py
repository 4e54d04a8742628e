"""A download: layers and total, pause or resume, cancel. A failed one says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QRectF, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from landfall.gui import paint, theme
from landfall.gui.colours import Role
from landfall.gui.format import percent
from landfall.gui.theme import Radius, Space, Text
from landfall.gui.widgets.layout import Glyph, button, column, icon_button, label, row


class PullState(Enum):
    """Where a download stands: its icon."""

    RUNNING = "download"
    PAUSED = "pause"
    QUEUED = "rent"
    FAILED = "fail"
    DONE = "ok"

    @property
    def role(self) -> Role:
        """The colour of its mark."""
        return _ROLES[self]


_ROLES: dict[PullState, Role] = {
    PullState.RUNNING: "accent",
    PullState.PAUSED: "text_2",
    PullState.QUEUED: "text_3",
    PullState.FAILED: "danger",
    PullState.DONE: "good",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What a row shows.

    Attributes:
        name: The model's tag.
        fraction: Of all bytes, 0 to 1; None while the size is not known.
        detail: One line of facts.
        layers: Share of each layer of the whole.
        remedy: Words on a button that deals with a failure, or "".
    """

    name: str
    state: PullState
    fraction: float | None
    detail: str
    layers: Sequence[float] = ()
    remedy: str = ""


class ProgressBar(QWidget):
    """6 px, a gap between layers. What failed or is paused keeps what lies on the disk."""

    def __init__(self) -> None:
        super().__init__()
        self._fraction: float | None = None
        self._layers: tuple[float, ...] = (1.0,)
        self._role: Role = "accent"
        self.setFixedHeight(6)
        theme.repaint_on_change(self)

    def set_progress(
        self, fraction: float | None, *, layers: Sequence[float] = (), role: Role = "accent"
    ) -> None:
        """Show how far; None is a bar without filling."""
        self._fraction, self._role = fraction, role
        self._layers = tuple(layers) or (1.0,)
        unknown = self.tr("size not known yet")
        self.setAccessibleName(unknown if fraction is None else percent(fraction))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        done = (self._fraction or 0.0) * self.width()
        x = 0.0
        for share in self._layers:
            width = share * self.width()
            box = QRectF(x, 0, max(width - 2, 3), 6)
            paint.fill_round(p, box, Radius.BAR, theme.color("border"))
            filled = min(max(done - x, 0), box.width())
            if filled > 0:
                bar = QRectF(x, 0, filled, 6)
                paint.fill_round(p, bar, Radius.BAR, theme.color(self._role))
            x += width


class PullRow(QWidget):
    """One line of the downloads; `show_pull` updates it in place.

    Signals:
        paused, resumed, cancelled, remedied: The buttons; each with the model's name.
    """

    paused = Signal(str)
    resumed = Signal(str)
    cancelled = Signal(str)
    remedied = Signal(str)

    def __init__(self, pull: Pull) -> None:
        super().__init__()
        self._pull = pull
        self._mark = Glyph(pull.state.value, pull.state.role, size=20)
        self._name = label(pull.name, Text.MEDIUM)
        self._share = label("", tone="text_2")
        self._bar = ProgressBar()
        self._detail = label("", Text.CAPTION, wrap=True)
        self._remedy = button("")
        self._pause = icon_button("pause", self.tr("Pause {0}").format(pull.name))
        self._resume = icon_button("play", self.tr("Resume {0}").format(pull.name))
        self._cancel = icon_button("cross", self.tr("Cancel {0}").format(pull.name))
        self._remedy.setObjectName("pull-remedy")
        self._pause.setObjectName("pull-pause")
        self._resume.setObjectName("pull-resume")
        self._cancel.setObjectName("pull-cancel")
        words = column(row(self._name, None, self._share), self._bar, self._detail, spacing=5)
        layout = row(spacing=Space.M, margins=(Space.L, Space.M, Space.M, Space.M))
        layout.addLayout(column(self._mark, None))
        layout.addLayout(words, 1)
        for control in (self._remedy, self._pause, self._resume, self._cancel):
            layout.addWidget(control)
        self.setLayout(layout)
        self._remedy.clicked.connect(self._on_remedy)
        self._pause.clicked.connect(self._on_pause)
        self._resume.clicked.connect(self._on_resume)
        self._cancel.clicked.connect(self._on_cancel)
        self.show_pull(pull)

    def show_pull(self, pull: Pull) -> None:
        """Where this download is now."""
        self._pull = pull
        state = pull.state
        self._mark.show_icon(state.value, state.role)
        queued = state is PullState.QUEUED
        share = "" if pull.fraction is None else percent(pull.fraction)
        self._share.setText(self.tr("queued") if queued else share)
        bar: Role = "text_2"
        if state is PullState.RUNNING:
            bar = "accent"
        elif state is PullState.FAILED:
            bar = "danger"
        self._bar.set_progress(pull.fraction, layers=pull.layers, role=bar)
        self._bar.setVisible(state not in (PullState.QUEUED, PullState.DONE))
        self._detail.setText(pull.detail)
        self._detail.set_tone("text_2" if state is PullState.FAILED else "text_3")
        self._remedy.setText(pull.remedy)
        self._remedy.setVisible(bool(pull.remedy))
        self._pause.setVisible(state is PullState.RUNNING)
        self._resume.setVisible(state in (PullState.PAUSED, PullState.FAILED))
        clear = self.tr("Clear {0} from the list").format(pull.name)
        cancel = self.tr("Cancel {0}").format(pull.name)
        name = clear if state is PullState.DONE else cancel
        self._cancel.setAccessibleName(name)
        self._cancel.setToolTip(name)
        self.setAccessibleName(f"{pull.name}: {share} {pull.detail}")

    @Slot()
    def _on_remedy(self) -> None:
        self.remedied.emit(self._pull.name)

    @Slot()
    def _on_pause(self) -> None:
        self.paused.emit(self._pull.name)

    @Slot()
    def _on_resume(self) -> None:
        self.resumed.emit(self._pull.name)

    @Slot()
    def _on_cancel(self) -> None:
        self.cancelled.emit(self._pull.name)
