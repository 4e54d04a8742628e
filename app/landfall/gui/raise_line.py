"""The line on which a later start asks the open window to come forward.

Sockets of the system and Qt's notifier rather than Qt's local server: QtNetwork takes 3 MB, for a
line that hardly ever rings. It is a Unix socket; on Windows, where Python has none, a port of
loopback, written beside the lock with a word that nobody else can read there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, QThread, QTimer, Signal, Slot

from landfall.core import json_text

PATIENCE_SECONDS = 10.0
"""So long a later start waits for the open window, which may paint its first frame or build a page
meanwhile, on a machine that is busy with something else."""

_LINE_SECONDS = 2.0
"""So long a later start has for its line once it is at the door."""

_RETRY_MS = 50
_LONGEST_ADDRESS_BYTES = 100
"""Systems take 104 bytes and more for the path of a Unix socket."""

_MOST_BYTES = 1 << 16
"""Some hundred paths and what stands around them are shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a later start wants of the open window.

    Attributes:
        files: Workload files that it was given, as absolute paths.
        token: What the desktop gave it so that a window may come to the front, or "".
    """

    files: tuple[str, ...] = ()
    token: str = ""


def ask_to_raise(
    lock_path: Path, asked: Asked, *, is_gone: Callable[[], bool] = lambda: False
) -> bool:
    """Tell the running instance to come to the front. False where it does not answer.

    One that has just started listens only when its first frame is painted: that is waited for. It
    is asked once: one that is busy reads its line when it comes to it, and would do so twice.

    Args:
        is_gone: Whether it has ended meanwhile, as one does that was about to: then False at once.
    """
    said = {"files": asked.files, "token": asked.token}
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_gone():
        with contextlib.suppress(OSError, ValueError):
            line, word = _called(_place_of(lock_path))
            with line:
                line.settimeout(max(_LINE_SECONDS, until - time.monotonic()))
                line.sendall(json.dumps(said | {"word": word}).encode() + b"\n")
                try:
                    if line.recv(16):
                        return True
                except TimeoutError:
                    return False
        if time.monotonic() > until:
            return False
        QThread.msleep(_RETRY_MS)
    return False


class RaiseLine(QObject):
    """Answers later starts. Where the system gives no line, nobody can ask.

    Signals:
        raise_asked: Another start wants this window in front. Carries an Asked.
    """

    raise_asked = Signal(object)

    def __init__(self, lock_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place = _place_of(lock_path)
        self._line: socket.socket | None = None
        self._word = ""
        with contextlib.suppress(OSError):
            self._line, self._word = _opened(self._place)
        if self._line is not None:
            self._notifier = QSocketNotifier(self._line.fileno(), QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self.on_call)

    def close(self) -> None:
        """Answer nobody any more."""
        if self._line is None:
            return
        self._notifier.setEnabled(False)
        self._line.close()
        self._line = None
        for caller in self.findChildren(_Caller):
            caller.hang_up()
        with contextlib.suppress(OSError):
            self._place.unlink()

    @Slot()
    def on_call(self) -> None:
        """A later start is at the door."""
        if self._line is None:
            return
        with contextlib.suppress(OSError):  # it may have gone again
            caller = _Caller(self._line.accept()[0], self._word, self)
            caller.raise_asked.connect(self.raise_asked)


class _Caller(QObject):
    """One later start, until it has said its line.

    Signals:
        raise_asked: It knows the word. Carries an Asked.
    """

    raise_asked = Signal(object)

    def __init__(self, line: socket.socket, word: str, parent: QObject) -> None:
        super().__init__(parent)
        line.setblocking(False)
        self._line, self._word = line, word
        self._said = b""
        self._notifier = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self.on_words)

        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.hang_up)
        self._patience.start(round(_LINE_SECONDS * 1000))

    @Slot()
    def on_words(self) -> None:
        """Read what it wants, confirm, and tell the window."""
        try:
            piece = self._line.recv(_MOST_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self._said += piece
        line, end, _ = self._said.partition(b"\n")
        if not (end or not piece or len(self._said) > _MOST_BYTES):
            return
        asked = _asked_in(line, self._word) if end else None
        if asked is not None:
            with contextlib.suppress(OSError):
                self._line.sendall(b"ok\n")
        self.hang_up()
        if asked is not None:
            self.raise_asked.emit(asked)

    @Slot()
    def hang_up(self) -> None:
        """It has said its line, or nothing in time."""
        self._patience.stop()
        self._notifier.setEnabled(False)
        self._line.close()
        self.deleteLater()


def _asked_in(line: bytes, word: str) -> Asked | None:
    """What a caller asks for, or None where it does not know the word."""
    try:
        said = json_text.read(line)
    except ValueError:
        return None
    match said:
        case {"word": str(known), "files": list(files), "token": str(token)} if (
            secrets.compare_digest(known.encode(errors="surrogatepass"), word.encode())
            and all(isinstance(file, str) for file in files)
        ):
            return Asked(files=tuple(files), token=token)
        case _:
            return None


def _place_of(lock_path: Path) -> Path:
    """The file of the line that belongs to a lock: beside it, where that is not too long."""
    beside = lock_path.with_suffix(".line")
    if len(str(beside).encode(errors="surrogateescape")) <= _LONGEST_ADDRESS_BYTES:
        return beside
    name = hashlib.sha256(str(lock_path).encode(errors="surrogateescape")).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"landfall-{name}.line"


def _opened(place: Path) -> tuple[socket.socket, str]:
    """A socket that listens, and the word that a caller must know.

    Raises:
        OSError: the system gives none.
    """
    place.unlink(missing_ok=True)  # whoever holds the lock owns the line
    if sys.platform == "win32":
        line = socket.socket()
        word = secrets.token_hex(16)
    else:
        line = socket.socket(socket.AF_UNIX)
        word = ""
    try:
        if sys.platform == "win32":
            line.bind(("127.0.0.1", 0))
            place.write_text(f"{line.getsockname()[1]} {word}", encoding="ascii")
        else:
            line.bind(str(place))
            place.chmod(0o600)
        line.setblocking(False)
        line.listen()
    except OSError:
        line.close()
        raise
    return line, word


def _called(place: Path) -> tuple[socket.socket, str]:
    """A socket that is connected to the one who listens, and the word.

    Raises:
        OSError, ValueError: nobody listens.
    """
    word = ""
    if sys.platform == "win32":
        port, _, word = place.read_text(encoding="ascii").partition(" ")
        line = socket.socket()
        address: str | tuple[str, int] = ("127.0.0.1", int(port))
    else:
        if place.stat().st_uid != os.getuid():
            raise PermissionError(f"{place} is another user's")
        line = socket.socket(socket.AF_UNIX)
        address = str(place)
    line.settimeout(_LINE_SECONDS)
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line, word
