"""asyncio comes in without OpenSSL, which follows when something is encrypted.

asyncio imports `ssl` as it comes in, and with it 4 MB of libraries. What a window at rest asks
stands on this machine and is asked in plain HTTP.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from types import ModuleType
from typing import Any

_NAME = "ssl"
_ASKED_IN_PLAIN = ("SSLSocket", "SSLWantReadError", "SSLSyscallError")
"""What asyncio asks `ssl` for before anything is encrypted: whether a socket is one of these, and
which errors it must expect."""


def bring_asyncio_in() -> None:
    """Import asyncio so that `ssl` comes in with its first use there, or with any other import."""
    if _NAME in sys.modules or "asyncio" in sys.modules:
        return
    stand_in = _LateTls()
    sys.modules[_NAME] = stand_in
    try:
        import_module("asyncio")
    finally:
        stand_in.make_way()


class _Nothing(Exception):
    """Is no socket's class and is never raised."""


class _LateTls(ModuleType):
    """Stands for `ssl` in the modules of asyncio until it is used there."""

    def __init__(self) -> None:
        super().__init__(_NAME)
        self._one_at_a_time = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        """What the real one has; it comes in unless the answer is known without it."""
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _ASKED_IN_PLAIN and sys.modules.get(_NAME, self) is self:
            return _Nothing
        return getattr(self._real(), name)

    def make_way(self) -> None:
        """The next import of `ssl`, anybody's, brings the real one."""
        with self._one_at_a_time:
            if sys.modules.get(_NAME) is self:
                del sys.modules[_NAME]

    def _real(self) -> ModuleType:
        self.make_way()
        real = import_module(_NAME)
        for name, module in list(sys.modules.items()):
            if name.startswith("asyncio.") and vars(module).get(_NAME) is self:
                setattr(module, _NAME, real)
        tls: Any = sys.modules.get("asyncio.sslproto")
        if tls is not None:
            tls.SSLAgainErrors = (real.SSLWantReadError, real.SSLSyscallError)
        return real
