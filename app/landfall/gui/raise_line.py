"""The line on which a later start asks the open window to come forward.

Apart from the lock, because QtNetwork is not needed before the first frame.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_RAISE = b"raise\n"
_PATIENCE_MS = 2000


def line_name(lock_path: Path) -> str:
    """The name of the line that belongs to a lock."""
    return "landfall-" + hashlib.sha256(str(lock_path).encode()).hexdigest()[:16]


def ask_to_raise(name: str, file: str) -> bool:
    """Tell the running instance to come to the front. False where it does not answer."""
    line = QLocalSocket()
    line.connectToServer(name)
    if not line.waitForConnected(_PATIENCE_MS):
        return False
    line.write(_RAISE + file.encode() + b"\n")
    # Waiting for bytes that are written already would report a failure.
    while line.bytesToWrite() and line.waitForBytesWritten(_PATIENCE_MS):
        pass
    answered = line.bytesAvailable() > 0 or line.waitForReadyRead(_PATIENCE_MS)
    line.disconnectFromServer()
    return answered


class RaiseLine(QObject):
    """Answers later starts.

    Signals:
        raise_asked: Another start wants this window in front. Carries the file it was given, or "".
    """

    raise_asked = Signal(str)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        QLocalServer.removeServer(name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self.on_connection)
        self._server.listen(name)

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.close()

    @Slot()
    def on_connection(self) -> None:
        """A later start is at the door."""
        line = self._server.nextPendingConnection()
        line.readyRead.connect(self.on_words)
        line.disconnected.connect(line.deleteLater)

    @Slot()
    def on_words(self) -> None:
        """Read what it wants, confirm, and tell the window."""
        line = self.sender()
        if not isinstance(line, QLocalSocket):
            return
        words = bytes(line.readAll().data()).decode(errors="replace").splitlines()
        line.write(b"ok\n")
        line.flush()
        if words and words[0] == "raise":
            self.raise_asked.emit(words[1] if len(words) > 1 else "")
