"""What cannot be used now says why, and has its own words again when it can."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from landfall import gui
from landfall.gui.allowed import allow
from landfall.gui.widgets.layout import button
from tests.gui.speechless import speechless

GUI = Path(gui.__file__).parent
NO_CONTROLS = {"key", "self._notifier", "self.verticalScrollBar()", "super()"}
"""Keys of the keyboard, what listens, and a bar that is not painted: nobody can point at them."""


def heard(control: QWidget) -> str:
    spoken = QAccessible.queryAccessibleInterface(control)
    assert spoken is not None
    return spoken.text(QAccessible.Text.Description)


def test_that_the_reason_is_seen_and_heard_and_goes(qtbot: QtBot) -> None:
    press = button("Delete")
    qtbot.addWidget(press)
    press.setToolTip("Deletes it")
    allow(press, "Choose a run first.")
    assert not press.isEnabled()
    assert press.toolTip() == heard(press) == "Choose a run first."
    allow(press, "It still runs.")
    assert press.toolTip() == "It still runs."
    allow(press)
    assert press.isEnabled()
    assert press.toolTip() == "Deletes it"


def test_that_its_own_description_is_heard_after_the_reason(qtbot: QtBot) -> None:
    press = button("Stop")
    qtbot.addWidget(press)
    press.setAccessibleDescription("What came is kept")
    allow(press, "It is being stopped.")
    assert heard(press) == "It is being stopped. What came is kept"
    allow(press)
    assert heard(press) == "What came is kept"


def test_that_words_given_meanwhile_stay(qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    allow(field, "Storing")
    field.setAccessibleDescription("It was not taken")
    field.setToolTip("Another")
    allow(field)
    assert (field.toolTip(), field.accessibleDescription()) == ("Another", "It was not taken")
    allow(field, "Storing", tip="Paste a key")
    allow(field)
    assert field.toolTip() == "Paste a key"


def test_that_what_says_nothing_is_found(qtbot: QtBot) -> None:
    press = button("Delete")
    qtbot.addWidget(press)
    press.show()
    assert speechless([press]) == []
    press.setEnabled(False)
    assert len(speechless([press])) == 1
    press.setToolTip("Choose a run first.")
    assert speechless([press]) == []
    press.setAccessibleDescription("Something else")
    assert len(speechless([press])) == 1
    allow(press)


def disabled_in(source: str) -> Iterator[str]:
    """Calls that enable or disable a control without a word for the reason."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            wordless = call.func.attr in ("setEnabled", "setDisabled")
            if wordless and ast.unparse(call.func.value) not in NO_CONTROLS:
                yield ast.unparse(call)


def test_that_nothing_is_disabled_without_its_reason() -> None:
    found = [
        f"{path.relative_to(GUI)}: {one}"
        for path in sorted(GUI.rglob("*.py"))
        if path.name != "allowed.py"
        for one in disabled_in(path.read_text(encoding="utf-8"))
    ]
    assert found == []
    assert list(disabled_in("self.go.setEnabled(ready)")) == ["self.go.setEnabled(ready)"]
