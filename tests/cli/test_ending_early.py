from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from landfall.cli import ending_early

APP = Path(__file__).parents[2] / "app"

PRESS = "os.kill(os.getpid(), signal.SIGINT)"
PRESSED = {
    "between two statements": f"{PRESS}\n",
    "while a class is made": f"""
class Pressed:
    def __set_name__(self, owner, name):
        {PRESS}
type("Made", (), {{"one": Pressed()}})
""",
    "in a text that is compiled, as a dataclass is": f'exec("{PRESS}\\npass")\n',
}
STARTED = """
import importlib.abc, os, signal, sys

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "landfall.cli.fit":
            exec(sys.argv.pop())
        return None

sys.meta_path.insert(0, Finder())
from landfall.__main__ import main
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("when", PRESSED)
def test_that_ctrl_c_while_a_command_is_imported_is_130_and_one_word(
    when: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTED, "fit", "qwen3:8b", "--json", PRESSED[when]],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(APP), "LANDFALL_HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Cancelled.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_that_a_command_has_the_signal_and_what_is_ignored_stays_so() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        ending_early.end_at_once()
        ours = signal.getsignal(signal.SIGINT)
        with ending_early.handed_over():
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGINT) is ours
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ending_early.end_at_once()
        with ending_early.handed_over():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
