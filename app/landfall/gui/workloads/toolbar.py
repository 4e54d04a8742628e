"""The buttons beside the title of the Workloads page."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

from landfall.gui.widgets.layout import button


class WorkloadsToolbar(QObject):
    """Made with the second frame.

    Signals:
        new_asked, file_asked, usage_asked: The ways to a workload.
        report_asked, routing_asked: What verdicts can become.

    Attributes:
        in_order: From left to right.
    """

    new_asked = Signal()
    file_asked = Signal()
    usage_asked = Signal()
    report_asked = Signal()
    routing_asked = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        bring = button(self.tr("Import\u2026"))
        bring.setObjectName("import")
        bring.clicked.connect(self.file_asked)
        usage = button(self.tr("Import usage\u2026"), icon="download")
        usage.setObjectName("import-usage")
        usage.clicked.connect(self.usage_asked)
        report = button(self.tr("Report\u2026"))
        report.setObjectName("report")
        report.setAccessibleDescription(self.tr("Write verdicts into a file to hand over"))
        report.clicked.connect(self.report_asked)
        add = button(self.tr("New workload"), icon="plus")
        add.setObjectName("new-workload")
        add.clicked.connect(self.new_asked)
        routing = button(self.tr("Routing\u2026"))
        routing.setObjectName("routing")
        routing.setToolTip(self.tr("Verdicts as the routes of a LiteLLM proxy"))
        routing.clicked.connect(self.routing_asked)
        self.in_order: tuple[QPushButton, ...] = (routing, report, usage, bring, add)
