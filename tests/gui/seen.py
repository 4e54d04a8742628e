"""What can be seen of a widget, as tests look for it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from landfall.gui.widgets.cells import spoken
from landfall.gui.widgets.numbers import FigureLabel
from landfall.gui.widgets.tables import DataTable
from tests.gui.conftest import settle

_BLANKS = {"\u00a0": " ", "\u202f": " ", "\u200b": ""}


def words(widget: QWidget) -> str:
    """Everything that is written or spoken on what can be seen, with plain spaces."""
    settle()
    said = [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]
    said += [one.text() for one in widget.findChildren(QAbstractButton) if one.isVisible()]
    said += [one.text for one in widget.findChildren(FigureLabel) if one.isVisible()]
    for table in widget.findChildren(DataTable):
        if table.isVisible():
            said += [spoken(cell) for row in table.table.rows for cell in row]
    return "\n".join(said).translate(str.maketrans(_BLANKS))


def find(within: QWidget, name: str, kind: type[Any] = QAbstractButton) -> Any:
    """The last of this name that can be seen: what was replaced lives for another turn."""
    settle()
    found = [one for one in within.findChildren(kind, name) if one.isVisible()]
    assert found, f"nothing called {name} is visible"
    return found[-1]
