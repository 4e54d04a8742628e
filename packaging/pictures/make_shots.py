"""Starts the real window without a screen and writes a picture of every page, in both schemes.

python packaging/pictures/make_shots.py FOLDER [--size 1280x800] [--font Inter,9.75] [--wait 2.5]
                               [--pages home,machine] [--schemes light,dark]
                               [--what-if "RTX 4060 Laptop,2x RTX 3090" --contexts 4096,32768]
                               [--benchmark llama3.2:1b,all-minilm]
                               [--side-by-side llama3.2:1b,qwen3:0.6b --prompt "Why?" [--blind]]
                               [--verdicts [--views costs,hours] [--big 2]]
                               [--gate llama3.2:1b,qwen3:0.6b]
                               [--hosts ollama,ollama,old/ollama --gguf FOLDER]
                               [--people llama3.2:1b [--size 1024x700] [--big 2]]

A page may be followed by what is to be shown there: `history:benchmarks` (the
latest is read), `history:run` (the latest run with its chart), `history:totals`,
`cloud:prices`, `cloud:usage`, `cloud:speed`, `run:side` (before anything is asked).
With `--what-if` the Models page is taken, once for each of these machines at each of the contexts.
With `--benchmark` these models are measured first, which takes minutes; then the pictures are of
the chart while it ran, of the result, of the charts in it, of its rows in History, and of the
totals.
With `--side-by-side` these models are asked the prompt first; then the pictures
are of the columns while they fill, of the answers and of their summary. With `--blind`
nobody is named before a vote, and the pictures are of the answers alone.
With `--verdicts` one workload of every kind of verdict is stored in the home, and the pictures are
of its card with each view of its evidence, and of its sliders: see `verdict_shots`.
With `--gate` the first of two installed models is held against the second on a few prompts; the
pictures are of each state of the panel: see `gate_shots`.
With `--hosts` three real servers of these programs are started with models from a folder, the last
one is ended while it is watched; the pictures are of the Machine page: see `host_shots`.
With `--people` the pictures are of "How many people?" with this model: see `people_shots`.
`--big 2` doubles the size of all text, as a system at 200 % does.
Usage to be seen is imported before, with `landfall import` into the same home.
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
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "app"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from gate_shots import GateCamera
from gate_shots import store as store_gate
from host_shots import HostCamera, start, stop
from people_shots import PeopleCamera
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget
from run_shots import Bench, SideBySide
from verdict_shots import VIEWS, VerdictCamera, store, takes

from landfall.bootstrap.window import Program
from landfall.core.settings import ThemeChoice
from landfall.gui.main_window import MainWindow
from landfall.gui.page import PageState
from landfall.gui.pages.history_page import HistoryPage
from landfall.gui.pages.models_page import ModelsPage
from landfall.gui.pages.run_page import RunPage
from landfall.gui.run.toolbar import Mode
from landfall.gui.sidebar import PAGES
from landfall.services import paths
from landfall.services.machine import known_machines

RESULT = ("run:result", "run:charts", "history:benchmarks", "history:totals")
"""What is taken when a benchmark is through."""

ANSWERS = ("run:answers", "run:summary")
"""What is taken when a comparison side by side is through; of a blind one the first."""

PATIENCE = 25
"""So many fifths of a second more a page gets that still reads."""

ON_RUN = ("side", "run")
"""Details that are shown by this program, and are no model to be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: a page in a scheme; of the Models page also for another machine.

    Attributes:
        detail: What of the page is shown.
    """

    scheme: str
    page: str
    detail: str = ""
    machine: str = ""
    tokens: int = 0

    @property
    def file_name(self) -> str:
        """What it shows."""
        parts = [self.page]
        if self.detail:
            parts.append(self.detail)
        if self.machine:
            parts += [self.machine.lower().replace(" ", "-"), f"{self.tokens // 1024}k"]
        return f"{'-'.join((*parts, self.scheme))}.png"


def shots(options: argparse.Namespace, scheme: str) -> list[Shot]:
    """What is wanted in a scheme."""
    if not options.what_if:
        pages = RESULT if options.benchmark else options.pages.split(",")
        if options.side_by_side:
            pages = ANSWERS[:1] if options.blind else ANSWERS
        names = [page.partition(":") for page in pages]
        return [Shot(scheme=scheme, page=page, detail=detail) for page, _, detail in names]
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
        self._models = [name for name in options.benchmark.split(",") if name]
        self._measured: Bench | None = None
        self._compared: SideBySide | None = None
        self._options = options
        self._patience = PATIENCE

    @Slot()
    def begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._window().resize(*self._size)
        if self._models:
            self._measured = Bench(self._window(), self._models, parent=self)
            self._measured.sweeping.connect(self.take_live)
            self._measured.done.connect(self.turn)
            self._window().open_page("run")
            QTimer.singleShot(2 * self._wait_ms, self._measured.start)
            return
        if self._options.side_by_side:
            self._compared = SideBySide(self._window(), self._options, parent=self)
            self._compared.streaming.connect(self.take_answering)
            self._compared.done.connect(self.turn)
            self._window().open_page("run")
            QTimer.singleShot(2 * self._wait_ms, self._compared.start)
            return
        camera = self._of_one_subject()
        if camera is None:
            QTimer.singleShot(self._wait_ms, self.turn)
            return
        camera.done.connect(self._window().close)
        wait_ms = self._wait_ms if self._options.verdicts else 2 * self._wait_ms
        QTimer.singleShot(wait_ms, camera.begin)

    def _of_one_subject(self) -> VerdictCamera | GateCamera | PeopleCamera | HostCamera | None:
        """The camera that takes all pictures by itself, or None where pages are wanted."""
        asked, window, state = self._options, self._window(), self._program.application.state
        schemes = asked.schemes.split(",")
        if asked.verdicts:
            wanted = takes(schemes, asked.views.split(","))
            return VerdictCamera(window, state, wanted, save=self._save, parent=self)
        if asked.gate:
            return GateCamera(
                window,
                state,
                models=asked.gate,
                prompts=asked.prompts_file,
                schemes=schemes,
                save=self._save,
                parent=self,
            )
        if asked.people:
            return PeopleCamera(
                window,
                state,
                model=asked.people,
                size=(self._size[0], self._size[1]),
                schemes=schemes,
                save=self._save,
                parent=self,
            )
        if asked.servers:
            return HostCamera(
                window, state, asked.servers, schemes=schemes, save=self._save, parent=self
            )
        return None

    @Slot()
    def take_answering(self) -> None:
        """The picture of the columns while they fill; the first scheme has it alone."""
        self._save(f"run-answering-{self._todo[0].scheme}.png")

    @Slot()
    def take_live(self) -> None:
        """The picture of the chart while a benchmark runs; the first scheme has it alone."""
        self._save(f"run-benchmark-{self._todo[0].scheme}.png")

    def _save(self, name: str, what: QWidget | None = None) -> None:
        path = self._folder / name
        (what or self._window()).grab().save(str(path))
        print(f"{path.stat().st_size / 1000:6.0f} kB  {path}")

    @Slot()
    def turn(self) -> None:
        """Take the picture of the page that is open, and open the next."""
        if self._now is not None:
            if not self._filled(self._now) and self._patience > 0:
                self._patience -= 1
                QTimer.singleShot(200, self.turn)
                return
            self._patience = PATIENCE
            self._save(self._now.file_name)
        if not self._todo:
            self._window().close()
            return
        self._now = self._todo.pop(0)
        state = self._program.application.state
        state.set_settings(replace(state.settings, theme=ThemeChoice(self._now.scheme)))
        if self._now.page == "run" and self._measured is not None:
            self._window().open_page("run")
            self._measured.show_charts(self._now.detail == "charts")
        elif self._compared is not None:
            self._compared.show_summary(self._now.detail == "summary")
        else:
            detail = "" if self._now.detail in ON_RUN else self._now.detail
            self._window().open_page(self._now.page, detail)
            QTimer.singleShot(self._wait_ms // 2, self.choose)
        self._ask(self._now)
        QTimer.singleShot(self._wait_ms, self.turn)

    def _filled(self, shot: Shot) -> bool:
        """Whether the page that is open has read what it shows."""
        page = self._window().page(shot.page)
        return page is not None and page.settled and page.state is not PageState.LOADING

    @Slot()
    def choose(self) -> None:
        """In History the latest benchmark is read, or the latest run with its chart.

        On the Run page several targets are wanted.
        """
        page, shot = self._window().page("history"), self._now
        run = self._window().page("run")
        if isinstance(run, RunPage) and shot is not None and shot.page == "run":
            run.mode.choose(Mode.BOTH if shot.detail == "side" else Mode.HERE)
        if not isinstance(page, HistoryPage) or shot is None or shot.page != "history":
            return
        page.verticalScrollBar().setValue(0)
        if shot.detail == "benchmarks":
            page.benchmarks.table.selectRow(0)
        elif shot.detail == "run":
            page.open_at("")
            page.runs.table.selectRow(0)
            QTimer.singleShot(self._wait_ms // 4, self.scroll_down)

    @Slot()
    def scroll_down(self) -> None:
        """To the end of the page, where the chart of a run is."""
        page = self._window().page("history")
        if page is not None:
            page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())

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


def set_font(text: str, *, times: float) -> None:
    """A fixed font, so that pictures of two machines can be compared."""
    family, _, points = text.partition(",")
    font = QFont(family)
    font.setPointSizeF(float(points or 10) * times)
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
    parser.add_argument("--benchmark", default="", help="installed models that are measured first")
    parser.add_argument("--side-by-side", default="", help="installed models that are asked first")
    parser.add_argument("--prompt", default="Explain in two sentences what a heat pump is.")
    parser.add_argument("--blind", action="store_true", help="nobody is named before a vote")
    parser.add_argument("--verdicts", action="store_true", help="a verdict of every kind")
    parser.add_argument("--views", default=",".join(VIEWS), help="of a verdict, for --verdicts")
    parser.add_argument("--gate", default="", help="two installed models: CANDIDATE,TODAY")
    parser.add_argument("--hosts", default="", help="programs of three servers that are started")
    parser.add_argument("--gguf", type=Path, help="a folder of models, for --hosts")
    parser.add_argument("--people", default="", help="a model: how many people it serves")
    parser.add_argument("--big", type=float, default=1.0, help="times the size of --font")
    parser.add_argument("--contexts", default="8192", help="tokens, for --what-if")
    return parser.parse_args()


def main() -> int:
    chosen = options()
    with tempfile.TemporaryDirectory() as empty:
        os.environ.setdefault("LANDFALL_HOME", empty)
        sys.argv = sys.argv[:1]
        if chosen.verdicts:
            store()
        if chosen.gate:
            chosen.prompts_file = store_gate(Path(empty))
        chosen.servers = []
        if chosen.hosts:
            chosen.servers = start(chosen.hosts.split(","), chosen.gguf, Path(empty))
        program = Program(paths.of_user())
        if not program.be_first(()):
            return 1
        if chosen.font:
            set_font(chosen.font, times=chosen.big)
            program.application.theme.refresh_fonts()
        camera = Camera(program, chosen)
        program.application.first_painted.connect(camera.begin)
        try:
            return program.run(())
        finally:
            stop(chosen.servers)


if __name__ == "__main__":
    sys.exit(main())
