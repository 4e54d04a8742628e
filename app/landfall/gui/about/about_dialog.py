"""About Landfall: its version and build, newer ones, how old its data are, whose work is in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QCoreApplication, Qt, Slot, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from landfall.core.errors import AppError
from landfall.gui.about import words
from landfall.gui.about.licences_view import LicencesView
from landfall.gui.about.updates_part import UpdatesPart
from landfall.gui.cloud.view import age_words
from landfall.gui.dates import when
from landfall.gui.format import capital
from landfall.gui.hints import hint_words, message_words
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.cells import Plain, Row, Title
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import EmptyState
from landfall.gui.widgets.layout import Card, Glyph, button, column, label, row
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.table_place import TablePlace
from landfall.gui.widgets.tables import DataTable
from landfall.services.installation import licences
from landfall.services.installation.about import DataDate, data_dates, report
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from landfall.gui.about.desk import AboutDesk
    from landfall.gui.about.shortcuts_dialog import ShortcutsDialog
    from landfall.gui.tasks import Task
    from landfall.services.installation.licences import Component

_SIZE = (820, 640)


class AboutDialog(Dialog):
    """Shown with `open()`. What has to be read is read on a thread; what is not there yet is."""

    def __init__(self, desk: AboutDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about-dialog")
        self.setWindowTitle(self.tr("About Landfall"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._desk = desk
        self._dates: tuple[DataDate, ...] = ()
        self._reading: list[Task] = []
        self.updates = UpdatesPart(desk)
        self.view = SegmentedControl((self.tr("Data"), self.tr("Licences")))
        self.view.setObjectName("about-view")
        self.dates = DataTable(
            (
                Column(self.tr("Data")),
                Column(self.tr("Newest fact"), 150),
                Column(self.tr("Age"), 190),
            ),
            self.tr("How old the data are"),
            marks=False,
        )
        self.dates.setObjectName("about-data")
        self.dates_place = TablePlace(self.dates)
        self.licences = LicencesView()
        self.copy = button(self.tr("Copy for a report"), icon="copy")
        self.copy.setObjectName("about-copy")
        self.shortcuts = button(self.tr("Shortcuts\u2026"))
        self.shortcuts.setObjectName("about-shortcuts")
        self.close_button = button(self.tr("Close"), "primary")
        self.close_button.setObjectName("about-close")
        self._build()
        self._connect()
        self._read(in_thread(data_dates, desk.paths.prices), self.show_dates, self._on_no_dates)

    def _build(self) -> None:
        copy = self._desk.copy
        title = label(self.tr("Landfall {0}").format(copy.version), Text.TITLE)
        title.setObjectName("about-version")
        facts = label(self._facts(), Text.CAPTION, tone="text_2", wrap=True)
        facts.setObjectName("about-facts")
        head = row(Glyph("landfall", "accent", size=40), spacing=Space.L)
        head.addLayout(column(title, facts, spacing=0), 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.dates_place)
        self.stack.addWidget(self.licences)
        margins = (Space.XL, Space.XL, Space.XL, Space.L)
        layout = column(head, Card().add(self.updates), spacing=Space.L, margins=margins)
        layout.addLayout(row(self.view, None))
        layout.addWidget(self.stack, 1)
        layout.addLayout(row(self.copy, self.shortcuts, None, self.close_button))
        self.setLayout(layout)
        self.resize(*_SIZE)
        self.close_button.setDefault(True)
        self.close_button.setFocus()

    def _connect(self) -> None:
        self.view.chosen.connect(self.on_view)
        self.copy.clicked.connect(self.on_copy)
        self.shortcuts.clicked.connect(self.on_shortcuts)
        self.close_button.clicked.connect(self.accept)
        self.licences.page_asked.connect(self._desk.show_page)

    def _facts(self) -> str:
        copy = self._desk.copy
        return self.tr("{0}. Python {1}, {2}. {3}. Licence: {4}.").format(
            capital(words.built(copy)),
            copy.python,
            _qt(),
            copy.system,
            licences.OWN_LICENCE,
        )

    def _read(
        self,
        work: Coroutine[Any, Any, Any],
        use: Callable[[Any], None],
        fail: Callable[[Exception], None],
    ) -> None:
        task = self._desk.tasks.run(work)
        self._reading.append(task)
        task.succeeded.connect(use)
        task.failed.connect(fail)

    @Slot(int)
    def on_view(self, index: int) -> None:
        """The data or the licences; these are read when they are first wanted."""
        self.stack.setCurrentIndex(index)
        if index == 1 and len(self._reading) == 1:
            self._read(in_thread(licences.components), self.show_licences, self._on_no_licences)

    @Slot(object)
    def show_dates(self, dates: tuple[DataDate, ...]) -> None:
        """How old each part of the data is."""
        self._dates = dates
        today = datetime.now(UTC).date()
        stale_days = self._desk.state.settings.thresholds.price_stale_days
        self.dates.set_rows([date_row(one, today, stale_days=stale_days) for one in dates])
        self.dates_place.show_table()

    @Slot(object)
    def _on_no_dates(self, error: Exception) -> None:
        self.dates_place.show_instead(EmptyState("warn", *_said(error)))

    @Slot(object)
    def show_licences(self, components: tuple[Component, ...]) -> None:
        """Whose work is in the program."""
        self.view.set_count(1, len(components))
        self.licences.show_components(components)

    @Slot(object)
    def _on_no_licences(self, error: Exception) -> None:
        self.licences.show_problem(*_said(error))

    @Slot()
    def on_copy(self) -> None:
        """Put what a report should begin with on the clipboard."""
        text = report(self._desk.copy, _qt(), dates=self._dates)
        QGuiApplication.clipboard().setText(text)
        self.copy.setText(self.tr("Copied"))

    @Slot()
    def on_shortcuts(self) -> None:
        """Show what the keys do."""
        make: type[ShortcutsDialog] = late("landfall.gui.about.shortcuts_dialog").ShortcutsDialog
        make(self).open()

    def done(self, result: int) -> None:
        """However it is closed: what is still read is given up."""
        for task in self._reading:
            task.cancel()
        super().done(result)


def _tr(text: str) -> str:
    return QCoreApplication.translate("about", text)


def date_row(one: DataDate, today: date, *, stale_days: int) -> Row:
    """A part of the data, its newest fact and its age; what is old is said so."""
    name = Title(words.part(one.part))
    age = one.age_days(today)
    if one.newest is None or age is None:
        undated = _tr("not dated")
        return (name, Plain("—"), Plain(undated, tone="caution"))
    said = age_words(max(0, age))
    if one.is_stale(today, stale_days=stale_days):
        stale = _tr("{0}, stale").format(said)
        return (name, Plain(when(one.newest.isoformat())), Plain(stale, tone="caution"))
    return (name, Plain(when(one.newest.isoformat())), Plain(said, tone="text_2"))


def _qt() -> str:
    return ", ".join((f"Qt {qVersion()}", f"PySide {PySide6.__version__}"))


def _said(error: Exception) -> tuple[str, str]:
    if isinstance(error, AppError):
        return message_words(error), hint_words(error)
    return str(error), ""
