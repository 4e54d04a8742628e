"""Changes settings: at once in the window, then on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from landfall.services.settings import settings_store
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner


class Preferences(QObject):
    """The one way in which a page changes a setting."""

    def __init__(
        self, state: AppState, tasks: TaskRunner, messages: Messages, *, path: Path
    ) -> None:
        super().__init__(state)
        self._state = state
        self._tasks = tasks
        self._messages = messages
        self._path = path

    def change(self, settings: Settings) -> None:
        """Take the settings on and store them; a failure to store them is said."""
        if settings == self._state.settings:
            return
        self._state.set_settings(settings)
        saving = self._tasks.run(in_thread(settings_store.save, self._path, settings))
        saving.failed.connect(self._messages.fail)
