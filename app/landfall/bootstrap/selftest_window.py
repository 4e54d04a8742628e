"""Opens every page of the real window offscreen, for the self-test."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from landfall.bootstrap.selftest_picture import check_drawn
from landfall.bootstrap.window import Program
from landfall.gui.main_window import MainWindow
from landfall.gui.sidebar import PAGES
from landfall.services import paths

_STEP_MS = 150
_PATIENCE_MS = 30_000
"""For each page. They come within a second; a slow disk takes a while."""
_AFTER_A_BUG_MS = 3_000
"""A bug that was reported is not reported again: the next page may not come for the same reason."""


class Tour(QObject):
    """Goes from page to page, a moment on each, then closes the window.

    Attributes:
        seen: Pages that gave a picture. bugs: what went wrong.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.bugs: list[str] = []
        self._program = program
        self._left = list(PAGES)
        self._asked = ""
        self._given_up = False
        self._clock = QTimer(self)
        self._clock.setInterval(_STEP_MS)
        self._clock.timeout.connect(self.on_step)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.on_late)
        program.application.messages.bug_found.connect(self.on_bug)
        program.application.messages.notice_changed.connect(self.on_notice)
        program.application.first_painted.connect(self._clock.start)
        self._patience.start(_PATIENCE_MS)

    @Slot(str)
    def on_bug(self, trace: str) -> None:
        """An exception that nobody caught: its last line. The report over the window is closed
        with it."""
        self.bugs.append(trace.strip().rpartition("\n")[2])
        self._given_up = True

    @Slot()
    def on_notice(self) -> None:
        """An error that is said to the user: here nothing should be amiss."""
        notice = self._program.application.messages.worst
        if notice is not None and notice.tone == "danger":
            self.bugs.append(f"{notice.title} {notice.text}")

    @Slot()
    def on_late(self) -> None:
        """A page does not come."""
        self.bugs.append(f"{self._asked or 'the window'} did not come")
        self._end()

    @Slot()
    def on_step(self) -> None:
        """Look at the page that is shown, and go on to the next."""
        window = self._program.application.window
        if window is None:
            return
        came = window.page_name and window.page_name == (self._asked or window.page_name)
        if not came and not self._given_up:
            return
        if came:
            self._look(window)
        if not self._left:
            self._end()
            return
        self._asked, self._given_up = self._left.pop(0), False
        self._patience.start(_AFTER_A_BUG_MS if self.bugs else _PATIENCE_MS)
        window.open_page(self._asked)

    def _look(self, window: MainWindow) -> None:
        self.seen.append(window.page_name)
        try:
            check_drawn(window.page_name, window.grab().toImage())
        except RuntimeError as error:
            self.bugs.append(str(error))

    def _end(self) -> None:
        """Close the window as its button does; the report of a bug over it does not keep it."""
        self._clock.stop()
        self._patience.stop()
        if self._program.application.window is not None:
            self._program.application.window.close()
        self._program.application.qt.exit(0)


def open_every_page() -> str:
    """What was opened.

    Raises:
        RuntimeError: a page is missing, or one of them had a bug.
    """
    program = Program(paths.of_user())
    if not program.be_first():
        raise RuntimeError("there can be no lock in a folder that was just made")
    tour = Tour(program)
    program.run()
    missing = set(PAGES) - set(tour.seen)
    if missing or tour.bugs:
        raise RuntimeError(" | ".join([*(f"no page {name}" for name in missing), *tour.bugs]))
    return f"{len(set(tour.seen))} pages opened"
