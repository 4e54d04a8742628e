"""Keys live in the system keyring alone: one entry a key, never a file, never a log, no fallback.

A back end may show a prompt, block on it for ever, forget what it is given or raise anything at
all, so every call runs on one thread of its own, with a deadline, and a store is believed only
after it has written, read and removed a canary.
"""

from __future__ import annotations

import asyncio
import queue
import secrets as entropy
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.backends.Windows import WinVaultKeyring

from landfall.core.errors import AppError, KeyringUnavailable
from landfall.services.keys.key_store import NoKeyring
from landfall.services.keys.secret import Secret, scrubbed

SERVICE = "Landfall"
"""What the entries are filed under, in every keyring."""

PATIENCE_SECONDS = 30.0
"""How long a prompt of the keyring may wait for its user."""

T = TypeVar("T")


class SystemKeyring:
    """The keyring of the operating system, reached from one thread.

    Every method raises KeyringUnavailable where there is no keyring, it cannot be unlocked, it
    forgets, it would write plain text, or it has not answered within `patience_seconds`.
    """

    def __init__(self, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience_seconds = patience_seconds
        self._worker = _Worker()

    async def describe(self) -> str:
        """Which store this is, for people."""
        return await self._ask(lambda _: f"the system keyring ({_backend().name})")

    async def get(self, entry: str) -> Secret | None:
        """The key, or None where there is none."""
        text = await self._ask(lambda _: _backend().get_password(SERVICE, entry))
        return None if text is None else Secret(text)

    async def store(self, entry: str, secret: Secret) -> None:
        """Prove the keyring with a canary, keep the key, and read it back."""

        def work(abandoned: threading.Event) -> None:
            backend = _backend()
            _prove(backend)
            # A prompt that is answered after the user was told "no" must not store a key.
            if not abandoned.is_set():
                _keep(backend, entry, secret)

        await self._ask(work, secret=secret)

    async def remove(self, entry: str) -> bool:
        """Forget the key. False where there was none."""
        return await self._ask(lambda _: _forget(_backend(), entry))

    def close(self) -> None:
        """End the thread, unless a prompt holds it; then it ends with the program."""
        self._worker.close()

    async def _ask(
        self, work: Callable[[threading.Event], T], *, secret: Secret | None = None
    ) -> T:
        abandoned = threading.Event()
        job = self._worker.submit(lambda: work(abandoned))
        waiting = asyncio.wrap_future(job)
        try:
            await asyncio.wait({waiting}, timeout=self._patience_seconds)
        finally:
            if not waiting.done():
                abandoned.set()
                waiting.cancel()
        if waiting.cancelled():
            raise KeyringUnavailable(
                f"The keyring has not answered for {self._patience_seconds:.0f} seconds.",
                "Look for its prompt, unlock it, and try again.",
            )
        error = waiting.exception()
        if error is None:
            return waiting.result()
        raise error if isinstance(error, AppError) else _unavailable(error, secret)


class _Worker:
    """One daemon thread: a prompt that nobody answers must not keep the program from ending."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queue the work; its result or whatever it raises arrives in the future."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="keyring", daemon=True)
            self._thread.start()
        future: Future[T] = Future()

        def job() -> None:
            if future.set_running_or_notify_cancel():
                with _Outcome(future):
                    future.set_result(work())

        self._jobs.put(job)
        return future

    def close(self) -> None:
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(timeout=0.5)
            self._thread = None

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


class _Outcome:
    """Carries whatever a back end raises to the one who waits for it, as an executor does.

    Back ends are plug-ins over D-Bus, Win32 and the keychain; they raise errors of those
    libraries, which share no base but Exception.
    """

    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None:
            self._future.set_exception(error)
        return True


def _backend() -> KeyringBackend:
    """The back end that keyring chose, or a KeyringUnavailable that says why it will not do."""
    chosen = keyring.get_keyring()
    # A chain falls through from store to store, the last of which may be a plain file.
    offered = chosen.backends if isinstance(chosen, chainer.ChainerBackend) else [chosen]
    usable = [backend for backend in offered if not _refusal(backend)]
    if not usable:
        refusals = [_refusal(backend) for backend in offered]
        why = refusals[0] if refusals else _NONE
        raise (NoKeyring if why == _NONE else KeyringUnavailable)(why, _hint())
    if isinstance(usable[0], WinVaultKeyring):
        # The default persistence roams with a domain profile to other machines.
        usable[0].persist = "local machine"
    return usable[0]


_NONE = "There is no keyring on this system."


def _refusal(backend: KeyringBackend) -> str:
    if isinstance(backend, fail.Keyring):
        return _NONE
    if isinstance(backend, null.Keyring):
        return "The keyring is switched off: it forgets whatever it is given."
    if any("plaintext" in base.__name__.lower() for base in type(backend).__mro__):
        return "The keyring would write the key into a file as plain text."
    return ""


def _prove(backend: KeyringBackend) -> None:
    entry, value = f"canary-{entropy.token_hex(4)}", entropy.token_hex(16)
    backend.set_password(SERVICE, entry, value)
    if backend.get_password(SERVICE, entry) != value:
        raise KeyringUnavailable("The keyring forgets what it is given.", _hint())
    backend.delete_password(SERVICE, entry)
    if backend.get_password(SERVICE, entry) is not None:
        raise KeyringUnavailable("The keyring does not remove what it should.", _hint())


def _keep(backend: KeyringBackend, entry: str, secret: Secret) -> None:
    backend.set_password(SERVICE, entry, secret.reveal())
    if backend.get_password(SERVICE, entry) != secret.reveal():
        raise KeyringUnavailable("The keyring did not keep the key as it was given.", _hint())


def _forget(backend: KeyringBackend, entry: str) -> bool:
    if backend.get_password(SERVICE, entry) is None:
        return False
    backend.delete_password(SERVICE, entry)
    if backend.get_password(SERVICE, entry) is not None:
        raise KeyringUnavailable("The keyring still holds the key.", _hint())
    return True


def _unavailable(error: BaseException, secret: Secret | None) -> KeyringUnavailable:
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    said = scrubbed(secret.redact(said) if secret else said)
    return KeyringUnavailable(f"The keyring cannot be used ({said.rstrip('.')}).", _hint())


def _hint() -> str:
    match sys.platform:
        case "darwin":
            return "Unlock the login keychain in Keychain Access and allow Landfall to use it."
        case "win32":
            return "Check that the Credential Manager service of Windows is running."
        case _:
            return (
                "Install and unlock GNOME Keyring or KWallet; without a desktop, start"
                " gnome-keyring-daemon --unlock inside dbus-run-session."
            )
