"""Settings: each value with its unit, what follows from it, its default, and a way back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot

from landfall.core.settings import Settings, ThemeChoice, Thresholds
from landfall.gui import language
from landfall.gui.messages import Action
from landfall.gui.outside import open_path
from landfall.gui.page import Page, PageState
from landfall.gui.settings.currency_editor import CurrencyEditor
from landfall.gui.settings.ollama_card import OllamaCard
from landfall.gui.settings.settings_file import SettingsFile
from landfall.gui.settings.tariff_editor import Electricity, TariffEditor
from landfall.gui.settings.thresholds import sourced, threshold_words
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import SegmentedControl
from landfall.gui.widgets.layout import Card, button, column, hairline, holder, label
from landfall.gui.widgets.setting_field import NumberField, SettingField
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from landfall.core.costs.tariff import Tariff
    from landfall.gui.about.about_card import AboutCard
    from landfall.gui.app_state import AppState
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import TaskRunner
    from landfall.services.paths import Paths

LANGUAGES = ("", *language.NAMES)
"""As `Settings.language` keeps them; "" is the system's."""
THEMES = (ThemeChoice.SYSTEM, ThemeChoice.LIGHT, ThemeChoice.DARK)


class SettingsPage(Page):
    """The page Settings. A change holds at once and is stored at once."""

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        lookout: Lookout,
        preferences: Preferences,
        paths: Paths,
        electricity: Electricity | None,
        about: AboutCard,
    ) -> None:
        super().__init__(
            self.tr("Settings"), self.tr("Changes apply at once. Verdicts are decided again.")
        )
        self._app, self._messages = state, messages
        self._lookout, self._preferences, self._paths = lookout, preferences, paths
        self._numbers: dict[str, NumberField] = {}
        self._electricity = electricity
        self.about = about
        self._spoken_at_start = state.settings.language
        self.file = SettingsFile(
            state, tasks, messages, lookout=lookout, preferences=preferences, over=self
        )
        self._build()
        self._connect()
        self.set_state(PageState.READY)
        self.on_settings()
        self.on_runtimes()

    # Building

    def _build(self) -> None:
        self.bring = button(self.tr("Import…"))
        self.bring.setObjectName("settings-import")
        self.take = button(self.tr("Export without keys…"), icon="export")
        self.take.setObjectName("settings-export")
        self.add_action(self.bring, self.take)
        self.ollama = OllamaCard()
        left = column(
            self.ollama,
            self._money(),
            self._data(),
            self._network(),
            self.about,
            spacing=Space.L,
        )
        right = column(self._look(), self._models(), self._verdict(), spacing=Space.L)
        self.body.addWidget(SideBySide(holder(left), holder(right)))
        self.body.addStretch(1)

    def _card(self, heading: str, *fields: QWidget) -> Card:
        card = Card(heading)
        card.body.setSpacing(0)
        for i, item in enumerate(fields):
            if i:
                card.add(hairline())
            card.add(item)
        return card

    def _number(self, path: str, name: str, hint: str, **more: Any) -> NumberField:
        field = NumberField(name, hint, **more)
        field.edit.setObjectName(f"setting-{path}")
        field.entered.connect(partial(self._on_entered, path))
        field.reset_asked.connect(partial(self._on_reset, path))
        self._numbers[path] = field
        return field

    def _money(self) -> Card:
        self.tariff = TariffEditor(self._electricity)
        self.tariff.entered.connect(self._on_tariff)
        self.tariff.removed.connect(self._on_hours_removed)
        self.currency = CurrencyEditor()
        self.currency.entered.connect(self._on_tariff)
        return self._card(
            self.tr("Money"),
            self.tariff,
            self.currency,
            self._number(
                "hourly_rate_usd",
                self.tr("Your hour"),
                self.tr("Upkeep of local models is not free"),
                unit=self.tr("$/h"),
                high=10_000.0,
            ),
            self._number(
                "daily_budget_usd",
                self.tr("Paid answers a day, at most"),
                self.tr("A run whose worst case goes beyond it is not sent. Empty: no cap"),
                unit=self.tr("$/day"),
                high=100_000.0,
                empty=self.tr("no cap"),
            ),
        )

    def _models(self) -> Card:
        return self._card(
            self.tr("Models"),
            self._number(
                "context_length",
                self.tr("Context length"),
                self.tr("Where nothing else is said. Always sent, so that memory is predictable"),
                unit=self.tr("tokens"),
                low=256,
                high=2_000_000,
                digits=0,
            ),
        )

    def _verdict(self) -> Card:
        return self._card(
            self.tr("Verdict thresholds"),
            *(
                self._number(
                    f"thresholds.{words.key}",
                    words.name,
                    sourced(words),
                    unit=words.unit,
                    high=words.high,
                    digits=words.digits,
                )
                for words in threshold_words()
            ),
        )

    def _look(self) -> Card:
        self.colours = SegmentedControl((self.tr("System"), self.tr("Light"), self.tr("Dark")))
        self.colours.setObjectName("setting-theme")
        self.languages = SegmentedControl((self.tr("System"), *language.NAMES.values()))
        self.languages.setObjectName("setting-language")
        holds = self.tr("Words, numbers and dates of the window. Holds from the next start")
        return self._card(
            self.tr("Appearance"),
            SettingField(self.tr("Colours"), "", self.colours, resettable=False),
            SettingField(self.tr("Language"), holds, self.languages, resettable=False),
        )

    def _data(self) -> Card:
        self.folder = button(self.tr("Open folder"))
        self.folder.setObjectName("settings-folder")
        self.delete = button(self.tr("Show runs"), "secondary")
        self.delete.setObjectName("settings-history")
        return self._card(
            self.tr("Your data"),
            SettingField(
                self.tr("Where it is"), str(self._paths.database), self.folder, resettable=False
            ),
            SettingField(
                self.tr("Runs and what left this machine"),
                self.tr("Kept until you delete them in History"),
                self.delete,
                resettable=False,
            ),
        )

    def _network(self) -> Card:
        card = Card(self.tr("Network"))
        card.add(
            label(
                self.tr(
                    "Nothing is asked of the network by itself: no telemetry, no price refresh, and"
                    " no update check unless you switch it on. Keys are in the system keyring"
                    " or in memory, never in these settings. What you asked of providers, and what"
                    " other machines were asked to answer, is listed in History."
                ),
                Text.BODY,
                tone="text_2",
                wrap=True,
            )
        )
        return card

    def _connect(self) -> None:
        self._app.settings_changed.connect(self.on_settings)
        self._app.runtimes_changed.connect(self.on_runtimes)
        self.colours.chosen.connect(self.on_colours)
        self.languages.chosen.connect(self.on_language)
        self.ollama.start_asked.connect(self._lookout.start_ollama)
        self.ollama.entered.connect(self.on_address)
        self.folder.clicked.connect(self.on_folder)
        self.delete.clicked.connect(self.on_history)
        self.bring.clicked.connect(self.file.on_import)
        self.take.clicked.connect(self.file.on_export)

    # What is shown

    def open_at(self, detail: str) -> None:
        """Lead to a setting by its name ("daily_budget_usd"), ready to be typed into."""
        field = self._numbers.get(detail)
        edit = field.edit if field else None
        if detail in ("ollama_url", "hosts"):
            edit = self.ollama.edit
        elif detail == "electricity":
            edit = self.tariff.price.edit
        elif detail in ("about", "check_updates"):
            self.ensureWidgetVisible(self.about)
            self.about.more.setFocus()
        if edit is not None:
            self.ensureWidgetVisible(edit)
            edit.setFocus()
            edit.selectAll()

    @Slot()
    def on_settings(self) -> None:
        """Show the settings as they are."""
        settings, default = self._app.settings, Settings()
        for path, field in self._numbers.items():
            value = _get(settings, path)
            field.show_stored(value)
            field.set_changed(value != _get(default, path))
        self.tariff.show_settings(settings)
        self.currency.show_settings(settings)
        self.ollama.show_stored(settings.ollama_url)
        index = THEMES.index(settings.theme)
        if self.colours.current != index:
            self.colours.choose(index)
        chosen = LANGUAGES.index(settings.language) if settings.language in LANGUAGES else 0
        if self.languages.current != chosen:
            self.languages.choose(chosen)

    @Slot()
    def on_runtimes(self) -> None:
        """Show whether a server answers at the address, whichever host is chosen elsewhere."""
        found = (self._app.own_runtimes or (None,))[0]
        chosen = self._app.chosen_host
        if found is None and chosen is not None:
            self.ollama.show_not_looked_at(chosen.name)
        else:
            self.ollama.show_runtime(found, starting=self._app.starting)

    # What is changed

    def _on_entered(self, path: str, value: float | None) -> None:
        self._preferences.change(_with(self._app.settings, path, value))
        self._lookout.workloads()

    @Slot(object)
    def _on_tariff(self, changes: dict[str, Any]) -> None:
        """Another price of electricity, in whole or in part, or another currency."""
        self._preferences.change(replace(self._app.settings, **changes))
        self._lookout.workloads()

    @Slot(object)
    def _on_hours_removed(self, was: Tariff) -> None:
        """Hours of a tariff are quickly removed and slowly typed: there is a way back."""
        undo = Action(self.tr("Undo"), partial(self._on_tariff, {"electricity": was}))
        self._messages.toast(self.tr("Hours removed"), undo=undo)

    def _on_reset(self, path: str) -> None:
        self._on_entered(path, _get(Settings(), path))

    @Slot(int)
    def on_colours(self, index: int) -> None:
        """Light, dark, or as the system."""
        self._preferences.change(replace(self._app.settings, theme=THEMES[index]))

    @Slot(int)
    def on_language(self, index: int) -> None:
        """The language of the next start; the window that is open keeps its words."""
        self._preferences.change(replace(self._app.settings, language=LANGUAGES[index]))
        if language.spoken_for(LANGUAGES[index]) != language.spoken_for(self._spoken_at_start):
            self._messages.toast(self.tr("The language changes when Landfall starts again."))

    @Slot(str)
    def on_address(self, typed: str) -> None:
        """Another server is wanted."""
        self._preferences.change(replace(self._app.settings, ollama_url=typed))
        self._lookout.ollama()

    @Slot()
    def on_folder(self) -> None:
        """Show the folder in the system's file manager."""
        open_path(self._paths.database.parent, self)

    @Slot()
    def on_history(self) -> None:
        """Runs are deleted where they are listed."""
        self.jump.emit("history", "")


def _get(settings: Settings, path: str) -> float | None:
    table, _, name = path.rpartition(".")
    value: float | None = getattr(settings.thresholds if table else settings, name)
    return value


def _with(settings: Settings, path: str, value: float | None) -> Settings:
    """The settings with one number changed; whole numbers stay whole."""
    table, _, name = path.rpartition(".")
    kept = int(value) if value is not None and _is_whole(path) else value
    change: dict[str, Any] = {name: kept}
    if table:
        return replace(settings, thresholds=replace(settings.thresholds, **change))
    return replace(settings, **change)


def _is_whole(path: str) -> bool:
    table, _, name = path.rpartition(".")
    return isinstance(getattr(Thresholds() if table else Settings(), name), int)
