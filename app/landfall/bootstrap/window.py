"""The window's life: paint first, bring what is heavy behind it, attach it, run, close."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from PySide6 import QtCore
from PySide6.QtCore import QObject, Slot

from landfall.bootstrap.page_imports import WARMED, needed_by
from landfall.bootstrap.qt_words import instead_of_qts
from landfall.core.errors import AppError
from landfall.gui.application import Application
from landfall.gui.importing import Importing
from landfall.gui.single_instance import SingleInstance, allowed_to_come_forward
from landfall.services import paths

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.gui.page import Page
    from landfall.gui.raise_line import Asked

STOP_SECONDS = 5.0
"""How long closing may take: a server of ours gets its time to end."""


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
        self._warming = Importing(WARMED, parent=self)
        self._warming.done.connect(self._on_warmed)
        self.is_closed = False
        self._fetching: dict[str, Importing] = {}
        self._here: set[str] = set()
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
        until = time.monotonic() + STOP_SECONDS
        for imports in self._imports():
            imports.join(max(0.0, until - time.monotonic()))
        if self._attached is not None:
            self.is_closed = self._attached.close(STOP_SECONDS)
        self._instance.release()
        if self._signals is not None:
            self._signals.close()

    def _begin_end(self) -> None:
        """From here on everything ends: on a thread too, where a signal asks for it."""
        for imports in self._imports():
            imports.stop()
        if self._attached is not None:
            self._attached.begin_close()

    def _imports(self) -> tuple[Importing, ...]:
        return (self._warming, *self._fetching.values())

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
        # A full collection over a hundred thousand imported objects holds the interpreter for
        # fifty milliseconds. They stay for good, so they are put out of the collector's sight;
        # what comes later is collected in the thread of the window alone, by `gui.garbage`.
        gc.disable()
        self._warming.start()

    @Slot()
    def _on_warmed(self) -> None:
        gc.freeze()
        module = importlib.import_module("landfall.bootstrap.attached")
        self._attached = module.Attached(self.application, self._paths)
        if self._home is not None:
            self._attached.adopt(self._home)
        self._attached.start()
        waiting = tuple(self._fetching.values())
        self.open_files(())
        for imports in waiting:
            imports.start()

    # Pages

    def _page(self, name: str) -> Page | None:
        """Make a page, or None while what it needs is imported."""
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
        if before is None or before.has_failed:
            self._fetching[name] = Importing(needed_by(name), parent=self)
            self._fetching[name].done.connect(partial(self._on_fetched, name))
            if self._attached is not None:  # else it follows what all of them need
                self._fetching[name].start()
        return None

    def _on_fetched(self, name: str) -> None:
        self._here.add(name)
        # Modules stay for good, see `_on_first_painted`; what is garbage by now goes before.
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
