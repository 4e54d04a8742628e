"""The icon of the running window."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from landfall.gui import qt_icons

APP = Path(__file__).parents[2] / "app"

AFTER_FIRST_FRAME = """
import sys
from landfall.core.settings import Settings
from landfall.gui.application import Application
application = Application(["landfall"], Settings())
seen = []
def look():
    seen.append(application.qt.windowIcon().availableSizes() != [])
    application.window.close()
application.first_painted.connect(look)
application.open(lambda name: None)
application.exec()
print(seen, "PySide6.QtSvg" in sys.modules)
"""


def test_that_every_size_is_a_picture_of_that_size(qtbot: QtBot) -> None:
    made = qt_icons.window_icon()
    assert [size.width() for size in made.availableSizes()] == list(qt_icons.WINDOW_ICON_SIZES)
    for size in qt_icons.WINDOW_ICON_SIZES:
        picture = made.pixmap(size).toImage()
        assert (picture.width(), picture.height()) == (size, size)


@pytest.mark.parametrize("size", qt_icons.WINDOW_ICON_SIZES)
def test_that_the_icon_shows_on_light_and_dark_desktops(qtbot: QtBot, size: int) -> None:
    picture = qt_icons.window_icon().pixmap(size).toImage()
    assert picture.pixelColor(0, 0).alpha() < 128  # the corners are round
    ground = picture.pixelColor(round(size * 0.16), round(size * 0.25))  # left of the mark
    assert ground.alpha() == 255
    mark = picture.pixelColor(size // 2, size // 4)
    for desktop in ("#FFFFFF", "#101214"):
        assert max(_contrast(ground, QColor(desktop)), _contrast(mark, QColor(desktop))) > 3
    assert _contrast(ground, mark) > 3


def _contrast(a: QColor, b: QColor) -> float:
    """WCAG 2.1, relative luminance and contrast ratio."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_that_the_window_has_it_after_its_first_frame_and_without_qtsvg() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AFTER_FIRST_FRAME],
        env=os.environ | {"PYTHONPATH": str(APP), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split("\n")[0] == "[True] False", done.stderr
