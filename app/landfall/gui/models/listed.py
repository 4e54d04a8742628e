"""What a server lists whose models are its own affair: they are run from here, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.provenance import Figure, Measured, Unknown
from landfall.gui.allowed import allow
from landfall.gui.format import shown
from landfall.gui.models.empty import Step
from landfall.gui.models.view import breakable
from landfall.gui.theme import Space, Text
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Status, Title
from landfall.gui.widgets.feedback import EmptyState, State
from landfall.gui.widgets.layout import BLEED, Card, button, column, label, row
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from landfall.core.hosts.hosts import HostModel, HostReading
    from landfall.gui.messages import Messages


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


class ListedTab(QWidget):
    """The models that such a server lists, or those of them that it says are in memory.

    Signals:
        run_asked: A name.
    """

    run_asked = Signal(str)

    def __init__(self, messages: Messages) -> None:
        super().__init__()
        self.setObjectName("listed-models")
        self._messages = messages
        self._models: tuple[HostModel, ...] = ()
        self.table = DataTable(_columns(), self.tr("Models of the server"), row_height=46)
        self.table.setObjectName("listed-table")
        self._chosen = label("", Text.STRONG, wrap=True)
        self._run = button(self.tr("Run"), icon="play")
        self._run.setObjectName("run-listed")
        self._copy = button(self.tr("Copy name"), icon="copy")
        self._copy.setObjectName("copy-listed")
        bar = row(spacing=Space.S, margins=(BLEED, Space.S, BLEED, 0))
        bar.addWidget(self._chosen, 1)
        bar.addWidget(self._run)
        bar.addWidget(self._copy)
        self._card = Card(self.tr("Its models"), note=" ").bleed().add(self.table, bar)
        self._note = label("", Text.CAPTION, tone="text_3", wrap=True)
        self._note.setObjectName("listed-note")
        self.setLayout(column(self._card, self._note, None, spacing=Space.S))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.table.chosen.connect(self.on_chosen)
        self.table.opened.connect(self.on_run)
        self._run.clicked.connect(self.on_run)
        self._copy.clicked.connect(self.on_copy)

    def set_reading(self, reading: HostReading, models: Sequence[HostModel]) -> None:
        """Show these of its models."""
        chosen = self.current.name if self.current else ""
        self._models = tuple(models)
        if self._card.note is not None:
            self._card.note.setText(reading.host.name)
        self._note.setText(managed_words(reading))
        self.table.set_rows([_row(model) for model in self._models])
        names = [model.name for model in self._models]
        if names:
            self.table.select(names.index(chosen) if chosen in names else 0)
        self._show_actions()

    def search(self, text: str) -> int:
        """List the models that hold every word; how many there are."""
        self.table.filter.search(text)
        return self.table.filter.rowCount()

    @property
    def current(self) -> HostModel | None:
        """The selected model."""
        index = self.table.current
        return self._models[index] if 0 <= index < len(self._models) else None

    @Slot(int)
    def on_chosen(self, _index: int) -> None:
        """Another row was selected."""
        self._show_actions()

    def _show_actions(self) -> None:
        name = self.current.name if self.current else ""
        self._chosen.setText(breakable(name))
        for control in (self._run, self._copy):
            allow(control, "" if name else self.tr("Select a model"))
            control.setAccessibleName(f"{control.text()}: {name}" if name else control.text())

    @Slot()
    def on_run(self) -> None:
        """Ask it something."""
        if self.current is not None:
            self.run_asked.emit(self.current.name)

    @Slot()
    def on_copy(self) -> None:
        """Its name, to the clipboard."""
        if self.current is not None:
            QGuiApplication.clipboard().setText(self.current.name)
            self._messages.toast(self.tr("Copied {0}").format(self.current.name))


def managed_words(reading: HostReading) -> str:
    """Why nothing is pulled, deleted or loaded from here."""
    return _tr(
        "{0} manages its models itself: they are fetched, loaded and deleted with its own means,"
        " and what they take on its disk is not shown here."
    ).format(reading.server or reading.host.name)


def nothing_listed(reading: HostReading) -> QWidget:
    """It has no model."""
    title = _tr("{0} lists no model").format(reading.host.name)
    return Card().add(EmptyState("models", title, managed_words(reading)))


def none_in_memory(reading: HostReading, show: Callable[[], object]) -> QWidget:
    """It says that none is loaded, or does not tell."""
    told = any(model.loaded is not None for model in reading.models)
    title, text = _tr("No model is in memory"), _tr("It is loaded when it is first asked.")
    if not told:
        title = _tr("Which models are in memory is not known")
        text = _tr("{0} does not tell it.").format(reading.server or reading.host.name)
    step = Step("nothing-listed-running", _tr("Show its models"), show, "primary")
    return Card().add(EmptyState("models", title, text, step.make()))


def no_downloads(reading: HostReading) -> QWidget:
    """Nothing is pulled to it."""
    title = _tr("Nothing is downloaded to {0} from here").format(reading.host.name)
    return Card().add(EmptyState("download", title, managed_words(reading)))


def _columns() -> tuple[Column, ...]:
    return (
        Column(_tr("Model")),
        Column(_tr("Context"), 130, right=True),
        Column(_tr("State"), 230),
    )


def _row(model: HostModel) -> Row:
    context: Figure = Unknown(_tr("the server does not tell it"))
    if model.context is not None:
        context = Measured(model.context, "", "/v1/models")
    return Title(model.name, ""), shown(context, Unit.COUNT), _state(model)


def _state(model: HostModel) -> Status | Plain:
    if model.loaded is None:
        return Plain(_tr("not told"), tone="text_3", sort="")
    if model.loaded:
        return Status(State.DONE, _tr("Loaded"), _tr("answers at once"))
    return Status(State.TODO, _tr("Not loaded"))
