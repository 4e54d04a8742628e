"""About and the news of versions, from the window to a signed file on a real https host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="needs the package cryptography")

from nacl.signing import SigningKey
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from landfall import __version__
from landfall.core.announcement import Seen
from landfall.core.errors import BadInput, NotGenuine
from landfall.gui.about import about_dialog, words
from landfall.gui.about.about_card import AboutCard
from landfall.gui.about.about_dialog import AboutDialog, date_row
from landfall.gui.about.desk import AboutDesk
from landfall.gui.app_state import AppState
from landfall.gui.messages import Messages
from landfall.gui.preferences import Preferences
from landfall.gui.tasks import TaskRunner
from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.feedback import State
from landfall.services import certificates
from landfall.services.installation import licences, updates
from landfall.services.installation.about import Build, DataDate
from landfall.services.installation.updates import Channel, Kept
from landfall.services.io_loop import IoLoop
from landfall.services.paths import Paths
from landfall.services.settings import settings_store
from tests.fakes import certificates as made
from tests.fakes.egress_log import MemoryLog
from tests.fakes.news_host import PAGE, RELEASES, NewsHost, answer, file_of, publishing

OPEN = Channel(address="https://news.landfall.example/n", page=RELEASES, keys=(bytes(32),))


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewsHost]:
    certificates.trusted.cache_clear()
    office = made.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(office.path))
    with publishing(made.context(tmp_path, office), b"") as opened:
        yield opened
    certificates.trusted.cache_clear()


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[TaskRunner]:
    loop = IoLoop()
    loop.start()
    yield TaskRunner(loop)
    assert loop.stop(10)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was asked to show."""
    shown: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: shown.append(url.toString()) is None
    )
    return shown


@pytest.fixture
def desk(
    state: AppState, tasks: TaskRunner, messages: Messages, places: Paths, parent: QWidget
) -> AboutDesk:
    return AboutDesk(
        state,
        tasks,
        messages,
        log=MemoryLog(),
        paths=places,
        window=lambda: parent,
        parent=parent,
    )


def opened(desk: AboutDesk, qtbot: QtBot) -> AboutDialog:
    """The dialog as the window opens it, once the data were read."""
    desk.open()
    window = desk.parent()
    assert isinstance(window, QWidget)
    (dialog,) = window.findChildren(AboutDialog)
    qtbot.waitUntil(lambda: dialog.dates_place.shows_table, timeout=10_000)
    return dialog


def named(dialog: QWidget, name: str) -> QPushButton:
    found = dialog.findChild(QPushButton, name)
    assert found is not None, name
    return found


def click(qtbot: QtBot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def banner(dialog: AboutDialog) -> str:
    content = dialog.updates.banner.content
    return content.accessibleName() if content and dialog.updates.banner.isVisible() else ""


def asked(dialog: AboutDialog, desk: AboutDesk, qtbot: QtBot) -> None:
    """Press the button and wait for what came of it."""
    click(qtbot, named(dialog, "about-check"))
    assert dialog.updates.line.state is State.RUNNING
    assert not named(dialog, "about-check").isEnabled()
    qtbot.waitUntil(lambda: not desk.is_asking, timeout=20_000)
    assert named(dialog, "about-check").isEnabled()


# Which program this is


def test_that_version_build_and_what_it_stands_on_are_said(desk: AboutDesk, qtbot: QtBot) -> None:
    dialog = opened(desk, qtbot)
    title, facts = (dialog.findChild(QLabel, f"about-{name}") for name in ("version", "facts"))
    assert title is not None
    assert facts is not None
    assert title.text() == f"Landfall {__version__}"
    assert facts.text().startswith("Run from its source. Python 3.")
    assert "Qt 6." in facts.text()
    assert "Licence: MIT." in facts.text()


@pytest.mark.parametrize(
    ("build", "packaged_by", "said"),
    [
        (Build.WHEEL, "", "installed with pip"),
        (Build.FROZEN, "", "unpacked from an archive or an installer"),
        (Build.FROZEN, "deb", "from a deb package"),
    ],
)
def test_that_each_build_has_its_words(
    desk: AboutDesk, build: Build, packaged_by: str, said: str
) -> None:
    assert words.built(replace(desk.copy, build=build, packaged_by=packaged_by)) == said


def test_that_each_part_of_the_data_has_a_name_a_day_and_an_age(
    desk: AboutDesk, qtbot: QtBot
) -> None:
    dialog = opened(desk, qtbot)
    rows = [[spoken(cell) for cell in row] for row in dialog.dates.table.rows]
    assert [row[0] for row in rows][:3] == ["Models", "Hardware", "Prices of tokens"]
    assert len(rows) == 8
    assert all("day" in row[2] for row in rows)


def test_that_old_data_are_flagged_and_undated_ones_too() -> None:
    today = date(2026, 11, 26)

    def age(newest: date | None) -> str:
        one = DataDate(part="rentals", newest=newest)
        return spoken(date_row(one, today, stale_days=45)[2])

    assert age(date(2026, 11, 26)) == "from today"
    assert age(date(2026, 11, 27)) == "from today"
    assert age(date(2026, 10, 12)) == "45 days old"
    assert age(date(2026, 10, 11)) == "46 days old, stale"
    assert age(None) == "not dated"


def test_that_a_report_is_put_on_the_clipboard_with_versions_and_days(
    desk: AboutDesk, qtbot: QtBot
) -> None:
    dialog = opened(desk, qtbot)
    click(qtbot, dialog.copy)
    text = QGuiApplication.clipboard().text()
    assert text.startswith(f"Landfall {__version__} (source)\n")
    assert "PySide 6." in text
    assert "Data: models 20" in text
    assert dialog.copy.text() == "Copied"


def test_that_licences_are_read_when_they_are_wanted_and_each_is_shown_in_full(
    desk: AboutDesk, qtbot: QtBot, pages: list[str]
) -> None:
    dialog = opened(desk, qtbot)
    dialog.view.choose(1)
    dialog.view.chosen.emit(1)
    qtbot.waitUntil(lambda: dialog.licences.place.shows_table, timeout=20_000)
    listed = [spoken(row[0]) for row in dialog.licences.table.table.rows]
    assert listed[0].startswith("Landfall")
    text = dialog.findChild(QPlainTextEdit, "about-licence-text")
    assert text is not None
    assert text.toPlainText() == licences.own().text
    assert not dialog.licences.page.isVisible()
    number = next(i for i, name in enumerate(listed) if name.startswith("PyYAML"))
    dialog.licences.table.select(number)
    assert "Permission is hereby granted" in text.toPlainText()
    click(qtbot, dialog.licences.page)
    assert pages == ["https://pyyaml.org/"]
    number = next(i for i, name in enumerate(listed) if name.startswith("PySide6"))
    dialog.licences.table.select(number)
    assert text.toPlainText() == "What is installed brings no text of it."
    dialog.view.chosen.emit(1)


def test_that_what_cannot_be_read_is_said_in_its_place(
    desk: AboutDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise BadInput("The resource models.json is not JSON.", "Install Landfall again.")

    monkeypatch.setattr(about_dialog, "data_dates", broken)
    monkeypatch.setattr(licences, "components", broken)
    dialog = AboutDialog(desk, desk.parent())  # type: ignore[arg-type]
    dialog.open()
    dialog.view.chosen.emit(1)

    def said(place: QWidget) -> list[str]:
        return [one.accessibleName() for one in place.findChildren(QWidget)]

    wanted = "The resource models.json is not JSON.. Install Landfall again."
    for place in (dialog.dates_place, dialog.licences.place):
        qtbot.waitUntil(lambda place=place: wanted in said(place), timeout=10_000)


def test_that_a_dialog_which_is_closed_early_gives_up_what_it_reads(
    desk: AboutDesk, qtbot: QtBot
) -> None:
    dialog = AboutDialog(desk, desk.parent())  # type: ignore[arg-type]
    dialog.open()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(dialog))


# Whether a newer one is out


def test_that_a_build_without_an_address_says_so_and_its_button_is_disabled(
    desk: AboutDesk, qtbot: QtBot
) -> None:
    dialog = opened(desk, qtbot)
    assert dialog.updates.line.title.text() == (
        "This build was given no address for news of versions"
    )
    assert named(dialog, "about-check").isVisible()
    assert not named(dialog, "about-check").isEnabled()
    desk.ask()
    assert not desk.is_asking


def test_that_a_copy_of_a_package_manager_has_words_and_no_button(
    desk: AboutDesk, qtbot: QtBot
) -> None:
    desk.channel = replace(OPEN, packaged_by="deb")
    dialog = opened(desk, qtbot)
    assert dialog.updates.line.title.text() == "Your package manager updates this copy"
    assert not named(dialog, "about-check").isVisible()
    desk.state.set_settings(replace(desk.state.settings, check_updates=True))
    desk.ask_if_due()
    desk.ask()
    assert not desk.is_asking


def test_that_a_newer_version_is_told_and_its_page_opens_when_it_is_pressed(
    desk: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey, pages: list[str]
) -> None:
    desk.channel = host.channel(key)
    host.answers = [answer(file_of(key))]
    dialog = opened(desk, qtbot)
    assert "127.0.0.1" in dialog.updates.line.detail.text(), "where it asks is said before"
    assert not banner(dialog)
    asked(dialog, desk, qtbot)
    assert banner(dialog) == "Landfall 1.2.0 is out, 20 Nov Faster starts."
    assert not pages, "nothing is opened by itself"
    click(qtbot, named(dialog, "about-page"))
    assert pages == [PAGE]
    assert len(host.heard) == 1


def test_that_the_newest_version_is_told_without_ado(
    desk: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey
) -> None:
    desk.channel = host.channel(key)
    host.answers = [answer(file_of(key, __version__)), answer(file_of(key, "0.0.9"))]
    dialog = opened(desk, qtbot)
    asked(dialog, desk, qtbot)
    assert dialog.updates.line.state is State.DONE
    assert dialog.updates.line.title.text() == f"This is the newest version, {__version__}"
    updates.keep(desk.paths.announced, Kept())
    asked(dialog, desk, qtbot)
    assert "is newer than what is announced, 0.0.9" in dialog.updates.line.title.text()
    assert not banner(dialog)


def test_that_forged_news_are_said_loudly_and_lead_nowhere_but_to_the_releases(
    desk: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey, pages: list[str]
) -> None:
    desk.channel = host.channel(key)
    host.answers = [answer(file_of(key).replace(b"1.2.0", b"9.9.9"))]
    dialog = opened(desk, qtbot)
    asked(dialog, desk, qtbot)
    assert dialog.updates.line.state is State.FAILED
    assert "Somebody may stand between" in banner(dialog)
    assert "9.9.9" not in banner(dialog)
    click(qtbot, named(dialog, "about-page"))
    assert pages == [RELEASES]


def test_that_an_old_file_is_seen_through(
    desk: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey
) -> None:
    desk.channel = replace(host.channel(key), page="")
    updates.keep(
        desk.paths.announced,
        Kept(asked_at=datetime.now(UTC), seen=Seen(version="1.3.0", expires=date(2030, 1, 1))),
    )
    host.answers = [answer(file_of(key))]
    dialog = opened(desk, qtbot)
    asked(dialog, desk, qtbot)
    assert dialog.updates.line.state is State.PARTIAL
    assert "It announces 1.2.0, and 1.3.0 was announced here before" in banner(dialog)
    assert dialog.findChild(QPushButton, "about-page") is None, "no page is known"


def test_that_a_host_which_is_gone_is_said_with_what_to_do(
    desk: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey
) -> None:
    desk.channel = replace(host.channel(key), address="https://127.0.0.1:9/news.txt")
    dialog = opened(desk, qtbot)
    asked(dialog, desk, qtbot)
    assert dialog.updates.line.state is State.FAILED
    assert "is this machine online?" in dialog.updates.line.title.text()
    assert dialog.updates.line.detail.text().startswith("Check the connection")


def test_that_what_was_heard_is_still_there_when_it_is_opened_again(
    desk: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey
) -> None:
    desk.channel = host.channel(key)
    host.answers = [answer(file_of(key))]
    first = opened(desk, qtbot)
    click(qtbot, named(first, "about-check"))
    first.accept()
    qtbot.waitUntil(lambda: not isValid(first) and not desk.is_asking, timeout=20_000)
    assert banner(opened(desk, qtbot)).startswith("Landfall 1.2.0 is out")


# Once a day


@pytest.fixture
def daily(desk: AboutDesk, host: NewsHost, key: SigningKey) -> AboutDesk:
    """A user who switched it on."""
    desk.channel = host.channel(key)
    desk.state.set_settings(replace(desk.state.settings, check_updates=True))
    return desk


def test_that_nothing_is_asked_by_itself_unless_it_was_switched_on(
    daily: AboutDesk, host: NewsHost
) -> None:
    daily.state.set_settings(replace(daily.state.settings, check_updates=False))
    daily.ask_if_due()
    assert not daily.is_asking
    assert not daily.paths.announced.exists()
    assert not host.heard


def test_that_a_newer_version_is_announced_once_a_day_with_a_way_to_it(
    daily: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey, messages: Messages
) -> None:
    host.answers = [answer(file_of(key))]
    daily.ask_if_due()
    qtbot.waitUntil(lambda: messages.worst is not None, timeout=20_000)
    notice = messages.worst
    assert notice is not None
    assert (notice.tone, notice.title) == ("accent", "Landfall 1.2.0 is out, 20 Nov")
    assert notice.action is not None
    notice.action.run()
    window = daily.parent()
    assert isinstance(window, QWidget)
    (dialog,) = window.findChildren(AboutDialog)
    assert banner(dialog).startswith("Landfall 1.2.0 is out")
    qtbot.waitUntil(lambda: dialog.dates_place.shows_table, timeout=10_000)
    with qtbot.assertNotEmitted(daily.heard, wait=300):
        daily.ask_if_due()
    assert len(host.heard) == 1, "a day has not gone"
    updates.keep(daily.paths.announced, Kept(asked_at=datetime.now(UTC) - timedelta(days=1)))
    with qtbot.waitSignals([daily.heard, daily.heard], timeout=20_000):
        daily.ask_if_due()
    assert len(host.heard) == 2


@pytest.mark.parametrize("reply", [answer(b"", status="404 Not Found"), answer(b"hello")])
def test_that_what_fails_by_itself_disturbs_nobody(
    daily: AboutDesk, qtbot: QtBot, host: NewsHost, messages: Messages, reply: bytes
) -> None:
    host.answers = [reply]
    with qtbot.waitSignals([daily.heard, daily.heard], timeout=20_000):
        daily.ask_if_due()
    assert messages.worst is None
    assert daily.news is not None, "About says what it was"


def test_that_the_newest_version_disturbs_nobody_either(
    daily: AboutDesk, qtbot: QtBot, host: NewsHost, key: SigningKey, messages: Messages
) -> None:
    host.answers = [answer(file_of(key, __version__))]
    with qtbot.waitSignals([daily.heard, daily.heard], timeout=20_000):
        daily.ask_if_due()
    assert messages.worst is None


def test_that_forged_news_are_said_also_when_nobody_asked(
    daily: AboutDesk, qtbot: QtBot, host: NewsHost, messages: Messages
) -> None:
    host.answers = [answer(file_of(SigningKey.generate()))]
    daily.ask_if_due()
    qtbot.waitUntil(lambda: messages.worst is not None, timeout=20_000)
    notice = messages.worst
    assert notice is not None
    assert (notice.key, notice.tone) == (NotGenuine.kind, "danger")


def test_that_a_mistake_of_the_program_is_reported_as_one(
    desk: AboutDesk,
    qtbot: QtBot,
    messages: Messages,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def wrong(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(updates, "check", wrong)
    desk.channel = OPEN
    with qtbot.waitSignal(messages.bug_found, timeout=10_000):
        desk.ask()
    qtbot.waitUntil(lambda: not desk.is_asking)
    caplog.clear()


def test_that_a_broken_channel_is_said_and_asks_nobody(
    desk: AboutDesk, messages: Messages, monkeypatch: pytest.MonkeyPatch, parent: QWidget
) -> None:
    def broken() -> Channel:
        raise BadInput("Where this build asks for newer versions is broken.")

    monkeypatch.setattr(updates, "channel", broken)
    again = AboutDesk(
        desk.state,
        desk.tasks,
        messages,
        log=MemoryLog(),
        paths=desk.paths,
        window=lambda: parent,
        parent=parent,
    )
    assert messages.worst is not None
    assert not again.channel.is_open


# On the Settings page


@pytest.fixture
def card(desk: AboutDesk, qtbot: QtBot, places: Paths) -> AboutCard:
    preferences = Preferences(desk.state, desk.tasks, Messages(), path=places.settings)
    made = AboutCard(desk.state, preferences, copy=desk.copy, channel=OPEN)
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_the_daily_look_is_off_holds_at_once_is_stored_and_has_a_way_back(
    card: AboutCard, state: AppState, qtbot: QtBot, places: Paths
) -> None:
    assert not card.daily.isChecked()
    assert not card.daily_field.reset.isVisible()
    assert "news.landfall.example" in card.daily_field.hint.text()
    click(qtbot, card.daily)
    assert state.settings.check_updates
    qtbot.waitUntil(lambda: settings_store.load(places.settings).check_updates)
    click(qtbot, card.daily_field.reset)
    assert not state.settings.check_updates
    assert not card.daily.isChecked()
    qtbot.waitUntil(lambda: not settings_store.load(places.settings).check_updates)


def test_that_the_card_leads_to_about(card: AboutCard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(card.about_asked):
        click(qtbot, card.more)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel(), "This build was given no address for news of versions. Look"),
        (replace(OPEN, packaged_by="deb"), "Your package manager updates this copy. It"),
    ],
)
def test_that_it_cannot_be_switched_on_where_nobody_can_be_asked(
    desk: AboutDesk, places: Paths, qtbot: QtBot, channel: Channel, said: str
) -> None:
    preferences = Preferences(desk.state, desk.tasks, Messages(), path=places.settings)
    other = AboutCard(desk.state, preferences, copy=desk.copy, channel=channel)
    qtbot.addWidget(other)
    other.show()
    assert other.daily.isVisible() is not bool(channel.packaged_by)
    assert not other.daily.isEnabled()
    assert other.daily_field.hint.text().startswith(said)
