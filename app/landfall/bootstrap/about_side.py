"""About and news of versions: what answers for them is made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.gui.about.about_card import AboutCard
    from landfall.gui.about.desk import AboutDesk
    from landfall.gui.application import Application
    from landfall.gui.main_window import MainWindow
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner
    from landfall.services.egress import EgressLog
    from landfall.services.paths import Paths


class AboutSide(QObject):
    """One desk for the life of the window, and its card for the Settings page."""

    def __init__(
        self,
        application: Application,
        tasks: TaskRunner,
        preferences: Preferences,
        *,
        log: EgressLog,
        paths: Paths,
    ) -> None:
        super().__init__(preferences)
        self._application, self._tasks, self._preferences = application, tasks, preferences
        self._log, self._paths = log, paths
        self._made: AboutDesk | None = None
        if application.window is not None:
            application.window.about_asked.connect(self.on_about_asked)

    @Slot()
    def on_about_asked(self) -> None:
        """Show what this program is."""
        self._desk().open()

    def ask_if_due(self) -> None:
        """Look for a newer version by itself, where that was switched on and a day has gone."""
        if self._application.state.settings.check_updates:
            self._desk().ask_if_due()

    def card(self) -> AboutCard:
        """What the Settings page shows of it."""
        make: type[AboutCard] = late("landfall.gui.about.about_card").AboutCard
        desk = self._desk()
        made = make(
            self._application.state, self._preferences, copy=desk.copy, channel=desk.channel
        )
        made.about_asked.connect(desk.open)
        return made

    def _desk(self) -> AboutDesk:
        if self._made is None:
            make: type[AboutDesk] = late("landfall.gui.about.desk").AboutDesk
            self._made = make(
                self._application.state,
                self._tasks,
                self._application.messages,
                log=self._log,
                paths=self._paths,
                window=self._window_now,
                parent=self,
            )
        return self._made

    def _window_now(self) -> MainWindow | None:
        return self._application.window
