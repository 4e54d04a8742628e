"""Import usage: what was understood of each file, what was not, and the button that keeps it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from landfall.core.dollars import usd
from landfall.core.usage.bill import reasons
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.cloud.usage_importing import Choice, UsageImporting, is_provider, usable
from landfall.gui.cloud.usage_mapping import UsageMapping
from landfall.gui.cloud.usage_picking import choose_files, dropped_paths
from landfall.gui.cloud.usage_rows import (
    kept_words,
    outcome_words,
    problem_columns,
    problem_row,
    problems_text,
    progress_words,
    read_columns,
    read_row,
    source_columns,
    source_row,
)
from landfall.gui.cloud.usage_words import is_far_off
from landfall.gui.format import whole
from landfall.gui.hints import hint_words, message_words
from landfall.gui.models.pull_row import ProgressBar
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.widgets.controls import Choice as Combo
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import BLEED, Card, button, column, label, row
from landfall.gui.widgets.tables import HEADER, DataTable
from landfall.services.usage.imports import FileSource
from landfall.services.usage_files import FORMATS

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.pricing.prices import Prices
    from landfall.services.usage.imports import Progress, Source, UsageImport
    from landfall.services.usage_files.mapping import ColumnMapping

ROW = 40
_SOURCES, _DETAILS = 3, 5
_PREVIEW, _PROBLEMS = 0, 1


class UsageImportDialog(Dialog):
    """Shown with `open()`. Reads at once and keeps nothing until Keep is pressed.

    Signals:
        kept: The history holds more now.
    """

    kept = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        *,
        prices: Callable[[], Prices],
        parent: QWidget,
    ) -> None:
        """Make it; `add` says what is imported."""
        super().__init__(parent)
        self.setObjectName("usage-import-dialog")
        self.setWindowTitle(self.tr("Import usage"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self._tasks, self._messages, self._history = tasks, messages, history
        self.importing = UsageImporting(tasks, history, prices=prices, parent=self)
        self._build()
        self._connect()
        self.resize(900, 680)

    # Building

    def _build(self) -> None:
        words = label(
            self.tr(
                "Files are read on this machine. Nothing is kept until you press Keep, and the text"
                " of prompts and answers never is."
            ),
            tone="text_2",
            wrap=True,
        )
        self.line = StateLine(State.TODO, self.tr("Nothing is chosen yet"), padding=0)
        self.line.setObjectName("usage-import-line")
        self.bar = ProgressBar()
        self.bar.setObjectName("usage-import-bar")
        self.stop = button(self.tr("Stop"), icon="stop")
        self.stop.setObjectName("usage-import-stop")
        self.reasons = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.reasons.setObjectName("usage-import-reasons")
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        layout = column(words, self._sources_card(), spacing=Space.M, margins=margins)
        layout.addWidget(self._details_card(), 1)
        head = row(spacing=Space.M)
        head.addWidget(self.line, 1)
        head.addWidget(self.stop)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.reasons)
        layout.addLayout(self._buttons())
        self.setLayout(layout)
        self.setMinimumHeight(560)
        self.set_least_width(720)

    def _sources_card(self) -> Card:
        self.sources = DataTable(
            source_columns(), self.tr("What is imported"), row_height=ROW, scrolls=True, marks=False
        )
        self.sources.setObjectName("usage-sources")
        grown.fix_height(self.sources, ROW, times=_SOURCES, rest=HEADER + 2)
        self.format = Combo(self.tr("Read as"), (self.tr("By its content"),), width=240)
        self.format.setObjectName("usage-format")
        for name, words in FORMATS.items():
            self.format.addItem(words, name)
        self.mapping = button(self.tr("Name the columns\u2026"))
        self.mapping.setObjectName("usage-map-columns")
        self.leave_out = button(self.tr("Leave out"))
        self.leave_out.setObjectName("usage-leave-out")
        caption = label(self.tr("Read as"), Text.CAPTION, tone="text_2")
        controls = row(caption, self.format, self.mapping, None, self.leave_out)
        controls.setContentsMargins(BLEED, Space.XS, BLEED, Space.XS)
        return Card().bleed().add(self.sources, controls)

    def _details_card(self) -> Card:
        self.view = SegmentedControl((self.tr("First rows"), self.tr("Problems")))
        self.view.setObjectName("usage-import-view")
        self.view.setAccessibleName(self.tr("What of the file is shown"))
        self.copy = button(self.tr("Copy"), icon="copy")
        self.copy.setObjectName("usage-copy-problems")
        self.rows = DataTable(
            read_columns(),
            self.tr("First rows as understood"),
            row_height=ROW,
            scrolls=True,
            marks=False,
        )
        self.rows.setObjectName("usage-first-rows")
        self.problems = DataTable(
            problem_columns(),
            self.tr("Rows that cannot be used"),
            row_height=ROW,
            scrolls=True,
            marks=False,
        )
        self.problems.setObjectName("usage-problems")
        self.refusal = label("", wrap=True)
        self.refusal.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.refusal.setObjectName("usage-refusal")
        self.refusal.setContentsMargins(BLEED, Space.S, BLEED, Space.S)
        card = Card(self.tr("What was understood"), self.copy, self.view).bleed()
        for table in (self.rows, self.problems):
            grown.least_height(table, ROW, times=2, rest=HEADER)
            card.body.addWidget(table, 1)
        card.body.addWidget(self.refusal, 1)
        return card

    def _buttons(self) -> QHBoxLayout:
        self.more = button(self.tr("Add files\u2026"), icon="plus")
        self.more.setObjectName("usage-add-files")
        self.folder = button(self.tr("Add a folder\u2026"))
        self.folder.setObjectName("usage-add-folder")
        self.close_ = button(self.tr("Cancel"))
        self.close_.setObjectName("usage-import-cancel")
        self.keep = button(self.tr("Keep"), "primary")
        self.keep.setObjectName("usage-keep")
        self.keep.setDefault(True)
        return row(self.more, self.folder, None, self.close_, self.keep)

    def _connect(self) -> None:
        self.importing.changed.connect(self.on_changed)
        self.importing.progressed.connect(self.on_progress)
        self.importing.broken.connect(self._messages.report_bug)
        self.importing.kept.connect(self.on_kept)
        self.sources.chosen.connect(self.on_source)
        self.format.activated.connect(self.on_format)
        self.mapping.clicked.connect(self.on_mapping)
        self.leave_out.clicked.connect(self.on_leave_out)
        self.view.chosen.connect(self.on_view)
        self.copy.clicked.connect(self.on_copy)
        self.stop.clicked.connect(self.importing.stop)
        self.more.clicked.connect(self.on_more)
        self.folder.clicked.connect(self.on_folder)
        self.close_.clicked.connect(self.reject)
        self.keep.clicked.connect(self.importing.keep)
        self.on_changed()

    # What is imported

    def add(self, sources: Sequence[Source]) -> None:
        """Look at these too."""
        self.importing.add(sources)

    def add_paths(self, paths: Sequence[str]) -> None:
        """Look at these files and folders too."""
        self.add([FileSource(path=Path(path)) for path in paths])

    @Slot()
    def on_more(self) -> None:
        """Ask for more files."""
        choose_files(self, self.add_paths)

    @Slot()
    def on_folder(self) -> None:
        """Ask for a folder: tools that log each session in a file of its own."""
        dialog = QFileDialog(self, self.tr("Import a folder of logs"))
        dialog.setObjectName("usage-folder-dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.add_paths)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.add_paths(dropped_paths(event))
        event.acceptProposedAction()

    # What is shown

    @property
    def _chosen(self) -> Choice | None:
        index = max(0, self.sources.current)
        choices = self.importing.choices
        return choices[index] if index < len(choices) else None

    @Slot()
    def on_changed(self) -> None:
        """Other sources, or another outcome."""
        choices = self.importing.choices
        self.sources.set_rows([source_row(choice) for choice in choices])
        if choices and self.sources.current < 0:
            self.sources.select(0)
        self.on_source(self.sources.current)
        busy = self.importing.busy
        self.stop.setVisible(busy)
        self.bar.setVisible(busy)
        self.bar.set_progress(None)
        self._say()
        outcome = self.importing.outcome
        new = sum(one.kept for one in outcome.files) if outcome is not None else 0
        words = self.tr("Keep one row") if new == 1 else self.tr("Keep {0} rows")
        self.keep.setText(words.format(whole(new)) if new else self.tr("Keep"))
        allow(self.keep, "" if new and not busy else self._why_not())

    def _why_not(self) -> str:
        if self.importing.busy:
            return self.tr("It is being read.")
        return self.tr("There is nothing new to keep.")

    def _say(self) -> None:
        outcome, choices = self.importing.outcome, self.importing.choices
        # Of nothing new there is no bill that could differ.
        is_new = outcome is not None and any(one.kept for one in outcome.files)
        # Not its own ones: amounts beside them are written as the window writes them.
        said = all_translated(reasons(outcome.bill, usd)) if outcome is not None and is_new else ()
        if outcome is not None and said and outcome.bill.lacks_provider:
            said += (self.tr("\u201cName the columns\u2026\u201d takes the provider of a file."),)
        self.reasons.setText(" ".join(said))
        self.reasons.setVisible(bool(self.reasons.text()))
        failure = self.importing.failure
        if self.importing.busy:
            self.line.show_line(State.RUNNING, self.tr("Reading"))
        elif failure is not None:
            self.line.show_line(State.FAILED, message_words(failure), hint_words(failure))
        elif outcome is not None:
            far = is_far_off(outcome.totals) or any(one.refusal for one in choices)
            state = State.PARTIAL if far else State.DONE
            self.line.show_line(state, outcome_words(outcome))
        elif not choices:
            self.line.show_line(State.TODO, self.tr("Nothing is chosen yet"))
        elif usable(choices):
            self.line.show_line(State.SKIPPED, self.tr("Stopped. Nothing was kept."))
        else:
            self.line.show_line(State.FAILED, self.tr("Nothing of it could be understood"))

    @Slot(object)
    def on_progress(self, progress: Progress) -> None:
        """So far."""
        words = progress_words(progress, keeping=self.importing.keeping)
        self.line.show_line(State.RUNNING, words)
        share = None
        if progress.bytes_read is not None and progress.total_bytes:
            share = min(1.0, progress.bytes_read / progress.total_bytes)
        self.bar.set_progress(share)

    @Slot(int)
    def on_source(self, _row: int) -> None:
        """Another file is looked at."""
        choice = self._chosen
        is_file = choice is not None and not is_provider(choice)
        keeping = self.tr("It is being kept.") if self.importing.keeping else ""
        for control in (self.format, self.mapping):
            allow(control, keeping if is_file else self.tr("Choose a file first."))
        allow(self.leave_out, "" if choice is not None else self.tr("Choose a file first."))
        if choice is not None and isinstance(choice.source, FileSource):
            self.format.setCurrentIndex(max(0, self.format.findData(choice.source.format)))
        self._show_details(choice)

    def _show_details(self, choice: Choice | None) -> None:
        found = choice.found if choice is not None else None
        refusal = choice.refusal if choice is not None else None
        self.view.set_count(_PROBLEMS, found.problem_count if found is not None else None)
        shows_problems = self.view.current == _PROBLEMS
        self.rows.setVisible(refusal is None and not shows_problems)
        self.problems.setVisible(refusal is None and shows_problems)
        self.refusal.setVisible(refusal is not None)
        self.refusal.setText(str(refusal) if refusal is not None else "")
        self.rows.set_rows([read_row(read) for read in found.sample] if found is not None else [])
        problems = found.problems if found is not None else ()
        self.problems.set_rows([problem_row(problem) for problem in problems])
        self.copy.setVisible(shows_problems)
        allow(self.copy, "" if problems else self.tr("There is no problem to copy."))

    @Slot()
    def on_view(self) -> None:
        """Rows or problems."""
        self._show_details(self._chosen)

    # What may be done

    @Slot(int)
    def on_format(self, index: int) -> None:
        """Read it as something else."""
        if self._chosen is not None:
            name = self.format.itemData(index)
            self.importing.read_as(max(0, self.sources.current), format=name)

    @Slot()
    def on_mapping(self) -> None:
        """Its columns are to be named."""
        choice, index = self._chosen, max(0, self.sources.current)
        if choice is not None:
            dialog = UsageMapping(self._tasks, self._history, Path(choice.name), parent=self)
            dialog.applied.connect(partial(self._read_by, index))
            dialog.open()

    def _read_by(self, index: int, mapping: ColumnMapping) -> None:
        self.importing.read_as(index, format=None, mapping=mapping)

    @Slot()
    def on_leave_out(self) -> None:
        """Do without it."""
        if self._chosen is not None:
            self.importing.leave_out(max(0, self.sources.current))

    @Slot()
    def on_copy(self) -> None:
        """The problems as text."""
        choice = self._chosen
        if choice is not None and choice.found is not None:
            text = problems_text(choice.name, choice.found.problems, choice.found.problem_count)
            QGuiApplication.clipboard().setText(text)

    @Slot(object)
    def on_kept(self, outcome: UsageImport) -> None:
        """It is in the history."""
        self._messages.toast(kept_words(outcome))
        self.kept.emit()
        self.accept()

    def done(self, result: int) -> None:
        """However it is closed: what is being read is given up."""
        self.importing.stop()
        super().done(result)
