"""What a page imports comes in on a thread or in portions, lest it stop the window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.process import environment

IMPORTED_BY_MAKING = """
import importlib, sys
from landfall.bootstrap.page_imports import WARMED, needed_by
from landfall.gui import application
for name in (*WARMED, "landfall.gui.pages.home_page", *needed_by(sys.argv[1])):
    importlib.import_module(name)
before = set(sys.modules)
importlib.import_module(f"landfall.gui.pages.{sys.argv[1]}_page")
print(*(set(sys.modules) - before))
"""


def said(script: str, page: str, home: Path) -> str:
    """What a script prints of a page in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", script, page],
        env=environment(home, QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    "page", ["machine", "models", "run", "cloud", "workloads", "history", "settings"]
)
def test_that_nothing_is_left_to_import_when_a_page_is_made(page: str, home: Path) -> None:
    assert not said(IMPORTED_BY_MAKING, page, home).split()


LARGEST = 15
"""Modules of a portion, which each take about a millisecond."""

PORTIONS = """
import importlib, sys
from landfall.bootstrap import window
from landfall.bootstrap.page_imports import WARMED, needed_by
from landfall.gui.importing import is_of_qt
importlib.import_module("landfall.gui.pages.home_page")
for names in (WARMED, needed_by(sys.argv[1])):
    for name in (one for one in names if not is_of_qt(one)):
        importlib.import_module(name)
    for name in filter(is_of_qt, names):
        before = set(sys.modules)
        importlib.import_module(name)
        new = set(sys.modules) - before
        print(name, len(new), *(one for one in new if not one.startswith("landfall.")))
"""


@pytest.mark.parametrize(
    "page", ["machine", "models", "run", "cloud", "workloads", "history", "settings"]
)
def test_that_no_portion_in_the_windows_thread_is_large(page: str, home: Path) -> None:
    for line in said(PORTIONS, page, home).splitlines():
        name, count, *others = line.split()
        assert int(count) <= LARGEST, f"name some of what {name} imports before it"
        assert set(others) <= {"PySide6.QtSvg"}, f"{name} imports what a thread can bring"
