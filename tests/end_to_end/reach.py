"""What of a window is cut, nameless, out of reach of keys, or disabled without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QSlider,
    QWidget,
)

from landfall.gui import tab_order
from tests.gui.speechless import speechless

MOST_STOPS = 300
SECTIONS = 4
"""Presses of Tab that a field of a date may take for its day, month and year."""
CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QSlider, QAbstractItemView)


def barriers(root: QWidget) -> list[str]:
    """Each in words; none where everything is whole, named and reached."""
    found = [
        *cut(root),
        *_unheard(root),
        *speechless(_shown(root)),
        *_blank(root),
        *_unreached(root),
    ]
    return list(dict.fromkeys(found))


def _shown(root: QWidget) -> list[QWidget]:
    return [one for one in root.findChildren(QWidget) if one.isVisible() and one.window() is root]


def _called(widget: QWidget) -> str:
    text = str(widget.property("text") or widget.accessibleName())
    return f"{type(widget).__name__} {widget.objectName()} {text[:60]!r}"


def cut(root: QWidget) -> Iterator[str]:
    """What is wider than its room, or is not shown whole."""
    for one in _shown(root):
        if isinstance(one, QScrollArea) and one.widget() is not None:
            wide, room = one.widget().width(), one.viewport().width()
            if wide > room:
                yield f"{_called(one)} is {wide} wide and shows {room}"
        text = str(one.property("text") or "")
        if not text or one.objectName().startswith("qt_"):
            continue
        if isinstance(one, QLabel) and one.wordWrap():
            needed = one.heightForWidth(one.width())
            if needed > one.height() + 1:
                yield f"{_called(one)} needs {needed} lines of pixels and has {one.height()}"
            if one.textFormat() is not Qt.TextFormat.RichText and _breaks_a_word(one):
                yield f"{_called(one)} breaks a word at {one.width()}"
        elif isinstance(one, QLabel | QAbstractButton):
            needed = one.sizeHint().width()
            if needed > one.width() + 1 and not one.toolTip():
                yield f"{_called(one)} needs {needed} and has {one.width()}"


def _breaks_a_word(words: QLabel) -> bool:
    parts = re.split(r"[\s\u200b-]", words.text())
    metrics = words.fontMetrics()
    return max(map(metrics.horizontalAdvance, parts)) > words.width() + 1


def _blank(root: QWidget) -> Iterator[str]:
    """Lists to choose from that show nothing, not even what would stand there."""
    for one in _shown(root):
        if not isinstance(one, QComboBox) or one.currentText() or one.placeholderText():
            continue
        line = one.lineEdit()
        if line is None or not line.placeholderText():
            yield f"{_called(one)} is blank"


def _unheard(root: QWidget) -> Iterator[str]:
    heard: dict[tuple[str, str, str], QWidget] = {}
    for one in _shown(root):
        inner = isinstance(one.parent(), QAbstractSpinBox | QComboBox)
        if not one.isEnabled() or one.focusPolicy() is Qt.FocusPolicy.NoFocus or inner:
            continue
        if isinstance(one, QScrollBar) or one.objectName().startswith("qt_") or one.focusProxy():
            continue
        spoken = QAccessible.queryAccessibleInterface(one)
        name = spoken.text(QAccessible.Text.Name) if spoken is not None else ""
        if not name:
            yield f"{_called(one)} has no name"
        elif "<" in name:
            yield f"{_called(one)} is called in markup"
        if isinstance(one, CONTROLS):
            kind = next(base.__name__ for base in CONTROLS if isinstance(one, base))
            key = (kind, name, one.accessibleDescription())
            if key in heard:
                yield f"{_called(one)} and {_called(heard[key])} sound alike"
            heard[key] = one


def _unreached(root: QWidget) -> Iterator[str]:
    inside = getattr(root, "centralWidget", lambda: root)()
    wanted = tab_order.stops(inside)
    if not wanted:
        return
    wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
    reached: list[QWidget] = []
    for _ in range(MOST_STOPS):
        now = QApplication.focusWidget()
        if now is None or now in reached:
            break
        reached.append(now)
        for _ in range(SECTIONS if isinstance(now, QAbstractSpinBox) else 1):
            QTest.keyClick(QApplication.focusWidget() or now, Qt.Key.Key_Tab)
            if QApplication.focusWidget() is not now:
                break
        else:
            yield f"Tab does not leave {_called(now)}"
            return
    for one in wanted:
        if one not in reached:
            yield f"Tab does not reach {_called(one)}"
    order = [one for one in reached if one in wanted]
    for here, there in zip(order, [one for one in wanted if one in reached], strict=True):
        if here is not there:
            yield f"Tab comes to {_called(here)} before {_called(there)}"
            return
