"""Opens every page of the real window offscreen, for the self-test."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from landfall.bootstrap.window import Program
from landfall.gui.main_window import PAGES
from landfall.services import paths

_STEP_MS = 150


class Tour(QObject):
    """Goes from page to page, a moment on each, then closes the window.

    Attributes:
        seen: Pages that gave a picture.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.bugs: list[str] = []
        self._program = program
        self._left = list(PAGES)
        self._asked = ""
        self._clock = QTimer(self)
        self._clock.setInterval(_STEP_MS)
        self._clock.timeout.connect(self.on_step)
        program.application.messages.bug_found.connect(self.bugs.append)
        program.application.first_painted.connect(self._clock.start)

    @Slot()
    def on_step(self) -> None:
        """Look at the page that is shown, and go on to the next."""
        window = self._program.application.window
        if window is None:
            return
        if self._asked and window.page_name != self._asked:
            return  # it comes
        if window.page_name and not window.grab().isNull():
            self.seen.append(window.page_name)
        if not self._left:
            self._clock.stop()
            window.close()
            return
        self._asked = self._left.pop(0)
        window.open_page(self._asked)


def open_every_page() -> str:
    """What was opened.

    Raises:
        RuntimeError: a page is missing, or one of them had a bug.
    """
    program = Program(paths.of_user())
    program.be_first()
    tour = Tour(program)
    program.run()
    missing = set(PAGES) - set(tour.seen)
    if missing or tour.bugs:
        raise RuntimeError(f"missing {sorted(missing)}; {' '.join(tour.bugs)}")
    return f"{len(set(tour.seen))} pages opened"
