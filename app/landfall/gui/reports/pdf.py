"""A report as PDF, drawn by Qt on pages of its own: vectors and text, no picture of a screen.

Made in a process without a window (`services.reports.writing`), so that neither the command line
imports Qt nor the window waits.
"""

from __future__ import annotations

import os

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLocale, QMarginsF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter

from landfall.core.reporting.blocks import Report
from landfall.gui.reports.paper import DPI, Sheet
from landfall.gui.reports.paper_blocks import draw_page

_MARGINS_MM = QMarginsF(17, 15, 17, 17)


def pdf_of(report: Report) -> bytes:
    """The whole file. Without an application one is made that shows nothing."""
    application = QGuiApplication.instance()
    if application is None:
        # Also on a machine with a display: nothing of this is to be seen on it.
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
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setPageSize(QPageSize(size))
    writer.setPageMargins(_MARGINS_MM, QPageLayout.Unit.Millimeter)
    writer.setTitle(report.title)
    writer.setCreator(report.made_by)
    painter = QPainter()
    if not painter.begin(writer):
        raise RuntimeError("Qt cannot draw on the page")
    try:
        sheet = Sheet(writer, painter, footer=f"{report.title} · {report.as_of} · {report.made_by}")
        for place, page in enumerate(report.pages):
            if place:
                sheet.turn()
            draw_page(sheet, page, title="" if place else report.title)
        sheet.end()
    finally:
        painter.end()
    buffer.close()
    return bytes(data.data())
