"""Tokens a second (left, solid) and watts (right, dashed) on one time axis, live or of a past run.

How to use it: `add_rates`, `add_watts` and `show_phases` while something runs; `show_run` for a run
of the history. It can share a `Trace` that somebody else fills: call `refresh()` after each change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from time import perf_counter

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.events import PowerSample
from landfall.core.run.live_curves import Point, PowerPoint, curve_of
from landfall.core.run.phases import Phase
from landfall.gui import theme
from landfall.gui.colours import Role
from landfall.gui.format import duration, plain
from landfall.gui.scope_words import scope_words
from landfall.gui.theme import Radius
from landfall.gui.units import Unit
from landfall.gui.widgets.chart_cursor import next_time, paint_cursor, words_of
from landfall.gui.widgets.chart_curves import NAMED_ROWS
from landfall.gui.widgets.chart_layout import Frame, Span
from landfall.gui.widgets.chart_painting import Part, chart_parts, paint_chart, phase_word
from landfall.gui.widgets.trace import Trace

FRAME_MS = 100
SAY_SECONDS = 1.0
"""A screen reader is told no more often."""
WATCHED_SECONDS = 60.0
"""At least so much time is shown of a machine that is only watched."""
_MARGIN = 1.02
"""The newest point stands a little before the right edge."""
_STEPS = 100
"""Points further apart than such a share of the width are stepped over with the arrow keys."""


class LiveChart(QWidget):
    """Redraws at most ten times a second and only after something came; hidden or paused it only
    keeps what comes. The cursor is drawn over a picture of the chart, so that it costs next to
    nothing: mouse, or Left, Right, Home and End. Space pauses.

    Signals:
        paused_changed: The drawing stands still now, or goes on.
    """

    paused_changed = Signal(bool)

    def __init__(self, trace: Trace | None = None) -> None:
        super().__init__()
        self.trace = Trace() if trace is None else trace
        self._window: float | None = None
        self._paused_at: float | None = None
        self._picture: QPixmap | None = None
        self._frame: Frame | None = None
        self._cursor: float | None = None
        self._said_at = 0.0
        self.setObjectName("live-chart")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(FRAME_MS)
        self._due.timeout.connect(self._on_frame)
        self._next: QPixmap | None = None
        self._next_frame: Frame | None = None
        self._parts: deque[Part] = deque()
        self._next_part = QTimer(self)
        self._next_part.setSingleShot(True)
        self._next_part.setInterval(0)
        self._next_part.timeout.connect(self._on_part)
        self.tell()

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    # What is shown

    def show_run(
        self,
        rates: Sequence[Point],
        samples: Sequence[PowerSample],
        phases: Sequence[Phase] = (),
        *,
        name: str = "tok/s",
        idle_watts: float | None = None,
    ) -> None:
        """Show one run of the past in the place of what was shown.

        Args:
            rates: Seconds since the prompt was sent, and tokens a second.
            samples: Of its power; `at` is in seconds since the prompt was sent. None is no curve.
            phases: See `core.run.phases.kept_phases`.
            name: Of what answered.
        """
        self.trace.clear()
        self.trace.begin_rate("", name, "here")
        self.trace.add_rates("", rates)
        watts, scopes = curve_of(samples)
        self.trace.add_watts(watts, scope_words(" + ".join(sorted(scopes))))
        self.trace.idle_watts = idle_watts
        if phases:
            self.trace.phases[""] = tuple(phases)
        self._cursor = None
        self.draw_now()

    def clear_curves(self) -> None:
        """Empty the chart for the next run; a pause ends with it."""
        self.trace.clear()
        self._cursor = None
        self.set_paused(False)
        self.draw_now()

    def add_rates(
        self, points: Iterable[Point], *, key: str = "", name: str = "tok/s", role: Role = "here"
    ) -> None:
        """More of a rate's curve; another `key` is another run, drawn beside the first."""
        self.trace.begin_rate(key, name, role)
        self.trace.add_rates(key, points)
        self.refresh()

    def add_watts(self, points: Iterable[PowerPoint], *, scope: str) -> None:
        """More of the power curve; `scope` says what the watts include ("GPU board")."""
        self.trace.add_watts(points, scope)
        self.refresh()

    def show_phases(self, phases: Sequence[Phase], *, key: str = "") -> None:
        """What the answer of this key does when; "" speaks for the whole chart."""
        self.trace.phases[key] = tuple(phases)
        self.refresh()

    def set_idle(self, watts: float | None) -> None:
        """The draw with nothing to do, dotted; on the scale of the watts."""
        self.trace.idle_watts = watts
        self.refresh()

    @property
    def rate_points(self) -> dict[str, tuple[PowerPoint, ...]]:
        """What the curves hold, by key."""
        return {key: curve.line.points for key, curve in self.trace.rates.items()}

    @property
    def watt_points(self) -> tuple[PowerPoint, ...]:
        """What the power curve holds."""
        return self.trace.watts.points

    # Which stretch of it

    @property
    def window_seconds(self) -> float | None:
        """So many seconds are shown at most, the newest; None is all."""
        return self._window

    def set_window(self, seconds: float | None) -> None:
        """Show the newest seconds only, or all."""
        self._window = seconds
        self._redraw()

    @property
    def paused(self) -> bool:
        """Whether the drawing stands still while the data goes on."""
        return self._paused_at is not None

    def set_paused(self, paused: bool) -> None:
        """Stand still, or go on at what is newest."""
        if paused == self.paused:
            return
        self._paused_at = self.trace.end if paused else None
        self._due.stop()
        self._redraw()
        self.tell()
        self.paused_changed.emit(paused)

    @property
    def span(self) -> Span:
        """The stretch of time that is shown."""
        return self._newest(self.trace.end if self._paused_at is None else self._paused_at)

    def _newest(self, end: float) -> Span:
        if self._window is None or end <= self._window:
            least = 1.0 if self.trace.since != "opened" else self._window or WATCHED_SECONDS
            return Span(start=0.0, end=max(end * _MARGIN, least))
        return Span(start=end - self._window, end=end + self._window * (_MARGIN - 1))

    # Drawing

    @property
    def is_due(self) -> bool:
        """Whether a redraw is waiting, or half done."""
        return self._due.isActive() or self._next is not None

    @Slot()
    def refresh(self) -> None:
        """Something came: draw it at the next frame, if anybody can see it."""
        if self._paused_at is None and self.isVisible() and not self._due.isActive():
            self._due.start()

    @Slot()
    def _on_frame(self) -> None:
        """Begin the next picture: piece by piece, a turn of the event loop each."""
        if self._next is not None:
            self._due.start()
            return
        self._next = self._canvas()
        self._next_frame, parts = chart_parts(self._inner(), self.trace, self.span)
        self._parts = deque(parts)
        self._next_part.start()

    @Slot()
    def _on_part(self) -> None:
        if self._next is None:
            return
        with QPainter(self._next) as painter:
            self._parts.popleft()(painter)
        if self._parts:
            self._next_part.start()
            return
        self._picture, self._frame, self._next = self._next, self._next_frame, None
        self.update()
        if perf_counter() - self._said_at >= SAY_SECONDS:
            self.tell()

    @Slot()
    def draw_now(self) -> None:
        """Draw what came, without waiting for the next frame."""
        self._redraw()
        self.tell()

    def _redraw(self) -> None:
        self._picture = self._next = None
        self.update()

    def restyle(self) -> None:
        """The theme is another one."""
        self._redraw()

    @property
    def frame(self) -> Frame | None:
        """Where things lie since the last painting."""
        return self._frame

    def paint_on(self, p: QPainter, box: QRectF) -> Frame:
        """Paint the chart without cursor, for a file."""
        return paint_chart(p, box, self.trace, self.span)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._painted()
        p = QPainter(self)
        p.drawPixmap(0, 0, self._picture)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._cursor is not None and self._frame is not None:
            paint_cursor(p, self._frame, self.trace, self._cursor)
        if self.hasFocus():
            p.setPen(QPen(theme.color("focus"), 2))
            p.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            p.drawRoundedRect(ring, Radius.CONTROL, Radius.CONTROL)

    def _painted(self) -> QPixmap:
        picture = self._canvas()
        with QPainter(picture) as painter:
            self._frame = self.paint_on(painter, self._inner())
        return picture

    def _canvas(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        canvas = QPixmap((QSize(self.size()) * ratio).expandedTo(QSize(1, 1)))
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(theme.color("surface"))
        return canvas

    def _inner(self) -> QRectF:
        return QRectF(self.rect()).adjusted(3, 3, -3, -3)

    # In words

    @Slot()
    def tell(self) -> None:
        """The last values, for a screen reader."""
        self._said_at = perf_counter()
        parts = [
            f"{curve.name} {last[1]:.0f}"
            for curve in self.trace.rates.values()
            if (last := curve.line.last) is not None and last[1] is not None
        ]
        last = self.trace.watts.last
        if last is not None and last[1] is not None:
            parts.append(f"{self.trace.scope} {plain(last[1], Unit.WATTS)}")
        lanes = self.trace.lanes()
        if len(lanes) <= NAMED_ROWS:
            parts += [self._phase_words(found) for _, found in lanes]
        if self.paused:
            parts.append(self.tr("paused"))
        name = self.tr("Tokens a second and watts over time: {0}")
        self.setAccessibleName(name.format(", ".join(parts) or self.tr("nothing yet")))

    def _phase_words(self, found: Sequence[Phase]) -> str:
        return ", ".join(f"{phase_word(one.kind)} {duration(one.seconds)}" for one in found)

    # The cursor

    @property
    def cursor_seconds(self) -> float | None:
        """Where the cursor stands, or None."""
        return self._cursor

    def set_cursor(self, seconds: float | None) -> None:
        """Put the cursor at a time and say what is there; None takes it away."""
        if seconds == self._cursor:
            return
        self._cursor = seconds
        said = "" if seconds is None else ". ".join(words_of(self.trace.at(seconds)))
        self.setAccessibleDescription(said)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        frame, at = self._frame, event.position()
        if frame is None or self.trace.is_empty:
            return
        reach = frame.plot.adjusted(-2, frame.bands_top - frame.plot.top(), 2, 2)
        self.set_cursor(frame.seconds(at.x()) if reach.contains(QPointF(at)) else None)

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self.set_cursor(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.set_cursor(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Space:
                self.set_paused(not self.paused)
            case Qt.Key.Key_Left:
                self._step(forward=False)
            case Qt.Key.Key_Right:
                self._step(forward=True)
            case Qt.Key.Key_Home:
                self._jump(0)
            case Qt.Key.Key_End:
                self._jump(-1)
            case _:
                super().keyPressEvent(event)

    def _shown_times(self) -> list[float]:
        span = self.span
        return [at for at in self.trace.times if span.start <= at <= span.end]

    def _jump(self, place: int) -> None:
        if times := self._shown_times():
            self.set_cursor(times[place])

    def _step(self, *, forward: bool) -> None:
        """To the next time that has a point, and far enough that the cursor is seen to move."""
        times, at = self._shown_times(), self._cursor
        if not times:
            return
        if at is None:
            self.set_cursor(times[-1])
            return
        least = self.span.seconds / _STEPS
        self.set_cursor(next_time(times, at, forward=forward, least_seconds=least))

    # When it is seen

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._redraw()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.draw_now()

    def hideEvent(self, event: QHideEvent) -> None:
        self._due.stop()
        self._next = None
        super().hideEvent(event)
