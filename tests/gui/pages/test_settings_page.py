"""The Settings page: a change holds at once, is stored, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall.core.costs.tariff import Tariff
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings, ThemeChoice, Thresholds
from landfall.gui.about.about_card import AboutCard
from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from landfall.gui.pages.settings_page import SettingsPage
from landfall.gui.preferences import Preferences
from landfall.gui.settings.tariff_editor import Electricity
from landfall.gui.settings.thresholds import threshold_words
from landfall.gui.widgets.feedback import State
from landfall.services.installation.about import this_copy
from landfall.services.installation.updates import Channel
from landfall.services.paths import Paths
from landfall.services.settings import settings_store
from tests.fakes.speakers import speaker
from tests.gui.pages.backstage import Backstage


@pytest.fixture
def backstage(tmp_path: Path, state: AppState, messages: Messages) -> Iterator[Backstage]:
    made = Backstage(tmp_path, state, messages)
    yield made
    made.stop()


@pytest.fixture
def opened(backstage: Backstage, places: Paths, qtbot: QtBot) -> Callable[..., SettingsPage]:
    def open_(*, server: bool = False) -> SettingsPage:
        backstage.start(speaker("qwen3:8b", ["a"]), server=server)
        preferences = Preferences(
            backstage.state, backstage.tasks, backstage.messages, path=places.settings
        )
        page = SettingsPage(
            backstage.state,
            backstage.tasks,
            backstage.messages,
            lookout=backstage.lookout,
            preferences=preferences,
            paths=places,
            electricity=Electricity(usd_per_kwh=0.17, source="EIA, 2025"),
            about=AboutCard(
                backstage.state, preferences, copy=this_copy(), channel=Channel(packaged_by="deb")
            ),
        )
        qtbot.addWidget(page)
        page.resize(1080, 900)
        page.show()
        return page

    return open_


def edit(page: SettingsPage, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, f"setting-{name}")
    assert found is not None, name
    return found


def typed(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_that_a_number_holds_at_once_and_is_stored(
    opened: Callable[..., SettingsPage], state: AppState, places: Paths, qtbot: QtBot
) -> None:
    page = opened()
    typed(qtbot, edit(page, "hourly_rate_usd"), "45.50")
    assert state.settings.hourly_rate_usd == 45.5
    qtbot.waitUntil(lambda: settings_store.load(places.settings).hourly_rate_usd == 45.5)


def test_that_a_changed_value_has_a_way_back(
    opened: Callable[..., SettingsPage], state: AppState, qtbot: QtBot
) -> None:
    page = opened()
    field = edit(page, "thresholds.payback_max_months")
    reset = field.parentWidget().reset  # type: ignore[attr-defined]
    assert not reset.isVisible()
    typed(qtbot, field, "18")
    assert state.settings.thresholds.payback_max_months == 18
    assert reset.isVisible()
    qtbot.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert state.settings.thresholds == Settings().thresholds
    assert field.text() == "12"


@pytest.mark.parametrize("text", ["many", "-1", "1e99", "nan"])
def test_that_nonsense_is_said_at_the_field_and_changes_nothing(
    opened: Callable[..., SettingsPage], state: AppState, qtbot: QtBot, text: str
) -> None:
    page = opened()
    field = edit(page, "hourly_rate_usd")
    typed(qtbot, field, text)
    assert field.parentWidget().problem.isVisible()  # type: ignore[attr-defined]
    assert state.settings == Settings()


def test_that_another_setting_leaves_wrong_text_where_it_was_typed(
    opened: Callable[..., SettingsPage], state: AppState, qtbot: QtBot
) -> None:
    page = opened()
    hour, currency = edit(page, "hourly_rate_usd"), page.currency.code
    typed(qtbot, hour, "many")
    typed(qtbot, currency, "EU")
    typed(qtbot, page.ollama.edit, "foo bar")
    typed(qtbot, edit(page, "daily_budget_usd"), "7")
    assert state.settings.daily_budget_usd == 7
    assert (hour.text(), currency.text(), page.ollama.edit.text()) == ("many", "EU", "foo bar")
    assert hour.parentWidget().problem.isVisible()  # type: ignore[attr-defined]
    assert page.ollama.field.problem.text()
    assert page.currency.field.problem.text()
    typed(qtbot, hour, "90")
    assert state.settings.hourly_rate_usd == 90
    assert not hour.parentWidget().problem.isVisible()  # type: ignore[attr-defined]


def test_that_an_emptied_price_of_electricity_is_unknown_again_and_not_zero(
    opened: Callable[..., SettingsPage], state: AppState, qtbot: QtBot
) -> None:
    page = opened()
    field = edit(page, "electricity")
    assert field.placeholderText() == "0.17"
    typed(qtbot, field, "0.31")
    assert state.settings.electricity == Tariff(price_per_kwh=0.31)
    field.clear()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert state.settings.electricity is None


def test_that_colours_follow_the_choice(
    opened: Callable[..., SettingsPage], state: AppState, qtbot: QtBot
) -> None:
    page = opened()
    page.colours.choose(2)
    assert state.settings.theme is ThemeChoice.DARK
    state.set_settings(replace(state.settings, theme=ThemeChoice.SYSTEM))
    assert page.colours.current == 0


def test_that_another_address_is_looked_at(
    opened: Callable[..., SettingsPage],
    backstage: Backstage,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # An Ollama that is installed would be "installed and stopped" at the other address.
    monkeypatch.setenv("PATH", str(tmp_path))
    page = opened(server=True)
    assert page.ollama.line.state is State.DONE
    typed(qtbot, page.ollama.edit, "http://127.0.0.1:9")
    qtbot.waitUntil(lambda: page.ollama.line.state is State.FAILED, timeout=10_000)
    # As Home and Machine say it, with where was looked.
    assert page.ollama.line.title.text() == "Ollama is not installed"
    assert page.ollama.line.detail.text() == "Nothing answers at http://127.0.0.1:9"
    typed(qtbot, page.ollama.edit, backstage.twin.url)
    qtbot.waitUntil(lambda: page.ollama.line.state is State.DONE, timeout=10_000)


def test_that_the_address_of_the_settings_is_not_judged_by_a_chosen_host(
    opened: Callable[..., SettingsPage], backstage: Backstage, state: AppState, qtbot: QtBot
) -> None:
    page = opened(server=True)
    found = page.ollama.line.title.text()
    gone = Host(name="attic", url="http://127.0.0.1:9", kind=HostKind.OLLAMA)
    state.set_settings(replace(state.settings, hosts=(gone,)))
    state.set_chosen_host(gone)
    backstage.lookout.ollama()
    qtbot.waitUntil(lambda: state.runtimes is not None and state.runtimes[0].url == gone.url)
    assert page.ollama.line.title.text() == found
    typed(qtbot, page.ollama.edit, "http://127.0.0.1:10")
    assert "attic" in page.ollama.line.title.text()


def test_that_what_is_no_address_is_said_at_its_field_and_not_kept(
    opened: Callable[..., SettingsPage], state: AppState, messages: Messages, qtbot: QtBot
) -> None:
    page = opened()
    typed(qtbot, page.ollama.edit, "foo bar")
    said = page.ollama.field.problem.text()
    assert said.startswith("'foo bar' is no address of an Ollama server.")
    assert "\u201chost:11434\u201d" in said
    assert "`" not in said
    assert state.settings.ollama_url == ""
    assert messages.worst is None
    page.ollama.field.reset_asked.emit()
    assert page.ollama.field.problem.text() == ""


def test_that_settings_travel_in_a_file_and_a_broken_one_changes_nothing(
    opened: Callable[..., SettingsPage],
    state: AppState,
    messages: Messages,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    page = opened()
    typed(qtbot, edit(page, "context_length"), "16384")
    file = tmp_path / "carried.toml"
    page.file.write(str(file))
    qtbot.waitUntil(file.exists)
    state.set_settings(Settings())
    page.file.read(str(file))
    qtbot.waitUntil(lambda: state.settings.context_length == 16384)
    broken = tmp_path / "broken.toml"
    broken.write_text("colour = 'red'\n")
    page.file.read(str(broken))
    qtbot.waitUntil(lambda: messages.worst is not None)
    assert messages.worst is not None
    assert "colour" in messages.worst.title
    assert state.settings.context_length == 16384


def test_that_a_jump_leads_to_the_field(opened: Callable[..., SettingsPage], qtbot: QtBot) -> None:
    page = opened()
    page.open_at("electricity")
    qtbot.waitUntil(lambda: edit(page, "electricity").hasFocus())


def test_that_every_control_has_a_name(opened: Callable[..., SettingsPage]) -> None:
    page = opened()
    nameless = [
        f"{type(widget).__name__} {widget.objectName()} {widget.parentWidget()}"
        for widget in page.findChildren(QWidget)
        if widget.isVisibleTo(page)
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (widget.accessibleName() or getattr(widget, "text", str)())
    ]
    assert not nameless


def test_that_every_threshold_can_be_set() -> None:
    shown = [words.key for words in threshold_words()]
    assert sorted(shown) == sorted(field.name for field in fields(Thresholds))


@pytest.mark.parametrize("detail", ["about", "check_updates"])
def test_that_the_page_leads_to_about(
    opened: Callable[..., SettingsPage], qtbot: QtBot, detail: str
) -> None:
    page = opened()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.open_at(detail)
    assert page.about.more.hasFocus()
