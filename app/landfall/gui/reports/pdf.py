"""A report as PDF, drawn by Qt on pages of its own: vectors and text, no picture of a screen.

Made in a process without a window (`services.reports.writing`), so that neither the command line
imports Qt nor the window waits.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLocale, QMarginsF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter

from landfall.core.reporting.blocks import Page, Report
from landfall.gui.reports.paper import DPI, Sheet
from landfall.gui.reports.paper_blocks import draw_page

_MARGINS_MM = QMarginsF(17, 15, 17, 17)
_SCALES = (1.0, 0.93, 0.86, 0.8)
"""Of a page that is to fit on one sheet; at the last its text is still 7 points."""


def pdf_of(report: Report) -> bytes:
    """The whole file. Without an application one is made that shows nothing."""
    application = QGuiApplication.instance()
    if application is None:
        # Also on a machine with a display: nothing of this is to be seen on it. Windows needs no
        # display, and offscreen Qt knows none of its fonts: every letter would be an empty box.
        if sys.platform != "win32":
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        application = QGuiApplication(["landfall"])
    return drawn(report, paper())


def paper() -> QPageSize.PageSizeId:
    """What lies in the printers of this system's country."""
    inches = (QLocale.MeasurementSystem.ImperialUSSystem,)
    letter = QLocale.system().measurementSystem() in inches
    return QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4


def drawn(report: Report, size: QPageSize.PageSizeId) -> bytes:
    """The report on paper of a size. Needs an application.

    Raises:
        RuntimeError: Qt could not draw on it.
    """
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    with _begun(report, size, buffer) as sheet:
        for place, page in enumerate(report.pages):
            if place:
                sheet.turn()
            title = "" if place else report.title
            sheet.shrink(_scale_of(report, page, size, title=title) if page.one_sheet else 1.0)
            draw_page(sheet, page, title=title)
        sheet.end()
    buffer.close()
    return bytes(data.data())


@contextmanager
def _begun(report: Report, size: QPageSize.PageSizeId, device: QIODevice) -> Iterator[Sheet]:
    """An empty sheet of that size, written to a device."""
    writer = QPdfWriter(device)
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(size))
    writer.setPageMargins(_MARGINS_MM, QPageLayout.Unit.Millimeter)
    writer.setTitle(report.title)
    writer.setCreator(report.made_by)
    painter = QPainter()
    if not painter.begin(writer):
        raise RuntimeError("Qt cannot draw on the page")
    try:
        yield Sheet(writer, painter, footer=f"{report.as_of} · {report.made_by} · {report.title}")
    finally:
        painter.end()


def _scale_of(report: Report, page: Page, size: QPageSize.PageSizeId, *, title: str) -> float:
    """At which size a page fits on one sheet; the smallest that can be read where it does at none.

    Found out by drawing it where nobody looks.
    """
    for scale in _SCALES:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        with _begun(report, size, buffer) as sheet:
            sheet.shrink(scale)
            draw_page(sheet, page, title=title)
            if sheet.number == 1:
                return scale
    return _SCALES[-1]
