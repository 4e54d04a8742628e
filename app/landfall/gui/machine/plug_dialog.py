"""Connect a smart plug: its address, a test with its answer, and a way to let it go."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLineEdit, QWidget

from landfall.core.energy.plug_address import plug_address
from landfall.core.errors import AppError, BadInput
from landfall.gui.allowed import allow
from landfall.gui.format import number
from landfall.gui.hints import hint_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import button, column, label, row
from landfall.services.power.wall_reading import plug_reading

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.power.plug import Reading

Question = Callable[..., Coroutine[Any, Any, "Reading"]]


class PlugDialog(Dialog):
    """Shown with `open()`. The address is asked when the user says so, and never searched for.

    Signals:
        changed: The address as it shall be kept; "" lets the plug go.
    """

    changed = Signal(str)

    def __init__(
        self,
        settings: Settings,
        tasks: TaskRunner,
        *,
        question: Question = plug_reading,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("plug-dialog")
        self.setWindowTitle(self.tr("Connect a smart plug"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings, self._tasks, self._question = settings, tasks, question
        self._task: Task | None = None
        self.address = QLineEdit(settings.plug_url)
        self.address.setObjectName("plug-address")
        self.address.setAccessibleName(self.tr("Address of the plug"))
        self.address.setPlaceholderText("192.168.1.50")
        self.address.textChanged.connect(self.on_typed)
        self.test = self._button(self.tr("Test"), "plug-test", self.on_test)
        self.remove = self._button(self.tr("Remove the plug"), "plug-remove", self.on_remove)
        self.remove.setVisible(bool(settings.plug_url))
        self.save = button(self.tr("Save"), "primary")
        self.save.setObjectName("plug-save")
        self.save.clicked.connect(self.on_save)
        self.line = StateLine(State.TODO, self.tr("Not tested yet"), padding=0)
        self.line.setObjectName("plug-line")
        self._build()
        self.on_typed()

    def _button(self, words: str, name: str, slot: Callable[[], None]) -> QWidget:
        made = button(words)
        made.setObjectName(name)
        made.clicked.connect(slot)
        return made

    def _build(self) -> None:
        cancel = self._button(self.tr("Cancel"), "plug-cancel", self.reject)
        words = label(
            self.tr(
                "A Shelly plug of the second generation or later that this whole machine hangs on."
                " It is asked for its watts at this address in your own network: once when the"
                " machine is looked at, and once a second while something runs or a chart is shown."
                " Nothing else is sent."
            ),
            wrap=True,
        )
        caption = label(self.tr("Address of the plug"), Text.CAPTION, tone="text_2")
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        layout = column(words, caption, spacing=Space.M, margins=margins)
        layout.addLayout(row(self.address, self.test))
        layout.addWidget(self.line)
        layout.addStretch(1)
        layout.addLayout(row(self.remove, None, cancel, self.save))
        self.setLayout(layout)
        self.set_least_width(520)
        self.save.setDefault(True)
        self.address.setFocus()

    @Slot()
    def on_typed(self) -> None:
        """Another address: what was tested does not hold for it."""
        allow(self.save, self._untyped())
        allow(self.test, self._untyped() if self._task is None else self.tr("Asking the plug"))
        if self._task is None:
            self.line.show_line(State.TODO, self.tr("Not tested yet"))

    def _untyped(self) -> str:
        return "" if self.address.text().strip() else self.tr("Enter an address first.")

    @Slot()
    def on_test(self) -> None:
        """Ask the plug once."""
        if self._task is not None:
            return
        self.line.show_line(State.RUNNING, self.tr("Asking the plug"))
        self._task = self._tasks.run(
            self._question(self.address.text(), anywhere=self._settings.plug_anywhere)
        )
        allow(self.test, self.tr("Asking the plug"))
        self._task.succeeded.connect(self._on_reading)
        self._task.failed.connect(self._on_failed)
        self._task.finished.connect(self._on_finished)

    @Slot(object)
    def _on_reading(self, reading: Reading) -> None:
        watts, watt_hours = reading
        title = self.tr("The plug answers: {0} W").format(number(watts, digits=1))
        detail = self.tr("It has counted {0} Wh.").format(number(watt_hours or 0.0, digits=0))
        if watts <= 0:
            title = self.tr("The plug answers, and shows no power")
            detail = self.tr("Is it on, and does this machine hang on it?")
        elif watt_hours is None:
            detail = self.tr("It has no counter of energy; its watts are added up instead.")
        self.line.show_line(State.DONE if watts > 0 else State.PARTIAL, title, detail)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        hint = hint_words(error) if isinstance(error, AppError) else ""
        message = translated(error.message) if isinstance(error, AppError) else str(error)
        self.line.show_line(State.FAILED, message, hint)

    @Slot()
    def _on_finished(self) -> None:
        self._task = None
        allow(self.test, self._untyped())

    @Slot()
    def on_save(self) -> None:
        """Keep the address, if it is one; the plug need not answer now."""
        try:
            url = plug_address(self.address.text()).url
        except BadInput as error:
            self._on_failed(error)
            return
        self.changed.emit(url)
        self.accept()

    @Slot()
    def on_remove(self) -> None:
        """Let the plug go."""
        self.changed.emit("")
        self.accept()

    def done(self, result: int) -> None:
        """However it is closed: a question under way is given up."""
        if self._task is not None:
            self._task.cancel()
        super().done(result)
