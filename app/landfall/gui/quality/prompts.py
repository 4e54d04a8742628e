"""The file of prompts: chosen, understood, its columns named, its first prompts and problems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout

from landfall.core.errors import AppError
from landfall.core.quality.sets import Columns
from landfall.gui import grown
from landfall.gui.format import whole
from landfall.gui.hints import hint_words, message_words
from landfall.gui.quality.words import left_out_words, set_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.cells import Plain
from landfall.gui.widgets.controls import Choice, SegmentedControl
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, column, holder, label, row
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import HEADER, DataTable
from landfall.services.quality.opening import OpenedSet, open_set

if TYPE_CHECKING:
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History

MEANINGS = ("prompt", "expected", "incumbent", "cluster")
SHOWN = 5
"""Prompts of the preview, and lines of problems that are seen at once."""
ROW = 34
_LONGEST = 300
_PREVIEW, _PROBLEMS = 0, 1


def _tr(text: str) -> str:
    return QCoreApplication.translate("quality", text)


class PromptsCard(Card):
    """Keeps what was read of the file last.

    Attributes:
        opened: The file, or None.

    Signals:
        changed: Another file, or its columns mean something else.
    """

    changed = Signal()

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        self.choose = button("", icon="document")
        self.choose.setObjectName("gate-choose-file")
        super().__init__(_tr("Your prompts"), self.choose)
        self.setAcceptDrops(True)
        self._tasks, self._messages, self._history = tasks, messages, history
        self._reading: Task | None = None
        self._reads: Path | None = None
        self.opened: OpenedSet | None = None
        self._build()
        self.choose.clicked.connect(self.on_choose)
        self._say_nothing()

    def _build(self) -> None:
        self.line = StateLine(State.TODO, "", padding=0)
        self.line.setObjectName("gate-file-line")
        self.left_out = label("", Text.CAPTION, tone="caution", wrap=True)
        self.left_out.setObjectName("gate-left-out")
        self._make_mapping()
        self.view = SegmentedControl((self.tr("First prompts"), self.tr("Problems")))
        self.view.setObjectName("gate-file-view")
        self.view.setAccessibleName(self.tr("What of the file is shown"))
        self.view.chosen.connect(self._on_view)
        self._make_tables()
        self._details = holder(
            column(
                label(self.tr("What the columns mean"), Text.MEDIUM),
                self._mapping,
                row(self.view, None),
                self.rows,
                self.problems,
                spacing=Space.S,
            )
        )
        self.add(self.line, self.left_out, self._details)

    def _make_mapping(self) -> None:
        self.meanings: dict[str, Choice] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.M)
        grid.setVerticalSpacing(Space.XS)
        for place, meaning in enumerate(MEANINGS):
            choice = Choice(self._meaning_word(meaning), (), width=120)
            choice.setObjectName(f"gate-column-{meaning}")
            choice.activated.connect(self._on_mapping)
            self.meanings[meaning] = choice
            caption = label(self._meaning_word(meaning), Text.CAPTION, tone="text_2")
            grid.addWidget(caption, 2 * (place // 2), place % 2)
            grid.addWidget(choice, 2 * (place // 2) + 1, place % 2)
        for side in (0, 1):
            grid.setColumnStretch(side, 1)
        self._mapping = holder(grid)

    def _make_tables(self) -> None:
        self.rows = self._table(
            (
                Column(self.tr("Line"), 56, right=True),
                Column(self.tr("Prompt")),
                Column(self.tr("Expected"), 120),
                Column(self.tr("Today\u2019s answer"), 120),
            ),
            self.tr("First prompts as understood"),
            "gate-first-prompts",
        )
        self.problems = self._table(
            (
                Column(self.tr("Line"), 56, right=True),
                Column(self.tr("Column"), 110),
                Column(self.tr("Why it is left out")),
            ),
            self.tr("Lines that are left out"),
            "gate-problems",
        )

    def _table(self, columns: Sequence[Column], name: str, object_name: str) -> DataTable:
        table = DataTable(columns, name, row_height=ROW, scrolls=True, marks=False)
        table.setObjectName(object_name)
        return table

    def _meaning_word(self, meaning: str) -> str:
        return {
            "prompt": self.tr("Prompt"),
            "expected": self.tr("Expected answer"),
            "incumbent": self.tr("Today\u2019s answer"),
            "cluster": self.tr("Source (document, customer)"),
        }[meaning]

    # Which file

    @Slot()
    def on_choose(self) -> None:
        """Ask for a file."""
        kinds = self.tr("Prompts (*.jsonl *.ndjson *.csv *.tsv *.txt);;All files (*)")
        dialog = QFileDialog(self, self.tr("Your prompts"), "", kinds)
        dialog.setObjectName("gate-file-dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.read)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.read(paths[0])

    @Slot(str)
    def read(self, path: str) -> None:
        """Read this file; its columns mean what was remembered."""
        self._read(Path(path), None)

    def _read(self, path: Path, columns: Columns | None) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._reads = path
        self.line.show_line(State.RUNNING, self.tr("Reading {0}").format(path.name))
        task = self._tasks.run(open_set(self._history, path, columns))
        self._reading = task
        task.succeeded.connect(self._on_opened)
        task.failed.connect(self._on_failed)

    @Slot()
    def _on_mapping(self) -> None:
        if self.opened is not None:
            said = {meaning: str(one.currentData() or "") for meaning, one in self.meanings.items()}
            self._read(self.opened.path, Columns(**said))

    @Slot(object)
    def _on_opened(self, opened: OpenedSet) -> None:
        if opened.path != self._reads:
            return
        self._reading = None
        self.opened = opened
        self._show_opened(opened)
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._reading, self.opened = None, None
        if isinstance(error, AppError):
            self.line.show_line(State.FAILED, message_words(error), hint_words(error))
        else:
            self._say_nothing()
            self._messages.fail(error)
        self._show_details()
        self.changed.emit()

    # What is shown

    def _say_nothing(self) -> None:
        self.choose.setText(self.tr("Choose a file\u2026"))
        self.line.show_line(
            State.TODO,
            self.tr("JSON lines or CSV with your own prompts"),
            self.tr(
                "One prompt a line; where you have them the expected answer, what today\u2019s"
                " model answered, and where the prompt is from. The file is read on this machine."
                " You can drop it here."
            ),
        )
        self._show_details()

    def _show_opened(self, opened: OpenedSet) -> None:
        found = opened.found
        self.choose.setText(self.tr("Another file\u2026"))
        for meaning, choice in self.meanings.items():
            self._fill(choice, opened.names, getattr(opened.columns, meaning))
        if found.prompts:
            name = self.tr("{0}: {1}").format(opened.path.name, set_words(found))
            self.line.show_line(State.DONE, name)
        else:
            first = (
                translated(found.problems[0].reason) if found.problems else self.tr("It is empty.")
            )
            said = self.tr("{0} has no prompt that can be used").format(opened.path.name)
            self.line.show_line(State.FAILED, said, first)
        self.left_out.setText(left_out_words(found))
        self.rows.set_rows(
            [
                (
                    Plain(whole(one.line), right=True, tone="text_3"),
                    Plain(_short(one.prompt)),
                    Plain(_short(one.expected or "")),
                    Plain(_short(one.incumbent or "")),
                )
                for one in found.prompts[:SHOWN]
            ]
        )
        self.problems.set_rows(
            [
                (
                    Plain(whole(one.line), right=True),
                    Plain(one.column),
                    Plain(translated(one.reason)),
                )
                for one in found.problems
            ]
        )
        self.view.set_count(_PROBLEMS, len(found.problems))
        wanted = _PREVIEW if found.prompts else _PROBLEMS
        if not found.problems or not found.prompts:
            self.view.choose(wanted)
        self._show_details()

    def _fill(self, choice: Choice, names: Sequence[str], chosen: str) -> None:
        choice.blockSignals(True)
        choice.clear()
        choice.addItem(self.tr("none"), "")
        for name in names:
            choice.addItem(name, name)
        lowered = [name.lower() for name in names]
        at = lowered.index(chosen.lower()) + 1 if chosen.lower() in lowered else 0
        choice.setCurrentIndex(at)
        choice.blockSignals(False)

    @Slot()
    def _on_view(self) -> None:
        self._show_details()

    def _show_details(self) -> None:
        opened = self.opened
        self._details.setVisible(opened is not None)
        self.left_out.setVisible(opened is not None and bool(self.left_out.text()))
        shows_problems = self.view.current == _PROBLEMS
        self.rows.setVisible(not shows_problems)
        self.problems.setVisible(shows_problems)
        for table in (self.rows, self.problems):
            count = max(1, min(SHOWN, table.filter.rowCount()))
            grown.fix_height(table, ROW, times=count, rest=HEADER + 2)


def _short(text: str) -> str:
    """The beginning of a text on one line: a table shows no more of it."""
    return " ".join(text[:_LONGEST].split())
