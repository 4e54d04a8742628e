"""The second key on the card of a provider: what reads usage and never runs a model."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from landfall.gui import theme
from landfall.gui.cloud.key_usage import UsageKeySection
from landfall.gui.cloud.view import ProviderLook, key_status, usage_key_status
from landfall.gui.page import PageState
from landfall.gui.pages.cloud_page import CloudPage
from landfall.services import cloud
from landfall.services.cloud.access import KeyState
from landfall.services.cloud.standing import Standing
from landfall.services.keys.system_keyring import SERVICE
from tests.fakes.cloud_api import as_json
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.cloud.test_cloud_page import button, everything_said, field, row_of
from tests.gui.pages.cloud_stage import KEY, CloudStage
from tests.gui.seen import words

ADMIN = "sk-admin-PLANTED-9f8e7d6c5b4a-0123456789"
Open = Callable[[], CloudPage]


@pytest.fixture
def opened(stage: CloudStage, qtbot: QtBot) -> Open:
    """The page, shown, with everything read."""

    def open_() -> CloudPage:
        page = stage.page()
        qtbot.addWidget(page)
        page.resize(1080, 900)
        page.show()
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=10_000)
        return page

    return open_


def section(page: CloudPage) -> UsageKeySection:
    found = page.findChild(UsageKeySection)
    assert found is not None
    return found


def line(page: CloudPage) -> str:
    return words(section(page))


def enter(page: CloudPage, qtbot: QtBot, key: str) -> None:
    settle()
    if not field(page, "usage-key-field").isVisible():
        button(page, "add-usage-key").click()
    edit = field(page, "usage-key-field")
    assert edit.echoMode() is QLineEdit.EchoMode.Password
    qtbot.keyClicks(edit, key)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


def test_a_second_key_is_stored_beside_the_first_checked_and_masked(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    page = opened()
    assert "Key for usage (admin key)" in line(page)
    assert "No key" in line(page)
    stage.api.script.append(as_json({"object": "page", "data": []}))
    enter(page, qtbot, ADMIN)
    qtbot.waitUntil(lambda: "Works" in line(page))
    assert stage.keyring.entries == {(SERVICE, "openai"): KEY, (SERVICE, "openai-usage"): ADMIN}
    (request,) = stage.api.requests
    assert request.path.startswith("/v1/organization/usage/completions?")
    assert request.headers["authorization"] == f"Bearer {ADMIN}"
    assert "sk-adm…6789" in line(page)
    assert f"{stage.host} takes the key." in line(page)
    assert ADMIN not in everything_said(page)


def test_a_refusal_is_said_at_the_second_key_and_the_first_stays_as_it_was(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    stage.was_checked("200", "2026-11-24T10:00:00+00:00")
    page = opened()
    enter(page, qtbot, ADMIN)
    qtbot.waitUntil(lambda: "Refused" in line(page))
    assert "refuses to tell usage to this key" in line(page)
    assert "landfall key" not in everything_said(page)
    assert "Works" in row_of(page, "OpenAI")
    assert stage.messages.worst is None
    assert ADMIN not in everything_said(page)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (KEY, ("for running models", "as the key that runs models, above")),
        ("sk-admin-with white space", ("white space", "alone")),
    ],
)
def test_what_is_no_key_for_usage_is_refused_at_its_field_with_the_right_place(
    stage: CloudStage, opened: Open, qtbot: QtBot, typed: str, said: tuple[str, str]
) -> None:
    page = opened()
    enter(page, qtbot, typed)
    problem = page.findChild(QLabel, "usage-key-problem")
    assert problem is not None
    qtbot.waitUntil(lambda: said[0] in problem.text())
    assert said[1] in problem.text()
    assert stage.keyring.entries == {}
    assert stage.api.requests == []
    assert field(page, "usage-key-field").isEnabled()
    assert typed not in everything_said(page)


def test_an_admin_key_in_the_first_field_is_sent_to_the_second(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    page = opened()
    button(page, "add-key").click()
    qtbot.keyClicks(field(page, "key-field"), ADMIN)
    qtbot.keyClick(field(page, "key-field"), Qt.Key.Key_Return)
    problem = page.findChild(QLabel, "key-problem")
    assert problem is not None
    qtbot.waitUntil(lambda: "admin key of OpenAI" in problem.text())
    assert "as its key for usage" in problem.text()
    assert stage.keyring.entries == {}


def test_a_provider_without_such_a_key_shows_no_place_for_one(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    for name, shown in (("groq", False), ("openrouter", True), ("deepinfra", False)):
        page.open_at(name)
        settle()
        assert section(page).isVisible() is shown, name
    page.open_at("openrouter")
    settle()
    assert "It begins like any other key of OpenRouter" in line(page)


def test_the_second_key_is_removed_only_after_a_yes_and_alone(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    stage.has_key("openai-usage", ADMIN)
    page = opened()
    for answer, left in (("Keep", 2), ("Remove key", 1)):
        button(page, "remove-usage-key").click()
        box = next(b for b in page.findChildren(QMessageBox) if b.isVisible())
        assert box.text() == "Remove the key for usage of OpenAI from the keyring?"
        next(b for b in box.buttons() if b.text() == answer).click()
        qtbot.waitUntil(lambda left=left: len(stage.keyring.entries) == left)
        qtbot.waitUntil(lambda: not page.findChildren(QMessageBox))
    assert (SERVICE, "openai") in stage.keyring.entries
    qtbot.waitUntil(lambda: "No key" in line(page))


def test_what_is_typed_is_forgotten_when_it_is_left(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    button(page, "add-usage-key").click()
    edit = field(page, "usage-key-field")
    qtbot.keyClicks(edit, ADMIN)
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert (edit.text(), edit.isVisible()) == ("", False)
    button(page, "add-usage-key").click()
    qtbot.keyClicks(edit, ADMIN)
    page.open_at("anthropic")
    settle()
    assert edit.text() == ""


def test_the_page_of_such_keys_opens_on_a_click_only(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: seen.append(url.toString()) is None
    )
    page = opened()
    button(page, "open-usage-keys-page").click()
    assert seen == ["https://platform.openai.com/settings/organization/admin-keys"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_paints_in_both_schemes_with_names_for_everything(
    stage: CloudStage,
    opened: Open,
    qtbot: QtBot,
    themed: theme.Theme,
    scheme: theme.SchemeChoice,
) -> None:
    stage.has_key("openai-usage", ADMIN)
    page = opened()
    themed.use(scheme)
    button(page, "add-usage-key").click()
    settle()
    assert not page.grab().isNull()
    controls = [*section(page).findChildren(QPushButton), *section(page).findChildren(QLineEdit)]
    shown = [one for one in controls if one.isVisible()]
    assert len(shown) > 2
    assert all(one.accessibleName() or one.text() for one in shown)
    assert all(one.objectName() for one in shown)
    qtbot.waitUntil(lambda: active_timers() == [])


def test_that_a_keyring_that_fails_leaves_the_key_unknown_and_does_not_say_there_is_none() -> None:
    row = cloud.find("openai")
    look = ProviderLook(
        standing=Standing(row=row, address=None),
        key=KeyState(row=row, masked=None, problem="There is no keyring on this system."),
        priced=False,
        stale_days=45,
    )
    status = usage_key_status(look, checking=False)
    assert (status.text, status.sub) == ("Unknown", "The keyring could not be asked.")
    assert key_status(look).text == status.text
