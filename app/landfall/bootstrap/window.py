"""The window's life: paint first, warm what is heavy on a thread, attach it, run, close."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from PySide6 import QtCore
from PySide6.QtCore import QObject, Signal, Slot

from landfall.bootstrap.qt_words import instead_of_qts
from landfall.core.errors import AppError
from landfall.gui.application import Application
from landfall.gui.single_instance import SingleInstance, allowed_to_come_forward
from landfall.services import paths
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.page import Page
    from landfall.gui.raise_line import Asked

STOP_SECONDS = 5.0
"""How long closing may take: a server of ours gets its time to end."""

_WARMED = (
    "asyncio",
    "sqlite3",
    "landfall.services.hardware",
    "landfall.services.ollama.server",
    "landfall.services.verdict.rounds",
    "landfall.bootstrap.behind",
    "landfall.bootstrap.attached",
)
"""What is imported behind the first frame, in small portions; the last one joins it all."""

_CLIENT = ("landfall.services.ollama.client", "httpcore", "anyio.streams.tls")
_ASKING = (
    *_CLIENT,
    "landfall.services.run.asking",
    "landfall.services.run.one_run",
    "landfall.core.energy.run_energy",
    "landfall.bootstrap.cloud_side",
)
_DRAWN = ("PySide6.QtSvg", "html", "landfall.core.reporting.words")
_NEEDED = {
    "machine": ("landfall.bootstrap.host_side", "html"),
    "models": (
        *_CLIENT,
        "landfall.services.models.shipped_catalogue",
        "landfall.services.models.hugging_face",
        "landfall.services.models.in_workloads",
        "landfall.services.models.load_check",
        "landfall.services.models.model_source",
        "landfall.services.ollama.downloads",
        "landfall.services.ollama.registry",
        "landfall.services.models.repository_models",
        "landfall.services.hosts.keeping",
        "landfall.core.fit.load_accuracy",
        "landfall.core.fit.longest_context",
        "landfall.core.fit.offer",
        "landfall.core.fit.placement",
        "landfall.core.hosts.whose_machine",
        "landfall.core.fit.held_memory",
        "landfall.core.pull_progress",
    ),
    "run": (
        *_ASKING,
        "landfall.services.benchmark.running",
        "landfall.services.benchmark.past",
        "landfall.services.benchmark.speeds",
        "landfall.services.chart_file",
        "landfall.services.hosts.keeping",
        "landfall.services.models.best_fits",
        "landfall.services.history.export",
        "landfall.services.side_by_side.running",
        "landfall.services.side_by_side.export",
        "landfall.services.side_by_side.prompts",
        "landfall.core.run.chart_table",
        "landfall.core.run.phases",
        "landfall.core.run.thinning",
    ),
    "cloud": (
        *_ASKING,
        *_DRAWN,
        "landfall.services.cloud.price_list",
        "landfall.services.cloud.probe",
        "landfall.services.cloud.standing",
        "landfall.services.cloud.usage",
        "landfall.services.pricing.plans_beside",
        "landfall.services.pricing.typed",
        "landfall.services.usage.gathered",
        "landfall.services.usage.importing",
        "landfall.services.usage.standing",
        "landfall.services.usage.workloads",
        "landfall.services.verdict.here_and_there",
        "landfall.core.usage.log_days",
        "landfall.core.verdict.verdict",
    ),
    "workloads": (
        *_DRAWN,
        "landfall.services.cloud",
        "landfall.services.verdict.guide",
        "landfall.services.verdict.portfolio",
        "landfall.core.quality.evidence",
        "landfall.core.verdict.card",
        "landfall.core.verdict.together_words",
        "landfall.core.workload.presets",
        "landfall.core.workload.privacy_check",
    ),
    "history": (
        *_DRAWN,
        "landfall.core.benchmark.data",
        "landfall.core.benchmark.duration",
        "landfall.core.costs.tariff",
        "landfall.core.run.live_curves",
        "landfall.core.run.phases",
        "landfall.core.run.token_estimate",
        "landfall.services.benchmark.comparison",
        "landfall.services.history.export",
        "landfall.services.history.importing",
        "landfall.services.history.whole_export",
        "landfall.services.history.run_totals",
    ),
    "settings": (
        "landfall.core.costs.currency",
        "landfall.services.installation.about",
        "landfall.services.verdict.guide",
        "landfall.services.verdict.rates",
    ),
}


def needed_by(page: str) -> tuple[str, ...]:
    """What is imported for a page on a thread: what it cannot do without. Those of Run and Cloud
    take half a second.

    What httpx imports at its first client and its first request is among them, lest it be in the
    thread of the window, and so is what the page's modules import. These come last, with classes of
    widgets alone: widgets are made in the thread of the window.
    """
    return (*_NEEDED[page], f"landfall.gui.pages.{page}_page") if page in _NEEDED else ()


def run(files: tuple[str, ...] = ()) -> int:
    """Open the window, or raise the one that is open; the exit code.

    Args:
        files: Workload files to open.
    """
    try:
        program = Program(paths.of_user())
        code = program.run(files) if program.be_first(files) else 0
    except AppError as error:
        without_window().say(str(error))
        return error.exit_code
    if program.is_closed and not program.application.owns_clipboard:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process: to take thousands of widgets apart first is seconds on a busy machine."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # Windows, without a console
            with suppress(OSError, ValueError):
                stream.flush()
    os._exit(code)


def without_window() -> Any:
    """For a start without a window; another one does without the module."""
    return importlib.import_module("landfall.bootstrap.without_window")


class Program(QObject):
    """One start of the program with a window.

    Attributes:
        is_closed: Whether everything is stored and nothing goes on, after `run`.
    """

    _warmed = Signal(object)
    _fetched = Signal(str)

    def __init__(self, places: paths.Paths) -> None:
        places.make()
        # Qt's own words cannot come: `landfall` takes a command, files or nothing.
        with instead_of_qts():
            self.application = Application(
                ["landfall"], self._load_settings, window_file=places.window
            )
        super().__init__()
        self._paths = places
        self._attached: Any = None
        self._home: Any = None
        self._files: tuple[str, ...] = ()
        self._warming = threading.Thread(target=self._warm, name="warm-up", daemon=True)
        self._warmed.connect(self._on_warmed)
        self._is_warm = threading.Event()
        self._closing = False
        self.is_closed = False
        self._fetching: dict[str, threading.Thread] = {}
        self._here: set[str] = set()
        self._fetched.connect(self._on_fetched)
        self._signals: Any = None
        self._instance = SingleInstance(places.lock, self)

    def be_first(self, files: tuple[str, ...] = ()) -> bool:
        """Whether this start opens the window; otherwise the open one is asked to come forward."""
        if self._instance.acquire():
            return True
        if self._instance.ask_other_to_raise(files):
            return False
        if self._instance.is_first:
            return True  # the other one was about to end, and has
        holder = self._instance.holder_pid()
        which = f" (process {holder})" if holder else ""
        without_window().say(
            f"Landfall runs already{which} and does not answer: its window cannot be raised from"
            " here."
        )
        return False

    def run(self, files: tuple[str, ...] = ()) -> int:
        """Show the window, run until it is closed, close everything."""
        self._files += files
        self.application.files_asked.connect(self.open_files)
        self.application.first_painted.connect(self._on_first_painted)
        self._instance.raise_asked.connect(self._on_raise_asked)
        with instead_of_qts():
            self.application.open(self._page)
        code = self.application.exec()
        self._close()
        return code

    def _close(self) -> None:
        self._begin_end()
        self._is_warm.set()
        until = time.monotonic() + STOP_SECONDS
        for thread in (self._warming, *self._fetching.values()):
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
        if self._attached is not None:
            self.is_closed = self._attached.close(STOP_SECONDS)
        self._instance.release()
        if self._signals is not None:
            self._signals.close()

    def _begin_end(self) -> None:
        """From here on everything ends: on a thread too, where a signal asks for it."""
        self._closing = True
        if self._attached is not None:
            self._attached.begin_close()

    def _finish_end(self) -> None:
        """On a thread: a signal asked for the end, and the thread of the window is held up.

        What is under way is stored as at any end; the process is then ended as it is. Its lock is
        that of a process that is gone, which the next start takes over.
        """
        if self._attached is not None:
            self._attached.close(STOP_SECONDS)

    def _load_settings(self) -> Settings:
        """Read when they are first asked for, which is after the first paint.

        Settings that cannot be read never keep the window from opening, and are not overwritten.
        """
        module = importlib.import_module("landfall.bootstrap.window_settings")
        settings: Settings = module.load(self._paths.settings, self.application.messages)
        return settings

    # Warming

    @Slot()
    def _on_first_painted(self) -> None:
        letters = importlib.import_module("landfall.gui.letters")
        if not letters.has_letters(self.application.qt.font()):
            # In words on the terminal: those of a box would be boxes.
            print(f"landfall: {letters.NONE}", file=sys.stderr)  # noqa: T201
            self.application.qt.exit(letters.NONE.exit_code)
            return
        signals = importlib.import_module("landfall.gui.quit_signals")
        self._signals = signals.QuitSignals(
            self, begin_end=self._begin_end, finish_end=self._finish_end
        )
        self._instance.listen()
        self._warming.start()

    def _warm(self) -> None:
        """On a thread: imports hold the interpreter only for some milliseconds at a time.

        A full collection over a hundred thousand imported objects holds it for fifty. They stay
        for good, so they are put out of the collector's sight; what comes later is collected in
        the thread of the window alone, by `gui.garbage`.
        """
        gc.disable()
        try:
            for name in _WARMED:
                if self._closing:
                    return  # the end waits for this thread
                module = late(name)
            gc.freeze()
            self._warmed.emit(module)
        finally:
            self._is_warm.set()

    @Slot(object)
    def _on_warmed(self, module: Any) -> None:
        self._attach(module)

    def _attach(self, module: Any) -> None:
        if self._attached is None:
            self._attached = module.Attached(self.application, self._paths)
            if self._home is not None:
                self._attached.adopt(self._home)
            self._attached.start()
            self.open_files(())

    # Pages

    def _page(self, name: str) -> Page | None:
        """Make a page, or None while what it needs is imported on a thread."""
        if name == "home":
            self._home = importlib.import_module("landfall.gui.pages.home_page").HomePage(
                self.application.state
            )
            made: Page = self._home
            return made
        if self._attached is not None and (name in self._here or not needed_by(name)):
            page: Page = self._attached.page(name)
            return page
        before = self._fetching.get(name)
        if before is None or not before.is_alive():
            self._fetching[name] = threading.Thread(
                target=self._fetch, args=(name,), name=f"fetch {name}", daemon=True
            )
            self._fetching[name].start()
        return None

    def _fetch(self, name: str) -> None:
        """On a thread: what a page needs comes in after what all of them need."""
        self._is_warm.wait()
        for module in needed_by(name):
            if self._closing:
                return  # the end waits for this thread
            late(module)
        self._fetched.emit(name)

    @Slot(str)
    def _on_fetched(self, name: str) -> None:
        self._here.add(name)
        # Modules stay for good, see `_warm`; what is garbage by now goes before.
        gc.collect()
        gc.freeze()
        # The page is made after what the window has to do meanwhile.
        QtCore.QTimer.singleShot(0, self, partial(self._on_collected, name))

    def _on_collected(self, name: str) -> None:
        if self.application.window is not None:
            self.application.window.on_page_can_be_made(name)

    @Slot(object)
    def _on_raise_asked(self, asked: Asked) -> None:
        window = self.application.window
        if window is None:
            return
        window.setWindowState(window.windowState() & ~QtCore.Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        with allowed_to_come_forward(asked.token):
            window.activateWindow()
        self.open_files(asked.files)

    @Slot(object)
    def open_files(self, files: tuple[str, ...]) -> None:
        """Show workload files, or keep them until there is something behind the window."""
        self._files += files
        if self._files and self._attached is not None:
            files, self._files = self._files, ()
            self._attached.open_files(files)
