"""A painting that fails ends its painter: Qt ends the process where a picture goes before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from pytestqt.qtbot import QtBot

from landfall.gui.widgets import chart_export
from landfall.gui.widgets.live_chart import LiveChart

APP = Path(chart_export.__file__).parents[2]
_UNGUARDED = re.compile(r"^\s*\w+ = QPainter\((?!self\)|on\)|\))", re.MULTILINE)
"""A painter on a picture that may go before it. Those of widgets are let go by `gui.messages`."""


class Failing(LiveChart):
    """Its painting fails; keeps the painter."""

    used: QPainter

    def paint_on(self, p: QPainter, box: QRectF) -> None:  # type: ignore[override]
        self.used = p
        raise ValueError("no colour")


@pytest.mark.parametrize("write", [chart_export.image_of, chart_export.svg, LiveChart._painted])
def test_that_a_picture_that_cannot_be_painted_leaves_no_painter(
    qtbot: QtBot, write: Callable[[LiveChart], object]
) -> None:
    chart = Failing()
    qtbot.addWidget(chart)
    with pytest.raises(ValueError, match="no colour"):
        write(chart)
    assert not chart.used.isActive()


def test_that_every_painter_on_a_picture_ends_whatever_happens() -> None:
    found = {
        str(path.relative_to(APP)): _UNGUARDED.findall(path.read_text(encoding="utf-8"))
        for path in sorted(APP.rglob("*.py"))
    }
    assert {name: lines for name, lines in found.items() if lines} == {}
