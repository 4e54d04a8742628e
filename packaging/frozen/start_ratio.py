"""How long a start takes until its window is painted: the frozen program beside the source.

Usage: python packaging/frozen/start_ratio.py [FROZEN_PROGRAM [ROUNDS]]

Run by a Python that has what the source needs. Both are started in turns on a display of its own
(Xvfb) whose picture lies in a file: a start ends when the middle of the screen is no longer black.
The clock begins before the process is made. Prints the medians; fails above MOST_TIMES.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_TIMES = 1.3
ROUNDS = 11
PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.001
_NEVER = threading.Event()
_PLACES = ((400, 300), (500, 400), (600, 350))
"""Inside the window, which opens at the upper left corner where nobody manages windows."""


class Screen:
    """A display without a monitor, read while it is drawn (`Xvfb -fbdir`, X Window Dump)."""

    def __init__(self, number: int, file: Path) -> None:
        self.name = f":{number}"
        with file.open("rb") as opened:
            self._bytes = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
        # XWDFileHeader, X11/XWDFile.h: 25 numbers of 32 bits, the largest byte first.
        header = struct.unpack(">25I", self._bytes[:100])
        self._start = header[0] + header[19] * 12  # behind the header and the colours
        self._row_bytes, self._pixel_bytes = header[12], header[11] // 8

    def is_painted(self) -> bool:
        return all(any(self._pixel(x, y)) for x, y in _PLACES)

    def is_black(self) -> bool:
        return not any(any(self._pixel(x, y)) for x, y in _PLACES)

    def _pixel(self, x: int, y: int) -> bytes:
        place = self._start + y * self._row_bytes + x * self._pixel_bytes
        return self._bytes[place : place + 3]


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    if shutil.which("Xvfb") is None:
        raise SystemExit("Xvfb is needed and was not found. Run: sudo apt-get install xvfb")
    with tempfile.TemporaryDirectory(prefix="landfall-screen-") as folder:
        number = 100 + os.getpid() % 800
        words = ("-screen", "0", "1400x900x24", "-fbdir", folder, "-nolisten", "tcp", "-noreset")
        server = subprocess.Popen(["Xvfb", f":{number}", *words], stderr=subprocess.DEVNULL)
        try:
            file = Path(folder) / "Xvfb_screen0"
            _wait(lambda: file.exists() and file.stat().st_size > 1400 * 900 * 4)
            yield Screen(number, file)
        finally:
            server.terminate()
            server.wait()


def _wait(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"nothing was painted in {PATIENCE_SECONDS:.0f} s")
        _NEVER.wait(_LOOK_SECONDS)


def start_seconds(command: Sequence[str], shown: Screen, home: Path) -> float:
    """From before the process is made to its window on the screen."""
    environment = os.environ | {
        "DISPLAY": shown.name,
        "QT_QPA_PLATFORM": "xcb",
        "LANDFALL_HOME": str(home / "landfall"),
        "PYTHONPATH": str(ROOT / "app"),
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
        "PYTHONDONTWRITEBYTECODE": "",
    }
    environment.pop("WAYLAND_DISPLAY", None)
    begun = time.perf_counter()
    started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(shown.is_painted)
        taken = time.perf_counter() - begun
    finally:
        started.terminate()
        started.wait(PATIENCE_SECONDS)
    _wait(shown.is_black)
    return taken


def main(words: list[str]) -> int:
    program = words[0] if words else str(ROOT / "dist" / "landfall" / "landfall")
    rounds = int(words[1]) if len(words) > 1 else ROUNDS
    commands = {"source": (sys.executable, "-m", "landfall"), "frozen": (program,)}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory(prefix="landfall-start-") as folder, screen() as shown:
        for command in commands.values():  # fills the caches, compiles the bytecode
            start_seconds(command, shown, Path(folder))
        for _ in range(rounds):
            for name, command in commands.items():
                taken[name].append(start_seconds(command, shown, Path(folder)))
    for name, seconds in taken.items():
        middle, least, most = statistics.median(seconds), min(seconds), max(seconds)
        print(f"{name}: {middle * 1000:.0f} ms ({least * 1000:.0f} to {most * 1000:.0f})")
    ratio = statistics.median(taken["frozen"]) / statistics.median(taken["source"])
    print(f"frozen / source: {ratio:.2f}, median of {rounds} in turns; at most {MOST_TIMES}")
    return 0 if ratio <= MOST_TIMES else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
