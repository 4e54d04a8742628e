"""What is said where there will be no window: a line, and a box where nobody would see the line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

_OF_A_DESKTOP = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID", "GIO_LAUNCHED_DESKTOP_FILE")
"""What desktops of Linux put into the environment of what they start."""


def say(text: str) -> None:
    """Print one line; a start from a desktop, whose output nobody reads, shows it in a box too."""
    print(f"landfall: {text}", file=sys.stderr)  # noqa: T201
    if not is_read(os.environ):
        application = QCoreApplication.instance() or QApplication(["landfall"])
        read = QEventLoop(application)
        box = QMessageBox(QMessageBox.Icon.Warning, "Landfall", text)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.finished.connect(read.quit)
        box.open()
        read.exec()


def is_read(environment: Mapping[str, str]) -> bool:
    """Whether somebody reads what this program prints: it was not started by a desktop."""
    if sys.stderr is None:  # Windows, without a console
        return False
    if sys.stderr.isatty():
        return True
    # macOS names a bundle that was started from the desktop so. Awaits a Mac.
    of_a_bundle = environment.get("XPC_SERVICE_NAME", "").startswith("application.")
    return not of_a_bundle and not any(environment.get(name) for name in _OF_A_DESKTOP)
