"""One window a user and a home: a second start raises the first."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_RAISE = b"raise\n"
_PATIENCE_MS = 2000


class SingleInstance(QObject):
    """Holds the lock of the first instance and listens for the others.

    Signals:
        raise_asked: Another start wants this window in front. Carries the file it was given, or "".
    """

    raise_asked = Signal(str)

    def __init__(self, lock_path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = QLockFile(str(lock_path))
        # A lock is stale when its process is gone, however old it is.
        self._lock.setStaleLockTime(0)
        self._name = "landfall-" + hashlib.sha256(str(lock_path).encode()).hexdigest()[:16]
        self._server: QLocalServer | None = None

    def acquire(self) -> bool:
        """Become the one instance. False where another one runs, or the folder is read-only."""
        return self._lock.tryLock(0)

    def holder_pid(self) -> int | None:
        """Process id of the instance that runs, or None where it cannot be told."""
        pid, _host, _program = self._lock.getLockInfo()
        return pid or None

    def listen(self) -> None:
        """Answer later starts. Called after the first paint: it needs no haste."""
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self.on_connection)
        self._server.listen(self._name)

    def ask_other_to_raise(self, file: str = "") -> bool:
        """Tell the running instance to come to the front. False where it does not answer."""
        line = QLocalSocket()
        line.connectToServer(self._name)
        if not line.waitForConnected(_PATIENCE_MS):
            return False
        line.write(_RAISE + file.encode() + b"\n")
        answered = line.waitForBytesWritten(_PATIENCE_MS) and line.waitForReadyRead(_PATIENCE_MS)
        line.disconnectFromServer()
        return answered

    @Slot()
    def on_connection(self) -> None:
        """A later start is at the door."""
        if self._server is None:
            return
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

    def release(self) -> None:
        """Let the next start be the first."""
        if self._server is not None:
            self._server.close()
        self._lock.unlock()
