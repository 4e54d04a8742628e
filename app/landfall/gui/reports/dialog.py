"""Make a report: of which workloads, in which format, where to; then open it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QScrollArea, QWidget

from landfall.core.errors import AppError
from landfall.gui.allowed import allow
from landfall.gui.app_values import shown_name
from landfall.gui.format import whole
from landfall.gui.hints import hint_words
from landfall.gui.outside import open_path
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.check_box import CheckBox
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Button, button, column, holder, label, row
from landfall.services.history.records import meant
from landfall.services.reports.from_window import Wanted
from landfall.services.reports.writing import Making, WrittenReport

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.verdict.decided import Entry
    from landfall.services.verdict.portfolio import Portfolio

_SUFFIXES = ("html", "pdf", "md")
_MOST_ROWS = 8
_ROW = 30


class ReportDialog(Dialog):
    """Shown with `open()`; closing it gives up what is under way, and nothing is written then."""

    def __init__(
        self,
        entries: Sequence[Entry],
        chosen: str,
        settings: Settings,
        *,
        portfolio: Portfolio,
        tasks: TaskRunner,
        messages: Messages,
        parent: QWidget | None = None,
    ) -> None:
        """Make it.

        Args:
            entries: All workloads.
            chosen: The name of the one that is ticked; "" ticks all that are the user's own, and
                the samples only where there is nothing else.
        """
        super().__init__(parent)
        self.setObjectName("report-dialog")
        self.setWindowTitle(self.tr("Make a report"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries, self._settings = tuple(entries), settings
        self._portfolio, self._tasks, self._messages = portfolio, tasks, messages
        self._task: Task | None = None
        self._written: WrittenReport | None = None
        self._meant = {one.name for one in meant(entry.saved for entry in self._entries)}
        self._boxes = tuple(self._box(entry, chosen) for entry in self._entries)
        self._format = Choice(
            self.tr("Format"),
            (
                self.tr("HTML, one file for any browser"),
                self.tr("PDF, to print and to send"),
                self.tr("Markdown, a decision record"),
            ),
            width=280,
        )
        self._format.setObjectName("report-format")
        self._prompts = CheckBox(self.tr("Include the prompts of quality runs"))
        self._prompts.setObjectName("report-prompts")
        self.line = StateLine(State.TODO, "", padding=0)
        self.line.setObjectName("report-line")
        self._build()
        self.on_ticked()

    def _box(self, entry: Entry, chosen: str) -> CheckBox:
        name, sample = entry.saved.name, entry.saved.sample
        if sample:
            # Invented numbers would be sent on as if they were of this house.
            name = self.tr("{0} (sample, invented)").format(shown_name(name, sample=True))
        ticked = entry.saved.name in ({chosen} if chosen else self._meant)
        box = CheckBox(name.replace("&", "&&"))  # a lone one would be a key to press
        box.setAccessibleName(name)
        box.setObjectName(f"report-of-{entry.saved.name}")
        box.setChecked(ticked)
        box.toggled.connect(self.on_ticked)
        return box

    def _build(self) -> None:
        words = label(
            self.tr(
                "Verdicts with their reasons, money, doubts and measurements, the inputs with"
                " sources and dates, and what was not measured. Keys are never in it, and your"
                " prompts only if you tick them. The file asks for nothing when it is opened."
            ),
            wrap=True,
        )
        self._all = self._button(self.tr("All"), "report-all", partial(self._tick, on=True))
        self._none = self._button(self.tr("None"), "report-none", partial(self._tick, on=False))
        listed = QScrollArea()
        listed.setObjectName("report-workloads")
        listed.setAccessibleName(self.tr("Workloads in the report"))
        listed.setWidgetResizable(True)
        listed.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its boxes are reached, and seen
        listed.setFrameShape(QFrame.Shape.NoFrame)
        listed.setWidget(holder(column(*self._boxes, None, spacing=0)))
        listed.setFixedHeight(_ROW * min(max(len(self._boxes), 2), _MOST_ROWS) + Space.M)
        self._cancel = self._button(self.tr("Cancel"), "report-cancel", self.on_cancel)
        self._open = self._button(self.tr("Open"), "report-open", self.on_open)
        self._folder = self._button(self.tr("Show the folder"), "report-folder", self.on_folder)
        self._write = button(self.tr("Write\u2026"), "primary")
        self._write.setObjectName("report-write")
        self._write.clicked.connect(self.on_write)
        heads = row(label(self.tr("Workloads"), Text.STRONG), None, self._all, self._none)
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        layout = column(words, spacing=Space.M, margins=margins)
        layout.addLayout(heads)
        layout.addWidget(listed)
        layout.addLayout(row(label(self.tr("Format")), self._format, None))
        layout.addWidget(self._prompts)
        layout.addWidget(self.line)
        layout.addStretch(1)
        layout.addLayout(row(self._folder, self._open, None, self._cancel, self._write))
        self.setLayout(layout)
        self.set_least_width(560)
        self._open.hide()
        self._folder.hide()
        self.line.hide()
        self._write.setDefault(True)

    def _button(self, words: str, name: str, slot: Callable[..., None]) -> Button:
        made = button(words)
        made.setObjectName(name)
        made.clicked.connect(slot)
        return made

    # What goes in

    def _tick(self, *_: bool, on: bool) -> None:
        for box in self._boxes:
            box.setChecked(on)

    def _wanted(self) -> tuple[Entry, ...]:
        pairs = zip(self._entries, self._boxes, strict=True)
        return tuple(entry for entry, box in pairs if box.isChecked())

    @Slot()
    def on_ticked(self) -> None:
        """Without a workload there is nothing to write."""
        none = "" if self._wanted() else self.tr("Tick a workload first")
        allow(self._write, none if self._task is None else self.tr("Writing"))

    # Where to

    @Slot()
    def on_write(self) -> None:
        """Ask where to; the system's own dialog asks before a file is replaced."""
        suffix = _SUFFIXES[self._format.currentIndex()]
        kinds = {
            "html": self.tr("Web pages (*.html)"),
            "pdf": self.tr("PDF (*.pdf)"),
            "md": self.tr("Markdown (*.md)"),
        }
        dialog = QFileDialog(self, self.tr("Write the report"), "", kinds[suffix])
        dialog.setObjectName("report-file")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"landfall-report.{suffix}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.on_file)
        dialog.open()

    @Slot(str)
    def on_file(self, path: str) -> None:
        """Make it, off this thread, and say how far it is."""
        if self._task is not None:
            return
        wanted = Wanted(
            entries=self._wanted(),
            settings=self._settings,
            path=Path(path),
            overwrite=True,
            with_prompts=self._prompts.isChecked(),
        )
        self._written = None
        self._open.hide()
        self._folder.hide()
        self.line.show()
        self.line.show_line(State.RUNNING, self.tr("Making the report"))
        self._task = self._tasks.stream(self._portfolio.report(wanted))
        self._task.progressed.connect(self._on_steps)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)
        self.on_ticked()

    @Slot(list)
    def _on_steps(self, steps: list[Making | WrittenReport]) -> None:
        last = steps[-1]
        if isinstance(last, Making):
            words = self.tr("{0} of {1} workloads").format(whole(last.done), whole(last.of))
            self.line.show_line(State.RUNNING, self.tr("Making the report"), words)
            return
        self._written = last
        kilobytes = whole(max(1, round(last.size_bytes / 1000)))
        words = self.tr("{0}, {1} kB").format(str(last.path), kilobytes)
        self.line.show_line(State.DONE, self.tr("The report is written"), words)
        self._open.show()
        self._folder.show()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, AppError):
            self._messages.fail(error)
        hint = hint_words(error) if isinstance(error, AppError) else ""
        message = translated(error.message) if isinstance(error, AppError) else str(error)
        self.line.show_line(State.FAILED, message, hint)

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        if self._written is None and self.line.state is State.RUNNING:
            self.line.show_line(State.SKIPPED, self.tr("Given up; nothing was written"))
        self._cancel.setText(self.tr("Close"))
        self.on_ticked()

    @Slot()
    def on_cancel(self) -> None:
        """What is under way is given up; without any the dialog closes."""
        if self._task is not None:
            self._task.cancel()
        else:
            self.reject()

    @Slot()
    def on_open(self) -> None:
        """With the program that the system has for such files."""
        if self._written is not None:
            open_path(self._written.path, self)

    @Slot()
    def on_folder(self) -> None:
        """Where it lies."""
        if self._written is not None:
            open_path(self._written.path.parent, self)

    def done(self, result: int) -> None:
        """However it is closed: what is under way is given up."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)
