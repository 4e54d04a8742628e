"""Settings as a file: taken on from one, or written into one, without keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from landfall.services.settings import settings_store
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner


class SettingsFile(QObject):
    """Asks which file is meant, and reads or writes it."""

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        lookout: Lookout,
        preferences: Preferences,
        over: QWidget,
    ) -> None:
        """Make it; `over` is the widget over which dialogs open."""
        super().__init__(over)
        self._app, self._tasks, self._messages = state, tasks, messages
        self._lookout, self._preferences, self._over = lookout, preferences, over

    @Slot()
    def on_import(self) -> None:
        """Ask for a settings file."""
        self._dialog(self.tr("Import settings"), save=False).fileSelected.connect(self.read)

    @Slot()
    def on_export(self) -> None:
        """Ask where to put the settings."""
        self._dialog(self.tr("Export settings"), save=True).fileSelected.connect(self.write)

    def _dialog(self, title: str, *, save: bool) -> QFileDialog:
        dialog = QFileDialog(self._over, title, "", self.tr("Settings (*.toml)"))
        if save:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix("toml")
            dialog.selectFile("landfall-settings.toml")
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    @Slot(str)
    def read(self, file: str) -> None:
        """Take on the settings of a file; one that is wrong is said and changes nothing."""
        reading = self._tasks.run(in_thread(settings_store.load, Path(file)))
        reading.succeeded.connect(self._on_imported)
        reading.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_imported(self, settings: Settings) -> None:
        self._preferences.change(settings)
        self._lookout.ollama()
        self._lookout.workloads()
        self._messages.toast(self.tr("Settings imported"))

    @Slot(str)
    def write(self, file: str) -> None:
        """Write the settings into a file. Keys are not among them."""
        writing = self._tasks.run(in_thread(settings_store.save, Path(file), self._app.settings))
        writing.succeeded.connect(self._on_exported)
        writing.failed.connect(self._messages.fail)

    @Slot()
    def _on_exported(self) -> None:
        self._messages.toast(self.tr("Settings exported, without keys"))
