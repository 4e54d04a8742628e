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


def test_that_no_source_is_read_of_what_the_window_imports() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=os.environ | {"PYTHONPATH": str(APP)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["True", "0"]
