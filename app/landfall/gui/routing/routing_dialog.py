"""Routing: aliases with where they go, what the check found, and the folder that is written."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QFrame, QScrollArea, QWidget

from landfall.core.errors import AppError
from landfall.core.routing.findings import Severity
from landfall.gui.allowed import allow
from landfall.gui.format import whole
from landfall.gui.hints import hint_words, message_words
from landfall.gui.outside import open_path
from landfall.gui.routing.words import (
    alias_row,
    columns,
    left_out,
    notes,
    verdict_of,
    without_verdict,
)
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, clear, column, holder, label, row
from landfall.gui.widgets.tables import DataTable
from landfall.services.routing import exporting
from landfall.services.routing.exporting import FOLDER, Preview

if TYPE_CHECKING:
    from landfall.core.routing.plan import RoutingPlan
    from landfall.core.settings import Settings
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.routing.writing import Written
    from landfall.services.verdict.decided import Decided, Entry

ROW = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the dialog asks for: how routes are planned, and how they are written into a folder."""

    preview: Callable[[Sequence[Decided], Settings], Coroutine[Any, Any, Preview]]
    export: Callable[[RoutingPlan, Path], Coroutine[Any, Any, Written]]


def means(history: History) -> Means:
    """With the hosts at hand; what is written is remembered in the history."""
    return Means(preview=exporting.preview, export=partial(_export, history))


def _export(history: History, plan: RoutingPlan, chosen: Path) -> Coroutine[Any, Any, Written]:
    return exporting.export(plan, chosen / FOLDER, history)


class RoutingDialog(Dialog):
    """Shown with `open()`."""

    def __init__(
        self,
        entries: Sequence[Entry],
        chosen: str,
        settings: Settings,
        tasks: TaskRunner,
        *,
        means: Means,
        parent: QWidget | None = None,
    ) -> None:
        """Make it, and begin to plan.

        Args:
            entries: The workloads; what has no verdict gets no alias, and why is said.
            chosen: The one that is shown on the page, or "".
            means: How routes are planned and written.
        """
        super().__init__(parent)
        self.setObjectName("routing-dialog")
        self.setWindowTitle(self.tr("Routes for a LiteLLM proxy"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings, self._tasks = settings, tasks
        self._entries = tuple(entries)
        self._one = tuple(one for one in self._entries if one.saved.name == chosen)
        self._means = means
        self._task: Task | None = None
        self._preview: Preview | None = None
        self._written: Path | None = None
        names = [self.tr("All workloads"), *([chosen] if self._one else [])]
        self.which = SegmentedControl(names)
        self.which.setObjectName("routing-which")
        self.which.setVisible(len(names) > 1 and len(self._entries) > 1)
        self.table = DataTable(
            columns(),
            self.tr("Aliases and where they go"),
            row_height=ROW,
            scrolls=True,
            marks=False,
        )
        self.table.setObjectName("routing-aliases")
        self.check = StateLine(State.RUNNING, "")
        self.check.setObjectName("routing-check")
        self.outcome = StateLine(State.TODO, "")
        self.outcome.setObjectName("routing-outcome")
        self.write = button(self.tr("Choose a folder\u2026"), "primary", icon="export")
        self.write.setObjectName("routing-write")
        self._said = column(spacing=Space.XS)
        self._build()
        self._connect()
        self._plan()

    def _build(self) -> None:
        words = self.tr(
            "LiteLLM is a proxy that your programs talk to instead of a provider. Each workload"
            " gets an alias; the proxy sends its calls where the verdict says. Private work has no"
            " way out."
        )
        card = Card().bleed()
        card.body.addWidget(self.table, 1)
        said = QScrollArea()
        said.setObjectName("routing-notes")
        said.setAccessibleName(self.tr("What to know of these routes"))
        said.setFrameShape(QFrame.Shape.NoFrame)
        said.setProperty("reads", True)
        said.setWidgetResizable(True)
        said.setWidget(holder(column(self._said, None)))
        close = button(self.tr("Close"))
        close.setObjectName("routing-close")
        close.clicked.connect(self.reject)
        layout = column(label(words, wrap=True), spacing=Space.M, margins=(Space.XL,) * 4)
        layout.addWidget(self.which)
        layout.addWidget(card, 3)
        layout.addWidget(self.check)
        layout.addWidget(said, 1)
        layout.addWidget(self.outcome)
        layout.addLayout(row(None, close, self.write))
        self.setLayout(layout)
        self.outcome.hide()
        self.write.setDefault(True)
        self.resize(860, 640)

    def _connect(self) -> None:
        self.which.chosen.connect(self.on_which)
        self.write.clicked.connect(self.on_write)
        self.outcome.triggered.connect(self.on_open)
        self.check.triggered.connect(self.on_again)

    # Planning

    @Slot(int)
    def on_which(self, _index: int) -> None:
        """All of them, or the one that is shown."""
        self._plan()

    @Slot()
    def on_again(self) -> None:
        """Ask the hosts once more."""
        self._plan()

    def _plan(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._preview = None
        self.outcome.hide()
        asking = self.tr("Asking the hosts what they serve")
        allow(self.write, asking)
        self.check.show_line(State.RUNNING, asking)
        decided = [one.decided for one in self._shown if one.decided is not None]
        task = self._tasks.run(self._means.preview(decided, self._settings))
        self._task = task
        task.succeeded.connect(self._on_planned)
        task.failed.connect(self._on_not_planned)

    @property
    def _shown(self) -> tuple[Entry, ...]:
        return self._one if self.which.current == 1 else self._entries

    @Slot(object)
    def _on_planned(self, found: Preview) -> None:
        if self.sender() is not self._task:
            return
        self._task, self._preview = None, found
        self.table.set_rows([alias_row(one) for one in found.plan.aliases])
        self._say([*without_verdict(self._shown), *left_out(found.plan), *notes(found.plan)])
        if not found.plan.aliases:
            title = self.tr("There is nothing to route")
            allow(self.write, title)
            self.check.show_line(State.SKIPPED, title, action=self.tr("Ask again"))
            return
        state, title, detail = verdict_of(found.findings, found.plan.unconfirmed)
        self.check.show_line(state, title, detail, action=self.tr("Ask again"))
        sound = all(one.severity is Severity.NOTE for one in found.findings)
        allow(self.write, "" if sound else title)

    @Slot(object)
    def _on_not_planned(self, error: Exception) -> None:
        if self.sender() is not self._task:
            return
        self._task = None
        self.table.set_rows([])
        self._say([])
        message, hint = _words(error)
        allow(self.write, message or type(error).__name__)
        self.check.show_line(State.FAILED, message, hint, action=self.tr("Ask again"))

    def _say(self, sentences: Sequence[str]) -> None:
        clear(self._said)
        for sentence in sentences:
            self._said.addWidget(label(sentence, Text.CAPTION, tone="text_2", wrap=True))

    # Writing

    @Slot()
    def on_write(self) -> None:
        """Ask where the folder shall be made."""
        dialog = QFileDialog(self, self.tr("Where shall the folder {0} be made?").format(FOLDER))
        dialog.setObjectName("routing-folder-dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.write_to)
        dialog.open()

    @Slot(str)
    def write_to(self, folder: str) -> None:
        """Write the files into a new folder inside this one."""
        if self._preview is None or self._task is not None:
            return
        allow(self.write, self.tr("Writing"))
        self.outcome.show_line(State.RUNNING, self.tr("Writing"))
        self.outcome.show()
        self._task = self._tasks.run(self._means.export(self._preview.plan, Path(folder)))
        self._task.succeeded.connect(self._on_written)
        self._task.failed.connect(self._on_not_written)

    @Slot(object)
    def _on_written(self, written: Written) -> None:
        self._task, self._written = None, written.directory
        allow(self.write)
        title = self.tr("{0} files written to {1}").format(
            whole(len(written.names)), written.directory
        )
        told = self.tr("README.md there says how the proxy is started and checked.")
        if written.unkept:
            told = (
                f"{told} {self.tr('It is not remembered: {0}').format(translated(written.unkept))}"
            )
        self.outcome.show_line(State.DONE, title, told, action=self.tr("Open the folder"))

    @Slot(object)
    def _on_not_written(self, error: Exception) -> None:
        self._task = None
        allow(self.write)
        self.outcome.show_line(State.FAILED, *_words(error))

    @Slot()
    def on_open(self) -> None:
        """Show the folder where the system shows folders."""
        if self._written is not None:
            open_path(self._written, self)

    def done(self, result: int) -> None:
        """However it is closed: what is asked is given up. What is being written stays whole."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)


def _words(error: Exception) -> tuple[str, str]:
    if isinstance(error, AppError):
        return message_words(error), hint_words(error)
    return str(error), ""
