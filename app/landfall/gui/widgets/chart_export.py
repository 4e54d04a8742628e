"""The menu that saves a chart: PNG at twice the size, SVG, or the numbers behind it as CSV."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QPoint, QRect, QRectF, Slot
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QMenu

from landfall.core.run.chart_table import ChartPoints
from landfall.gui.widgets.layout import Button, icon_button
from landfall.services.chart_file import as_csv, write_chart
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgGenerator

    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.gui.widgets.live_chart import LiveChart

SCALE = 2
LEAST_WIDTH, LEAST_HEIGHT = 900, 420
"""Of a picture: a chart in a small window is made larger, not its text."""


def points_of(chart: LiveChart) -> ChartPoints:
    """What the chart shows now: the stretch that is drawn, its points as they are held."""
    trace, span = chart.trace, chart.span
    names = {key: curve.name for key, curve in trace.rates.items()}
    return ChartPoints(
        rates=[(c.name, c.line.within(span.start, span.end)) for c in trace.rates.values()],
        watts=trace.watts.within(span.start, span.end),
        scope=trace.scope,
        phases={names.get(key, key): phases for key, phases in trace.phases.items()},
    )


def image_of(chart: LiveChart) -> QImage:
    """The chart at twice its size, in the colours of the theme."""
    box = _box(chart)
    image = QImage((box.size() * SCALE).toSize(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    with QPainter(image) as painter:
        chart.paint_on(painter, box)
    return image


def png(image: QImage) -> bytes:
    """An image as PNG; it takes tens of milliseconds and may be called on any thread."""
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(held.data())


def svg(chart: LiveChart) -> bytes:
    """The chart as SVG, in the colours of the theme."""
    box = _box(chart)
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Only here: loading Qt's drawings takes longer than a frame of the page that offers the menu.
    generator: QSvgGenerator = late("PySide6.QtSvg").QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(box.size().toSize())
    generator.setViewBox(QRect(QPoint(), box.size().toSize()))
    generator.setTitle(chart.accessibleName())
    with QPainter(generator) as painter:
        chart.paint_on(painter, box)
    return bytes(held.data())


def _box(chart: LiveChart) -> QRectF:
    return QRectF(0, 0, max(chart.width(), LEAST_WIDTH), max(chart.height(), LEAST_HEIGHT))


class ChartExport(QObject):
    """A button with the menu; put it where the chart's heading is.

    Args:
        chart: The chart, or None while it is not made yet.
        name: Is offered as the name of the file.
    """

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        *,
        chart: Callable[[], LiveChart | None],
        name: str,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._messages, self._chart, self._name = tasks, messages, chart, name
        self._kind = "png"
        self.dialog: QFileDialog | None = None
        self.button: Button = icon_button("export", self.tr("Save the chart"))
        self.button.setObjectName("chart-export")
        self.button.clicked.connect(self._on_clicked)
        self.menu = QMenu(self.button)
        for kind, words in (
            ("png", self.tr("Picture, PNG\u2026")),
            ("svg", self.tr("Drawing, SVG\u2026")),
            ("csv", self.tr("Numbers, CSV\u2026")),
        ):
            action = self.menu.addAction(words)
            action.setObjectName(f"chart-as-{kind}")
            action.triggered.connect(partial(self._ask, kind))

    @Slot()
    def _on_clicked(self) -> None:
        self.menu.popup(self.button.mapToGlobal(QPoint(0, self.button.height())))

    def _ask(self, kind: str, _checked: bool = False) -> None:
        if self.dialog is not None:
            self.dialog.raise_()
            return
        self._kind = kind
        filters = f"{kind.upper()} (*.{kind})"
        dialog = QFileDialog(
            self.button.window(), self.tr("Save the chart"), f"{self._name}.{kind}", filters
        )
        dialog.setObjectName("chart-dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(self._on_finished)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    @Slot(str)
    def _on_file(self, file: str) -> None:
        chart = self._chart()
        if chart is None:
            return
        writing = self._tasks.run(write_chart(Path(file), self._content(chart)))
        writing.succeeded.connect(self._on_written)
        writing.failed.connect(self._messages.fail)

    def _content(self, chart: LiveChart) -> Callable[[], bytes]:
        """What is drawn now, ready to be encoded elsewhere."""
        if self._kind == "csv":
            return partial(as_csv, points_of(chart))
        if self._kind == "svg":
            return partial(bytes, svg(chart))
        return partial(png, image_of(chart))

    @Slot(object)
    def _on_written(self, name: str) -> None:
        self._messages.toast(self.tr("Saved the chart as {0}").format(name))

    @Slot()
    def _on_finished(self) -> None:
        self.dialog = None
