"""What keeps the window small, as a start of the program has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

APP = Path(__file__).parents[2] / "app"

LOOK = """
import linecache, sys
from landfall.bootstrap import memory
memory.one_heap()
memory.no_features()
import landfall.bootstrap.window
ours = [name for name in sys.modules if name.startswith("landfall.")]
print(len(ours) > 20, len(linecache.cache))
"""

TABLE = """
from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication
from landfall.gui import theme
app = QtWidgets.QApplication([])
theme.install(app, "light")
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.hosts.listing import HostTable
from landfall.gui.machine.machine_list import MachineList
table = DataTable([Column("Name"), Column("Size", 90, right=True)], "Models")
table.resize(400, 300)
table.show()
hosts = HostTable()
hosts.show_all([], chosen=-1)
hosts.show()
machines = MachineList()
machines.show()
table.set_rows([("a", "b")])


def hover():
    table.entered.emit(table.filter.index(0, 0))
    QApplication.sendEvent(table, QEvent(QEvent.Type.Leave))
    table.is_in_sight(0)


QTimer.singleShot(50, hover)
QTimer.singleShot(0, lambda: theme.theme().changed.emit())
QTimer.singleShot(100, app.quit)
app.exec()
print(table.room > 90, "QWizard" in vars(QtWidgets))
"""


def run(lines: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", lines],
        env=os.environ | {"PYTHONPATH": str(APP)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.split()


def test_that_no_source_is_read_of_what_the_window_imports() -> None:
    assert run(LOOK) == ["True", "0"]


def test_that_a_table_brings_in_no_widgets_that_nobody_shows() -> None:
    assert run(TABLE) == ["True", "False"]
