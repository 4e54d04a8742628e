"""Name the columns of a CSV file: what each means, and how its first rows are read by that."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimeZone, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from landfall.core.errors import AppError, BadInput
from landfall.core.usage.rows import Problem
from landfall.gui import grown
from landfall.gui.allowed import allow
from landfall.gui.cloud.usage_rows import read_columns, read_row
from landfall.gui.hints import hint_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.controls import Choice, Switch
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import Skeleton, State, StateLine
from landfall.gui.widgets.layout import BLEED, Card, Swap, button, column, holder, label, row
from landfall.gui.widgets.tables import HEADER, DataTable
from landfall.services.usage.columns import columns_of, tried
from landfall.services.usage_files.mapping import MEANINGS, ColumnMapping, zone

if TYPE_CHECKING:
    from landfall.core.usage.rows import Read
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.history.history import History
    from landfall.services.usage.columns import Columns, Tried
    from landfall.services.usage_files.cells import DateOrder, Decimal

ROW = 40
SAMPLES = 3
_ROWS = 3
"""Of the file, as they would be understood: the columns have what room is left."""

_DECIMALS: tuple[Decimal | None, ...] = (None, ".", ",")
_ORDERS: tuple[DateOrder | None, ...] = (None, "dmy", "mdy", "ymd")


def _tr(text: str) -> str:
    return QCoreApplication.translate("usage", text)


class UsageMapping(Dialog):
    """Shown with `open()`. What a file was kept by is remembered for those with the same header.

    Signals:
        applied: The `ColumnMapping` to read the file by.
    """

    applied = Signal(object)

    def __init__(self, tasks: TaskRunner, history: History, path: Path, *, parent: QWidget) -> None:
        """Make it; the file is looked at at once."""
        super().__init__(parent)
        self.setObjectName("usage-mapping-dialog")
        self.setWindowTitle(self.tr("Name the columns of {0}").format(path.name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._tasks, self._path = tasks, path
        self._columns: Columns | None = None
        self._trying: Task | None = None
        self.meanings: list[Choice] = []
        self._build()
        self.resize(900, 748)
        looking = self._tasks.run(columns_of(history, path))
        looking.succeeded.connect(self._on_columns)
        looking.failed.connect(self._on_failed)

    # Building

    def _build(self) -> None:
        words = label(
            self.tr(
                "Say what each column means. A time and something that was used are needed; leave"
                " what you do not know. Once it is kept, the next such file is read alike."
            ),
            tone="text_2",
            wrap=True,
        )
        columns_card = self._columns_card()
        self.rows = DataTable(
            read_columns(),
            self.tr("First rows as understood"),
            row_height=ROW,
            scrolls=True,
            marks=False,
        )
        self.rows.setObjectName("mapping-rows")
        grown.fix_height(self.rows, ROW, times=_ROWS, rest=HEADER + 2)
        rows_card = Card(self.tr("First rows as understood")).bleed()
        rows_card.body.addWidget(self.rows, 1)
        self.line = StateLine(State.RUNNING, self.tr("Reading the file"), padding=0)
        self.line.setObjectName("mapping-line")
        self.cancel = button(self.tr("Cancel"))
        self.cancel.setObjectName("mapping-cancel")
        self.cancel.clicked.connect(self.reject)
        self.apply = button(self.tr("Read it like this"), "primary")
        self.apply.setObjectName("mapping-apply")
        self.apply.setDefault(True)
        self.apply.clicked.connect(self.on_apply)
        allow(self.apply, self.tr("The file is being read."))
        layout = column(words, spacing=Space.M, margins=(Space.XL,) * 4)
        layout.addWidget(columns_card, 1)
        layout.addWidget(self._options())
        layout.addWidget(rows_card)
        layout.addWidget(self.line)
        layout.addLayout(row(None, self.cancel, self.apply))
        self.setLayout(layout)
        self.setMinimumHeight(600)
        self.set_least_width(760)

    def _columns_card(self) -> Card:
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its choices are reached, and seen
        self.place = Swap(holder(column(Skeleton(420, 380, 400), margins=(Space.M,) * 4)))
        # One of ours: see `DataTable.room` for what it costs to ask Qt for its own.
        sight = QWidget()
        self.area.setViewport(sight)
        self.area.setWidget(self.place)
        # The card shows through: a scroll area fills both with the window's colour.
        for filled in (self.place, sight):
            filled.setAutoFillBackground(False)
        self.area.setAccessibleName(self.tr("Columns of the file"))
        card = Card(self.tr("Columns")).bleed()
        card.body.addWidget(self.area, 1)
        return card

    def _options(self) -> QWidget:
        self.decimal = Choice(
            self.tr("Decimal sign"),
            (self.tr("as in the file"), self.tr("point: 1.5"), self.tr("comma: 1,5")),
            width=140,
        )
        self.decimal.setObjectName("mapping-decimal")
        self.order = Choice(
            self.tr("Order of dates"),
            (
                self.tr("as in the file"),
                self.tr("day, month, year"),
                self.tr("month, day, year"),
                self.tr("year, month, day"),
            ),
            width=160,
        )
        self.order.setObjectName("mapping-order")
        self.zone = Choice(self.tr("Time zone of times that tell none"), zones(), width=170)
        self.zone.setObjectName("mapping-zone")
        self.zone.setEditable(True)
        self.provider = QLineEdit()
        self.provider.setObjectName("mapping-provider")
        self.provider.setAccessibleName(self.tr("Provider of all rows"))
        self.provider.setPlaceholderText(self.tr("as a column tells"))
        says = self.tr("Input tokens count the cached ones too")
        self.includes = Switch(says)
        self.includes.setObjectName("mapping-includes")
        self._connect_options()
        fields = row(
            _under(self.tr("Decimal sign"), self.decimal),
            _under(self.tr("Dates"), self.order),
            _under(self.tr("Time zone"), self.zone),
            _under(self.tr("Provider"), self.provider),
            spacing=Space.M,
        )
        return Card().add(fields, row(self.includes, label(says), None))

    def _connect_options(self) -> None:
        for choice in (self.decimal, self.order):
            choice.activated.connect(self.on_change)
        self.zone.activated.connect(self.on_change)
        edit = self.zone.lineEdit()
        if edit is not None:
            edit.setAccessibleName(self.zone.accessibleName())
            edit.editingFinished.connect(self.on_change)
        self.provider.editingFinished.connect(self.on_change)
        self.includes.toggled.connect(self.on_change)

    # The columns

    @Slot(object)
    def _on_columns(self, columns: Columns) -> None:
        self._columns = columns
        mapping = columns.mapping
        self.place.hold(self._grid(columns))
        self.decimal.setCurrentIndex(_DECIMALS.index(mapping.decimal))
        self.order.setCurrentIndex(_ORDERS.index(mapping.date_order))
        self.zone.setCurrentText(mapping.time_zone)
        self.provider.setText(mapping.provider)
        self.includes.blockSignals(True)
        self.includes.setChecked(mapping.input_includes_cached)
        self.includes.blockSignals(False)
        self.on_change()

    def _grid(self, columns: Columns) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(BLEED, Space.XS, BLEED, Space.S)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XS)
        said = {name: meaning for meaning, name in columns.mapping.columns.items()}
        for i, name in enumerate(columns.header):
            texts = [line[i].strip() for line in columns.rows[:SAMPLES] if i < len(line)]
            samples = label(", ".join(text for text in texts if text), Text.CAPTION, tone="text_3")
            grown.most_width(samples, 320)
            choice = Choice(self.tr("Meaning of {0}").format(name), meaning_words(), width=230)
            choice.setObjectName(f"mapping-column-{i}")
            choice.setCurrentIndex(1 + MEANINGS.index(said[name]) if name in said else 0)
            choice.activated.connect(partial(self._on_meaning, i))
            grid.addWidget(label(name or self.tr("no name"), Text.MEDIUM), i, 0)
            grid.addWidget(samples, i, 1)
            grid.addWidget(choice, i, 2)
            self.meanings.append(choice)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(columns.header), 1)
        return holder(grid)

    def _on_meaning(self, column_: int, meaning: int) -> None:
        """A meaning belongs to one column: who had it before has none now."""
        for i, choice in enumerate(self.meanings):
            if i != column_ and meaning and choice.currentIndex() == meaning:
                choice.setCurrentIndex(0)
        self.on_change()

    @property
    def mapping(self) -> ColumnMapping:
        """As it is chosen now."""
        header = self._columns.header if self._columns is not None else ()
        return ColumnMapping(
            columns={
                MEANINGS[choice.currentIndex() - 1]: name
                for name, choice in zip(header, self.meanings, strict=True)
                if choice.currentIndex()
            },
            decimal=_DECIMALS[self.decimal.currentIndex()],
            date_order=_ORDERS[self.order.currentIndex()],
            time_zone=self.zone.currentText().strip() or "UTC",
            input_includes_cached=self.includes.isChecked(),
            provider=self.provider.text().strip(),
        )

    # What follows of it

    @Slot()
    def on_change(self) -> None:
        """Try it on the first rows."""
        if self._columns is None:
            return
        mapping = self.mapping
        lacks = mapping.missing()
        if lacks:
            self._refuse(lack_words(lacks))
            return
        try:
            zone(mapping.time_zone)
        except BadInput as error:
            self._refuse(translated(error.message))
            return
        allow(self.apply, self.tr("Its first rows are being read."))
        if self._trying is not None:
            self._trying.cancel()
        self._trying = self._tasks.run(tried(self._path, mapping))
        self._trying.succeeded.connect(self._on_tried)
        self._trying.failed.connect(self._on_failed)

    @Slot(object)
    def _on_tried(self, found: Tried) -> None:
        if found.mapping != self.mapping:
            return
        reads = found.reads
        bad = sum(isinstance(read, Problem) for read in reads)
        trouble = self.tr("{0} of its first rows cannot be used").format(bad) if bad else ""
        self._show(reads, trouble if reads else self.tr("There is no usage in its first rows."))
        allow(self.apply)

    def _refuse(self, why: str) -> None:
        self._show((), why)
        allow(self.apply, why)

    def _show(self, reads: tuple[Read, ...], trouble: str) -> None:
        self.rows.set_rows([read_row(read) for read in reads])
        known = self._columns is not None and self._columns.remembered
        fine = self.tr("As it was said before") if known else self.tr("It can be read like this")
        self.line.show_line(State.PARTIAL if trouble else State.DONE, trouble or fine)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        hint = hint_words(error) if isinstance(error, AppError) else ""
        message = translated(error.message) if isinstance(error, AppError) else str(error)
        self.rows.set_rows([])
        allow(self.apply, message or type(error).__name__)
        self.line.show_line(State.FAILED, message, hint)

    @Slot()
    def on_apply(self) -> None:
        """Read the file by it; what is kept by it is remembered."""
        if self._columns is not None and self.apply.isEnabled():
            self.applied.emit(self.mapping)
            self.accept()

    def done(self, result: int) -> None:
        """However it is closed: what is being tried is given up."""
        if self._trying is not None:
            self._trying.cancel()
        super().done(result)


def _under(words: str, control: QWidget) -> QWidget:
    return holder(column(label(words, Text.CAPTION, tone="text_2"), control, spacing=3))


def zones() -> tuple[str, ...]:
    """UTC, and the zone of this machine."""
    here = bytes(QTimeZone.systemTimeZoneId().data()).decode(errors="replace")
    return tuple(dict.fromkeys(("UTC", here)))


def meaning_words() -> tuple[str, ...]:
    """What a column may mean, the first being nothing."""
    words: Mapping[str, str] = {
        "time": _tr("time or date"),
        "provider": _tr("provider"),
        "model": _tr("model"),
        "requests": _tr("calls"),
        "input_tokens": _tr("input tokens"),
        "cached_input_tokens": _tr("input tokens read from a cache"),
        "cache_write_tokens": _tr("tokens written to a cache"),
        "output_tokens": _tr("output tokens"),
        "reasoning_tokens": _tr("reasoning tokens, part of the output"),
        "cost_usd": _tr("cost in USD"),
        "project": _tr("project"),
        "key_name": _tr("name of the key"),
        "user": _tr("user"),
        "tag": _tr("tag"),
        "latency_seconds": _tr("seconds to the end"),
        "ttft_seconds": _tr("seconds to the first token"),
        "identity": _tr("id of the row"),
    }
    return (_tr("not used"), *(words[name] for name in MEANINGS))


def lack_words(lacks: tuple[str, ...]) -> str:
    """What must still be said."""
    parts = [
        _tr("which column tells the time") if name == "time" else _tr("which tells what was used")
        for name in lacks
    ]
    return _tr("Still to say: {0}.").format(", ".join(parts))
