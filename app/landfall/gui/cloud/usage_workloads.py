"""Usage becomes workloads: what it suggests, changed by the user, then made."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QWidget

from landfall.core.errors import AppError
from landfall.core.usage.proposal import Grouping
from landfall.core.workload.workload import Task
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.cloud.usage_proposals import (
    Lines,
    days_off,
    grouping_words,
    lines_of,
    names_that_clash,
    proposal_columns,
    proposal_row,
    put_together,
    told_apart,
    turned,
    with_name,
    with_task,
)
from landfall.gui.format import whole
from landfall.gui.hints import hint_words, message_words
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import EmptyState, State, StateLine
from landfall.gui.widgets.layout import Card, button, column, label, row
from landfall.gui.widgets.table_place import TablePlace
from landfall.gui.widgets.tables import HEADER, DataTable
from landfall.gui.widgets.view_choice import ViewChoice
from landfall.gui.workloads.words import task_word
from landfall.services.usage.standing import suggested
from landfall.services.usage.workloads import keep_workloads

if TYPE_CHECKING:
    from landfall.gui.tasks import Task as Running
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.usage.standing import Suggested

_TASKS = tuple(Task)
_GROUPINGS = tuple(Grouping)


class UsageWorkloads(Dialog):
    """Shown with `open()`. Nothing is stored before Make is pressed.

    Signals:
        made: Workloads were stored: their names.
        broken: A bug ended it: an exception.
    """

    made = Signal(object)
    broken = Signal(object)

    def __init__(self, tasks: TaskRunner, history: History, *, parent: QWidget) -> None:
        """Make it; the usage is read at once."""
        super().__init__(parent)
        self.setObjectName("usage-workloads-dialog")
        self.setWindowTitle(self.tr("Make workloads of usage"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._tasks, self._history = tasks, history
        self._running: Running | None = None
        self.lines: Lines = ()
        self._names: frozenset[str] = frozenset()
        self._build()
        self._connect()
        self.resize(1000, 640)
        self.ask()

    # Building

    def _build(self) -> None:
        words = label(
            self.tr(
                "Each line becomes a workload with a verdict of its own. Rename it, put together"
                " what belongs together, leave out what does not. A day without a log is not"
                " counted as a day of nothing."
            ),
            tone="text_2",
            wrap=True,
        )
        title = self.tr("By what usage becomes workloads")
        self.by = ViewChoice([name for _, name in grouping_words()], title=title)
        self.by.setObjectName("proposals-by")
        self.table = DataTable(
            proposal_columns(),
            self.tr("Workloads that the usage suggests"),
            scrolls=True,
            marks=False,
        )
        self.table.setObjectName("proposals")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        grown.least_height(self.table, 44, times=2, rest=HEADER)
        self.place = TablePlace(self.table)
        card = Card(self.tr("What the usage suggests"), self.by).bleed()
        card.body.addWidget(self.place, 1)
        self.line = StateLine(State.RUNNING, self.tr("Reading the usage"), padding=0)
        self.line.setObjectName("proposals-line")
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        layout = column(words, spacing=Space.M, margins=margins)
        layout.addWidget(card, 1)
        self.off = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.off.setObjectName("proposals-days-off")
        self.off.hide()
        layout.addWidget(self.off)
        layout.addWidget(self._changes())
        layout.addWidget(self.line)
        self.cancel = button(self.tr("Cancel"))
        self.cancel.setObjectName("proposals-cancel")
        self.make = button(self.tr("Make workloads"), "primary")
        self.make.setObjectName("proposals-make")
        self.make.setDefault(True)
        layout.addLayout(row(None, self.cancel, self.make))
        self.setLayout(layout)
        self.setMinimumHeight(520)
        self.set_least_width(760)

    def _changes(self) -> QWidget:
        self.name = QLineEdit()
        self.name.setObjectName("proposal-name")
        self.name.setAccessibleName(self.tr("Name of the workload"))
        self.keep_enter_in(self.name)
        self.task = Choice(self.tr("Kind of work"), [task_word(task) for task in _TASKS], width=190)
        self.task.setObjectName("proposal-task")
        self.merge = button(self.tr("Put together"))
        self.merge.setObjectName("proposal-merge")
        self.split = button(self.tr("Tell apart"))
        self.split.setObjectName("proposal-split")
        self.turn = button(self.tr("Leave out"))
        self.turn.setObjectName("proposal-turn")
        caption = Text.CAPTION
        fields = row(
            label(self.tr("Name"), caption, tone="text_2"),
            spacing=Space.S,
        )
        fields.addWidget(self.name, 1)
        fields.addWidget(label(self.tr("Task"), caption, tone="text_2"))
        fields.addWidget(self.task)
        buttons = row(self.merge, self.split, self.turn, None)
        return Card().add(fields, buttons)

    def _connect(self) -> None:
        self.by.chosen.connect(self.ask)
        self.table.selectionModel().selectionChanged.connect(self.on_selection)
        self.name.editingFinished.connect(self.on_name)
        self.task.activated.connect(self.on_task)
        self.merge.clicked.connect(self.on_merge)
        self.split.clicked.connect(self.on_split)
        self.turn.clicked.connect(self.on_turn)
        self.cancel.clicked.connect(self.reject)
        self.make.clicked.connect(self.on_make)
        self.on_selection()

    # Reading

    @Slot()
    def ask(self) -> None:
        """What does the usage suggest?"""
        self.line.show_line(State.RUNNING, self.tr("Reading the usage"))
        by = _GROUPINGS[self.by.current]
        self._start(suggested(self._history, by)).succeeded.connect(self._on_told)

    def _start(self, work: Coroutine[Any, Any, Any]) -> Running:
        if self._running is not None:
            self._running.cancel()
        task = self._tasks.run(work)
        self._running = task
        allow(self.make, self.line.title.text())
        task.failed.connect(self._on_failed)
        return task

    @Slot(object)
    def _on_told(self, told: Suggested) -> None:
        self._running = None
        if told.by is not _GROUPINGS[self.by.current]:
            return
        self._names = told.names
        self._show(lines_of(told.proposals), select=0)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._running = None
        self._say()
        if isinstance(error, AppError):
            self.line.show_line(State.FAILED, message_words(error), hint_words(error))
            allow(self.make, message_words(error))
        else:
            self.broken.emit(error)

    # Showing

    def _show(self, lines: Lines, *, select: int) -> None:
        self.lines = lines
        if not lines:
            title = self.tr("No usage to make workloads of")
            text = self.tr("Import files or fetch the usage of a provider first.")
            self.place.show_instead(EmptyState("workloads", title, text))
        else:
            self.place.show_table()
        self.table.set_rows([proposal_row(line, self._names) for line in lines])
        off = [QLocale().standaloneDayName(at + 1) for at in days_off(lines)]
        words = self.tr("Counted as days of nothing, since no log has a row on any: {0}.")
        self.off.setText(words.format(", ".join(off)))
        self.off.setVisible(bool(off))
        if lines:
            self.table.selectRow(min(select, len(lines) - 1))
        self.on_selection()
        self._say()

    def _say(self) -> None:
        taken = sum(line.taken for line in self.lines)
        clash = names_that_clash(self.lines)
        old = sum(line.taken and line.proposal.name in self._names for line in self.lines)
        if clash:
            said = self.tr("{0} stands twice: each workload needs a name of its own.")
            self.line.show_line(State.PARTIAL, said.format(clash[0]))
        elif old:
            said = self.tr("{0} of them are there already: what the usage tells is updated.")
            self.line.show_line(State.DONE, said.format(whole(old)))
        else:
            said = self.tr("{0} of {1} become workloads")
            if taken == len(self.lines):
                said = self.tr("All {0} become workloads")
            if taken == 1:
                said = self.tr("One of {1} becomes a workload")
            said = said.format(whole(taken), whole(len(self.lines)))
            self.line.show_line(State.DONE if taken else State.TODO, said)
        words = self.tr("Make one workload") if taken == 1 else self.tr("Make {0} workloads")
        self.make.setText(words.format(whole(taken)) if taken else self.tr("Make workloads"))
        none = "" if taken else self.tr("Nothing is chosen.")
        allow(self.make, self.tr("Two have the same name.") if clash else none)

    @property
    def _chosen(self) -> tuple[int, ...]:
        rows = (index.row() for index in self.table.selectionModel().selectedRows())
        return tuple(sorted(index for index in rows if index < len(self.lines)))

    @Slot()
    def on_selection(self) -> None:
        """Others are chosen: what can be done with them."""
        chosen = self._chosen
        one = self.lines[chosen[0]] if len(chosen) == 1 else None
        self.name.setText(one.proposal.name if one is not None else "")
        if one is not None:
            self.task.setCurrentIndex(_TASKS.index(one.proposal.task))
        single = self.tr("Choose one line.")
        for control in (self.name, self.task):
            allow(control, "" if one is not None else single)
        several = self.tr("Choose two lines or more, with Ctrl.")
        allow(self.merge, "" if len(chosen) > 1 else several)
        whole_one = self.tr("It is one thing: there is nothing to tell apart.")
        parts = () if one is None else one.proposal.parts
        allow(self.split, "" if len(parts) > 1 else single if one is None else whole_one)
        allow(self.turn, "" if chosen else single)
        all_out = bool(chosen) and not any(self.lines[i].taken for i in chosen)
        self.turn.setText(self.tr("Take in") if all_out else self.tr("Leave out"))

    # Changing

    @Slot()
    def on_name(self) -> None:
        """Another name."""
        chosen = self._chosen
        if len(chosen) == 1 and self.name.text() != self.lines[chosen[0]].proposal.name:
            self._show(with_name(self.lines, chosen[0], self.name.text()), select=chosen[0])

    @Slot(int)
    def on_task(self, index: int) -> None:
        """Another kind of work."""
        chosen = self._chosen
        if len(chosen) == 1:
            self._show(with_task(self.lines, chosen[0], _TASKS[index]), select=chosen[0])

    @Slot()
    def on_merge(self) -> None:
        """They are one."""
        chosen = self._chosen
        self._show(put_together(self.lines, chosen), select=chosen[0])

    @Slot()
    def on_split(self) -> None:
        """It is several."""
        chosen = self._chosen
        self._show(told_apart(self.lines, chosen[0]), select=chosen[0])

    @Slot()
    def on_turn(self) -> None:
        """They are left out, or taken in again."""
        chosen = self._chosen
        taken = not any(self.lines[i].taken for i in chosen)
        self._show(turned(self.lines, chosen, taken=taken), select=chosen[0])

    # Making

    @Slot()
    def on_make(self) -> None:
        """Store them."""
        # A name that is still being typed counts.
        self.on_name()
        if not self.make.isEnabled():
            return
        self.line.show_line(State.RUNNING, self.tr("Making workloads"))
        wanted = [line.proposal for line in self.lines if line.taken]
        task = self._start(keep_workloads(self._history, wanted))
        task.succeeded.connect(self._on_made)

    @Slot(object)
    def _on_made(self, made: tuple[str, ...]) -> None:
        self._running = None
        self.made.emit(made)
        self.accept()

    def done(self, result: int) -> None:
        """However it is closed: a reading under way is given up."""
        if self._running is not None:
            self._running.cancel()
        super().done(result)
