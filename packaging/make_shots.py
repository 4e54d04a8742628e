"""Starts the real window without a screen and writes a picture of every page, in both schemes.

python packaging/make_shots.py FOLDER [--size 1280x800] [--font Inter,9.75] [--wait 2.5]
                               [--pages home,machine] [--schemes light,dark]

What is on the pictures is what this machine has: nothing is invented. `LANDFALL_HOME` says whose
workloads, runs and settings are shown; without it a new, empty home is used.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app"))

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from landfall.bootstrap.window import Program
from landfall.core.settings import ThemeChoice
from landfall.gui.main_window import PAGES, MainWindow
from landfall.services import paths


class Camera(QObject):
    """Opens one page after the other, gives it time to fill, and takes its picture."""

    def __init__(self, program: Program, options: argparse.Namespace) -> None:
        super().__init__()
        self._program = program
        self._folder = Path(options.folder)
        self._wait_ms = round(1000 * options.wait)
        self._size = tuple(int(part) for part in options.size.split("x"))
        self._todo = [
            (scheme, page)
            for scheme in options.schemes.split(",")
            for page in options.pages.split(",")
        ]
        self._now: tuple[str, str] | None = None

    @Slot()
    def begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window().resize(*self._size)
        QTimer.singleShot(self._wait_ms, self.turn)

    @Slot()
    def turn(self) -> None:
        """Take the picture of the page that is open, and open the next."""
        if self._now is not None:
            path = self._folder / "{1}-{0}.png".format(*self._now)
            self._window().grab().save(str(path))
            print(f"{path.stat().st_size / 1000:6.0f} kB  {path}")
        if not self._todo:
            self._window().close()
            return
        self._now = self._todo.pop(0)
        state = self._program.application.state
        state.set_settings(replace(state.settings, theme=ThemeChoice(self._now[0])))
        self._window().open_page(self._now[1])
        QTimer.singleShot(self._wait_ms, self.turn)

    def _window(self) -> MainWindow:
        window = self._program.application.window
        assert window is not None
        return window


def set_font(text: str) -> None:
    """A fixed font, so that pictures of two machines can be compared."""
    family, _, points = text.partition(",")
    font = QFont(family)
    font.setPointSizeF(float(points or 10))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    QApplication.setFont(font)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--font", default="")
    parser.add_argument("--wait", type=float, default=2.5, help="seconds a page gets to fill")
    parser.add_argument("--pages", default=",".join(PAGES))
    parser.add_argument("--schemes", default="light,dark")
    return parser.parse_args()


def main() -> int:
    chosen = options()
    with tempfile.TemporaryDirectory() as empty:
        os.environ.setdefault("LANDFALL_HOME", empty)
        sys.argv = sys.argv[:1]
        program = Program(paths.of_user())
        if not program.be_first(""):
            return 1
        if chosen.font:
            set_font(chosen.font)
            program.application.theme.refresh_fonts()
        camera = Camera(program, chosen)
        program.application.first_painted.connect(camera.begin)
        return program.run("")


if __name__ == "__main__":
    sys.exit(main())
