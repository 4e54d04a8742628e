"""Keys: one table binds them and tells them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

import landfall.gui
from landfall.gui import shortcuts
from landfall.gui.about.shortcuts_dialog import ShortcutsDialog
from landfall.gui.sidebar import PAGES
from landfall.gui.widgets.cells import spoken

GUI = Path(landfall.gui.__file__).parent


def _calls() -> list[tuple[str, str, list[object]]]:
    """Every call in the window: file, name of what is called, its constant arguments."""
    found: list[tuple[str, str, list[object]]] = []
    for file in sorted(GUI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                given: list[object] = [
                    one.value for one in node.args if isinstance(one, ast.Constant)
                ]
                found.append((file.name, name, given))
    return found


def test_that_no_key_is_bound_beside_the_table() -> None:
    made = {file for file, name, _ in _calls() if name == "QShortcut"}

    assert made == {"shortcuts.py"}


def test_that_every_key_of_the_table_is_told_once() -> None:
    told = [name for _, name, _ in shortcuts._words()]

    assert sorted(told) == sorted(shortcuts.names())


def test_that_every_key_of_the_table_is_bound_somewhere() -> None:
    bound = {given[0] for _, name, given in _calls() if name in {"bind", "pressed"} and given}
    several = {
        "tie",
        "none-good",
        "keep-votes",
        "first",
        "second",
        "both",
        "neither",
        "skip",
        "undo",
    }

    assert bound | several == set(shortcuts.names())


def test_that_each_page_has_its_number() -> None:
    assert len(PAGES) == shortcuts.PAGE_COUNT


def test_that_the_dialog_lists_every_key_as_it_is_bound(qtbot: QtBot) -> None:
    dialog = ShortcutsDialog()
    qtbot.addWidget(dialog)

    dialog.show()
    assert dialog.height() <= 600
    said = [[spoken(cell) for cell in row] for row in dialog.table.table.rows]
    assert len(said) == len(shortcuts.names())
    assert any("Ctrl+1 to Ctrl+8" in cell for row in said for cell in row)
    assert any("Ctrl+Q" in cell for row in said for cell in row)


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac calls it Return")
def test_that_the_dialog_calls_enter_what_the_prompt_calls_it() -> None:
    assert shortcuts.written("send") == "Ctrl+Enter"
    assert shortcuts.written("keep-votes") == "Enter"
