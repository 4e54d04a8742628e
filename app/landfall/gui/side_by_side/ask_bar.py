"""How it is asked: prompts of a file or one a line, blind or not, for which workload."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.theme import Space
from landfall.gui.widgets.check_box import CheckBox
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.flow import FlowLayout
from landfall.gui.widgets.layout import button, icon_button, row


class AskBar(QWidget):
    """Between the columns and the prompt.

    Signals:
        file_wanted: Prompts of a file are wanted. file_dropped: no longer.
        changed: Something else is chosen.
    """

    file_wanted = Signal()
    file_dropped = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.file = button(self.tr("Open prompts\u2026"), icon="document")
        self.file.setObjectName("open-prompts")
        self.file.setToolTip(
            self.tr("A text file, one prompt a line, or JSON lines with \u201cprompt\u201d")
        )
        self.drop = icon_button("cross", self.tr("Type a prompt instead"))
        self.drop.setObjectName("drop-prompts")
        self.drop.hide()
        self.lines = CheckBox(self.tr("Each line is a prompt"))
        self.lines.setObjectName("prompt-lines")
        self.blind = CheckBox(self.tr("Blind"))
        self.blind.setObjectName("blind")
        self.blind.setToolTip(self.tr("Nobody is named until you have voted for the best answer"))
        self.workload = Choice(self.tr("Workload the votes are kept for"), (), width=170)
        self.workload.setObjectName("side-workload")
        self.workload.addItem(self.tr("No workload"), None)
        flow = FlowLayout()
        for one in (self._files(), self.lines, self.blind, self.workload):
            one.setMinimumHeight(30)
            flow.addWidget(one)
        flow.setSpacing(Space.M)
        self.setLayout(flow)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.file.clicked.connect(self.file_wanted)
        self.drop.clicked.connect(self.file_dropped)
        for box in (self.lines, self.blind):
            box.toggled.connect(self._on_changed)
        self.workload.activated.connect(self._on_changed)

    def _files(self) -> QWidget:
        place = QWidget()
        place.setLayout(row(self.file, self.drop, spacing=2))
        return place

    @property
    def workload_name(self) -> str | None:
        """The workload that was chosen, or None."""
        name: str | None = self.workload.currentData()
        return name

    def offer(self, workloads: Sequence[str]) -> None:
        """These workloads are there now; the choice stays where it can."""
        chosen = self.workload_name
        if [self.workload.itemData(i) for i in range(1, self.workload.count())] == list(workloads):
            return
        self.workload.blockSignals(True)
        while self.workload.count() > 1:
            self.workload.removeItem(1)
        for name in workloads:
            self.workload.addItem(name, name)
        self.workload.setCurrentIndex(max(0, self.workload.findData(chosen)) if chosen else 0)
        self.workload.blockSignals(False)
        self.workload.setVisible(bool(workloads))

    def show_file(self, name: str) -> None:
        """Prompts of this file are asked, or of none ("")."""
        self.drop.setVisible(bool(name))
        self.file.setText(name or self.tr("Open prompts\u2026"))
        self.lines.setVisible(not name)

    def block(self, why: str) -> None:
        """Why it cannot be asked otherwise now, or ""."""
        for one in (self.file, self.drop, self.lines, self.blind, self.workload):
            allow(one, why)

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()
