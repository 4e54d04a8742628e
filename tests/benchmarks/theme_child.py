"""The window with all its pages open: another scheme, and text of another size, again and again.

Run as `python theme_child.py`; prints the CPU time of the window's thread for each change until
what shows is painted anew, in seconds, as one line of JSON.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from landfall.bootstrap.window import Program
from landfall.core.settings import ThemeChoice
from landfall.gui.main_window import MainWindow
from landfall.gui.page import PageState
from landfall.gui.sidebar import PAGES
from landfall.services import paths

LOOK_MS = 100
CHANGES = 8
OTHER_TEXT = 1.3
"""Times the size that it had."""


class Switching(QObject):
    """Opens one page after the other, then changes what all of them wear."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program
        self._unseen = [name for name in PAGES if name != "home"]
        self._font = QApplication.font()
        self._figures: dict[str, list[float]] = {"scheme": [], "text": []}
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self.look)

    @Slot()
    def begin(self) -> None:
        self._looks.start()

    @Slot()
    def look(self) -> None:
        """The next page, once the last one shows what it has; then a change at every look."""
        page = self._window().page(self._window().page_name)
        if page is None or not page.settled or page.state is PageState.LOADING:
            return
        if self._unseen:
            self._window().open_page(self._unseen.pop())
            return
        for what, change in (("scheme", self._other_scheme), ("text", self._other_text)):
            if len(self._figures[what]) < CHANGES:
                self._figures[what].append(self._taken(change))
                return
        self._looks.stop()
        widgets = len(QApplication.allWidgets())
        print(json.dumps(self._figures | {"widgets": widgets}), flush=True)
        self._window().close()

    def _taken(self, change: Callable[[], None]) -> float:
        begun = time.thread_time()
        change()
        QCoreApplication.sendPostedEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)
        self._window().grab()
        return time.thread_time() - begun

    def _other_scheme(self) -> None:
        state = self._program.application.state
        was_dark = self._program.application.theme.dark
        theme = ThemeChoice.LIGHT if was_dark else ThemeChoice.DARK
        state.set_settings(replace(state.settings, theme=theme))

    def _other_text(self) -> None:
        font = QFont(self._font)
        if len(self._figures["text"]) % 2 == 0:
            font.setPointSizeF(OTHER_TEXT * font.pointSizeF())
        QApplication.setFont(font)

    def _window(self) -> MainWindow:
        window = self._program.application.window
        assert window is not None
        return window


def main() -> None:
    program = Program(paths.of_user())
    assert program.be_first(())
    switching = Switching(program)
    program.application.first_painted.connect(switching.begin)
    program.run(())


if __name__ == "__main__":
    main()
