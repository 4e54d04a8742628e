"""Where the Ollama server is, and whether anything answers there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit

from landfall.core.errors import BadInput
from landfall.gui.hints import error_words
from landfall.gui.translated import all_translated, translated
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, hairline
from landfall.gui.widgets.setting_field import SettingField
from landfall.services.ollama import address

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime


class OllamaCard(Card):
    """The address as it is stored; what is typed wrongly stays to be mended.

    Signals:
        start_asked: The server that is installed should be started.
        entered: Another address than the stored one, "" for the default.
    """

    start_asked = Signal()
    entered = Signal(str)

    def __init__(self) -> None:
        super().__init__(self.tr("Ollama"))
        self._stored = ""
        self.line = StateLine(State.TODO, "")
        self.line.triggered.connect(self.start_asked)
        self.edit = QLineEdit()
        self.edit.setObjectName("setting-ollama_url")
        self.edit.setMinimumWidth(220)
        self.edit.setPlaceholderText(address.without_setting())
        self.field = SettingField(
            self.tr("Address"),
            self.tr("Empty: OLLAMA_HOST, or this machine. A host on your network works too."),
            self.edit,
        )
        self.body.setSpacing(0)
        self.add(self.line, hairline(), self.field)
        self.edit.editingFinished.connect(self._on_finished)
        self.field.reset_asked.connect(self._on_reset)

    def show_stored(self, stored: str) -> None:
        """What is wrong stays to be mended while the same address is stored."""
        if stored == self._stored and self.field.problem.text():
            return
        self._stored = stored
        self.edit.setText(stored)
        self.field.set_changed(bool(stored))
        self.field.set_problem("")

    def show_runtime(self, found: Runtime | None, *, starting: bool) -> None:
        """Whether a server answers at the address; None while it is looked for."""
        if found is None:
            self.line.show_line(State.RUNNING, self.tr("Looking for Ollama"))
            return
        version = translated(found.words)
        warnings = " ".join(all_translated(found.warnings))
        if found.version is not None:
            state = State.PARTIAL if found.warnings else State.DONE
            self.line.show_line(state, f"{version}, {found.url}", warnings)
        elif found.state == "stopped" and starting:
            self.line.show_line(State.RUNNING, self.tr("Ollama is starting"), warnings)
        elif found.state == "stopped":
            self.line.show_line(
                State.TODO,
                self.tr("Ollama is installed and stopped"),
                warnings,
                action=self.tr("Start Ollama"),
            )
        elif found.state == "absent":
            where = self.tr("Nothing answers at {0}").format(found.url)
            self.line.show_line(State.FAILED, self.tr("Ollama is not installed"), warnings or where)
        else:
            self.line.show_line(
                State.FAILED, self.tr("Nothing answers at {0}").format(found.url), warnings
            )

    def show_not_looked_at(self, host: str) -> None:
        """The window speaks with a kept host: what stands at the address is not known."""
        self.line.show_line(
            State.TODO, self.tr("Looked at when {0} is no longer used").format(host)
        )

    @Slot()
    def _on_finished(self) -> None:
        """Another server is wanted; what is no address is said here and not kept."""
        typed = self.edit.text().strip()
        try:
            address.chosen(typed, {})
        except BadInput as error:
            self.field.set_problem(error_words(error))
            return
        self.field.set_problem("")
        if typed != self._stored:
            self.entered.emit(typed)

    @Slot()
    def _on_reset(self) -> None:
        """Back to OLLAMA_HOST or this machine."""
        self.edit.clear()
        self._on_finished()
