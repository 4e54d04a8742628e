"""Tokens a second (left, solid) and watts (right, dashed) on one time axis, while something runs.

Imports pyqtgraph: reach it through `ChartSlot("landfall.gui.widgets.live_chart", make)`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent

from landfall.gui import theme
from landfall.gui.format import Unit, plain
from landfall.gui.theme import Role, Text
from landfall.gui.widgets.plots import Plot, pen

POINTS = 1200
"""Of each curve: more cost time and show nothing more."""
FRAME_MS = 100
_NAME_SHARE = 0.35
"""Of the curve's length that a name at its end may cover."""
Point = tuple[float, float]
_DASH = Qt.PenStyle.DashLine
_DOT = Qt.PenStyle.DotLine


@dataclass(slots=True)
class _Series:
    name: str
    role: Role
    dash: Qt.PenStyle
    curve: Any
    note: Any
    points: deque[Point] = field(default_factory=lambda: deque(maxlen=POINTS))


class LiveChart(Plot):
    """Curves of rates, and of watts where there is a power source.

    Redraws at most ten times a second and only after `add_...`; while it is hidden it only keeps
    the points. Times are seconds since the prompt was sent.
    """

    def __init__(self) -> None:
        super().__init__("")
        self._rates: dict[str, _Series] = {}
        self._watts: _Series | None = None
        self._idle: Any = None
        self._reason = ""
        self._right = pg.ViewBox(enableMenu=False)
        self.scene().addItem(self._right)
        self.getAxis("right").linkToView(self._right)
        self._right.setXLink(self.getPlotItem())
        self.getViewBox().sigResized.connect(self._on_resized)
        self.setMouseEnabled(x=True, y=False)
        self.name_axis("left", "tok/s")
        self.name_axis("bottom", self.tr("seconds since the prompt was sent"))
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setInterval(FRAME_MS)
        self._frame.timeout.connect(self.draw_now)
        self.clear_curves()

    def clear_curves(self) -> None:
        """Empty the chart for the next run."""
        for series in self._rates.values():
            self.removeItem(series.curve)
            self.removeItem(series.note)
        self._rates.clear()
        if self._watts is not None:
            self._right.removeItem(self._watts.curve)
            self._right.removeItem(self._watts.note)
            self._watts = None
        if self._idle is not None:
            self._right.removeItem(self._idle)
            self._idle = None
        self.hideAxis("right")
        self._say()

    def add_rates(
        self, points: Iterable[Point], *, key: str = "", name: str = "tok/s", role: Role = "here"
    ) -> None:
        """More of a rate's curve; another `key` is another run, drawn beside the first."""
        series = self._rates.get(key)
        if series is None:
            dash = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashDotLine, _DASH)[len(self._rates) % 3]
            curve = self.plot([], [], pen=pen(role, dash))
            curve.setDownsampling(auto=True, method="peak")
            curve.setClipToView(True)
            note = self.note(name, 0, 0, role=role, anchor=(1, 1))
            series = self._rates[key] = _Series(name, role, dash, curve, note)
        series.points.extend(points)
        self._due()

    def add_watts(self, points: Iterable[Point], *, scope: str) -> None:
        """More of the power curve; `scope` says what the watts include ("GPU board")."""
        if self._watts is None:
            curve = pg.PlotCurveItem(pen=pen("text_2", _DASH), antialias=True)
            self._right.addItem(curve)
            note = pg.TextItem(scope, color=theme.color("text_2"), anchor=(1, 0))
            note.setFont(theme.font(Text.CAPTION_STRONG))
            self._right.addItem(note)
            self._watts = _Series(scope, "text_2", _DASH, curve, note)
            self.showAxis("right")
            self.name_axis("right", f"W, {scope}")
        self._watts.points.extend(points)
        self._due()

    def set_idle(self, watts: float) -> None:
        """The draw before the run, dotted; on the axis of the watts."""
        if self._idle is None:
            options = {"color": theme.color("text_3"), "position": 0.02, "anchors": [(0, 1)] * 2}
            name = self.tr("idle {0}").format(plain(watts, Unit.WATTS))
            line = pen("text_3", _DOT)
            self._idle = pg.InfiniteLine(watts, angle=0, pen=line, label=name, labelOpts=options)
            self._right.addItem(self._idle)
        self._idle.setValue(watts)

    @property
    def rate_points(self) -> dict[str, tuple[Point, ...]]:
        """What the curves hold, by key."""
        return {key: tuple(series.points) for key, series in self._rates.items()}

    @property
    def watt_points(self) -> tuple[Point, ...]:
        """What the power curve holds."""
        return tuple(self._watts.points) if self._watts is not None else ()

    @property
    def is_due(self) -> bool:
        """Whether a redraw is waiting."""
        return self._frame.isActive()

    def _due(self) -> None:
        if self.isVisible() and not self._frame.isActive():
            self._frame.start()

    @Slot()
    def draw_now(self) -> None:
        """Draw what came, without waiting for the next frame."""
        highest, end = 1.0, 1.0
        for series in self._rates.values():
            if series.points:
                xs, ys = np.array(series.points).T
                series.curve.setData(xs, ys)
                highest, end = max(highest, float(ys.max())), max(end, float(xs[-1]))
                series.note.setPos(xs[-1], _crest(xs, ys))
        self.setYRange(0, highest * 1.2, padding=0)
        if self._watts is not None and self._watts.points:
            xs, ys = np.array(self._watts.points).T
            self._watts.curve.setData(xs, ys)
            self._watts.note.setPos(xs[-1], ys[-1])
            end = max(end, float(xs[-1]))
            self._right.setYRange(0, float(ys.max()) * 1.3, padding=0)
        self.setXRange(0, end * 1.02, padding=0)
        self._say()

    def _say(self) -> None:
        """The last values, for a screen reader."""
        parts = [
            f"{series.name} {series.points[-1][1]:.0f}"
            for series in (*self._rates.values(), *([self._watts] if self._watts else ()))
            if series.points
        ]
        nothing = self.tr("nothing yet")
        name = self.tr("Tokens a second and watts over time: {0}")
        self.setAccessibleName(name.format(", ".join(parts) or nothing))

    def restyle(self) -> None:
        super().restyle()
        if not hasattr(self, "_rates"):
            return
        series = [*self._rates.values(), *([self._watts] if self._watts else ())]
        for one in series:
            one.curve.setPen(pen(one.role, one.dash))
            one.note.setColor(theme.color(one.role))
        if self._idle is not None:
            self._idle.setPen(pen("text_3", _DOT))

    def _on_resized(self, view: Any) -> None:
        self._right.setGeometry(view.sceneBoundingRect())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.draw_now()

    def hideEvent(self, event: QHideEvent) -> None:
        self._frame.stop()
        super().hideEvent(event)


def _crest(xs: Any, ys: Any) -> float:
    """The highest value below the name at the curve's end, so that it never covers the curve."""
    return float(ys[xs >= xs[-1] * (1 - _NAME_SHARE)].max())
