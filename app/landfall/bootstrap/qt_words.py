"""What Qt says while it looks for a display, which it may end the process over."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from landfall.core.errors import Unavailable

logger = logging.getLogger(__name__)


@contextmanager
def instead_of_qts() -> Iterator[None]:
    """While Qt looks for a display: when it ends the process, our line stands for all of its own.

    Qt tells its handler of messages before it calls `abort`, which would leave a core dump and on
    some systems a dialog. What else it says of platforms that it tries is for a log.
    """
    said: list[str] = []

    def listen(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if kind is not QtMsgType.QtFatalMsg:
            said.append(text)
            logger.debug("Qt: %s", text)
            return
        problem = no_window(said or [text], os.environ)
        os.write(2, f"landfall: {problem}\n".encode(errors="replace"))
        os._exit(problem.exit_code)

    before = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


def no_window(said: list[str], environment: Mapping[str, str]) -> Unavailable:
    """Why Qt can show nothing, out of what it said of it."""
    why = "; ".join(dict.fromkeys(" ".join(text.split()).rstrip(".") for text in said))
    stated = environment.get("QT_QPA_PLATFORM")
    hint = f"Unset QT_QPA_PLATFORM, which is {stated}." if stated else "Look at the display."
    return Unavailable(
        f"Qt cannot show a window here: {why}.",
        f"{hint} The command line works without: landfall --help.",
    )
