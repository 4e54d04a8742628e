"""A start of the window (or of a bare one) that ends at its first frame and says what it took.

Run as `python first_paint_child.py landfall|bare`; prints one line of JSON, and for the program its
style.
"""

from __future__ import annotations

import json
import sys
import time


def report(*, dark: bool = False) -> None:
    """CPU time of this process so far, what it has imported, and in which scheme it painted."""
    taken = time.process_time()
    found = {
        "cpu_seconds": taken,
        "modules": sorted(sys.modules),
        "qt": "Qt" in vars(sys.modules["PySide6.QtCore"]),
        "icons": "QIcon" in vars(sys.modules["PySide6.QtGui"]),
        "styles": "QStyle" in vars(sys.modules["PySide6.QtWidgets"]),
        "dark": dark,
    }
    print(json.dumps(found), flush=True)


def bare() -> None:
    """The smallest window of the same Qt."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Window(QMainWindow):
        painted = False

        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            if not self.painted:
                self.painted = True
                QTimer.singleShot(0, self.end)

        def end(self) -> None:
            report()
            QApplication.quit()

    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    window = Window()
    window.resize(1280, 800)
    window.show()
    app.exec()


def landfall() -> None:
    """The program itself, as `landfall` starts it."""
    from landfall.bootstrap import memory

    memory.one_heap()
    memory.no_features()
    from landfall.bootstrap import window
    from landfall.gui.application import Application

    paint = Application._on_first_painted

    def painted(self: Application) -> None:
        report(dark=self.theme.dark)
        print(self.qt.style().name(), flush=True)
        paint(self)
        self.qt.quit()

    Application._on_first_painted = painted  # type: ignore[method-assign]
    sys.argv = ["landfall"]
    window.run()


if __name__ == "__main__":
    {"bare": bare, "landfall": landfall}[sys.argv[1]]()
