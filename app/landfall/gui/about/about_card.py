"""About, on the Settings page: which version this is, and whether newer ones are looked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot

from landfall.gui.about import words
from landfall.gui.allowed import allow
from landfall.gui.format import capital
from landfall.gui.widgets.controls import Switch
from landfall.gui.widgets.layout import Card, button, hairline
from landfall.gui.widgets.setting_field import SettingField

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.preferences import Preferences
    from landfall.services.installation.about import About
    from landfall.services.installation.updates import Channel


class AboutCard(Card):
    """Two lines: the version with a way to all of it, and the daily look.

    Signals:
        about_asked: The user wants to see all of it.
    """

    about_asked = Signal()

    def __init__(
        self, state: AppState, preferences: Preferences, *, copy: About, channel: Channel
    ) -> None:
        super().__init__(self.tr("About"))
        self.body.setSpacing(0)
        self._state, self._preferences, self._channel = state, preferences, channel
        self.more = button(self.tr("About and licences"))
        self.more.setObjectName("settings-about")
        self.more.clicked.connect(self.about_asked)
        self.daily = Switch(self.tr("Look for a newer version once a day"))
        self.daily.setObjectName("setting-check_updates")
        self.daily_field = SettingField(
            self.tr("Look for a newer version once a day"), self._hint(), self.daily
        )
        self.add(
            SettingField(
                self.tr("Landfall {0}").format(copy.version),
                self.tr("{0}. F1 shows more from everywhere, ? the shortcuts").format(
                    capital(words.built(copy))
                ),
                self.more,
                resettable=False,
            ),
            hairline(),
            self.daily_field,
        )
        self.daily.clicked.connect(self.on_switched)
        self.daily_field.reset_asked.connect(self.on_reset)
        state.settings_changed.connect(self.on_settings)
        self.on_settings()

    def _hint(self) -> str:
        if not self._channel.is_open:
            return ". ".join(part.rstrip(".") for part in words.nobody_to_ask(self._channel)) + "."
        return self.tr("When the window opens. {0}").format(words.what_is_asked(self._channel))

    @Slot()
    def on_settings(self) -> None:
        """Show the setting as it is; where nobody can be asked, it cannot be switched on."""
        wanted = self._state.settings.check_updates
        self.daily.setChecked(wanted)
        self.daily.setVisible(not self._channel.packaged_by)
        allow(self.daily, "" if self._channel.is_open else self.tr("Nobody can be asked."))
        self.daily_field.set_changed(wanted)

    @Slot()
    def on_switched(self) -> None:
        """Look by itself, or not any more."""
        self._keep(self.daily.isChecked())

    @Slot()
    def on_reset(self) -> None:
        """Back to the default, which is to ask nobody."""
        self._keep(False)

    def _keep(self, wanted: bool) -> None:
        self._preferences.change(replace(self._state.settings, check_updates=wanted))
