"""What the user says of the machine: corrections, a plug, a calibration at the wall."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot

from landfall.gui.messages import Action
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.core.energy.wall import WallCalibration
    from landfall.gui.application import Application
    from landfall.gui.lookout import Lookout
    from landfall.gui.machine.override_dialog import OverrideDialog
    from landfall.gui.machine.plug_dialog import PlugDialog
    from landfall.gui.machine.wall_dialog import WallDialog
    from landfall.gui.pages.machine_page import MachinePage
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner


class MachineSide(QObject):
    """The dialogs of the Machine page; what is said there is kept, and looked at anew."""

    def __init__(
        self,
        application: Application,
        tasks: TaskRunner,
        preferences: Preferences,
        lookout: Lookout,
        *,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._application, self._app = application, application.state
        self._messages = application.messages
        self._tasks, self._preferences, self._lookout = tasks, preferences, lookout

    def adopt(self, page: MachinePage) -> None:
        """Open the dialogs that this page asks for."""
        page.override_asked.connect(self._on_override_asked)
        page.plug_asked.connect(self._on_plug_asked)
        page.wall_asked.connect(self._on_wall_asked)

    @Slot()
    def _on_override_asked(self) -> None:
        window, profile = self._application.window, self._app.profile
        if window is None or profile is None:
            return
        module = late("landfall.gui.machine.override_dialog")
        make: type[OverrideDialog] = module.OverrideDialog
        dialog = make(profile, self._app.settings.overrides, window)
        dialog.changed.connect(self._on_overrides)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(object)
    def _on_overrides(self, corrections: dict[str, Any]) -> None:
        settings = replace(self._app.settings, overrides=MappingProxyType(corrections))
        self._preferences.change(settings)
        self._lookout.machine()
        self._lookout.workloads()

    @Slot()
    def _on_plug_asked(self) -> None:
        make: type[PlugDialog] = late("landfall.gui.machine.plug_dialog").PlugDialog
        dialog = make(self._app.settings, self._tasks, parent=self._application.window)
        dialog.changed.connect(self._on_plug)
        dialog.open()

    @Slot(str)
    def _on_plug(self, url: str) -> None:
        before = self._app.settings.plug_url
        self._keep_plug(url)
        if before and not url:
            undo = Action(self.tr("Undo"), partial(self._keep_plug, before))
            self._messages.toast(self.tr("Let the plug go"), undo=undo)

    def _keep_plug(self, url: str) -> None:
        self._preferences.change(replace(self._app.settings, plug_url=url))
        self._lookout.machine()

    @Slot()
    def _on_wall_asked(self) -> None:
        make: type[WallDialog] = late("landfall.gui.machine.wall_dialog").WallDialog
        dialog = make(self._app.settings, self._tasks, parent=self._application.window)
        dialog.changed.connect(self._on_wall)
        dialog.open()

    @Slot(object)
    def _on_wall(self, calibration: WallCalibration | None) -> None:
        before = self._app.settings.wall_calibration
        self._keep_wall(calibration)
        if before is not None:
            undo = Action(self.tr("Undo"), partial(self._keep_wall, before))
            done = self.tr("Calibrated at the wall anew")
            words = done if calibration else self.tr("Energy at the wall is estimated again")
            self._messages.toast(words, undo=undo)

    def _keep_wall(self, calibration: WallCalibration | None) -> None:
        self._preferences.change(replace(self._app.settings, wall_calibration=calibration))
        self._lookout.machine()
