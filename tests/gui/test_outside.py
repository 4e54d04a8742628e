"""Pages and folders that another program shows, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from landfall.gui.outside import NotOpened, open_page, open_path

FOLDER = Path("/home/me/landfall")
PAGE = "https://ollama.com/download"


@pytest.mark.parametrize(
    "case",
    [
        (lambda asker: open_page(PAGE, asker), PAGE, "No browser opens here"),
        (lambda asker: open_path(FOLDER, asker), str(FOLDER), "Nothing here opens this"),
    ],
)
@pytest.mark.parametrize("opens", [True, False])
def test_that_an_address_no_program_opens_is_shown_to_be_taken_elsewhere(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[Callable[[QWidget], None], str, str],
    opens: bool,
) -> None:
    ask, address, title = case
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: opens)
    asker = QWidget()
    qtbot.addWidget(asker)
    ask(asker)
    shown = asker.findChildren(NotOpened)
    assert bool(shown) is not opens
    for dialog in shown:
        assert dialog.address.text() == address
        assert title in [one.text() for one in dialog.findChildren(QLabel)]
        dialog.on_copy()
        assert QGuiApplication.clipboard().text() == address
