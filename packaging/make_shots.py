"""Starts the real window without a screen and writes a picture of every page, in both schemes.

python packaging/make_shots.py FOLDER [--size 1280x800] [--font Inter,9.75] [--wait 2.5]
                               [--pages home,machine] [--schemes light,dark]
                               [--what-if "RTX 4060 Laptop,2x RTX 3090" --contexts 4096,32768]

With `--what-if` the Models page is taken, once for each of these machines at each of the contexts.
What is on the pictures is what this machine has: nothing is invented. `LANDFALL_HOME` says whose
workloads, runs and settings are shown; without it a new, empty home is used.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app"))

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from landfall.bootstrap.window import Program
from landfall.core.settings import ThemeChoice
from landfall.gui.main_window import PAGES, MainWindow
from landfall.gui.pages.models_page import ModelsPage
from landfall.services import known_machines, paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: a page in a scheme; of the Models page also for another machine."""

    scheme: str
    page: str
    machine: str = ""
    tokens: int = 0

    @property
    def file_name(self) -> str:
        """What it shows."""
        parts = [self.page]
        if self.machine:
            parts += [self.machine.lower().replace(" ", "-"), f"{self.tokens // 1024}k"]
        return f"{'-'.join((*parts, self.scheme))}.png"


def shots(options: argparse.Namespace, scheme: str) -> list[Shot]:
    """What is wanted in a scheme."""
    if not options.what_if:
        return [Shot(scheme=scheme, page=page) for page in options.pages.split(",")]
    return [
        Shot(scheme=scheme, page="models", machine=machine.strip(), tokens=int(tokens))
        for machine in options.what_if.split(",")
        for tokens in options.contexts.split(",")
    ]


class Camera(QObject):
    """Opens one page after the other, gives it time to fill, and takes its picture."""

    def __init__(self, program: Program, options: argparse.Namespace) -> None:
        super().__init__()
        self._program = program
        self._folder = Path(options.folder)
        self._wait_ms = round(1000 * options.wait)
        self._size = tuple(int(part) for part in options.size.split("x"))
        self._todo = [
            shot for scheme in options.schemes.split(",") for shot in shots(options, scheme)
        ]
        self._now: Shot | None = None

    @Slot()
    def begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window().resize(*self._size)
        QTimer.singleShot(self._wait_ms, self.turn)

    @Slot()
    def turn(self) -> None:
        """Take the picture of the page that is open, and open the next."""
        if self._now is not None:
            path = self._folder / self._now.file_name
            self._window().grab().save(str(path))
            print(f"{path.stat().st_size / 1000:6.0f} kB  {path}")
        if not self._todo:
            self._window().close()
            return
        self._now = self._todo.pop(0)
        state = self._program.application.state
        state.set_settings(replace(state.settings, theme=ThemeChoice(self._now.scheme)))
        self._window().open_page(self._now.page)
        self._ask(self._now)
        QTimer.singleShot(self._wait_ms, self.turn)

    def _ask(self, shot: Shot) -> None:
        """Another machine and context, where the picture is of them."""
        page = self._window().page(shot.page)
        if not shot.machine:
            return
        if not isinstance(page, ModelsPage) or not page.settled:
            # It is made on another turn, and builds its table one turn after it is first seen.
            QTimer.singleShot(100, partial(self._ask, shot))
            return
        self._program.application.state.set_what_if(known_machines.what_if(shot.machine))
        page.recommended.use_context(shot.tokens)

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
    parser.add_argument("--what-if", default="", help="machines of the catalogue")
    parser.add_argument("--contexts", default="8192", help="tokens, for --what-if")
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
