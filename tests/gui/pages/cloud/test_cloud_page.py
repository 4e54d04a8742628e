"""The Cloud page in each of its states, with a keyring, a history and a provider behind it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from landfall.core.settings import Settings
from landfall.gui import theme
from landfall.gui.app_state import AppState
from landfall.gui.cloud.key_trouble import KeyTrouble
from landfall.gui.cloud.view import age_cell
from landfall.gui.messages import Notice
from landfall.gui.page import PageState
from landfall.gui.pages.cloud_page import CloudPage
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import Skeleton, Spinner, State
from landfall.gui.widgets.tables import DataTable
from landfall.services.history.records import RunRecord, now_iso
from landfall.services.keys.system_keyring import SERVICE
from tests.fakes.cloud_api import Reply
from tests.fakes.keyrings import LockedKeyring
from tests.gui.conftest import active_timers, settle
from tests.gui.pages.cloud_stage import KEY, CloudStage
from tests.gui.seen import words
from tests.gui.still import watched

OTHER = "sk-proj-OTHER-0123456789abcdef"
Open = Callable[..., CloudPage]
TABS = ("providers", "prices")


@pytest.fixture
def opened(stage: CloudStage, qtbot: QtBot) -> Open:
    """The page, shown, with everything read."""

    def open_(*, offers_session: bool = False) -> CloudPage:
        page = stage.page(offers_session=offers_session)
        qtbot.addWidget(page)
        page.resize(1080, 900)
        page.show()
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=10_000)
        qtbot.waitUntil(lambda: page.findChild(DataTable, "prices") is not None, timeout=10_000)
        return page

    return open_


def price_words(page: CloudPage) -> str:
    """What the tab of prices says; the tab looked at before comes back."""
    before = page.tab
    page.open_at("prices")
    said = words(page)
    page.choose(before)
    settle()
    return said


def everything_said(widget: QWidget) -> str:
    """Also what is hidden: texts, tool tips, what is spoken, what stands in fields."""
    said = []
    for part in (widget, *widget.findChildren(QWidget)):
        said += [part.toolTip(), part.accessibleName(), part.accessibleDescription()]
        if isinstance(part, QLabel | QAbstractButton | QLineEdit):
            said.append(part.text())
        if isinstance(part, DataTable):
            said += [spoken(cell) for row in part.table.rows for cell in row]
    return "\n".join(said)


def row_of(page: CloudPage, name: str) -> str:
    table = page.findChild(DataTable, "providers")
    assert table is not None
    line = next(row for row in table.table.rows if spoken(row[0]).startswith(name))
    return " | ".join(spoken(cell) for cell in line).replace("\u00a0", " ")


def button(page: QWidget, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert found is not None, name
    return found


def field(page: QWidget, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, name)
    assert found is not None, name
    return found


def enter_key(page: CloudPage, qtbot: QtBot, key: str) -> None:
    """As a user does: the button, the field, Enter."""
    settle()
    opener = button(page, "add-key")
    (opener if opener.isVisible() else button(page, "replace-key")).click()
    editor = field(page, "key-field")
    assert editor.isVisible()
    QGuiApplication.clipboard().setText(key)
    editor.paste()
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(editor, Qt.Key.Key_Return)


# States


@pytest.mark.parametrize("case", ["key", "none", "trouble"])
def test_that_nothing_shown_of_the_providers_moves_when_the_keyring_answers(
    stage: CloudStage, qtbot: QtBot, case: str
) -> None:
    if case == "key":
        stage.has_key("openai")
    if case == "trouble":
        stage.use(LockedKeyring())
    page = stage.page(offers_session=True)
    qtbot.addWidget(page)
    page.resize(1500, 900)
    page.show()
    with watched(page) as moves:
        qtbot.waitUntil(lambda: page.state is not PageState.LOADING, timeout=10_000)
        said = words(page)
    assert "Asking the keyring" not in said
    assert moves.told == []


def test_that_what_is_shown_of_a_provider_is_shown_whole(stage: CloudStage, qtbot: QtBot) -> None:
    page = stage.page()
    qtbot.addWidget(page)
    page.resize(1080, 900)
    page.show()
    qtbot.waitUntil(page.providers_tab.card.isVisible)
    assert page.providers_tab.card.accessibleName() == "OpenAI"


def test_before_anything_is_read_there_are_skeletons(stage: CloudStage, qtbot: QtBot) -> None:
    page = stage.page()
    qtbot.addWidget(page)
    assert page.state is PageState.LOADING
    assert len(page.findChildren(Skeleton)) >= 2
    assert stage.keyring.calls == []


def test_without_a_key_the_page_says_what_works_and_shows_prices(opened: Open) -> None:
    page = opened()
    assert page.state is PageState.EMPTY
    said = words(page)
    assert "No key is stored: verdicts use published prices" in said
    assert "days old" in row_of(page, "Anthropic")
    assert "unknown: no answer of this provider was measured yet" in row_of(page, "OpenAI")
    assert "gpt-4o" in price_words(page)
    assert button(page, "check-key").toolTip() == "Store a key first."


def test_nothing_is_sent_by_looking(stage: CloudStage, opened: Open) -> None:
    stage.has_key("openai")
    page = opened()
    page.refresh()
    assert stage.api.requests == []
    assert stage.run(stage.history.egress()) == ()


def test_a_stored_key_is_shown_masked_with_its_last_check(stage: CloudStage, opened: Open) -> None:
    stage.has_key("openai")
    stage.was_checked("200", "2026-11-24T10:00:00+00:00")
    page = opened()
    assert page.state is PageState.READY
    assert "Works" in row_of(page, "OpenAI")
    assert "sk-pro…6789, answered 200" in words(page)


def test_a_key_that_was_refused_before_stays_refused(stage: CloudStage, opened: Open) -> None:
    stage.has_key("openai")
    stage.was_checked("401", "2026-11-24T10:00:00+00:00")
    page = opened()
    assert "Refused, 401" in row_of(page, "OpenAI")
    (trouble,) = page.findChildren(KeyTrouble)
    line = trouble.line
    assert line.state is State.PARTIAL, "a refused key lets nobody be asked"
    assert (line.title.text(), line.detail.text()) == (
        "0 of 11 providers can be asked",
        "A stored key was refused by: OpenAI.",
    )
    assert button(page, "add-key").text() == "New key…"


def test_a_locked_keyring_is_said_once_and_may_be_tried_again(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.use(LockedKeyring())
    page = opened()
    assert page.state is PageState.PARTIAL
    said = words(page)
    assert said.count("Prompt dismissed") == 1
    assert "Unknown" in row_of(page, "OpenAI")
    assert "keyring fails" not in row_of(page, "OpenAI")
    assert "kept in the system keyring" not in said
    assert "models on your own machines work" in said
    assert not button(page, "add-key").isEnabled()
    assert "Prompt dismissed" in button(page, "add-key").toolTip()
    assert not button(page, "session-keys").isVisible()
    stage.use(stage.keyring)
    stage.has_key("openai")
    next(b for b in page.findChildren(QPushButton) if b.text() == "Try again").click()
    qtbot.waitUntil(lambda: page.state is PageState.READY)
    assert "Prompt dismissed" not in words(page)


def test_without_a_keyring_keys_may_live_in_memory(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.use(LockedKeyring())
    page = opened(offers_session=True)
    button(page, "session-keys").click()
    qtbot.waitUntil(lambda: "kept in memory until Landfall ends" in words(page))
    enter_key(page, qtbot, KEY)
    qtbot.waitUntil(lambda: "Works" in row_of(page, "OpenAI"))
    assert stage.keyring.entries == {}
    said = words(page)
    assert "Keys are kept in memory. Nothing is sent until you ask." in said
    assert "kept in the system keyring" not in said


def test_a_history_that_cannot_be_read_is_said_and_prices_stay(
    stage: CloudStage, opened: Open
) -> None:
    stage.run(stage.history._database.run(lambda c: c.execute("DROP TABLE egress")))
    page = opened()
    assert page.state is PageState.FAILED
    said = words(page)
    assert "The providers could not be read" in said
    assert "Asking the keyring" not in said
    assert "gpt-4o" in price_words(page)


# Keys


def test_a_new_key_is_stored_checked_and_found_nowhere_else(
    stage: CloudStage,
    opened: Open,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
    private_home: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    page = opened()
    enter_key(page, qtbot, KEY)
    assert field(page, "key-field").text() == ""
    qtbot.waitUntil(lambda: "Works" in row_of(page, "OpenAI"))
    assert page.state is PageState.READY
    assert f"{stage.host} takes the key." in words(page)
    assert not field(page, "provider-address").hasFocus()
    assert stage.keyring.entries == {(SERVICE, "openai"): KEY}
    assert [r.headers["authorization"] for r in stage.api.requests] == [f"Bearer {KEY}"]
    button(page, "list-models").click()
    qtbot.waitUntil(lambda: "lists 2 models" in words(page))
    field(page, "key-field").undo()
    assert KEY not in everything_said(page)
    assert KEY not in caplog.text
    settings = QSettings(str(private_home / "window.ini"), QSettings.Format.IniFormat)
    assert not [name for name in settings.allKeys() if KEY in str(settings.value(name))]
    stage.set(daily_budget_usd=3.0)
    stage.preferences.change(replace(stage.state.settings, hourly_rate_usd=81.0))
    qtbot.waitUntil((stage.folder / "settings.toml").exists)
    files = [p for folder in (stage.folder, private_home) for p in folder.rglob("*") if p.is_file()]
    assert any(p.name.startswith("history.db") for p in files)
    assert [p for p in files if KEY.encode() in p.read_bytes()] == []


def test_the_field_shows_no_character_and_forgets_when_it_is_left(
    opened: Open, qtbot: QtBot
) -> None:
    page = opened()
    button(page, "add-key").click()
    editor = field(page, "key-field")
    qtbot.keyClicks(editor, KEY)
    assert editor.echoMode() is QLineEdit.EchoMode.Password
    assert KEY not in editor.displayText()
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert (editor.text(), editor.isVisible()) == ("", False)
    button(page, "add-key").click()
    qtbot.keyClicks(editor, KEY)
    page.hide()
    assert editor.text() == ""


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("sk-admin-0123456789abcdef0123", "it reads usage and cannot run models"),
        ("sk-proj-with white space", "white space"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused_at_the_field(
    stage: CloudStage, opened: Open, qtbot: QtBot, typed: str, says: str
) -> None:
    page = opened()
    enter_key(page, qtbot, typed)
    problem = page.findChild(QLabel, "key-problem")
    assert problem is not None
    qtbot.waitUntil(lambda: says in problem.text())
    assert field(page, "key-field").isEnabled()
    assert stage.keyring.entries == {}
    assert stage.api.requests == []
    assert typed not in everything_said(page)


def test_another_providers_key_is_sent_to_its_own_place_in_words_of_the_window(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.set(base_urls=Settings().base_urls)
    page = opened()
    page.open_at("key:groq")
    qtbot.waitUntil(lambda: field(page, "key-field").isVisible())
    enter_key_in = field(page, "key-field")
    qtbot.keyClicks(enter_key_in, "sk-ant-api03-0123456789abcdef")
    qtbot.keyClick(enter_key_in, Qt.Key.Key_Return)
    problem = page.findChild(QLabel, "key-problem")
    assert problem is not None
    qtbot.waitUntil(lambda: "a key of Anthropic, not of Groq" in problem.text())
    assert "landfall key" not in problem.text()


def test_a_check_spins_in_its_row_and_a_refusal_leads_to_a_new_key(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    page = opened()
    slow = Reply(401, [0.2, b'{"error": {"message": "No such key"}}'])
    stage.api.script.append(slow)
    enter_key(page, qtbot, OTHER)
    qtbot.waitUntil(lambda: len(visible_spinners(page)) == 2)
    assert not button(page, "check-key").isEnabled()
    qtbot.waitUntil(lambda: "Refused, 401" in row_of(page, "OpenAI"))
    assert visible_spinners(page) == []
    notice = stage.messages.worst
    assert isinstance(notice, Notice)
    assert (notice.tone, notice.title) == ("caution", "OpenAI refused the key")
    assert "landfall key" not in notice.text
    assert notice.action is not None
    notice.action.run()
    assert field(page, "key-field").isVisible()
    field(page, "key-field").setText(KEY)
    button(page, "key-store").click()
    qtbot.waitUntil(lambda: "Works" in row_of(page, "OpenAI"))
    assert stage.messages.worst is None


def visible_spinners(page: CloudPage) -> list[Spinner]:
    return [s for s in page.findChildren(Spinner) if s.isVisible()]


def test_a_provider_that_does_not_answer_proves_nothing_about_the_key(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    page = opened()
    stage.api.script.extend([Reply(400, [b"{}"])] * 3)
    button(page, "check-key").click()
    qtbot.waitUntil(lambda: "No answer" in row_of(page, "OpenAI"))
    assert stage.messages.worst is None
    assert button(page, "replace-key").isVisible()


def test_a_key_is_removed_only_after_a_yes(stage: CloudStage, opened: Open, qtbot: QtBot) -> None:
    stage.has_key("openai")
    page = opened()
    for answer, left in (("Keep", 1), ("Remove key", 0)):
        button(page, "remove-key").click()
        box = next(b for b in page.findChildren(QMessageBox) if b.isVisible())
        assert box.text() == "Remove the key of OpenAI from the keyring?"
        next(b for b in box.buttons() if b.text() == answer).click()
        qtbot.waitUntil(lambda left=left: len(stage.keyring.entries) == left)
        qtbot.waitUntil(lambda: not page.findChildren(QMessageBox))
    qtbot.waitUntil(lambda: "No key" in row_of(page, "OpenAI"))


def test_the_page_of_keys_opens_on_a_click_only(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: seen.append(url.toString()) is None
    )
    page = opened()
    assert seen == []
    button(page, "open-keys-page").click()
    assert seen == ["https://platform.openai.com/api-keys"]


# Addresses


def test_a_moved_address_is_said_and_can_be_taken_back(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    page = opened()
    assert f"Moved by you. The key is sent to {stage.host}." in words(page)
    assert "these are the provider's own prices" in price_words(page)
    field(page, "provider-address").clear()
    field(page, "provider-address").editingFinished.emit()
    qtbot.waitUntil(lambda: "The provider's own address." in words(page))
    assert dict(stage.state.settings.base_urls) == {}


def test_an_address_that_would_show_the_key_is_refused_at_the_field(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    page = opened()
    page.open_at("custom")
    qtbot.waitUntil(lambda: "no address of its own" in words(page))
    assert not button(page, "check-key").isEnabled()
    edit = field(page, "provider-address")
    qtbot.keyClicks(edit, "http://192.168.1.4:8000")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert "readable on the way" in words(page)
    assert "--insecure" not in words(page)
    assert "custom" not in stage.state.settings.base_urls


def test_plain_http_to_another_machine_takes_a_warning_and_a_yes(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    page = opened()
    page.open_at("custom")
    allow = button(page, "allow-plain-http")
    edit = field(page, "provider-address")
    assert not allow.isVisible()
    qtbot.keyClicks(edit, "nonsense")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert not allow.isVisible()
    edit.clear()
    qtbot.keyClicks(edit, "http://192.168.1.4:8000/v1")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    for answer, taken in (("Do not send", False), ("Allow plain http", True)):
        assert allow.isVisible()
        allow.click()
        box = next(b for b in page.findChildren(QMessageBox) if b.isVisible())
        assert "unencrypted" in box.text()
        assert "192.168.1.4:8000" in box.text()
        next(b for b in box.buttons() if b.text() == answer).click()
        qtbot.waitUntil(lambda: not page.findChildren(QMessageBox))
        qtbot.waitUntil(lambda taken=taken: ("custom" in stage.state.settings.base_urls) is taken)
    assert stage.state.settings.plain_http_hosts == ("192.168.1.4:8000",)
    qtbot.waitUntil(lambda: "The key is sent to 192.168.1.4:8000" in words(page))
    assert not allow.isVisible()
    assert stage.api.requests == []


def test_a_server_on_this_machine_needs_no_key_and_its_prices_are_unknown(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.api.key = ""
    page = opened()
    page.open_at("custom")
    edit = field(page, "provider-address")
    qtbot.keyClicks(edit, stage.api.url)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Needs no key" in row_of(page, "OpenAI-compatible"))
    assert "No price table knows this provider" in price_words(page)
    button(page, "check-key").click()
    qtbot.waitUntil(lambda: "Works" in row_of(page, "OpenAI-compatible"))
    button(page, "list-models").click()
    qtbot.waitUntil(lambda: page.findChild(DataTable, "prices") is not None)
    assert "m-1" in price_words(page)
    assert "unknown: no price table knows this model" in price_words(page)


# Prices


def prices(page: CloudPage) -> DataTable:
    table = page.findChild(DataTable, "prices")
    assert table is not None
    return table


def price_of(page: CloudPage, model: str) -> str:
    line = next(r for r in prices(page).table.rows if spoken(r[0]).split(",")[0] == model)
    return " | ".join(spoken(cell) for cell in line)


def test_prices_have_source_date_every_digit_and_no_zero_for_unknown(opened: Open) -> None:
    page = opened()
    line = price_of(page, "gpt-4o-mini")
    assert "$0.15, published" in line
    assert "$0.075, published" in line
    assert "developers.openai.com" in line
    assert "unknown: not listed: billed as fresh input" in price_of(page, "ada")
    assert "genai-prices" in price_words(page)


def test_a_price_is_stale_when_the_user_says_so(stage: CloudStage, opened: Open) -> None:
    stage.set(thresholds=replace(Settings().thresholds, price_stale_days=0))
    page = opened()
    assert "stale" in price_of(page, "gpt-4o-mini")
    assert "stale" in row_of(page, "Groq")


def test_a_search_narrows_the_models(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    whole = prices(page).filter.rowCount()
    qtbot.keyClicks(field(page, "price-search"), "4o mini")
    assert 0 < prices(page).filter.rowCount() < whole


def test_the_providers_own_list_marks_what_a_key_may_use(
    stage: CloudStage, opened: Open, qtbot: QtBot
) -> None:
    stage.has_key("openai")
    page = opened()
    body = b'{"data": [{"id": "gpt-5.5"}, {"id": "gpt-5.4-mini", "deprecation": "2031-12-01"}]}'
    stage.api.script.append(Reply(200, [body], {"content-type": "application/json"}))
    button(page, "list-models").click()
    qtbot.waitUntil(lambda: "Offered, to your key" in price_of(page, "gpt-5.5"))
    assert "Retires, 1 Dec 2031" in price_of(page, "gpt-5.4-mini")
    assert "Not offered" in price_of(page, "gpt-5.4-pro")
    page.prices_tab.prices.offers.choose(1)
    assert prices(page).filter.rowCount() == 2


def test_prices_of_somebody_who_cannot_be_called_are_shown_too(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    choice = page.findChild(QComboBox, "price-provider")
    assert choice is not None
    choice.setCurrentIndex(choice.findData("cohere"))
    choice.activated.emit(choice.currentIndex())
    qtbot.waitUntil(lambda: any("command" in spoken(r[0]) for r in prices(page).table.rows))


def test_another_provider_shows_its_own_prices(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    table = page.findChild(DataTable, "providers")
    assert table is not None
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert any("claude" in spoken(row[0]) for row in prices(page).table.rows)
    assert "Get a key" in words(page.providers_tab.card)
    assert page.providers_tab.card.accessibleName() == "Anthropic"


def test_the_bill_of_a_call_follows_the_form(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    bill = page.findChild(DataTable, "check-bill")
    assert bill is not None
    prices(page).select(
        next(i for i, r in enumerate(prices(page).table.rows) if spoken(r[0]).startswith("gpt-4o,"))
    )
    for name, tokens in (("input", "1000000"), ("cached", "0"), ("output", "100000")):
        edit = field(page, f"check-{name}")
        edit.setText(tokens)
        edit.editingFinished.emit()
    # $2.50 a million in, $10 a million out.
    qtbot.waitUntil(lambda: "$3.50" in page.prices_tab.check.total.accessibleName())
    assert [spoken(cell) for cell in bill.table.rows[0]] == ["Input", "1,000,000", "$2.50", "$2.50"]
    assert [spoken(cell) for cell in bill.table.rows[1]] == ["Output", "100,000", "$10.00", "$1.00"]


def test_a_price_in_the_settings_that_is_none_is_said(
    stage: CloudStage, qtbot: QtBot, state: AppState
) -> None:
    wrong = replace(stage.state.settings, prices={"openai/gpt-4o": {"input": -1.0}})  # type: ignore[arg-type]
    state.set_settings(wrong)
    page = stage.page()
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.state is PageState.PARTIAL, timeout=10_000)
    page.open_at("prices")
    assert page.state is PageState.FAILED
    said = words(page)
    assert "The prices could not be read" in said
    assert "is no price" in said


# What was measured and spent


def test_measured_rates_and_what_was_spent_today(stage: CloudStage, opened: Open) -> None:
    for usd in (0.5, None):
        run = RunRecord(
            started_at=now_iso(),
            place="cloud",
            host=stage.host,
            model="gpt-4o",
            prompt="Why?",
            state="done",
            ttft_seconds=0.62,
            decode_tok_s=71.3,
            cost_usd=usd,
        )
        stage.run(stage.history.add_run(run))
    page = opened()
    line = row_of(page, "OpenAI")
    assert "620 ms, measured" in line
    assert "71.3 tok/s, measured" in line
    said = words(page)
    assert "~$0.50 today; the cap is $5.00." in said
    assert "Of 1 the cost is unknown" in said


def test_the_cap_is_changed_in_the_settings(opened: Open, qtbot: QtBot) -> None:
    page = opened()
    with qtbot.waitSignal(page.jump) as jump:
        button(page, "change-cap").click()
    assert jump.args == ["settings", "daily_budget_usd"]


# Form


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_paints_in_both_schemes_and_nothing_ticks(
    *,
    stage: CloudStage,
    opened: Open,
    qtbot: QtBot,
    themed: theme.Theme,
    scheme: theme.SchemeChoice,
    tab: str,
) -> None:
    stage.has_key("openai")
    page = opened()
    page.open_at(tab)
    themed.use(scheme)
    assert not page.grab().isNull()
    # What is on its way is delivered; after that nothing moves.
    qtbot.waitUntil(lambda: active_timers() == [])


@pytest.mark.parametrize("tab", TABS)
def test_every_control_has_a_name_for_eyes_ears_and_tests(
    stage: CloudStage, opened: Open, tab: str
) -> None:
    stage.has_key("openai")
    page = opened()
    page.open_at(tab)
    settle()
    controls = [
        *page.findChildren(QPushButton),
        *page.findChildren(QLineEdit),
        *page.findChildren(QComboBox),
        *page.findChildren(DataTable),
    ]
    shown = [c for c in controls if c.isVisible()]
    assert len(shown) > 5
    unnamed = [
        c for c in shown if not (c.accessibleName() or (isinstance(c, QPushButton) and c.text()))
    ]
    assert unnamed == []
    primary = [b for b in shown if b.property("kind") == "primary"]
    assert len(primary) <= 1
    disabled = [c for c in shown if not c.isEnabled() and not c.toolTip()]
    assert disabled == []


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("width", [824, 1080, 1720])
def test_nothing_is_cut_off_at_the_side(opened: Open, width: int, tab: str) -> None:
    page = opened()
    page.open_at(tab)
    page.resize(width, 700)
    settle()
    inner = page.widget()
    assert inner is not None
    assert inner.minimumSizeHint().width() <= 768


def test_prices_that_were_not_read_yet_are_not_said_to_be_missing(opened: Open) -> None:
    waiting = age_cell(None, priced=False, stale_days=45)
    assert spoken(waiting) == "not read yet"
    assert spoken(age_cell(None, priced=True, stale_days=45)) == "no price list"
    page = opened()
    assert "no price list" in row_of(page, "OpenAI-compatible")
    assert "not read yet" not in row_of(page, "OpenAI")
