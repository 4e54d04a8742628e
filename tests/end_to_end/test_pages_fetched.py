"""What a page imports comes in on a thread: in the window's it would stop the window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.process import environment

IMPORTED_BY_MAKING = """
import importlib, sys
from landfall.bootstrap import window
from landfall.gui import application
for name in (*window._WARMED, "landfall.gui.pages.home_page", *window.needed_by(sys.argv[1])):
    importlib.import_module(name)
before = set(sys.modules)
importlib.import_module(f"landfall.gui.pages.{sys.argv[1]}_page")
print(*(set(sys.modules) - before))
"""


@pytest.mark.parametrize(
    "page", ["machine", "models", "run", "cloud", "workloads", "history", "settings"]
)
def test_that_nothing_is_left_to_import_when_a_page_is_made(page: str, home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED_BY_MAKING, page],
        env=environment(home, QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert not ran.stdout.split()
