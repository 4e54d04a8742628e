"""One message API: banners, toasts, and each bug once."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from landfall.core.errors import (
    DiskFull,
    KeyMissing,
    KeyRefused,
    KeyringUnavailable,
    NetworkUnavailable,
    OllamaUnavailable,
    OutOfMemory,
)
from landfall.gui.bug_report import BugReport, report_text
from landfall.gui.messages import Action, Messages, Notice


def bug(words: str) -> ValueError:
    try:
        raise ValueError(words)
    except ValueError as error:
        return error


def test_an_expected_error_becomes_a_banner_with_its_hint(messages: Messages) -> None:
    messages.fail(OllamaUnavailable("Ollama does not answer.", "Start it."))
    worst = messages.worst
    assert worst is not None
    assert (worst.title, worst.text, worst.tone) == (
        "Ollama does not answer.",
        "Start it.",
        "danger",
    )


def test_of_two_banners_the_worse_one_shows_and_of_equals_the_newer(messages: Messages) -> None:
    messages.show(Notice(key="a", tone="caution", title="first"))
    messages.show(Notice(key="b", tone="accent", title="second"))
    assert messages.worst is not None
    assert messages.worst.key == "a"
    messages.show(Notice(key="c", tone="caution", title="third"))
    assert messages.worst.key == "c"
    messages.dismiss("c")
    messages.dismiss("a")
    assert messages.worst.key == "b"
    messages.dismiss("b")
    assert messages.worst is None


def test_the_same_error_again_replaces_its_banner(messages: Messages) -> None:
    messages.tell(DiskFull("6 GB are missing."))
    messages.tell(DiskFull("5 GB are missing."))
    messages.dismiss("disk_full")
    assert messages.worst is None


def test_dismissing_what_is_not_there_says_nothing(qtbot: QtBot, messages: Messages) -> None:
    with qtbot.assertNotEmitted(messages.notice_changed):
        messages.dismiss("nothing")


@pytest.mark.parametrize(
    ("error", "page", "detail"),
    [
        (OllamaUnavailable("x"), "machine", ""),
        (KeyMissing("x"), "cloud", ""),
        (KeyRefused("x"), "cloud", ""),
        (KeyringUnavailable("x"), "cloud", ""),
        (DiskFull("x"), "models", "installed"),
        (OutOfMemory("x"), "models", "running"),
    ],
)
def test_an_error_leads_to_the_page_that_deals_with_it(
    qtbot: QtBot, messages: Messages, error: Exception, page: str, detail: str
) -> None:
    messages.fail(error)
    assert messages.worst is not None
    assert messages.worst.action is not None
    with qtbot.waitSignal(messages.jump_asked) as jump:
        messages.worst.action.run()
    assert jump.args == [page, detail]


def test_a_caller_may_offer_its_own_button(messages: Messages) -> None:
    ran: list[bool] = []
    messages.tell(NetworkUnavailable("x"), action=Action("Try again", lambda: ran.append(True)))
    assert messages.worst is not None
    assert messages.worst.action is not None
    messages.worst.action.run()
    assert ran == [True]


def test_a_bug_is_logged_always_and_reported_once(
    qtbot: QtBot, messages: Messages, caplog: pytest.LogCaptureFixture
) -> None:
    reported: list[str] = []
    messages.bug_found.connect(reported.append)
    error = bug("an index")
    messages.fail(error)
    messages.fail(error)
    assert len(reported) == 1
    assert "ValueError: an index" in reported[0]
    assert len(caplog.records) == 2
    caplog.clear()


def test_what_nobody_caught_is_told_like_the_rest(
    qtbot: QtBot, messages: Messages, caplog: pytest.LogCaptureFixture
) -> None:
    reported: list[str] = []
    messages.bug_found.connect(reported.append)
    expected = DiskFull("The disk is full.")
    messages.on_uncaught(DiskFull, expected, None)
    qtbot.waitUntil(lambda: messages.worst is not None)
    assert messages.worst is not None
    assert messages.worst.title == "The disk is full."
    error = bug("no caller")
    for _ in range(2):
        messages.on_uncaught(ValueError, error, error.__traceback__)
    qtbot.waitUntil(lambda: bool(reported))
    assert len(reported) == 1
    caplog.clear()


def test_that_nothing_is_shown_while_the_painting_that_failed_goes_on(
    messages: Messages, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[object] = []
    messages.bug_found.connect(told.append)
    messages.notice_changed.connect(partial(told.append, "a banner"))
    error = bug("a colour")
    messages.on_uncaught(ValueError, error, error.__traceback__)
    messages.on_uncaught(DiskFull, DiskFull("The disk is full."), None)
    assert not told
    assert len(caplog.records) == 1  # but it is logged: what comes next may end the process
    caplog.clear()


@pytest.mark.parametrize("led", [False, True])
def test_that_a_painter_of_a_painting_that_failed_is_let_go(
    messages: Messages, caplog: pytest.LogCaptureFixture, led: bool
) -> None:
    picture = QPixmap(10, 10)
    try:
        _paint_badly(picture, led=led)
    except (ValueError, TypeError) as error:
        kept = error  # as Python keeps the last one that nobody caught
    assert picture.paintingActive()
    messages.on_uncaught(type(kept), kept, kept.__traceback__)
    assert not picture.paintingActive()
    caplog.clear()


def _paint_badly(picture: QPixmap, *, led: bool) -> None:
    try:
        _paint_with(QPainter(picture))
    except ValueError as error:
        if not led:
            raise
        raise TypeError("led to by another") from error


def _paint_with(painter: QPainter) -> None:
    painter.drawPoint(1, 1)
    raise ValueError("a colour")


def test_a_report_says_on_what_it_ran_and_can_be_copied(qtbot: QtBot) -> None:
    report = BugReport("Traceback: an index")
    qtbot.addWidget(report)
    report.open()
    next(b for b in report.findChildren(QAbstractButton) if b.text() == "Copy report").click()
    copied = QGuiApplication.clipboard().text()
    assert copied == report_text("Traceback: an index")
    assert "PySide6" in copied
    assert copied.endswith("Traceback: an index")
