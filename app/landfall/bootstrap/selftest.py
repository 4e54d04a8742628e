"""`landfall --selftest`: checks an installation, without a display, a network or a trace left."""

from __future__ import annotations

import faulthandler
import importlib
import json
import logging
import os
import platform
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import landfall
from landfall.services.installation.frozen import is_frozen

_PATIENCE_SECONDS = 600.0
"""All of it takes some ten seconds, and a minute where the disk is slow."""

_NOBODY = "http://127.0.0.1:9"
"""Where no Ollama is: what a user runs is left alone, and no result depends on it."""

_PARTS = "landfall.bootstrap.selftest_parts"
_WINDOW = "landfall.bootstrap.selftest_window"
_CHARTS = "landfall.bootstrap.selftest_charts"
_QT = "landfall.bootstrap.selftest_qt"

STEPS = (
    ("modules", _PARTS, "modules"),
    ("libraries", _PARTS, "libraries"),
    ("resources", _PARTS, "read_resources"),
    ("history", _PARTS, "history"),
    ("certificates", _PARTS, "certificates"),
    ("requests", _PARTS, "requests"),
    ("keyring", _PARTS, "keyring"),
    ("child", _PARTS, "child"),
    ("window", _WINDOW, "open_every_page"),
    ("fonts", _QT, "fonts"),
    ("plug-ins", _QT, "plugins"),
    ("pictures", _QT, "pictures"),
    ("translations", _QT, "translations"),
    ("charts", _CHARTS, "draw_each_kind"),
)
"""Name, module and function of each step. Those after "window" use its application."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one step.

    Attributes:
        text: What was found, or what went wrong.
    """

    name: str
    ok: bool
    text: str
    seconds: float


def selftest(*, as_json: bool = False) -> int:
    """Take every step; 0 if all is well, else 1.

    Args:
        as_json: One document at the end instead of lines on the way.
    """
    _set_surroundings()
    say: Callable[[str], None] = _nothing if as_json else _say
    for name, words in _about().items():
        say(f"{name}: {words}")
    steps = []
    with _in_time(), _empty_home():
        for name, module, function in STEPS:
            steps.append(_taken(name, module, function))
            say(f"{'ok   ' if steps[-1].ok else 'FAIL '} {name}: {steps[-1].text}")
    versions = _versions()
    say(", ".join(f"{name} {version}" for name, version in versions.items()))
    well = all(step.ok for step in steps)
    if as_json:
        document = {
            **_about(),
            "ok": well,
            "versions": versions,
            "steps": [asdict(step) for step in steps],
        }
        _say(json.dumps(document, indent=2))
    return 0 if well else 1


def _set_surroundings() -> None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["OLLAMA_HOST"] = _NOBODY
    if sys.platform == "win32":
        # Offscreen, Qt asks Windows for no font: it reads those in a folder beside its libraries,
        # which nobody has, or in this one (QFreeTypeFontDatabase, Qt 6.11).
        fonts = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "Fonts")
        os.environ.setdefault("QT_QPA_FONTDIR", fonts)


def _about() -> dict[str, str]:
    """What this is and where it runs from."""
    build = "frozen" if is_frozen() else "not frozen"
    return {
        "Landfall": landfall.__version__,
        "Python": f"{platform.python_version()}, {platform.platform()}, {build}",
        "program": sys.executable,
        "package": str(Path(landfall.__file__).resolve().parent),
    }


def _versions() -> dict[str, str]:
    """Versions of what is imported by now; what could not be imported has none."""
    named = {
        "PySide": ("PySide6", "__version__"),
        "numpy": ("numpy", "__version__"),
        "pyqtgraph": ("pyqtgraph", "__version__"),
        "SQLite": ("sqlite3", "sqlite_version"),
        "TLS": ("ssl", "OPENSSL_VERSION"),
        "httpx": ("httpx", "__version__"),
    }
    found = {
        name: str(getattr(sys.modules[module], attribute))
        for name, (module, attribute) in named.items()
        if module in sys.modules
    }
    core = sys.modules.get("PySide6.QtCore")
    return found | ({"Qt": core.qVersion()} if core is not None else {})


def _taken(name: str, module: str, function: str) -> Step:
    """Take one step. What breaks in it, also in a slot or on a thread, is what is looked for."""
    began = time.perf_counter()
    text, wrong = "", ""
    with _watched() as complaints:
        try:
            text = getattr(importlib.import_module(module), function)()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is reported
            wrong = f"{type(error).__name__}: {error}"
    said = [wrong, *complaints] if wrong else complaints
    return Step(
        name=name,
        ok=not said,
        text=" | ".join(dict.fromkeys(said)) if said else text,
        seconds=round(time.perf_counter() - began, 2),
    )


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Collects what raises where nobody catches it, and errors that are logged: a slot's exception
    ends no step."""
    complaints: list[str] = []

    def uncaught(kind: Any, error: Any, trace: Any) -> None:
        frame = traceback.extract_tb(trace)[-1:]
        where = f" ({frame[0].filename}:{frame[0].lineno})" if frame else ""
        complaints.append(f"{kind.__name__}: {error}{where}")

    def on_thread(told: threading.ExceptHookArgs) -> None:
        uncaught(told.exc_type, told.exc_value, told.exc_traceback)

    def unraisable(told: Any) -> None:
        uncaught(told.exc_type, told.exc_value, told.exc_traceback)

    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    listener = _Listener(complaints)
    logging.getLogger().addHandler(listener)
    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, on_thread, unraisable
    try:
        yield complaints
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
        logging.getLogger().removeHandler(listener)


class _Listener(logging.Handler):
    """Takes what is logged as an error; its last line, that of an exception."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._complaints = complaints

    def emit(self, record: logging.LogRecord) -> None:
        said = self.format(record).strip().splitlines()
        self._complaints.append(f"{record.name}: {said[-1] if said else ''}")


@contextmanager
def _in_time() -> Iterator[None]:
    """A step that hangs ends the program with its traceback, and an exit code of 1."""
    with suppress(AttributeError, OSError, RuntimeError, ValueError):  # nowhere to write it
        faulthandler.dump_traceback_later(_PATIENCE_SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _say(text: str) -> None:
    """A line; where nobody reads on (`| head`), the steps are taken all the same."""
    try:
        print(text.encode("ascii", "backslashreplace").decode(), flush=True)  # noqa: T201
    except OSError:
        # What is still held back must not be tried again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _nothing(_text: str) -> None:
    """For a document, which is said as a whole."""


@contextmanager
def _empty_home() -> Iterator[None]:
    before = os.environ.get("LANDFALL_HOME")
    with tempfile.TemporaryDirectory(prefix="landfall-selftest-") as folder:
        os.environ["LANDFALL_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["LANDFALL_HOME"]
            else:
                os.environ["LANDFALL_HOME"] = before
